"""Hints of the intake form: what is filled in so far is judged by the rules, shown, and put on no record."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint
from serving.door.guard import principal_of
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.intake import APPLICATION, NAMES, document_of_form, faults_of
from serving.pages.intake_hints import Hints, hints_of
from serving.record.viewing import tells_a_score
from serving.routes.binding import Routes
from serving.routes.pages.intake import FIELDS, TOLD, form_again, received_at, sent_in
from serving.routes.pages.showing import SHOWN, form_of
from serving.routes.scores import SCORE_PROBLEMS

_UNNUMBERED: Final = "-"
"""Stands for the number of an application that has none yet."""

CHECK: Final = Endpoint(
    method="POST",
    path="/intake/check",
    zh="新收登记的即时提示，不入档",
    en="hints on the intake form; nothing is recorded",
    action=Action.SCORE_PREVIEW,
    body=form_of(*FIELDS),
    pages=True,
    replies=(SHOWN,),
    problems=SCORE_PROBLEMS,
)


async def check(request: Request) -> Response:
    """POST /intake/check: the form as it was sent, with what rules and deadlines say of it."""
    sent = sent_in(request)
    return await form_again(request, sent.values, None, hidden=sent.hidden, hints=await _hints(request, sent.values))


async def _hints(request: Request, values: dict[str, str]) -> Hints:
    office, say, register = office_of(request), language_in(request.scope), office_of(request).jobs.register()
    opened = sent_in(request).hidden.opened
    try:
        now = received_at(office, opened)
        answer, told = await _answer(request, _complete(request, values), now)
    except ProblemError as error:
        if error.problem.code not in TOLD:
            raise
        return Hints(
            judged=False, faults=tuple(one for one in faults_of(error, register, say) if values.get(one.field))
        )
    rules = [rule for rule in answer["rules"] if not tells_a_score(rule)]
    faults = () if told is None else faults_of(told, register, say)
    today = datetime.fromisoformat(now).date()
    return hints_of(rules, answer["deadlines"], today=today, register=register, faults=faults, say=say)


def _complete(request: Request, values: dict[str, str]) -> dict[str, str]:
    """Return the fields with a number where none is filled in yet, and the only court there is for this person."""
    courts = sorted(principal_of(request).courts.codes or ())
    court = values.get("court_code") or (courts[0] if len(courts) == 1 else "")
    if court and court not in principal_of(request).courts:
        raise ProblemError("PERMISSION_DENIED", errors=[_FOREIGN])
    return {**values, "application_id": values.get("application_id") or _UNNUMBERED, "court_code": court}


async def _answer(request: Request, values: dict[str, str], now: str) -> tuple[dict[str, Any], ProblemError | None]:
    """Return the answer on what is filled in, without fields that are wrong, and what is wrong with those."""
    try:
        return await _previewed(request, values, now), None
    except ProblemError as error:
        wrong = {str(one["pointer"]).rpartition("/")[2] for one in error.errors} & {*NAMES} - {*APPLICATION}
        if not wrong:
            raise
        rest = {name: text for name, text in values.items() if name not in wrong}
        return await _previewed(request, rest, now), error


async def _previewed(request: Request, values: dict[str, str], now: str) -> dict[str, Any]:
    office, origin = office_of(request), answers.origin_of(request.scope)
    asked = {**document_of_form(values, office.jobs.register(), now=now), "explain": {"reasons": 0, "flips": 0}}
    found: dict[str, Any] = json.loads(await office.desk.preview(asked, origin=origin))
    return found


_FOREIGN: Final = {
    "pointer": "/court_code",
    "code": "PERMISSION_DENIED",
    "message": "该法院不在您的权限范围内",
    "message_en": "this court is not among yours",
}

ROUTES: Final[Routes] = {CHECK: check}
