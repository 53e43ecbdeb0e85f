"""Policies valued side by side on the same logged cases: each beside what was done, the amount rule, all complex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.estimators.boosters import BoosterSettings
from models.rules.rule import Text
from models.utility import Utility
from training.config import PolicyValueSettings, Settings
from training.console import Advance
from training.errors import CommandError
from training.evaluation.measures import Estimate
from training.policies import Policy
from training.policy_value.consequences import Course
from training.policy_value.estimators import ESTIMATORS, FOLLOW, Logged, doubly_robust
from training.policy_value.figures import Pricing
from training.policy_value.intervals import Debtors, figures_by_name
from training.policy_value.open_cases import ACTION_WORDS, ELSEWHERE, OpenCases, actions_of
from training.policy_value.outcome_models import components, cross_fitted, folds_of
from training.policy_value.overlap import Cover, Overlap, overlap
from training.policy_value.propensity import Chances, chances

Rows = npt.NDArray[np.int64]

LOGGED = "logged"
LOGGED_WORDS = Text("原做法", "as decided")


@dataclass(frozen=True, eq=False)
class Learned:
    """What is known of the open cases apart from any policy: chances, components as they came and as expected."""

    cases: OpenCases
    chances: Chances
    outcome: Array
    expected: Array

    def pricing(self, utility: Utility, *, claim_cap: float) -> Pricing:
        """Return the utility laid out over these cases; a claim counts with `claim_cap` yuan at most."""
        return Pricing.of(utility, np.minimum(self.cases.course.claim, claim_cap))

    def priced(self, pricing: Pricing) -> Logged:
        """Return the cases in figures under a utility; another utility needs no new models."""
        return Logged(
            action=self.cases.action,
            chance=self.chances.both,
            outcome=pricing.figures(self.outcome),
            expected=pricing.figures(self.expected),
        )


@dataclass(frozen=True, kw_only=True)
class PolicyValue:
    """What is known of one policy: its choices, how well the log covers them, and its figures per case.

    `chosen` counts the cases by action, `followed` those left to a person, and
    `stopped` those that it gives no lane though the law leaves one open.
    `by` holds every estimator's figures; `beside` the differences to each
    baseline, paired, by the first estimator. Both are empty where the log does
    not cover the policy. `clip_shift` is what cutting weights did to the
    figures. `truth` is what would really have come, on simulated data only.
    """

    name: str
    words: Text
    reads_truth: bool
    chosen: tuple[int, ...]
    followed: int
    stopped: int
    overlap: Overlap
    by: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    clip_shift: Mapping[str, float] = field(default_factory=dict)
    truth: Mapping[str, float] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether the log cannot tell what the policy would bring."""
        return bool(self.overlap.reasons)


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """The result: the cases compared on, and every policy, asked for or baseline, in order."""

    cases: OpenCases
    logged_chances: float
    chances_off: float
    policies: tuple[PolicyValue, ...]
    baselines: tuple[str, ...]

    def of(self, name: str) -> PolicyValue:
        """Return one policy by name."""
        return next(one for one in self.policies if one.name == name)


def learn(cases: OpenCases, settings: Settings) -> Learned:
    """Learn what the cases would bring and how likely their decisions were, across folds of debtors.

    Raises
    ------
    CommandError
        TOO_FEW_CASES, or ONE_LANE_ONLY: all cases were decided alike, which tells nothing of the other lane.
    """
    chosen = settings.policy_value
    _refuse_hopeless(cases, chosen)
    boosters = booster_of(chosen, seed=settings.seed, threads=settings.booster.threads)
    fold = folds_of(cases.group, count=chosen.folds, seed=settings.seed)
    outcome = components(cases.course)
    return Learned(
        cases=cases,
        chances=chances(cases, fold=fold, settings=boosters),
        outcome=outcome,
        expected=cross_fitted(
            cases.rows, cases.action, outcome, actions=len(ACTION_WORDS[cases.stage]), fold=fold, settings=boosters
        ),
    )


