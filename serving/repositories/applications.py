"""Whole applications on record: every answer about one, and every event reported of it, court by court."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, select, tuple_

from serving.access.principal import Courts
from serving.keys import KeyRing
from serving.repositories.comparison.marks import standing_marks
from serving.repositories.corrections import corrected_by
from serving.repositories.court_scope import unsteered, within
from serving.store.tables.advice import advice
from serving.store.tables.decisions import decisions
from serving.store.tables.outcomes import outcomes

TOGETHER: Final = 500
"""Answers that are read at a time."""

OPENED: Final = ("input", "answer")


@dataclass(frozen=True)
class OnRecord:
    """One application: its answers opened, with what each corrects, its events, people's acts and marks.

    A mark on a similar case names that case (`other_case_id`), None where it is on record no more.

    Erased answers are left out.
    """

    court_code: str
    application_id: str
    answers: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    acts: Sequence[Mapping[str, Any]]
    marks: Sequence[Mapping[str, Any]]


def applications(connection: Connection, keys: KeyRing, courts: Courts) -> Iterator[OnRecord]:
    """Yield every application of these courts; read in one transaction, they belong to one moment."""
    named = itemgetter("court_code", "application_id")
    for (court, number), rows in groupby(_rows(connection, courts), key=named):
        answers = [_opened(row, keys) for row in rows if row["erased_at"] is None]
        corrects = corrected_by(connection, [row["id"] for row in answers])
        answers = [{**row, "corrects": corrects.get(row["id"])} for row in answers]
        events, acts = (_of_case(connection, table, court, number) for table in (outcomes, decisions))
        marks = [mark for row in answers for mark in _marks(connection, row["id"])]
        yield OnRecord(court, number, answers, events, acts, marks)


def _rows(connection: Connection, courts: Courts) -> Iterator[dict[str, Any]]:
    last = ("", "", "")
    while True:
        rows = [dict(row) for row in connection.execute(page_of(courts, last)).mappings()]
        if not rows:
            return
        yield from rows
        last = (rows[-1]["application_id"], rows[-1]["court_code"], rows[-1]["id"])


def page_of(courts: Courts, last: tuple[str, str, str]) -> Select[Any]:
    """Return the query for the answers after the last one: application, court, and id of the answer.

    They come in the order of an index; otherwise every page would sort all there is.
    """
    place = (advice.c.application_id, advice.c.court_code, advice.c.id)
    mine = within(unsteered(advice.c.court_code), courts)
    return select(advice).where(tuple_(*place) > last, mine).order_by(*place).limit(TOGETHER)


def _marks(connection: Connection, advice_id: str) -> Iterator[dict[str, Any]]:
    for mark in standing_marks(connection, advice_id):
        other = select(advice.c.court_code, advice.c.application_id).where(advice.c.id == mark["subject"])
        found = connection.execute(other).first() if mark["kind"] == "similar" else None
        yield {**mark, "other_case_id": None if found is None else f"{found.court_code} {found.application_id}"}


def _opened(row: Mapping[str, Any], keys: KeyRing) -> dict[str, Any]:
    return {**row, **{name: keys.seal.open(row[name], f"advice.{name}:{row['id']}") for name in OPENED}}


def _of_case(connection: Connection, table: Table, court: str, number: str) -> list[dict[str, Any]]:
    of_case = (table.c.court_code == court) & (table.c.application_id == number)
    query = select(table).where(of_case).order_by(table.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]
