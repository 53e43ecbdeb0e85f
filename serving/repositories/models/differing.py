"""The cases on which the challenger would have proposed another lane, within the reader's courts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from features.register import Stage
from serving.access.origin import Origin
from serving.access.principal import Courts
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.court_scope import within
from serving.repositories.shadow_scores import KIND
from serving.store.tables.advice import advice
from serving.store.tables.models import shadow_scores
from serving.store.tables.queue import open_cases
from serving.store.transaction import Store

MOST_LISTED: Final = 50


@dataclass(frozen=True, kw_only=True)
class DifferingCase:
    """One case: the lane proposed and the challenger's; while it waits for a decision nobody is told either."""

    advice_id: str
    application_id: str
    court: str
    stage: str
    created_at: str
    waits: bool
    proposed: str | None
    other: str | None


@dataclass(frozen=True)
class Pair:
    """Two bundles at one stage, by their hashes."""

    challenger: str
    model: str
    stage: Stage


@dataclass(frozen=True)
class Differing:
    """How many cases both judged, on how many they differ by lanes, and the newest of those."""

    cases: int
    moves: Sequence[tuple[str | None, str | None, int]]
    newest: Sequence[DifferingCase]

    @property
    def differing(self) -> int:
        """On how many cases they differ."""
        return sum(count for *_, count in self.moves)


@dataclass(frozen=True)
class DifferingStore:
    """Reads what a challenger said beside what was proposed."""

    store: Store
    keys: KeyRing

    def of(self, pair: Pair, *, listed: bool, origin: Origin, at: datetime) -> Differing:
        """Return where two bundles differ on cases of the reader's courts; single cases only if they are `listed`.

        A list of cases is on the audit chain before anyone sees it.

        Raises
        ------
        StoreUnavailableError
            It could not be read, or the reading not noted.
        """
        counted, newest = _queries(pair, origin.by.courts)
        found = self.store.read(lambda connection: _counted(connection, *counted))
        if not listed or not found.moves:
            return found

        def work(connection: Connection) -> Differing:
            cases = [_case(row) for row in connection.execute(newest).mappings()]
            event = event_of(origin, "shadow.list", kind=KIND, object_id=pair.challenger, rows=str(len(cases)))
            append(connection, event, mac=self.keys.mac, at=at)
            return replace(found, newest=cases)

        return self.store.write(work)


def _queries(pair: Pair, courts: Courts) -> tuple[tuple[Select[Any], Select[Any]], Select[Any]]:
    """Return how many cases both judged, how many moved from lane to lane, and which those are."""
    both = [
        shadow_scores.c.model_sha256 == pair.challenger,
        advice.c.model_sha256 == pair.model,
        advice.c.stage == pair.stage.value,
        within(advice.c.court_code, courts),
    ]
    differs = func.coalesce(shadow_scores.c.route, "-") != func.coalesce(advice.c.route, "-")
    moves = (
        _joined(advice.c.route, shadow_scores.c.route, func.count())
        .where(*both, differs)
        .group_by(advice.c.route, shadow_scores.c.route)
        .order_by(func.count().desc())
    )
    waits = exists().where(
        open_cases.c.application_id == advice.c.application_id, open_cases.c.court_code == advice.c.court_code
    )
    newest = (
        _joined(*_LISTED, shadow_scores.c.route.label("other"), waits.label("waits"))
        .where(*both, differs)
        .order_by(advice.c.day.desc(), advice.c.number.desc())
        .limit(MOST_LISTED)
    )
    return (_joined(func.count()).where(*both), moves), newest


def _counted(connection: Connection, total: Select[Any], moves: Select[Any]) -> Differing:
    return Differing(int(connection.scalar(total) or 0), [tuple(row) for row in connection.execute(moves)], ())


_LISTED: Final = (advice.c.id, advice.c.application_id, advice.c.court_code, advice.c.stage, advice.c.created_at,
                  advice.c.route)  # fmt: skip


def _joined(*columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).select_from(shadow_scores.join(advice, advice.c.id == shadow_scores.c.advice_id))


def _case(row: Any) -> DifferingCase:  # noqa: ANN401 - a row as SQLAlchemy hands it over
    waits = bool(row["waits"])
    return DifferingCase(
        advice_id=row["id"],
        application_id=row["application_id"],
        court=row["court_code"],
        stage=row["stage"],
        created_at=row["created_at"],
        waits=waits,
        proposed=None if waits else row["route"],
        other=None if waits else row["other"],
    )
