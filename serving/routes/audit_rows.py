"""The audit trail over HTTP, for the auditor alone."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Endpoint, Reply
from serving.door.guard import values_in
from serving.door.parameters import Choice, Parameter, Text
from serving.office import office_of
from serving.repositories.audit_rows import Sought
from serving.routes.binding import Routes
from serving.routes.paging import PAGING, page_of, page_schema, paged

_WORD: Final = Text(r"[^\u0000-\u001f\u007f]{1,200}")
_FILTERS: Final = ("action", "actor", "kind", "object_id", "outcome")
_ROW: Final = {
    "type": "object",
    "required": ["seq", "at", "actor", "action", "outcome", "prev_mac", "mac"],
    "properties": {"seq": {"type": "integer"}, "at": {"type": "string"}, "detail": {"type": "object"}},
}

AUDIT: Final = Endpoint(
    method="GET",
    path="/v1/audit-events",
    zh="审计记录，由新到旧",
    en="rows of the audit trail, newest first",
    action=Action.AUDIT_READ,
    parameters=(
        Parameter(name="action", form=_WORD, zh="操作", en="action"),
        Parameter(name="actor", form=_WORD, zh="操作者", en="who did it"),
        Parameter(name="kind", form=_WORD, zh="对象种类", en="kind of the record"),
        Parameter(name="object_id", form=_WORD, zh="对象编号", en="id of the record"),
        Parameter(name="outcome", form=Choice(("done", "denied", "failed")), zh="结果", en="how it ended"),
        *PAGING,
    ),
    replies=(
        Reply(
            status=200,
            zh="一页审计记录",
            en="a page of rows",
            content={JSON: page_schema(_ROW)},
            headers={"Link": {"type": "string"}},
        ),
    ),
    problems=("STORE_UNAVAILABLE",),
)


async def list_rows(request: Request) -> Response:
    """GET /v1/audit-events."""
    office, origin, values = office_of(request), answers.origin_of(request.scope), values_in(request)
    auditing = office.record.auditing
    page = page_of(request, auditing.seal)
    before = None if page.after is None else int(page.after[0])
    named = {name: str(values.get(name, "")) for name in _FILTERS}
    rows, after = await office.desk.run(
        lambda: auditing.page(Sought(**named, before=before, size=page.size), origin=origin)
    )
    return paged(request, rows, after=None if after is None else (after,), seal=auditing.seal)


ROUTES: Final[Routes] = {AUDIT: list_rows}
