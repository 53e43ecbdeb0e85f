"""Triage of columns: cut, score, rules, route; the one road for a case, for its what-ifs and for a million rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.known import Array, Columns, Known
from features.register import Register, Stage
from models.bundle import Bundle
from models.routes import Routes
from models.routing import route
from models.rules.case_view import ScoreView
from models.rules.evaluate import evaluate
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
    """Rules in force, models (None: rules alone) and register, applied to columns of one stage."""

    stage: Stage
    rules: RulesInForce
    register: Register
    bundle: Bundle | None = None

    def __call__(self, columns: Columns, *, as_of: Array, court: Sequence[str]) -> Triaged:
        """Return routes for every row; `as_of` (n,) in days since 1970, `court` one code per row."""
        known = Known.cut(columns, as_of=as_of, stage=self.stage, register=self.register)
        table = None
        if self.bundle is not None and self.stage in self.bundle.stages:
            window = ReadAt(days={"willingness": self.rules.number("urging_days")})
            table = score(self.bundle, known, court, at=window)
        view = None if table is None else view_of(table)
        outcomes = evaluate(self.rules, columns, as_of=as_of, stage=self.stage, scores=view)
        return Triaged(route(outcomes, view), table, known)


def view_of(table: ScoreTable) -> ScoreView:
    """Return the scores as rules and routing ask for them; a score the bundle lacks is unusable."""
    known = {
        place: table.columns[name].p
        for name, place in (
            ("willingness", "p_willingness_window"),
            ("ability", "p_ability_180"),
            ("quick_close", "p_quick_30"),
        )
        if name in table.columns
    }
    ability = table.columns.get("ability")
    if ability is not None and "zhongben" in ability.others:
        known["p_zhongben_180"] = ability.others["zhongben"]
    abstained = table.abstained if table.reasons else np.zeros(len(table.rows), dtype=np.bool_)
    return ScoreView.of(len(table.rows), abstained=abstained, **known)
