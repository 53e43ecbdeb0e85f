"""Counting a court's figures for every period from its courses, and keeping them so that a page only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Select, delete, insert, select, update

from features.clock import days_of
from features.known import Array
from models.indicators import (
    Applications,
    Clock,
    Over12Base,
    Period,
    Ratio,
    State,
    filed_in_time,
    indicators,
    late_in,
    mean,
    periods_up_to,
    share,
)
from models.rules.loading import shipped_limits
from serving.repositories.indicators.own_effect import Decided, decided, own_effect
from serving.repositories.indicators.refreshing import EVERYWHERE
from serving.store.tables.indicators import case_courses, indicator_figures, indicator_state
from serving.store.transaction import Store

Row = dict[str, Any]
Courses = Mapping[str, Array]

_COLUMNS: Final = (
    "received",
    "filed",
    "ended",
    "closed",
    "state",
    "claim",
    "recovered",
    "money_at",
    "urged",
    "late_from",
    "simulated",
)
_TOGETHER: Final = 20_000

NOT_RECORDED: Final = frozenset({"payout_days"})
"""Indicators whose facts nobody reports to the service: when money was paid out."""

COUNTED: Final = tuple(one for one in indicators() if one.clock is Clock.FILING and one.id not in NOT_RECORDED)
"""The official indicators that the record can tell."""


@dataclass(frozen=True)
class Kept:
    """A court's figures of one period by name, how far the record was read, when it was counted, how many cases."""

    figures: Mapping[str, Row]
    read_at: str | None
    figures_at: str | None
    cases: int


@dataclass(frozen=True)
class FigureStore:
    """Counts, writes and reads figures."""

    store: Store

    def waiting(self, *, at: datetime) -> list[str]:
        """Return the courts whose figures are older than their courses, or of another day."""
        return self.store.read(lambda connection: list(_waiting(connection, at)))

    def count(self, court: str, *, base: Over12Base, at: datetime) -> None:
        """Count a court's figures of every period anew; counting holds no lock, writing holds it briefly.

        Raises
        ------
        StoreUnavailableError
            The figures are those of before.
        """
        seq, courses = self.store.read(lambda connection: (_seq(connection, court), _courses(connection, court)))
        acts = self.store.read(lambda connection: decided(connection, court))
        rows = [
            {"court_code": court, "first_month": period.first, "last_month": period.last, **row}
            for period, found in _figures(courses, acts, base=base, today=at.date())
            for row in found
        ]
        self.store.write(lambda connection: _write(connection, court, rows, (seq, len(courses["received"]), at)))

    def of(self, court: str, period: Period) -> Kept:
        """Return the figures of a court and a period."""
        return self.store.read(lambda connection: _kept(connection, court, period))

    def read_at(self) -> str | None:
        """Return up to when the record was read."""
        return self.store.read(_read_at)

    def courts(self) -> list[str]:
        """Return the courts that have figures."""
        query = select(indicator_state.c.court_code).where(indicator_state.c.court_code != EVERYWHERE)
        return self.store.read(lambda connection: list(connection.scalars(query)))

    def months(self, court: str, first: str, last: str) -> list[Row]:
        """Return the figures of single months from one to another, by month and name."""
        return self.store.read(lambda connection: _months(connection, court, first, last))


def _waiting(connection: Connection, at: datetime) -> Iterator[str]:
    query = select(indicator_state).where(indicator_state.c.court_code != EVERYWHERE)
    for row in connection.execute(query.order_by(indicator_state.c.court_code)).mappings():
        counted = row["figures_at"]
        if counted is None or row["figures_seq"] != row["seq"] or counted[:10] != at.date().isoformat():
            yield row["court_code"]


def _seq(connection: Connection, court: str) -> int:
    return int(connection.scalar(select(indicator_state.c.seq).where(indicator_state.c.court_code == court)) or 0)


def _courses(connection: Connection, court: str) -> dict[str, Array]:
    """Return the columns of a court's first-time cases as arrays, NaN where nothing happened."""
    mine = (case_courses.c.court_code == court) & (case_courses.c.resumed == 0)
    query = select(*(case_courses.c[name] for name in _COLUMNS)).where(mine)
    found = connection.execution_options(yield_per=_TOGETHER).execute(query)
    parts = [np.array([tuple(row) for row in part], dtype=np.float64) for part in found.partitions()]
    table = np.concatenate(parts) if parts else np.empty((0, len(_COLUMNS)))
    return {name: table[:, place] for place, name in enumerate(_COLUMNS)}


