"""People's rights over HTTP: export per person, the party's sheet, holds, human reviews; each is on the audit trail."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from models.advice import Reason
from models.lanes import LANES
from serving.access.principal import Courts
from serving.people.party_sheet import sheet_json
from serving.repositories.shadow_scores import ShadowScore, ShadowStore
from serving.store.tables import audit, holds, person_tokens, review_decisions, review_requests
from tests.builders_serving import ANYONE, KEYS, MARKER, NOW, document, get, guarded, judge, opened, post

pytestmark = pytest.mark.anyio

ADVICE = "SCR-20261120-000001"
CARD = "360426199101010071"
REASON = "当事人13812345678称已履行"


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
async def app(tmp_path: Path) -> ASGIApp:
    """Return a service with one piece of advice about a debtor whose number is known."""
    found = guarded(tmp_path)
    assert (await post(found, document(case={"id_token": MARKER}))).status_code == 201
    return found


def rows_of(folder: Path, table: Any) -> list[dict[str, Any]]:
    """Return a table's rows."""
    store = opened(folder)
    rows = store.read(lambda connection: [dict(row) for row in connection.execute(select(table)).mappings()])
    store.close()
    return rows


async def ask(app: ASGIApp, key: str = "key-00000100", **changes: Any) -> httpx.Response:
    """Ask for a review."""
    body = {"advice_id": ADVICE, "party": "debtor", "reason": REASON, **changes}
    return await post(app, body, path="/v1/reviews", headers={"Idempotency-Key": key})


async def decide(app: ASGIApp, key: str = "key-00000101", **changes: Any) -> httpx.Response:
    """Answer the first request."""
    body = {"outcome": "changed", "reasons": "收据属实，改由快执办理", **changes}
    path = "/v1/reviews/REV-20261120-000001:decide"
    return await post(app, body, path=path, headers={"Idempotency-Key": key})


async def test_a_review_is_asked_for_shown_and_answered_once(app: ASGIApp, tmp_path: Path) -> None:
    """Open, then done, with who decided and why; a second answer changes nothing."""
    asked, opened_ones = await ask(app), (await get(app, "/v1/reviews?state=open")).json()["items"]
    done, again = await decide(app), await decide(app)
    other = await decide(app, key="key-00000102", outcome="kept")
    assert (asked.status_code, asked.json()["state"], len(opened_ones)) == (201, "open", 1)
    assert (done.status_code, done.json()["state"], done.json()["outcome_text"]) == (201, "done", "人工复核后改变")
    assert (again.status_code, again.json()) == (200, done.json())
    assert (other.status_code, other.json()["code"]) == (409, "REVIEW_DECIDED")
    assert (await get(app, "/v1/reviews?state=open")).json()["items"] == []
    assert len(rows_of(tmp_path, review_decisions)) == 1


async def step(app: ASGIApp, which: str, key: str = "key-00000103", **body: Any) -> httpx.Response:
    """Do something about the first request."""
    path = f"/v1/reviews/REV-20261120-000001:{which}"
    return await post(app, body, path=path, headers={"Idempotency-Key": key})


async def test_a_review_is_taken_and_told_by_programs_too(app: ASGIApp) -> None:
    """With the last day for the answer on record; the party is told once, and not before there is an answer."""
    asked = (await ask(app, wish="refuse", channel="post", received_on="2026-11-10")).json()
    early, taken = (
        await step(app, "tell", channel="phone", told_on="2026-11-20"),
        await step(app, "take", key="key-00000105"),
    )
    await decide(app)
    told = await step(app, "tell", channel="phone", told_on="2026-11-20")
    again = await step(app, "tell", key="key-00000104", channel="phone", told_on="2026-11-20")
    assert (asked["answer_by"], asked["wish"], asked["told_on"]) == ("2026-12-10", "refuse", None)
    assert (early.status_code, early.json()["code"]) == (409, "REVIEW_MOVED_ON")
    assert taken.json()["taken_by"] == ANYONE.actor
    assert (told.status_code, told.json()["told_channel"]) == (201, "phone")
    assert (again.status_code, again.json()["code"]) == (409, "REVIEW_MOVED_ON")
    assert (await get(app, "/v1/reviews?state=untold")).json()["items"] == []


