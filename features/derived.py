"""Facts that are computed from others, in one place: days, limitation, interest, fee, cover, family of cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from features import causes, industries
from features.register import load_register

Array = npt.NDArray[np.float64]
Column = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Columns = Mapping[str, npt.NDArray[np.generic]]

OBSERVED = "@observed_at"
"""Suffix of a companion column: the instant at which the field's value was observed at its source."""

ENTERED = "@entered"
"""Suffix of a companion column: whether the value is the one that the court entered, against the computed one."""

DELAY_RATE_PER_DAY = 0.000175
"""Doubled part of the interest for delay: 0.0175 % a day (迟延利息解释(2014)第1条)."""

LIMITATION_MONTHS = 24
"""Two years to apply for enforcement (民事诉讼法(2023)第250条)."""

FEE_UP_TO = (0.0, 1e4, 5e5, 5e6, 1e7, 1e14)
FEE = (50.0, 50.0, 7_400.0, 52_400.0, 77_400.0, 77_400.0 + 1e-3 * (1e14 - 1e7))
"""Enforcement fee at each bracket's end; straight lines between (诉讼费用交纳办法第14条)."""

ADULT_AT = 18


@dataclass(frozen=True)
class Derivation:
    """A computed column: what it reads, and how; `compute` takes today and the columns read.

    `grants` where a kind gives priority: then a kind that the court entered
    holds against the computed one, for the court may know more than the cause
    says; "none" (code 0) does not, for no entry takes away what the cause gives.
    """

    name: str
    reads: tuple[str, ...]
    compute: Callable[..., Array]
    grants: bool = False


def derive(columns: Columns, as_of: Array, *, changed: frozenset[str] | None = None) -> dict[str, Array]:
    """Return every computed column as of each row's instant; with `changed`, those that rest on one of these facts.

    Only what had been observed by then is read. Where a value cannot be
    computed, the one sent stays, and so does one that grants (`Derivation`);
    but neither where an input was observed too late, because the sent value may rest on it.
    """
    today = np.floor(as_of)
    late = {name: cast("Array", columns[name + OBSERVED]) > as_of for name in _READ if name + OBSERVED in columns}
    seen = {name: columns[name] for name in _READ} | {name: _cut(columns[name], mask) for name, mask in late.items()}
    steps = _STEPS if changed is None else _resting_on(changed)
    if changed is not None:
        seen |= {name: columns[name] for name in COMPUTED}
    made = []
    for name, reads, compute, grants in steps:
        computed = compute(today, *[seen[read] for read in reads])
        made.append(name)
        if name not in columns:
            seen[name] = computed
            continue
        sent = cast("Array", columns[name])
        too_late = _any([late.get(read) for read in reads], computed)
        seen[name] = np.where(np.isnan(computed) & ~too_late, sent, computed)
        if grants:
            own = cast("Array", columns.get(name + OBSERVED, as_of))
            held = (sent > 0) & (sent != computed) & ~(np.isnan(computed) | too_late | (own > as_of))
            seen |= {name: np.where(held, sent, seen[name]), name + ENTERED: held.astype(np.float64)}
            made.append(name + ENTERED)
    return {name: cast("Array", seen[name]) for name in made}


@lru_cache(maxsize=16)
def _resting_on(changed: frozenset[str]) -> tuple[Step, ...]:
    """Return the steps that read one of these facts, or what another of these steps computes."""
    steps: list[Step] = []
    for step in _STEPS:
        if not changed.union(name for name, *_ in steps).isdisjoint(step[1]):
            steps.append(step)
    return tuple(steps)


def _cut(column: Column, late: Mask) -> Column:
    nothing: object = None if column.dtype == object else np.nan
    return np.where(late, np.array(nothing, dtype=column.dtype), column)


def _any(late: Sequence[Mask | None], like: Array) -> Mask:
    found: Mask = np.zeros(like.shape, dtype=np.bool_)
    for mask in late:
        if mask is not None:
            found = found | mask
    return found


def _days_since_due(today: Array, due: Array) -> Array:
    return today - due


def limitation_start(instalment: Array, last: Array, due: Array, effective: Array) -> Array:
    """Return the day from which limitation runs: the last instalment, else the due date, else effect.

    Unknown when an instalment's last day is (民事诉讼法(2023)第250条).
    """
    start = np.where(np.isnan(due), effective, due)
    return np.where((instalment == 1) | (np.isnan(instalment) & ~np.isnan(last)), last, start)


