"""The queue beside its page: as JSON and CSV, what has changed since it was opened, and several cases at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.parameters import Parameter, Text, Whole
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.queue import sheet_of
from serving.repositories.queue import MOST_COUNTED
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.queue import FILTERS, kept_filters, listed, looker_in, sought_in
from serving.routes.pages.showing import HTML, form_of
from serving.routes.paging import PAGE_TOKEN, PAGING, page_schema, paged, sealed
from serving.routes.scores import SCORE_ID
from serving.sheets.cells import safe

MOST: Final = 50
"""Cases that are taken or given back at once: those of one page."""
POLLED_SECONDS: Final = 1_800
"""How long an open page asks for changes; after that it rests, so that nobody stays logged in by it for good."""
STOP_ASKING: Final = 286
"""What ends the asking of htmx."""

_CSV: Final = "text/csv"
_CHOSEN: Final = tuple(
    Field(name=f"case-{place}", form=Text(r"SCR-\d{8}-\d{6,9}"), zh="选中的案件", en="a chosen case", required=False)
    for place in range(1, MOST + 1)
)
_COLUMNS: Final = (
    "application_id", "advice_id", "court_code", "stage", "due_on", "due_kind", "route", "decided_by", "status",
    "cause", "amount", "warnings", "received_at", "claimed_until", "simulated",
)  # fmt: skip
_ROW: Final = {"type": "object", "required": [*_COLUMNS], "properties": {name: {} for name in _COLUMNS}}
_BACK: Final = (Reply(status=303, zh="已办理，回到列表", en="done, back to the list"),)
_PROBLEMS: Final = ("STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED")

AS_JSON: Final = Endpoint(
    method="GET",
    path="/queue.json",
    zh="待分流案件列表，JSON",
    en="the queue as JSON",
    action=Action.SCORE_READ,
    parameters=(*FILTERS, *PAGING),
    replies=(Reply(status=200, zh="一页", en="a page", content={JSON: page_schema(_ROW)}),),
    problems=("STORE_UNAVAILABLE",),
)
AS_CSV: Final = Endpoint(
    method="GET",
    path="/queue.csv",
    zh="待分流案件列表，CSV",
    en="the queue as CSV",
    action=Action.SCORE_READ,
    parameters=(*FILTERS, *PAGING),
    replies=(Reply(status=200, zh="一页", en="a page", content={_CSV: {"type": "string"}}),),
    problems=("STORE_UNAVAILABLE",),
)
CHANGED: Final = Endpoint(
    method="GET",
    path="/queue/changed",
    zh="列表打开后有无变动",
    en="whether the list has changed since it was opened",
    action=Action.SCORE_READ,
    parameters=(
        *FILTERS,
        PAGE_TOKEN,
        Parameter(name="seen", form=Whole(0, MOST_COUNTED + 1), required=True, zh="打开时件数", en="cases seen"),
        Parameter(name="opened", form=Whole(0, 10**11), required=True, zh="打开时间", en="when it was opened"),
    ),
    pages=True,
    replies=(
        Reply(status=200, zh="有变动", en="changed", content=HTML),
        Reply(status=204, zh="无变动", en="unchanged"),
        Reply(status=STOP_ASKING, zh="不再询问", en="ask no more"),
    ),
    problems=("STORE_UNAVAILABLE",),
)
CLAIM: Final = Endpoint(
    method="POST",
    path="/queue/claim",
    zh="领取选中的案件",
    en="take the chosen cases",
    action=Action.DECISION_CREATE,
    body=form_of(*_CHOSEN),
    pages=True,
    replies=_BACK,
    problems=_PROBLEMS,
)
RELEASE: Final = Endpoint(
    method="POST",
    path="/queue/release",
    zh="放回选中的案件",
    en="give the chosen cases back",
    action=Action.DECISION_CREATE,
    body=form_of(*_CHOSEN),
    pages=True,
    replies=_BACK,
    problems=_PROBLEMS,
)
RELEASE_ONE: Final = Endpoint(
    method="POST",
    path="/cases/{id}/release",
    zh="放回一件",
    en="give one case back",
    action=Action.DECISION_CREATE,
    parameters=(SCORE_ID,),
    body=form_of(),
    pages=True,
    replies=(Reply(status=303, zh="已放回，回到案件页面", en="given back, back to the case"),),
    problems=_PROBLEMS,
)


async def as_json(request: Request) -> Response:
    """GET /queue.json."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    sought = sought_in(request, office)
    found = await office.desk.run(lambda: listed(office, sought, origin))
    return paged(request, [_row(row) for row in found.rows], after=found.after, seal=office.record.queue.seal)