async def test_a_request_repeated_is_one_request(app: ASGIApp, tmp_path: Path) -> None:
    """A client that lost the answer asks again; the same key for something else is refused."""
    first, again, other = await ask(app), await ask(app), await ask(app, party="applicant")
    assert (again.status_code, again.json()) == (200, first.json())
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(rows_of(tmp_path, review_requests)) == 1


async def test_texts_of_a_review_are_sealed_and_masked_in_lists(app: ASGIApp, tmp_path: Path) -> None:
    """One who reads the review sees them whole, which is on the trail."""
    await ask(app)
    listed = (await get(app, "/v1/reviews")).json()["items"][0]["reason"]
    whole = (await get(app, "/v1/reviews/REV-20261120-000001")).json()["reason"]
    assert (listed, whole) == ("当事人138****5678称已履行", REASON)
    assert REASON.encode() not in rows_of(tmp_path, review_requests)[0]["reason"]
    assert {"review.request", "review.list", "review.read"} <= {row["action"] for row in rows_of(tmp_path, audit)}


async def test_a_review_of_another_court_is_not_found(app: ASGIApp, tmp_path: Path) -> None:
    """Neither asked for, nor read, nor answered, nor listed."""
    await ask(app)
    stranger = guarded(tmp_path, principal=replace(ANYONE, id="other", courts=Courts(frozenset({"苏0903"}))))
    found = [await ask(stranger), await decide(stranger), await get(stranger, "/v1/reviews/REV-20261120-000001")]
    assert [answer.status_code for answer in found] == [404, 404, 404]
    assert (await get(stranger, "/v1/reviews")).json()["items"] == []


async def test_reviews_come_in_pages(app: ASGIApp) -> None:
    """Newest first, and none twice."""
    for number in range(3):
        await ask(app, key=f"key-0000020{number}")
    first = (await get(app, "/v1/reviews?page_size=2")).json()
    second = (await get(app, f"/v1/reviews?page_size=2&page_token={first['next_page_token']}")).json()
    assert [row["id"][-1] for row in first["items"] + second["items"]] == ["3", "2", "1"]
    assert second["next_page_token"] is None


async def export(app: ASGIApp, **asked: Any) -> httpx.Response:
    """Ask what is kept about a person."""
    return await post(app, asked, path="/v1/persons:export")


async def test_everything_about_a_person_comes_out(app: ASGIApp, tmp_path: Path) -> None:
    """By number or by token the same: question, answer, decision, outcome, correction, review."""
    await ask(app)
    tag = {"If-Match": f'"{ADVICE.lower()}-1"', "Idempotency-Key": "key-00000110"}
    act = {"advice_id": ADVICE, "lane": "fast", "reason": "party", "note": "当庭承诺"}
    await post(app, act, path="/v1/decisions", headers=tag)
    event = {"application_id": "SQ20261120-0187", "court_code": "浙1022", "at": "2026-11-20T09:00:00+08:00",
             "kind": "payment", "amount": "100.00"}  # fmt: skip
    await post(app, {"events": [event]}, path="/v1/outcomes")
    await post(app, document(application_id="SQ-OTHER"), headers={"Idempotency-Key": "key-00000111"})
    found = (await export(app, identity_number=MARKER)).json()
    by_token = (await export(app, token=KEYS.token(MARKER))).json()
    (case,) = found["cases"]
    assert case["application_id"] == "SQ20261120-0187"
    assert (case["advice"][0]["input"]["case"]["claim_amount"], case["advice"][0]["answer"]["id"]) == (
        "38600.00",
        ADVICE,
    )
    assert (case["decisions"][0]["note"], case["reviews"][0]["reason"]) == ("当庭承诺", REASON)
    assert case["outcomes"][0]["amount"] == "100.00"
    assert by_token["cases"] == found["cases"]


