"""Who is let in: not more than can be served, nobody without a name, and nobody to what is not his to do."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Protocol

from starlette.types import Scope

from serving.access.principal import PRINCIPAL, Principal
from serving.door.endpoint import Endpoint
from serving.door.head import Head, check_origin
from serving.door.outgoing import Visit
from serving.door.problems import ProblemError
from serving.traffic.limits import BusyError, Crowd, Limits, Traffic

WHO: Final[Mapping[str, str]] = {"WWW-Authenticate": 'Bearer realm="fenliu"'}
"""The header that asks a caller to say who he is."""


class Porter(Protocol):
    """Tells who is calling, and writes down whom the guard refused (`serving.identity.porter`)."""

    async def principal(self, scope: Scope) -> Principal | None:
        """Return who calls by the head of the request, None for nobody; raise a problem for a bad credential."""

    async def denied(self, endpoint: Endpoint, principal: Principal | None, *, code: str, request_id: str) -> None:
        """Write down a refusal."""


@dataclass(frozen=True)
class Admission:
    """Decides on calls by their head, with the porter and within the limits of one worker."""

    porter: Porter
    traffic: Traffic = field(default_factory=lambda: Traffic(Limits()))

    def hold_back(self, endpoint: Endpoint, address: str) -> None:
        """Send away at once what cannot be served now; health checks always pass.

        Raises
        ------
        BusyError
            The address calls too often, guesses too often, or the house is full.
        """
        if endpoint.is_health:
            return
        self.traffic.addresses.take(address)
        if endpoint.lets_in:
            self.traffic.guesses.take(address)
        self._crowd(endpoint).check()

    def place(self, endpoint: Endpoint) -> AbstractContextManager[None]:
        """Hold a place in the house while a call is served; raise BusyError if there is none."""
        return nullcontext() if endpoint.is_health else self._crowd(endpoint).place()

    async def admit(self, scope: Scope, endpoint: Endpoint, head: Head, visit: Visit) -> None:
        """Find out who calls and whether that is permitted; a credential that is refused is written down.

        Of strangers only so many a second are written down: nobody can guess a
        key of 256 bits, but anybody could fill the trail.

        Raises
        ------
        ProblemError
            It is not.
        BusyError
            The principal calls too often.
        """
        if endpoint.method != "GET":
            check_origin(head)
        if endpoint.action is None:
            return
        try:
            principal = scope[PRINCIPAL] = await self.porter.principal(scope)
        except ProblemError as error:
            if error.problem.code == "UNAUTHENTICATED" and self.traffic.strangers.allow() is not None:
                await self._denied(endpoint, None, error, visit)
            raise
        if principal is None:
            raise ProblemError("UNAUTHENTICATED", headers=WHO)
        self.traffic.principals.take(principal.owner)
        try:
            _permit(principal, endpoint, head)
        except ProblemError as error:
            await self._denied(endpoint, principal, error, visit)
            raise

    async def _denied(self, endpoint: Endpoint, principal: Principal | None, error: ProblemError, visit: Visit) -> None:
        await self.porter.denied(endpoint, principal, code=error.problem.code, request_id=visit.request_id)

    def _crowd(self, endpoint: Endpoint) -> Crowd:
        streamed = endpoint.body is not None and endpoint.body.streamed
        return self.traffic.streams if streamed else self.traffic.crowd


def busy(error: BusyError) -> ProblemError:
    """Return the problem of a caller who has to come again later."""
    return ProblemError("RATE_LIMITED", headers={"Retry-After": str(error.seconds)})


def check_token(principal: Principal, given: str) -> None:
    """Raise the problem that ends the call here, unless its page knows the token that this session was given."""
    if not hmac.compare_digest(principal.csrf.encode(), given.encode()):
        raise ProblemError("CSRF_REFUSED")


def _permit(principal: Principal, endpoint: Endpoint, head: Head) -> None:
    if endpoint.action is None or not principal.may(endpoint.action):
        raise ProblemError(principal.pending or "PERMISSION_DENIED")
    # Forms bring the token among their fields; whoever reads these looks at it.
    form = endpoint.body is not None and (endpoint.body.is_form or endpoint.body.is_upload)
    if principal.csrf and endpoint.method != "GET" and not form:
        check_token(principal, (head.csrf or b"").decode("latin-1"))
