"""How people work with advice: an opinion before the scores, a look at them, facts put right, the court's own mode."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply, component
from serving.door.guard import document_of, values_in
from serving.door.parameters import Choice
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.record.decisions import LANES
from serving.routes.binding import Routes
from serving.routes.decisions import NOTE
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.scores import KEY, RECORDED, REPLAYED, SCORE_ID, SCORE_PROBLEMS, given, shown

_OPINION: Final = (Field(name="lane", form=Choice(LANES), zh="初步意见", en="what you think"),)
_REASON: Final = Field(name="reason", form=NOTE, zh="更正事由", en="why it is corrected")
_TAG: Final = {"ETag": {"type": "string"}}
_ANSWER: Final = (Reply(status=200, zh="建议", en="advice", content={JSON: component("Answer")}, headers=_TAG),)
_STORED: Final = ("GONE", "STORE_UNAVAILABLE")
_CORRECTED: Final = {
    "type": "object",
    "required": ["reason", "request"],
    "additionalProperties": False,
    "properties": {"reason": _REASON.schema, "request": component("ScoreRequest")},
}

OPINION: Final = Endpoint(
    method="POST",
    path="/v1/scores/{id}:opinion",
    zh="先写初步意见，再看预测",
    en="give one's own opinion before the scores",
    action=Action.DECISION_CREATE,
    parameters=(SCORE_ID,),
    body=Body(schema=document_schema(_OPINION)),
    replies=_ANSWER,
    problems=(*_STORED, "FIELD_NOT_ALLOWED", "OPINION_GIVEN"),
)
REVEAL: Final = Endpoint(
    method="POST",
    path="/v1/scores/{id}:reveal",
    zh="查看预测（记录在案）",
    en="look at the scores, which is recorded",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID,),
    replies=_ANSWER,
    problems=(*_STORED, "OPINION_FIRST"),
)
CORRECT: Final = Endpoint(
    method="POST",
    path="/v1/scores/{id}:correct",
    zh="更正案件信息并重新评分，前后两版均保留",
    en="put facts right and score anew; both versions stay",
    action=Action.PERSON_CORRECT,
    parameters=(SCORE_ID, KEY),
    body=Body(schema=_CORRECTED),
    replies=(RECORDED, REPLAYED),
    problems=(*SCORE_PROBLEMS, "CORRECTED_BEFORE"),
)


async def opinion(request: Request) -> Response:
    """POST /v1/scores/{id}:opinion."""
    lane = str(fields_of(document_of(request), _OPINION)["lane"])
    advice_id, office, origin = _asked(request), office_of(request), answers.origin_of(request.scope)
    return shown(await office.desk.run(lambda: office.record.viewing.opinion(advice_id, lane, origin=origin)), request)


async def reveal(request: Request) -> Response:
    """POST /v1/scores/{id}:reveal."""
    advice_id, office, origin = _asked(request), office_of(request), answers.origin_of(request.scope)
    return shown(await office.desk.run(lambda: office.record.viewing.reveal(advice_id, origin=origin)), request)


async def correct(request: Request) -> Response:
    """POST /v1/scores/{id}:correct."""
    document = document_of(request)
    reason = str(fields_of({k: v for k, v in document.items() if k != "request"}, (_REASON,))["reason"])
    asked = document.get("request")
    if not isinstance(asked, dict):
        shown_error = {"pointer": "/request", "code": "MISSING", "message": "必填", "message_en": "is required"}
        raise ProblemError("VALIDATION_FAILED", errors=[shown_error])
    advice_id, key = _asked(request), answers.idempotency_key(request.headers)
    office, origin = office_of(request), answers.origin_of(request.scope)
    stored = await office.desk.run(
        lambda: office.record.correcting.correct(advice_id, asked, reason, key=key, origin=origin)
    )
    return await given(stored, office, origin=origin)


def _asked(request: Request) -> str:
    return str(values_in(request)["id"])


ROUTES: Final[Routes] = {
    OPINION: opinion,
    REVEAL: reveal,
    CORRECT: correct,
}
