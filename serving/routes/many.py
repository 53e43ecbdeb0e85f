"""Many at once: a batch that is scored whole or not at all, and lists of what was advised."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, MIB, Body, Endpoint, Reply, component
from serving.door.guard import document_of, values_in
from serving.door.parameters import Choice, Parameter, Surrogate
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.repositories.listing import Listed, Wanted
from serving.routes.binding import Routes
from serving.routes.paging import PAGING, page_of, page_schema, paged
from serving.routes.scores import KEY, SCORE_PROBLEMS

MOST_ITEMS: Final = 200
_NAME: Final = Surrogate()
_ITEMS: Final = {
    "type": "object",
    "required": ["items"],
    "additionalProperties": False,
    "properties": {
        "items": {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS, "items": component("ScoreRequest")}
    },
}
_ANSWERS: Final = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": component("Answer")}},
}
_ROW: Final = {
    "type": "object",
    "required": ["id", "application_id", "court_code", "stage", "created_at", "status"],
    "properties": {
        "id": {"type": "string"},
        "application_id": {"type": "string"},
        "court_code": {"type": "string"},
        "stage": {"enum": ["A", "B"]},
        "created_at": {"type": "string", "format": "date-time"},
        "status": {"type": "string"},
        "corrects": {"type": ["string", "null"]},
    },
}

BATCH: Final = Endpoint(
    method="POST",
    path="/v1/scores:batch",
    zh="成批评分并存档，全部成功或全部不成",
    en="score up to 200 cases and store the advice: all of it or nothing",
    action=Action.SCORE_CREATE,
    parameters=(KEY,),
    body=Body(schema=_ITEMS, most_bytes=MIB),
    replies=(
        Reply(
            status=200,
            zh="与请求同序的建议",
            en="advice in the order of the request",
            content={JSON: _ANSWERS},
            headers={"Idempotent-Replayed": {"const": "true"}},
        ),
    ),
    problems=SCORE_PROBLEMS,
    seconds=60.0,
)
LIST: Final = Endpoint(
    method="GET",
    path="/v1/scores",
    zh="查找建议，由新到旧",
    en="look up advice, newest first",
    action=Action.SCORE_READ,
    parameters=(
        Parameter(name="application_id", form=_NAME, zh="申请编号", en="application id"),
        Parameter(name="court_code", form=_NAME, zh="受理法院代字", en="court code"),
        Parameter(name="stage", form=Choice(("A", "B")), zh="阶段", en="stage"),
        *PAGING,
    ),
    replies=(
        Reply(
            status=200,
            zh="一页建议",
            en="a page of advice",
            content={JSON: page_schema(_ROW)},
            headers={"Link": {"type": "string"}},
        ),
    ),
    problems=("STORE_UNAVAILABLE",),
)


async def score_batch(request: Request) -> Response:
    """POST /v1/scores:batch."""
    document, key = document_of(request), answers.idempotency_key(request.headers)
    items = document.get("items")
    if document.keys() != {"items"} or not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        zh, en = f"须为 1 至 {MOST_ITEMS} 项的列表 items", f"must be a list items of 1 to {MOST_ITEMS}"
        error = {"pointer": "/items", "code": "INVALID", "message": zh, "message_en": en}
        raise ProblemError("VALIDATION_FAILED", errors=[error])
    office, origin = office_of(request), answers.origin_of(request.scope)
    stored = await office.desk.score_all(items, key=key, origin=origin)
    if origin.by.kind == "account":
        viewing = office.record.viewing
        stored = await office.desk.run(lambda: [viewing.given(one, origin=origin).stored for one in stored])
    headers = {"Content-Language": "zh-CN"}
    if all(one.replayed for one in stored):
        headers["Idempotent-Replayed"] = "true"
    body = b'{"items":[' + b",".join(one.answer for one in stored) + b"]}"
    return Response(body, headers=headers, media_type=JSON)


async def list_scores(request: Request) -> Response:
    """GET /v1/scores."""
    office, origin, values = office_of(request), answers.origin_of(request.scope), values_in(request)
    page = page_of(request, office.record.listing.seal)
    named = {name: str(values.get(name, "")) for name in ("application_id", "court_code", "stage")}
    after = None if page.after is None else (str(page.after[0]), int(page.after[1]))
    wanted = Wanted(**named, after=after, size=page.size)

    def work() -> Listed:
        found = office.record.listing.page(wanted, origin=origin)
        return replace(found, rows=office.record.viewing.listed(found.rows, origin=origin))

    found = await office.desk.run(work)
    return paged(request, found.rows, after=found.after, seal=office.record.listing.seal)


ROUTES: Final[Routes] = {BATCH: score_batch, LIST: list_scores}
