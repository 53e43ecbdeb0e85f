"""The audit page: the auditor looks at the trail, and each look is a row of it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.audit.verify import Report
from serving.door import answers
from serving.door.endpoint import Endpoint
from serving.door.guard import document_of, principal_of, values_in
from serving.door.parameters import Parameter, Text
from serving.office import office_of
from serving.pages.audit import Verifying, audit_page
from serving.pages.choice import language_in
from serving.repositories.audit_rows import Sought
from serving.routes.binding import Routes
from serving.routes.documents import fields_of
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown
from serving.routes.paging import PAGE_TOKEN, page_of, sealed

_FILTERS: Final = tuple(
    Parameter(name=name, form=Text(r"[^\u0000-\u001f\u007f]{0,200}"), zh=zh, en=en)
    for name, zh, en in (
        ("action", "事项", "what was done"),
        ("actor", "操作人", "who did it"),
        ("object_id", "记录编号", "to which record"),
    )
)

AUDIT: Final = Endpoint(
    method="GET",
    path="/audit",
    zh="审计记录页面",
    en="the audit trail, as a page",
    action=Action.AUDIT_READ,
    parameters=(*_FILTERS, PAGE_TOKEN, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)


VERIFY: Final = Endpoint(
    method="POST",
    path="/audit/verify",
    zh="在页面上核验审计记录",
    en="verify the audit trail from the page",
    action=Action.AUDIT_VERIFY,
    body=form_of(),
    seconds=300,
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED"),
)


async def show_audit(request: Request) -> Response:
    """GET /audit."""
    return await _shown(request, None)


async def verify(request: Request) -> Response:
    """POST /audit/verify: the page again, with what was found."""
    fields_of(document_of(request), ())
    report = await office_of(request).control.verify(origin=answers.origin_of(request.scope))
    return await _shown(request, report)


async def _shown(request: Request, report: Report | None) -> Response:
    office, origin, values = office_of(request), answers.origin_of(request.scope), values_in(request)
    auditing = office.record.auditing
    asked = {parameter.name: str(values.get(parameter.name, "")) for parameter in _FILTERS}
    page = page_of(request, auditing.seal)
    before = None if page.after is None else int(page.after[0])
    sought = Sought(**asked, before=before, size=page.size)
    rows, after = await office.desk.run(lambda: auditing.page(sought, origin=origin))
    onward = ""
    if after is not None:
        kept = {name: value for name, value in asked.items() if value}
        onward = "/audit?" + urlencode({**kept, "page_token": sealed([after], request, auditing.seal)})
    verifying = Verifying(principal_of(request).may(Action.AUDIT_VERIFY), office.record.queue.clock(), report)
    model = audit_page(rows, asked, onward=onward, verifying=verifying, say=language_in(request.scope))
    return await shown(request, "audit.html", page=model)


ROUTES: Final[Routes] = {AUDIT: show_audit, VERIFY: verify}
