"""Teams and indicators: the page, its twelve months, the file for a spreadsheet, and the list of late filings."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import principal_of, values_in
from serving.door.parameters import Parameter, Text
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.indicators.file import kpi_file
from serving.pages.indicators.late_page import late_page
from serving.pages.indicators.page import KpiPage, kpi_page
from serving.pages.teams.page import Reader, teams_page
from serving.record.indicators.looking import Looked
from serving.record.teams.loading import Loads
from serving.routes.binding import Routes
from serving.routes.pages.cases import names_in
from serving.routes.pages.showing import LANG, SHOWN, shown

COURT: Final = Parameter(
    name="court",
    form=Text(r"[^/:\u0000-\u0020\u007f]{0,20}"),
    zh="法院代字，如 浙1022",
    en="court code, such as 浙1022",
)
PERIOD: Final = Parameter(
    name="period",
    form=Text(r"(?:[0-9]{4}-[0-9]{2}~[0-9]{4}-[0-9]{2})?"),
    zh="期间，如 2026-01~2026-10",
    en="months, such as 2026-01~2026-10",
)
_ASKED: Final = (COURT, PERIOD, LANG)
_STORED: Final = ("NOT_FOUND", "STORE_UNAVAILABLE")
CSV: Final = "text/csv"

KPI: Final = Endpoint(
    method="GET",
    path="/kpi",
    zh="团队与指标页面",
    en="teams and indicators",
    action=Action.INDICATOR_READ,
    parameters=_ASKED,
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)
TREND: Final = Endpoint(
    method="GET",
    path="/kpi/trend",
    zh="指标的十二个月",
    en="twelve months of the indicators",
    action=Action.INDICATOR_READ,
    parameters=_ASKED,
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)
FILE: Final = Endpoint(
    method="GET",
    path="/kpi/figures.csv",
    zh="指标导出为表格",
    en="the indicators as a file for a spreadsheet",
    action=Action.INDICATOR_READ,
    parameters=_ASKED,
    pages=True,
    replies=(Reply(status=200, zh="表格", en="the file", content={CSV: {"type": "string"}}),),
    problems=_STORED,
)
LATE: Final = Endpoint(
    method="GET",
    path="/kpi/late",
    zh="超过立案期限的案件",
    en="cases that were not filed by their last day",
    action=Action.SCORE_READ,
    parameters=_ASKED,
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)


async def show_kpi(request: Request) -> Response:
    """GET /kpi."""
    office, origin, looked = office_of(request), answers.origin_of(request.scope), await _looked(request)
    loads = await office.desk.run(lambda: office.record.loading.open(looked.court, origin=origin))
    teams = teams_page(loads, reader=await reader_in(request, loads))
    return await shown(request, "indicators/kpi.html", page=_page(request, looked), teams=teams)


async def show_trend(request: Request) -> Response:
    """GET /kpi/trend."""
    return await shown(request, "indicators/trend.html", page=_page(request, await _looked(request)))


async def give_file(request: Request) -> Response:
    """GET /kpi/figures.csv."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    court, period = asked(request)
    looked = await office.desk.run(lambda: office.record.looking.export(court, period, origin=origin))
    body = kpi_file(looked, _page(request, looked), language_in(request.scope))
    name = quote(f"indicators-{looked.court}-{looked.period.first}-{looked.period.last}.csv")
    return Response(body, media_type=CSV, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


async def show_late(request: Request) -> Response:
    """GET /kpi/late."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    court, period = asked(request)
    looked, rows = await office.desk.run(lambda: office.record.looking.late_cases(court, period, origin=origin))
    back = "/kpi?" + urlencode({"court": looked.court, "period": f"{looked.period.first}~{looked.period.last}"})
    page = late_page(looked, rows, back=back, say=language_in(request.scope))
    return await shown(request, "indicators/late.html", page=page)


def asked(request: Request) -> tuple[str, str]:
    """Return the court and the period that are asked for; empty where they are not named."""
    values = values_in(request)
    return str(values.get("court", "")), str(values.get("period", ""))


async def _looked(request: Request) -> Looked:
    office, origin = office_of(request), answers.origin_of(request.scope)
    court, period = asked(request)
    return await office.desk.run(lambda: office.record.looking.open(court, period, origin=origin))


async def reader_in(request: Request, found: Loads) -> Reader:
    """Return who reads a page of teams; names of accounts are looked up for the lead of a team only."""
    own = frozenset(f"account:{one}" for load in found.loads for one in load.members or ())
    principal = principal_of(request)
    return Reader(
        say=language_in(request.scope),
        named=await names_in(office_of(request), own),
        sees_cases=principal.may(Action.SCORE_READ),
        may_assign=principal.may(Action.CASE_ASSIGN),
    )


def _page(request: Request, looked: Looked) -> KpiPage:
    may_list = principal_of(request).may(Action.SCORE_READ)
    return kpi_page(looked, may_list=may_list, say=language_in(request.scope))


ROUTES: Final[Routes] = {KPI: show_kpi, TREND: show_trend, FILE: give_file, LATE: show_late}
