"""The case page: a judge reads, asks for the predictions, decides and takes back, all of it by plain forms."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Text
from serving.door.problems import ProblemError
from serving.office import Office, office_of
from serving.pages.case.decision import NOTHING_SENT, Sent
from serving.pages.case.history import Named
from serving.pages.case.page import Reader, case_page
from serving.pages.case.reasons import subjects_of
from serving.record.case_files import CaseFile
from serving.record.decisions import LANES, REASONS
from serving.repositories.comparison.marks import Kind
from serving.routes.binding import Routes
from serving.routes.decisions import DECISION_ID, NOTE
from serving.routes.documents import Field, fields_of
from serving.routes.pages.showing import LANG, SHOWN, form_of, model_state, shell_in, shown
from serving.routes.scores import SCORE_ID

_KEY: Final = Field(name="key", form=Text(answers.KEY_PATTERN), zh="幂等键", en="idempotency key")
_TAG: Final = Field(name="tag", form=Text(r'"[a-z0-9-]{1,48}"'), zh="所见情况", en="the state that was seen")
_LANE: Final = Field(name="lane", form=Choice(LANES), zh="去向", en="where the case goes")
_DECISION: Final = (
    _LANE,
    Field(name="reason", form=Choice(REASONS), zh="与建议不一致的理由", en="why otherwise", required=False),
    Field(name="note", form=NOTE, zh="补充说明", en="remark", required=False),
    Field(name="warnings_checked", form=Choice(("true",)), zh="已核对", en="warnings checked", required=False),
    _TAG,
    _KEY,
)
_WITHDRAWAL: Final = (
    Field(name="decision", form=DECISION_ID.form, zh="决定编号", en="id of the decision"),
    _TAG,
    _KEY,
)
_ON: Final = (Reply(status=303, zh="已入档，回到案件页面", en="on record, back to the case"),)
_STORED: Final = ("GONE", "STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED")
_MARK: Final = (
    Field(name="kind", form=Choice(("reason", "similar")), zh="标注的是理由还是案件", en="what is marked"),
    Field(name="subject", form=Text(r"[A-Za-z0-9_./-]{1,200}"), zh="哪一条", en="which one"),
    Field(name="stands", form=Choice(("true", "false")), zh="标注还是取消", en="marked, or taken back"),
)


CASE: Final = Endpoint(
    method="GET",
    path="/cases/{id}",
    zh="案件页面",
    en="the case page",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)
REVEAL: Final = Endpoint(
    method="POST",
    path="/cases/{id}/reveal",
    zh="在案件页面查看预测",
    en="look at the predictions on the case page",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID,),
    body=form_of(),
    pages=True,
    replies=_ON,
    problems=(*_STORED, "OPINION_FIRST"),
)
OPINION: Final = Endpoint(
    method="POST",
    path="/cases/{id}/opinion",
    zh="在案件页面写初步意见",
    en="give an opinion on the case page",
    action=Action.DECISION_CREATE,
    parameters=(SCORE_ID,),
    body=form_of(_LANE),
    pages=True,
    replies=_ON,
    problems=(*_STORED, "OPINION_GIVEN"),
)
DECIDE: Final = Endpoint(
    method="POST",
    path="/cases/{id}/decision",
    zh="在案件页面作出决定",
    en="decide on the case page",
    action=Action.DECISION_CREATE,
    parameters=(SCORE_ID,),
    body=form_of(*_DECISION),
    pages=True,
    replies=_ON,
    problems=(*_STORED, "OPINION_FIRST", "DECISION_CONFLICT", "IDEMPOTENCY_KEY_REUSED"),
)
WITHDRAW: Final = Endpoint(
    method="POST",
    path="/cases/{id}/withdrawal",
    zh="在案件页面撤回决定",
    en="take a decision back on the case page",
    action=Action.DECISION_CREATE,
    parameters=(SCORE_ID,),
    body=form_of(*_WITHDRAWAL),
    pages=True,
    replies=_ON,
    problems=(*_STORED, "DECISION_CONFLICT", "WITHDRAWAL_TOO_LATE", "IDEMPOTENCY_KEY_REUSED"),
)
MARK: Final = Endpoint(
    method="POST",
    path="/cases/{id}/mark",
    zh="标注与案情不符的理由、不相近的案件",
    en="mark a reason that does not fit, or a case that is not similar",
    action=Action.DECISION_CREATE,
    parameters=(SCORE_ID,),
    body=form_of(*_MARK),
    pages=True,
    replies=_ON,
    problems=(*_STORED, "NOT_FOUND"),
)
FILED: Final = Endpoint(
    method="POST",
    path="/cases/{id}/filed",
    zh="登记转立案的案件已立案",
    en="note that a converted case has been filed",
    action=Action.OUTCOME_CREATE,
    parameters=(SCORE_ID,),
    body=form_of(_KEY),
    pages=True,
    replies=_ON,
    problems=(*_STORED, "NOT_FOUND", "IDEMPOTENCY_KEY_REUSED"),
)


async def show_case(request: Request) -> Response:
    """GET /cases/{id}."""
    return await _case(request, NOTHING_SENT)


async def reveal(request: Request) -> Response:
    """POST /cases/{id}/reveal."""
    fields_of(document_of(request), ())
    advice_id, office, origin = _asked(request), office_of(request), answers.origin_of(request.scope)
    await office.desk.run(lambda: office.record.viewing.reveal(advice_id, origin=origin))
    return _back(request, "scores")


async def opinion(request: Request) -> Response:
    """POST /cases/{id}/opinion."""
    lane = str(fields_of(document_of(request), (_LANE,))["lane"])
    advice_id, office, origin = _asked(request), office_of(request), answers.origin_of(request.scope)
    await office.desk.run(lambda: office.record.viewing.opinion(advice_id, lane, origin=origin))
    return _back(request, "scores")


async def decide(request: Request) -> Response:
    """POST /cases/{id}/decision: back to the case, or the page again with what has to be put right."""
    sent = _filled(document_of(request))
    office, origin = office_of(request), answers.origin_of(request.scope)
    try:
        values = fields_of(sent, _DECISION)
        tag, key = str(values.pop("tag")), str(values.pop("key"))
        asked = {**values, "advice_id": _asked(request), "warnings_checked": "warnings_checked" in values}
        await office.desk.run(lambda: office.record.decisions.decide(asked, key=key, tags=tag.__eq__, origin=origin))
    except ProblemError as error:
        if error.problem.code not in {"VALIDATION_FAILED", "DECISION_CONFLICT", "OPINION_FIRST"}:
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        return await _case(request, Sent(sent, error))
    return _back(request, "decision")


async def withdraw(request: Request) -> Response:
    """POST /cases/{id}/withdrawal."""
    values = fields_of(document_of(request), _WITHDRAWAL)
    office, origin = office_of(request), answers.origin_of(request.scope)
    decision, tag, key = (str(values[name]) for name in ("decision", "tag", "key"))
    await office.desk.run(lambda: office.record.decisions.withdraw(decision, key=key, tags=tag.__eq__, origin=origin))
    return _back(request, "decision")


async def mark(request: Request) -> Response:
    """POST /cases/{id}/mark: about a part of the answer that the caller has before him."""
    values = fields_of(document_of(request), _MARK)
    kind: Kind = "reason" if values["kind"] == "reason" else "similar"
    subject, found = str(values["subject"]), await file_in(request)
    known = subjects_of(found.answer) if kind == "reason" else {one["advice_id"] for one in found.similar.cases}
    if subject not in known:
        raise ProblemError("NOT_FOUND")
    office, origin, stands = office_of(request), answers.origin_of(request.scope), values["stands"] == "true"
    await office.desk.run(lambda: office.record.marking.put(found.answer, kind, subject, stands=stands, origin=origin))
    return _back(request, "h-reasons" if kind == "reason" else "similar")


async def filed(request: Request) -> Response:
    """POST /cases/{id}/filed: the event is reported as the court's system would, as of now."""
    key, found = str(fields_of(document_of(request), (_KEY,))["key"]), await file_in(request)
    if not found.waits_for_filing:
        raise ProblemError("NOT_FOUND")
    office, origin = office_of(request), answers.origin_of(request.scope)
    event = {
        "application_id": found.answer["application_id"], "court_code": found.answer["court_code"], "kind": "file",
        "at": found.at.isoformat(timespec="seconds"),
    }  # fmt: skip
    await office.desk.run(lambda: office.record.outcomes.report([event], key=key, origin=origin))
    return _back(request, "h-history")


