"""Putting a bundle in service from its page: two people, gates, the hour, the way back, and a trail of each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.types import ASGIApp

from models.bundle import promotions
from models.bundle.manifest import read_bundle
from models.bundle.promotion_requests import request_path, waiting
from serving.access.principal import Principal
from serving.access.roles import Role
from serving.control.promoting import DEMO_MARK, Promoting
from serving.control.promotions_due import PromotionsDue
from serving.model_life.pointer import read_pointer
from serving.repositories.duties import DutyStore
from serving.store.tables.audit import audit
from tests.builders_case import NOW
from tests.builders_model_page import GATE, ModelHome
from tests.builders_models import tiny_bundle
from tests.builders_pages import FORM, person, read
from tests.builders_serving import KEYS, client, guarded, opened

pytestmark = pytest.mark.anyio
CSRF = "t" * 16
SCIENTIST, LEADER, SECOND, JUDGE = (
    replace(person(name, role), csrf=CSRF)
    for name, role in (
        ("zhou.min", Role.DATA_SCIENTIST),
        ("zhao.ying", Role.LEADERSHIP),
        ("qian.wei", Role.LEADERSHIP),
        ("li.ming", Role.JUDGE),
    )
)
PASSED = {"gates": [GATE]}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelHome:
    """Return a court that lets demonstrations in, with a bundle in use and two others that passed their gates.

    Bundles are hashed and not proven in a child process, but in the first test.
    """
    for place in ("plan", "switching"):
        monkeypatch.setattr(f"models.promotion.{place}.verify", lambda folder: read_bundle(folder)[2])
    (tmp_path / "bundles").mkdir()
    found = ModelHome(tmp_path)
    court(found, "signatures = 2\ndemo = true\n" + EASY)
    for seed, name in enumerate(("tiny-1", "tiny-2", "tiny-3"), start=1):
        tiny_bundle(tmp_path / "bundles", name, seed=seed)
        found.measured(found.sha256(name), PASSED)
    found.promote()
    return found


EASY = '[[gates]]\nname = "能区分"\nscore = "*"\nmeasure = "auc"\nat_least = 0.6\n'


def court(home: ModelHome, text: str) -> None:
    """Write what the court demands."""
    (home.folder / "promotion.toml").write_text(text, encoding="utf-8")


def seen_by(home: ModelHome, principal: Principal, clock: Callable[[], datetime] = lambda: NOW) -> ASGIApp:
    """Return the service as somebody sees it."""
    return guarded(home.folder, principal=principal, clock=clock)


async def asked(home: ModelHome, by: Principal = SCIENTIST, **changes: str) -> httpx.Response:
    """Send the form that asks for `tiny-2`."""
    sent = {"bundle": "tiny-2", "base": "tiny-1", "reason": "第四季度重训", "demo": "yes", **changes}
    return await posted(home, by, "/models/requests", **sent)


async def signed(home: ModelHome, by: Principal, name: str = "tiny-2", step: str = "sign") -> httpx.Response:
    """Send the form of a request that waits."""
    return await posted(home, by, f"/models/requests/{home.sha256(name)}/{step}", reason="同意 <b>")


async def posted(home: ModelHome, by: Principal, path: str, **sent: str) -> httpx.Response:
    """Send a form."""
    async with client(seen_by(home, by)) as caller:
        return await caller.post(path, data={"csrf_token": CSRF, **sent}, headers=FORM)


async def page(home: ModelHome, by: Principal, **asked: str) -> str:
    """Open the page."""
    async with client(seen_by(home, by)) as caller:
        return (await caller.get("/models", params=asked)).text


def current(home: ModelHome) -> str | None:
    """Return which bundle answers."""
    return read_pointer(home.folder / "bundles", "current")


def trail(home: ModelHome) -> list[tuple[str, str, str]]:
    """Return what is on the audit chain about bundles: action, actor, outcome."""
    query = sa.select(audit.c.action, audit.c.actor, audit.c.outcome).where(audit.c.kind == "bundle")
    query = query.order_by(audit.c.seq)
    return [tuple(row) for row in opened(home.folder).read(lambda connection: connection.execute(query).all())]


async def test_one_asks_another_signs_and_the_bundle_answers(home: ModelHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changes before the second signature; ledger, trail and page name both people and both reasons."""
    monkeypatch.undo()
    assert (await asked(home)).status_code == 303
    assert current(home) == "tiny-1"
    assert "待另一人签批" in read(await page(home, LEADER))
    assert (await signed(home, LEADER)).status_code == 303
    entry = promotions.noted(home.folder)[-1]
    assert (current(home), entry["before"], [one["by"] for one in entry["signatures"]]) == (
        "tiny-2", "tiny-1", ["zhou.min", "zhao.ying"],
    )  # fmt: skip
    assert trail(home) == [
        ("model.request", "account:zhou.min", "done"),
        ("model.sign", "account:zhao.ying", "done"),
        ("model.promote", "account:zhao.ying", "done"),
    ]
    text = await page(home, JUDGE)
    assert "zhou.min（本系统账户）、zhao.ying（本系统账户）" in read(text)
    assert "第四季度重训；同意 &lt;b&gt;" in text
    assert "没有待签批的上线申请" in read(text)


