"""The addresses that BentoML answers itself: two health checks and the door for BentoML's own clients."""

from __future__ import annotations

from typing import Final

from serving.access.actions import Action
from serving.door.endpoint import Body, Endpoint, Reply, component
from serving.routes.binding import Routes
from serving.routes.scores import RECORDED, REPLAYED, SCORE_PROBLEMS

_OK: Final = Reply(status=200, zh="是", en="yes", content={"text/plain": {"type": "string"}})

LIVE: Final = Endpoint(
    method="GET",
    path="/livez",
    zh="进程存活",
    en="the process lives",
    action=None,
    replies=(_OK,),
    is_health=True,
    native=True,
)
HEALTHY: Final = Endpoint(
    method="GET",
    path="/healthz",
    zh="同 livez",
    en="as livez",
    action=None,
    replies=(_OK,),
    is_health=True,
    native=True,
)
SCORE: Final = Endpoint(
    method="POST",
    path="/score",
    zh="BentoML 客户端入口；幂等键写在请求体内，或以请求头给出",
    en="for BentoML clients; the key stands in the body, or in the header",
    action=Action.SCORE_CREATE,
    body=Body(schema=component("NativeScoreRequest")),
    replies=(RECORDED, REPLAYED),
    problems=("IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_INVALID", *SCORE_PROBLEMS),
    native=True,
)

ROUTES: Final[Routes] = {LIVE: None, HEALTHY: None, SCORE: None}
