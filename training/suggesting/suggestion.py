"""The suggestion as a whole: both stages chosen one after the other, and beside it what past decisions cannot try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.lanes import Lane
from models.rules.table import RulesInForce, RuleTable
from training.console import Advance
from training.errors import CommandError
from training.policy_value.figures import FIGURES
from training.suggesting.beside import (
    PROVISIONAL,
    WINDOW,
    Provisional,
    Window,
    best_provisional,
    closed_by,
    provisional,
    windows,
)
from training.suggesting.choosing import Choice, choose
from training.suggesting.evidence import Asked, Evidence, by_target
from training.suggesting.trials import UNUSED, Load, Values, try_all

Rows = npt.NDArray[np.int64]

UNTOLD = frozenset({"POLICY_NOT_COVERED", "ONE_LANE_ONLY", "TOO_FEW_CASES"})
"""Refusals that keep one stage as it is and let the other be suggested."""

STEPS = 4
FAILED = list(FIGURES).index("failed")


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What is suggested: `values` of every parameter looked at, `current` those in force.

    `untold` holds the stages of which past decisions tell nothing, with the
    refusal; their values stay. So do those that the later cases contradict.
    """

    asked: Asked
    current: Values
    values: Values
    choices: Mapping[Stage, Choice]
    untold: Mapping[Stage, CommandError]
    windows: tuple[Window, ...]
    provisional: tuple[Provisional, ...]
    clocks: tuple[tuple[float, float], ...]

    @property
    def changed(self) -> Values:
        """The values that differ from those in force."""
        return {name: value for name, value in self.values.items() if value != self.current[name]}

    @property
    def table(self) -> RuleTable:
        """The table that the draft extends: the one in force, unless the other one's way of drawing lanes is taken."""
        return self.asked.rules if UNUSED in self.values.values() else self.asked.form


def suggest(asked: Asked, advance: Advance) -> Suggestion:
    """Try, choose and look beside.

    Raises
    ------
    CommandError
        The first refusal, where past decisions tell nothing of either stage.
    """
    maker = _Maker(asked, advance)
    maker.before_filing()
    maker.after_the_query()
    if not maker.choices:
        raise next(iter(maker.untold.values()))
    return maker.suggestion()


class _Maker:
    """Stage A first, for it decides how many cases are filed; then stage B under that."""

    def __init__(self, asked: Asked, advance: Advance) -> None:
        self.asked, self.advance = asked, advance
        self.settled: dict[str, float] = {}
        self.choices: dict[Stage, Choice] = {}
        self.untold: dict[Stage, CommandError] = {}
        self.windows: tuple[Window, ...] = ()
        self.provisional: tuple[Provisional, ...] = ()
        self.clocks: tuple[tuple[float, float], ...] = ()
        self.filings = 1.0

    def before_filing(self) -> None:
        """Choose the urging thresholds, then show the window under them, which stays: no other was ever tried."""
        found = self._evidence(Stage.A)
        if found is None:
            return
        load = Load(found.scored.batch, found.scored.lanes, (Lane.URGE,), self.asked.places)
        target = self._chosen(found, load)
        if target is not None:
            self.filings = _filings(found, target)
        self.windows = windows(self.asked, found, fixed=self.settled)
        self.advance()

    def after_the_query(self) -> None:
        """Choose the fast threshold, then see which provisional lane agrees with it."""
        found = self._evidence(Stage.B)
        if found is None:
            return
        everyone = self.asked.everyone(Stage.B)
        lanes = (Lane.FAST, Lane.COMPLEX)
        self._chosen(found, Load(everyone.batch, everyone.lanes, lanes, self.asked.places, self.filings))
        self.clocks = closed_by(found)
        final = everyone.lanes(self._settled_table())
        after = dict(zip(everyone.batch.ids, final.tolist(), strict=True))
        used = {name: value for name, value in self.settled.items() if value != UNUSED}
        self.provisional = provisional(self.asked, self.asked.everyone(Stage.A), after, fixed=used)
        best = best_provisional(self.provisional)
        if best is not None:
            self.settled[PROVISIONAL] = best
        self.advance()

    def suggestion(self) -> Suggestion:
        """Return what was found."""
        rules = self.asked.rules.on(self.asked.on)
        current = {name: rules.number(name) for name in (WINDOW, PROVISIONAL)}
        for one in self.choices.values():
            current |= one.current.values
        return Suggestion(
            asked=self.asked,
            current=current,
            values={**current, **self.settled},
            choices=self.choices,
            untold=self.untold,
            windows=self.windows,
            provisional=self.provisional,
            clocks=self.clocks,
        )

    def _settled_table(self) -> RulesInForce:
        """Return the rules that are settled on."""
        used = {name: value for name, value in self.settled.items() if value != UNUSED}
        table = self.asked.form if len(used) == len(self.settled) else self.asked.rules
        return table.with_values(self.asked.on, used)

    def _evidence(self, stage: Stage) -> Evidence | None:
        try:
            found = self.asked.evidence(stage)
        except CommandError as error:
            self._note(stage, error)
            found = None
        self.advance()
        return found

    def _chosen(self, found: Evidence, load: Load) -> Rows | None:
        """Choose at a stage; return the target that is settled on, None where nothing can be told."""
        try:
            tried = try_all(self.asked, found, load, fixed=self.settled)
            choice = choose(found, tried, self.asked.utility)
        except CommandError as error:
            self._note(found.stage, error)
            return None
        self.choices[found.stage] = choice
        self.settled |= choice.trials[choice.settled].values
        return np.asarray(tried.targets[choice.settled])

    def _note(self, stage: Stage, error: CommandError) -> None:
        """Keep a refusal that concerns one stage only; any other stops the command."""
        if error.refusal.code not in UNTOLD:
            raise error
        self.untold[stage] = error


def _filings(found: Evidence, target: Rows) -> float:
    """Return how many cases would be filed under a target for each that was filed.

    Urging that succeeds is not filed; of all others the number stays.
    """
    each, own = found.figures()
    cases = found.learned.cases
    paid = (target == 0) - np.where(target == 0, by_target(each, own, target)[:, FAILED], 0.0)
    were = (cases.action == 0) - cases.course.failed
    return float((cases.considered - paid.sum()) / (cases.considered - were.sum()))
