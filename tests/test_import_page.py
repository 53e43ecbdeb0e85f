"""Importing a file: looked at line by line, scored only once somebody confirms, and nothing is left behind."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from serving.access.roles import Role
from serving.door import upload
from serving.model_life.standing import Standing
from serving.repositories.queue import Sought
from serving.store.tables import advice, audit, batches, job_rows
from tests.builders_case import NOW, case_document
from tests.builders_pages import Courthouse, person, read, standing_in
from tests.builders_replay import OPERATOR
from tests.builders_serving import client, opened
from tests.builders_sheets import HEADINGS, in_csv, in_excel, row, send, sent_and_confirmed, worked_off

pytestmark = pytest.mark.anyio

ZHANG = person("zhang.wei", Role.CLERK)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Return rules to answer with."""
    return standing_in(tmp_path_factory.mktemp("rules"), model=False)


@pytest.fixture
def court(tmp_path: Path, rules: Standing) -> Courthouse:
    """Return a court that answers by rules."""
    return Courthouse(tmp_path, opened(tmp_path), rules)


@pytest.fixture
def app(court: Courthouse) -> ASGIApp:
    """Return the service as the clerk sees it."""
    return court.app(ZHANG)


def rows(court: Courthouse, table: Any) -> list[Mapping[str, Any]]:
    """Return the rows of a table."""
    return court.store.read(lambda connection: [dict(one) for one in connection.execute(select(table)).mappings()])


async def page_of(app: ASGIApp, body: bytes, *, key: str = "key-00000001") -> tuple[str, str]:
    """Send a file and return the address of what was read, and how that page reads."""
    answer = await send(app, body, key=key)
    assert answer.status_code == 303, read(answer.text)
    async with client(app) as caller:
        return answer.headers["Location"], read((await caller.get(answer.headers["Location"])).text)


async def test_every_fault_is_named_by_line_column_and_reason(app: ASGIApp) -> None:
    """As the clerk sees them: 2 is the first line below the headings."""
    lines = [row("SQ-1"), row("SQ-1"), row("SQ-2", 申请执行标的额="1.234"), row("SQ-3", 申请人类型="机器"),
             row("SQ-4", 受理法院代字="浙1001"), row(12345678901234567.0),
             row("SQ-5", 申请执行标的额="=1+1")]  # fmt: skip
    _, page = await page_of(app, in_excel(lines))
    assert "读入 7 行 可以导入 1 件 有误，不导入 6 行" in page
    for told in (
        "3 申请编号 与第 2 行的申请编号重复",
        "4 申请执行标的额 金额超过两位小数",
        "5 申请人类型 不在可选的取值内；可选：自然人、",
        "6 受理法院代字 不是您所在的法院",
        "7 申请编号 号码已被表格软件改动",
        "8 申请执行标的额 是公式",
    ):
        assert told in page, told


async def test_nothing_is_scored_before_it_is_confirmed(court: Courthouse, app: ASGIApp) -> None:
    """Then it is, by the road of all jobs; a second click changes nothing."""
    where, _ = await page_of(app, in_csv([row("SQ-1"), row("SQ-2")]))
    worked_off(court)
    assert rows(court, advice) == []
    async with client(app) as caller:
        for _ in range(2):
            answer = await caller.post(f"{where}/confirm", data={"csrf_token": ""})
            assert answer.headers["Location"] == where.replace("/intake/import", "/batches")
    worked_off(court)
    assert [one["application_id"] for one in rows(court, advice)] == ["SQ-1", "SQ-2"]


async def test_sending_the_form_twice_is_one_import(court: Courthouse, app: ASGIApp) -> None:
    """And another file under the same key is refused."""
    first, second = await send(app, in_csv([row("SQ-1")])), await send(app, in_csv([row("SQ-1")]))
    assert first.headers["Location"] == second.headers["Location"]
    assert (await send(app, in_csv([row("SQ-2")]))).status_code == 422
    assert len(rows(court, batches)) == 1


async def test_failed_lines_come_back_as_a_sheet_that_runs_nothing(app: ASGIApp) -> None:
    """With number, reason and the cells as they were, so that they can be mended and sent again."""
    where, _ = await page_of(app, in_csv([row("SQ-1"), row("=cmd()", 申请执行标的额="1.234")]))
    async with client(app) as caller:
        answer = await caller.get(f"{where}/failed")
    found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert found[0] == ["行号", "原因", *HEADINGS]
    assert (len(found), found[1][0], found[1][2]) == (2, "3", "'=cmd()")
    assert "金额超过两位小数" in found[1][1]
    assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_known_applications_are_named_and_left_unless_asked_for(court: Courthouse, app: ASGIApp) -> None:
    """The clerk says whether they are scored again."""
    court.score({**case_document(), "application_id": "SQ-1"})
    where, page = await page_of(app, in_csv([row("SQ-1"), row("SQ-2")]))
    assert "已登记过 1 件" in page
    await sent_and_confirmed(court, app, in_csv([row("SQ-1"), row("SQ-2")]))
    assert [one["application_id"] for one in rows(court, advice)] == ["SQ-1", "SQ-2"]
    async with client(app) as caller:
        assert "该申请已登记并评分，未重复导入" in (await caller.get(f"{where}/failed")).text


