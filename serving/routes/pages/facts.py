"""Every fact of a case: read with what is personal masked, shown in full for a reason, and put right."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.characters import LINES
from features.register import Stage
from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.case.correction import Asked, corrected, correction_page
from serving.pages.case.known import WHY, Rights, correctable, known_page
from serving.pages.choice import language_in
from serving.record.case_files import CaseFile
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.cases import file_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown
from serving.routes.scores import SCORE_ID, SCORE_PROBLEMS

_NAME: Final = Text(r"[a-z0-9_]{1,64}")
_FIND: Final = Text(r"[^\u0000-\u001f\u007f]{0,40}")
_WHY: Final = (Field(name="why", form=Choice(WHY), zh="查看理由", en="why"),)
_CORRECTION: Final = (
    Field(name="field", form=_NAME, zh="更正哪一项", en="which fact"),
    Field(name="value", form=Text(r"[^\u0000-\u001f\u007f]{1,200}"), zh="正确内容", en="what is right", required=False),
    Field(name="source", form=Text(f"[^{LINES}]{{2,400}}"), zh="依据、来源", en="where it is known from"),
    Field(name="key", form=Text(answers.KEY_PATTERN), zh="幂等键", en="idempotency key"),
)
_PROBLEMS: Final = ("GONE", "STORE_UNAVAILABLE")
_TOLD: Final = frozenset(
    {"VALIDATION_FAILED", "STAGE_DATA_NOT_ALLOWED", "FIELD_NOT_ALLOWED", "RULES_NOT_IN_FORCE", "CORRECTED_BEFORE"}
)
"""Problems that are put right in the form."""

FACTS: Final = Endpoint(
    method="GET",
    path="/cases/{id}/facts",
    zh="案件全部信息页面",
    en="every fact of a case",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_PROBLEMS,
)
IN_FULL: Final = Endpoint(
    method="POST",
    path="/cases/{id}/facts",
    zh="说明理由后查看个人信息（记录在案）",
    en="see personal facts for a reason, which is recorded",
    action=Action.PERSON_REVEAL,
    parameters=(SCORE_ID,),
    body=form_of(*_WHY),
    pages=True,
    replies=(SHOWN,),
    problems=(*_PROBLEMS, "FIELD_NOT_ALLOWED"),
)
FORM: Final = Endpoint(
    method="GET",
    path="/cases/{id}/correction",
    zh="更正案件信息页面",
    en="the correction form",
    action=Action.PERSON_CORRECT,
    parameters=(
        SCORE_ID,
        Parameter(name="field", form=_NAME, zh="更正哪一项", en="which fact"),
        Parameter(name="find", form=_FIND, zh="名称中的字词", en="words of its name"),
        LANG,
    ),
    pages=True,
    replies=(SHOWN,),
    problems=_PROBLEMS,
)
CORRECT: Final = Endpoint(
    method="POST",
    path="/cases/{id}/correction",
    zh="更正一项信息并重新评分，前后两版均保留",
    en="put a fact right and score anew; both versions stay",
    action=Action.PERSON_CORRECT,
    parameters=(SCORE_ID,),
    body=form_of(*_CORRECTION),
    pages=True,
    replies=(Reply(status=303, zh="已重新评分，转到新的建议", en="scored anew, on to the new advice"),),
    problems=(*SCORE_PROBLEMS, "CORRECTED_BEFORE", "NOT_FOUND"),
)


async def show_facts(request: Request) -> Response:
    """GET /cases/{id}/facts."""
    return await _facts(request, await file_in(request), revealed=False)


async def show_in_full(request: Request) -> Response:
    """POST /cases/{id}/facts: the same page once, with what is personal on it."""
    why = str(fields_of(document_of(request), _WHY)["why"])
    advice_id, office, origin = _asked(request), office_of(request), answers.origin_of(request.scope)
    found = await office.desk.run(lambda: office.record.case_files.reveal(advice_id, why, origin=origin))
    return await _facts(request, found, revealed=True)


async def show_form(request: Request) -> Response:
    """GET /cases/{id}/correction."""
    field, find = (str(values_in(request).get(name, "")) for name in ("field", "find"))
    return await _form(request, await file_in(request), Asked(field=field, find=find))


async def correct(request: Request) -> Response:
    """POST /cases/{id}/correction: on to the new advice, or the form again with what has to be put right."""
    document = {name: text for name, text in document_of(request).items() if text != ""}
    found, office, origin = await file_in(request), office_of(request), answers.origin_of(request.scope)
    register = office.jobs.register()
    field, value, source = (str(document.get(name, "")) for name in ("field", "value", "source"))
    asked = Asked(field, value=value, source=source)
    if asked.field not in register or not correctable(register[asked.field], Stage(found.answer["stage"])):
        raise ProblemError("NOT_FOUND")
    reason = f"{register[asked.field].zh}：{asked.source}"
    try:
        anew = corrected(found, asked.field, asked.value, register)
        key = str(fields_of(document, _CORRECTION)["key"])
        stored = await office.desk.run(
            lambda: office.record.correcting.correct(_asked(request), anew, reason, key=key, origin=origin)
        )
    except ProblemError as error:
        if error.problem.code not in _TOLD:
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        return await _form(request, found, replace(asked, problem=error), status=error.problem.status)
    return RedirectResponse(f"/cases/{stored.id}", 303)


async def _facts(request: Request, found: CaseFile, *, revealed: bool) -> Response:
    principal = principal_of(request)
    rights = Rights(
        revealed=revealed,
        may_reveal=principal.may(Action.PERSON_REVEAL),
        may_correct=principal.may(Action.PERSON_CORRECT),
    )
    model = known_page(found, office_of(request).jobs.register(), rights, language_in(request.scope))
    return await shown(request, "case/facts.html", page=model)


async def _form(request: Request, found: CaseFile, asked: Asked, *, status: int = 200) -> Response:
    register, say = office_of(request).jobs.register(), language_in(request.scope)
    model = correction_page(found, asked, key=secrets.token_hex(16), register=register, say=say)
    return await shown(request, "case/correction.html", status=status, page=model)


def _asked(request: Request) -> str:
    return str(values_in(request)["id"])


ROUTES: Final[Routes] = {FACTS: show_facts, IN_FULL: show_in_full, FORM: show_form, CORRECT: correct}
