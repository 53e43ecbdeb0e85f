"""Another urging window on the settings page: asking for it, signing, declining, and taking back what has not begun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.settings.page import Sent
from serving.record.urging.window import Asked, Step
from serving.routes.binding import Routes
from serving.routes.court_settings import REASON
from serving.routes.documents import Field, fields_of
from serving.routes.pages.settings import COURT_FIELD, page_of_settings
from serving.routes.pages.showing import form_of

_TYPED: Final = Text(r"[^\x00-\x1f]{0,40}")
_ASK: Final = (
    COURT_FIELD,
    Field(name="days", form=_TYPED, zh="督促期（日）", en="urging window in days"),
    Field(name="from", form=_TYPED, zh="施行日", en="first day"),
    REASON,
)
_STEP: Final = (
    COURT_FIELD,
    Field(name="seen", form=Choice(("ask", "sign")), zh="所见状态", en="how it stood when it was seen"),
    REASON,
)
_ID: Final = Parameter(
    name="id", place="path", form=Text(r"UW-[0-9]{8}-[0-9]{6}"), required=True, zh="申请编号", en="the request's id"
)
_REPLIES: Final = (Reply(status=303, zh="已办理，回到设置页面", en="done, back to the settings"),)
_PROBLEMS: Final = ("NOT_FOUND", "STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED", "PRECONDITION_FAILED")
_TOLD: Final = frozenset({"VALIDATION_FAILED", "PRECONDITION_FAILED"})

ASK: Final = Endpoint(
    method="POST",
    path="/settings/window",
    zh="申请变更督促期",
    en="ask for another urging window",
    action=Action.COURT_CONFIGURE,
    body=form_of(*_ASK),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
)
SIGN: Final = Endpoint(
    method="POST",
    path="/settings/window/{id}/sign",
    zh="签署督促期变更申请",
    en="sign a request for another urging window",
    action=Action.COURT_SIGN,
    parameters=(_ID,),
    body=form_of(*_STEP),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
)
DECLINE: Final = Endpoint(
    method="POST",
    path="/settings/window/{id}/decline",
    zh="退回督促期变更申请，或者撤回已签署而未施行的",
    en="decline a request for another urging window, or take back a signed one that has not begun",
    action=Action.COURT_SIGN,
    parameters=(_ID,),
    body=form_of(*_STEP),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
)
WITHDRAW: Final = Endpoint(
    method="POST",
    path="/settings/window/{id}/withdraw",
    zh="撤回督促期变更申请，或者撤回已签署而未施行的",
    en="withdraw a request for another urging window, or take back a signed one that has not begun",
    action=Action.COURT_CONFIGURE,
    parameters=(_ID,),
    body=form_of(*_STEP),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
)


async def ask(request: Request) -> Response:
    """POST /settings/window."""
    windows = office_of(request).record.windows

    def work(court: str, values: dict[str, str], origin: Origin) -> None:
        asked = Asked(court=court, days=values["days"].strip(), day=values["from"].strip(), reason=values["reason"])
        windows.ask(asked, origin=origin)

    return await _done(request, _ASK, work)


async def sign(request: Request) -> Response:
    """POST /settings/window/{id}/sign."""
    return await _step(request, office_of(request).record.windows.sign)


async def decline(request: Request) -> Response:
    """POST /settings/window/{id}/decline."""
    return await _step(request, office_of(request).record.windows.decline)


async def withdraw(request: Request) -> Response:
    """POST /settings/window/{id}/withdraw."""
    return await _step(request, office_of(request).record.windows.withdraw)


async def _step(request: Request, take: Callable[..., None]) -> Response:
    request_id = str(values_in(request)["id"])

    def work(court: str, values: dict[str, str], origin: Origin) -> None:
        step = Step(court=court, request_id=request_id, seen=values["seen"], reason=values["reason"])
        take(step, origin=origin)

    return await _done(request, _STEP, work)


async def _done(
    request: Request, fields: tuple[Field, ...], work: Callable[[str, dict[str, str], Origin], None]
) -> Response:
    """Do the work and go back to the page, or show the page again with what was typed in and what stands against it."""
    office, origin, sent = office_of(request), answers.origin_of(request.scope), dict(document_of(request))
    court = await office.desk.run(lambda: office.record.looking.court_of(str(sent.get("court", "")), origin))
    try:
        values = fields_of({name: value for name, value in sent.items() if name != "reason" or value}, fields)
        typed = {name: str(value) for name, value in values.items()}
        await office.desk.run(lambda: work(court, typed, origin))
    except ProblemError as error:
        if error.problem.code not in _TOLD:
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        kept = {f"window_{field}": value for field, value in sent.items()}
        return await page_of_settings(request, court, sent=Sent(fields=kept, problem=_placed(error), window=True))
    return RedirectResponse("/settings?" + urlencode({"court": court}) + "#window", 303)


def _placed(error: ProblemError) -> ProblemError:
    """Return the same faults, at the fields of this form."""
    errors = [{**one, "pointer": "/window_" + str(one["pointer"]).lstrip("/")} for one in error.errors]
    return ProblemError(error.problem.code, errors=errors)


ROUTES: Final[Routes] = {ASK: ask, SIGN: sign, DECLINE: decline, WITHDRAW: withdraw}
