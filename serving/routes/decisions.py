"""Decisions: a person decides, takes it back within a day, and everybody sees how things stand."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from features.characters import LINES
from models.lifecycle import ConversionCause
from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.parameters import Choice, Parameter, Text, YesNo
from serving.door.strict_json import written
from serving.office import office_of
from serving.record.decisions import LANES, REASONS, decision_json, state_tag, tag_of
from serving.record.urging.converting import conversion_json
from serving.repositories.decisions import Acted
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.scores import KEY, SCORE_ID

NOTE: Final = Text(f"[^{LINES}]{{1,2000}}")
"""A remark of a person: lines are allowed, characters that hide or turn text are not."""

IF_MATCH: Final = Parameter(
    name="If-Match",
    place="header",
    form=Text(r'"[a-z0-9-]{1,48}"'),
    required=True,
    zh="所见建议的 ETag，防止覆盖他人的决定",
    en="the ETag of the advice as it was seen, so that nobody's decision is overwritten",
    missing="IF_MATCH_MISSING",
    invalid="IF_MATCH_MISSING",
)
DECISION_ID: Final = Parameter(
    name="id",
    place="path",
    form=Text(r"DEC-\d{8}-\d{6,9}"),
    required=True,
    zh="决定编号",
    en="id of the decision",
)
_ASKED: Final = (
    Field(name="advice_id", form=Text(r"SCR-\d{8}-\d{6,9}"), zh="建议编号", en="id of the advice"),
    Field(name="lane", form=Choice(LANES), zh="决定的去向", en="where the case goes"),
    Field(name="reason", form=Choice(REASONS), zh="与建议不一致的理由", en="why otherwise", required=False),
    Field(name="note", form=NOTE, zh="补充说明", en="remark", required=False),
    Field(name="warnings_checked", form=YesNo(), zh="已核对数据提示", en="data warnings checked", required=False),
)
_TAG: Final = {"ETag": {"type": "string"}}
_SHAPE: Final = {
    "type": "object",
    "required": ["id", "advice_id", "act", "decided_by", "decided_at", "turn"],
    "properties": {
        "id": {"type": "string"},
        "advice_id": {"type": "string"},
        "act": {"enum": ["decide", "withdraw"]},
        "lane": {"enum": [*LANES, None]},
        "overridden": {"type": "boolean"},
        "reason": {"enum": [*REASONS, None]},
        "decided_by": {"type": "string"},
        "decided_at": {"type": "string", "format": "date-time"},
        "turn": {"type": "integer"},
    },
}
_CONVERSION: Final = {
    "type": "object",
    "required": ["id", "rule", "cause", "text", "text_en", "due_on", "at", "decision_id"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "rule", "text", "text_en", "decision_id")},
        "cause": {"enum": [cause.value for cause in ConversionCause]},
        "due_on": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
    },
}
"""By what urging ended, and since which day the case has to be filed (H13)."""

_STANDS: Final = {
    "type": "object",
    "required": ["advice_id", "standing", "acts", "conversion"],
    "properties": {
        "advice_id": {"type": "string"},
        "standing": {"anyOf": [_SHAPE, {"type": "null"}]},
        "acts": {"type": "array", "items": _SHAPE},
        "conversion": {"anyOf": [_CONVERSION, {"type": "null"}]},
    },
}
_REPLIES: Final = (
    Reply(status=201, zh="已入档", en="on record", content={JSON: _SHAPE}, headers=_TAG),
    Reply(
        status=200,
        zh="此前已入档",
        en="was on record before",
        content={JSON: _SHAPE},
        headers={**_TAG, "Idempotent-Replayed": {"const": "true"}},
    ),
)
_PROBLEMS: Final = ("NOT_FOUND", "DECISION_CONFLICT", "IDEMPOTENCY_KEY_REUSED", "GONE", "STORE_UNAVAILABLE")

DECIDE: Final = Endpoint(
    method="POST",
    path="/v1/decisions",
    zh="对一条建议作出决定",
    en="decide on one piece of advice",
    action=Action.DECISION_CREATE,
    parameters=(KEY, IF_MATCH),
    body=Body(schema=document_schema(_ASKED)),
    replies=_REPLIES,
    problems=(*_PROBLEMS, "FIELD_NOT_ALLOWED", "OPINION_FIRST"),
)
WITHDRAW: Final = Endpoint(
    method="POST",
    path="/v1/decisions/{id}:withdraw",
    zh="24 小时内撤回本人的决定",
    en="take back one's own decision within 24 hours",
    action=Action.DECISION_CREATE,
    parameters=(DECISION_ID, KEY, IF_MATCH),
    replies=_REPLIES,
    problems=(*_PROBLEMS, "WITHDRAWAL_TOO_LATE"),
)
STANDS: Final = Endpoint(
    method="GET",
    path="/v1/scores/{id}/decisions",
    zh="一条建议的决定经过",
    en="what was decided on one piece of advice",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID,),
    replies=(Reply(status=200, zh="经过", en="how it stands", content={JSON: _STANDS}, headers=_TAG),),
    problems=("GONE", "STORE_UNAVAILABLE"),
)


async def decide(request: Request) -> Response:
    """POST /v1/decisions."""
    asked, key = fields_of(document_of(request), _ASKED), answers.idempotency_key(request.headers)
    origin, office = answers.origin_of(request.scope), office_of(request)
    tags = partial(answers.matches, request.headers)
    return _acted(
        await office.desk.run(lambda: office.record.decisions.decide(asked, key=key, tags=tags, origin=origin))
    )


async def withdraw(request: Request) -> Response:
    """POST /v1/decisions/{id}:withdraw."""
    decision_id, key = str(values_in(request)["id"]), answers.idempotency_key(request.headers)
    origin, office = answers.origin_of(request.scope), office_of(request)
    tags = partial(answers.matches, request.headers)
    return _acted(
        await office.desk.run(lambda: office.record.decisions.withdraw(decision_id, key=key, tags=tags, origin=origin))
    )


async def stands(request: Request) -> Response:
    """GET /v1/scores/{id}/decisions."""
    advice_id, office = str(values_in(request)["id"]), office_of(request)
    origin = answers.origin_of(request.scope)
    file = await office.desk.run(lambda: office.record.decisions.file(advice_id, origin=origin))
    acts = [decision_json(act) for act in file.acts]
    standing = None if file.standing is None else decision_json(file.standing)
    ended = await office.desk.run(lambda: office.record.decisions.conversion(advice_id))
    conversion = None if ended is None else conversion_json(ended)
    body = {"advice_id": advice_id, "standing": standing, "acts": acts, "conversion": conversion}
    response = answers.plain(written(body))
    response.headers["ETag"] = tag_of(file)
    return response


def _acted(acted: Acted) -> Response:
    headers = {"ETag": state_tag(str(acted.row["advice_id"]), int(acted.row["turn"])), "Content-Language": "zh-CN"}
    if acted.replayed:
        headers["Idempotent-Replayed"] = "true"
    body = written(decision_json(acted.row))
    return Response(body, 200 if acted.replayed else 201, headers=headers, media_type=JSON)


ROUTES: Final[Routes] = {DECIDE: decide, WITHDRAW: withdraw, STANDS: stands}
