"""Builders for tests of imported files: workbooks as clerks make them, CSV, and the form that sends them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx
from openpyxl import Workbook
from starlette.types import ASGIApp

from serving.jobs.runner import Runner
from serving.repositories.jobs import JobStore
from tests.builders_pages import Courthouse
from tests.builders_serving import KEYS, client

HEADINGS = (
    "申请编号", "受理法院代字", "执行依据案号", "案由代码", "申请执行标的额", "申请人类型", "被执行人类型",
    "是否同意执前督促", "是否提供有效电话",
)  # fmt: skip
ROW = ("SQ-1", "浙1022", "(2025)浙1022民初3321号", "126", "38,600.00", "银行", "自然人", "同意", "是")


def row(number: str, **changes: object) -> list[object]:
    """Return a good line; `changes` replace cells by their heading."""
    found = dict(zip(HEADINGS, ROW, strict=True)) | {"申请编号": number} | changes
    return [found[heading] for heading in HEADINGS]


def in_csv(rows: Sequence[Sequence[object]], *, encoding: str = "utf-8-sig") -> bytes:
    """Return a sheet in CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([HEADINGS, *rows])
    return out.getvalue().encode(encoding)


def in_excel(rows: Sequence[Sequence[object]], *, headings: Sequence[str] = HEADINGS, change: Any = None) -> bytes:
    """Return a workbook; `change` is called with it before it is saved."""
    book = Workbook()
    sheet = book.active
    for line in (headings, *rows):
        sheet.append(list(line))
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def send(app: ASGIApp, body: bytes, *, key: str = "key-00000001", name: str = "案件.xlsx") -> httpx.Response:
    """Send a file as the form does."""
    async with client(app) as caller:
        fields = {"csrf_token": "", "key": key}
        return await caller.post("/intake/import", data=fields, files={"file": (name, body)})


async def sent_and_confirmed(
    court: Courthouse, app: ASGIApp, body: bytes, *, key: str = "key-00000001", **fields: str
) -> str:
    """Send a file, confirm it, let it be scored, and return the batch's id."""
    answer = await send(app, body, key=key)
    assert answer.status_code == 303, answer.text
    async with client(app) as caller:
        await caller.post(answer.headers["Location"] + "/confirm", data={"csrf_token": "", **fields})
    worked_off(court)
    return answer.headers["Location"].rsplit("/", 1)[-1]


def worked_off(court: Courthouse) -> None:
    """Let a runner do everything that waits."""
    office = court.office()
    run = Runner(JobStore(court.store, KEYS), court.decider(), "w1", lambda: True, court.clock, office.batches.chores)
    while run.work_once():
        pass
