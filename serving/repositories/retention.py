"""Erasure when the time is up: sealed content is emptied, what hangs on it goes, and the deletion log says how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, or_, select, tuple_, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.basis_numbers import forget_bases
from serving.repositories.comparison.closed import forget_closed
from serving.repositories.holds import held_cases
from serving.repositories.open_cases import forget_open
from serving.repositories.person_tokens import forget_tokens
from serving.repositories.recording import next_of_day, put
from serving.repositories.shadow_scores import forget
from serving.store.tables.advice import ERASED_AT, SEALED, advice
from serving.store.tables.comparison import similar_cases
from serving.store.tables.decisions import corrections, decisions
from serving.store.tables.jobs import job_rows, score_jobs
from serving.store.tables.people import deletion_log, holds, review_decisions, review_requests
from serving.store.transaction import Store

TOGETHER: Final = 200
"""Answers, or lines of jobs, that one transaction erases."""

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Periods:
    """How many days content is kept; 0 keeps it for good.

    `advice` counts from the day on which an answer expired, `jobs` from the
    day on which a list could no longer be asked for.
    """

    advice: int = 0
    jobs: int = 0


@dataclass(frozen=True)
class RetentionStore:
    """Finds what is due, and erases it in transactions of a size that keeps no one waiting."""

    store: Store
    keys: KeyRing

    def due(self, periods: Periods, *, at: datetime) -> dict[str, int]:
        """Return how many answers and lines of jobs are due, and how many more would be if nothing held them."""
        return self.store.read(lambda connection: _counted(connection, periods, at))

    def erase(self, periods: Periods, *, origin: Origin, at: datetime) -> dict[str, int]:
        """Erase everything that is due, and return how many rows of which table.

        Each transaction erases some answers with all that belongs to them,
        puts the new digest of every changed row on the audit chain and writes
        its lines into the deletion log; a crash between two leaves no half.

        Raises
        ------
        StoreUnavailableError
            The rest could not be erased.
        """
        total: dict[str, int] = {}
        for days, work in ((periods.advice, self._answers), (periods.jobs, self._lines)):
            found: Counts = {"": 1} if days else {}
            while found:
                found = self.store.write(partial(work, days=days, by=(origin, at)))
                for name, rows in found.items():
                    total[name] = total.get(name, 0) + rows
        return total

    def _answers(self, connection: Connection, days: int, by: tuple[Origin, datetime]) -> Counts:
        query = _due_answers(days, by[1]).order_by(advice.c.id).limit(TOGETHER)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        ids = [row["id"] for row in rows]
        counts = {
            "advice": self._empty(connection, advice, SEALED, rows, by),
            **self._belonging(connection, ids, by),
            "holds": self._hold_reasons(connection, rows, by),
            "shadow_scores": forget(connection, ids),
            "basis_numbers": forget_bases(connection, ids),
            "person_tokens": forget_tokens(connection, ids),
            "open_cases": forget_open(connection, ids),
            "closed_cases": forget_closed(connection, ids),
        }
        return self._logged(connection, counts, days, by)

    def _belonging(self, connection: Connection, ids: Sequence[str], by: tuple[Origin, datetime]) -> dict[str, int]:
        """Empty what people wrote about these answers."""
        asked = select(review_requests.c.id).where(review_requests.c.advice_id.in_(ids))
        wanted = (
            (decisions, ("note",), decisions.c.advice_id.in_(ids)),
            (corrections, ("reason",), corrections.c.id.in_(ids)),
            (similar_cases, ("found",), similar_cases.c.id.in_(ids)),
            (review_decisions, ("reasons",), review_decisions.c.id.in_(asked)),
            (review_requests, ("reason",), review_requests.c.advice_id.in_(ids)),
        )
        return {table.name: self._empty_where(connection, table, sealed, which, by) for table, sealed, which in wanted}

    def _hold_reasons(self, connection: Connection, rows: Sequence[Mapping[str, Any]], by: Any) -> int:  # noqa: ANN401
        """Empty the reasons of past holds on cases of which no content is left."""
        cases = sorted({(row["court_code"], row["application_id"]) for row in rows})
        named = tuple_(advice.c.court_code, advice.c.application_id)
        left = select(advice.c.court_code, advice.c.application_id).where(
            named.in_(cases), advice.c.erased_at.is_(None)
        )
        bare = sorted(set(cases) - {(row.court_code, row.application_id) for row in connection.execute(left)})
        which = tuple_(holds.c.court_code, holds.c.application_id).in_(bare)
        return self._empty_where(connection, holds, ("reason",), which, by) if bare else 0

    def _empty_where(
        self,
        connection: Connection,
        table: Table,
        sealed: Sequence[str],
        which: ColumnElement[bool],
        by: tuple[Origin, datetime],
    ) -> int:
        query = select(table).where(which, table.c.erased_at.is_(None)).order_by(table.c.id)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        return self._empty(connection, table, sealed, rows, by)

    def _empty(
        self,
        connection: Connection,
        table: Table,
        sealed: Sequence[str],
        rows: Sequence[Mapping[str, Any]],
        by: tuple[Origin, datetime],
    ) -> int:
        """Empty the sealed columns by the one change that is allowed, and put the new digests on the chain."""
        origin, at = by
        change = {**dict.fromkeys(sealed), ERASED_AT: at.isoformat(timespec="seconds")}
        for row in rows:
            connection.execute(update(table).where(table.c.id == row["id"]).values(**change))
            event = event_of(
                origin, "retention.erase", kind=table.name, object_id=row["id"], court=row["court_code"],
                row_sha256=row_digest({**row, **change}),
            )  # fmt: skip
            append(connection, event, mac=self.keys.mac, at=at)
        return len(rows)

    def _lines(self, connection: Connection, days: int, by: tuple[Origin, datetime]) -> Counts:
        query = _due_lines(days, by[1]).limit(TOGETHER)
        places = [(row.job_id, row.line) for row in connection.execute(query)]
        which = tuple_(job_rows.c.job_id, job_rows.c.line).in_(places)
        if places:
            connection.execute(delete(job_rows).where(which))
        return self._logged(connection, {"job_rows": len(places)}, days, by)

    def _logged(self, connection: Connection, counts: Counts, days: int, by: tuple[Origin, datetime]) -> Counts:
        origin, at = by
        done = {name: rows for name, rows in counts.items() if rows}
        for name, rows in done.items():
            row = {
                **next_of_day(connection, deletion_log, "DEL", at), "table_name": name, "rows": rows,
                "period_days": days, "due_before": _cutoff(days, at), "by": origin.by.actor,
                "at": at.isoformat(timespec="seconds"),
            }  # fmt: skip
            put(connection, deletion_log, row, action="retention.log", by=(origin, at, self.keys))
        return done


def _cutoff(days: int, at: datetime) -> str:
    """Return the last instant of expiry that is long enough ago."""
    return (at - timedelta(days=days)).isoformat(timespec="seconds")


def _expired(days: int, at: datetime) -> ColumnElement[bool]:
    return (advice.c.erased_at.is_(None)) & (advice.c.expires_at <= _cutoff(days, at))


def _due_answers(days: int, at: datetime) -> Select[Any]:
    """Return the query for answers whose time is up, of cases that are neither held nor under a person's review."""
    case = tuple_(advice.c.court_code, advice.c.application_id)
    return select(advice).where(_expired(days, at), case.not_in(held_cases(at.date())), case.not_in(_under_review()))


