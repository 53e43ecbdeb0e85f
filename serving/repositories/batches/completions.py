"""Completion on record: which cases were sent back, for want of what, and until when it may be brought."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Select, func, select

from serving.access.origin import Origin
from serving.keys import KeyRing
from serving.repositories.court_scope import within
from serving.repositories.recording import next_of_day, put
from serving.repositories.urging.watching import CONVERTED
from serving.store.tables.advice import advice
from serving.store.tables.batches import batch_cases, batch_decisions, completions
from serving.store.tables.decisions import decisions
from serving.store.tables.queue import open_cases
from serving.store.transaction import Store

_TOGETHER: Final = 500

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Completion:
    """What one case is sent back for; `decision_id` is None where it is sent back alone, outside of a group."""

    advice_id: str
    application_id: str
    court_code: str
    decision_id: str | None
    until: str
    missing: tuple[str, ...]
    papers: tuple[str, ...] = ()

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for and until when, as it is kept."""
        papers = json.dumps(self.papers) if self.papers else None
        return {**vars(self), "missing": json.dumps(self.missing), "papers": papers}


@dataclass(frozen=True)
class CompletionStore:
    """Writes once for each answer what was asked for, and reads it."""

    store: Store
    keys: KeyRing

    def answers(self, ids: Sequence[str]) -> Iterator[tuple[str, Row, Row]]:
        """Yield these answers with the facts they were given on; those erased since are left out."""
        for start in range(0, len(ids), _TOGETHER):
            columns = (advice.c.id, advice.c.answer, advice.c.input)
            query = select(*columns).where(
                advice.c.id.in_(ids[start : start + _TOGETHER]), advice.c.answer.is_not(None)
            )
            for row in self._rows(query):
                yield row["id"], self._opened(row, "answer"), self._opened(row, "input")["case"]

    def told(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of these answers about which something was asked for."""
        found: set[str] = set()
        for start in range(0, len(ids), _TOGETHER):
            query = select(completions.c.advice_id).where(completions.c.advice_id.in_(ids[start : start + _TOGETHER]))
            found |= {row["advice_id"] for row in self._rows(query)}
        return frozenset(found)

    def of(self, advice_id: str, *, origin: Origin) -> Row | None:
        """Return what was asked for about one answer of the caller's courts."""
        query = select(completions).where(completions.c.advice_id == advice_id)
        found = self._rows(query.where(within(completions.c.court_code, origin.by.courts)))
        return _plain(found[0]) if found else None

    def of_decision(self, batch_id: str, decision_id: str) -> list[Row]:
        """Return what a decision about a group of a batch asked for, in the order of the lines."""
        query = (
            select(completions, batch_cases.c.line)
            .join(batch_decisions, batch_decisions.c.id == completions.c.decision_id)
            .join(
                batch_cases,
                (batch_cases.c.advice_id == completions.c.advice_id) & (batch_cases.c.batch_id == batch_id),
            )
            .where(batch_decisions.c.id == decision_id, batch_decisions.c.batch_id == batch_id)
            .order_by(batch_cases.c.line)
        )
        return [_plain(row) for row in self._rows(query)]

    def put(self, new: Completion, *, stands: Callable[[int], bool], by: tuple[Origin, datetime]) -> bool:
        """Write what is asked for; True where it stands, False where somebody was faster.

        `stands` is told, within the transaction, how many acts there have been about the answer.

        Raises
        ------
        StoreUnavailableError
            Nothing was written.
        """
        origin, at = by

        def work(connection: Connection) -> bool:
            known = connection.execute(select(completions).where(completions.c.advice_id == new.advice_id)).mappings()
            told = known.first()
            if told is not None:
                return _same(dict(told), new, origin.by.actor)
            if not stands(_acts(connection, new.advice_id)) or not _waits(connection, new.advice_id):
                return False
            row = {
                **next_of_day(connection, completions, "CPL", at), **new.asked,
                "by": origin.by.actor, "at": at.isoformat(timespec="seconds"),
            }  # fmt: skip
            put(connection, completions, row, action="completion.ask", by=(origin, at, self.keys))
            return True

        return self.store.write(work)

    def _opened(self, row: Row, name: str) -> Row:
        found: Row = orjson.loads(self.keys.seal.open(row[name], f"advice.{name}:{row['id']}"))
        return found

    def _rows(self, query: Select[Any]) -> list[Row]:
        return self.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


def _acts(connection: Connection, advice_id: str) -> int:
    return int(connection.scalar(select(func.count()).where(decisions.c.advice_id == advice_id)) or 0)


def _waits(connection: Connection, advice_id: str) -> bool:
    """Whether a case waits for a decision; one whose urging has ended waits for filing alone."""
    mine = (open_cases.c.advice_id == advice_id) & (open_cases.c.due_kind != CONVERTED)
    return connection.scalar(select(open_cases.c.advice_id).where(mine)) is not None


def _same(told: Row, new: Completion, actor: str) -> bool:
    """Whether what was told is this very act: the same decision about a group, or the same person's same words."""
    if new.decision_id is not None:
        return bool(told["decision_id"] == new.decision_id)
    return {**new.asked, "by": actor} == {name: told[name] for name in (*new.asked, "by")}


def _plain(row: Row) -> Row:
    return {**row, "missing": tuple(json.loads(row["missing"])), "papers": tuple(json.loads(row["papers"] or "[]"))}
