"""Decisions on record: people's acts about advice, one after the other, each written with its audit row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.lanes import Lane
from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.advice import Call, ErasedError
from serving.repositories.closings import is_closed
from serving.repositories.court_scope import within
from serving.repositories.open_cases import enter_again, leave
from serving.repositories.recording import next_of_day, put
from serving.repositories.urging.watching import watch, watch_no_more
from serving.store.tables.advice import advice
from serving.store.tables.decisions import decisions, views
from serving.store.transaction import Store


@dataclass(frozen=True, kw_only=True)
class Act:
    """What somebody wants to put down about advice: a decision or its withdrawal.

    `unseen` where a model proposed a lane that he has not looked at.
    """

    act: str
    lane: str | None = None
    reason: str | None = None
    note: str | None = None
    warnings_checked: bool = False
    unseen: bool = False


@dataclass(frozen=True)
class File:
    """One advice as it stands: its row with the answer opened, the acts so far, and the opinions of people.

    `closed` where the last word on its case is that it is closed.
    """

    advice: Mapping[str, Any]
    acts: Sequence[Mapping[str, Any]]
    views: Sequence[Mapping[str, Any]]
    closed: bool = False

    @property
    def turn(self) -> int:
        """How many acts there have been."""
        return len(self.acts)

    @property
    def standing(self) -> Mapping[str, Any] | None:
        """The decision in force; None before one and after its withdrawal."""
        last = self.acts[-1] if self.acts else None
        return None if last is None or last["act"] == "withdraw" else last


@dataclass(frozen=True)
class Acted:
    """An act on record, with its note opened, and whether it was there before."""

    row: Mapping[str, Any]
    body_digest: str
    replayed: bool = False


Check = Callable[[File], None]
"""Raises what stands against an act, given how things stand inside the writing transaction."""


@dataclass(frozen=True)
class DecisionStore:
    """Reads and writes acts."""

    store: Store
    keys: KeyRing

    def act(self, advice_id: str, act: Act, *, call: Call, check: Check, by: tuple[Origin, datetime]) -> Acted | None:
        """Write an act if nothing stands against it, or return what the key already led to; None without the advice.

        Whatever `check` raises undoes everything.

        Raises
        ------
        ErasedError
            The advice was erased.
        StoreUnavailableError
            Nothing was written.
        """

        def work(connection: Connection) -> Acted | None:
            known = self._known(connection, call)
            if known is not None:
                return known
            file = self._file(connection, advice_id, by[0])
            if file is None:
                return None
            check(file)
            return self._write(connection, file, act, call, by)

        return self.store.write(work)

    def file(self, advice_id: str, *, origin: Origin) -> File | None:
        """Return how things stand about one advice; None if it is not there or of another court."""
        return self.store.read(lambda connection: self._file(connection, advice_id, origin))

    def advice_of(self, decision_id: str) -> str | None:
        """Return the advice that a decision is about."""
        query = select(decisions.c.advice_id).where(decisions.c.id == decision_id)
        return self.store.read(lambda connection: connection.scalar(query))

    def _known(self, connection: Connection, call: Call) -> Acted | None:
        query = select(decisions).where(decisions.c.key_sha256 == call.key_sha256)
        row = connection.execute(query).mappings().first()
        return None if row is None else Acted(self._opened(dict(row)), row["body_digest"], replayed=True)

    def _file(self, connection: Connection, advice_id: str, origin: Origin) -> File | None:
        query = select(advice).where(advice.c.id == advice_id, within(advice.c.court_code, origin.by.courts))
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        if row["answer"] is None:
            raise ErasedError(advice_id)
        answer = self.keys.seal.open(row["answer"], f"advice.answer:{advice_id}")
        acts = select(decisions).where(decisions.c.advice_id == advice_id).order_by(decisions.c.turn)
        seen = select(views).where(views.c.advice_id == advice_id).order_by(views.c.id)
        return File(
            {**row, "answer": answer},
            [self._opened(dict(one)) for one in connection.execute(acts).mappings()],
            [dict(one) for one in connection.execute(seen).mappings()],
            closed=is_closed(connection, row["application_id"], row["court_code"]),
        )

    def _write(self, connection: Connection, file: File, act: Act, call: Call, by: tuple[Origin, datetime]) -> Acted:
        origin, at = by
        numbered = next_of_day(connection, decisions, "DEC", at)
        note = None if act.note is None else self.keys.seal.close(act.note.encode(), _place(numbered["id"]))
        row = {
            **numbered,
            **{name: file.advice[name] for name in ("application_id", "court_code", "stage")},
            "advice_id": file.advice["id"],
            "turn": file.turn + 1,
            "act": act.act,
            "advised": None if act.unseen else file.advice["route"],
            "lane": act.lane,
            "reason": act.reason,
            "note": note,
            "warnings_checked": act.warnings_checked,
            "decided_by": origin.by.actor,
            "decided_at": at.isoformat(timespec="seconds"),
            "key_sha256": call.key_sha256,
            "body_digest": call.body_digest,
        }
        put(connection, decisions, row, action=f"decision.{act.act}", by=(origin, at, self.keys))
        self._queue(connection, file, act, row)
        return Acted({**row, "note": act.note}, call.body_digest)

    def _queue(self, connection: Connection, file: File, act: Act, row: Mapping[str, Any]) -> None:
        """Take the case out of the queue when it is decided, and put it back when the decision is withdrawn.

        A case that is urged is watched from then on; a closed one does not come back.
        """
        if act.act == "decide":
            leave(connection, file.advice["id"])
            if act.lane == Lane.URGE.value:
                watch(connection, row)
            return
        watch_no_more(connection, file.advice["id"])
        if file.closed:
            return
        document = self.keys.seal.open(file.advice["input"], f"advice.input:{file.advice['id']}")
        enter_again(connection, file.advice, file.advice["answer"], document)

    def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        note = None if row["note"] is None else self.keys.seal.open(row["note"], _place(row["id"])).decode()
        return {**row, "note": note}


def _place(decision_id: str) -> str:
    return f"decisions.note:{decision_id}"


def standing_acts(acts: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the decisions that were not taken back."""
    taken_back = {(act["advice_id"], act["turn"] - 1) for act in acts if act["act"] == "withdraw"}
    for act in acts:
        if act["act"] == "decide" and (act["advice_id"], act["turn"]) not in taken_back:
            yield act
