"""When no score is given, and why: withholding a number is an answer of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Self

import numpy as np
import numpy.typing as npt

from features.known import Array, Columns, Known
from features.register import Stage

Flags = npt.NDArray[np.bool_]

FEWEST_COMPARABLE = 50
"""Below this many comparable cases no number is shown."""

EPOCH = date(1970, 1, 1).toordinal()


class Abstain(StrEnum):
    """Reasons for which a score is withheld."""

    KEY_FIELD_MISSING = "KEY_FIELD_MISSING"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    OUT_OF_TRAINING_RANGE = "OUT_OF_TRAINING_RANGE"
    UNKNOWN_COURT = "UNKNOWN_COURT"
    FEW_COMPARABLE = "FEW_COMPARABLE"
    MODEL_EXPIRED = "MODEL_EXPIRED"
    NOT_FINITE = "NOT_FINITE"
    POOR_OVERLAP = "POOR_OVERLAP"


WORDS: Mapping[Abstain, tuple[str, str]] = MappingProxyType(
    {
        Abstain.KEY_FIELD_MISSING: ("缺少关键信息，暂不评分", "a key field is missing; no score is given"),
        Abstain.OTHER_CURRENCY: (
            "币种与模型所用币种不同，金额不可比，暂不评分",
            "the claim is in another currency than the model's; its amount cannot be compared",
        ),
        Abstain.OUT_OF_TRAINING_RANGE: (
            "有数值超出历史案件范围，暂不评分",
            "a value lies outside what past cases show; no score is given",
        ),
        Abstain.UNKNOWN_COURT: ("模型未见过本院案件，暂不评分", "the model has seen no case of this court"),
        Abstain.FEW_COMPARABLE: (
            f"情况相近的案件不足 {FEWEST_COMPARABLE} 件，暂不评分",
            f"fewer than {FEWEST_COMPARABLE} comparable cases; no score is given",
        ),
        Abstain.MODEL_EXPIRED: ("模型已过有效期，暂不评分", "the model is past its date; no score is given"),
        Abstain.NOT_FINITE: ("计算结果无效，暂不评分", "the result is not a number; no score is given"),
        Abstain.POOR_OVERLAP: (
            "以往少有这类案件进入督促，暂不评分",
            "cases like this were hardly ever urged, or always; no score is given",
        ),
    },
)

KEY_FIELDS: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {
        Stage.A: ("claim_amount", "debtor_type", "cause_code.family"),
        Stage.B: ("claim_amount", "debtor_type", "cause_code.family", "q_bank"),
    },
)
"""Columns without which a judge would not venture a guess either."""


def missing_keys(case: Mapping[str, object], stage: Stage) -> tuple[str, ...]:
    """Return the key fields that a case does not have; a column worked out from a field counts as that field."""
    fields = (name.partition(".")[0] for name in KEY_FIELDS[stage])
    return tuple(field for field in fields if case.get(field) is None)


def key_fields_of(known: Known) -> tuple[str, ...]:
    """Return the key columns that at least half of these training cases have.

    A court whose export never holds a field cannot be asked for it.
    """
    there = {name: known.columns.get(name) for name in KEY_FIELDS[known.stage]}
    return tuple(name for name, column in there.items() if column is not None and np.isnan(column).mean() <= 0.5)


@dataclass(frozen=True, eq=False)
class Ranges:
    """Lowest and highest value of each feature in training, float32 as in the matrix; NaN where it was never known."""

    lower: npt.NDArray[np.float32]
    upper: npt.NDArray[np.float32]

    @classmethod
    def of(cls, rows: npt.NDArray[np.float32]) -> Ranges:
        """Measure the training matrix."""
        known = ~np.isnan(rows)
        ever = known.any(axis=0)
        lower = np.where(known, rows, np.float32(np.inf)).min(axis=0, initial=np.float32(np.inf))
        upper = np.where(known, rows, np.float32(-np.inf)).max(axis=0, initial=np.float32(-np.inf))
        nothing = np.float32(np.nan)
        return cls(lower=np.where(ever, lower, nothing), upper=np.where(ever, upper, nothing))

    def to_json(self) -> dict[str, list[float | None]]:
        """Return plain values; a float32 is written as the float64 that equals it."""
        return {name: _plain(getattr(self, name)) for name in ("lower", "upper")}

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[float | None]]) -> Self:
        """Return the ranges that wrote these values."""
        return cls(lower=_row(data["lower"]), upper=_row(data["upper"]))


def outside(rows: npt.NDArray[np.float32], lower: npt.NDArray[np.float32], upper: npt.NDArray[np.float32]) -> Flags:
    """Return the rows of which some value lies below or above what training saw; a missing value never does."""
    return np.asarray(((rows < lower) | (rows > upper)).any(axis=1))


def key_missing(known: Known, key_fields: Sequence[str]) -> Flags:
    """Return the rows in which a key column is absent or empty."""
    missing = np.zeros(len(known), dtype=bool)
    for name in key_fields:
        column = known.columns.get(name)
        missing |= np.ones(len(known), dtype=bool) if column is None else np.isnan(column)
    return missing


def other_currency(columns: Columns, n: int, *, currency: str) -> Flags:
    """Return the rows whose claim is stated in another currency than the model's; none stated is the model's own."""
    stated = columns.get("currency")
    if stated is None:
        return np.zeros(n, dtype=bool)
    return np.array([one not in (None, currency) for one in stated], dtype=bool)


def expired(as_of: Array, valid_until: date) -> Flags:
    """Return the rows asked about after the model's last day."""
    return np.asarray(np.floor(as_of) > valid_until.toordinal() - EPOCH)


def _plain(values: npt.NDArray[np.float32]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _row(values: Sequence[float | None]) -> npt.NDArray[np.float32]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float32)
