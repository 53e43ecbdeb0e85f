"""The settings of a court as pages: what is in force, the form that changes it, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import KIB, Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Parameter, Text, Whole
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.settings.changes import entries
from serving.pages.settings.page import Asked, Sent, settings_page
from serving.pages.settings.window import Reader, item_of, window_block
from serving.repositories.court_settings import Version
from serving.repositories.indicators.figures import COUNTED
from serving.repositories.urging.windows import WindowRequest
from serving.routes.binding import Routes
from serving.routes.court_settings import BASE, CONTACT, COURT_NAME, MODE, REASON, TEAMS
from serving.routes.documents import Field, fields_of
from serving.routes.pages.cases import names_in
from serving.routes.pages.indicators import COURT
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown

_END: Final = Text(r"[0-9]{0,5}(?:\.[0-9]{1,2})?")
_ENDS: Final = tuple(
    Field(
        name=f"{side}_{one.id}", form=_END, zh="数字，至多两位小数", en="a number, two decimals at most", required=False
    )
    for one in COUNTED
    for side in ("low", "high")
)
COURT_FIELD: Final = Field(name="court", form=Text(r"[^/:\u0000-\u0020\u007f]{1,20}"), zh="法院代字", en="court code")
_SEEN: Final = Field(name="version", form=Text(r"[0-9]{1,9}"), zh="所见版本", en="the version that was seen")
_FORM: Final = (MODE, BASE, COURT_NAME, CONTACT, TEAMS, REASON, COURT_FIELD, _SEEN, *_ENDS)
_DONE: Final = Parameter(name="done", form=Whole(0, 1), zh="刚才已变更", en="was changed just now")
_TOLD: Final = frozenset({"VALIDATION_FAILED", "PRECONDITION_FAILED"})
_STORED: Final = ("NOT_FOUND", "STORE_UNAVAILABLE")

SETTINGS: Final = Endpoint(
    method="GET",
    path="/settings",
    zh="本院设置页面",
    en="the settings of a court",
    action=Action.RULES_READ,
    parameters=(COURT, _DONE, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)
HISTORY: Final = Endpoint(
    method="GET",
    path="/settings/history",
    zh="本院设置的变更经过",
    en="how a court's settings were changed",
    action=Action.RULES_READ,
    parameters=(COURT, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)
CHANGE: Final = Endpoint(
    method="POST",
    path="/settings",
    zh="变更本院设置",
    en="change a court's settings",
    action=Action.COURT_CONFIGURE,
    body=replace(form_of(*_FORM), most_bytes=256 * KIB),
    pages=True,
    replies=(Reply(status=303, zh="已变更，回到设置页面", en="changed, back to the settings"),),
    problems=(*_STORED, "FIELD_NOT_ALLOWED", "PRECONDITION_FAILED"),
)


async def show_settings(request: Request) -> Response:
    """GET /settings."""
    values = values_in(request)
    return await page_of_settings(request, str(values.get("court", "")), done=str(values.get("done", 0)) == "1")


async def show_history(request: Request) -> Response:
    """GET /settings/history."""
    versions, requests = await _recorded(request, str(values_in(request).get("court", "")))
    reader = await _reader(request, versions, requests)
    rows = entries(versions, named=reader.named, say=reader.say)
    windows = tuple(item_of(one, reader=reader) for one in requests)
    return await shown(request, "settings/history.html", rows=rows, windows=windows, court=versions[0].court_code)


async def change(request: Request) -> Response:
    """POST /settings: back to the page, or the page again with what was typed in and what stood against it."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    sent = dict(document_of(request))
    court = str(sent.get("court", ""))
    try:
        values = fields_of({name: value for name, value in sent.items() if name != "reason" or value}, _FORM)
        seen = str(values["version"])
        changes = _changes(values)
        reason = str(values["reason"])
        await office.desk.run(
            lambda: office.record.settings.set(
                court, changes, reason, unchanged=lambda n: str(n) == seen, origin=origin
            )
        )
    except ProblemError as error:
        if error.problem.code not in _TOLD or not await _has_court(request, court):
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        return await page_of_settings(request, court, sent=Sent(fields=sent, problem=error))
    return RedirectResponse("/settings?" + urlencode({"court": court, "done": 1}), 303)


def _changes(values: dict[str, object]) -> dict[str, object]:
    """Return what the form says, as settings are kept: intervals in one list, lines of teams ended as on paper."""
    intervals = []
    for one in COUNTED:
        low, high = (str(values.get(f"{side}_{one.id}", "")) for side in ("low", "high"))
        if low or high:
            intervals.append(f"{one.id}={low}~{high}")
    found: dict[str, object] = {
        field.name: values[field.name] for field in (MODE, BASE, COURT_NAME, CONTACT) if field.name in values
    }
    if "teams" in values:
        found["teams"] = str(values["teams"]).replace("\r\n", "\n").strip("\n")
    return {**found, "intervals": intervals}


async def _has_court(request: Request, court: str) -> bool:
    """Whether a court is named or the reader belongs to one; a new service knows none by itself."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    return bool(court or await office.desk.run(lambda: office.record.looking.courts(origin)))


async def page_of_settings(request: Request, court: str, *, sent: Sent | None = None, done: bool = False) -> Response:
    """Return the page; with a form that was sent and not taken, as it was typed in and with what stood against it."""
    if not await _has_court(request, court):
        return await shown(request, "settings/none.html")
    office, origin = office_of(request), answers.origin_of(request.scope)
    versions, requests = await _recorded(request, court)
    reader, code = await _reader(request, versions, requests), versions[0].court_code
    fields = {} if sent is None else sent.fields
    asked = Asked(
        say=reader.say,
        named=reader.named,
        may_change=principal_of(request).may(Action.COURT_CONFIGURE),
        courts=await office.desk.run(lambda: office.record.looking.courts(origin)),
        window=window_block(office.shown().windowed(code), requests, court=code, reader=reader, fields=fields),
    )
    status = 200 if sent is None else sent.problem.problem.status
    model = settings_page(versions, asked=asked, sent=sent, done=done)
    return await shown(request, "settings/settings.html", status=status, page=model)


async def _recorded(request: Request, court: str) -> tuple[Sequence[Version], Sequence[WindowRequest]]:
    """Return every version of a court's settings, and every urging window that was asked for, the newest first."""
    office, origin = office_of(request), answers.origin_of(request.scope)

    def work() -> tuple[list[Version], tuple[WindowRequest, ...]]:
        settings, looking = office.record.settings, office.record.looking
        code = looking.court_of(court, origin)
        return settings.history(code, origin=origin), office.record.windows.of(code)

    return await office.desk.run(work)


async def _reader(request: Request, versions: Sequence[Version], requests: Sequence[WindowRequest]) -> Reader:
    office = office_of(request)
    actors = {one.set_by for one in versions} | {str(step["by"]) for one in requests for step in one.steps}
    return Reader(
        principal=principal_of(request),
        now=office.record.windows.clock(),
        say=language_in(request.scope),
        named=await names_in(office, frozenset(one for one in actors if one.startswith("account:"))),
    )


ROUTES: Final[Routes] = {SETTINGS: show_settings, HISTORY: show_history, CHANGE: change}
