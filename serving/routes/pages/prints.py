"""Pages for paper: the advice sheet for the court's own file, and the explanation for the parties."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint
from serving.door.guard import values_in
from serving.office import office_of
from serving.pages.case.decision import NOTHING_SENT
from serving.pages.case.page import case_page
from serving.pages.choice import language_in
from serving.pages.party_sheet import party_sheet_page
from serving.record.court_settings import Settings
from serving.routes.binding import Routes
from serving.routes.pages.cases import file_in, reader_in
from serving.routes.pages.showing import LANG, SHOWN, shown
from serving.routes.scores import SCORE_ID

_PROBLEMS: Final = ("GONE", "OPINION_FIRST", "STORE_UNAVAILABLE")

SHEET: Final = Endpoint(
    method="GET",
    path="/cases/{id}/sheet",
    zh="分流建议表（打印）",
    en="the advice sheet, for print",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_PROBLEMS,
)
PARTY_SHEET: Final = Endpoint(
    method="GET",
    path="/cases/{id}/party-sheet",
    zh="当事人说明（打印）",
    en="the explanation for the parties, for print",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_PROBLEMS,
)


async def sheet(request: Request) -> Response:
    """GET /cases/{id}/sheet."""
    found = await file_in(request)
    reader = await reader_in(request, found)
    model = case_page(found, NOTHING_SENT, reader=reader, register=office_of(request).jobs.register())
    return await shown(request, "case/sheet.html", page=model)


async def party_sheet(request: Request) -> Response:
    """GET /cases/{id}/party-sheet."""
    advice_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)

    def work() -> tuple[dict[str, object], Settings]:
        found = office.people.sheets.sheet(advice_id, origin=origin)
        court = str(found["court_code"])
        office.record.viewing.require_sight(advice_id, court, origin=origin)
        return found, office.record.settings.of(court)

    found, settings = await office.desk.run(work)
    model = party_sheet_page(found, language_in(request.scope), settings=settings)
    return await shown(request, "case/party_sheet.html", page=model)


ROUTES: Final[Routes] = {SHEET: sheet, PARTY_SHEET: party_sheet}
