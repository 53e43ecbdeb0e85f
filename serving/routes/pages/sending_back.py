"""Sending one case back for completion from its page: the form, and the letter that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.batches.completing import PAPERS, Alone
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.case.send_back import Typed, send_back_page
from serving.pages.choice import language_in
from serving.record.case_files import CaseFile
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.cases import file_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown
from serving.routes.scores import SCORE_ID

_TICK: Final = Choice(("true",))
_FORM: Final = (
    *(Field(name=f"paper_{code}", form=_TICK, zh=zh, en=en, required=False) for code, (zh, en) in PAPERS.items()),
    Field(name="until", form=Text(r"[^\x00-\x1f]{0,40}"), zh="补正期限", en="completed until", required=False),
    Field(name="tag", form=Text(r'"[a-z0-9-]{1,48}"'), zh="所见情况", en="the state that was seen"),
)
_PROBLEMS: Final = ("GONE", "STORE_UNAVAILABLE")
_TOLD: Final = frozenset({"VALIDATION_FAILED", "DECISION_CONFLICT", "CASE_TAKEN"})

FORM: Final = Endpoint(
    method="GET",
    path="/cases/{id}/send-back",
    zh="退回补正页面",
    en="the form that sends a case back for completion",
    action=Action.COMPLETION_ASK,
    parameters=(SCORE_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_PROBLEMS,
)
SEND_BACK: Final = Endpoint(
    method="POST",
    path="/cases/{id}/send-back",
    zh="退回补正",
    en="send a case back for completion",
    action=Action.COMPLETION_ASK,
    parameters=(SCORE_ID,),
    body=form_of(*_FORM),
    pages=True,
    replies=(Reply(status=303, zh="已入档，转到告知书", en="on record, on to the letter"),),
    problems=(*_PROBLEMS, "FIELD_NOT_ALLOWED", "DECISION_CONFLICT", "CASE_TAKEN"),
)


async def show_form(request: Request) -> Response:
    """GET /cases/{id}/send-back."""
    return await _shown(request, await file_in(request), Typed())


async def send_back(request: Request) -> Response:
    """POST /cases/{id}/send-back: on to the letter, or the form again with what has to be put right."""
    found, sent = await file_in(request), dict(document_of(request))
    office, origin = office_of(request), answers.origin_of(request.scope)
    try:
        values = fields_of(sent, _FORM)
        _require_free(found, origin.by.actor)
        asked = Alone(
            advice_id=found.answer["id"], application_id=found.answer["application_id"],
            court_code=found.answer["court_code"], tag=str(values["tag"]),
            until=str(values.get("until", "")).strip(), papers=_ticked(values),
        )  # fmt: skip
        await office.desk.run(lambda: office.batches.deciding.completing.send_back_alone(asked, origin=origin))
    except ProblemError as error:
        if error.problem.code not in _TOLD:
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        typed = Typed(papers=_ticked(sent), until=str(sent.get("until", "")), problem=error)
        return await _shown(request, await file_in(request), typed)
    return RedirectResponse(f"/cases/{found.answer['id']}/completion", 303)


def _require_free(found: CaseFile, me: str) -> None:
    if found.holder is not None and found.holder["claimed_by"] != me:
        raise ProblemError("CASE_TAKEN")


def _ticked(values: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(code for code in PAPERS if f"paper_{code}" in values)


async def _shown(request: Request, found: CaseFile, typed: Typed) -> Response:
    office, advice_id = office_of(request), found.answer["id"]
    completing = office.batches.deciding.completing
    lacking = await office.desk.run(lambda: completing.lacking([advice_id]).get(advice_id, ()))
    page = send_back_page(
        found, lacking, typed, register=office.jobs.register(), say=language_in(request.scope)
    )  # fmt: skip
    status = 200 if typed.problem is None else typed.problem.problem.status
    return await shown(request, "case/send_back.html", status=status, page=page)


ROUTES: Final[Routes] = {FORM: show_form, SEND_BACK: send_back}
