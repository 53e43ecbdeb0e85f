"""The applicant's form on the public side: questions, result, the code typed again, and the file; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from features.clock import SHANGHAI
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import DOCUMENT, document_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text
from serving.pages import formats
from serving.pages.applicant.filling import FIELDS, filled, step_page
from serving.pages.applicant.questions import NAMES
from serving.pages.applicant.result import result_page
from serving.pages.choice import language_in
from serving.pages.rendering import rendered
from serving.pages.shell import Shell
from serving.routes.binding import Handler, Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.framing import LANG, SHOWN, address_of, form_of, page
from serving.statement import Answers, CodeError, code_of, outlook, read_code
from serving.statement.code import PATTERN

_CODE_FORM: Final = Text(PATTERN)
_CODE: Final = Parameter(name="code", form=_CODE_FORM, zh="填写编号，含各项回答", en="the code that holds the answers")
_STEP: Final = Parameter(
    name="step", place="path", form=Text("|".join(NAMES)), required=True, zh="第几问", en="which question"
)
_CLEARED: Final = Parameter(name="cleared", form=Choice(("yes",)), zh="已清空", en="the answers were dropped")
_ANY: Final = Text(r"[^\u0000-\u001f\u007f]{0,64}")
_TYPED: Final = Field(name="code", form=_ANY, zh="填写编号", en="the code")
_ANSWERS: Final = (
    Field(name="code", form=_ANY, zh="填写编号", en="the code", required=False),
    *(Field(name=name, form=_ANY, zh=name, en=name, required=False) for name in FIELDS),
)
_ON: Final = Reply(status=303, zh="转到下一步", en="on to the next step")

ROOT: Final = Endpoint(
    method="GET",
    path="/",
    zh="转到执前风险提示",
    en="on to the applicant's form",
    action=None,
    pages=True,
    replies=(Reply(status=303, zh="转到开始页", en="on to the start"),),
)
START: Final = Endpoint(
    method="GET",
    path="/apply",
    zh="执前风险提示：开始",
    en="the applicant's form: the start",
    action=None,
    parameters=(_CLEARED, LANG),
    pages=True,
    replies=(SHOWN,),
)
RESUME: Final = Endpoint(
    method="POST",
    path="/apply",
    zh="输入编号，继续填写",
    en="go on with a code",
    action=None,
    body=form_of(_TYPED),
    pages=True,
    replies=(_ON,),
)
RESULT: Final = Endpoint(
    method="GET",
    path="/apply/result",
    zh="执前风险提示：结果",
    en="the applicant's form: what the answers mean",
    action=None,
    parameters=(_CODE, LANG),
    pages=True,
    replies=(SHOWN,),
)
STATEMENT: Final = Endpoint(
    method="GET",
    path="/apply/statement",
    zh="下载填写内容（申请人自述）",
    en="the applicant's own statement as a file",
    action=None,
    parameters=(_CODE,),
    pages=True,
    replies=(Reply(status=200, zh="文件", en="the file", content={"application/json": {"type": "object"}}),),
)
QUESTION: Final = Endpoint(
    method="GET",
    path="/apply/{step}",
    zh="执前风险提示：一问",
    en="the applicant's form: one question",
    action=None,
    parameters=(_STEP, _CODE, LANG),
    pages=True,
    replies=(SHOWN,),
)
ANSWER: Final = Endpoint(
    method="POST",
    path="/apply/{step}",
    zh="回答一问",
    en="answer one question",
    action=None,
    parameters=(_STEP,),
    body=form_of(*_ANSWERS),
    pages=True,
    replies=(_ON,),
)


@dataclass(frozen=True, kw_only=True)
class StartPage:
    """The first page: where to begin, and what was wrong with a code that was typed."""

    first: str
    typed: str = ""
    fault: str = ""
    cleared: bool = False


@dataclass(frozen=True)
class ApplicantForm:
    """The handlers; what day it is comes from the clock."""

    clock: Callable[[], datetime]

    @property
    def routes(self) -> Routes:
        """The addresses with their handlers."""
        read = {RESUME: resume, RESULT: self.result, STATEMENT: statement, QUESTION: self.question, ANSWER: self.answer}
        return {ROOT: root, START: start, **{endpoint: _where_no_code(handler) for endpoint, handler in read.items()}}

    async def question(self, request: Request) -> Response:
        """GET /apply/{step}."""
        values = values_in(request)
        answers = self._answers(str(values.get("code", "")))
        model = step_page(str(values["step"]), answers, code_of(answers), language_in(request.scope))
        return _shown(request, "applicant/step.html", page=model)

    async def answer(self, request: Request) -> Response:
        """POST /apply/{step}: on to the next one, or the page again with what was wrong."""
        name = str(values_in(request)["step"])
        sent = {field: str(value) for field, value in fields_of(document_of(request), _ANSWERS).items()}
        say = language_in(request.scope)
        answers = self._answers(sent.pop("code", ""))
        found = filled(name, sent, answers, say)
        if found.faults:
            model = step_page(name, answers, code_of(answers), say, sent=sent, faults=found.faults)
            return _again(request, "applicant/step.html", model)
        place = NAMES.index(name) + 1
        after = NAMES[place] if place < len(NAMES) else "result"
        return RedirectResponse(_address(after, code_of(found.answers)), 303)

    async def result(self, request: Request) -> Response:
        """GET /apply/result: what was not answered leads back to its question."""
        answers = read_code(str(values_in(request).get("code", "")))
        missing = _next(answers)
        if missing != "result":
            return RedirectResponse(_address(missing, code_of(answers)), 303)
        say, code = language_in(request.scope), code_of(answers)
        found, made_on = outlook(answers, today=self._today()), formats.day(answers.started, say)
        model = result_page(answers, found, code, say, made_on=made_on)
        return _shown(request, "applicant/result.html", page=model)

    def _answers(self, code: str) -> Answers:
        """Return the answers of a code; without one the form begins today."""
        return read_code(code) if code else Answers(started=self._today())

    def _today(self) -> date:
        return self.clock().astimezone(SHANGHAI).date()


async def root(_: Request) -> Response:
    """GET /: whoever types the bare address of the public side means the form."""
    return RedirectResponse("/apply", 303)


async def start(request: Request) -> Response:
    """GET /apply."""
    cleared = values_in(request).get("cleared") is not None
    return _shown(request, "applicant/start.html", page=StartPage(first=_address(NAMES[0]), cleared=cleared))


async def resume(request: Request) -> Response:
    """POST /apply: on to the first question without an answer, or the page again where the code is none."""
    answers = read_code(str(fields_of(document_of(request), (_TYPED,))["code"]))
    return RedirectResponse(_address(_next(answers), code_of(answers)), 303)


async def statement(request: Request) -> Response:
    """GET /apply/statement."""
    answers = read_code(str(values_in(request).get("code", "")))
    headers = {"Content-Disposition": 'attachment; filename="statement.json"'}
    return JSONResponse(_file(answers), headers=headers)


def _where_no_code(handler: Handler) -> Handler:
    """Return a handler that shows the first page, with what was typed, where that is no code."""

    async def told(request: Request) -> Response:
        try:
            return await handler(request)
        except CodeError:
            say = language_in(request.scope)
            sent = {**values_in(request), **request.scope.get(DOCUMENT, {})}
            fault = say("编号有误，请核对后重新输入；也可以重新填写。")
            model = StartPage(first=_address(NAMES[0]), typed=str(sent.get("code", "")), fault=fault)
            return _again(request, "applicant/start.html", model)

    return told


def _again(request: Request, template: str, model: object) -> Response:
    """Return a page with what has to be put right."""
    visit: Visit = request.scope[VISIT]
    visit.code = "VALIDATION_FAILED"
    return _shown(request, template, status=422, page=model)


def _shown(request: Request, template: str, *, status: int = 200, **models: object) -> Response:
    shell = Shell(language_in(request.scope), address_of(request))
    return page(request, rendered(template, shell, **models), status=status)


def _address(step: str, code: str = "") -> str:
    return f"/apply/{step}" + (f"?code={code}" if code else "")


def _next(answers: Answers) -> str:
    """Return the first step without an answer, `result` when there is none."""
    open_steps = (
        ("basis", not answers.basis),
        ("amount", not answers.relief),
        ("debtor", not answers.debtor),
        ("assets", not answers.assets_asked),
        ("contact", not answers.contact or not answers.paid),
        ("preservation", not answers.preserved),
        ("urging", not answers.urging),
    )
    return next((step for step, is_open in open_steps if is_open), "result")


def _file(answers: Answers) -> dict[str, object]:
    """Return the one file that goes inward: what the applicant says, by the names of the questions."""
    given = {name: getattr(answers, name) for name in ("basis", "relief", "debtor", "contact", "paid", "preserved")}
    return {
        "format": "fenliu-statement/1",
        "notice": "申请人自述，未经核实 / the applicant's own statement, not verified",
        "code": code_of(answers),
        "started": answers.started.isoformat(),
        **given,
        "due": answers.due.isoformat() if answers.due else None,
        "amount_yuan": answers.amount,
        "assets": sorted(answers.assets),
        "preservation_expiry": answers.expiry.isoformat() if answers.expiry else None,
        "urging": answers.urging,
    }
