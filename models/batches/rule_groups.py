"""Groups by rule, which come before any likeness: what a clerk must look at first in a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.columns import code_index
from features.known import Array, Columns
from features.register import Register
from models.batches.settings import BatchSettings
from models.lanes import UNDECIDED
from models.routes import ABSTAINED, FACTS_MISSING, MODEL, NOBODY, Routes

Bools = npt.NDArray[np.bool_]

NO_ASSET_CERTIFICATE = "no_asset_certificate"
"""Flag that the rules raise where the first conditions of 预查废 are met."""

_APPRAISED = ("dwelling", "shop", "factory", "land", "vehicle", "equipment", "equity")
"""Security that has to be appraised before it is sold; a claim is collected instead."""


@dataclass(frozen=True, eq=False)
class RuleGroup:
    """One rule of grouping and the rows that meet it; a case belongs to the first that it meets."""

    code: str
    zh: str
    en: str
    rows: Bools


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """What grouping looks at, for n cases: their columns and moments, and what routing said of them.

    `lane` holds codes of `models.lanes.LANES`; `doubtful` marks low
    confidence, `certificate` the first conditions of 预查废, `unsure` cases
    without a lane, or not urged, for want of facts; `on_hand` those whose
    debtor has a case on hand in this court or another one in the batch.
    """

    ids: Sequence[str]
    columns: Columns
    as_of: Array
    lane: npt.NDArray[np.int8]
    doubtful: Bools
    certificate: Bools
    unsure: Bools
    on_hand: Bools

    @classmethod
    def of_routes(cls, routes: Routes, *, ids: Sequence[str], columns: Columns, as_of: Array, on_hand: Bools) -> Seen:
        """Return what grouping looks at for cases routed under the same rules."""
        nothing = np.zeros(len(routes), dtype=np.bool_)
        abstained = (routes.status == ABSTAINED) & (routes.lane == UNDECIDED)
        return cls(
            ids=ids,
            columns=columns,
            as_of=as_of,
            lane=routes.lane,
            doubtful=doubtful(routes),
            certificate=routes.flags.get(NO_ASSET_CERTIFICATE, nothing),
            unsure=np.asarray(abstained | routes.flags[FACTS_MISSING]),
            on_hand=on_hand,
        )


def doubtful(routes: Routes) -> Bools:
    """Return the rows of low confidence: left to the judge, not scored, or nearly another lane."""
    near = (routes.decided_by == MODEL) & (routes.margin < routes.settings.medium_from)
    return np.asarray((routes.decided_by == NOBODY) | (routes.status == ABSTAINED) | near)


def rule_groups(seen: Seen, register: Register, settings: BatchSettings) -> tuple[RuleGroup, ...]:
    """Return the groups by rule in their order; rows of earlier ones are not taken out of later ones."""
    days = settings.expiry_days
    return (
        RuleGroup("same_debtor", "同一被执行人在本院或本批另有案件", "the debtor has another case here", seen.on_hand),
        RuleGroup(
            "expiring", f"保全到期 {days:g} 日内", f"preservation ends within {days:g} days", _expiring(seen, days)
        ),
        RuleGroup("appraisal", "有担保物、须评估拍卖", "security to be appraised", _appraised(seen, register)),
        RuleGroup("no_asset_certificate", "预查废条件提示", "conditions of a no-asset certificate", seen.certificate),
        RuleGroup("missing", "信息不足，先补正", "facts are missing", _missing(seen)),
    )


def _expiring(seen: Seen, days: float) -> Bools:
    """Return the cases with a preservation that ends soon or has ended: either has to be looked at first."""
    expiry = _numbers(seen, "pres_expiry")
    return np.asarray(np.floor(expiry) - np.floor(seen.as_of) <= days)


def _appraised(seen: Seen, register: Register) -> Bools:
    places = code_index(register["collateral_type"])
    return np.isin(_numbers(seen, "collateral_type"), [places[code] for code in _APPRAISED])


def _missing(seen: Seen) -> Bools:
    """Return the cases that lack facts on which their lane hangs, or their amount."""
    return np.asarray(seen.unsure | np.isnan(_numbers(seen, "claim_amount")))


def _numbers(seen: Seen, name: str) -> Array:
    column = seen.columns.get(name)
    return np.full(len(seen.ids), np.nan) if column is None else column.astype(np.float64)
