"""Decisions over HTTP: a person decides, for a reason where the advice said otherwise; nobody is overwritten."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from models.advice import ExplainedScore
from serving.access.actions import Action
from serving.access.principal import Courts, Principal
from serving.access.roles import ROLES, Role
from serving.store.tables import audit, corrections, decisions
from tests.builders_serving import ANYONE, NOW, document, get, guarded, opened, post

pytestmark = pytest.mark.anyio

ADVICE = "SCR-20261120-000001"
JUDGE = Principal(
    kind="account", id="zhang", roles=frozenset({Role.JUDGE}), courts=Courts(frozenset({"浙1022"})),
    actions=ROLES[Role.JUDGE].actions | {Action.COURT_CONFIGURE},
)  # fmt: skip


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
async def app(tmp_path: Path) -> ASGIApp:
    """Return a service with one piece of advice, which is urging."""
    found = guarded(tmp_path)
    assert (await post(found)).status_code == 201
    return found


async def decide(app: ASGIApp, *, tag: str | None = None, key: str = "key-00000009", **asked: Any) -> httpx.Response:
    """Decide as the advice says, unless told otherwise."""
    body = {"advice_id": ADVICE, "lane": "urge", "warnings_checked": True, **asked}
    headers = {"Idempotency-Key": key, "If-Match": f'"{ADVICE.lower()}-1"' if tag is None else tag}
    return await post(app, body, path="/v1/decisions", headers=headers)


def on_record(folder: Path) -> list[dict[str, Any]]:
    """Return the acts on record."""
    store = opened(folder)
    rows = store.read(lambda connection: [dict(row) for row in connection.execute(select(decisions)).mappings()])
    store.close()
    return rows


async def test_a_decision_is_on_record_and_shown(app: ASGIApp, tmp_path: Path) -> None:
    """The act, the tag of the new state, and how it stands."""
    answer = await decide(app)
    stands = await get(app, f"/v1/scores/{ADVICE}/decisions")
    assert (answer.status_code, answer.headers["ETag"]) == (201, f'"{ADVICE.lower()}-2"')
    assert (answer.json()["lane"], answer.json()["overridden"]) == ("urge", False)
    assert stands.json()["standing"] == answer.json()
    assert stands.headers["ETag"] == answer.headers["ETag"]
    assert [row["act"] for row in on_record(tmp_path)] == ["decide"]


async def test_whoever_comes_second_is_told(app: ASGIApp, tmp_path: Path) -> None:
    """The first decision stays, and the newest tag comes with the refusal."""
    await decide(app)
    second = await decide(app, key="key-00000010", lane="fast", reason="party")
    assert (second.status_code, second.json()["code"]) == (412, "DECISION_CONFLICT")
    assert second.headers["ETag"] == f'"{ADVICE.lower()}-2"'
    assert len(on_record(tmp_path)) == 1


async def test_a_decision_repeated_is_the_same_decision(app: ASGIApp, tmp_path: Path) -> None:
    """A client that lost the answer asks again, with the tag it had."""
    first, again = await decide(app), await decide(app)
    other = await decide(app, lane="complex", reason="other")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(on_record(tmp_path)) == 1


async def test_another_lane_needs_one_reason_code(app: ASGIApp) -> None:
    """One tick, no justification; the ordinary procedure is a lane of its own."""
    bare = await decide(app, lane="ordinary")
    given = await decide(app, lane="ordinary", reason="unknown_facts", key="key-00000011")
    assert [error["pointer"] for error in bare.json()["errors"]] == ["/reason"]
    assert (given.status_code, given.json()["overridden"]) == (201, True)
    assert given.json()["reason_text"] == "系统未掌握的案情"


@pytest.mark.parametrize("tag", ["", "*x", 'W/"scr-20261120-000001-1"'])
async def test_without_a_tag_nothing_is_decided(app: ASGIApp, tmp_path: Path, tag: str) -> None:
    """Whoever has not seen the advice as it stands does not decide on it."""
    answer = await decide(app, tag=tag)
    assert (answer.status_code, answer.json()["code"]) == (400, "IF_MATCH_MISSING")
    assert on_record(tmp_path) == []


@pytest.mark.parametrize(
    "asked", [{"lane": "slow"}, {"lane": None}, {"reason": "because"}, {"note": ""}, {"note": "a\u202eb"}, {"extra": 1}]
)
async def test_a_decision_of_another_shape_is_refused(app: ASGIApp, tmp_path: Path, asked: dict[str, Any]) -> None:
    """Every field is checked, and nothing is written."""
    answer = await decide(app, **asked)
    assert answer.status_code == 422
    assert on_record(tmp_path) == []


async def test_advice_of_another_court_is_not_found(app: ASGIApp, tmp_path: Path) -> None:
    """Neither to decide on nor to look at."""
    stranger = guarded(tmp_path, principal=replace(ANYONE, courts=Courts(frozenset({"苏0903"}))))
    assert (await decide(stranger)).status_code == 404
    assert (await get(stranger, f"/v1/scores/{ADVICE}/decisions")).status_code == 404


async def test_a_note_is_sealed_and_comes_back(app: ASGIApp, tmp_path: Path) -> None:
    """What a judge writes is read by those who may, and by nobody with the database alone."""
    answer = await decide(app, note="被执行人当庭承诺\n月底前付清")
    assert answer.json()["note"] == "被执行人当庭承诺\n月底前付清"
    assert "承诺".encode() not in on_record(tmp_path)[0]["note"]


async def test_a_system_that_changed_its_key_may_still_take_back_its_decision(app: ASGIApp, tmp_path: Path) -> None:
    """The decision belongs to the system, not to the key that it used on the day."""
    bench = replace(ANYONE, credential="7f31c2a0")
    assert (await decide(guarded(tmp_path, principal=bench))).status_code == 201
    assert (await withdraw(guarded(tmp_path, principal=replace(bench, credential="0a9b8c7d")), 2)).status_code == 201


async def withdraw(app: ASGIApp, turn: int, **options: Any) -> httpx.Response:
    """Take back the first decision."""
    headers = {"Idempotency-Key": "key-00000020", "If-Match": f'"{ADVICE.lower()}-{turn}"'}
    path = "/v1/decisions/DEC-20261120-000001:withdraw"
    return await post(app, content=b"", path=path, headers={**headers, "Content-Type": None}, **options)


async def test_ones_own_decision_is_taken_back_and_taken_again(app: ASGIApp, tmp_path: Path) -> None:
    """All three acts stay on record."""
    await decide(app)
    taken_back = await withdraw(app, 2)
    again = await decide(app, tag=f'"{ADVICE.lower()}-3"', key="key-00000012", lane="fast", reason="party")
    assert (taken_back.status_code, again.status_code) == (201, 201)
    assert [row["act"] for row in on_record(tmp_path)] == ["decide", "withdraw", "decide"]


async def test_anothers_decision_is_not_taken_back(app: ASGIApp, tmp_path: Path) -> None:
    """Only whoever decided may."""
    await decide(app)
    answer = await withdraw(guarded(tmp_path, principal=replace(ANYONE, id="other")), 2)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(("hours", "status"), [(24, 201), (24.01, 409)])
async def test_a_day_later_a_decision_stays(app: ASGIApp, tmp_path: Path, hours: float, status: int) -> None:
    """Up to twenty-four hours, and not a minute more."""
    await decide(app)
    later = guarded(tmp_path, clock=lambda: NOW + timedelta(hours=hours))
    assert (await withdraw(later, 2)).status_code == status


async def test_two_at_once_leave_one_decision(app: ASGIApp, tmp_path: Path) -> None:
    """Ten people press the button with the same tag."""
    asked = [decide(app, key=f"key-0000003{n}", lane="fast", reason="other") for n in range(10)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 9
    assert len(on_record(tmp_path)) == 1


def scored(case: Any) -> Any:
    """Judge with a proposal of the model's and scores to hide."""
    from tests.builders_serving import judge

    judged = judge(case)
    proposal = replace(judged.advice.proposal, decided_by="model", status="scored")
    why = ExplainedScore(name="voluntary_in_window", shown=63, average=60, rest=3, reasons=())
    return replace(judged, advice=replace(judged.advice, proposal=proposal, explanations=(why,)))


