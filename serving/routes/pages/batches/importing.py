"""Importing a file on pages: it is sent, looked at line by line, and confirmed before anything is scored."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterable, Iterator
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import UPLOAD, Body, Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text
from serving.door.upload import MOST_BYTES, uploaded
from serving.office import office_of
from serving.pages.batches.import_page import (
    SHOWN as MOST_SHOWN,
)
from serving.pages.batches.import_page import (
    HeldBack,
    ImportPage,
    check_page,
    failed_rows,
    template_columns,
)
from serving.pages.choice import language_in
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown
from serving.sheets.cells import safe
from serving.sheets.sheet import SheetError
from serving.sheets.template import template

BATCH_ID: Final = Parameter(
    name="id", place="path", form=Text(r"BAT-\d{8}-\d{6,9}"), required=True, zh="批次编号", en="id of the batch"
)
_KEY: Final = Field(name="key", form=Text(answers.KEY_PATTERN), zh="幂等键", en="idempotency key")
_AGAIN: Final = Field(
    name="again", form=Choice(("true",)), zh="已登记过的也重新评分", en="score known applications again", required=False
)
_ANYWAY: Final = Field(
    name="anyway", form=Choice(("true",)), zh="仍要新收", en="new on a basis that is on record", required=False
)
_FILE: Final = {"type": "string", "format": "binary", "title": "文件", "x-title-en": "the file"}
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV: Final = "text/csv"
_ROOM: Final = 65_536
"""Bytes of a form beside its file."""


def _upload_schema() -> dict[str, object]:
    plain = document_schema((_KEY,))
    properties = {"key": _KEY.schema, "csrf_token": {"type": "string"}, "file": _FILE}
    return {**plain, "required": ["key", "file"], "properties": properties}


IMPORT: Final = Endpoint(
    method="GET",
    path="/intake/import",
    zh="导入表格页面",
    en="the form to import a file",
    action=Action.JOB_CREATE,
    parameters=(LANG,),
    pages=True,
    replies=(SHOWN,),
)
SEND: Final = Endpoint(
    method="POST",
    path="/intake/import",
    zh="上传表格并核对，确认前不评分",
    en="send a file, which is looked at and not scored yet",
    action=Action.JOB_CREATE,
    body=Body(schema=_upload_schema(), media_types=(UPLOAD,), most_bytes=MOST_BYTES + _ROOM, streamed=True),
    pages=True,
    replies=(Reply(status=303, zh="已读入，转到核对页面", en="read, on to what was found"),),
    problems=("VALIDATION_FAILED", "FIELD_NOT_ALLOWED", "LIST_INVALID", "IDEMPOTENCY_KEY_REUSED", "STORE_UNAVAILABLE"),
    seconds=300.0,
)
TEMPLATE: Final = Endpoint(
    method="GET",
    path="/intake/import/template",
    zh="导入模板（Excel）",
    en="the template of an import, as a workbook",
    action=Action.JOB_CREATE,
    pages=True,
    replies=(Reply(status=200, zh="模板", en="the template", content={_XLSX: {}}),),
)
CHECK: Final = Endpoint(
    method="GET",
    path="/intake/import/{id}",
    zh="核对导入页面",
    en="what was read of a file",
    action=Action.JOB_CREATE,
    parameters=(BATCH_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
FAILED: Final = Endpoint(
    method="GET",
    path="/intake/import/{id}/failed",
    zh="下载失败行（CSV）",
    en="the lines that failed, as CSV",
    action=Action.JOB_CREATE,
    parameters=(BATCH_ID,),
    pages=True,
    replies=(Reply(status=200, zh="失败行", en="the failed lines", content={_CSV: {}}),),
    problems=("STORE_UNAVAILABLE",),
)
CONFIRM: Final = Endpoint(
    method="POST",
    path="/intake/import/{id}/confirm",
    zh="确认导入并评分",
    en="confirm an import, which is scored then",
    action=Action.JOB_CREATE,
    parameters=(BATCH_ID,),
    body=form_of(_AGAIN, _ANYWAY),
    pages=True,
    replies=(Reply(status=303, zh="已确认，转到批次页面", en="confirmed, on to the batch"),),
    problems=("GONE", "STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED"),
)
DISCARD: Final = Endpoint(
    method="POST",
    path="/intake/import/{id}/discard",
    zh="放弃导入",
    en="give an import up",
    action=Action.JOB_CREATE,
    parameters=(BATCH_ID,),
    body=form_of(),
    pages=True,
    replies=(Reply(status=303, zh="已放弃，回到核对页面", en="given up, back to what was read"),),
    problems=("STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED"),
)


async def show_import(request: Request) -> Response:
    """GET /intake/import."""
    return await shown(request, "batches/import.html", page=ImportPage(secrets.token_hex(16)))


async def send(request: Request) -> Response:
    """POST /intake/import: on to what was read, or the form again with why the file was not."""
    sent = await uploaded(request, "file")
    key = str(fields_of(sent.fields, (_KEY,))["key"])
    office, origin = office_of(request), answers.origin_of(request.scope)
    try:
        found = await run_in_threadpool(lambda: office.batches.importing.read(sent.body, origin=origin))
    except SheetError as error:
        visit: Visit = request.scope[VISIT]
        visit.code = "LIST_INVALID"
        page = ImportPage(secrets.token_hex(16), language_in(request.scope).pick(error.zh, error.en))
        return await shown(request, "batches/import.html", status=422, page=page)
    batch_id = await office.desk.run(lambda: office.batches.importing.take_in(found, sent.body, key=key, origin=origin))
    return RedirectResponse(f"/intake/import/{batch_id}", 303)


async def give_template(request: Request) -> Response:
    """GET /intake/import/template."""
    register = office_of(request).jobs.register()
    body = await run_in_threadpool(template, template_columns(register))
    return Response(body, headers=saved_as("fenliu-import.xlsx"), media_type=_XLSX)


async def check(request: Request) -> Response:
    """GET /intake/import/{id}."""
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), _asked(request)
    importing = office.batches.importing
    batch = await office.desk.run(lambda: importing.draft(batch_id, origin=origin))
    job = str(batch.job["id"])
    counts, wrong, held, twins = await run_in_threadpool(
        lambda: (
            importing.records.counts(job),
            list(importing.wrong(batch, most=MOST_SHOWN)),
            importing.records.held(job, most=MOST_SHOWN),
            importing.twins(batch, most=MOST_SHOWN),
        )
    )
    say = language_in(request.scope)
    model = check_page(batch, counts, wrong, HeldBack(held, twins), register=office.jobs.register(), say=say)
    return await shown(request, "batches/check.html", page=model)


async def give_failed(request: Request) -> Response:
    """GET /intake/import/{id}/failed."""
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), _asked(request)
    batch = await office.desk.run(lambda: office.batches.importing.draft(batch_id, origin=origin))
    say, register = language_in(request.scope), office.jobs.register()
    rows = failed_rows(batch, office.batches.importing.wrong(batch), register=register, say=say)
    return StreamingResponse(csv_of(rows), headers=saved_as(f"{batch_id}-failed.csv"), media_type=_CSV)


async def confirm(request: Request) -> Response:
    """POST /intake/import/{id}/confirm."""
    sent = fields_of(document_of(request), (_AGAIN, _ANYWAY))
    again, anyway = "again" in sent, "anyway" in sent
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), _asked(request)
    await office.desk.run(lambda: office.batches.importing.confirm(batch_id, again=again, anyway=anyway, origin=origin))
    return RedirectResponse(f"/batches/{batch_id}", 303)


async def discard(request: Request) -> Response:
    """POST /intake/import/{id}/discard."""
    fields_of(document_of(request), ())
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), _asked(request)
    await office.desk.run(lambda: office.batches.importing.discard(batch_id, origin=origin))
    return RedirectResponse(f"/intake/import/{batch_id}", 303)


def csv_of(rows: Iterable[list[object]]) -> Iterator[bytes]:
    """Yield a sheet that no program takes for formulas, with the mark that Excel needs to see UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        yield out.getvalue().encode("utf-8")
        out.seek(0)
        out.truncate()


def saved_as(name: str) -> dict[str, str]:
    """Return the header by which a browser saves an answer under a name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _asked(request: Request) -> str:
    return str(values_in(request)["id"])


ROUTES: Final[Routes] = {
    IMPORT: show_import,
    SEND: send,
    TEMPLATE: give_template,
    CHECK: check,
    FAILED: give_failed,
    CONFIRM: confirm,
    DISCARD: discard,
}
