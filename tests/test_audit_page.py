"""The audit page: the auditor sees who did what to which record, page by page, and nobody else sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.types import ASGIApp

from serving.access.roles import Role
from serving.audit.heads import SecondPlace
from serving.audit.schedule import Keeper
from serving.store.tables import audit
from serving.store.transaction import Store
from serving.store.triggers import release_rows
from tests.builders_pages import FORM, person, read
from tests.builders_serving import KEYS, client, guarded, opened, post

pytestmark = pytest.mark.anyio

AUDITOR = person("chen.jie", Role.AUDIT_ADMIN)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


async def page_of(app: ASGIApp, **asked: str) -> str:
    """Open the page."""
    async with client(app) as caller:
        answer = await caller.get("/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_page_shows_what_was_done_and_that_it_was_looked_at(tmp_path: Path) -> None:
    """The answer that was given, and on a second look the first one."""
    await post(guarded(tmp_path))
    app = guarded(tmp_path, principal=AUDITOR)
    first = read(await page_of(app))
    assert "评分并给出建议 score.create" in first
    assert "advice SCR-20261120-000001" in first
    assert "查看审计记录 audit.read" in read(await page_of(app, action="audit.read"))
    assert "advice given score.create" in read(await page_of(app, action="score.create", lang="en"))


async def test_an_action_of_another_version_stays_chosen(tmp_path: Path) -> None:
    """What an old link asks for is asked for, and told to be nothing."""
    page = await page_of(guarded(tmp_path, principal=AUDITOR), action="case.vanish")
    assert '<option value="case.vanish" selected>' in page
    assert "没有符合条件的记录" in page


async def test_filters_and_pages_lead_through_the_whole_trail(tmp_path: Path) -> None:
    """Fifty rows a page, every one of them once; an empty field filters nothing."""
    app = guarded(tmp_path, principal=AUDITOR)
    for _ in range(52):
        await page_of(app, object_id="<b>")
    first = await page_of(app, action="audit.read", actor="", object_id="<b>")
    onward = re.search(r'<a href="([^"]+)" rel="next"', first)
    assert onward is not None
    assert 'value="&lt;b&gt;"' in first
    async with client(app) as caller:
        second = (await caller.get(onward[1].replace("&amp;", "&"))).text
    numbers = [re.findall(r'<th scope="row">(\d+)</th>', page) for page in (first, second)]
    assert [len(found) for found in numbers] == [50, 2]
    assert not set(numbers[0]) & set(numbers[1])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDIT_ADMIN])
async def test_nobody_else_sees_it(tmp_path: Path, role: Role) -> None:
    """403 as a page, whatever else somebody may do."""
    async with client(guarded(tmp_path, principal=person("x.y", role))) as caller:
        answer = await caller.get("/audit")
    assert (answer.status_code, "您没有查看或办理的权限" in answer.text) == (403, True)


async def test_the_auditor_has_the_trail_verified_and_that_is_on_the_trail(tmp_path: Path) -> None:
    """The result in words, on the page itself; who verified stands among the rows."""
    witness = Keeper(SecondPlace(tmp_path / "heads", KEYS.mac)).witness
    store = Store.open(tmp_path / "fenliu.db", keys=KEYS, witness=witness)
    async with client(guarded(tmp_path, principal=AUDITOR, store=store)) as caller:
        await caller.get("/audit")
        answer = await caller.post("/audit/verify", data={"csrf_token": ""}, headers=FORM)
    assert answer.status_code == 200
    assert re.search(r"完好：已核验 \d+ 行及其全部记录，未发现改动", read(answer.text))
    assert "<code>audit.verify</code>" in answer.text


async def test_a_changed_row_is_told(tmp_path: Path) -> None:
    """Where it is, not only that something is wrong."""
    store = opened(tmp_path)
    async with client(guarded(tmp_path, principal=AUDITOR, store=store)) as caller:
        for _ in range(3):
            await caller.get("/audit")
        store.write(lambda connection: (release_rows(connection, "audit"), connection.execute(_CHANGE)))
        answer = await caller.post("/audit/verify", data={"csrf_token": ""}, headers=FORM)
    assert re.search(r"发现 \d+ 处问题", read(answer.text))
    assert "#2" in answer.text


_CHANGE = sa.update(audit).where(audit.c.seq == 2).values(actor="account:somebody.else")


async def test_whoever_may_not_verify_is_refused(tmp_path: Path) -> None:
    """403 as a page."""
    async with client(guarded(tmp_path, principal=person("x.y", Role.JUDGE))) as caller:
        answer = await caller.post("/audit/verify", data={"csrf_token": ""}, headers=FORM)
    assert answer.status_code == 403
