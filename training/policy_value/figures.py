"""From days, shares and hours to figures for people: the value of a case, and the plain units that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from features.known import Array
from models.utility import Consequences, Utility
from training.evaluation.measures import Estimate
from training.policy_value.outcome_models import COMPONENTS


@dataclass(frozen=True)
class Figure:
    """A figure per case: its wording, its unit, and how many digits are shown."""

    zh: str
    en: str
    unit: str
    digits: int


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "value": Figure("价值", "value", "元", digits=0),
        "days": Figure("用时", "days", "日", digits=1),
        "yuan": Figure("到位", "recovered", "元", digits=0),
        "hours": Figure("工时", "officer hours", "小时", digits=2),
        "failed": Figure("督促未果", "failed urgings", "次", digits=3),
    }
)


@dataclass(frozen=True, eq=False)
class Pricing:
    """A utility laid out over the components of n cases: the value is `base` plus `weight` times the components."""

    base: float
    weight: Array
    claim: Array

    @classmethod
    def of(cls, utility: Utility, claim: Array) -> Pricing:
        """Ask the utility for what each component adds, so that there is one sum and not two.

        That sum takes days and yuan and their product, and everything else in
        a straight line; so a few questions tell all of it.
        """

        def worth(*, days: float = 0.0, yuan: Array | float = 0.0, hours: float = 0.0, failed: float = 0.0) -> Array:
            n = np.zeros(len(claim))
            return utility.value(Consequences(days=n + days, yuan=n + yuan, hours=n + hours, failed_urging=n + failed))

        base, one_day, paid = worth(), worth(days=1.0), worth(yuan=claim)
        adds = {
            "days": one_day - base,
            "share": paid - base,
            "share_days": worth(days=1.0, yuan=claim) - paid - (one_day - base),
            "hours": worth(hours=1.0) - base,
            "failed": worth(failed=1.0) - base,
        }
        return cls(
            base=float(base[0]) if len(claim) else 0.0,
            weight=np.stack([adds[name] for name in COMPONENTS], axis=1),
            claim=claim,
        )

    def figures(self, parts: Array) -> Array:
        """Turn components, shape (n, ..., components), into figures, shape (n, ..., figures)."""
        between = tuple(range(1, parts.ndim - 1))
        weight, claim = np.expand_dims(self.weight, between), np.expand_dims(self.claim, between)
        part = {name: parts[..., i] for i, name in enumerate(COMPONENTS)}
        value = self.base + (weight * parts).sum(axis=-1)
        return np.stack([value, part["days"], claim * part["share"], part["hours"], part["failed"]], axis=-1)


def interval(found: Mapping[str, Estimate], name: str) -> str | None:
    """Return a figure with its interval as it is shown; None where it was not worked out."""
    if name not in found:
        return None
    one, digits = found[name], FIGURES[name].digits
    return f"{one.value:,.{digits}f} [{one.lower:,.{digits}f}, {one.upper:,.{digits}f}]"
