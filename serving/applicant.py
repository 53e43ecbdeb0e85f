"""The public side: the applicant's form behind the guard, in a process of its own that knows no case and no model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.types import ASGIApp, Scope

from serving.access.principal import Principal
from serving.door.admission import Admission
from serving.door.endpoint import Endpoint, Table
from serving.door.guard import Guard
from serving.door.head import Door
from serving.pages.applicant.refusal import refusal_page
from serving.pages.rendering import prepare
from serving.routes.applicant import ApplicantForm
from serving.routes.binding import application_of
from serving.routes.pages import static
from serving.settings import Settings
from serving.traffic.limits import Limits, Traffic


class _Nobody:
    """The porter of a house in which nobody has a name: no account, no key, no session."""

    async def principal(self, _: Scope) -> Principal | None:
        """Return nobody."""
        return None

    async def denied(self, endpoint: Endpoint, principal: Principal | None, *, code: str, request_id: str) -> None:
        """Write nothing down: every address is open."""


def applicant_app(settings: Settings, *, clock: Callable[[], datetime]) -> ASGIApp:
    """Return the guarded application; it opens no store, reads no key and loads no model."""
    prepare()
    routes = {**ApplicantForm(clock).routes, **static.ROUTES}
    handlers = {endpoint: handler for endpoint, handler in routes.items() if handler is not None}
    limits = Limits(settings.rate_principal, settings.rate_address, crowd=settings.queue)
    door = Door.of(settings, page_of=refusal_page)
    return Guard(application_of(handlers), door, Table(tuple(handlers)), Admission(_Nobody(), Traffic(limits)))
