"""Drafts of the intake form: for their writer alone, sealed, gone after a week, and never one over another."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from serving.access.roles import Role
from serving.store.tables import audit, intake_drafts
from tests.builders_case import NOW
from tests.builders_pages import Courthouse, hidden, person, read, standing_in
from tests.builders_serving import client, opened
from tests.test_intake import FILLED, ZHANG, form_of

pytestmark = pytest.mark.anyio
LI = person("li.na", Role.CLERK)
NUMBER = FILLED["application_id"]


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def court(tmp_path: Path) -> Courthouse:
    """Return a court that answers by rules."""
    (tmp_path / "rules").mkdir()
    return Courthouse(tmp_path, opened(tmp_path), standing_in(tmp_path / "rules", model=False))


async def sent(court: Courthouse, path: str, **fields: str) -> httpx.Response:
    """Send the form to one of its addresses."""
    async with client(court.app(ZHANG)) as caller:
        return await caller.post(path, data=fields)


async def seen(court: Courthouse, path: str, who: object = ZHANG) -> httpx.Response:
    """Open a page."""
    async with client(court.app(who)) as caller:  # type: ignore[arg-type]
        return await caller.get(path)


async def saved(court: Courthouse, **fields: str) -> str:
    """Save what is filled in, and return the address of the draft."""
    answer = await sent(court, "/intake/draft", **{**FILLED, **await form_of(court), **fields})
    assert answer.status_code == 303
    return answer.headers["location"]


def carried(page: str) -> dict[str, str]:
    """Return what the form carries unseen."""
    page = page[page.index('class="intake"') :]
    return {"csrf_token": "", **{name: hidden(page, name) for name in ("key", "opened", "draft", "version")}}


async def test_a_draft_is_gone_on_with_where_it_was_left(court: Courthouse) -> None:
    """Half filled in, with the key and the time of receipt of its first opening; nothing of it in the open."""
    form = await form_of(court)
    where = await saved(court, claim_amount="", **form)
    page = (await seen(replace(court, clock=lambda: NOW + timedelta(minutes=5)), where)).text
    assert f'value="{NUMBER}"' in page
    assert {name: hidden(page, name) for name in ("key", "opened")} == {name: form[name] for name in ("key", "opened")}
    assert "保存于 2026-11-20 10:00" in read(page)
    content = bytes(court.store.read(lambda connection: connection.scalar(select(intake_drafts.c.content))) or b"")
    assert NUMBER.encode() not in content
    assert "民初".encode() not in content


async def test_one_sees_ones_own_drafts_and_no_others(court: Courthouse) -> None:
    """In the list and at the address; a stranger's attempt to discard it changes nothing."""
    where = await saved(court)
    assert where in (await seen(court, "/intake/new")).text
    assert where not in (await seen(court, "/intake/new", LI)).text
    assert (await seen(court, where, LI)).status_code == 404
    async with client(court.app(LI)) as caller:
        await caller.post("/intake/draft/discard", data={"csrf_token": "", "draft": where[-32:]})
    assert (await seen(court, where)).status_code == 200


async def test_two_windows_lose_nothing(court: Courthouse) -> None:
    """The later one is told, nothing is written over, and saved once more it is a draft of its own."""
    where = await saved(court)
    form = carried((await seen(court, where)).text)
    first = await sent(court, "/intake/draft", **{**FILLED, **form, "claim_amount": "1.00"})
    second = await sent(court, "/intake/draft", **{**FILLED, **form, "claim_amount": "2.00"})
    assert (first.status_code, second.status_code) == (303, 422)
    assert "已于 2026-11-20 10:00 在另一窗口保存" in second.text
    assert 'value="2.00"' in second.text
    third = await sent(court, "/intake/draft", **{**FILLED, **carried(second.text), "claim_amount": "2.00"})
    assert 'value="1.00"' in (await seen(court, where)).text
    assert 'value="2.00"' in (await seen(court, third.headers["location"])).text


async def test_a_registration_ends_its_draft(court: Courthouse) -> None:
    """What was sent is on record; the draft is gone."""
    where = await saved(court)
    answer = await sent(court, "/intake/new", **FILLED, **carried((await seen(court, where)).text))
    assert answer.headers["location"].endswith("/receipt")
    assert (await seen(court, where)).status_code == 404


async def test_a_registration_leaves_what_another_window_saved_since(court: Courthouse) -> None:
    """It was not seen by whoever sent the form, so it is not thrown away."""
    where = await saved(court)
    form = carried((await seen(court, where)).text)
    await sent(court, "/intake/draft", **{**FILLED, **form, "claim_amount": "1.00"})
    assert (await sent(court, "/intake/new", **FILLED, **form)).status_code == 303
    assert 'value="1.00"' in (await seen(court, where)).text


async def test_a_refused_registration_keeps_its_draft(court: Courthouse) -> None:
    """And the form still is that draft."""
    where = await saved(court)
    form = carried((await seen(court, where)).text)
    answer = await sent(court, "/intake/new", **{**FILLED, "claim_amount": "x"}, **form)
    assert (answer.status_code, carried(answer.text)["draft"]) == (422, form["draft"])
    assert (await seen(court, where)).status_code == 200


async def test_a_draft_is_gone_after_a_week(court: Courthouse) -> None:
    """Not shown any more, and removed with the next change."""
    where = await saved(court)
    later = replace(court, clock=lambda: NOW + timedelta(days=7))
    assert (await seen(later, where)).status_code == 404
    await sent(later, "/intake/draft/discard", csrf_token="", draft="0" * 32)
    assert court.store.read(lambda connection: connection.execute(select(intake_drafts.c.id)).all()) == []


async def test_every_change_is_on_the_trail_without_a_word_of_it(court: Courthouse) -> None:
    """Saved, discarded; the number of the application stands nowhere in it."""
    where = await saved(court)
    await sent(court, "/intake/draft/discard", csrf_token="", draft=where[-32:])
    rows = court.store.read(lambda connection: connection.execute(select(audit)).mappings().all())
    done = [row["action"] for row in rows if str(row["action"]).startswith("draft.")]
    assert done == ["draft.save", "draft.discard"]
    assert not re.search(NUMBER, str([dict(row) for row in rows]))
