"""The desk of one worker: takes calls in, handles them one by one beside the event loop, refuses when full."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from features.case import CaseError, InvalidCaseError
from models.rules.rule import RuleTableError
from serving.access.origin import Origin
from serving.decide import Decider, KeyReusedError
from serving.door.problems import ProblemError
from serving.logs import logger
from serving.repositories.advice import CourtDeniedError, ErasedError, Stored
from serving.store.faults import StoreUnavailableError

T = TypeVar("T")

_RETRY = {"Retry-After": "1"}
_STRAYS = ("STAGE_DATA_NOT_ALLOWED", "FIELD_NOT_ALLOWED", "SCHEMA_VERSION_UNSUPPORTED")
"""Errors of single fields that name the whole answer; the first one found wins."""


class Desk:
    """Runs the use case in one thread, so that a slow disk never silences the health checks.

    One thread is enough: scoring holds the interpreter anyway, and SQLite
    takes one writer at a time. Calls beyond `queue` are refused at once with
    429, which costs the caller less than a timeout.
    """

    def __init__(self, decider: Decider[Any], *, queue: int) -> None:
        self._decider = decider
        self._queue = queue
        self._waiting = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")

    async def score(self, document: object, *, key: str, origin: Origin) -> Stored:
        """Score and record; raise the problem that prevented it."""
        return await self._handle(lambda: self._decider.score(document, key=key, origin=origin))

    async def preview(self, document: object, *, origin: Origin) -> bytes:
        """Score without recording."""
        return await self._handle(lambda: self._decider.preview(document, origin=origin))

    async def score_all(self, documents: Sequence[object], *, key: str, origin: Origin) -> list[Stored]:
        """Score and record all of them or none; raise the problem that prevented it."""
        return await self._handle(lambda: self._decider.score_all(documents, key=key, origin=origin))

    async def run(self, work: Callable[[], T]) -> T:
        """Do some work on the record in its turn, and raise the problem that it ends in."""
        return await self._handle(work)

    @property
    def free(self) -> bool:
        """Whether nobody is waiting for an answer."""
        return self._waiting == 0

    def close(self) -> None:
        """Finish what was begun and let go of the store."""
        self._thread.shutdown(wait=True)
        self._decider.records.store.close()

    async def _handle(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._queue:
            raise ProblemError("RATE_LIMITED", headers=_RETRY)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except InvalidCaseError as error:
            raise rejection(error.errors) from None
        except RuleTableError as error:
            raise _no_rules(error) from None
        except KeyReusedError:
            raise ProblemError("IDEMPOTENCY_KEY_REUSED") from None
        except CourtDeniedError:
            raise ProblemError("PERMISSION_DENIED") from None
        except ErasedError:
            raise ProblemError("GONE") from None
        except StoreUnavailableError as error:
            logger().error("store_unavailable", reason=str(error))
            raise ProblemError("STORE_UNAVAILABLE", headers=_RETRY) from None
        finally:
            self._waiting -= 1


def rejection(errors: tuple[CaseError, ...]) -> ProblemError:
    """Return the problem for a document that is not a case."""
    found = {error.code for error in errors}
    code = next((stray for stray in _STRAYS if stray in found), "VALIDATION_FAILED")
    return ProblemError(code, errors=[_shown(error) for error in errors])


def _no_rules(error: RuleTableError) -> ProblemError:
    zh, en = "；".join(fault.zh for fault in error.faults), "; ".join(fault.en for fault in error.faults)
    shown = {"pointer": "/as_of", "code": "RULES_NOT_IN_FORCE", "message": zh, "message_en": en}
    return ProblemError("RULES_NOT_IN_FORCE", errors=[shown])


def _shown(error: CaseError) -> dict[str, object]:
    shown: dict[str, object] = {
        "pointer": error.pointer,
        "code": error.code,
        "message": error.message,
        "message_en": error.message_en,
    }
    if error.params:
        shown["params"] = dict(error.params)
    return shown
