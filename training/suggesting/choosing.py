"""The thresholds chosen from the trials: the best within the places, how sure that is, and what other values say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.known import Array
from features.register import Stage
from models.utility import Utility
from training.errors import CommandError
from training.policy_value.figures import FIGURES
from training.suggesting.evidence import CHOSEN, EITHER, LATER, Evidence, by_target
from training.suggesting.trials import Trial, Tried

VALUE = list(FIGURES).index("value")

OTHERWISE: Mapping[str, tuple[str, str, str, float]] = {
    "days_half": ("每日价值减半", "a day counts half", "yuan_per_day", 0.5),
    "days_double": ("每日价值加倍", "a day counts double", "yuan_per_day", 2.0),
    "hours_half": ("工时价格减半", "an hour costs half", "yuan_per_hour", 0.5),
    "hours_double": ("工时价格加倍", "an hour costs double", "yuan_per_hour", 2.0),
    "failed_none": ("督促未果不计", "a failed urging costs nothing", "yuan_per_failed_urging", 0.0),
    "failed_triple": ("督促未果三倍计", "a failed urging costs triple", "yuan_per_failed_urging", 3.0),
    "yuan_none": ("到位金额不计", "money recovered does not count", "yuan_per_yuan", 0.0),
}
"""Other ways of weighing, each with its wording, the figure changed and the factor."""


@dataclass(frozen=True)
class Otherwise:
    """What would be chosen under another weighing, and what the suggestion loses by it, in yuan a case."""

    zh: str
    en: str
    best: Trial
    loss: float


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The trials of a stage, the `best` of them and the one `taken`, by place.

    Where the best is `confirmed`, taken is what is worth most on all cases: the
    later ones, on which it was not chosen, say the same, and all together leave
    no doubt that it is worth more than the values in force. Else it is what
    differs least from these among those that are not clearly worth less than
    the best: a value must not move for what may be chance. `within` holds for
    each parameter the values between which nearly all resamples of debtors
    choose; `cases` the open cases of each slice. Where no trial has room, the
    one that lacks least is taken, and `crowded` says so.
    """

    stage: Stage
    trials: tuple[Trial, ...]
    best: int
    taken: int
    confirmed: bool
    crowded: bool
    within: Mapping[str, tuple[float, float]]
    otherwise: tuple[Otherwise, ...]
    cases: Mapping[str, int]
    split_on: float

    @property
    def current(self) -> Trial:
        """The values in force."""
        return self.trials[0]

    @property
    def suggested(self) -> Trial:
        """The trial taken."""
        return self.trials[self.taken]

    @property
    def contradicted(self) -> bool:
        """Whether the later cases show the trial taken to be clearly worse than the values in force."""
        return self.suggested.later["value"].upper < 0.0

    @property
    def settled(self) -> int:
        """The place of the trial that the draft takes over: the one taken, unless the later cases contradict it."""
        return 0 if self.contradicted else self.taken


def choose(found: Evidence, tried: Tried, utility: Utility) -> Choice:
    """Choose among the trials that are known and have room, by their worth on the chosen slice.

    Raises
    ------
    CommandError
        POLICY_NOT_COVERED: past decisions can tell of no trial at all.
    """
    allowed, crowded = _allowed(found.stage, tried)
    values = _values(found, tried, utility)
    best = int(allowed[np.argmax(values.mean(axis=1)[allowed])])
    confirmed = _confirmed(found, tried, utility, best=best)
    return Choice(
        stage=found.stage,
        trials=tried.trials,
        best=best,
        taken=_best_of_all(found, tried, utility, allowed=allowed)
        if confirmed
        else _nearest(found, tried, values, allowed=allowed, best=best),
        confirmed=confirmed,
        crowded=crowded,
        within=_within(found, tried, values, allowed=allowed),
        otherwise=tuple(_otherwise(found, tried, utility, allowed=allowed, best=best)),
        cases={name: int(found.slices[name].sum()) for name in (CHOSEN, LATER)},
        split_on=found.split_on,
    )


