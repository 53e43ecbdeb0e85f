"""Conversions on record: urging that ended, the case back in the queue as due for filing, all in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.open_cases import enter, of_application, row_of
from serving.repositories.outcomes import Happened, OutcomeStore
from serving.repositories.queue_flags import Flag, read, written
from serving.repositories.recording import next_of_day, put
from serving.repositories.urging.watching import CONVERTED
from serving.store.tables.advice import advice
from serving.store.tables.decisions import decisions
from serving.store.tables.outcomes import outcomes
from serving.store.tables.urging import conversions, urged_cases
from serving.store.transaction import Store

CALL: Final = "conversion"


@dataclass(frozen=True)
class Watched:
    """An urged case: its row on the list, the newest answer about it with its facts, its events.

    `urged` are the facts on which urging was decided, on `decided_on`.
    """

    row: Mapping[str, Any]
    urged: Mapping[str, Any]
    answer: Mapping[str, Any]
    document: Mapping[str, Any]
    decided_on: date
    events: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """That urging ended: by which rule, why, since which day the case has to be filed, and the words for it."""

    rule: str
    cause: str
    due_on: date
    text: tuple[str, str]


@dataclass(frozen=True)
class Look:
    """What a look found: urging ended, or the day of the next look; with neither, nothing is left to watch."""

    ended: Ended | None = None
    again_on: date | None = None


@dataclass(frozen=True)
class ConversionStore:
    """Reads the list and converts."""

    store: Store
    keys: KeyRing

    def due(self, day: date, *, most: int) -> list[str]:
        """Return the decisions whose cases are to be looked at by this day, the longest overdue first."""
        query = (
            select(urged_cases.c.decision_id)
            .where(urged_cases.c.look_on <= day.isoformat())
            .order_by(urged_cases.c.look_on, urged_cases.c.decision_id)
            .limit(most)
        )
        return list(self.store.read(lambda connection: connection.scalars(query).all()))

    def look(self, decision_id: str, judge: Callable[[Watched], Look], *, by: tuple[Origin, datetime]) -> Ended | None:
        """Look at one case and put down what was found, in one transaction; None where urging goes on.

        Raises
        ------
        StoreUnavailableError
            Nothing was written; the case is looked at again.
        """

        def work(connection: Connection) -> Ended | None:
            watched = self._watched(connection, decision_id)
            if watched is None:
                return None
            found = judge(watched)
            mine = urged_cases.c.decision_id == decision_id
            if found.ended is not None:
                self._convert(connection, watched, found.ended, by)
            if found.again_on is not None:
                connection.execute(update(urged_cases).where(mine).values(look_on=found.again_on.isoformat()))
            else:
                connection.execute(delete(urged_cases).where(mine))
            return found.ended

        return self.store.write(work)

    def of(self, advice_id: str) -> Mapping[str, Any] | None:
        """Return the conversion of the case of an answer; None where urging has not ended by one."""
        query = select(conversions).where(conversions.c.advice_id == advice_id).order_by(conversions.c.id.desc())
        row = self.store.read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else dict(row)

    def _watched(self, connection: Connection, decision_id: str) -> Watched | None:
        row = connection.execute(select(urged_cases).where(urged_cases.c.decision_id == decision_id)).mappings().first()
        if row is None:
            return None
        answers = (
            select(advice.c.id, advice.c.input, advice.c.answer)
            .where(of_application(row["application_id"], row["court_code"]), advice.c.input.is_not(None))
            .order_by(advice.c.day, advice.c.number)
        )
        found = {one.id: one for one in connection.execute(answers)}
        newest = next(reversed(found), "")
        if row["advice_id"] not in found or _decided_anew(connection, row["advice_id"], newest):
            # Erased, or somebody has decided on newer facts: this decision is not the last word any more.
            connection.execute(delete(urged_cases).where(urged_cases.c.decision_id == decision_id))
            return None
        own, last = found[row["advice_id"]], found[newest]
        told = select(outcomes).where(
            outcomes.c.application_id == row["application_id"], outcomes.c.court_code == row["court_code"]
        )
        events = [dict(event) for event in connection.execute(told.order_by(outcomes.c.id)).mappings()]
        return Watched(
            dict(row), json.loads(self._open(own, "input")), json.loads(self._open(last, "answer")),
            json.loads(self._open(last, "input")), _decided_on(connection, decision_id), events,
        )  # fmt: skip

    def _open(self, row: Any, name: str) -> bytes:  # noqa: ANN401 - a row of two columns
        return self.keys.seal.open(getattr(row, name), f"advice.{name}:{row.id}")

    def _convert(self, connection: Connection, watched: Watched, ended: Ended, by: tuple[Origin, datetime]) -> None:
        origin, at = by
        stamp, case = at.isoformat(timespec="seconds"), watched.row
        row = {
            **next_of_day(connection, conversions, "CNV", at),
            **{name: case[name] for name in ("decision_id", "advice_id", "court_code", "application_id")},
            "rule": ended.rule, "cause": ended.cause, "due_on": ended.due_on.isoformat(), "at": stamp,
        }  # fmt: skip
        put(connection, conversions, row, action="case.convert", by=(origin, at, self.keys))
        event = Happened(application_id=case["application_id"], court_code=case["court_code"], at=stamp, kind="convert")
        OutcomeStore(self.store, self.keys).note(connection, event, key=f"{CALL}/{row['id']}", by=by)
        waits = row_of(watched.answer, watched.document)
        notices = [Flag(f"{CONVERTED}.{ended.cause}", *ended.text), *read(waits["notices"])]
        back = {
            **waits, "due_on": ended.due_on.isoformat(), "due_kind": CONVERTED, "route": None, "decided_by": "rule",
            "notices": written(notices),
        }  # fmt: skip
        enter(connection, back, watched.answer["id"])


def _decided_anew(connection: Connection, urged: str, newest: str) -> bool:
    acts = select(decisions.c.act).where(decisions.c.advice_id == newest).order_by(decisions.c.turn.desc()).limit(1)
    return newest != urged and connection.scalar(acts) == "decide"


def _decided_on(connection: Connection, decision_id: str) -> date:
    at = connection.scalar(select(decisions.c.decided_at).where(decisions.c.id == decision_id))
    return datetime.fromisoformat(str(at)).date()
