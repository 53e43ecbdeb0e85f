"""The pages of the models: what answers and how honest it is, in full and on one page, and the stop switch's form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.register import Stage
from serving.access.actions import Action
from serving.control.dossier import Dossier
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Parameter, Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.models.brief import brief_page
from serving.pages.models.page import Looking, models_page, score_page
from serving.pages.models.promotion import NOTHING_ASKED, SentStep
from serving.pages.models.switch import NOTHING_SENT, SentTurn
from serving.routes.binding import Routes
from serving.routes.documents import fields_of
from serving.routes.models import TURN_FIELDS, turn_of
from serving.routes.pages.cases import names_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, shell_in, shown

_SCORE: Final = Parameter(
    name="score",
    place="path",
    form=Text(r"[AB]\.[a-z][a-z_]{1,40}"),
    required=True,
    zh="阶段和分数，如 A.ability",
    en="stage and score, as A.ability",
)

_PART: Final = Parameter(
    name="part",
    form=Text(r"(?:(?:court|cause_family|year):[^\x00-\x20\x7f<>&]{1,40})?"),
    zh="只看一个法院、案由类别或年份的校准，如 year:2026",
    en="calibration in one court, family of causes or year alone, as year:2026",
)

MODELS: Final = Endpoint(
    method="GET",
    path="/models",
    zh="模型页面",
    en="the page of the models",
    action=Action.MODEL_READ,
    parameters=(LANG,),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
SCORE: Final = Endpoint(
    method="GET",
    path="/models/{score}",
    zh="一个分数的模型页面",
    en="the model page of one score",
    action=Action.MODEL_READ,
    parameters=(_SCORE, _PART, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
BRIEF: Final = Endpoint(
    method="GET",
    path="/models/{score}/brief",
    zh="一个分数的领导一页",
    en="one score on one page for the leadership",
    action=Action.MODEL_READ,
    parameters=(_SCORE, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
SWITCH: Final = Endpoint(
    method="POST",
    path="/models/switch",
    zh="在模型页面停用或恢复模型",
    en="switch models off or on from the page",
    action=Action.MODEL_SWITCH,
    body=form_of(*TURN_FIELDS),
    pages=True,
    replies=(Reply(status=303, zh="已切换，回到模型页面", en="switched, back to the page"),),
    problems=("FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)


async def show_models(request: Request) -> Response:
    """GET /models."""
    return await list_page(request)


async def show_score(request: Request) -> Response:
    """GET /models/{score}."""
    stage, name = _asked(request)
    found = await _dossier(request, stage)
    part = str(values_in(request).get("part", ""))
    page = score_page(found, stage, name, await _looking(request, found), part=part)
    if page is None:
        raise ProblemError("NOT_FOUND")
    return await shown(request, "models/score.html", page=page)


async def show_brief(request: Request) -> Response:
    """GET /models/{score}/brief."""
    stage, name = _asked(request)
    found = await _dossier(request, stage)
    page = brief_page(found, stage, name, await _looking(request, found))
    if page is None:
        raise ProblemError("NOT_FOUND")
    return await shown(request, "models/brief.html", page=page)


async def turn_switch(request: Request) -> Response:
    """POST /models/switch: back to the page, or the page again with what has to be put right."""
    sent = {name: value for name, value in document_of(request).items() if value != ""}
    try:
        turn = turn_of(fields_of(sent, TURN_FIELDS))
        await office_of(request).control.turn(turn, origin=answers.origin_of(request.scope))
    except ProblemError as error:
        if error.problem.code not in {"VALIDATION_FAILED", "PERMISSION_DENIED"}:
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        status = error.problem.status
        return await list_page(request, turn=SentTurn(values=sent, problem=error), status=status)
    return RedirectResponse("/models#switch", 303)


async def list_page(
    request: Request, *, turn: SentTurn = NOTHING_SENT, step: SentStep = NOTHING_ASKED, status: int = 200
) -> Response:
    """Return the list page, with what somebody sent in and what stands against it."""
    found = await _dossier(request, None)
    page = models_page(found, await _looking(request, found), turn=turn, step=step)
    return await shown(request, "models/list.html", status=status, page=page)


async def _dossier(request: Request, stage: Stage | None) -> Dossier:
    return await office_of(request).control.dossier(stage, origin=answers.origin_of(request.scope))


async def _looking(request: Request, found: Dossier) -> Looking:
    office = office_of(request)
    return Looking(
        principal=principal_of(request),
        named=await names_in(office, _people(turn.by for turn in found.turns)),
        today=office.control.clock().date(),
        now=office.control.clock(),
        say=(await shell_in(request)).say,
    )


def _people(actors: Iterable[str]) -> frozenset[str]:
    return frozenset(actor for actor in actors if actor.startswith("account:"))


def _asked(request: Request) -> tuple[Stage, str]:
    stage, _, name = str(values_in(request)["score"]).partition(".")
    return Stage(stage), name


ROUTES: Final[Routes] = {MODELS: show_models, SCORE: show_score, BRIEF: show_brief, SWITCH: turn_switch}
