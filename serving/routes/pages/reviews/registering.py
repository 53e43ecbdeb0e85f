"""The form by which the counter puts a party's request for a human review on record."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.clock import SHANGHAI
from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Parameter, Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.reviews.registering import Registering, register_page, wrong_number
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.human_reviews import ADVICE_ID, REQUEST_FIELDS
from serving.routes.pages.reviews.answering import KEY_FIELD, filled
from serving.routes.pages.reviews.looking import simulated_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown

_NUMBER: Final = Text(r"[^\u0000-\u001f\u007f]{1,200}")
_NUMBER_FIELD: Final = Field(name="number", form=_NUMBER, zh="申请编号、案号", en="number of the application")
_ABOUT_CASE: Final = (*(replace(one, required=True) for one in REQUEST_FIELDS), KEY_FIELD)
_BY_NUMBER: Final = (_NUMBER_FIELD, *(one for one in _ABOUT_CASE if one.name != "advice_id"))
_EITHER: Final = (
    *(replace(one, required=one.name not in {"advice_id", "number"}) for one in (_ABOUT_CASE[0], *_BY_NUMBER)),
)

FORM: Final = Endpoint(
    method="GET",
    path="/reviews/new",
    zh="登记人工复核请求的页面",
    en="the form for a request for a human review",
    action=Action.REVIEW_REQUEST,
    parameters=(Parameter(name="advice_id", form=ADVICE_ID, zh="建议编号", en="id of the advice"), LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("NOT_FOUND", "STORE_UNAVAILABLE"),
)
REGISTER: Final = Endpoint(
    method="POST",
    path="/reviews",
    zh="在页面上登记人工复核请求",
    en="put a request for a human review on record from the form",
    action=Action.REVIEW_REQUEST,
    body=form_of(*_EITHER),
    pages=True,
    replies=(Reply(status=303, zh="已登记，转到该请求", en="on record, on to the request"),),
    problems=("NOT_FOUND", "FIELD_NOT_ALLOWED", "IDEMPOTENCY_KEY_REUSED", "STORE_UNAVAILABLE"),
)


async def show_form(request: Request) -> Response:
    """GET /reviews/new: about the case of an answer, or with a number to be typed."""
    return await _form(request, {}, None, advice_id=str(values_in(request).get("advice_id", "")))


async def register(request: Request) -> Response:
    """POST /reviews: on to the request, or the form again with what has to be put right."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    sent = filled(document_of(request))
    advice_id = str(sent.get("advice_id", ""))
    try:
        asked = fields_of(sent, _ABOUT_CASE if advice_id else _BY_NUMBER)
        key = str(asked.pop("key"))
        if not advice_id:
            asked["advice_id"] = await _advice_of(request, str(asked.pop("number")))
        found = await office.desk.run(lambda: office.people.reviewing.request(asked, key=key, origin=origin))
    except ProblemError as error:
        if error.problem.code != "VALIDATION_FAILED":
            raise
        return await _form(request, sent, error, advice_id=advice_id)
    return RedirectResponse(f"/reviews/{found.row['id']}", 303)


async def _form(
    request: Request, sent: Mapping[str, object], problem: ProblemError | None, *, advice_id: str
) -> Response:
    about = (await _answers_about(request, advice_id))[:1] if advice_id else []
    if advice_id and not about:
        raise ProblemError("NOT_FOUND")
    today = office_of(request).people.reviewing.clock().astimezone(SHANGHAI).date().isoformat()
    form = Registering(
        about=about[0] if about else None, today=today, key=secrets.token_hex(16), say=language_in(request.scope)
    )
    status = 200
    if problem is not None:
        visit: Visit = request.scope[VISIT]
        visit.code, status = problem.problem.code, problem.problem.status
    model = register_page(sent, problem, form)
    return await shown(request, "reviews/register.html", status=status, page=model, simulated=simulated_in(request))


async def _advice_of(request: Request, number: str) -> str:
    """Return the newest answer of the one case with this number."""
    found = await _answers_about(request, number)
    if len(found) != 1:
        raise wrong_number(found)
    return str(found[0]["id"])


async def _answers_about(request: Request, typed: str) -> Sequence[Mapping[str, Any]]:
    office, origin = office_of(request), answers.origin_of(request.scope)
    return await office.desk.run(lambda: office.people.reviewing.answers_about(typed, origin=origin))


ROUTES: Final[Routes] = {FORM: show_form, REGISTER: register}
