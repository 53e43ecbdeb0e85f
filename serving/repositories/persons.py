"""Everything on record about one person: the cases in which his token is the debtor's, court by court."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, select, tuple_

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.court_scope import within
from serving.store.tables.advice import SEALED, advice
from serving.store.tables.decisions import corrections, decisions, views
from serving.store.tables.models import shadow_scores
from serving.store.tables.outcomes import outcomes
from serving.store.tables.people import holds, person_tokens, review_decisions, review_requests, review_steps
from serving.store.transaction import Store

Row = Mapping[str, Any]

_OPENED: Final = {
    advice: SEALED,
    decisions: ("note",),
    corrections: ("reason",),
    review_requests: ("reason",),
    review_decisions: ("reasons",),
    holds: ("reason",),
    shadow_scores: ("scores",),
}


@dataclass(frozen=True, kw_only=True)
class CaseOfPerson:
    """One case: answers about this person and what belongs to them; sealed columns are opened, as bytes."""

    court_code: str
    application_id: str
    answers: Sequence[Row]
    decisions: Sequence[Row]
    views: Sequence[Row]
    corrections: Sequence[Row]
    reviews: Sequence[Row]
    review_decisions: Sequence[Row]
    review_steps: Sequence[Row]
    outcomes: Sequence[Row]
    shadow_scores: Sequence[Row]
    holds: Sequence[Row]


@dataclass(frozen=True)
class PersonStore:
    """Reads everything about a person in one transaction, and notes who asked by the digest of the token alone."""

    store: Store
    keys: KeyRing

    def cases(self, token: str, *, origin: Origin, at: datetime) -> list[CaseOfPerson]:
        """Return the person's cases in the caller's courts, oldest first.

        An answer that was given on another person's number, as before a
        correction, is that person's and left out; so is what became of a case
        that by its newest answer is another's.

        Raises
        ------
        StoreUnavailableError
            It could not be read, or the reading not noted.
        """
        digest = self.keys.person(token)

        def work(connection: Connection) -> list[CaseOfPerson]:
            query = (
                select(advice)
                .join(person_tokens, person_tokens.c.advice_id == advice.c.id)
                .where(person_tokens.c.token_digest == digest, within(advice.c.court_code, origin.by.courts))
                .order_by(advice.c.id)
            )
            rows = [dict(row) for row in connection.execute(query).mappings()]
            named = list(dict.fromkeys((row["court_code"], row["application_id"]) for row in rows))
            found = [self._case(connection, digest, one, rows) for one in named]
            event = event_of(
                origin, "person.export", kind="person", object_id=digest, court=str(origin.by.courts),
                cases=str(len(found)), answers=str(len(rows)),
            )  # fmt: skip
            append(connection, event, mac=self.keys.mac, at=at)
            return found

        return self.store.write(work)

    def _case(self, connection: Connection, digest: str, named: tuple[str, str], rows: Sequence[Row]) -> CaseOfPerson:
        answers = [row for row in rows if (row["court_code"], row["application_id"]) == named]
        ids = [row["id"] for row in answers]
        reviews = self._of(connection, review_requests, "advice_id", ids)
        theirs = _newest_digest(connection, named) == digest
        return CaseOfPerson(
            court_code=named[0],
            application_id=named[1],
            answers=[self._opened(advice, row) for row in answers],
            decisions=self._of(connection, decisions, "advice_id", ids),
            views=self._of(connection, views, "advice_id", ids),
            corrections=self._of(connection, corrections, "id", ids),
            reviews=reviews,
            review_decisions=self._of(connection, review_decisions, "id", [row["id"] for row in reviews]),
            review_steps=self._of(connection, review_steps, "review_id", [row["id"] for row in reviews]),
            outcomes=self._about(connection, outcomes, named) if theirs else [],
            shadow_scores=self._of(connection, shadow_scores, "advice_id", ids),
            holds=self._about(connection, holds, named) if theirs else [],
        )

    def _about(self, connection: Connection, table: Table, named: tuple[str, str]) -> list[Row]:
        """Return what a table holds about a case as such."""
        query = select(table).where(tuple_(table.c.court_code, table.c.application_id) == named)
        return self._read(connection, query, table)

    def _of(self, connection: Connection, table: Table, column: str, ids: Sequence[str]) -> list[Row]:
        return self._read(connection, select(table).where(table.c[column].in_(ids)), table)

    def _read(self, connection: Connection, query: Select[Any], table: Table) -> list[Row]:
        found = connection.execute(query.order_by(*table.primary_key.columns)).mappings()
        return [self._opened(table, dict(row)) for row in found]

    def _opened(self, table: Table, row: Row) -> Row:
        one = ":".join(str(row[column.name]) for column in table.primary_key.columns)
        places = {name: f"{table.name}.{name}:{one}" for name in _OPENED.get(table, ()) if row[name] is not None}
        return {**row, **{name: self.keys.seal.open(row[name], place) for name, place in places.items()}}


def _newest_digest(connection: Connection, named: tuple[str, str]) -> str | None:
    """Return whose the case is by the newest answer in which the debtor had a token."""
    case = (advice.c.court_code == named[0]) & (advice.c.application_id == named[1])
    query = (
        select(person_tokens.c.token_digest)
        .join(advice, advice.c.id == person_tokens.c.advice_id)
        .where(case)
        .order_by(advice.c.id.desc())
        .limit(1)
    )
    return connection.scalar(query)
