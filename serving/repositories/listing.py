"""Lists of advice: what was given about which application, newest first, without its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, tuple_

from serving.access.origin import Origin
from serving.access.principal import Courts
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.court_scope import unsteered, within
from serving.store.tables.advice import advice
from serving.store.tables.decisions import corrections
from serving.store.transaction import Store

_SHOWN = ("id", "application_id", "court_code", "stage", "as_of", "created_at", "expires_at", "status", "route",
          "decided_by", "model_sha256", "ruleset_sha256", "erased_at")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which advice is asked for; empty filters ask for all. `after` is day and number of the last row seen."""

    application_id: str = ""
    court_code: str = ""
    stage: str = ""
    after: tuple[str, int] | None = None
    size: int = 50


@dataclass(frozen=True)
class Listed:
    """A page of rows, and the position after which the next page begins; None at the end."""

    rows: Sequence[Mapping[str, Any]]
    after: tuple[str, int] | None


@dataclass(frozen=True)
class ListingStore:
    """Reads pages; each reading is on the audit chain."""

    store: Store
    keys: KeyRing

    def page(self, wanted: Wanted, *, origin: Origin, at: datetime) -> Listed:
        """Return one page of advice of the caller's courts.

        Raises
        ------
        StoreUnavailableError
            It could not be read, or the reading not noted.
        """

        def work(connection: Connection) -> Listed:
            rows = [dict(row) for row in connection.execute(_query(wanted, origin)).mappings()]
            event = event_of(
                origin, "score.list", kind="list", object_id=wanted.application_id, court=wanted.court_code,
                rows=str(min(len(rows), wanted.size)),
            )  # fmt: skip
            append(connection, event, mac=self.keys.mac, at=at)
            shown = rows[: wanted.size]
            last = (shown[-1]["day"], shown[-1]["number"]) if len(rows) > wanted.size else None
            return Listed([_shown(row) for row in shown], last)

        return self.store.write(work)


def _query(wanted: Wanted, origin: Origin) -> Select[Any]:
    columns = [advice.c[name] for name in (*_SHOWN, "day", "number")]
    court = _court(wanted, origin.by.courts)
    query = (
        select(*columns, corrections.c.corrects)
        .join(corrections, corrections.c.id == advice.c.id, isouter=True)
        .where(within(court, origin.by.courts))
        .order_by(advice.c.day.desc(), advice.c.number.desc())
        .limit(wanted.size + 1)
    )
    asked = (
        (advice.c.application_id, wanted.application_id), (court, wanted.court_code), (advice.c.stage, wanted.stage),
    )  # fmt: skip
    for column, value in asked:
        query = query.where(column == value) if value else query
    if wanted.after is not None:
        query = query.where(tuple_(advice.c.day, advice.c.number) < wanted.after)
    return query


def _court(wanted: Wanted, courts: Courts) -> ColumnElement[str]:
    """Return the court for the conditions of a list: with its index where the order of one court's answers serves.

    An application is looked up by its number, and the newest of several courts
    come first in the order of all.
    """
    one = wanted.court_code or len(courts.codes or ()) == 1
    return advice.c.court_code if one and not wanted.application_id else unsteered(advice.c.court_code)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in _SHOWN}, "corrects": row["corrects"]}
