"""Policies side by side over the seeds: means with intervals, paired differences, and shares of the oracle's gain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from features.known import Array
from training.evaluation.measures import Estimate

RESAMPLES = 4000
"""Resamples of seeds behind the interval of a share of a gain."""

Results = Mapping[str, Mapping[int, Mapping[str, float]]]
"""Figures by policy, seed and name."""


@dataclass(frozen=True)
class Paired:
    """A figure of one policy: its mean, and its mean difference from the reference on the same seeds."""

    mean: Estimate
    difference: Estimate


def mean_over_seeds(values: Array) -> Estimate:
    """Return the mean over seeds with its 95 % interval (Student); no interval from fewer than two seeds."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Estimate(float("nan"), float("nan"), float("nan"))
    middle = float(known.mean())
    if len(known) < 2:
        return Estimate(middle, float("nan"), float("nan"))
    half = float(stats.t.ppf(0.975, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known)))
    return Estimate(middle, middle - half, middle + half)


def paired(results: Results, policy: str, reference: str, name: str) -> Paired:
    """Return a figure of a policy beside the reference, over the seeds that both have."""
    own, other = _both(results, policy, reference, name)
    return Paired(mean_over_seeds(own), mean_over_seeds(own - other))


def gain_share(results: Results, policy: str, *, best: str, reference: str, name: str) -> Estimate:
    """Return what part of the best policy's gain over the reference a policy reaches, in one figure.

    It is the ratio of mean differences on the same seeds; the interval is of
    resampled seeds. NaN where the best gains nothing that differs from nought.
    """
    seeds = sorted(set(results[policy]) & set(results[best]) & set(results[reference]))
    table = np.array([[results[one][seed][name] for seed in seeds] for one in (policy, best, reference)]).reshape(3, -1)
    gain, most = table[0] - table[2], table[1] - table[2]
    whole = mean_over_seeds(most)
    if not seeds or not (whole.lower > 0 or whole.upper < 0):
        return Estimate(float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(seeds), size=(RESAMPLES, len(seeds)))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = gain[drawn].mean(axis=1) / most[drawn].mean(axis=1)
    lower, upper = np.nanquantile(ratios, (0.025, 0.975))
    return Estimate(float(gain.mean() / most.mean()), float(lower), float(upper))


def _both(results: Results, policy: str, reference: str, name: str) -> tuple[Array, Array]:
    seeds = sorted(set(results[policy]) & set(results[reference]))
    own, other = ([results[one][seed].get(name, float("nan")) for seed in seeds] for one in (policy, reference))
    return np.array(own, dtype=np.float64), np.array(other, dtype=np.float64)


Better = Callable[[float], float]


@dataclass(frozen=True)
class Delay:
    """What holding filing back did to one figure of one policy: its improvement, and whether that is one."""

    policy: str
    name: str
    improvement: Estimate
    before: float
    gains: bool


MATERIAL = 0.002
"""Improvements below this share of the figure are noise of queues, not a reason to file late."""


def delays(prompt: Results, late: Results, better: Mapping[str, Better]) -> Sequence[Delay]:
    """Return for every policy and figure what late filing did to it, on the same seeds.

    A figure gains if it is better for certain (the whole interval lies above
    nought) and by more than can be called noise.
    """
    found = []
    for policy, runs in late.items():
        seeds = sorted(set(runs) & set(prompt.get(policy, {})))
        for name, improve in better.items():
            before = np.array([prompt[policy][seed][name] for seed in seeds])
            after = np.array([runs[seed][name] for seed in seeds])
            change = np.array([improve(one) for one in (after - before).tolist()])
            estimate = mean_over_seeds(change)
            usual = mean_over_seeds(before).value
            surely = estimate.lower > 0 if len(seeds) > 1 else estimate.value > 0
            found.append(Delay(policy, name, estimate, usual, bool(surely and estimate.value > MATERIAL * abs(usual))))
    return found
