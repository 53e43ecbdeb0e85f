"""Which past cases are looked at: stages, days of receipt and courts, and by the rules of which day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from features.clock import days_of
from features.identifiers import court_code
from features.known import Array
from features.register import Stage
from models.routes import Bools
from models.rules.rule import Text
from models.rules.table import RuleTable
from training.errors import CommandError
from training.history import History
from training.scoring.input import Batch


class Skip(StrEnum):
    """Why a case is not replayed."""

    NO_DATE = "no_date"
    OUTSIDE = "outside"
    OTHER_COURT = "other_court"
    BEFORE_TABLES = "before_tables"


SKIPS: Mapping[Skip, Text] = MappingProxyType(
    {
        Skip.NO_DATE: Text("没有收到日期", "no date of receipt"),
        Skip.OUTSIDE: Text("不在所选期间", "outside the chosen days"),
        Skip.OTHER_COURT: Text("不是所选法院的案件", "of another court"),
        Skip.BEFORE_TABLES: Text("早于规则表起用日", "before the tables begin"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which cases are looked at: stages, days of receipt (`until` excluded) and courts, None for all of them.

    With `on` every case is held against the rules of that day; else against
    those in force when it was received.
    """

    stages: tuple[Stage, ...] = tuple(Stage)
    since: date | None = None
    until: date | None = None
    courts: frozenset[str] | None = None
    on: date | None = None

    def skips(self, batch: Batch, first: date) -> dict[Skip, Bools]:
        """Return the rows left out for each reason, every row for its first one."""
        received = _received(batch)
        since = -np.inf if self.since is None else days_of(self.since)
        until = np.inf if self.until is None else days_of(self.until)
        other = [self.courts is not None and court not in self.courts for court in batch.courts]
        left = np.ones(len(received), dtype=np.bool_)
        found: dict[Skip, Bools] = {}
        for reason, rows in (
            (Skip.NO_DATE, np.isnan(received)),
            (Skip.OTHER_COURT, np.array(other, dtype=np.bool_)),
            (Skip.OUTSIDE, (received < since) | (received >= until)),
            (Skip.BEFORE_TABLES, self._days(received) < days_of(first)),
        ):
            found[reason] = rows & left
            left &= ~rows
        return found

    def days(self, batch: Batch) -> Array:
        """Return the day by whose rules each case is judged."""
        return self._days(_received(batch))

    def _days(self, received: Array) -> Array:
        return np.floor(received) if self.on is None else np.full(len(received), days_of(self.on))


def courts_of(history: History, *tables: RuleTable, asked: Sequence[str] | None) -> frozenset[str] | None:
    """Return the courts whose cases a table may be tried on: those asked for, else its own; None for all.

    A table that names no court code, such as a published profile, may be tried
    on the cases of any court.

    Raises
    ------
    CommandError
        NOT_FOUND: the history knows none of a court that is asked for.
        OTHER_COURT: a table belongs to a court whose cases are not in it.
    """
    ends = history.meta["observed_until"]
    known = sorted(ends) if isinstance(ends, dict) else []
    if strange := sorted(set(asked or ()) - set(known)):
        zh = f"历史数据中没有法院 {'、'.join(strange)}；有：{'、'.join(known)}"
        raise CommandError(
            "NOT_FOUND", zh, f"no court {', '.join(strange)} in the history; there are: {', '.join(known)}"
        )
    if asked:
        return frozenset(asked)
    own = {table.court for table in tables if court_code(table.court) is not None}
    if own - set(known):
        named = "、".join(sorted(own - set(known)))
        zh = (
            f"规则表属于法院 {named}，历史数据中没有该院案件（有：{'、'.join(known)}）；确要试算的，用 --court 指明法院"
        )
        en = f"the table belongs to {named}, the history to {', '.join(known)}; use --court to try it anyhow"
        raise CommandError("OTHER_COURT", zh, en)
    return frozenset(own) or None


def _received(batch: Batch) -> Array:
    return batch.columns.get("received_at", np.full(len(batch.ids), np.nan)).astype(np.float64)