async def file_in(request: Request) -> CaseFile:
    """Return the file that is asked for."""
    advice_id, office, origin = _asked(request), office_of(request), answers.origin_of(request.scope)
    return await office.desk.run(lambda: office.record.case_files.open(advice_id, origin=origin))


async def reader_in(request: Request, found: CaseFile) -> Reader:
    """Return who reads a page about this file."""
    say = (await shell_in(request)).say
    named = await names_in(office_of(request), _actors(found))
    model = model_state(office_of(request), found.at)
    return Reader(principal=principal_of(request), say=say, named=named, key=secrets.token_hex(16), model=model)


async def _case(request: Request, sent: Sent) -> Response:
    found = await file_in(request)
    reader = await reader_in(request, found)
    model = case_page(found, sent, reader=reader, register=office_of(request).jobs.register())
    status = 200 if sent.problem is None else sent.problem.problem.status
    return await shown(request, "case/page.html", status=status, page=model)


async def names_in(office: Office, actors: frozenset[str]) -> Named:
    """Return how those people are called who did something; programs keep the name of their key."""
    accounts = office.reception.staff.accounts

    def look_up() -> dict[str, str]:
        rows = {actor: accounts.records.get(actor.removeprefix("account:")) for actor in actors}
        return {actor: accounts.display_name(row) for actor, row in rows.items() if row is not None}

    known = await office.reception.run(look_up) if actors else {}
    return lambda actor: known.get(actor or "", (actor or "—").partition("/")[0].partition(":")[2] or "—")


def _actors(found: CaseFile) -> frozenset[str]:
    given: Iterable[Any] = (
        *(row["created_by"] for row in found.answers),
        *(row["by"] for row in found.file.views),
        *(row["reported_by"] for row in found.events),
        *(row["decided_by"] for row in found.file.acts),
        found.holder and found.holder["claimed_by"],
        found.completion and found.completion["by"],
        *(row[name] for row in found.reviews for name in ("requested_by", "taken_by", "decided_by", "told_by")),
    )
    return frozenset(actor for actor in given if actor and actor.startswith("account:"))


def _filled(document: Mapping[str, object]) -> dict[str, object]:
    """Return what was filled in: a browser sends empty fields as empty texts."""
    return {name: value for name, value in document.items() if value != ""}


def _asked(request: Request) -> str:
    return str(values_in(request)["id"])


def _back(request: Request, place: str) -> Response:
    return RedirectResponse(f"/cases/{_asked(request)}#{place}", 303)


ROUTES: Final[Routes] = {
    CASE: show_case,
    REVEAL: reveal,
    OPINION: opinion,
    DECIDE: decide,
    WITHDRAW: withdraw,
    MARK: mark,
    FILED: filed,
}
