"""Whether the logged decisions can tell what a policy would bring; where they cannot, why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from training.config import PolicyValueSettings
from training.policy_value.estimators import FOLLOW, Logged, weights
from training.policy_value.open_cases import ACTION_WORDS, ELSEWHERE

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BINS = tuple(i / 10 for i in range(11))
"""Borders of the histogram of chances."""

MATERIAL = 0.05
"""Share of a policy's choices from which a lane is held to the limits; a smaller one cannot move the whole far."""


ENOUGH = 0.15
"""Share of a lane's cases that is enough, where the lane is too small for the least number of effective cases."""


@dataclass(frozen=True)
class Reason:
    """Why a policy cannot be valued from what was logged."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class LaneSupport:
    """One lane of a policy: how many cases it gets, how many were logged in it, and how many that is worth.

    `effective` is the number of equally weighted cases that tell as much as the
    weighted ones; `largest` the weight share of the debtor or batch that counts
    most.
    """

    zh: str
    en: str
    chosen: int
    agreeing: int
    effective: float
    largest: float


@dataclass(frozen=True)
class Overlap:
    """How well the logged decisions cover a policy.

    `outside` is the share of its choices whose chance was below the least one,
    `outside_changed` the same among the choices that it would change, each
    counted by its chance of having been decided otherwise; `clipped` the share
    of agreeing cases whose weight was cut; `largest` the weight share of the
    debtor or batch that counts most over all lanes. `histogram` counts the
    policy's choices by the chance that they had, in tenths.
    """

    lanes: tuple[LaneSupport, ...]
    largest: float
    outside: float
    outside_changed: float
    clipped: float
    histogram: tuple[int, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, eq=False)
class Cover:
    """What the overlap of every policy is judged by: the stage, who belongs together, the least chance of each case."""

    stage: Stage
    group: Rows
    least: Array
    settings: PolicyValueSettings


def overlap(logged: Logged, target: Rows, cover: Cover) -> Overlap:
    """Return the overlap of a policy with what was logged, and every reason to refuse it."""
    settings = cover.settings
    decided = target != FOLLOW
    chance = _chance_of(logged, target)
    weight = weights(logged, target, clip=settings.clip)
    lanes = tuple(
        _lane(ACTION_WORDS[cover.stage][one], weight, chosen=target == one, group=cover.group)
        for one in range(len(ACTION_WORDS[cover.stage]))
        if (target == one).any()
    )
    low = decided & (chance < cover.least)
    change = np.where(decided, 1.0 - chance, 0.0)
    agreeing = decided & (weight > 0.0)
    found = Overlap(
        lanes=lanes,
        largest=_largest(np.where(decided, weight, 0.0), cover.group),
        outside=float(low.mean()) if len(low) else 0.0,
        outside_changed=float(change[low].sum() / change.sum()) if change.sum() > 0.0 else 0.0,
        clipped=float((chance[agreeing] < 1.0 / settings.clip).mean()) if agreeing.any() else 0.0,
        histogram=tuple(int(n) for n in np.histogram(chance[decided], bins=BINS)[0]),
        reasons=(),
    )
    return Overlap(**{**vars(found), "reasons": tuple(_reasons(found, len(target), settings))})


def _chance_of(logged: Logged, target: Rows) -> Array:
    """Return the chance that each of the policy's choices had; none for one that the stage does not know."""
    chance = np.zeros(len(target))
    for one in range(logged.chance.shape[1]):
        chance = np.where(target == one, logged.chance[:, one], chance)
    return np.where(target == ELSEWHERE, 0.0, chance)


def _lane(words: tuple[str, str], weight: Array, *, chosen: Flags, group: Rows) -> LaneSupport:
    w = np.where(chosen, weight, 0.0)
    total, squares = float(w.sum()), float((w**2).sum())
    return LaneSupport(
        *words,
        chosen=int(chosen.sum()),
        agreeing=int((w > 0.0).sum()),
        effective=total**2 / squares if squares > 0.0 else 0.0,
        largest=_largest(w, group),
    )


def _largest(weight: Array, group: Rows) -> float:
    """Return the weight share of the group that counts most; 0 where nothing counts."""
    total = weight.sum()
    by_group = np.bincount(np.unique(group, return_inverse=True)[1], weights=weight)
    return float(by_group.max() / total) if total > 0.0 else 0.0


def _reasons(found: Overlap, n: int, settings: PolicyValueSettings) -> Sequence[Reason]:
    reasons = [_thin(lane, settings) for lane in found.lanes if lane.chosen >= MATERIAL * n]
    reasons.append(_one_debtor(found, settings))
    reasons.append(_outside(found, settings))
    reasons.append(_never_otherwise(found, settings))
    return [one for one in reasons if one is not None]


def _thin(lane: LaneSupport, settings: PolicyValueSettings) -> Reason | None:
    needed = min(settings.min_effective, ENOUGH * lane.chosen)
    if lane.effective >= needed:
        return None
    zh = f"该政策将 {lane.chosen} 件归入“{lane.zh}”，以往同样办理的折合只有 {lane.effective:.0f} 件"
    en = f"of {lane.chosen} cases that the policy would {lane.en}, past decisions tell as much as {lane.effective:.0f}"
    return Reason("thin_lane", f"{zh}，至少需要 {needed:.0f} 件", f"{en}; {needed:.0f} needed")


def _one_debtor(found: Overlap, settings: PolicyValueSettings) -> Reason | None:
    if found.largest <= settings.max_weight_share:
        return None
    share, limit = f"{found.largest:.0%}", f"{settings.max_weight_share:.0%}"
    zh = f"估计有 {share} 取决于同一被执行人或批次，上限 {limit}"
    en = f"one debtor or batch makes up {share} of what is known of the policy; at most {limit} allowed"
    return Reason("one_debtor", zh, en)


def _outside(found: Overlap, settings: PolicyValueSettings) -> Reason | None:
    if found.outside <= settings.max_outside:
        return None
    zh = f"该政策有 {found.outside:.1%} 的选择以往几乎没有人作过（可能性低于 {settings.min_chance:.0%}）"
    en = f"{found.outside:.1%} of the policy's choices were hardly ever made (chance below {settings.min_chance:.0%})"
    return Reason(
        "outside", f"{zh}，上限 {settings.max_outside:.0%}", f"{en}; at most {settings.max_outside:.0%} allowed"
    )


def _never_otherwise(found: Overlap, settings: PolicyValueSettings) -> Reason | None:
    if found.outside_changed <= settings.max_outside_changed:
        return None
    zh = f"该政策要改变的决定中 {found.outside_changed:.0%} 以往从无例外（按固定规则办理，没有可比的案件）"
    en = (
        f"{found.outside_changed:.0%} of the decisions that the policy would change never went otherwise (made by rule)"
    )
    limit = f"{settings.max_outside_changed:.0%}"
    return Reason("never_otherwise", f"{zh}，上限 {limit}", f"{en}; at most {limit} allowed")
