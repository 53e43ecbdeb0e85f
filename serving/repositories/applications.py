"""Whole applications on record: every answer about one, and every event reported of it, court by court."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, select, tuple_

from serving.access.principal import Courts
from serving.keys import KeyRing
from serving.repositories.court_scope import within
from serving.store.tables.advice import advice
from serving.store.tables.outcomes import outcomes

TOGETHER: Final = 500
"""Answers that are read at a time."""

OPENED: Final = ("input", "answer")


@dataclass(frozen=True)
class OnRecord:
    """One application: rows of table `advice` with input and answer opened, erased ones left out, and its events."""

    court_code: str
    application_id: str
    answers: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]


def applications(connection: Connection, keys: KeyRing, courts: Courts) -> Iterator[OnRecord]:
    """Yield every application of these courts; read in one transaction, they belong to one moment."""
    named = itemgetter("court_code", "application_id")
    for (court, number), rows in groupby(_rows(connection, courts), key=named):
        answers = [_opened(row, keys) for row in rows if row["erased_at"] is None]
        yield OnRecord(court, number, answers, _events_of(connection, court, number))


def _rows(connection: Connection, courts: Courts) -> Iterator[dict[str, Any]]:
    place = (advice.c.court_code, advice.c.application_id, advice.c.id)
    last = ("", "", "")
    while True:
        page = select(advice).where(tuple_(*place) > last, within(advice.c.court_code, courts))
        rows = [dict(row) for row in connection.execute(page.order_by(*place).limit(TOGETHER)).mappings()]
        if not rows:
            return
        yield from rows
        last = (rows[-1]["court_code"], rows[-1]["application_id"], rows[-1]["id"])


def _opened(row: Mapping[str, Any], keys: KeyRing) -> dict[str, Any]:
    return {**row, **{name: keys.seal.open(row[name], f"advice.{name}:{row['id']}") for name in OPENED}}


def _events_of(connection: Connection, court: str, number: str) -> list[dict[str, Any]]:
    of_case = (outcomes.c.court_code == court) & (outcomes.c.application_id == number)
    query = select(outcomes).where(of_case).order_by(outcomes.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]