async def test_what_no_answer_shows_comes_out_too(app: ASGIApp, tmp_path: Path) -> None:
    """A challenger's scores and a hold with its reason are kept about a person like everything else."""
    store = opened(tmp_path)
    score = ShadowScore(
        advice_id=ADVICE, model="c", model_sha256="c", status="scored", route="fast", scores={"p": 0.25}
    )
    ShadowStore(store, KEYS).record([score], at=NOW)
    store.close()
    held = {"court_code": "浙1022", "application_id": "SQ20261120-0187", "reason": "复议期间"}
    assert (await post(app, held, path="/v1/holds")).status_code == 201
    (case,) = (await export(app, identity_number=MARKER)).json()["cases"]
    assert (case["shadow_scores"][0]["scores"], case["shadow_scores"][0]["route"]) == ({"p": 0.25}, "fast")
    assert [row["reason"] for row in case["holds"]] == ["复议期间"]


async def test_an_export_is_on_the_trail_by_a_digest_alone(app: ASGIApp, tmp_path: Path) -> None:
    """Neither number nor token stands there, and a stranger's export is noted, too."""
    await export(app, identity_number=MARKER)
    await export(app, identity_number="110101199003072316")
    noted = [row for row in rows_of(tmp_path, audit) if row["action"] == "person.export"]
    assert [json.loads(row["detail"])["cases"] for row in noted] == ["1", "0"]
    assert (
        noted[0]["object_id"] == KEYS.person(KEYS.token(MARKER)) == rows_of(tmp_path, person_tokens)[0]["token_digest"]
    )
    assert not {MARKER, KEYS.token(MARKER)} & {str(value) for row in noted for value in row.values()}


async def test_what_was_given_on_another_persons_number_is_left_out(app: ASGIApp) -> None:
    """A wrong number that was corrected: the first person gets the first answer and nothing of the second's."""
    other = "110101199003072316"
    body = {"reason": "证件号录错", "request": document(case={"id_token": other})}
    await post(app, body, path=f"/v1/scores/{ADVICE}:correct", headers={"Idempotency-Key": "key-00000112"})
    first, second = (
        (await export(app, identity_number=MARKER)).json(),
        (await export(app, identity_number=other)).json(),
    )
    assert [row["id"] for row in first["cases"][0]["advice"]] == [ADVICE]
    assert [row["id"] for row in second["cases"][0]["advice"]] == ["SCR-20261120-000002"]
    assert second["cases"][0]["corrections"][0]["reason"] == "证件号录错"


