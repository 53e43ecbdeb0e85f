"""Intake: the clerk registers an application by one form, it is scored and on record, and the receipt is printed."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.decide import SCOPE
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text
from serving.door.problems import ProblemError
from serving.office import Office, office_of
from serving.pages import formats
from serving.pages.choice import language_in
from serving.pages.intake import NAMES, Hidden, Kept, document_of_form, intake_page
from serving.pages.intake_hints import Hints
from serving.pages.language import Language
from serving.record.case_files import CaseFile
from serving.repositories.advice import Call
from serving.repositories.basis_numbers import Known
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.cases import file_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, shell_in, shown
from serving.routes.scores import SCORE_ID, SCORE_PROBLEMS

_ANY: Final = Text(r"[^\u0000]{0,2000}")
"""More than a field holds: what is too long, or has signs that it may not have, is told beside it with nothing lost."""
DRAFT_ID: Final = Text(r"[0-9a-f]{32}")
_DRAFT: Final = Text(r"([0-9a-f]{32})?")
FIELDS: Final = (
    *(Field(name=name, form=_ANY, zh=name, en=name, required=False) for name in NAMES),
    Field(name="key", form=Text(answers.KEY_PATTERN), zh="幂等键", en="idempotency key"),
    Field(name="draft", form=_DRAFT, zh="草稿编号", en="id of the draft", required=False),
    Field(name="version", form=Text(r"[0-9]{0,9}"), zh="草稿版本", en="version of the draft", required=False),
    Field(name="anyway", form=Choice(("true",)), zh="仍要新收", en="register all the same", required=False),
    Field(name="opened", form=Text(r"[0-9T:+-]{25}~[0-9a-f]{32}"), zh="登记开始时间", en="when the form was opened"),
)
_SEAL: Final = 32
_LONGEST: Final = timedelta(hours=12)
_STALE: Final = {
    "pointer": "/opened",
    "code": "FORM_STALE",
    "message": "表单打开已超过十二小时，收件时间改按现在计；请核对后再次提交",
    "message_en": "the form has been open for over twelve hours; the time of receipt is now: check and send again",
}
TOLD: Final = frozenset(
    {"VALIDATION_FAILED", "STAGE_DATA_NOT_ALLOWED", "FIELD_NOT_ALLOWED", "RULES_NOT_IN_FORCE", "PERMISSION_DENIED"}
)
"""Problems that are put right in the form."""

INTAKE: Final = Endpoint(
    method="GET",
    path="/intake/new",
    zh="新收登记页面",
    en="the intake form",
    action=Action.SCORE_CREATE,
    parameters=(LANG, Parameter(name="draft", form=DRAFT_ID, zh="继续填写的草稿", en="the draft to go on with")),
    pages=True,
    replies=(SHOWN,),
    problems=("NOT_FOUND", "STORE_UNAVAILABLE"),
)
REGISTER: Final = Endpoint(
    method="POST",
    path="/intake/new",
    zh="登记并评分",
    en="register an application and score it",
    action=Action.SCORE_CREATE,
    body=form_of(*FIELDS),
    pages=True,
    replies=(Reply(status=303, zh="已入档，转到回执", en="on record, on to the receipt"),),
    problems=SCORE_PROBLEMS,
)
RECEIPT: Final = Endpoint(
    method="GET",
    path="/cases/{id}/receipt",
    zh="收件回执（打印）",
    en="the receipt, for print",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("GONE", "STORE_UNAVAILABLE"),
)


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    """What the receipt says."""

    id: str
    application: str
    court: str
    received: str
    basis: str
    amount: str
    simulated: bool


@dataclass(frozen=True)
class Sent:
    """What was filled in, and what the form carried unseen."""

    values: dict[str, str]
    hidden: Hidden
    anyway: bool = False


async def show_intake(request: Request) -> Response:
    """GET /intake/new: an empty form, or a draft to go on with."""
    draft_id = values_in(request).get("draft")
    if draft_id is not None:
        return await _go_on(request, str(draft_id))
    courts = sorted(principal_of(request).courts.codes or ())
    return await form_again(request, {"court_code": courts[0]} if len(courts) == 1 else {}, None)


async def register(request: Request) -> Response:
    """POST /intake/new: on to the receipt, or the form again with what has to be put right."""
    sent, office, origin = sent_in(request), office_of(request), answers.origin_of(request.scope)
    twin = None if sent.anyway else await _twin(request, sent)
    if twin is not None:
        problem = ProblemError("VALIDATION_FAILED", errors=[twin[1]])
        return await form_again(request, sent.values, problem, hidden=sent.hidden, twin=twin[0].advice_id)
    try:
        now = received_at(office, sent.hidden.opened)
        asked = document_of_form(sent.values, office.jobs.register(), now=now)
        stored = await office.desk.score(asked, key=sent.hidden.key, origin=origin)
    except ProblemError as error:
        if error.problem.code not in TOLD:
            raise
        return await form_again(request, sent.values, error, hidden=_received_anew(office, sent.hidden))
    if sent.hidden.draft:
        ended = partial(office.record.drafts.discard, sent.hidden.draft, version=sent.hidden.version)
        await office.desk.run(partial(ended, origin=origin, at=_now(office)))
    return RedirectResponse(f"/cases/{stored.id}/receipt", 303)


async def receipt(request: Request) -> Response:
    """GET /cases/{id}/receipt."""
    found: CaseFile = await file_in(request)
    say = language_in(request.scope)
    received = found.facts.get("received_at")
    model = ReceiptPage(
        id=found.answer["id"],
        application=found.answer["application_id"],
        court=found.court_name,
        received=formats.instant(received) if received else say("未知"),
        basis=str(found.facts.get("basis_no") or say("未知")),
        amount=formats.money(found.facts.get("claim_amount"), say),
        simulated=found.answer["simulated"],
    )
    return await shown(request, "case/receipt.html", page=model)


async def _twin(request: Request, sent: Sent) -> tuple[Known, dict[str, object]] | None:
    """Return another application of that number or on that basis at a court of whoever asks, and what to say of it."""
    office, values = office_of(request), sent.values
    court, number, basis = (values.get(name, "") for name in ("court_code", "application_id", "basis_no"))
    if court not in principal_of(request).courts:
        return None
    call, bases = Call(SCOPE, sent.hidden.key, "", answers.origin_of(request.scope).by.owner), office.record.bases
    found = (
        await office.desk.run(partial(bases.same, court, number, scope=SCOPE, key_sha256=call.key_sha256))
        if number
        else None
    )
    if found is not None:
        return found, _SAME
    found = await office.desk.run(partial(bases.other, court, basis, than=number)) if basis else None
    return None if found is None else (found, _said_of(found))


_SAME: Final[dict[str, object]] = {
    "pointer": "/application_id",
    "code": "APPLICATION_KNOWN",
    "message": "此申请编号已在案：另一件申请请更正编号；同一申请补充材料的，查看后勾选，再次提交，重新评估",
    "message_en": "this number is on record: correct it, or look first, then tick to assess that application again",
}


def _said_of(twin: Known) -> dict[str, object]:
    return {
        "pointer": "/basis_no",
        "code": "BASIS_KNOWN",
        "message": f"此执行依据已有申请 {twin.application_id}，请先查看；仍要登记的，勾选后再次提交",
        "message_en": f"application {twin.application_id} rests on this basis already: look first, then tick to go on",
    }


async def _go_on(request: Request, draft_id: str) -> Response:
    """Return the form as the draft has it, with the key and the time of receipt of its first opening."""
    office, person = office_of(request), principal_of(request).actor
    found = await office.desk.run(partial(office.record.drafts.get, draft_id, person, at=_now(office)))
    if found is None:
        raise ProblemError("NOT_FOUND")
    values = dict(found.content)
    hidden = Hidden(values.pop("key"), values.pop("opened"), found.id, found.version)
    return await form_again(request, values, None, hidden=hidden, saved_at=formats.instant(found.saved_at))


async def _kept(request: Request, say: Language) -> tuple[Kept, ...]:
    """Return the drafts of whoever asks, the newest first."""
    office, person = office_of(request), principal_of(request).actor
    found = await office.desk.run(partial(office.record.drafts.of, person, at=_now(office)))
    return tuple(
        Kept(
            id=one.id,
            number=one.content.get("application_id") or say("未填申请编号"),
            saved_at=formats.instant(one.saved_at),
            address=f"/intake/new?draft={one.id}",
        )
        for one in found
    )


def _received_anew(office: Office, hidden: Hidden) -> Hidden:
    """Return a new registration, received now, that still is the same draft."""
    return replace(hidden, key=secrets.token_hex(16), opened=_opened(office))


def _now(office: Office) -> datetime:
    return office.record.queue.clock()


def _opened(office: Office) -> str:
    """Return the present instant, sealed: it is the time of receipt, which a second click must not change."""
    now = office.record.queue.clock().isoformat(timespec="seconds")
    return f"{now}~{office.record.queue.seal(now.encode())[:_SEAL]}"


def received_at(office: Office, opened: str) -> str:
    """Return when the form was opened.

    Raises
    ------
    ProblemError
        VALIDATION_FAILED where we did not write this, or it was left open for longer than a working day.
    """
    at, _, seal = opened.partition("~")
    ours = hmac.compare_digest(seal, office.record.queue.seal(at.encode())[:_SEAL])
    if not ours or office.record.queue.clock() - datetime.fromisoformat(at) > _LONGEST:
        raise ProblemError("VALIDATION_FAILED", errors=[_STALE])
    return at


def sent_in(request: Request) -> Sent:
    """Return what was sent by the form, without spaces around it."""
    values = {name: str(value).strip() for name, value in fields_of(document_of(request), FIELDS).items()}
    anyway = values.pop("anyway", "") == "true"
    return Sent(values, _hidden_in(values), anyway)


def _hidden_in(values: dict[str, str]) -> Hidden:
    version = int(values.pop("version", "") or 0)
    return Hidden(values.pop("key"), values.pop("opened"), values.pop("draft", ""), version)


async def form_again(  # noqa: PLR0913 - what the form is shown with
    request: Request,
    filled: dict[str, str],
    problem: ProblemError | None,
    *,
    hidden: Hidden | None = None,
    hints: Hints | None = None,
    saved_at: str = "",
    twin: str = "",
) -> Response:
    """Return the form as it is filled in; without `hidden` it is a new registration, received now."""
    say, office = (await shell_in(request)).say, office_of(request)
    unseen = hidden or Hidden(secrets.token_hex(16), _opened(office))
    model = intake_page(filled, problem, register=office.jobs.register(), hidden=unseen, say=say)
    drafts = () if unseen.draft else await _kept(request, say)
    model = replace(model, saved_at=saved_at, drafts=drafts, twin=twin)
    status = 200
    if problem is not None:
        visit: Visit = request.scope[VISIT]
        visit.code, status = problem.problem.code, problem.problem.status
    imports = principal_of(request).may(Action.JOB_CREATE)
    return await shown(request, "intake.html", status=status, page=model, imports=imports, hints=hints)


ROUTES: Final[Routes] = {INTAKE: show_intake, REGISTER: register, RECEIPT: receipt}