async def set_mode(app: ASGIApp, mode: str, version: int = 0) -> httpx.Response:
    """Set the review mode of the court."""
    body = {"review_mode": mode, "reason": "试点方案"}
    return await post(app, body, path="/v1/courts/浙1022/settings", headers={"If-Match": f'"settings-{version}"'})


async def test_a_judge_asks_for_the_scores_and_the_look_is_kept(app: ASGIApp, tmp_path: Path) -> None:
    """On request is the rule: hidden first, shown after, rules always there."""
    judge = guarded(tmp_path, principal=JUDGE)
    before = (await get(judge, f"/v1/scores/{ADVICE}")).json()
    revealed = await post(judge, content=b"", path=f"/v1/scores/{ADVICE}:reveal", headers={"Content-Type": None})
    after = (await get(judge, f"/v1/scores/{ADVICE}")).json()
    assert ("scores" in before, before["hidden"]["mode"], "rules" in before) == (False, "on_request", True)
    assert (revealed.status_code, "scores" in after, "hidden" in after) == (200, True, False)
    store = opened(tmp_path)
    actions = store.read(lambda connection: list(connection.execute(select(audit.c.action)).scalars()))
    assert "score.reveal" in actions


@pytest.mark.parametrize("mode", ["on_request", "commit_first"])
async def test_no_part_of_a_prediction_is_seen_beside_the_scores(tmp_path: Path, mode: str) -> None:
    """Neither reasons with what they weigh, nor the sum of the others, say what the scores would."""
    judge = guarded(tmp_path, principal=JUDGE, advise=scored)
    await post(judge)
    await set_mode(judge, mode)
    shown = (await get(judge, f"/v1/scores/{ADVICE}")).json()
    assert not {"scores", "reasons", "reasons_rest_per_100", "explanations"} & set(shown)


