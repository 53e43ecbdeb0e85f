"""Scores: a case goes in, advice comes out and is on record; previews leave none."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply, component
from serving.door.guard import document_of, values_in
from serving.door.parameters import Parameter, Text
from serving.office import Office, office_of
from serving.record.viewing import Seen
from serving.repositories.advice import Stored
from serving.routes.binding import Routes

KEY: Final = Parameter(
    name="Idempotency-Key",
    place="header",
    form=Text(answers.KEY_PATTERN),
    required=True,
    zh="幂等键，重试时原样重发",
    en="idempotency key; repeated unchanged on a retry",
    missing="IDEMPOTENCY_KEY_MISSING",
    invalid="IDEMPOTENCY_KEY_INVALID",
)
SCORE_ID: Final = Parameter(
    name="id",
    place="path",
    form=Text(r"SCR-\d{8}-\d{6,9}"),
    required=True,
    zh="建议编号",
    en="id of the advice",
)
SCORE_PROBLEMS: Final = (
    *("FIELD_NOT_ALLOWED", "STAGE_DATA_NOT_ALLOWED", "SCHEMA_VERSION_UNSUPPORTED", "RULES_NOT_IN_FORCE"),
    *("IDEMPOTENCY_KEY_REUSED", "GONE", "STORE_UNAVAILABLE"),
)

_TAG: Final = {"ETag": {"type": "string"}}
_ADVICE: Final = {JSON: component("Answer")}
_REQUEST: Final = Body(schema=component("ScoreRequest"))

RECORDED: Final = Reply(
    status=201,
    zh="已存档",
    en="recorded",
    content=_ADVICE,
    headers={**_TAG, "Location": {"type": "string"}},
)
REPLAYED: Final = Reply(
    status=200,
    zh="原样返回已存档的建议",
    en="what the key already led to, as it was",
    content=_ADVICE,
    headers={**_TAG, "Location": {"type": "string"}, "Idempotent-Replayed": {"const": "true"}},
)

CREATE: Final = Endpoint(
    method="POST",
    path="/v1/scores",
    zh="评分并存档",
    en="score one case and store the advice",
    action=Action.SCORE_CREATE,
    parameters=(KEY,),
    body=_REQUEST,
    replies=(RECORDED, REPLAYED),
    problems=SCORE_PROBLEMS,
)
PREVIEW: Final = Endpoint(
    method="POST",
    path="/v1/scores:preview",
    zh="评分但不存档",
    en="score without storing",
    action=Action.SCORE_PREVIEW,
    body=_REQUEST,
    replies=(Reply(status=200, zh="建议", en="advice", content=_ADVICE),),
    problems=SCORE_PROBLEMS,
)
READ: Final = Endpoint(
    method="GET",
    path="/v1/scores/{id}",
    zh="读取已存档的建议",
    en="read stored advice",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID,),
    replies=(Reply(status=200, zh="建议", en="advice", content=_ADVICE, headers=_TAG), answers.UNCHANGED),
    problems=("GONE", "STORE_UNAVAILABLE"),
)


async def create_score(request: Request) -> Response:
    """POST /v1/scores."""
    key = answers.idempotency_key(request.headers)
    origin = answers.origin_of(request.scope)
    office = office_of(request)
    return await given(await office.desk.score(document_of(request), key=key, origin=origin), office, origin=origin)


async def preview_score(request: Request) -> Response:
    """POST /v1/scores:preview."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    answer = await office.desk.preview(document_of(request), origin=origin)
    if origin.by.kind == "account":
        answer = await office.desk.run(lambda: office.record.viewing.previewed(answer, origin=origin))
    return answers.plain(answer)


async def read_score(request: Request) -> Response:
    """GET /v1/scores/{id}."""
    advice_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    return shown(await office.desk.run(lambda: office.record.viewing.read(advice_id, origin=origin)), request)


async def given(stored: Stored, office: Office, *, origin: Origin) -> Response:
    """Return an answer to whoever asked for it: systems get all of it, people what the court's mode allows."""
    if origin.by.kind != "account":
        return answers.recorded(stored)
    seen = await office.desk.run(lambda: office.record.viewing.given(stored, origin=origin))
    return answers.recorded(seen.stored, whole=seen.whole)


def shown(seen: Seen, request: Request) -> Response:
    """Return an answer as its reader may see it; one without its scores has no tag, because it will change."""
    return answers.on_record(seen.stored, request.headers) if seen.whole else answers.plain(seen.stored.answer)


ROUTES: Final[Routes] = {CREATE: create_score, PREVIEW: preview_score, READ: read_score}