async def test_known_applications_are_scored_again_when_asked_for(court: Courthouse, app: ASGIApp) -> None:
    """Both answers stay on record."""
    court.score({**case_document(), "application_id": "SQ-1"})
    await sent_and_confirmed(court, app, in_csv([row("SQ-1")]), again="true")
    assert [one["application_id"] for one in rows(court, advice)] == ["SQ-1", "SQ-1"]


async def test_a_basis_that_is_on_record_is_named_and_left_unless_it_is_ticked(court: Courthouse, app: ASGIApp) -> None:
    """Another application on it, spelt with other brackets: told with a link, and not imported without a word."""
    court.score(on_basis("SQ-1", "（2025）浙1022民初 3321号"))
    lines = [row("SQ-2"), row("SQ-3", 执行依据案号="(2025)浙1022民初9号")]
    where, page = await page_of(app, in_csv(lines))
    assert ("执行依据已有申请 1 件" in page, "已有申请 2 SQ-2 SQ-1" in page) == (True, True)
    await sent_and_confirmed(court, app, in_csv(lines))
    assert [one["application_id"] for one in rows(court, advice)] == ["SQ-1", "SQ-3"]
    async with client(app) as caller:
        assert "此执行依据已有另一申请" in (await caller.get(f"{where}/failed")).text


async def test_another_application_on_a_known_basis_is_taken_in_when_it_is_ticked(
    court: Courthouse, app: ASGIApp
) -> None:
    """It may be about another part of the claim."""
    court.score(on_basis("SQ-1", "(2025)浙1022民初3321号"))
    await sent_and_confirmed(court, app, in_csv([row("SQ-2")]), anyway="true")
    assert [one["application_id"] for one in rows(court, advice)] == ["SQ-1", "SQ-2"]


async def test_lines_of_one_basis_in_one_file_are_told_and_imported(court: Courthouse, app: ASGIApp) -> None:
    """A judgment against several debtors makes several lines: they are counted for the clerk, not refused."""
    _, page = await page_of(app, in_csv([row("SQ-1"), row("SQ-2"), row("SQ-3", 执行依据案号="(2025)浙1022民初9号")]))
    assert "本文件内有 2 行的执行依据案号与另一行相同" in page
    assert "可以导入 3 件" in read(page)


def on_basis(number: str, basis: str) -> dict[str, Any]:
    """Return an application on this basis."""
    document = case_document()
    return {**document, "application_id": number, "case": {**document["case"], "basis_no": basis}}


async def test_columns_that_are_no_field_are_named_and_kept_nowhere(court: Courthouse, app: ASGIApp) -> None:
    """By their letter, with the field that may be meant; neither heading nor cells are put on record."""
    body = in_excel([[*row("SQ-1"), "王某某", "5"]], headings=[*HEADINGS, "备注姓名", "案由代号"])
    _, page = await page_of(app, body)
    assert "第 J 列不是登记的字段，未读入" in page
    assert "是否应为“案由代码”" in page
    assert "王某某" not in page + json.dumps([str(one) for one in rows(court, batches)], ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"", "第一行没有列名"), (b"\xd0\xcf\x11\xe0 old", "旧式 .xls"), ("姓名\r\n甲".encode(), "没有“申请编号”一列"),
     (in_csv([]), "文件里没有案件"), ("申请编号,application_id\r\n1,2".encode(), "有两列")],
)  # fmt: skip
async def test_a_file_that_is_no_list_is_refused_in_words(
    court: Courthouse, app: ASGIApp, body: bytes, told: str
) -> None:
    """On the form, which can be used again at once; nothing is put on record."""
    answer = await send(app, body)
    assert answer.status_code == 422
    assert told in read(answer.text)
    assert rows(court, batches) == []


async def test_requests_of_the_interface_are_taken_as_json_lines(court: Courthouse, app: ASGIApp) -> None:
    """Whole requests, or flat objects under the names of fields; a broken line fails alone."""
    whole, flat = case_document(application_id="SQ-1"), {"申请编号": "SQ-2", "court_code": "浙1022"}
    body = b"\n".join(
        [json.dumps(whole).encode(), json.dumps(flat).encode(), b"{broken", b'{"application_id": "SQ-2"}']
    )
    _, page = await page_of(app, body)
    assert "读入 4 行 可以导入 2 件 有误，不导入 2 行" in page
    await sent_and_confirmed(court, app, body)
    assert {one["application_id"] for one in rows(court, advice)} == {"SQ-1", "SQ-2"}


def in_json_lines(lines: list[list[object]]) -> bytes:
    """Return flat objects under the headings of a sheet, without those that hold codes in JSON."""
    named = [dict(zip(HEADINGS, line, strict=True)) for line in lines]
    kept = HEADINGS[:5]
    return b"\n".join(json.dumps({name: one[name] for name in kept}).encode() for one in named)


