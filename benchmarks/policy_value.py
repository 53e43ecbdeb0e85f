"""Policy values against the truth: how often intervals from logged decisions hold what each policy really brings.

Run: python -m benchmarks.policy_value --samples 200

One large simulated court (模拟) stands for the world. Each sample takes some of its debtors, lets chance decide every
case again as the simulator's habit would (by the chances that it logged), reveals what that action brings, and values
the policies from that alone. The truth is what the policy brings over the whole world.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from features.known import Array
from features.register import Stage
from models.rules.table import RuleTable
from models.utility import Utility
from tests.builders_policy_value import Known
from training.config import Settings, load_settings
from training.history import History
from training.policies import Policy, amount_rule, asset_rule, one_judge
from training.policy_value.consequences import Course
from training.policy_value.estimators import ESTIMATORS, FOLLOW
from training.policy_value.figures import FIGURES, Pricing
from training.policy_value.open_cases import ELSEWHERE, OpenCases, Reading, actions_of, open_cases
from training.policy_value.outcome_models import components
from training.policy_value.truth import potential
from training.policy_value.valuing import LOGGED, Question, Valuation, learn, value_policies
from training.simulate import CourtSettings, simulate

SHOWN = ("value", "days", "yuan", "hours")


@dataclass(frozen=True, eq=False)
class World:
    """The open cases of a large simulated court, what each action would bring them, and what policies do."""

    cases: OpenCases
    would: tuple[Course, ...]
    policies: tuple[Known, ...]
    settings: Settings
    utility: Utility

    @classmethod
    def of(cls, path: Path, stage: Stage, settings: Settings) -> World:
        """Read a simulated history."""
        history, utility, horizon = History.open(path), Utility.load(), settings.policy_value.horizon_days
        how = Reading(rules=RuleTable.load(), horizon=horizon, hours=utility.amounts, labels=settings.labels)
        cases = open_cases(history, stage, how)
        courses = potential(history, stage, horizon=horizon, hours=utility.amounts)
        if courses is None:
            msg = "没有模拟真值 / there is no simulated truth"
            raise ValueError(msg)
        asked: tuple[Policy, ...] = (amount_rule(), one_judge(), asset_rule())
        known = tuple(
            Known(one.name, dict(zip(cases.batch.ids, one.lanes(cases.batch).tolist(), strict=True)), one.words)
            for one in asked
        )
        return cls(cases, tuple(one.where(cases.row) for one in courses), known, settings, utility)

    @cached_property
    def second(self) -> Array:
        """The chance that the second action had in each case, as logged."""
        return np.where(self.cases.action == 1, self.cases.propensity, 1.0 - self.cases.propensity)

    @cached_property
    def debtors(self) -> list[Array]:
        """The cases of each debtor or batch."""
        order = np.argsort(self.cases.group, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self.cases.group[order])) + 1)

    @cached_property
    def figures(self) -> Array:
        """What every action brings to every case, shape (n, actions, figures)."""
        claim = np.minimum(self.cases.course.claim, self.settings.policy_value.claim_cap)
        return Pricing.of(self.utility, claim).figures(np.stack([components(one) for one in self.would], axis=1))

    def truth(self, name: str) -> Array:
        """Return what a policy brings over the whole world, shape (figures,)."""
        if name == LOGGED:
            chance = np.stack([1.0 - self.second, self.second], axis=1)
            return np.asarray((chance[:, :, None] * self.figures).sum(axis=1).mean(axis=0))
        policy = next(one for one in self.policies if one.name == name)
        target = actions_of(policy.lanes(self.cases.batch), self.cases.stage)
        assert not np.isin(target, (FOLLOW, ELSEWHERE)).any()
        return np.asarray(self.figures[np.arange(len(target)), target].mean(axis=0))

    def sample(self, n: int, rng: np.random.Generator) -> OpenCases:
        """Return about n cases of debtors drawn at random, each decided again by the chances that were logged."""
        drawn, rows, count = rng.permutation(len(self.debtors)), [], 0
        for one in drawn:
            rows.append(self.debtors[one])
            count += len(rows[-1])
            if count >= n:
                break
        kept = np.concatenate(rows)
        action = (rng.random(len(kept)) < self.second[kept]).astype(np.int64)
        likely = np.where(action == 1, self.second[kept], 1.0 - self.second[kept])
        both = [one.where(kept) for one in self.would]
        course = Course(
            **{
                name: np.where(action == 1, getattr(both[1], name), getattr(both[0], name))
                for name in Course.__dataclass_fields__
            }
        )
        return replace(self.cases.where(kept), action=action, propensity=likely, course=course)

    def valued(self, cases: OpenCases, *, estimated: bool) -> Valuation:
        """Value the policies on a sample, with the logged chances or without them."""
        given = replace(cases, propensity=np.full(len(cases), np.nan)) if estimated else cases
        asked = Question(policies=self.policies, baselines=self.policies[:2], utility=self.utility)
        return value_policies(learn(given, self.settings), asked, settings=self.settings, advance=lambda: None)


@dataclass(frozen=True)
class Tally:
    """Over the samples, by figure: how often the interval held the truth, mean error, root mean square error."""

    held: Array
    bias: Array
    rmse: Array
    count: int


def coverage(world: World, *, samples: int, size: int, seed: int, estimated: bool) -> dict[tuple[str, str, str], Tally]:
    """Return a tally for each policy, estimator and comparison: its value, and its difference to what was decided."""
    hits: dict[tuple[str, str, str], list[Array]] = defaultdict(list)
    errors: dict[tuple[str, str, str], list[Array]] = defaultdict(list)
    truth = {name: world.truth(name) for name in (LOGGED, *(one.name for one in world.policies))}
    for number in range(samples):
        valuation = world.valued(world.sample(size, np.random.default_rng((seed, number))), estimated=estimated)
        for policy in valuation.policies:
            found = {(policy.name, name, ""): table for name, table in policy.by.items()}
            if LOGGED in policy.beside:
                found[policy.name, "dr", LOGGED] = policy.beside[LOGGED]
            for key, table in found.items():
                wanted = truth[policy.name] - (truth[LOGGED] if key[2] else 0.0)
                estimates = [table[name] for name in FIGURES]
                hits[key].append(np.array([e.lower <= t <= e.upper for e, t in zip(estimates, wanted, strict=True)]))
                errors[key].append(np.array([e.value for e in estimates]) - wanted)
    return {key: _tally(hits[key], errors[key]) for key in hits}


def _tally(hits: Sequence[Array], errors: Sequence[Array]) -> Tally:
    error = np.stack(errors)
    rmse = np.sqrt((error**2).mean(axis=0))
    return Tally(np.stack(hits).mean(axis=0), error.mean(axis=0), rmse, len(hits))


def show(stage: Stage, tallies: Mapping[tuple[str, str, str], Tally]) -> None:
    """Print one line for each policy, estimator and comparison."""
    places = [list(FIGURES).index(name) for name in SHOWN]
    for (policy, estimator, rival), tally in sorted(tallies.items()):
        what = f"{policy} - {rival}" if rival else policy
        held = "".join(f"{tally.held[i]:8.3f}" for i in places)
        errors = "".join(f"{tally.bias[i]:10.2f}{tally.rmse[i]:10.2f}" for i in places)
        print(f"{stage:3s}{what:22s}{estimator:7s}{tally.count:5d}{held}{errors}")


def main() -> None:
    """Simulate the world once for each stage, and print coverage, bias and error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--size", type=int, default=2_000, help="cases of a sample")
    parser.add_argument("--world", type=int, default=400_000, help="applications of the simulated court, stage A")
    parser.add_argument("--stage", choices=[*Stage], action="append")
    parser.add_argument("--estimated", action="store_true", help="learn the chances instead of reading them")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    settings = load_settings(overrides=("booster.threads=1",))
    print(f"模拟 / simulated; estimators: {', '.join(ESTIMATORS)}; level {settings.policy_value.level:g}")
    print(f"{'':37s}" + "".join(f"{name:>8s}" for name in SHOWN) + "".join(f"{name:>14s} ±" for name in SHOWN))
    for stage in [Stage(one) for one in asked.stage or [*Stage]]:
        with tempfile.TemporaryDirectory() as folder:
            n = asked.world if stage is Stage.A else asked.world // 4
            simulate(Path(folder), CourtSettings(n=n, seed=asked.seed, courts=4, workers=1))
            world = World.of(Path(folder), stage, settings)
        began = time.monotonic()
        tallies = coverage(world, samples=asked.samples, size=asked.size, seed=asked.seed, estimated=asked.estimated)
        show(stage, tallies)
        print(f"{stage}: {len(world.cases)} open cases in the world, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
