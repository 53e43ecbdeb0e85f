"""申请人自述 at the window: the clerk types the applicant's code and reads the answers; nothing of them is kept."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door.endpoint import Endpoint
from serving.door.guard import document_of
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Text
from serving.pages.applicant.reading import StatementPage, statement_page
from serving.pages.choice import language_in
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.framing import SHOWN
from serving.routes.pages.showing import LANG, form_of, shown
from serving.statement import CodeError, read_code
from serving.statement.code import PATTERN

_CODE: Final = Field(name="code", form=Text(PATTERN), zh="申请人编号", en="the applicant's code", required=False)

ASK: Final = Endpoint(
    method="GET",
    path="/intake/statement",
    zh="读入申请人自述的页面",
    en="the page to read an applicant's statement",
    action=Action.SCORE_CREATE,
    parameters=(LANG,),
    pages=True,
    replies=(SHOWN,),
)
READ: Final = Endpoint(
    method="POST",
    path="/intake/statement",
    zh="按编号显示申请人自述",
    en="show an applicant's statement by its code",
    action=Action.SCORE_CREATE,
    body=form_of(_CODE),
    pages=True,
    replies=(SHOWN,),
)


async def ask(request: Request) -> Response:
    """GET /intake/statement."""
    return await shown(request, "applicant/reading.html", page=StatementPage())


async def read(request: Request) -> Response:
    """POST /intake/statement: the answers, or the code again with what is wrong with it."""
    code, say = str(fields_of(document_of(request), (_CODE,)).get("code", "")).strip(), language_in(request.scope)
    try:
        page = statement_page(read_code(code), code, say)
    except CodeError:
        visit: Visit = request.scope[VISIT]
        visit.code = "VALIDATION_FAILED"
        wrong = StatementPage(code=code, fault=say("编号有误。请与申请人出示的编号逐组核对。"))
        return await shown(request, "applicant/reading.html", status=422, page=wrong)
    return await shown(request, "applicant/reading.html", page=page)


ROUTES: Final[Routes] = {ASK: ask, READ: read}
