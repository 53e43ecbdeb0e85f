"""The porter: tells the guard who is calling, by key or by session, and writes down whom it had to refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, TypeVar

from starlette.types import Scope

from serving.access.principal import NOBODY, Principal
from serving.audit.event import Event
from serving.door.admission import WHO
from serving.door.endpoint import Endpoint
from serving.door.problems import ProblemError
from serving.identity import cookies
from serving.identity.api_keys import ApiKeys
from serving.identity.sessions import SessionOverError, Sessions
from serving.logs import logger
from serving.repositories.denials import DenialStore
from serving.store.faults import StoreUnavailableError

T = TypeVar("T")

_RETRY: Final = {"Retry-After": "1"}


class Porter:
    """Looks up keys and sessions beside the event loop, so that a slow disk never silences the health checks."""

    def __init__(
        self, api_keys: ApiKeys, sessions: Sessions, denials: DenialStore, *, clock: Callable[[], datetime]
    ) -> None:
        self._api_keys = api_keys
        self._sessions = sessions
        self._denials = denials
        self._clock = clock
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="porter")

    async def principal(self, scope: Scope) -> Principal | None:
        """Return who calls; None for somebody who does not say.

        Raises
        ------
        ProblemError
            What he says is not true, or nobody can look it up now.
        """
        key = _key_of(scope)
        if key is not None:
            return await self._look_up(lambda: self._of_key(key))
        token = cookies.token_of(scope["headers"])
        return None if token is None else await self._look_up(lambda: self._of_session(token))

    async def denied(self, endpoint: Endpoint, principal: Principal | None, *, code: str, request_id: str) -> None:
        """Write down a refusal; the caller is refused even if that fails."""
        event = Event(
            action=str(endpoint.action or "open"),
            actor=(principal or NOBODY).actor,
            role=(principal or NOBODY).role,
            kind="address",
            object_id=str(endpoint),
            outcome="denied",
            request_id=request_id,
            detail={"why": code},
        )
        try:
            await self._run(lambda: self._denials.note(event, at=self._clock()))
        except StoreUnavailableError as error:
            logger().error("denial_not_recorded", reason=str(error), request_id=request_id)

    def close(self) -> None:
        """Finish what was begun."""
        self._threads.shutdown(wait=True)

    async def _look_up(self, work: Callable[[], T]) -> T:
        try:
            return await self._run(work)
        except StoreUnavailableError as error:
            logger().error("store_unavailable", reason=str(error))
            raise ProblemError("STORE_UNAVAILABLE", headers=_RETRY) from None

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _of_key(self, text: str) -> Principal:
        principal = self._api_keys.recognise(text)
        if principal is None:
            raise ProblemError("UNAUTHENTICATED", headers=WHO)
        return principal

    def _of_session(self, token: str) -> Principal:
        try:
            return self._sessions.recognise(token)
        except SessionOverError:
            raise ProblemError("SESSION_OVER", headers=WHO) from None


def _key_of(scope: Scope) -> str | None:
    """Return what stands behind `Bearer`; other schemes are a wrong credential, not a missing one."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, key = value.decode("latin-1").partition(" ")
            return key.strip() if scheme.lower() == "bearer" else ""
    return None
