"""What past cases say about a stage: their scores, what each action brought them, and two slices of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from models.bundle import Bundle
from models.routes import Codes
from models.rules.table import RulesInForce, RuleTable
from models.scores import ScoreTable
from models.triage import Triage
from models.utility import Utility
from training.config import Settings
from training.errors import CommandError
from training.history import History
from training.policy_value.estimators import Logged, doubly_robust
from training.policy_value.figures import Pricing
from training.policy_value.intervals import Debtors
from training.policy_value.open_cases import Reading, actions_of, open_cases
from training.policy_value.overlap import Cover, Overlap, overlap
from training.policy_value.valuing import Learned, learn
from training.scoring.input import Batch
from training.suggesting.places import Places

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CHOSEN_SHARE = 0.6
"""Part of the cases, by date of receipt, on which thresholds are chosen; they are measured on the others."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Cases of a stage with their scores, which other rules with the same urging window can route again."""

    batch: Batch
    table: ScoreTable

    @classmethod
    def of(cls, batch: Batch, bundle: Bundle, rules: RulesInForce) -> Scored:
        """Score a batch as the service would under these rules.

        Raises
        ------
        CommandError
            USAGE: the bundle has no scores of the stage.
        """
        triage = Triage(stage=batch.stage, rules=rules, register=batch.register, bundle=bundle)
        _, table = triage.scores(batch.columns, as_of=batch.as_of, court=batch.courts)
        if table is None:
            zh = f"模型包 {bundle.about.name} 没有阶段 {batch.stage} 的分数"
            raise CommandError("USAGE", zh, f"bundle {bundle.about.name} has no scores of stage {batch.stage}")
        return cls(batch, table)

    def lanes(self, rules: RulesInForce) -> Codes:
        """Return the lane of every case under other rules."""
        triage = Triage(stage=self.batch.stage, rules=rules, register=self.batch.register)
        return triage.routes(self.batch.columns, as_of=self.batch.as_of, table=self.table).lane


@dataclass(frozen=True, eq=False)
class Evidence:
    """One stage's open cases of the period, learned from; `slices` marks those chosen on, the later ones, and both."""

    learned: Learned
    scored: Scored
    settings: Settings
    utility: Utility
    slices: Mapping[str, Flags]
    split_on: float

    @property
    def stage(self) -> Stage:
        """The stage."""
        return self.learned.cases.stage

    @cached_property
    def parts(self) -> Array:
        """Doubly robust components of every case under each action, shape (n, actions, components)."""
        return self._parts(self.settings.policy_value.clip)

    @cached_property
    def steady(self) -> Array:
        """The same with weights cut further: they lean more on the models and jump less from one sample to another."""
        return self._parts(self.settings.policy_value.choice_clip)

    def _parts(self, clip: float) -> Array:
        each = [np.full(len(self.learned.cases), one) for one in range(self.learned.chances.both.shape[1])]
        return np.stack([doubly_robust(self._logged, target, clip=clip) for target in each], axis=1)

    @cached_property
    def _logged(self) -> Logged:
        """The cases with components in place of figures: any utility prices them afterwards."""
        known = self.learned
        return Logged(known.cases.action, known.chances.both, known.outcome, known.expected)

    def figures(self, utility: Utility | None = None) -> tuple[Array, Array]:
        """Return the figures under each action (n, actions, figures), and of what was decided (n, figures)."""
        pricing = self._pricing(utility or self.utility)
        return pricing.figures(self.parts), pricing.figures(self.learned.outcome)

    def to_choose_by(self, utility: Utility) -> tuple[Array, Array]:
        """Return the figures that thresholds are chosen by: steadier, an hour at what it takes from others."""
        amounts = utility.amounts
        scarce = replace(amounts, yuan_per_hour=amounts.yuan_per_hour + self.settings.policy_value.scarce_hour)
        pricing = self._pricing(replace(utility, amounts=scarce))
        return pricing.figures(self.steady), pricing.figures(self.learned.outcome)

    def target(self, rules: RulesInForce) -> Rows:
        """Return the action of every open case under some rules; FOLLOW where the judge would decide."""
        return actions_of(self.scored.lanes(rules), self.stage)

    def covered(self, target: Rows) -> Overlap:
        """Return whether past decisions can tell what a target brings."""
        cases, chosen = self.learned.cases, self.settings.policy_value
        logged = self.learned.priced(self._pricing(self.utility))
        return overlap(
            logged, target, Cover(cases.stage, cases.group, self.learned.chances.least(chosen.min_chance), chosen)
        )

    def debtors(self, which: str) -> Debtors:
        """Return the resamples of a slice."""
        chosen, seed = self.settings.policy_value, self.settings.seed
        group = self.learned.cases.group[self.slices[which]]
        return Debtors.of(group, count=chosen.resamples, level=chosen.level, seed=seed)

    def _pricing(self, utility: Utility) -> Pricing:
        return self.learned.pricing(utility, claim_cap=self.settings.policy_value.claim_cap)


CHOSEN, LATER, EITHER = "chosen", "later", "either"


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What a suggestion is made from: past cases and how they are read, scores, values, places, the first day.

    `form` is the table whose parameters are tried; where it is not the one in
    force, it may draw the lanes by other tests.
    """

    history: History
    how: Reading
    bundle: Bundle
    settings: Settings
    utility: Utility
    places: Places
    on: date
    form: RuleTable

    @property
    def rules(self) -> RuleTable:
        """The table in force."""
        return self.how.rules

    def evidence(self, stage: Stage) -> Evidence:
        """Read, score and learn the open cases of a stage."""
        cases = open_cases(self.history, stage, self.how)
        learned = learn(cases, self.settings)
        received = self.history.received_at[cases.row]
        split_on = float(np.floor(np.quantile(received, CHOSEN_SHARE)))
        chosen = received < split_on
        later = ~chosen & ~np.isin(cases.group, cases.group[chosen])
        scored = Scored.of(cases.batch, self.bundle, self.rules.on(self.on))
        return Evidence(
            learned,
            scored,
            self.settings,
            self.utility,
            {CHOSEN: chosen, LATER: later, EITHER: chosen | later},
            split_on,
        )

    def everyone(self, stage: Stage) -> Scored:
        """Score all cases of the period that reached a stage, those included that the law leaves no choice in."""
        known, columns, row = self.history.known(stage, np.flatnonzero(self.how.period.holds(self.history)))
        ids, courts = self.history.case_ids[row].tolist(), self.history.courts[row].tolist()
        batch = Batch(stage, ids, courts, known.as_of, columns, self.history.register)
        return Scored.of(batch, self.bundle, self.rules.on(self.on))


def by_target(each: Array, own: Array, target: Rows) -> Array:
    """Return the figures of every case under its target, shape (n, figures); as decided where it has no action."""
    picked = each[np.arange(len(target)), np.maximum(target, 0)]
    return np.where((target < 0)[:, None], own, picked)
