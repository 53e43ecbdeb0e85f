"""What people did about groups: cases looked at, set apart, and decisions that are carried out case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, func, insert, select, tuple_, update

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.recording import next_of_day, put
from serving.store.tables.batches import (
    batch_cases,
    batch_decisions,
    batch_groups,
    batch_marks,
    batch_turns,
    completions,
)
from serving.store.tables.decisions import decisions
from serving.store.tables.queue import open_cases
from serving.store.transaction import Store

MarkKind = Literal["look", "except", "include"]
WAITING, DONE, REFUSED = "waiting", "done", "refused"
_TOGETHER: Final = 500

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One case to be decided: its answer, the lane it is to go, and the tag of how it stood when that was shown."""

    advice_id: str
    lane: str
    tag: str


@dataclass(frozen=True)
class ActStore:
    """Reads groups with what was done about them, and writes what is done."""

    store: Store
    keys: KeyRing

    def groups(self, batch_id: str) -> list[Row]:
        """Return the groups of a batch in their order, each with how many of its cases wait for a decision."""
        waits = (
            select(batch_cases.c.code, func.count().label("waits"))
            .join(open_cases, open_cases.c.advice_id == batch_cases.c.advice_id)
            .where(batch_cases.c.batch_id == batch_id)
            .group_by(batch_cases.c.code)
            .subquery()
        )
        query = (
            select(batch_groups, func.coalesce(waits.c.waits, 0).label("waits"))
            .join(waits, waits.c.code == batch_groups.c.code, isouter=True)
            .where(batch_groups.c.batch_id == batch_id)
            .order_by(batch_groups.c.place)
        )
        return self._rows(query)

    def cases(
        self, batch_id: str, code: str = "", *, drawn: bool = False, after: int = 0, most: int | None = None
    ) -> list[Row]:
        """Return cases in the order of their lines, of one group or all, each with its row of the queue if it waits.

        `until` is the day until which something may be brought, where it was sent back.

        `drawn` returns those of the spot check alone, in the order they were drawn.
        """
        waiting = (
            open_cases.c.advice_id.label("waits"), open_cases.c.claimed_by, open_cases.c.claimed_until,
            open_cases.c.received_at,
        )  # fmt: skip
        query = (
            select(batch_cases, *waiting, completions.c.until)
            .join(open_cases, open_cases.c.advice_id == batch_cases.c.advice_id, isouter=True)
            .join(completions, completions.c.advice_id == batch_cases.c.advice_id, isouter=True)
            .where(batch_cases.c.batch_id == batch_id, batch_cases.c.line > after)
            .order_by(batch_cases.c.drawn if drawn else batch_cases.c.line)
        )
        query = query.where(batch_cases.c.code == code) if code else query
        query = query.where(batch_cases.c.drawn.is_not(None)) if drawn else query
        return self._rows(query if most is None else query.limit(most))

    def case(self, batch_id: str, advice_id: str) -> Row | None:
        """Return one case of a batch."""
        query = select(batch_cases).where(batch_cases.c.batch_id == batch_id, batch_cases.c.advice_id == advice_id)
        return next(iter(self._rows(query)), None)

    def marks(self, batch_id: str) -> list[Row]:
        """Return all marks of a batch, the oldest first."""
        query = select(batch_marks).where(batch_marks.c.batch_id == batch_id)
        return self._rows(query.order_by(batch_marks.c.day, batch_marks.c.number))

    def acts(self, ids: Sequence[str]) -> dict[str, int]:
        """Return how many acts there have been about each of these answers; none is left out."""
        found: dict[str, int] = {}
        for start in range(0, len(ids), _TOGETHER):
            which = decisions.c.advice_id.in_(ids[start : start + _TOGETHER])
            query = select(decisions.c.advice_id, func.count().label("n")).where(which).group_by(decisions.c.advice_id)
            found |= {row["advice_id"]: int(row["n"]) for row in self._rows(query)}
        return found

    def mark(self, case: Row, kind: MarkKind, *, origin: Origin, at: datetime) -> None:
        """Write a mark; the same one twice in a row stands once."""

        def work(connection: Connection) -> None:
            mine = (batch_marks.c.batch_id == case["batch_id"]) & (batch_marks.c.advice_id == case["advice_id"])
            kinds = ("look",) if kind == "look" else ("except", "include")
            query = select(batch_marks.c.kind).where(mine, batch_marks.c.kind.in_(kinds))
            if kind == "look":
                query = query.where(batch_marks.c.by == origin.by.actor)
            last = connection.scalar(query.order_by(batch_marks.c.day.desc(), batch_marks.c.number.desc()).limit(1))
            if last == kind or (last is None and kind == "include"):
                return
            row = {
                **next_of_day(connection, batch_marks, "MRK", at), "batch_id": case["batch_id"],
                "advice_id": case["advice_id"], "court_code": case["court_code"], "kind": kind,
                "by": origin.by.actor, "at": _stamp(at),
            }  # fmt: skip
            put(connection, batch_marks, row, action=f"batch.{kind}", by=(origin, at, self.keys))

        self.store.write(work)

    def decide(self, row: Row, turns: Sequence[Turn], *, call: Call, by: tuple[Origin, datetime]) -> tuple[str, str]:
        """Write a decision about a group and whom it is carried out on, or find what the key led to.

        Return its id and the digest of what was asked for under the key.

        Raises
        ------
        StoreUnavailableError
            Nothing was written.
        """
        origin, at = by

        def work(connection: Connection) -> tuple[str, str]:
            found = _known(connection, call)
            if found is not None:
                return found
            new = {
                **next_of_day(connection, batch_decisions, "BDC", at), **row, "cases": len(turns),
                "by": origin.by.actor, "courts": str(origin.by.courts), "at": _stamp(at),
                "key_sha256": call.key_sha256, "body_digest": call.body_digest,
            }  # fmt: skip
            put(connection, batch_decisions, new, action="batch.decide", by=(origin, at, self.keys))
            rows = [{**vars(turn), "decision_id": new["id"], "state": WAITING} for turn in turns]
            connection.execute(insert(batch_turns), rows)
            return str(new["id"]), call.body_digest

        return self.store.write(work)

    def known(self, call: Call) -> tuple[str, str] | None:
        """Return what a key led to: a decision's id, and the digest of what was asked for."""
        return self.store.read(lambda connection: _known(connection, call))

    def decided(self, batch_id: str, code: str = "") -> list[Row]:
        """Return the decisions about a batch, or one group of it, with how many cases are in each state."""
        counted = [func.count().filter(batch_turns.c.state == state).label(state) for state in (WAITING, DONE, REFUSED)]
        query = (
            select(batch_decisions, *counted)
            .join(batch_turns, batch_turns.c.decision_id == batch_decisions.c.id)
            .where(batch_decisions.c.batch_id == batch_id)
            .group_by(*batch_decisions.columns)
            .order_by(batch_decisions.c.day, batch_decisions.c.number)
        )
        return self._rows(query.where(batch_decisions.c.code == code) if code else query)

    def refused(self, decision_id: str) -> list[Row]:
        """Return the cases on which a decision could not be carried out, and why."""
        query = (
            select(batch_turns.c.problem, batch_cases.c.application_id, batch_cases.c.advice_id, batch_cases.c.line)
            .join(batch_decisions, batch_decisions.c.id == batch_turns.c.decision_id)
            .join(
                batch_cases,
                (batch_cases.c.advice_id == batch_turns.c.advice_id)
                & (batch_cases.c.batch_id == batch_decisions.c.batch_id),
            )
            .where(batch_turns.c.decision_id == decision_id, batch_turns.c.state == REFUSED)
            .order_by(batch_cases.c.line)
        )
        return self._rows(query)

    def turns(self, most: int) -> list[Row]:
        """Return cases that wait to be decided, the oldest decision's first, with the decision and the queue's row."""
        columns = (
            batch_turns, batch_decisions.c.reason, batch_decisions.c.by, batch_decisions.c.courts,
            batch_decisions.c.until, batch_cases.c.application_id, batch_cases.c.court_code,
            open_cases.c.advice_id.label("waits"), open_cases.c.claimed_by, open_cases.c.claimed_until,
            batch_cases.c.route,
        )  # fmt: skip
        query = (
            select(*columns)
            .join(batch_decisions, batch_decisions.c.id == batch_turns.c.decision_id)
            .join(
                batch_cases,
                (batch_cases.c.advice_id == batch_turns.c.advice_id)
                & (batch_cases.c.batch_id == batch_decisions.c.batch_id),
            )
            .join(open_cases, open_cases.c.advice_id == batch_turns.c.advice_id, isouter=True)
            .where(batch_turns.c.state == WAITING)
            .order_by(batch_turns.c.decision_id, batch_cases.c.line)
            .limit(most)
        )
        return self._rows(query)

    def settle(self, turns: Sequence[tuple[Row, str | None]]) -> None:
        """Write what became of cases: None is done, else the problem."""

        def work(connection: Connection) -> None:
            for turn, problem in turns:
                key = tuple_(batch_turns.c.decision_id, batch_turns.c.advice_id)
                mine = (key == (turn["decision_id"], turn["advice_id"])) & (batch_turns.c.state == WAITING)
                values = {"state": DONE if problem is None else REFUSED, "problem": problem}
                connection.execute(update(batch_turns).where(mine).values(**values))

        self.store.write(work)

    def _rows(self, query: Select[Any]) -> list[Row]:
        return self.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


def _known(connection: Connection, call: Call) -> tuple[str, str] | None:
    query = select(batch_decisions.c.id, batch_decisions.c.body_digest)
    row = connection.execute(query.where(batch_decisions.c.key_sha256 == call.key_sha256)).one_or_none()
    return None if row is None else (str(row.id), str(row.body_digest))


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
