"""Triage of columns: cut, score, rules, route; the one road for a case, for its what-ifs and for a million rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from features.known import Array, Columns, Known
from features.register import Register, Stage
from models.abstention import Abstain, other_currency
from models.bundle import About, Bundle
from models.routes import Codes, Routes
from models.routing import route
from models.rules.case_view import SCORES, ScoreView
from models.rules.evaluate import evaluate
from models.rules.program import Program
from models.rules.rule import Kind
from models.rules.table import RulesInForce
from models.scores import ReadAt, ScoreTable, score


@dataclass(frozen=True)
class Triaged:
    """What came out for n rows: their routes, and the scores and known facts behind them (None without models)."""

    routes: Routes
    table: ScoreTable | None
    known: Known


@dataclass(frozen=True, kw_only=True)
class Triage:
    """Rules in force, models (None: rules alone) and register, applied to columns of one stage.

    With `on`, the day the answer is given, models past their last day on it
    show no score, whatever day a case speaks of.
    """

    stage: Stage
    rules: RulesInForce
    register: Register
    bundle: Bundle | None = None
    on: date | None = None

    def __call__(self, columns: Columns, *, as_of: Array, court: Sequence[str]) -> Triaged:
        """Return routes for every row; `as_of` (n,) in days since 1970, `court` one code per row."""
        return self._triaged(columns, as_of, court, only=None)

    def lanes(self, columns: Columns, *, as_of: Array, court: Sequence[str]) -> Codes:
        """Return lane codes alone, from the scores that lanes hang on.

        That is enough to search with. It may differ from the whole answer
        where some other score has too few comparable cases.
        """
        return self._triaged(columns, as_of, court, only=deciding_scores(self.rules.programs[self.stage])).routes.lane

    def scores(
        self, columns: Columns, *, as_of: Array, court: Sequence[str], only: Collection[str] | None = None
    ) -> tuple[Known, ScoreTable | None]:
        """Return what was known and how it scores; without models there are no scores.

        Of the rules only the urging window matters to scores: other rules with
        the same window may route by the same table.
        """
        known = Known.cut(columns, as_of=as_of, stage=self.stage, register=self.register)
        if self.bundle is None or self.stage not in self.bundle.stages:
            return known, None
        table = score(self.bundle, known, court, at=ReadAt(days={"willingness": self.window}, only=only))
        return known, self._withheld(table, columns, self.bundle.about)

    @property
    def window(self) -> float:
        """Days of urging that the court allows, at whose end willingness is read."""
        return self.rules.number("urging_days")

    def routes(self, columns: Columns, *, as_of: Array, table: ScoreTable | None) -> Routes:
        """Return the routes of rows whose scores are at hand."""
        view = None if table is None else view_of(table)
        return route(evaluate(self.rules, columns, as_of=as_of, stage=self.stage, scores=view), view)

    def _triaged(self, columns: Columns, as_of: Array, court: Sequence[str], only: Collection[str] | None) -> Triaged:
        known, table = self.scores(columns, as_of=as_of, court=court, only=only)
        return Triaged(self.routes(columns, as_of=as_of, table=table), table, known)

    def _withheld(self, table: ScoreTable, columns: Columns, about: About) -> ScoreTable:
        n = len(table.rows)
        table = table.withholding(Abstain.OTHER_CURRENCY, other_currency(columns, n, currency=about.currency))
        if self.on is not None and self.on > about.valid_until:
            return table.withholding(Abstain.MODEL_EXPIRED, np.ones(n, dtype=bool))
        return table


ASKED_AS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "willingness": ("score.willingness",),
        "ability": ("score.ability", "score.zhongben"),
        "quick_close": ("score.quick",),
    }
)
"""Each score of a bundle, and the names under which rules ask for it."""


@lru_cache(maxsize=64)
def deciding_scores(program: Program) -> frozenset[str]:
    """Return the scores for which rules ask that may change a lane."""
    conditions = [one for ready in program.rules if ready.rule.kind is not Kind.FLAG for one in ready.conditions]
    asked = {one.fact.name for one in conditions}
    return frozenset(name for name, names in ASKED_AS.items() if not asked.isdisjoint(names))


def view_of(table: ScoreTable) -> ScoreView:
    """Return the scores as rules and routing ask for them; a score the bundle lacks is unusable."""
    known = {SCORES[ASKED_AS[name][0]]: column.p for name, column in table.columns.items() if name in ASKED_AS}
    ability = table.columns.get("ability")
    if ability is not None and "zhongben" in ability.others:
        known["p_zhongben_180"] = ability.others["zhongben"]
    return ScoreView.of(len(table.rows), abstained=table.abstained, **known)
