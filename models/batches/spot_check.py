"""The spot check before a batch is decided: cases drawn by a seed that is shown, so that nobody picks the easy ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.batches.settings import BatchSettings
from models.lots import chance

PROCEDURE = "fenliu-spot-check/1"
"""Name of the procedure; whatever changes in it, changes this name."""


@dataclass(frozen=True, kw_only=True)
class SpotCheck:
    """The cases drawn from a group, in the order drawn, and all that the draw rests on."""

    procedure: str
    seed: int
    group: str
    of: int
    cases: tuple[str, ...]


def spot_check(group: str, ids: Sequence[str], *, seed: int, settings: BatchSettings) -> SpotCheck:
    """Return ten cases or five in a hundred, whichever is more, or all of a small group.

    The draw follows from the seed, the group's code and the ids; their order
    plays no part.
    """
    asked = max(int(settings.check_cases), math.ceil(settings.check_share * len(ids)))
    order = sorted(ids, key=lambda one: (chance.number(f"{PROCEDURE}/{group}", seed, one), one))
    return SpotCheck(procedure=PROCEDURE, seed=seed, group=group, of=len(ids), cases=tuple(order[:asked]))


def verify_spot_check(check: SpotCheck, ids: Sequence[str], *, settings: BatchSettings) -> bool:
    """Whether these cases are the ones that the seed draws from the group."""
    return check == spot_check(check.group, ids, seed=check.seed, settings=settings)