async def test_no_other_address_tells_the_models_lane_before_the_opinion(tmp_path: Path) -> None:
    """Not the list, not the sheet for the parties; both do after it, and to systems at any time."""
    judge = guarded(tmp_path, principal=JUDGE, advise=scored)
    await post(judge)
    await set_mode(judge, "commit_first")
    sheet, listed = f"/v1/scores/{ADVICE}/party-sheet", "/v1/scores?application_id=SQ20261120-0187"
    before = [(await get(judge, sheet)).json()["code"], (await get(judge, listed)).json()["items"][0]["route"]]
    system = (await get(guarded(tmp_path, advise=scored), listed)).json()["items"][0]["route"]
    await post(judge, {"lane": "fast"}, path=f"/v1/scores/{ADVICE}:opinion")
    after = [(await get(judge, sheet)).status_code, (await get(judge, listed)).json()["items"][0]["route"]]
    assert (before, system, after) == (["OPINION_FIRST", None], "urge", [200, "urge"])


async def test_nobody_gets_round_the_opinion_by_scoring_again(tmp_path: Path) -> None:
    """Neither by a preview, nor by the same key, another key, a batch or a correction."""
    judge = guarded(tmp_path, principal=JUDGE, advise=scored)
    open_answer = (await post(judge)).json()
    await set_mode(judge, "commit_first")
    correction = {"request": document(), "reason": "当事人补正"}
    answers = [
        await post(judge, path="/v1/scores:preview"),
        await post(judge),
        await post(judge, headers={"Idempotency-Key": "key-00000077"}),
        await post(judge, correction, path=f"/v1/scores/{ADVICE}:correct", headers={"Idempotency-Key": "key-00000078"}),
    ]
    batch = await post(judge, {"items": [document()]}, path="/v1/scores:batch", headers={"Idempotency-Key": "key-0079"})
    bodies = [*(answer.json() for answer in answers), *batch.json()["items"]]
    assert "scores" in open_answer
    assert [("scores" in body, body["hidden"]["mode"]) for body in bodies] == [(False, "commit_first")] * 5
    assert ["etag" in answer.headers for answer in answers[1:]] == [False] * 3


async def test_systems_see_all_of_an_answer(app: ASGIApp) -> None:
    """Modes are for people."""
    assert "scores" in (await get(app, f"/v1/scores/{ADVICE}")).json()


async def test_where_the_court_wants_it_an_opinion_comes_first(tmp_path: Path) -> None:
    """No look, no decision and no sight of the model's lane before it; it cannot be changed afterwards."""
    judge = guarded(tmp_path, principal=JUDGE, advise=scored)
    await post(judge)
    assert (await set_mode(judge, "commit_first")).status_code == 201
    hidden = (await get(judge, f"/v1/scores/{ADVICE}")).json()
    looked = await post(judge, content=b"", path=f"/v1/scores/{ADVICE}:reveal", headers={"Content-Type": None})
    early = await decide(judge)
    given = await post(judge, {"lane": "fast"}, path=f"/v1/scores/{ADVICE}:opinion")
    changed = await post(judge, {"lane": "urge"}, path=f"/v1/scores/{ADVICE}:opinion")
    assert "route" not in hidden["advice"]
    assert [looked.json()["code"], early.json()["code"]] == ["OPINION_FIRST", "OPINION_FIRST"]
    assert (given.status_code, given.json()["advice"]["route"]) == (200, "urge")
    assert changed.json()["code"] == "OPINION_GIVEN"
    assert (await decide(judge, key="key-00000040")).status_code == 201


