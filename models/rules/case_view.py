"""What rules see of the cases: columns, amounts computed from them, the day, and the scores when there are any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from features.known import OBSERVED, Columns
from features.register import Stage
from models.rules.tri import Array

Texts = npt.NDArray[np.object_]
_Kind = TypeVar("_Kind", bound=np.generic)

YUAN = "CNY"
"""The currency in which every rule counts, and that of a claim which names none."""


@dataclass(frozen=True, kw_only=True)
class ScoreView:
    """The scores rules and routing may ask for, one value per row; NaN where a score is unusable.

    `abstained` marks rows for which no score may be used at all.
    """

    p_willingness_window: Array
    p_ability_180: Array
    p_quick_30: Array
    p_zhongben_180: Array
    abstained: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, n: int, **known: npt.ArrayLike) -> ScoreView:
        """Return a view of n rows in which every score not named is unusable."""
        columns: dict[str, Array] = dict.fromkeys(SCORES.values(), np.full(n, np.nan))
        abstained = _of_rows(np.asarray(known.pop("abstained", False), dtype=np.bool_), n)
        for name, values in known.items():
            if name not in columns:
                msg = f"没有分值 {name!r} / there is no score {name!r}; known: {', '.join(sorted(columns))}"
                raise ValueError(msg)
            columns[name] = _of_rows(np.asarray(values, dtype=np.float64), n)
        return cls(abstained=abstained, **columns)


def _of_rows(values: npt.NDArray[_Kind], n: int) -> npt.NDArray[_Kind]:
    """Return one value per row, the same for all where only one was given."""
    return values if values.shape == (n,) else np.broadcast_to(values, (n,))


SCORES: Mapping[str, str] = MappingProxyType(
    {
        "score.willingness": "p_willingness_window",
        "score.ability": "p_ability_180",
        "score.quick": "p_quick_30",
        "score.zhongben": "p_zhongben_180",
    }
)
"""Name of a score in the rule tables, and its attribute in a ScoreView."""


@dataclass
class CaseView:
    """One batch of cases as rule tests read them; amounts are worked out once and kept."""

    columns: Columns
    as_of: Array
    stage: Stage
    scores: ScoreView | None = None
    day: Array = field(init=False)
    _kept: dict[str, Array] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Take the Shanghai date of each row's instant."""
        self.day = np.floor(self.as_of)
        self._kept = {}

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.as_of)

    def number(self, name: str) -> Array:
        """Return a column, a computed amount or a score as float64.

        NaN when nobody gave it, or when it was observed after the row's instant.
        """
        kept = self._kept.get(name)
        if kept is None:
            kept = self._kept[name] = self._read(name)
        return kept

    def texts(self, name: str) -> Texts:
        """Return a text column; all None when nobody gave it."""
        column = self.columns.get(name)
        return np.full(len(self), None, dtype=object) if column is None else column.astype(object, copy=False)

    def _read(self, name: str) -> Array:
        if name in AMOUNTS:
            return AMOUNTS[name].compute(self)
        if name in SCORES:
            return np.full(len(self), np.nan) if self.scores is None else getattr(self.scores, SCORES[name])
        column = self.columns.get(name)
        if column is None:
            return np.full(len(self), np.nan)
        facts, seen_at = column.astype(np.float64, copy=False), self.columns.get(name.partition(".")[0] + OBSERVED)
        return facts if seen_at is None else np.where(seen_at.astype(np.float64) > self.as_of, np.nan, facts)


@dataclass(frozen=True)
class Amount:
    """A quantity that rules compare and that is not itself a registered field."""

    zh: str
    en: str
    type: str
    compute: Callable[[CaseView], Array]


def _unpaid(view: CaseView) -> Array:
    """Claim less what was paid; nothing reported as paid during urging counts as nothing.

    Unknown in another currency: caps, fees and bank balances are in yuan.
    """
    paid_in_urging = np.nan_to_num(view.number("urge_paid"), nan=0.0)
    unpaid = view.number("claim_amount") - view.number("paid_before") - paid_in_urging
    foreign = [currency not in (None, YUAN) for currency in view.texts("currency")]
    return np.where(foreign, np.nan, unpaid)


def _due(view: CaseView) -> Array:
    """Everything a debtor owes today: unpaid claim, interest for delay, enforcement fee."""
    return view.number("unpaid") + view.number("delay_interest_est") + view.number("fee_est")


def _first_sealed_cash(view: CaseView) -> Array:
    """Preserved cash that this court may take; cash waiting behind another court's seal counts as none."""
    none = (view.number("preserved") == 0.0) | (view.number("first_seal") == 0.0)
    return np.where(none, 0.0, view.number("pres_cash") * view.number("first_seal"))


def _ready_cash(view: CaseView) -> Array:
    """Cash in banks and network accounts by the network query; no reply from network accounts adds nothing.

    Preserved cash may be the same money, so the larger of the two counts,
    never the sum. Without the banks' reply it counts only when it is enough.
    """
    found = view.number("q_bank") + np.nan_to_num(view.number("q_netpay"), nan=0.0)
    sealed = view.number("first_sealed_cash")
    enough = np.where(sealed >= view.number("due"), sealed, np.nan)
    return np.where(np.isnan(found), enough, np.fmax(found, sealed))


def _things_to_sell(view: CaseView) -> Array:
    """Things that must be appraised or auctioned before the claim is paid; none when cash is enough.

    Real estate and vehicles must be known; shares and vessels count when reported.
    """
    others = np.nan_to_num(view.number("q_equity_n"), nan=0.0) + np.nan_to_num(view.number("q_vessel_n"), nan=0.0)
    known = np.fmax(view.number("q_realty_n"), 0.0) + np.fmax(view.number("q_vehicle_n"), 0.0) + others
    complete = view.number("q_realty_n") + view.number("q_vehicle_n") + others
    counted = np.where(known > 0.0, known, complete)
    return np.where(view.number("ready_cash") >= view.number("due"), 0.0, counted)


def _days_since_filing(view: CaseView) -> Array:
    """Whole Shanghai days since the case was filed."""
    return view.day - np.floor(view.number("filed_at"))


def _preservation_days_left(view: CaseView) -> Array:
    """Days until the earliest preservation lapses."""
    return view.number("pres_expiry") - view.day


AMOUNTS: Mapping[str, Amount] = MappingProxyType(
    {
        "unpaid": Amount("未履行金额", "unpaid amount", "decimal", _unpaid),
        "due": Amount("应履行总额", "amount due", "decimal", _due),
        "first_sealed_cash": Amount("首封冻结存款", "first-sealed cash", "decimal", _first_sealed_cash),
        "ready_cash": Amount("可扣划资金", "cash that can be deducted", "decimal", _ready_cash),
        "things_to_sell": Amount("须评估拍卖的财产", "things to appraise or auction", "int", _things_to_sell),
        "days_since_filing": Amount("立案已满天数", "days since filing", "int", _days_since_filing),
        "preservation_days_left": Amount("保全剩余天数", "days of preservation left", "int", _preservation_days_left),
    }
)
