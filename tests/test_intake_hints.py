"""Hints of the intake form: the rules speak while it is filled in, with articles, and nothing is recorded."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from serving.repositories.queue import Sought
from tests.builders_case import NOW
from tests.builders_pages import Courthouse, hidden, read, standing_in
from tests.builders_replay import OPERATOR
from tests.builders_serving import client, guarded, opened
from tests.test_intake import FILLED, ZHANG, form_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Courthouse:
    """Return a court that answers by rules."""
    folder: Path = tmp_path_factory.mktemp("court")
    (folder / "rules").mkdir()
    return Courthouse(folder, opened(folder), standing_in(folder / "rules", model=False))


def app(court: Courthouse) -> ASGIApp:
    """Return the service with the real rules behind its desk."""
    return guarded(
        court.folder, principal=ZHANG, store=court.store, clock=court.clock, answering=lambda: court.standing,
        advise=lambda case: court.standing.judge(case, on=NOW.date()),
    )  # fmt: skip


async def checked(court: Courthouse, **fields: str) -> httpx.Response:
    """Ask for the hints on what is filled in."""
    form = await form_of(court)
    async with client(app(court)) as caller:
        return await caller.post("/intake/check", data={**FILLED, **form, **fields})


def hints_in(answer: httpx.Response) -> str:
    """Return the live region as it reads."""
    found = re.search(r'<div id="hint-list">(.*?)</div>', answer.text, re.DOTALL)
    assert found is not None
    return read(found[1])


STOPS = (
    (
        {"preserved": "true", "pres_stage": "pre_enforcement", "due_date": "2026-11-17"},
        "5日内不申请执行即应解除",
        "163",
    ),
    ({"basis_effective_date": "2024-10-01", "due_date": "2024-12-14"}, "时效余 24 日", "第250条"),
    ({"basis_effective_date": "2024-10-01", "due_date": "2024-11-01"}, "已过 19 日", "第250条"),
    ({"served_by_notice": "true"}, "审理阶段公告送达，不得督促", "本院规则"),
    ({"consent_urge": "refuse"}, "拒绝，不得督促", "法发〔2014〕26号第3条"),
    ({"cause_code": "186.5"}, "应即立案，优先办理", "执行工作规定(2020)第17条"),
)


@pytest.mark.parametrize(("filled", "said", "article"), STOPS)
async def test_a_legal_stop_is_said_with_its_article(
    court: Courthouse, filled: dict[str, str], said: str, article: str
) -> None:
    """By the rules in force, the same that will answer."""
    plain, told = hints_in(await checked(court)), hints_in(await checked(court, **filled))
    assert said in told
    assert said not in plain
    assert article in told


async def test_hints_leave_no_record_and_keep_what_was_filled_in(court: Courthouse) -> None:
    """Nothing is in the queue; the form comes back with the same key and time of receipt."""
    form = await form_of(court)
    async with client(app(court)) as caller:
        answer = await caller.post("/intake/check", data={**FILLED, **form, "application_id": ""})
    assert answer.status_code == 200
    assert {name: hidden(answer.text, name) for name in ("key", "opened")} == {
        name: form[name] for name in ("key", "opened")
    }
    assert 'value="38600.00"' in answer.text
    assert court.office().record.queue.page(Sought(), origin=OPERATOR).matching == 0


async def test_a_field_that_is_wrong_is_named_and_the_others_still_speak(court: Courthouse) -> None:
    """The fault, and the hint that does not hang on it."""
    told = hints_in(await checked(court, due_date="2025-01-01", consent_urge="refuse"))
    assert "不得早于文书生效日" in told
    assert "拒绝，不得督促" in told


async def test_another_courts_case_gets_no_hint(court: Courthouse) -> None:
    """Said in the form; the border is that of the registration."""
    told = hints_in(await checked(court, court_code="浙1001", consent_urge="refuse"))
    assert "不在您的权限范围内" in told
    assert "拒绝" not in told


async def test_what_is_missing_is_named_with_its_field(court: Courthouse) -> None:
    """Urging stays out until it is known."""
    answer = await checked(court)
    assert "补齐前按不得督促处理" in hints_in(answer)
    assert '<a href="#relief_type">' in answer.text