async def test_settings_have_versions_and_nobody_is_overwritten(app: ASGIApp) -> None:
    """Version 0 is what is shipped; a stale version is refused."""
    first, stale = await set_mode(app, "open"), await set_mode(app, "commit_first")
    history = (await get(app, "/v1/courts/浙1022/settings")).json()["versions"]
    assert (first.status_code, stale.status_code) == (201, 412)
    assert [(one["version"], one["review_mode"]) for one in history] == [(1, "open"), (0, "on_request")]


async def test_settings_of_another_court_are_neither_seen_nor_set(tmp_path: Path) -> None:
    """Reading: not there; setting: not permitted."""
    stranger = guarded(tmp_path, principal=replace(ANYONE, courts=Courts(frozenset({"苏0903"}))))
    assert (await get(stranger, "/v1/courts/浙1022/settings")).status_code == 404
    assert (await set_mode(stranger, "open")).status_code == 403


async def correct(app: ASGIApp, advice_id: str = ADVICE, key: str = "key-00000050", **case: Any) -> httpx.Response:
    """Correct facts of the case."""
    body = {"reason": "标的额录入有误", "request": document(case=case)}
    return await post(app, body, path=f"/v1/scores/{advice_id}:correct", headers={"Idempotency-Key": key})


async def test_a_correction_scores_anew_and_keeps_both(app: ASGIApp, tmp_path: Path) -> None:
    """The newer advice names nothing of the older in its body, the record does."""
    answer, again = await correct(app, claim_amount="3860.00"), await correct(app, claim_amount="3860.00")
    assert (answer.status_code, answer.json()["id"]) == (201, "SCR-20261120-000002")
    assert (again.status_code, again.content) == (200, answer.content)
    store = opened(tmp_path)
    rows = store.read(lambda connection: connection.execute(select(corrections.c.id, corrections.c.corrects)).all())
    assert [tuple(row) for row in rows] == [("SCR-20261120-000002", ADVICE)]
    assert (await get(app, f"/v1/scores/{ADVICE}")).status_code == 200


async def test_advice_is_corrected_once(app: ASGIApp, tmp_path: Path) -> None:
    """A second correction of the same advice leaves nothing behind, and names the newer one."""
    await correct(app, claim_amount="3860.00")
    second = await correct(app, key="key-00000051", claim_amount="1.00")
    assert (second.status_code, second.json()["code"]) == (409, "CORRECTED_BEFORE")
    assert "SCR-20261120-000002" in second.headers["Link"]
    assert (await get(app, "/v1/scores/SCR-20261120-000003")).status_code == 404


async def test_a_correction_is_about_the_same_case(app: ASGIApp) -> None:
    """Number, court and stage stay."""
    body = {"reason": "x", "request": document(application_id="SQ-OTHER")}
    answer = await post(app, body, path=f"/v1/scores/{ADVICE}:correct", headers={"Idempotency-Key": "key-00000052"})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/request/application_id"]


async def test_decisions_and_corrections_come_out_in_the_history(app: ASGIApp, tmp_path: Path) -> None:
    """The person's decision beside the rule's, the corrected facts instead of the wrong ones."""
    from features.register import load_register
    from serving.access.origin import SERVICE, Origin
    from serving.history.export import HistoryExport
    from tests.builders_serving import KEYS
    from training.history import History

    await decide(app, lane="fast", reason="party")
    await correct(app, claim_amount="3860.00")
    store = opened(tmp_path)
    HistoryExport(store, KEYS, load_register()).write(tmp_path / "out", origin=Origin(SERVICE), at=NOW)
    history = History.open(tmp_path / "out")
    rows = history.decisions.to_pylist()
    assert sorted((row["by"], row["lane"]) for row in rows) == [("person", "fast"), ("rule", "urge"), ("rule", "urge")]
    assert history.cases["claim_amount"].to_pylist() == [3860.0]
    assert json.loads((tmp_path / "out" / "meta.json").read_text())["simulated"] is False