@pytest.mark.parametrize("asked", [{}, {"identity_number": MARKER, "token": "a" * 64}, {"token": MARKER}])
async def test_an_export_needs_one_number_or_token(app: ASGIApp, asked: dict[str, Any]) -> None:
    """And what was sent is never repeated."""
    answer = await export(app, **asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")
    assert MARKER not in answer.text


async def test_an_export_holds_cases_of_ones_own_courts_only(app: ASGIApp, tmp_path: Path) -> None:
    """Another court's cases are not there."""
    stranger = guarded(tmp_path, principal=replace(ANYONE, courts=Courts(frozenset({"苏0903"}))))
    assert (await export(stranger, identity_number=MARKER)).json()["cases"] == []


def reasoned(case: Any) -> Any:
    """Judge by a model, for reasons a party may and may not see."""
    judged = judge(case)
    about = {"value": "38600", "effect_per_100": 3, "direction": "up"}
    reasons = (
        Reason(code="A01", text="申请执行标的额", text_en="size", party_visible=True, **about),
        Reason(code="A03", text="查控所得存款", text_en="money found", party_visible=False, **about),
        Reason(code="D05", text="名单记录", text_en="lists", party_visible=True, source="总对总查控系统", **about),
    )
    return judged, reasons


def answer_of(**advised: Any) -> dict[str, Any]:
    """Return a stored answer with three reasons."""
    from features.case import parse_case
    from features.register import load_register
    from tests.builders_serving import NOW

    case = parse_case(document(), now=NOW, register=load_register())
    judged, reasons = reasoned(case)
    answer = {"id": ADVICE, "created_at": "x", "expires_at": "y", **judged.advice.to_json()}
    answer["advice"] = {**answer["advice"], **advised}
    return {**answer, "reasons": [reason.to_json() for reason in reasons]}


def test_a_sheet_shows_what_a_party_may_see() -> None:
    """No reason that is not for parties, no result of a query, no value and no figure."""
    sheet = sheet_json(answer_of(decided_by="model", route="fast"))
    assert [reason["text"] for reason in sheet["reasons"]] == ["申请执行标的额"]  # type: ignore[attr-defined]
    text = json.dumps(sheet, ensure_ascii=False)
    assert not [word for word in ("查控", "38600", "名单", "sha256", "per_100") if word in text]


@pytest.mark.parametrize("route", [*LANES, None])
def test_a_sheet_names_every_lane_and_the_right_to_a_person(route: str | None) -> None:
    """In both languages, never as a decision."""
    sheet = sheet_json(answer_of(route=route))
    assert sheet["advice"]
    assert sheet["advice_en"]
    assert "人工复核" in str(sheet["rights"])
    assert sheet["reasons"] == []


async def test_a_sheet_is_made_from_the_stored_answer_and_noted(app: ASGIApp, tmp_path: Path) -> None:
    """The same at any time; who printed it is on the trail."""
    first, again = (
        await get(app, f"/v1/scores/{ADVICE}/party-sheet"),
        await get(app, f"/v1/scores/{ADVICE}/party-sheet"),
    )
    assert (first.status_code, first.content) == (200, again.content)
    assert [row["action"] for row in rows_of(tmp_path, audit)].count("score.party_sheet") == 2
    assert (await get(app, "/v1/scores/SCR-20261120-000009/party-sheet")).status_code == 404


async def hold(app: ASGIApp, **changes: Any) -> httpx.Response:
    """Hold the case."""
    body = {"court_code": "浙1022", "application_id": "SQ20261120-0187", "reason": "国家赔偿案件尚未审结", **changes}
    return await post(app, body, path="/v1/holds")


async def test_a_hold_stands_until_it_is_lifted(app: ASGIApp, tmp_path: Path) -> None:
    """Both acts stay on record; lifting twice is lifting once."""
    placed = await hold(app)
    before = (await get(app, "/v1/holds")).json()["items"]
    path = f"/v1/holds/{placed.json()['id']}:lift"
    lifted, again = await post(app, {"reason": "已审结"}, path=path), await post(app, {"reason": "又"}, path=path)
    assert (placed.status_code, [row["id"] for row in before]) == (201, [placed.json()["id"]])
    assert (lifted.status_code, again.json()) == (200, lifted.json())
    assert (await get(app, "/v1/holds")).json()["items"] == []
    assert [row["act"] for row in rows_of(tmp_path, holds)] == ["place", "lift"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"application_id": "SQ-UNKNOWN"}, 404),
        ({"court_code": "苏0903"}, 404),
        ({"until": "2026-11-19"}, 422),
        ({"from": "2026-12-02", "until": "2026-12-01"}, 422),
        ({"application_id": f"SQ-{CARD}"}, 422),
        ({"until": "2026-11-20"}, 201),
    ],
)
async def test_a_hold_is_about_a_known_case_and_some_days(app: ASGIApp, changes: dict[str, Any], status: int) -> None:
    """Nothing else is taken in, and a person's number is not repeated."""
    answer = await hold(app, **changes)
    assert answer.status_code == status
    assert CARD not in answer.text