def _under_review() -> Select[Any]:
    answered = select(review_decisions.c.id)
    return select(review_requests.c.court_code, review_requests.c.application_id).where(
        review_requests.c.id.not_in(answered)
    )


def _due_lines(days: int, at: datetime) -> Select[Any]:
    """Return the query for lines of finished jobs that nobody can ask for any more, held cases left out."""
    held = held_cases(at.date()).subquery()
    mine = or_(job_rows.c.application_id.is_(None), job_rows.c.application_id.not_in(select(held.c.application_id)))
    over = score_jobs.c.finished_at.is_not(None) & (score_jobs.c.expires_at <= _cutoff(days, at))
    joined = select(job_rows.c.job_id, job_rows.c.line).join(score_jobs, score_jobs.c.id == job_rows.c.job_id)
    return joined.where(over, mine).order_by(job_rows.c.job_id, job_rows.c.line)


def _counted(connection: Connection, periods: Periods, at: datetime) -> dict[str, int]:
    def count(query: Select[Any]) -> int:
        return int(connection.scalar(select(func.count()).select_from(query.subquery())) or 0)

    answers = count(_due_answers(periods.advice, at)) if periods.advice else 0
    expired = count(select(advice.c.id).where(_expired(periods.advice, at))) if periods.advice else 0
    lines = count(_due_lines(periods.jobs, at)) if periods.jobs else 0
    return {"advice": answers, "job_rows": lines, "held": expired - answers}