async def as_csv(request: Request) -> Response:
    """GET /queue.csv: the list as a spreadsheet opens it, whatever applicants wrote into their numbers.

    Whoever does not ask for pages gets as many cases as are counted exactly, then a link to those that follow.
    """
    office, origin = office_of(request), answers.origin_of(request.scope)
    sought = sought_in(request, office)
    if "page_size" not in request.query_params:
        sought = replace(sought, size=MOST_COUNTED)
    found = await office.desk.run(lambda: listed(office, sought, origin))
    text = io.StringIO()
    rows = sheet_of(found, await looker_in(request, office, found))
    csv.writer(text).writerows([safe(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="queue.csv"'}
    if found.after is not None:
        token = sealed(found.after, request, office.record.queue.seal)
        headers["Link"] = f'</queue.csv?{urlencode({**kept_filters(request), "page_token": token})}>; rel="next"'
    return Response("\ufeff" + text.getvalue(), headers=headers, media_type=_CSV)


async def changed(request: Request) -> Response:
    """GET /queue/changed: a sentence where the number of cases is another one now, nothing where it is not."""
    office, origin, values = office_of(request), answers.origin_of(request.scope), values_in(request)
    if office.record.queue.clock().timestamp() - int(str(values["opened"])) > POLLED_SECONDS:
        return Response(status_code=STOP_ASKING)
    sought = sought_in(request, office)
    count = await office.desk.run(lambda: office.record.queue.count(sought, origin=origin))
    if count == int(str(values["seen"])):
        return Response(status_code=204)
    say, again = language_in(request.scope), "/queue?" + urlencode(kept_filters(request))
    words = say("列表有变动，现有 {count} 件。", count=count)
    body = f'{escape(words)} <a href="{escape(again)}">{escape(say("刷新"))}</a>'
    return Response(body, media_type="text/html")


async def claim(request: Request) -> Response:
    """POST /queue/claim."""
    ids, office, origin = _chosen(request), office_of(request), answers.origin_of(request.scope)
    taken = await office.desk.run(lambda: office.record.queue.take_many(ids, origin=origin))
    return RedirectResponse("/queue?" + urlencode({"taken": taken, "of": len(ids)}), 303)


async def release(request: Request) -> Response:
    """POST /queue/release."""
    ids, office, origin = _chosen(request), office_of(request), answers.origin_of(request.scope)
    await office.desk.run(lambda: office.record.queue.release(ids, origin=origin))
    return RedirectResponse("/queue", 303)


async def release_one(request: Request) -> Response:
    """POST /cases/{id}/release."""
    fields_of(document_of(request), ())
    advice_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    await office.desk.run(lambda: office.record.queue.release([advice_id], origin=origin))
    return RedirectResponse(f"/cases/{advice_id}", 303)


def _chosen(request: Request) -> list[str]:
    return sorted({str(value) for value in fields_of(document_of(request), _CHOSEN).values()})


def _row(row: Mapping[str, Any]) -> dict[str, object]:
    return {**{name: row[name] for name in _COLUMNS}, "simulated": bool(row["simulated"])}


ROUTES: Final[Routes] = {
    AS_JSON: as_json,
    AS_CSV: as_csv,
    CHANGED: changed,
    CLAIM: claim,
    RELEASE: release,
    RELEASE_ONE: release_one,
}
