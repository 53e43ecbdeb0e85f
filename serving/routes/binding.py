"""Binding handlers to declared addresses, and finding the handler of a call the guard has let through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import ModuleType

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from serving.door import answers
from serving.door.endpoint import DeclarationError, Endpoint, Table
from serving.door.guard import ENDPOINT
from serving.door.problems import ProblemError

Handler = Callable[[Request], Awaitable[Response]]
Routes = Mapping[Endpoint, Handler | None]
"""What a file of routes holds under `ROUTES`: every address it declares, with its handler; None if it is native."""


def bound(modules: Iterable[ModuleType]) -> tuple[Table, Mapping[Endpoint, Handler]]:
    """Return the table of all addresses and the handlers of ours; the service does not start with a mismatch.

    Raises
    ------
    DeclarationError
        An address has no handler, is declared and not bound, or is bound
        although BentoML answers it.
    """
    routes: dict[Endpoint, Handler | None] = {}
    for module in modules:
        declared = {value for value in vars(module).values() if isinstance(value, Endpoint)}
        unbound = declared - module.ROUTES.keys()
        if unbound:
            msg = f"{module.__name__}: declared and not bound: {', '.join(sorted(map(str, unbound)))}"
            raise DeclarationError(msg)
        routes |= module.ROUTES
    wrong = [str(endpoint) for endpoint, handler in routes.items() if endpoint.native != (handler is None)]
    if wrong:
        msg = f"no handler, or a handler for an address of BentoML's own: {', '.join(wrong)}"
        raise DeclarationError(msg)
    return Table(tuple(routes)), {endpoint: handler for endpoint, handler in routes.items() if handler is not None}


class ByDeclaration(BaseRoute):
    """The one route of the application: the guard has found the endpoint, this finds its handler."""

    def __init__(self, handlers: Mapping[Endpoint, Handler]) -> None:
        self.handlers = handlers

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take every call to an address with a handler of ours."""
        taken = scope["type"] == "http" and scope.get(ENDPOINT) in self.handlers
        return (Match.FULL if taken else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the call."""
        request = Request(scope, receive, send)
        response = await self.handlers[scope[ENDPOINT]](request)
        await response(scope, receive, send)


def application_of(handlers: Mapping[Endpoint, Handler]) -> Starlette:
    """Return the handlers as an application; it answers after `hand_over`."""
    return Starlette(routes=[ByDeclaration(handlers)], exception_handlers={ProblemError: _refused})


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):  # Starlette calls this for ProblemError only
        raise error
    return answers.refused(request, error)