async def test_whoever_asked_cannot_sign_and_a_scientist_never_can(home: ModelHome) -> None:
    """One person is one signature; the address is closed to whoever is not of the leadership."""
    await asked(home, LEADER)
    again = await signed(home, LEADER)
    assert (again.status_code, "zhao.ying 已经签署" in read(again.text)) == (409, True)
    assert (await signed(home, SCIENTIST)).status_code == 403
    assert (await asked(home, JUDGE)).status_code == 403
    assert "提交上线申请" not in await page(home, JUDGE)
    assert current(home) == "tiny-1"


async def test_where_one_signature_is_enough_a_scientist_still_needs_the_leadership(home: ModelHome) -> None:
    """A data scientist's request waits; one of the leadership puts a bundle in service alone."""
    court(home, "signatures = 1\ndemo = true\n" + EASY)
    await asked(home)
    assert (current(home), len(waiting(home.folder))) == ("tiny-1", 1)
    await asked(home, LEADER, bundle="tiny-3")
    assert current(home) == "tiny-3"


async def test_of_two_requests_from_one_champion_one_wins_and_the_other_is_told(home: ModelHome) -> None:
    """The second signature comes after another bundle was put in service: that request is over."""
    await asked(home)
    await asked(home, bundle="tiny-3")
    await signed(home, LEADER)
    assert "已失效：提出之后现用模型包已变" in read(await page(home, LEADER))
    told = await signed(home, SECOND, "tiny-3")
    assert (told.status_code, "现用模型包应为 tiny-1，实为 tiny-2" in read(told.text)) == (409, True)
    assert (current(home), waiting(home.folder)) == ("tiny-2", [])
    assert trail(home)[-1][0] == "model.lapse"


async def test_a_page_that_was_opened_before_the_change_asks_for_nothing(home: ModelHome) -> None:
    """What was decided about another champion is not done to this one, and what was written stays."""
    home.promote("tiny-3", seed=3, before="tiny-1")
    told = await asked(home)
    assert (told.status_code, "第四季度重训" in told.text, waiting(home.folder)) == (409, True, [])
    assert "本页打开之后现用模型包已变" in read(told.text)


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"reason": " "}, 422, "请写明理由"),
        ({"bundle": ""}, 422, "请选择要上线的模型包"),
        ({"hour": "2026-11-20T09:00"}, 422, "生效时间须为今后的时间"),
        ({"hour": "2026-02-31T09:00"}, 422, "生效时间须为今后的时间"),
        ({"bundle": "tiny-9"}, 409, "没有模型包 tiny-9"),
        ({"demo": ""}, 409, "由模拟数据训练"),
        ({"bundle": "tiny-1"}, 409, "就是现用模型包"),
    ],
)
async def test_what_cannot_be_asked_for_comes_back(
    home: ModelHome, change: dict[str, str], status: int, said: str
) -> None:
    """With the reason that was written; nothing waits and nothing is on the trail."""
    told = await asked(home, **change)
    assert (told.status_code, said in read(told.text)) == (status, True)
    assert (waiting(home.folder), trail(home)) == ([], [])


async def test_a_failed_gate_is_named_and_stops_it(home: ModelHome) -> None:
    """On the page before anybody asks, and where somebody asks all the same."""
    home.measured(home.sha256("tiny-2"), {"gates": [{**GATE, "passed": False}]})
    assert "关口未通过：A.ability 能区分" in read(await page(home, LEADER))
    assert 'value="tiny-2"' not in await page(home, LEADER)
    assert (await asked(home)).status_code == 409


async def test_simulated_bundles_are_blocked_outside_the_demonstration(home: ModelHome) -> None:
    """By the court's file, and without it anywhere but in the home that is marked as the demonstration's."""
    court(home, "signatures = 2\n" + EASY)
    assert "由模拟数据训练，不得上线" in read(await page(home, LEADER))
    assert (await asked(home)).status_code == 409
    (home.folder / "promotion.toml").unlink()
    assert (await asked(home)).status_code == 409
    (home.folder / DEMO_MARK).write_text("{}", encoding="utf-8")
    assert 'value="tiny-2"' in await page(home, LEADER)


async def test_a_request_is_declined_with_a_reason_that_the_ledger_keeps(home: ModelHome) -> None:
    """It waits no more, nobody's tenure changes, and the trail says who."""
    await asked(home)
    assert (await signed(home, LEADER, step="decline")).status_code == 303
    entry = promotions.noted(home.folder)[-1]
    assert (entry["action"], entry["declined"], entry["by"]) == ("decline", "tiny-2", "zhao.ying")
    assert (current(home), waiting(home.folder), trail(home)[-1][0]) == ("tiny-1", [], "model.decline")
    assert [one.bundle for one in promotions.tenures(home.folder, current="tiny-1")] == ["tiny-1"]
    assert (await signed(home, LEADER, step="decline")).status_code == 409


