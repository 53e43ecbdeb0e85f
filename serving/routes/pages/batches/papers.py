"""Papers of a batch: where disputes come from, the draft of a recommendation, the batch sheet and its list of cases."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import values_in
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages import formats
from serving.pages.batches.batch_page import batch_page
from serving.pages.batches.sheet_page import Sources, annex_cells, annex_rows, sheet_page
from serving.pages.batches.source_page import draft, source_page
from serving.pages.choice import language_in
from serving.record.court_settings import Settings
from serving.routes.binding import Routes
from serving.routes.pages.batches.importing import BATCH_ID, csv_of, saved_as
from serving.routes.pages.cases import names_in
from serving.routes.pages.showing import LANG, SHOWN, shown
from serving.sheets.letter import letter

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CSV: Final = "text/csv"
_PROBLEMS: Final = ("STORE_UNAVAILABLE",)

SOURCE: Final = Endpoint(
    method="GET",
    path="/batches/{id}/source",
    zh="源头治理页面",
    en="where a court's disputes come from",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_PROBLEMS,
)
LETTER: Final = Endpoint(
    method="GET",
    path="/batches/{id}/letter",
    zh="司法建议底稿（Word）",
    en="the draft of a recommendation, as a document",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID,),
    pages=True,
    replies=(Reply(status=200, zh="底稿", en="the draft", content={_DOCX: {}}),),
    problems=_PROBLEMS,
)
SHEET: Final = Endpoint(
    method="GET",
    path="/batches/{id}/sheet",
    zh="批次表（打印）",
    en="the batch sheet, for print",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_PROBLEMS,
)
CASES: Final = Endpoint(
    method="GET",
    path="/batches/{id}/cases",
    zh="批次案件清单（CSV）",
    en="the cases of a batch, as CSV",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID,),
    pages=True,
    replies=(Reply(status=200, zh="清单", en="the list", content={_CSV: {}}),),
    problems=_PROBLEMS,
)


async def show_source(request: Request) -> Response:
    """GET /batches/{id}/source."""
    found, settings = await _found(request, cases=False)
    say, register = language_in(request.scope), office_of(request).jobs.register()
    model = source_page(found.batch, found.groups, mode=settings.review_mode, register=register, say=say)
    return await shown(request, "batches/source.html", page=model)


async def give_letter(request: Request) -> Response:
    """GET /batches/{id}/letter."""
    found, _ = await _found(request, cases=False)
    say, register = language_in(request.scope), office_of(request).jobs.register()
    title, parts = draft(found.batch, register=register, say=say)
    body = await run_in_threadpool(letter, title, parts)
    return Response(body, headers=saved_as(f"{found.batch.id}-letter.docx"), media_type=_DOCX)


async def show_sheet(request: Request) -> Response:
    """GET /batches/{id}/sheet."""
    found, settings = await _found(request, cases=True)
    office, say, mode = office_of(request), language_in(request.scope), settings.review_mode
    actors = frozenset(str(one["by"]) for one in (*found.looks, *found.decisions))
    named = await names_in(office, frozenset(one for one in actors if one.startswith("account:")))
    page = batch_page(found.batch, found.groups, mode=mode, mine=False, register=office.jobs.register(), say=say)
    printed = formats.instant(office.batches.deciding.clock())
    sheet = sheet_page(found, page, mode=mode, named=named, printed=printed, say=say)
    court = settings.named(found.batch.row["court_code"])
    return await shown(request, "batches/sheet.html", page=page, sheet=sheet, court_name=court)


async def give_cases(request: Request) -> Response:
    """GET /batches/{id}/cases."""
    found, settings = await _found(request, cases=True)
    say = language_in(request.scope)
    rows = annex_cells(annex_rows(found, mode=settings.review_mode, say=say), say)
    return StreamingResponse(csv_of(rows), headers=saved_as(f"{found.batch.id}.csv"), media_type=_CSV)


async def _found(request: Request, *, cases: bool) -> tuple[Sources, Settings]:
    """Return the batch and all that its papers are made from; one that is not grouped has none."""
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), str(values_in(request)["id"])
    deciding = office.batches.deciding
    records = deciding.records

    def work() -> Sources:
        batch = deciding.batch(batch_id, origin=origin)
        if batch.state != "ready":
            raise ProblemError("NOT_FOUND")
        return Sources(
            batch=batch,
            groups=records.groups(batch_id),
            cases=records.cases(batch_id) if cases else (),
            looks=[one for one in records.marks(batch_id) if one["kind"] == "look"],
            decisions=records.decided(batch_id),
        )

    found = await office.desk.run(work)
    return found, await office.desk.run(lambda: deciding.settings.of(found.batch.row["court_code"]))


ROUTES: Final[Routes] = {SOURCE: show_source, LETTER: give_letter, SHEET: show_sheet, CASES: give_cases}
