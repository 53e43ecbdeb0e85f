"""Builders of many random applications at the edges of the rules, as columns and, one by one, as plain facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt

from features.clock import days_of
from features.columns import complete
from features.derived import COMPUTED
from features.register import Field, Stage, load_register
from models.rules.case_view import ScoreView
from tests.law_by_hand import Facts

Columns = dict[str, npt.NDArray[np.generic]]

DAYS = (
    date(2022, 4, 9),
    date(2022, 4, 10),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 29),
    date(2025, 4, 7),
    date(2026, 2, 28),
    date(2026, 9, 30),
    date(2026, 10, 7),
    date(2026, 10, 8),
    date(2026, 11, 20),
)
"""Days on which the law changes, leap days, holidays and their edges, and a plain one."""

_EPOCH = date(1970, 1, 1)
_EDGES = np.array(
    [0, 1, 5, 6, 7, 10, 11, 15, 20, 21, 29, 30, 31, 44, 45, 46, 60, 74, 75, 76, 90, 730, 731], dtype=float
)
_SUMS = np.array([0.0, 0.01, 9_999.99, 10_000.0, 10_000.01, 500_000.0, 999_999.99, 1_000_000.0, 1_000_000.01])
_LIKELY: Mapping[str, float] = {
    **dict.fromkeys(("relief_type", "bankruptcy_case", "dead_or_deregistered", "livelihood"), 0.0),
    **dict.fromkeys(("foreign_hkmt", "criminal_overlap", "served_by_notice", "dishonest_now", "paid_before"), 0.0),
    **dict.fromkeys(("basis_clear", "phone_provided"), 1.0),
    **dict.fromkeys(("consent_urge", "basis_type", "instalment", "intake_channel", "preserved"), 0.0),
}
"""Facts as they mostly are, so that many rows pass every hard rule but one."""


def random_cases(n: int, *, today: date, stage: Stage, seed: int) -> Columns:
    """Return n applications received the day before, judged at noon: dates and sums at edges, facts missing."""
    rng = np.random.default_rng(seed)
    missing = rng.choice([0.0, 0.02, 0.15], n)
    columns: Columns = {}
    for field in load_register().allowed_at(stage):
        if field.name in COMPUTED and field.name != "livelihood":
            continue
        values = _values(field, n, days_of(today), rng)
        if values is None:
            continue
        if field.name in _LIKELY:
            values = np.where(rng.random(n) < 0.85, _LIKELY[field.name], values)
        if field.name in {"due_date", "basis_effective_date"}:  # or hardly any case would be admissible
            past = np.minimum(values, 2.0 * (days_of(today) - 1.0) - values)
            values = np.where(rng.random(n) < 0.85, past - (field.name == "basis_effective_date"), values)
        columns[field.name] = np.where(rng.random(n) < missing, np.nan, values)
    columns["received_at"] = np.full(n, days_of(today) - 0.6)
    columns["currency"] = np.where(rng.random(n) < 0.97, None, "USD").astype(object)
    return complete(columns, n, load_register(), stage, as_of=np.full(n, days_of(today) + 0.5))


def _values(field: Field, n: int, today: float, rng: np.random.Generator) -> npt.NDArray[np.float64] | None:
    if field.type == "enum":
        return rng.integers(0, len(field.codes), n).astype(float)
    if field.type == "bool":
        return (rng.random(n) < 0.3).astype(float)
    if field.type in {"date", "datetime"}:
        near = rng.choice(_EDGES, n) * rng.choice([-1.0, 1.0], n)
        return today + np.where(rng.random(n) < 0.6, near, rng.integers(-800, 500, n))
    if field.type == "decimal":
        spread = np.round(rng.choice([0.0, 1.0, 30.0], n) * 10 ** rng.uniform(2, 6.5, n), 2)
        return np.where(rng.random(n) < 0.2, rng.choice(_SUMS, n), spread)
    return rng.integers(0, 4, n).astype(float) if field.type in {"int", "float", "ordinal"} else None


def random_scores(n: int, *, seed: int) -> ScoreView:
    """Return scores out to break the rules: certainties, marks hit exactly or missed by a hair, unusable ones."""
    rng = np.random.default_rng(seed + 1)
    hard = np.array([0.0, 1.0, 0.5, 0.6, np.nextafter(0.5, 0), np.nextafter(0.6, 0), np.nan])

    def one() -> npt.NDArray[np.float64]:
        return np.where(rng.random(n) < 0.5, rng.choice(hard, n), rng.random(n))

    return ScoreView(
        p_willingness_window=one(),
        p_ability_180=one(),
        p_quick_30=one(),
        p_zhongben_180=one(),
        abstained=rng.random(n) < 0.05,
    )


def as_facts(columns: Columns) -> Iterator[Facts]:
    """Yield each row as plain facts, for the second reading of the law."""
    names = [field.name for field in load_register().fields if field.name in columns]
    lists = [_plain(name, columns[name]) for name in names]
    for row in zip(*lists, strict=True):
        yield dict(zip(names, row, strict=True))


def _plain(name: str, column: npt.NDArray[np.generic]) -> list[Any]:
    field = load_register()[name]
    if column.dtype == object:
        return column.tolist()
    return [None if isnan(value) else _READ.get(field.type, _number)(field, value) for value in column.tolist()]


def _number(_: Field, value: float) -> float:
    return value


_READ: Mapping[str, Callable[[Field, float], Any]] = {
    "enum": lambda field, value: field.codes[int(value)],
    "bool": lambda _, value: value == 1.0,
    "date": lambda _, value: _EPOCH + timedelta(days=int(value // 1)),
    "datetime": lambda _, value: _EPOCH + timedelta(days=int(value // 1)),
}