async def test_a_signed_request_waits_for_its_hour(home: ModelHome) -> None:
    """Then one look puts it in service, checked anew, in the name of its last signer."""
    await asked(home, hour=(NOW + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
    await signed(home, LEADER)
    assert current(home) == "tiny-1"
    assert "已签齐，待生效时间到" in read(await page(home, LEADER))
    due(home, NOW).by_itself()
    assert current(home) == "tiny-1"
    due(home, NOW + timedelta(hours=1)).by_itself()
    assert (current(home), waiting(home.folder)) == ("tiny-2", [])
    assert promotions.noted(home.folder)[-1]["by"] == "zhao.ying"


async def test_what_fails_its_gates_at_its_hour_is_taken_back_with_why(home: ModelHome) -> None:
    """An evaluation of meanwhile counts; nothing is tried over and over."""
    await asked(home, hour=(NOW + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
    await signed(home, LEADER)
    home.measured(home.sha256("tiny-2"), {"gates": [{**GATE, "passed": False}]})
    due(home, NOW + timedelta(hours=1)).by_itself()
    entry = promotions.noted(home.folder)[-1]
    assert (current(home), waiting(home.folder), entry["action"]) == ("tiny-1", [], "decline")
    assert "到时核验未通过" in entry["reason"]


def due(home: ModelHome, at: datetime) -> PromotionsDue:
    """Return the duty at this hour."""
    store = opened(home.folder)
    return PromotionsDue(Promoting(home.folder, store, KEYS, lambda: at), DutyStore(store), "w", lambda: at)


async def test_the_way_back_is_one_click_with_a_reason(home: ModelHome) -> None:
    """One person suffices; a reason does not fail; a page of before the change does nothing."""
    home.promote("tiny-2", seed=2, before="tiny-1")
    back = {"bundle": "tiny-1", "base": "tiny-2"}
    assert "回滚到 tiny-1" in read(await page(home, SCIENTIST))
    assert (await posted(home, SCIENTIST, "/models/rollback", **back)).status_code == 422
    late = await posted(home, SCIENTIST, "/models/rollback", bundle="tiny-1", base="tiny-1", reason="误差变大")
    assert (late.status_code, current(home)) == (409, "tiny-2")
    assert (await posted(home, SCIENTIST, "/models/rollback", **back, reason="误差变大")).status_code == 303
    entry = promotions.noted(home.folder)[-1]
    assert (current(home), entry["action"], entry["reason"]) == ("tiny-1", "rollback", "误差变大")
    assert trail(home) == [("model.rollback", "account:zhou.min", "done")]
    stranger = await posted(home, SCIENTIST, "/models/rollback", bundle="tiny-3", base="tiny-1", reason="x")
    assert (stranger.status_code, current(home)) == (409, "tiny-1")


async def test_listed_signers_sign_with_their_own_logins(home: ModelHome) -> None:
    """The court's list names the account of the service; anybody else is refused, by name of the file."""
    people = '[[signers]]\nname = "赵院长"\naccount = "zhao"\nlogin = "zhao.ying"\n'
    people += '[[signers]]\nname = "钱副院长"\naccount = "qian"\nlogin = "qian.wei"\n'
    court(home, "signatures = 2\ndemo = true\n" + EASY + people)
    told = await asked(home)
    assert (told.status_code, "promotion.toml 所列的签署人" in read(told.text)) == (409, True)
    await asked(home, LEADER)
    await signed(home, SECOND)
    assert [one["by"] for one in promotions.noted(home.folder)[-1]["signatures"]] == ["赵院长", "钱副院长"]


async def test_a_step_whose_writing_fails_is_on_the_trail_as_failed(
    home: ModelHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chain is told first; the disk refuses; the old bundle answers and the chain says that it failed."""
    await asked(home)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(promotions, "point", full)
    assert (await signed(home, LEADER)).status_code == 500
    assert current(home) == "tiny-1"
    assert [one[::2] for one in trail(home)][-2:] == [("model.sign", "failed"), ("model.promote", "failed")]
    assert promotions.noted(home.folder)[-1]["action"] == promotions.VOID
    assert request_path(home.folder, home.sha256("tiny-2")).exists()


async def test_a_wrong_court_file_stops_everything_and_says_so(home: ModelHome) -> None:
    """No form under demands that nobody can read."""
    court(home, "signatures = 3\n")
    text = await page(home, LEADER)
    assert "signatures 应为 1 或 2，收到 3" in read(text)
    assert "/models/requests" not in text
    assert (await asked(home)).status_code == 409


async def test_the_forms_are_there_in_english(home: ModelHome) -> None:
    """No Chinese but names and what people wrote."""
    home.promote("tiny-3", seed=3, before="tiny-1", by="Wang", reason="first")
    text = read(await page(home, LEADER, lang="en"))
    assert "Ask to put it in service: two must sign" in text
    assert "Roll back to tiny-1" in text
