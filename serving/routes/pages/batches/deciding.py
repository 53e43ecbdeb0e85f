"""Deciding a group on pages: drawn cases are opened, cases set apart, what would happen is shown, then it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.clock import SHANGHAI
from serving.access.actions import Action
from serving.batches.deciding import CHOICES, REASONS, GroupFile
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text, Whole
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.batches.group_page import CASES, Looker, Sight, decision_page, group_page
from serving.pages.choice import language_in
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.batches.importing import BATCH_ID
from serving.routes.pages.cases import names_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown
from serving.routes.scores import SCORE_ID

CODE: Final = Parameter(
    name="code", place="path", form=Text(r"[a-z0-9_]{1,32}"), required=True, zh="分组", en="code of the group"
)
_AFTER: Final = Parameter(name="after", form=Whole(0, 10_000_000), zh="从此行之后", en="lines after this one")
_ADVICE: Final = Field(name="advice", form=SCORE_ID.form, zh="建议编号", en="id of the advice")
_KIND: Final = Field(name="kind", form=Choice(("look", "except", "include")), zh="事项", en="what is noted")
_LANE: Final = Field(name="lane", form=Choice(CHOICES), zh="去向", en="where the cases go")
_DECISION: Final = (
    _LANE,
    Field(name="reason", form=Choice(REASONS), zh="理由", en="why otherwise than advised", required=False),
    Field(name="warnings_checked", form=Choice(("true",)), zh="已核对", en="warnings checked", required=False),
    Field(name="until", form=Text(r"[^\x00-\x1f]{1,40}"), zh="补正期限", en="completed until", required=False),
    Field(name="seal", form=Text(r"[0-9a-f]{32,128}"), zh="所见情况", en="what was shown"),
    Field(name="key", form=Text(answers.KEY_PATTERN), zh="幂等键", en="idempotency key"),
)
_STORED: Final = ("STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED")
_BARRED: Final = ("OPINION_FIRST", "SPOT_CHECK_OPEN", "ONE_BY_ONE")

GROUP: Final = Endpoint(
    method="GET",
    path="/batches/{id}/groups/{code}",
    zh="分组页面",
    en="one group of a batch",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID, CODE, _AFTER, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
MARK: Final = Endpoint(
    method="POST",
    path="/batches/{id}/marks",
    zh="打开抽查案件，或设为逐件例外",
    en="open a drawn case, or set a case apart",
    action=Action.DECISION_CREATE,
    parameters=(BATCH_ID,),
    body=form_of(_ADVICE, _KIND),
    pages=True,
    replies=(Reply(status=303, zh="已记录，转到案件或分组", en="on record, on to the case or the group"),),
    problems=_STORED,
)
PLAN: Final = Endpoint(
    method="POST",
    path="/batches/{id}/groups/{code}/plan",
    zh="核对成批决定，不作决定",
    en="what a decision about a group would do",
    action=Action.DECISION_CREATE,
    parameters=(BATCH_ID, CODE),
    body=form_of(_LANE),
    pages=True,
    replies=(SHOWN,),
    problems=(*_STORED, *_BARRED),
)
DECIDE: Final = Endpoint(
    method="POST",
    path="/batches/{id}/groups/{code}/decision",
    zh="提交成批决定",
    en="decide about a group",
    action=Action.DECISION_CREATE,
    parameters=(BATCH_ID, CODE),
    body=form_of(*_DECISION),
    pages=True,
    replies=(Reply(status=303, zh="已入档，回到分组", en="on record, back to the group"),),
    problems=(*_STORED, *_BARRED, "DECISION_CONFLICT", "IDEMPOTENCY_KEY_REUSED"),
)


async def show_group(request: Request) -> Response:
    """GET /batches/{id}/groups/{code}."""
    return await _group(request, None)


async def mark(request: Request) -> Response:
    """POST /batches/{id}/marks: a drawn case is opened; one that is set apart leads back to its group."""
    values = fields_of(document_of(request), (_ADVICE, _KIND))
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), str(values_in(request)["id"])
    advice_id, kind = str(values["advice"]), values["kind"]
    case = await office.desk.run(
        lambda: office.batches.deciding.mark(batch_id, advice_id, kind, origin=origin)  # type: ignore[arg-type] # the form allows these words alone
    )
    back = f"/batches/{batch_id}/groups/{case['code']}#cases"
    return RedirectResponse(f"/cases/{advice_id}" if kind == "look" else back, 303)


async def plan(request: Request) -> Response:
    """POST /batches/{id}/groups/{code}/plan."""
    try:
        lane = str(fields_of(document_of(request), (_LANE,))["lane"])
    except ProblemError as error:
        if error.problem.code != "VALIDATION_FAILED":
            raise
        return await _group(request, error)
    return await _plan(request, {"lane": lane}, None)


async def decide(request: Request) -> Response:
    """POST /batches/{id}/groups/{code}/decision: back to the group, or again what would happen."""
    sent = {name: str(value) for name, value in document_of(request).items() if value != ""}
    values = {name: str(value) for name, value in fields_of(sent, _DECISION).items()}
    office, origin, file = office_of(request), answers.origin_of(request.scope), await _file(request)
    key = values.pop("key")
    try:
        await office.desk.run(lambda: office.batches.deciding.decide(file, values, key=key, origin=origin))
    except ProblemError as error:
        if error.problem.code not in {"VALIDATION_FAILED", "DECISION_CONFLICT"}:
            raise
        return await _plan(request, values, error)
    return RedirectResponse(f"/batches/{file.batch.id}/groups/{file.group['code']}#decisions", 303)


async def _file(request: Request) -> GroupFile:
    office, origin, values = office_of(request), answers.origin_of(request.scope), values_in(request)
    batch_id, code = str(values["id"]), str(values["code"])
    return await office.desk.run(lambda: office.batches.deciding.group(batch_id, code, origin=origin))


async def _group(request: Request, problem: ProblemError | None) -> Response:
    office, file, after = office_of(request), await _file(request), int(str(values_in(request).get("after", 0)))
    records, code = office.batches.deciding.records, file.group["code"]

    def read() -> tuple[list[Mapping[str, Any]], dict[str, list[Mapping[str, Any]]]]:
        cases = records.cases(file.batch.id, code, after=after, most=CASES + 1)
        return cases, {one["id"]: records.refused(one["id"]) for one in file.decisions if one["refused"]}

    cases, refused = await office.desk.run(read)
    onward = ""
    if len(cases) > CASES:
        onward = f"/batches/{file.batch.id}/groups/{code}?after={cases[CASES - 1]['line']}#cases"
    model = group_page(
        file,
        cases[:CASES],
        refused,
        onward=onward,
        problem=problem,
        looker=await _looker(request, file),
    )
    return await shown(request, "batches/group.html", status=_told(request, problem), page=model)


async def _plan(request: Request, sent: dict[str, str], problem: ProblemError | None) -> Response:
    office, origin, file = office_of(request), answers.origin_of(request.scope), await _file(request)
    found = await office.desk.run(lambda: office.batches.deciding.plan(file, sent["lane"], origin=origin))
    today = office.batches.deciding.clock().astimezone(SHANGHAI).date()
    sight = Sight(language_in(request.scope), today, office.jobs.register())
    model = decision_page(file, found, sent, key=secrets.token_hex(16), problem=problem, sight=sight)
    return await shown(request, "batches/decide.html", status=_told(request, problem), page=model)


def _told(request: Request, problem: ProblemError | None) -> int:
    """Return the status of a page that says what is wrong, and let the log know."""
    if problem is None:
        return 200
    visit: Visit = request.scope[VISIT]
    visit.code = problem.problem.code
    return problem.problem.status


async def _looker(request: Request, file: GroupFile) -> Looker:
    office, principal = office_of(request), principal_of(request)
    actors = {one["by"] for one in (*file.looks, *file.decisions)} | {one["claimed_by"] for one in file.drawn}
    named = await names_in(office, frozenset(actor for actor in actors if actor and actor.startswith("account:")))
    return Looker(
        say=language_in(request.scope),
        named=named,
        may_decide=principal.may(Action.DECISION_CREATE),
        me=principal.actor,
        now=office.batches.deciding.clock(),
    )


ROUTES: Final[Routes] = {GROUP: show_group, MARK: mark, PLAN: plan, DECIDE: decide}
