"""The addresses that BentoML answers itself: two health checks and the door for BentoML's own clients."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from serving.access.actions import Action
from serving.door.endpoint import Body, Endpoint, Reply, component
from serving.routes.binding import Routes
from serving.routes.scores import KEY, RECORDED, REPLAYED, SCORE_PROBLEMS

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
    zh="BentoML 客户端入口；幂等键也可写在请求体内",
    en="for BentoML clients; the key may stand in the body",
    action=Action.SCORE_CREATE,
    # The key may stand in the body instead, so here the header is not required.
    parameters=(replace(KEY, required=False),),
    body=Body(schema=component("NativeScoreRequest")),
    replies=(RECORDED, REPLAYED),
    problems=("IDEMPOTENCY_KEY_MISSING", *SCORE_PROBLEMS),
    native=True,
)

ROUTES: Final[Routes] = {LIVE: None, HEALTHY: None, SCORE: None}
