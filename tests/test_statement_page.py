"""申请人自述 at the window: read from the applicant's code, shown as his own words, kept nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.types import ASGIApp

from serving.access.roles import Role
from serving.statement import Answers, code_of
from serving.store.tables import metadata
from tests.builders_pages import FORM, person, read
from tests.builders_serving import client, guarded, opened

pytestmark = pytest.mark.anyio
CLERK = replace(person("zhang.wei", Role.CLERK), csrf="t" * 16)
SAID = Answers(
    started=date(2026, 11, 20), basis="judgment", due=date(2025, 8, 14), relief="money", amount=38600, debtor="person",
    assets=frozenset({"realty", "vehicle"}), assets_asked=True, contact="no", paid="", preserved="none", urging="yes",
)  # fmt: skip


SHOWN = (
    "文书种类 法院判决、裁定", "文书写明的最后履行日 2025-08-14", "大约多少元 38,600.00 元", "房产、车辆",
    "联系 联系不上", "文书生效后付款 未回答", "最早到期日 未知", "先行督促 愿意", "填写日期：2026-11-20",
)  # fmt: skip


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


async def typed(app: ASGIApp, code: str) -> httpx.Response:
    """Type a code."""
    async with client(app) as caller:
        sent = {"code": code, "csrf_token": "t" * 16}
        return await caller.post("/intake/statement", data=sent, headers=FORM)


async def test_the_clerk_reads_every_answer_as_the_applicants_own(tmp_path: Path) -> None:
    """However the code is typed; what was not answered says so, and nothing is called a fact."""
    answer = await typed(guarded(tmp_path, principal=CLERK), code_of(SAID).lower().replace("-", " "))
    found = read(answer.text)
    assert answer.status_code == 200
    assert "申请人自述（未经核实）" in found
    for said in SHOWN:
        assert said in found


async def test_nothing_of_a_statement_is_kept(tmp_path: Path) -> None:
    """No table of the store is longer for it."""
    app, store = guarded(tmp_path, principal=CLERK), opened(tmp_path)

    def rows() -> int:
        counts = [sa.select(sa.func.count()).select_from(table) for table in metadata.sorted_tables]
        return sum(store.read(lambda connection, one=one: int(connection.scalar(one) or 0)) for one in counts)

    before = rows()
    await typed(app, code_of(SAID))
    assert rows() == before


@pytest.mark.parametrize("wrong", ["", "ZC-1234-5678", "ZC-" + "Z" * 40])
async def test_a_mistyped_code_comes_back_with_what_is_wrong(tmp_path: Path, wrong: str) -> None:
    """422, the code still in its field, and no answer shown."""
    answer = await typed(guarded(tmp_path, principal=CLERK), wrong)
    assert (answer.status_code, "编号有误" in answer.text) == (422, True)
    assert f'value="{wrong}"' in answer.text
    assert "未经核实" not in answer.text


async def test_whoever_registers_nothing_reads_no_statement(tmp_path: Path) -> None:
    """The page belongs to the intake."""
    scientist = replace(person("zhou.min", Role.DATA_SCIENTIST), csrf="t" * 16)
    assert (await typed(guarded(tmp_path, principal=scientist), code_of(SAID))).status_code == 403