def _limitation_days_left(today: Array, instalment: Array, last: Array, due: Array, effective: Array) -> Array:
    return add_months(limitation_start(instalment, last, due, effective), LIMITATION_MONTHS) - today


def add_months(days: Array, months: int) -> Array:
    """Return the same day of a later month, or that month's last day when it has none (民法典第202条)."""
    unknown = np.isnan(days)
    day = np.where(unknown, 0, days).astype(np.int64).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    later = month + months
    last = (later + 1).astype("datetime64[D]") - 1
    moved = np.minimum(later.astype("datetime64[D]") + (day - month.astype("datetime64[D]")), last)
    return np.where(unknown, np.nan, moved.astype(np.int64))


def _any_payment(_today: Array, paid_before: Array) -> Array:
    return np.where(np.isnan(paid_before), np.nan, paid_before > 0)


def _delay_interest(today: Array, principal: Array, claim: Array, due: Array) -> Array:
    base = np.where(np.isnan(principal), claim, principal)
    interest: Array = (DELAY_RATE_PER_DAY * base * np.maximum(today - due, 0.0)).round(2)
    return interest


def _fee(_today: Array, claim: Array) -> Array:
    fee: Array = np.interp(claim, FEE_UP_TO, FEE).round(2)
    return fee


def _cash_cover(_today: Array, cash: Array, preserved: Array, claim: Array) -> Array:
    """Frozen cash over the claim; nothing preserved is a cover of 0, an unknown freeze is unknown."""
    frozen = np.where(np.isnan(cash) & (preserved == 0), 0.0, cash)
    cover: Array = np.divide(frozen, claim, out=np.full(claim.shape, np.nan), where=claim > 0)
    return cover


def _minor(_today: Array, age: Array) -> Array:
    return np.where(np.isnan(age), np.nan, age < ADULT_AT)


def _version(_today: Array, version: Array, effective: Array, received: Array) -> Array:
    return causes.version_column(version, effective, received)


def _family(_today: Array, code: Column, version: Array) -> Array:
    return causes.family_column(code, version)


def _livelihood(_today: Array, code: Column, version: Array, basis: Array) -> Array:
    by_cause = causes.livelihood_column(code, version)
    return np.where(basis == _civil_in_criminal(), float(causes.LIVELIHOODS.index("civil_in_criminal")), by_cause)


@cache
def _civil_in_criminal() -> float:
    return float(load_register()["basis_type"].codes.index("civil_in_criminal"))


def _section(_today: Array, code: Column) -> Array:
    return industries.section_column(code)


DERIVATIONS = (
    Derivation("days_since_due", ("due_date",), _days_since_due),
    Derivation(
        "limitation_days_left",
        ("instalment", "last_instalment_due", "due_date", "basis_effective_date"),
        _limitation_days_left,
    ),
    Derivation("any_post_judgment_payment", ("paid_before",), _any_payment),
    Derivation("delay_interest_est", ("principal", "claim_amount", "due_date"), _delay_interest),
    Derivation("fee_est", ("claim_amount",), _fee),
    Derivation("pres_cash_cover", ("pres_cash", "preserved", "claim_amount"), _cash_cover),
    Derivation("minor", ("age",), _minor),
    Derivation("cause_version.used", ("cause_version", "basis_effective_date", "received_at"), _version),
    Derivation("cause_code.family", ("cause_code", "cause_version.used"), _family),
    Derivation("livelihood", ("cause_code", "cause_version.used", "basis_type"), _livelihood, grants=True),
    Derivation("industry_code.section", ("industry_code",), _section),
)
"""Every computed column, in an order in which each reads only what stands before it."""

COMPUTED = tuple(d.name for d in DERIVATIONS)

WORDS: Mapping[str, tuple[str, ...]] = {
    "cause_code": ("cause_code.family",),
    "industry_code": ("industry_code.section",),
}
"""Field of words -> the numeric columns that stand for it before features."""

_READ = tuple(sorted({name for d in DERIVATIONS for name in d.reads} - set(COMPUTED)))
Step = tuple[str, tuple[str, ...], Callable[..., Array], bool]
_STEPS: tuple[Step, ...] = tuple((d.name, d.reads, d.compute, d.grants) for d in DERIVATIONS)
