"""Readiness: 200 as long as work can be taken in, with what is not as it should be; 503 else."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.door import answers
from serving.door.endpoint import JSON, Endpoint, Reply
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.health.findings import CODES, Health
from serving.office import office_of
from serving.routes.binding import Routes

_FINDING: Final = {
    "type": "object",
    "required": ["code", "text", "text_en"],
    "properties": {"code": {"enum": list(CODES)}, "text": {"type": "string"}, "text_en": {"type": "string"}},
}
_HEALTH: Final = {
    "type": "object",
    "required": ["status", "findings"],
    "properties": {"status": {"enum": ["ready", "degraded"]}, "findings": {"type": "array", "items": _FINDING}},
}

READY: Final = Endpoint(
    method="GET",
    path="/readyz",
    zh="可以受理（存储可写、审计可追加、磁盘、模型状态）",
    en="ready: store, audit trail, disk, and how the models stand",
    action=None,
    replies=(Reply(status=200, zh="可以受理", en="work can be taken in", content={JSON: _HEALTH}),),
    problems=("NOT_READY",),
    is_health=True,
)


async def readiness(request: Request) -> Response:
    """GET /readyz."""
    health = await office_of(request).ready()
    if not health.ready:
        raise ProblemError("NOT_READY", headers={"Retry-After": "5"}, errors=_shown(health))
    return answers.plain(written(health.to_json()))


def _shown(health: Health) -> list[dict[str, object]]:
    stops = (one for one in health.findings if one.stops)
    return [{"pointer": "", "code": one.code, "message": one.words[0], "message_en": one.words[1]} for one in stops]


ROUTES: Final[Routes] = {READY: readiness}
