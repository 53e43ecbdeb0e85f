"""Advice on record: one transaction writes an answer, its key and its audit row; a key leads to one answer for good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import Event, event_of
from serving.keys import KeyRing
from serving.repositories.basis_numbers import put_basis
from serving.repositories.court_scope import within
from serving.repositories.open_cases import enter
from serving.repositories.person_tokens import put_token
from serving.repositories.urging.watching import note_answer
from serving.store.tables.advice import SEALED, advice, idempotency
from serving.store.transaction import Store

KIND: Final = "advice"


class CourtDeniedError(PermissionError):
    """The case belongs to a court that is not the caller's; `args` names it."""


class ErasedError(LookupError):
    """The record is there, its content was erased when its time was up."""


@dataclass(frozen=True)
class Call:
    """What identifies a write: the kind of call, the caller's own key and the digest of its content."""

    scope: str
    key: str
    body_digest: str
    owner: str = ""

    @property
    def key_sha256(self) -> str:
        """The owner's key as it is stored: two systems may choose the same, and some put too much into it."""
        return hashlib.sha256(f"{self.owner}\n{self.key}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class AdviceRow:
    """One answer with everything needed to defend and replay it (columns of table `advice`, not sealed yet).

    `waits` is the row of the queue in which the case waits for a decision.
    """

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
    input: bytes
    input_sha256: str
    features: bytes | None
    features_sha256: str | None
    versions: str
    rules: bytes
    waits: Mapping[str, Any] | None = None

    @property
    def columns(self) -> dict[str, object]:
        """What goes into the table."""
        return {name: value for name, value in vars(self).items() if name != "waits"}


@dataclass(frozen=True)
class Stored:
    """An answer on record."""

    id: str
    answer: bytes
    body_digest: str = ""
    replayed: bool = False


@dataclass(frozen=True)
class Beside:
    """What belongs to a call beside its document: `said` makes it another call, `write` puts it on record."""

    said: Mapping[str, str]
    write: Callable[[Connection, str], None]


@dataclass(frozen=True)
class Entry:
    """One answer to be written: its call, its row, how its body is built once its id is known, what stands beside."""

    call: Call
    row: AdviceRow
    answer_of: Callable[[str], bytes]
    beside: Beside | None = None


@dataclass(frozen=True)
class AdviceStore:
    """Reads and writes advice; every write and every read of it is on the audit chain before anyone hears it."""

    store: Store
    keys: KeyRing

    def find(self, call: Call, *, origin: Origin, at: datetime) -> Stored | None:
        """Return what an earlier call with the same key led to, and note the repetition.

        Raises
        ------
        CourtDeniedError
            It is about a case of another court.
        ErasedError
            The answer was erased since.
        StoreUnavailableError
            The store could not be read, or the repetition not noted.
        """
        known = self.store.read(lambda connection: _known(connection, call))
        if known is None:
            return None
        if known[2] not in origin.by.courts:
            raise CourtDeniedError(known[2])
        return self.store.write(lambda connection: self._repeat(connection, call, origin, at))

    def get(self, advice_id: str, *, origin: Origin, at: datetime, action: str = "score.read") -> Stored | None:
        """Return the answer with this id, if it is of one of the reader's courts; note who read or sought it, for what.

        Raises
        ------
        ErasedError
            The answer was erased.
        StoreUnavailableError
            The store could not be read, or the reading not noted.
        """
        return self.store.write(lambda connection: self._get(connection, advice_id, action, (origin, at)))

    def record(
        self,
        call: Call,
        row: AdviceRow,
        *,
        answer_of: Callable[[str], bytes],
        origin: Origin,
        at: datetime,
        beside: Beside | None = None,
    ) -> Stored:
        """Write the answer, its key and its audit row in one transaction, or return what the key already led to.

        `answer_of` builds the answer's body from the id the record gets.
        What is written `beside` it stands or falls with it.

        Raises
        ------
        StoreUnavailableError
            Nothing was written.
        """
        return self.record_all([Entry(call, row, answer_of, beside)], origin=origin, at=at)[0]

    def record_all(self, entries: Sequence[Entry], *, origin: Origin, at: datetime) -> list[Stored]:
        """Write several answers in one transaction: all of them are on record, or none.

        Raises
        ------
        StoreUnavailableError
            Nothing was written.
        """
        return self.store.write(lambda connection: [self._record(connection, one, origin, at) for one in entries])

    def _record(self, connection: Connection, entry: Entry, origin: Origin, at: datetime) -> Stored:
        known = self._repeat(connection, entry.call, origin, at)
        if known is not None:
            return known
        new = self._write(connection, entry.call, entry.row, _Writing(entry.answer_of, origin, at))
        if entry.beside is not None:
            entry.beside.write(connection, new.id)
        return new

    def _get(self, connection: Connection, advice_id: str, action: str, by: tuple[Origin, datetime]) -> Stored | None:
        origin, at = by
        query = select(advice.c.id, advice.c.answer, advice.c.court_code).where(
            advice.c.id == advice_id, within(advice.c.court_code, origin.by.courts)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            # Told of both alike, what is not there and what is another court's, so that neither takes longer.
            append(connection, _sought(origin, action, advice_id), mac=self.keys.mac, at=at)
            return None
        answer = self._open(row.id, row.answer)
        event = event_of(origin, action, kind=KIND, object_id=row.id, court=row.court_code)
        append(connection, event, mac=self.keys.mac, at=at)
        return Stored(row.id, answer)

    def _repeat(self, connection: Connection, call: Call, origin: Origin, at: datetime) -> Stored | None:
        row = _known(connection, call)
        if row is None:
            return None
        advice_id, sealed, court, digest = row
        answer = self._open(advice_id, sealed)
        if digest == call.body_digest:
            event = event_of(origin, "score.repeat", kind=KIND, object_id=advice_id, court=court)
            append(connection, event, mac=self.keys.mac, at=at)
        return Stored(advice_id, answer, digest, replayed=True)

    def _write(self, connection: Connection, call: Call, row: AdviceRow, writing: _Writing) -> Stored:
        """Write everything that belongs to one answer; whatever must never exist without it is added here."""
        day = today(writing.at)
        last = connection.scalar(_LAST_NUMBER, {"day": day})
        number = (last or 0) + 1
        new_id = advice_id(day, number)
        answer = writing.answer_of(new_id)
        plain = {**row.columns, "answer": answer, "id": new_id, "day": day, "number": number}
        stored = {**plain, **self._sealed(plain), "created_by": writing.origin.by.actor}
        connection.execute(_NEW, stored)
        key = {"scope": call.scope, "key_sha256": call.key_sha256, "body_digest": call.body_digest}
        connection.execute(_NEW_KEY, {**key, "advice_id": new_id})
        put_token(connection, new_id, row.input, self.keys)
        put_basis(connection, new_id, row.input, self.keys)
        if row.waits is not None:
            enter(connection, row.waits, new_id)
            note_answer(connection, row.waits, day)
        event = event_of(
            writing.origin, "score.create", kind=KIND, object_id=new_id, court=row.court_code,
            row_sha256=row_digest(stored), **key,
        )  # fmt: skip
        append(connection, event, mac=self.keys.mac, at=writing.at)
        return Stored(new_id, answer, call.body_digest)

    def _sealed(self, plain: dict[str, object]) -> dict[str, bytes | None]:
        columns = {name: plain[name] for name in SEALED}
        return {
            name: self.keys.seal.close(content, f"advice.{name}:{plain['id']}") if isinstance(content, bytes) else None
            for name, content in columns.items()
        }

    def _open(self, advice_id: str, sealed: bytes | None) -> bytes:
        if sealed is None:
            msg = f"{advice_id} 的内容已按期限删除 / the content of {advice_id} was erased"
            raise ErasedError(msg)
        return self.keys.seal.open(sealed, f"advice.answer:{advice_id}")


def advice_id(day: str, number: int) -> str:
    """Return the id of the day's nth answer, such as SCR-20261120-000187."""
    return f"SCR-{day.replace('-', '')}-{number:06d}"


def today(now: datetime) -> str:
    """Return the court's calendar day of an instant that is already in Shanghai time."""
    return now.date().isoformat()


@dataclass(frozen=True)
class _Writing:
    """How an answer is built once its id is known, who asked for it and when."""

    answer_of: Callable[[str], bytes]
    origin: Origin
    at: datetime


def _sought(origin: Origin, action: str, advice_id: str) -> Event:
    """Return the event of somebody asking for what he cannot have."""
    found = event_of(origin, action, kind=KIND, object_id=advice_id, why="NOT_FOUND")
    return replace(found, outcome="denied")


def _known(connection: Connection, call: Call) -> tuple[str, bytes | None, str, str] | None:
    """Return id, sealed answer, court and body digest of what the key led to."""
    row = connection.execute(_KNOWN, {"scope": call.scope, "key_sha256": call.key_sha256}).one_or_none()
    return None if row is None else (row.id, row.answer, row.court_code, row.body_digest)


# Built once: building a statement costs as much as running it.
_KNOWN: Final = (
    select(advice.c.id, advice.c.answer, advice.c.court_code, idempotency.c.body_digest)
    .join(idempotency, idempotency.c.advice_id == advice.c.id)
    .where(idempotency.c.scope == bindparam("scope"), idempotency.c.key_sha256 == bindparam("key_sha256"))
)
_LAST_NUMBER: Final = select(func.max(advice.c.number)).where(advice.c.day == bindparam("day"))
_NEW: Final = insert(advice)
_NEW_KEY: Final = insert(idempotency)
