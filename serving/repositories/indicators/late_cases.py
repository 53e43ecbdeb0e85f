"""Cases that were not filed by their last day, the oldest day first; that they were listed is on the audit chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from features.clock import days_of
from models.indicators import Period
from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.indicators import case_courses
from serving.store.transaction import Store

MOST: Final = 200
"""Cases that one list shows; how many there are stands beside it."""


@dataclass(frozen=True)
class LateCaseStore:
    """Reads late cases."""

    store: Store
    keys: KeyRing

    def page(self, court: str, period: Period, *, origin: Origin, at: datetime) -> list[Mapping[str, Any]]:
        """Return the first cases whose last day for filing was in the period and passed.

        Raises
        ------
        StoreUnavailableError
            They could not be read, or the reading not noted.
        """

        def work(connection: Connection) -> list[Mapping[str, Any]]:
            until = min(period.ends, days_of(at.date()))
            late = case_courses.c.late_from
            query = (
                select(case_courses)
                .where(case_courses.c.court_code == court, case_courses.c.resumed == 0)
                .where(late >= period.begins, late < until)
                .order_by(late, case_courses.c.application_id)
                .limit(MOST)
            )
            rows: list[Mapping[str, Any]] = [dict(row) for row in connection.execute(query).mappings()]
            self._note(connection, "indicator.late", (court, period), rows=len(rows), by=(origin, at))
            return rows

        return self.store.write(work)

    def note_export(self, court: str, period: Period, *, rows: int, origin: Origin, at: datetime) -> None:
        """Put on the audit chain that figures left the house as a file.

        Raises
        ------
        StoreUnavailableError
            It could not be noted; then nothing leaves.
        """
        where = (court, period)
        self.store.write(lambda one: self._note(one, "indicator.export", where, rows=rows, by=(origin, at)))

    def _note(
        self, connection: Connection, action: str, where: tuple[str, Period], *, rows: int, by: tuple[Origin, datetime]
    ) -> None:
        court, period = where
        months = f"{period.first}~{period.last}"
        event = event_of(by[0], action, kind="list", object_id="", court=court, period=months, rows=str(rows))
        append(connection, event, mac=self.keys.mac, at=by[1])
