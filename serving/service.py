"""The BentoML service: the REST routes and one native endpoint, both behind the guard, both doors to one desk."""

from __future__ import annotations

import importlib
import os
from typing import Any, Final, TypeVar, cast

import bentoml
from bentoml._internal.utils.analytics import usage_stats
from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access.principal import Principal
from serving.bootstrap import open_office, preheat
from serving.door import answers
from serving.door.admission import Admission, Porter
from serving.door.endpoint import Endpoint
from serving.door.guard import ENDPOINT, Guard
from serving.door.head import Door
from serving.door.problems import ProblemError
from serving.logs import configure
from serving.metrics.prometheus import meter
from serving.office import Office, hand_over
from serving.pages.problem_page import problem_page
from serving.routes.health import READY
from serving.routes.scores import given
from serving.routes.table import TABLE, rest_app
from serving.settings import Settings
from serving.traffic.limits import Limits, Traffic

T_co = TypeVar("T_co", covariant=True)

# BentoML reports usage to its makers unless told not to; a court's network must never see that call.
os.environ["BENTOML_DO_NOT_TRACK"] = "True"
usage_stats.do_not_track.cache_clear()

# Whose word on a caller's address is believed is our own setting; uvicorn would believe this whole machine.
os.environ["FORWARDED_ALLOW_IPS"] = ""

REST: Final = rest_app()

_LATE: Final = "_bentoml_impl.server.app"
"""What BentoML imports when the first application is made, a third of the time that a worker takes to start."""


class _OwnReadiness:
    """Answers readiness ourselves, with what was found; BentoML's own answer has no words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a call to whoever answers it."""
        ours = scope["type"] == "http" and scope.get(ENDPOINT) is READY
        await (REST if ours else self.app)(scope, receive, send)


class GuardedService(bentoml.Service[T_co]):  # type: ignore[misc] # bentoml loads its names lazily, untyped
    """A BentoML service that nobody reaches past the guard, whichever server runs it."""

    def to_asgi(self, is_main: bool = True) -> ASGIApp:  # noqa: FBT001, FBT002 - BentoML's own signature
        """Return the application with the guard around it."""
        app: ASGIApp = _OwnReadiness(super().to_asgi(is_main))
        settings = Settings.read(os.environ)
        limits = Limits(settings.rate_principal, settings.rate_address, crowd=settings.queue)
        door = Door.of(settings, page_of=problem_page)
        return Guard(app, door, TABLE, Admission(_AtOffice(), Traffic(limits)), meter=meter())


class _AtOffice:
    """The porter of whichever office has been opened in this worker; before that nobody is let in."""

    async def principal(self, scope: Scope) -> Principal | None:
        """Return who calls."""
        return await self._porter.principal(scope)

    async def denied(self, endpoint: Endpoint, principal: Principal | None, *, code: str, request_id: str) -> None:
        """Write down a refusal."""
        await self._porter.denied(endpoint, principal, code=code, request_id=request_id)

    @property
    def _porter(self) -> Porter:
        office: Office | None = getattr(REST.state, "office", None)
        if office is None:
            raise ProblemError("NOT_READY", headers={"Retry-After": "1"})
        return office.reception.porter


class ScoreBody(BaseModel):
    """The body of a native call: the document of POST /v1/scores, and optionally its idempotency key.

    Fields are not checked here but where REST checks them, so that both doors
    refuse the same things in the same words.
    """

    model_config = ConfigDict(extra="allow", strict=True, hide_input_in_errors=True)

    application_id: JsonValue = None
    court_code: JsonValue = None
    stage: JsonValue = None
    case: JsonValue = None
    idempotency_key: JsonValue = None


@bentoml.asgi_app(REST)
@bentoml.service(
    service_class=GuardedService,
    envs=[{"name": "BENTOML_DO_NOT_TRACK", "value": "True"}],
    # Our own log replaces these; together they would take six of seven calls a second.
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": ".*"},
    # Each address has its own time, which the guard keeps; this is the bound above all of them.
    traffic={"timeout": 600},
    # Without access control nobody but this machine is served; the guard refuses the rest in any case.
    http={"host": "127.0.0.1", "port": 3000},
)
class TriageService:
    """Scores enforcement applications and keeps a record of every answer."""

    def __init__(self) -> None:
        settings = Settings.read(os.environ)
        configure(settings.log_level)
        self._office = open_office(settings, TABLE)
        hand_over(REST, self._office)

    @bentoml.api(route="/score")  # type: ignore[untyped-decorator]
    async def score(self, body: ScoreBody, /, ctx: bentoml.Context) -> dict[str, Any]:
        """Score one case and store the advice; the same as POST /v1/scores.

        The idempotency key is taken from the header `Idempotency-Key` or from
        the field `idempotency_key` of the body.
        """
        document = body.model_dump(exclude_unset=True)
        spare = document.pop("idempotency_key", None)
        try:
            key = answers.idempotency_key(ctx.request.headers, spare=spare)
            origin = answers.origin_of(ctx.request.scope)
            stored = await self._office.desk.score(document, key=key, origin=origin)
            response = await given(stored, self._office, origin=origin)
        except ProblemError as error:
            response = answers.refused(ctx.request, error)
        ctx.response.status_code = response.status_code
        # BentoML passes a finished response on as it is, whatever the annotation promises its schema.
        return cast("dict[str, Any]", response)

    async def __is_ready__(self) -> bool:
        """Whether work can be taken in now."""
        return (await self._office.ready()).ready

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def close(self) -> None:
        """Finish what was begun."""
        self._office.close()


def prepare(settings: Settings) -> None:
    """Do once, in the process that workers are forked from, what each of them would do otherwise: import and reckon."""
    importlib.import_module(_LATE)
    preheat(settings)


def application() -> ASGIApp:
    """Return the guarded application for a plain ASGI server."""
    service: GuardedService[TriageService] = TriageService  # type: ignore[assignment] # so the decorator made it
    return service.to_asgi(is_main=True)