def booster_of(chosen: PolicyValueSettings, *, seed: int, threads: int) -> BoosterSettings:
    """Return small trees: they correct weights, they do not have to find everything."""
    return BoosterSettings(
        trees=chosen.trees, leaves=chosen.leaves, learning_rate=0.1, min_rows=50, bins=31, seed=seed, threads=threads
    )


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which policies to value, beside which baselines, under which utility.

    `would` holds the course of each case under every action, from the
    simulated truth, where that is wanted beside the estimates.
    """

    policies: Sequence[Policy]
    baselines: Sequence[Policy]
    utility: Utility
    would: Sequence[Course] | None = None


def value_policies(learned: Learned, asked: Question, *, settings: Settings, advance: Advance) -> Valuation:
    """Value the policies and the baselines on the same cases; what was decided is the first baseline."""
    cases, chosen, utility = learned.cases, settings.policy_value, asked.utility
    pricing = learned.pricing(utility, claim_cap=chosen.claim_cap)
    logged = learned.priced(pricing)
    debtors = Debtors.of(cases.group, count=chosen.resamples, level=chosen.level, seed=settings.seed)
    would = None if asked.would is None else pricing.figures(np.stack([components(one) for one in asked.would], axis=1))
    cover = Cover(cases.stage, cases.group, learned.chances.least(chosen.min_chance), chosen)
    valuer = _Valuer(logged, cover, debtors, would)
    rivals = {LOGGED: np.full(len(cases), FOLLOW, dtype=np.int64)}
    rivals |= {one.name: actions_of(one.lanes(cases.batch), cases.stage) for one in asked.baselines}
    found = [valuer.value(LOGGED, LOGGED_WORDS, target=rivals[LOGGED], rivals={})]
    others = [one for one in asked.policies if one.name not in rivals]
    for policy in (*asked.baselines, *others):
        target = rivals.get(policy.name)
        target = actions_of(policy.lanes(cases.batch), cases.stage) if target is None else target
        beside = {name: rival for name, rival in rivals.items() if name != policy.name}
        found.append(
            valuer.value(policy.name, policy.words, target=target, rivals=beside, reads_truth=policy.reads_truth)
        )
        advance()
    return Valuation(
        cases=cases,
        logged_chances=float(learned.chances.logged.mean()),
        chances_off=learned.chances.off,
        policies=tuple(found),
        baselines=tuple(rivals),
    )


@dataclass(frozen=True, eq=False)
class _Valuer:
    logged: Logged
    cover: Cover
    debtors: Debtors
    would: Array | None

    def value(
        self, name: str, words: Text, *, target: Rows, rivals: Mapping[str, Rows], reads_truth: bool = False
    ) -> PolicyValue:
        """Value one target; figures only where the log covers it."""
        covered = overlap(self.logged, target, self.cover)
        plain = PolicyValue(
            name=name,
            words=words,
            reads_truth=reads_truth,
            chosen=tuple(int((target == one).sum()) for one in range(self.logged.chance.shape[1])),
            followed=int((target == FOLLOW).sum()),
            stopped=int((target == ELSEWHERE).sum()),
            overlap=covered,
            truth=self._truth(target),
        )
        if covered.reasons:
            return plain
        clip, done = self.cover.settings.clip, _doable(target)
        scores = {key: one.scores(self.logged, done, clip=clip) for key, one in ESTIMATORS.items()}
        uncut = doubly_robust(self.logged, done, clip=np.inf).mean(axis=0)
        return replace(
            plain,
            by={key: self.debtors.estimates(one) for key, one in scores.items()},
            beside=self._beside(scores["dr"], rivals),
            clip_shift=figures_by_name(scores["dr"].mean(axis=0) - uncut),
        )

    def _beside(self, scores: Array, rivals: Mapping[str, Rows]) -> dict[str, Mapping[str, Estimate]]:
        """Return the paired differences to every rival that the log covers."""
        found: dict[str, Mapping[str, Estimate]] = {}
        for name, target in rivals.items():
            if not overlap(self.logged, target, self.cover).reasons:
                other = doubly_robust(self.logged, _doable(target), clip=self.cover.settings.clip)
                found[name] = self.debtors.estimates(scores - other)
        return found

    def _truth(self, target: Rows) -> Mapping[str, float]:
        if self.would is None:
            return {}
        done = np.where(_doable(target) == FOLLOW, self.logged.action, target)
        return figures_by_name(self.would[np.arange(len(done)), done].mean(axis=0))


def _doable(target: Rows) -> Rows:
    """Return the target with the few cases that it stops left as decided: what stopping brings nobody logged."""
    return np.where(target == ELSEWHERE, FOLLOW, target)


def _refuse_hopeless(cases: OpenCases, chosen: PolicyValueSettings) -> None:
    learned = bool((np.isnan(cases.propensity) & ~cases.by_rule).any())
    least = max(chosen.min_cases, chosen.min_cases_learned) if learned else chosen.min_cases
    if len(cases) < least:
        why = ("（决定概率未记录）", " where chances were not logged") if learned else ("", "")
        zh = f"法律留有选择且观察期满的案件只有 {len(cases)} 件，至少需要 {least} 件{why[0]}"
        en = f"{len(cases)} cases with a choice were watched to the horizon, at least {least} needed{why[1]}"
        raise CommandError("TOO_FEW_CASES", zh, en)
    done = np.unique(cases.action)
    if len(done) < 2:
        zh, en = ACTION_WORDS[cases.stage][int(done[0])]
        raise CommandError(
            "ONE_LANE_ONLY",
            f"{len(cases)} 件有选择的案件全部是“{zh}”，无从得知另一路径会怎样",
            f"all {len(cases)} cases with a choice were decided “{en}”; nothing is known of the other lane",
        )
