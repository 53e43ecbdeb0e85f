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
from models.routes import ABSTAINED, FACTS_MISSING, Routes

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
    """What grouping looks at, for n cases: their columns and moments, their routes, and which debtors are known.

    `on_hand` holds the cases whose debtor has a case on hand in this court or
    another one in the batch.
    """

    ids: Sequence[str]
    columns: Columns
    as_of: Array
    routes: Routes
    on_hand: Bools


def rule_groups(seen: Seen, register: Register, settings: BatchSettings) -> tuple[RuleGroup, ...]:
    """Return the groups by rule in their order; rows of earlier ones are not taken out of later ones."""
    days = settings.expiry_days
    return (
        RuleGroup("same_debtor", "同一被执行人在本院或本批另有案件", "the debtor has another case here", seen.on_hand),
        RuleGroup(
            "expiring", f"保全到期 {days:g} 日内", f"preservation ends within {days:g} days", _expiring(seen, days)
        ),
        RuleGroup("appraisal", "有担保物、须评估拍卖", "security to be appraised", _appraised(seen, register)),
        RuleGroup("no_asset_certificate", "预查废条件提示", "conditions of a no-asset certificate", _certificate(seen)),
        RuleGroup("missing", "信息不足，先补正", "facts are missing", _missing(seen)),
    )


def _expiring(seen: Seen, days: float) -> Bools:
    """Return the cases with a preservation that ends soon or has ended: either has to be looked at first."""
    expiry = _numbers(seen, "pres_expiry")
    return np.asarray(np.floor(expiry) - np.floor(seen.as_of) <= days)


def _appraised(seen: Seen, register: Register) -> Bools:
    places = code_index(register["collateral_type"])
    return np.isin(_numbers(seen, "collateral_type"), [places[code] for code in _APPRAISED])


def _certificate(seen: Seen) -> Bools:
    return np.asarray(seen.routes.flags.get(NO_ASSET_CERTIFICATE, np.zeros(len(seen.ids), dtype=bool)), dtype=np.bool_)


def _missing(seen: Seen) -> Bools:
    """Return the cases that cannot be proposed a lane for want of facts, or lack the amount."""
    abstained = (seen.routes.status == ABSTAINED) & (seen.routes.lane < 0)
    return np.asarray(abstained | seen.routes.flags[FACTS_MISSING] | np.isnan(_numbers(seen, "claim_amount")))


def _numbers(seen: Seen, name: str) -> Array:
    column = seen.columns.get(name)
    return np.full(len(seen.ids), np.nan) if column is None else column.astype(np.float64)