def _allowed(stage: Stage, tried: Tried) -> tuple[np.ndarray, bool]:
    """Return the places of the trials that may be chosen, and whether none of them has room."""
    known = [i for i, one in enumerate(tried.trials) if not one.reasons]
    if not known:
        why = tried.trials[0].reasons[0]
        zh = f"阶段 {stage} 的各种取值都不能估计：{why.zh}"
        raise CommandError("POLICY_NOT_COVERED", zh, f"no value at stage {stage} can be told of: {why.en}")
    room = [i for i in known if tried.trials[i].possible]
    if room:
        return np.array(room), False
    least = min(tried.trials[i].over for i in known)
    return np.array([i for i in known if tried.trials[i].over <= least + 1e-9]), True


def _confirmed(found: Evidence, tried: Tried, utility: Utility, *, best: int) -> bool:
    """Whether the later cases favour the best as well, and all cases leave no doubt that it beats what is in force."""
    each, own = found.figures(utility)
    kept = found.slices[EITHER]
    pair = [by_target(each, own, tried.targets[place])[kept, VALUE] for place in (best, 0)]
    gain = found.debtors(EITHER).estimate(pair[0] - pair[1])
    return tried.trials[best].later["value"].value > 0.0 and gain.lower > 0.0


def _best_of_all(found: Evidence, tried: Tried, utility: Utility, *, allowed: np.ndarray) -> int:
    """Return the trial that is worth most on the earlier and the later cases together."""
    means = _values(found, tried, utility, which=EITHER).mean(axis=1)
    return int(allowed[np.argmax(means[allowed])])


def _values(found: Evidence, tried: Tried, utility: Utility, *, which: str = CHOSEN) -> Array:
    """Return the value of every case of a slice under every trial, as it is chosen by, shape (trials, cases)."""
    each, own = found.to_choose_by(utility)
    kept = found.slices[which]
    return np.stack([by_target(each, own, target)[kept, VALUE] for target in tried.targets])


def _nearest(found: Evidence, tried: Tried, values: Array, *, allowed: np.ndarray, best: int) -> int:
    """Return the trial nearest to the values in force, in steps of the grid, and not clearly worse than the best."""
    debtors = found.debtors(CHOSEN)
    near = [int(i) for i in allowed if i == best or debtors.estimate(values[best] - values[i]).lower <= 0.0]
    axes = {name: sorted({one.values[name] for one in tried.trials}) for name in tried.trials[0].values}

    def steps(place: int) -> int:
        here, now = tried.trials[place].values, tried.trials[0].values
        return sum(abs(axis.index(here[name]) - axis.index(now[name])) for name, axis in axes.items())

    return min(near, key=lambda place: (steps(place), -float(values[place].mean())))


def _within(found: Evidence, tried: Tried, values: Array, *, allowed: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return between which values of each parameter the best of the resamples lies, at the level of the intervals."""
    debtors = found.debtors(CHOSEN)
    sums = np.stack([np.bincount(debtors.place, weights=one) for one in values[allowed]], axis=1)
    winners = allowed[np.argmax(debtors.times @ sums, axis=1)]
    tail = (1.0 - debtors.level) / 2.0
    return {
        name: (
            float(np.quantile([tried.trials[i].values[name] for i in winners], tail, method="inverted_cdf")),
            float(np.quantile([tried.trials[i].values[name] for i in winners], 1.0 - tail, method="inverted_cdf")),
        )
        for name in tried.trials[0].values
    }


def _otherwise(found: Evidence, tried: Tried, utility: Utility, *, allowed: np.ndarray, best: int) -> list[Otherwise]:
    told = []
    for zh, en, name, factor in OTHERWISE.values():
        other = replace(utility, amounts=replace(utility.amounts, **{name: factor * getattr(utility.amounts, name)}))
        means = _values(found, tried, other).mean(axis=1)
        place = int(allowed[np.argmax(means[allowed])])
        told.append(Otherwise(zh, en, tried.trials[place], float(means[place] - means[best])))
    return told