@pytest.mark.parametrize("written", [in_csv, in_excel, in_json_lines])
async def test_amounts_and_causes_are_taken_in_as_people_write_them(
    court: Courthouse, app: ASGIApp, written: Callable[[list[list[object]]], bytes]
) -> None:
    """In every form of file; a name that is not certain is refused with its line and what may be meant."""
    lines = [row("SQ-1", 案由代码="金融借款合同纠纷", 申请执行标的额="12.5万元"), row("SQ-2", 案由代码="借款"),
             row("SQ-3", 案由代码="神秘纠纷"), row("SQ-4", 申请执行标的额="1.23456789万")]  # fmt: skip
    body = written(lines)
    _, page = await page_of(app, body)
    assert "可以导入 1 件 有误，不导入 3 行" in page
    first = 1 if written is in_json_lines else 2
    assert f"{first + 1} 案由代码 案由名称不确定，请填写代码或者全称；对照表中有：" in page
    assert f"{first + 2} 案由代码 案由名称不在对照表中" in page
    assert f"{first + 3} 申请执行标的额 金额超过两位小数" in page
    await sent_and_confirmed(court, app, body)
    [waits] = court.office().record.queue.page(Sought(), origin=OPERATOR).rows
    assert (waits["cause"], waits["amount"]) == ("金融借款合同纠纷", "125000.00")


async def test_a_draft_is_its_owners_alone_and_can_be_given_up(court: Courthouse, app: ASGIApp) -> None:
    """Its lines are emptied; a colleague finds nothing."""
    where, _ = await page_of(app, in_csv([row("SQ-1"), row("SQ-2", 申请人类型="机器")]))
    async with client(court.app(person("wang.fang", Role.CLERK))) as other:
        assert (await other.get(where)).status_code == 404
        assert (await other.get(where.replace("/intake/import", "/batches"))).status_code == 404
    async with client(app) as caller:
        await caller.post(f"{where}/discard", data={"csrf_token": ""})
        assert "已放弃" in read((await caller.get(where)).text)
        assert (await caller.post(f"{where}/confirm", data={"csrf_token": ""})).status_code == 410
    assert [one["request"] for one in rows(court, job_rows)] == [None, None]


async def test_a_draft_that_nobody_confirms_ends_after_a_day(court: Courthouse, app: ASGIApp) -> None:
    """Raw lines wait for nobody for ever."""
    await page_of(app, in_csv([row("SQ-1")]))
    worked_off(replace(court, clock=lambda: NOW + timedelta(hours=25)))
    assert [(one["state"], one["request"]) for one in rows(court, job_rows)] == [("cancelled", None)]


async def test_no_file_of_ours_holds_what_was_sent(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large uploads would go to the folder for temporary files; here there is none to be had."""
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")
    lines = [row(f"SQ-{n}", 执行依据案号="长" * 400) for n in range(1500)]
    body = in_csv(lines)
    assert len(body) > 1_500_000
    assert (await send(app, body)).status_code == 303


async def test_a_page_of_another_session_cannot_send_a_file(court: Courthouse) -> None:
    """The token is among the fields of the form, and looked at before the file is."""
    app = court.app(replace(ZHANG, csrf="the-token-of-the-session"))
    assert (await send(app, in_csv([row("SQ-1")]))).status_code == 403
    assert rows(court, batches) == []


async def test_a_file_beyond_the_bound_is_refused(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so are more lines than a list may have."""
    monkeypatch.setattr("serving.batches.reading.MOST_ROWS", 3)
    answer = await send(app, in_csv([row(f"SQ-{n}") for n in range(4)]))
    assert "行数过多" in read(answer.text)
    assert (await send(app, bytes(upload.MOST_BYTES + 200_000))).status_code == 413


async def test_an_import_is_on_the_trail(court: Courthouse, app: ASGIApp) -> None:
    """Who sent it, who confirmed it, and that it was grouped."""
    await sent_and_confirmed(court, app, in_csv([row("SQ-1")]))
    done = [one["action"] for one in rows(court, audit)]
    assert [one for one in done if one.startswith("batch.")] == [
        "batch.create", "batch.read", "batch.confirm", "batch.group",
    ]  # fmt: skip


async def test_the_template_names_its_columns_in_chinese(app: ASGIApp) -> None:
    """And is taken back as it is, once it holds cases."""
    async with client(app) as caller:
        answer = await caller.get("/intake/import/template")
    assert "文件里没有案件" in read((await send(app, answer.content)).text)


@pytest.mark.parametrize(("role", "may"), [(Role.CLERK, True), (Role.TEAM_LEAD, True), (Role.JUDGE, False),
                                           (Role.LEADERSHIP, False), (Role.AUDIT_ADMIN, False)])  # fmt: skip
async def test_who_may_import(court: Courthouse, role: Role, *, may: bool) -> None:
    """Whoever may send lists to be scored."""
    async with client(court.app(person("somebody", role))) as caller:
        assert (await caller.get("/intake/import")).status_code == (200 if may else 403)
