"""The reception: what the routes ask when somebody logs in or out, done beside the event loop, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from serving.access.origin import Origin
from serving.access.roles import RolesError
from serving.door.problems import ProblemError
from serving.identity.accounts import AccountError, Accounts
from serving.identity.api_keys import ApiKeyError, ApiKeys, NoApiKeyError
from serving.identity.log_in import Attempt, LockedError, LogIn, WrongLogInError
from serving.identity.passwords import WeakPasswordError
from serving.identity.porter import Porter
from serving.identity.sessions import OpenSession, SessionOverError, Sessions
from serving.identity.sign_on import Callback, SignOn, SignOnError
from serving.logs import logger
from serving.repositories.accounts import NameTakenError, NoAccountError
from serving.store.faults import StoreUnavailableError

T = TypeVar("T")

_MOST_WAITING: Final = 16
_RETRY: Final = {"Retry-After": "2"}


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Whoever does the work behind the reception."""

    porter: Porter
    log_in: LogIn
    sessions: Sessions
    accounts: Accounts
    api_keys: ApiKeys


@dataclass(frozen=True)
class PasswordChange:
    """The password used so far, and the one to come."""

    now_used: str
    new: str


class Reception:
    """Runs log-ins in one thread: a password costs a fifth of a second and 32 MiB, which must not add up."""

    def __init__(self, staff: Staff, *, sign_on: SignOn | None = None) -> None:
        self.staff = staff
        self._sign_on = sign_on
        self._outside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sign-on")
        self.porter = staff.porter
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reception")
        self._waiting = 0

    async def log_in(self, attempt: Attempt) -> OpenSession:
        """Open a session; raise the problem that prevented it."""
        return await self.run(lambda: self.staff.log_in(attempt))

    @property
    def signs_on(self) -> bool:
        """Whether the court has a log-in service of its own."""
        return self._sign_on is not None

    async def begin_sign_on(self) -> tuple[str, str]:
        """Return the address of the court's log-in service to go to, and the note to bring back."""
        sign_on = self._court_service()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._outside, sign_on.begin)
        except SignOnError as error:
            logger().error("sign_on_unavailable", why=error.why)
            raise ProblemError("SIGN_ON_UNAVAILABLE", headers=_RETRY) from None

    async def end_sign_on(self, callback: Callback, *, address: str, request_id: str) -> OpenSession:
        """Open a session for whoever comes back from the court's log-in service."""
        sign_on = self._court_service()
        log_in = self.staff.log_in
        try:
            number = await asyncio.get_running_loop().run_in_executor(self._outside, sign_on.number, callback)
        except SignOnError as error:
            why = error.why
            await self.run(lambda: log_in.refuse_elsewhere(why, address=address, request_id=request_id))
            raise ProblemError("LOGIN_FAILED") from None
        return await self.run(lambda: log_in.from_elsewhere(number, address=address, request_id=request_id))

    def _court_service(self) -> SignOn:
        if self._sign_on is None:
            raise ProblemError("NOT_FOUND")
        return self._sign_on

    async def current(self, token: str) -> OpenSession:
        """Return the session that this token opens."""
        return await self.run(lambda: self.staff.sessions.current(token))

    async def log_out(self, token: str, *, origin: Origin) -> None:
        """End the session."""
        await self.run(lambda: self.staff.sessions.end(token, origin=origin))

    async def log_out_everywhere(self, *, origin: Origin) -> None:
        """End every session of whoever asks."""
        await self.run(lambda: self.staff.sessions.end_all(origin=origin))

    async def change_password(self, change: PasswordChange, *, origin: Origin, address: str) -> OpenSession:
        """Change one's own password; every session ends and a new one is opened."""
        return await self.run(lambda: self._change(change, origin, address))

    async def run(self, work: Callable[[], T]) -> T:
        """Do some work of the staff in the reception's thread; raise the problem that it ends in."""
        if self._waiting >= _MOST_WAITING:
            raise ProblemError("RATE_LIMITED", headers=_RETRY)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except _KNOWN as error:
            raise problem_of(error) from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Finish what was begun."""
        self._thread.shutdown(wait=True)
        self._outside.shutdown(wait=False, cancel_futures=True)
        self.porter.close()

    def _change(self, change: PasswordChange, origin: Origin, address: str) -> OpenSession:
        """Check the present password as a log-in does, so that guessing it here is counted too."""
        name = origin.by.id
        attempt = Attempt(name, change.now_used, address, origin.request_id)
        self.staff.log_in.known(attempt)
        try:
            account = self.staff.accounts.change_password(name, now_used=change.now_used, new=change.new, origin=origin)
        finally:
            self.staff.log_in.forgive(attempt)
        return self.staff.sessions.open(account, request_id=origin.request_id, address=address)


def problem_of(error: Exception) -> ProblemError:
    """Return the problem by which a caller hears of an error of the staff's work."""
    if isinstance(error, LockedError):
        return ProblemError("LOGIN_LOCKED", headers={"Retry-After": str(error.seconds)})
    if isinstance(error, WeakPasswordError):
        shown = {"pointer": "/new_password", "code": "PASSWORD_WEAK", "message": error.zh, "message_en": error.en}
        return ProblemError("PASSWORD_WEAK", errors=[shown])
    if isinstance(error, StoreUnavailableError):
        logger().error("store_unavailable", reason=str(error))
        return ProblemError("STORE_UNAVAILABLE", headers=_RETRY)
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), None)
    if code is not None:
        return ProblemError(code)
    zh, _, en = str(error).partition(" / ")
    return ProblemError("ACCESS_REFUSED", detail=(zh, en))


_CODES: Final[Mapping[type[Exception], str]] = {
    WrongLogInError: "LOGIN_FAILED",
    SessionOverError: "SESSION_OVER",
    NoAccountError: "NOT_FOUND",
    NoApiKeyError: "NOT_FOUND",
    NameTakenError: "NAME_TAKEN",
}
_KNOWN: Final[tuple[type[Exception], ...]] = (
    *_CODES,
    *(LockedError, WeakPasswordError, StoreUnavailableError),
    *(AccountError, ApiKeyError, RolesError),
)
"""What the staff's work may end in; anything else is a bug."""
