"""The advice store: one transaction writes an answer and its key, and a key leads to one answer for good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from serving.store import migrate
from serving.store.engine import READING, alone, open_engine
from serving.store.tables import advice, idempotency

_FAULTS = (DBAPIError, PoolTimeoutError)


class StoreUnavailableError(RuntimeError):
    """The store could not be read or written; nothing was acknowledged."""


@dataclass(frozen=True)
class Call:
    """What identifies a write: the kind of call, the caller's key and the digest of its content."""

    scope: str
    key: str
    body_digest: str

    @property
    def key_sha256(self) -> str:
        """The key as it is stored: callers sometimes put more into keys than they should."""
        return hashlib.sha256(self.key.encode("utf-8")).hexdigest()


@dataclass(frozen=True, kw_only=True)
class AdviceRow:
    """One answer with everything needed to defend and replay it (columns of table `advice`)."""

    application_id: str
    court_code: str
    stage: str
    as_of: str
    created_at: str
    expires_at: str
    status: str
    route: str | None
    decided_by: str
    model_sha256: str | None
    ruleset_sha256: str
    input: str
    input_sha256: str
    features: bytes | None
    features_sha256: str | None
    versions: str
    rules: str


@dataclass(frozen=True)
class Stored:
    """An answer on record."""

    id: str
    answer: bytes
    body_digest: str = ""
    replayed: bool = False


class AdviceStore:
    """Reads and writes advice; owns the connection to the database."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._inode = path.stat().st_ino

    @classmethod
    def open(cls, path: Path, *, busy_timeout_ms: int = 5000) -> AdviceStore:
        """Open the database file, creating and migrating it where needed."""
        with alone(path):
            engine = open_engine(path, busy_timeout_ms=busy_timeout_ms)
            migrate.upgrade(engine)
        return cls(engine, path)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def ready(self) -> bool:
        """Whether a write could start now: the file is still ours, unlocked and writable."""
        try:
            if self._path.stat().st_ino != self._inode:
                return False
            with self._engine.begin() as connection:
                connection.execute(select(func.count()).select_from(select(idempotency.c.scope).limit(1).subquery()))
        except (OSError, *_FAULTS):
            return False
        return True

    def find(self, call: Call) -> Stored | None:
        """Return what an earlier call with the same key led to."""
        try:
            with self._reading() as connection:
                return _find(connection, call)
        except _FAULTS as error:
            raise _unavailable(error) from error

    def get(self, advice_id: str) -> Stored | None:
        """Return the answer with this id."""
        query = select(advice.c.id, advice.c.answer).where(advice.c.id == advice_id)
        try:
            with self._reading() as connection:
                row = connection.execute(query).one_or_none()
        except _FAULTS as error:
            raise _unavailable(error) from error
        return None if row is None else Stored(row.id, row.answer)

    def record(self, call: Call, row: AdviceRow, *, day: str, answer_of: Callable[[str], bytes]) -> Stored:
        """Write the answer and its key in one transaction, or return what the key already led to.

        `answer_of` builds the answer's body from the id the record gets.

        Raises
        ------
        StoreUnavailableError
            Nothing was written.
        """
        try:
            with self._engine.begin() as connection:
                return _find(connection, call) or _write(connection, call, row, day=day, answer_of=answer_of)
        except _FAULTS as error:
            raise _unavailable(error) from error

    def _reading(self) -> Connection:
        """Return a connection that reads without taking the writers' lock."""
        return self._engine.connect().execution_options(**READING)


def advice_id(day: str, number: int) -> str:
    """Return the id of the day's nth answer, such as SCR-20261120-000187."""
    return f"SCR-{day.replace('-', '')}-{number:06d}"


def today(now: datetime) -> str:
    """Return the court's calendar day of an instant that is already in Shanghai time."""
    return now.date().isoformat()


def _find(connection: Connection, call: Call) -> Stored | None:
    query = (
        select(advice.c.id, advice.c.answer, idempotency.c.body_digest)
        .join(idempotency, idempotency.c.advice_id == advice.c.id)
        .where(idempotency.c.scope == call.scope, idempotency.c.key_sha256 == call.key_sha256)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Stored(row.id, row.answer, row.body_digest, replayed=True)


def _write(
    connection: Connection,
    call: Call,
    row: AdviceRow,
    *,
    day: str,
    answer_of: Callable[[str], bytes],
) -> Stored:
    """Write everything that belongs to one answer; whatever must never exist without it is added here."""
    last = connection.scalar(select(func.max(advice.c.number)).where(advice.c.day == day))
    number = (last or 0) + 1
    new_id = advice_id(day, number)
    answer = answer_of(new_id)
    connection.execute(insert(advice), {"id": new_id, "day": day, "number": number, "answer": answer, **vars(row)})
    connection.execute(
        insert(idempotency),
        {
            "scope": call.scope,
            "key_sha256": call.key_sha256,
            "body_digest": call.body_digest,
            "advice_id": new_id,
        },
    )
    return Stored(new_id, answer, call.body_digest)


def _unavailable(error: DBAPIError | PoolTimeoutError) -> StoreUnavailableError:
    """Wrap a database error without the values of its statement."""
    reason = str(error.orig) if isinstance(error, DBAPIError) else "no free connection"
    msg = f"存储不可用：{reason} / the store cannot be used: {reason}"
    return StoreUnavailableError(msg)
