"""Putting a bundle in service from the page of the models: asking, signing, declining, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.clock import SHANGHAI
from models.promotion.refusal import PromotionError
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.control.forms import REASON
from serving.control.promoting import Wanted
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.models.promotion import SentStep
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.models import list_page
from serving.routes.pages.showing import form_of

_NAME: Final = Text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_HOUR: Final = Text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")
_WHY: Final = Field(name="reason", form=Text(REASON), zh="理由，记入上线记录", en="why; kept in the ledger")
_BUNDLE: Final = Field(name="bundle", form=_NAME, zh="模型包", en="the bundle")
_BASE: Final = Field(name="base", form=_NAME, zh="所见的现用模型包", en="the champion that was seen", required=False)
_ASK: Final = (
    _BUNDLE,
    _BASE,
    _WHY,
    Field(name="hour", form=_HOUR, zh="生效时间（北京时间）", en="when it takes effect, Beijing time", required=False),
    Field(name="demo", form=Choice(("yes",)), zh="确认只作演示", en="consent to a demonstration", required=False),
)
_BACK: Final = (_BUNDLE, _BASE, _WHY)
_REQUEST: Final = Parameter(
    name="id", place="path", form=Text(r"[0-9a-f]{64}"), required=True, zh="申请的模型包哈希", en="the bundle's hash"
)
_REPLIES: Final = (Reply(status=303, zh="已办理，回到模型页面", en="done, back to the page"),)
_PROBLEMS: Final = ("FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE", "PROMOTION_REFUSED")
_SECONDS: Final = 90.0
"""A bundle is proven in a process of its own before it may answer."""

ASK: Final = Endpoint(
    method="POST",
    path="/models/requests",
    zh="提出模型上线申请",
    en="ask to put a bundle in service",
    action=Action.MODEL_REQUEST,
    body=form_of(*_ASK),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
    seconds=_SECONDS,
)
SIGN: Final = Endpoint(
    method="POST",
    path="/models/requests/{id}/sign",
    zh="签批模型上线申请",
    en="sign a request to put a bundle in service",
    action=Action.MODEL_SIGN,
    parameters=(_REQUEST,),
    body=form_of(_WHY),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
    seconds=_SECONDS,
)
DECLINE: Final = Endpoint(
    method="POST",
    path="/models/requests/{id}/decline",
    zh="退回或撤回模型上线申请",
    en="decline or withdraw a request to put a bundle in service",
    action=Action.MODEL_REQUEST,
    parameters=(_REQUEST,),
    body=form_of(_WHY),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
    seconds=_SECONDS,
)
ROLL_BACK: Final = Endpoint(
    method="POST",
    path="/models/rollback",
    zh="回滚到上一个现用的模型包",
    en="let the bundle answer again that answered before",
    action=Action.MODEL_ROLLBACK,
    body=form_of(*_BACK),
    pages=True,
    replies=_REPLIES,
    problems=_PROBLEMS,
    seconds=_SECONDS,
)


async def ask(request: Request) -> Response:
    """POST /models/requests."""
    promoting, now = office_of(request).control.promoting, office_of(request).control.clock()

    def work(values: Mapping[str, object], origin: Origin) -> object:
        wanted = Wanted(
            name=str(values["bundle"]),
            base=_base(values),
            reason=str(values["reason"]).strip(),
            hour=_hour(values.get("hour"), now=now),
            demo="demo" in values,
        )
        return promoting.ask(wanted, origin=origin)

    return await _step(request, "ask", _ASK, work)


async def sign(request: Request) -> Response:
    """POST /models/requests/{id}/sign."""
    promoting, sha256 = office_of(request).control.promoting, str(values_in(request)["id"])
    return await _step(
        request, sha256, (_WHY,), lambda values, by: promoting.sign(sha256, str(values["reason"]).strip(), origin=by)
    )


async def decline(request: Request) -> Response:
    """POST /models/requests/{id}/decline."""
    promoting, sha256 = office_of(request).control.promoting, str(values_in(request)["id"])
    return await _step(
        request, sha256, (_WHY,), lambda values, by: promoting.decline(sha256, str(values["reason"]).strip(), origin=by)
    )


async def roll_back(request: Request) -> Response:
    """POST /models/rollback."""
    promoting = office_of(request).control.promoting

    def work(values: Mapping[str, object], origin: Origin) -> None:
        name, reason = str(values["bundle"]), str(values["reason"]).strip()
        promoting.roll_back(name, _base(values), reason, origin=origin)

    return await _step(request, "back", _BACK, work)


async def _step(
    request: Request, form: str, fields: tuple[Field, ...], work: Callable[[Mapping[str, object], Origin], object]
) -> Response:
    """Take a step and go back to the page, or show the page again with what was written and what stands against it."""
    sent = {name: value for name, value in document_of(request).items() if value != ""}
    visit: Visit = request.scope[VISIT]
    try:
        values, origin = fields_of(sent, fields), answers.origin_of(request.scope)
        await office_of(request).control.step(lambda: work(values, origin))
    except ProblemError as error:
        if error.problem.code != "VALIDATION_FAILED":
            raise
        visit.code = error.problem.code
        return await list_page(request, step=SentStep(form=form, values=sent, problem=error), status=422)
    except PromotionError as error:
        visit.code = "PROMOTION_REFUSED"
        return await list_page(request, step=SentStep(form=form, values=sent, refusal=error), status=409)
    return RedirectResponse("/models#promotion", 303)


def _base(values: Mapping[str, object]) -> str | None:
    return str(values["base"]) if "base" in values else None


def _hour(text: object, *, now: datetime) -> datetime | None:
    """Return the hour on the courts' clock, None for at once; refuse one that is over or is none."""
    if text is None:
        return None
    try:
        hour = datetime.fromisoformat(str(text)).replace(tzinfo=SHANGHAI)
    except ValueError:
        hour = now
    if hour <= now:
        why = {"pointer": "/hour", "code": "INVALID", "message": "须为今后的时间", "message_en": "must lie ahead"}
        raise ProblemError("VALIDATION_FAILED", errors=[why])
    return hour


ROUTES: Final[Routes] = {ASK: ask, SIGN: sign, DECLINE: decline, ROLL_BACK: roll_back}