def _figures(
    courses: Courses, acts: Sequence[Decided], *, base: Over12Base, today: date
) -> Iterator[tuple[Period, list[Row]]]:
    """Yield every period with its figures, each counted from the cases that the period touches."""
    begun, over = courses["received"], _over(courses)
    for period in periods_up_to(today):
        touched = (begun < period.ends) & (over >= period.begins)
        mine = {name: column[touched] for name, column in courses.items()}
        found = replace(_applications(mine, base=base, today=today), begins=period.begins, ends=period.ends)
        beside = {
            **_filing(found, mine["late_from"], days_of(today)),
            **_urging(found, mine["urged"]),
            **own_effect(acts, period),
            "simulated": Ratio(float(courses["simulated"].sum()), float(len(begun))),
        }
        official = _official(found, mine["late_from"], days_of(today))
        yield period, [*official, *(_row(name, figure) for name, figure in beside.items())]


def _official(found: Applications, late_from: Array, today: float) -> list[Row]:
    """Return the official indicators, as they are and as if filed in time."""
    prompt = filed_in_time(found, late_from, today=today)
    return [_row(one.id, one.count(found), one.count(prompt)) for one in COUNTED]


def _over(courses: Courses) -> Array:
    """Return the last instant at which anything happened to a case; infinite while it is open."""
    ended = np.fmax(courses["ended"], courses["closed"])
    last = np.fmax(np.fmax(ended, courses["filed"]), np.fmax(courses["urged"], courses["late_from"]))
    return np.where(np.isnan(ended), np.inf, np.fmax(last, courses["received"]))


def _filing(found: Applications, late_from: Array, now: float) -> dict[str, Ratio]:
    """Return what was filed late, how much of it is not filed yet, and the days from receipt to filing."""
    late, filed = late_in(found, late_from, today=now), found.in_period(found.filed)
    days = (np.floor(found.filed) - np.floor(found.received))[filed]
    return {
        "late": Ratio(float(late.sum()), float(found.cohort.sum())),
        "late_unfiled": share(np.isnan(found.filed), late),
        "days_to_filing": mean(days),
    }


def _urging(found: Applications, urged: Array) -> dict[str, Ratio]:
    """Return how the urgings that began in the period went: paid, or filed after all."""
    began = found.in_period(urged)
    return {
        "urging_paid": share(found.state == State.SETTLED, began),
        "urging_filed": share(~np.isnan(found.filed), began),
    }


def _applications(courses: Courses, *, base: Over12Base, today: date) -> Applications:
    money = ~np.isnan(courses["money_at"])
    return Applications(
        **{name: courses[name] for name in ("received", "filed", "ended", "closed")},
        state=courses["state"].astype(np.int64),
        claim=np.nan_to_num(courses["claim"]),
        hours=np.zeros(len(money)),
        money=np.column_stack([np.flatnonzero(money), courses["money_at"][money], courses["recovered"][money]]),
        payouts=np.empty((0, 3)),
        begins=0.0,
        ends=0.0,
        horizon=np.inf,
        enforcement_months=shipped_limits(today)["T11"].value,
        over_12_base=base,
    )


def _row(name: str, figure: Ratio, prompt: Ratio | None = None) -> Row:
    return {
        "name": name,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "prompt_numerator": None if prompt is None else prompt.numerator,
        "prompt_denominator": None if prompt is None else prompt.denominator,
    }


def _write(connection: Connection, court: str, rows: Sequence[Row], counted: tuple[int, int, datetime]) -> None:
    seq, cases, at = counted
    connection.execute(delete(indicator_figures).where(indicator_figures.c.court_code == court))
    blank = {"prompt_numerator": None, "prompt_denominator": None}
    connection.execute(insert(indicator_figures), [blank | row for row in rows])
    stamp = {"figures_seq": seq, "figures_at": at.isoformat(timespec="seconds"), "cases": cases}
    connection.execute(update(indicator_state).where(indicator_state.c.court_code == court).values(**stamp))


def _kept(connection: Connection, court: str, period: Period) -> Kept:
    rows = connection.execute(_of(court, period.first, period.last)).mappings()
    figures = {row["name"]: dict(row) for row in rows}
    own = select(indicator_state).where(indicator_state.c.court_code == court)
    state = connection.execute(own).mappings().one_or_none()
    read_at = _read_at(connection)
    if state is None:
        return Kept(figures, read_at, None, 0)
    return Kept(figures, read_at, state["figures_at"], state["cases"])


def _read_at(connection: Connection) -> str | None:
    query = select(indicator_state.c.read_at).where(indicator_state.c.court_code == EVERYWHERE)
    return connection.scalar(query)


def _of(court: str, first: str, last: str) -> Select[Any]:
    mine = (indicator_figures.c.first_month == first) & (indicator_figures.c.last_month == last)
    return select(indicator_figures).where(indicator_figures.c.court_code == court, mine)


def _months(connection: Connection, court: str, first: str, last: str) -> list[Row]:
    month = indicator_figures.c.first_month
    single = (month == indicator_figures.c.last_month) & month.between(first, last)
    query = select(indicator_figures).where(indicator_figures.c.court_code == court, single)
    return [dict(row) for row in connection.execute(query.order_by(month, indicator_figures.c.name)).mappings()]
