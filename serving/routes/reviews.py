"""How people work with advice: an opinion before the scores, a look at them, facts put right, the court's own mode."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply, component
from serving.door.guard import document_of, values_in
from serving.door.parameters import Choice, Parameter, Surrogate, Text
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.office import office_of
from serving.record.court_settings import ReviewMode
from serving.record.decisions import LANES
from serving.repositories.court_settings import Version
from serving.routes.binding import Routes
from serving.routes.decisions import IF_MATCH, NOTE
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.scores import KEY, RECORDED, REPLAYED, SCORE_ID, SCORE_PROBLEMS, given, shown

_MODES: Final = tuple(mode.value for mode in ReviewMode)
_OPINION: Final = (Field(name="lane", form=Choice(LANES), zh="初步意见", en="what you think"),)
_REASON: Final = Field(name="reason", form=NOTE, zh="更正事由", en="why it is corrected")
_SETTINGS: Final = (
    Field(name="review_mode", form=Choice(_MODES), zh="预测的查看方式", en="when the scores are seen"),
    Field(name="reason", form=Surrogate(), zh="事由", en="why it is set"),
)
COURT: Final = Parameter(
    name="court",
    place="path",
    form=Text(r"[^/:\u0000-\u0020\u007f]{1,20}"),
    required=True,
    zh="法院代字，如 浙1022",
    en="court code, such as 浙1022",
)
_TAG: Final = {"ETag": {"type": "string"}}
_ANSWER: Final = (Reply(status=200, zh="建议", en="advice", content={JSON: component("Answer")}, headers=_TAG),)
_STORED: Final = ("GONE", "STORE_UNAVAILABLE")
_CORRECTED: Final = {
    "type": "object",
    "required": ["reason", "request"],
    "additionalProperties": False,
    "properties": {"reason": _REASON.schema, "request": component("ScoreRequest")},
}
_VERSION: Final = {
    "type": "object",
    "required": ["court_code", "version", "review_mode"],
    "properties": {
        "court_code": {"type": "string"},
        "version": {"type": "integer"},
        "review_mode": {"enum": list(_MODES)},
        "reason": {"type": "string"},
        "set_by": {"type": "string"},
        "set_at": {"type": "string"},
    },
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
SETTINGS: Final = Endpoint(
    method="GET",
    path="/v1/courts/{court}/settings",
    zh="本院设置及其历史",
    en="a court's settings and their history",
    action=Action.RULES_READ,
    parameters=(COURT,),
    replies=(
        Reply(
            status=200,
            zh="设置",
            en="settings",
            content={JSON: {"type": "object", "properties": {"versions": {"type": "array", "items": _VERSION}}}},
            headers=_TAG,
        ),
    ),
    problems=("STORE_UNAVAILABLE",),
)
SET: Final = Endpoint(
    method="POST",
    path="/v1/courts/{court}/settings",
    zh="变更本院设置",
    en="change a court's settings",
    action=Action.COURT_CONFIGURE,
    parameters=(COURT, IF_MATCH),
    body=Body(schema=document_schema(_SETTINGS)),
    replies=(Reply(status=201, zh="已变更", en="changed", content={JSON: _VERSION}, headers=_TAG),),
    problems=("FIELD_NOT_ALLOWED", "PRECONDITION_FAILED", "STORE_UNAVAILABLE"),
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


async def read_settings(request: Request) -> Response:
    """GET /v1/courts/{court}/settings."""
    court, office, origin = str(values_in(request)["court"]), office_of(request), answers.origin_of(request.scope)
    versions = await office.desk.run(lambda: office.record.settings.history(court, origin=origin))
    response = answers.plain(written({"versions": [_version(version) for version in versions]}))
    response.headers["ETag"] = _tag(versions[0].number)
    return response


async def set_settings(request: Request) -> Response:
    """POST /v1/courts/{court}/settings."""
    values, court = fields_of(document_of(request), _SETTINGS), str(values_in(request)["court"])
    office, origin, headers = office_of(request), answers.origin_of(request.scope), request.headers
    mode, reason = ReviewMode(str(values["review_mode"])), str(values["reason"])
    version = await office.desk.run(
        lambda: office.record.settings.set(
            court, mode, reason, unchanged=lambda number: answers.matches(headers, _tag(number)), origin=origin
        )
    )
    return Response(written(_version(version)), 201, headers={"ETag": _tag(version.number)}, media_type=JSON)


def _asked(request: Request) -> str:
    return str(values_in(request)["id"])


def _tag(number: int) -> str:
    return f'"settings-{number}"'


def _version(version: Version) -> dict[str, object]:
    return {
        "court_code": version.court_code,
        "version": version.number,
        **version.values,
        "reason": version.reason,
        "set_by": version.set_by,
        "set_at": version.set_at,
    }


ROUTES: Final[Routes] = {
    OPINION: opinion,
    REVEAL: reveal,
    CORRECT: correct,
    SETTINGS: read_settings,
    SET: set_settings,
}
