"""Outcomes: what became of cases is reported, up to 200 events at a time, and read back case by case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply
from serving.door.guard import document_of
from serving.door.parameters import Choice, Instant, Money, Surrogate
from serving.door.strict_json import written
from serving.office import office_of
from serving.record.outcomes import KINDS, MODES, SOURCES
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, rows_of
from serving.routes.scores import KEY

MOST_EVENTS: Final = 200
_NAME: Final = Surrogate()
_EVENT: Final = (
    Field(name="application_id", form=_NAME, zh="申请编号", en="application id"),
    Field(name="court_code", form=_NAME, zh="受理法院代字", en="court code"),
    Field(name="at", form=Instant(), zh="发生时间", en="when it happened"),
    Field(name="kind", form=Choice(KINDS), zh="事项", en="what happened"),
    Field(name="amount", form=Money(), zh="金额（元）", en="amount in yuan", required=False),
    Field(name="source", form=Choice(SOURCES), zh="款项来源", en="where money came from", required=False),
    Field(name="mode", form=Choice(MODES), zh="结案方式", en="how the case was closed", required=False),
)
_SCHEMA: Final = {
    "type": "object",
    "required": ["events"],
    "additionalProperties": False,
    "properties": {
        "events": {"type": "array", "minItems": 1, "maxItems": MOST_EVENTS, "items": document_schema(_EVENT)}
    },
}
_RECEIPT: Final = {
    "type": "object",
    "required": ["receipt", "recorded_at", "events"],
    "properties": {
        "receipt": {"type": "string"},
        "recorded_at": {"type": "string", "format": "date-time"},
        "events": {"type": "array", "items": {"type": "string"}},
    },
}
_TAKEN: Final = {JSON: _RECEIPT}

REPORT: Final = Endpoint(
    method="POST",
    path="/v1/outcomes",
    zh="报送案件进展和到款",
    en="report what became of cases",
    action=Action.OUTCOME_CREATE,
    parameters=(KEY,),
    body=Body(schema=_SCHEMA),
    replies=(
        Reply(status=202, zh="已入档", en="on record", content=_TAKEN),
        Reply(
            status=200,
            zh="此前已入档",
            en="was on record before",
            content=_TAKEN,
            headers={"Idempotent-Replayed": {"const": "true"}},
        ),
    ),
    problems=("FIELD_NOT_ALLOWED", "IDEMPOTENCY_KEY_REUSED", "STORE_UNAVAILABLE"),
)


def events_of(document: Mapping[str, object], *, most: int = MOST_EVENTS) -> list[dict[str, object]]:
    """Return the events of a report, each field in its form; raise the problem that names every one that is not."""
    return rows_of(document, "events", _EVENT, most=most)


async def report(request: Request) -> Response:
    """POST /v1/outcomes."""
    key = answers.idempotency_key(request.headers)
    events = events_of(document_of(request))
    origin, office = answers.origin_of(request.scope), office_of(request)
    receipt = await office.desk.run(lambda: office.record.outcomes.report(events, key=key, origin=origin))
    body = written({"receipt": receipt.id, "recorded_at": receipt.recorded_at, "events": list(receipt.events)})
    headers = {"Idempotent-Replayed": "true"} if receipt.replayed else {}
    return Response(body, 200 if receipt.replayed else 202, headers=headers, media_type=JSON)


ROUTES: Final[Routes] = {REPORT: report}
