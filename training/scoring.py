"""Scores from file to file, without a server: the same road from facts to lane as the service takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.bundle import Bundle
from models.contributions import attribute_hazard, attribute_recovery
from models.lanes import LANES, UNDECIDED
from models.routes import DECIDED_BY, NO_RULE, STATUSES
from models.routing import route
from models.rules.case_view import ScoreView
from models.rules.evaluate import evaluate
from models.rules.rule import RuleTableError
from models.rules.table import RulesInForce, RuleTable
from models.scores import ScoreTable, score
from models.stage_models import HazardScore, StageModels
from training.scoring_input import Batch
from training.split import day_of

Rows = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Scored = dict[str, npt.NDArray[np.generic]]
"""Output columns of a batch, all of the same length; a value that is withheld is NaN or None."""

RULE_SCORES: Mapping[str, str] = {
    "willingness": "p_willingness_window",
    "ability": "p_ability_180",
    "quick_close": "p_quick_30",
}
"""Which score of a bundle a rule means."""


@dataclass(frozen=True)
class Scorer:
    """A bundle with the rules beside it; `explain` is how many reasons each score gets."""

    bundle: Bundle
    rules: RuleTable
    explain: int = 0
    threads: int = 1

    def score(self, batch: Batch) -> Scored:
        """Score and route a batch.

        Cases of a stage that the bundle does not hold are routed by rules
        alone, and so are those that the scores abstain from.
        """
        n, about = len(batch.ids), self.bundle.about
        found: Scored = {
            "case_id": np.array(batch.ids, dtype=object),
            "court_code": np.array(batch.courts, dtype=object),
            "stage": _same(str(batch.stage), n),
        }
        models = self.bundle.stages.get(batch.stage)
        table = None
        if models is not None:
            table = score(self.bundle, batch.known, batch.courts, threads=self.threads)
        found |= self._lanes(batch, table)
        if table is not None and models is not None:
            found |= _scores(table)
            found |= {"reasons": self._reasons(models, table)} if self.explain else {}
        return found | {"bundle": _same(about.name, n), "data": _same("模拟" if about.simulated else None, n)}

    def _lanes(self, batch: Batch, table: ScoreTable | None) -> Scored:
        """Route every case by the rules in force on its own day; empty where the tables do not reach back so far."""
        found = {name: _same(None, len(batch.ids)) for name in ("lane", "decided_by", "rule", "status")}
        for rules, rows in self._in_force(batch):
            columns = {name: column[rows] for name, column in batch.columns.items()}
            seen = None if table is None else _view(table, rows)
            as_of = batch.known.as_of[rows]
            routes = route(evaluate(rules, columns, as_of=as_of, stage=batch.stage, scores=seen), seen)
            ids = [one.rule.id for one in routes.outcomes.program.rules]
            found["lane"][rows] = _named([str(lane) for lane in LANES], routes.lane, nothing=UNDECIDED)
            found["decided_by"][rows] = _named(DECIDED_BY, routes.decided_by)
            found["rule"][rows] = _named(ids, routes.rule, nothing=NO_RULE)
            found["status"][rows] = _named(STATUSES, routes.status)
        return dict(found)

    def _in_force(self, batch: Batch) -> Iterator[tuple[RulesInForce, Rows]]:
        """Yield each set of rules with the cases whose day it governs."""
        days, place = np.unique(np.floor(batch.known.as_of), return_inverse=True)
        groups: dict[int, tuple[RulesInForce, list[int]]] = {}
        for number, day in enumerate(days):
            try:
                rules = self.rules.on(day_of(float(day)))
            except RuleTableError:
                continue
            groups.setdefault(id(rules), (rules, []))[1].append(number)
        for rules, numbers in groups.values():
            yield rules, np.flatnonzero(np.isin(place, numbers))

    def _reasons(self, models: StageModels, table: ScoreTable) -> Texts:
        found = _same(None, len(table.rows))
        for i in np.flatnonzero(~table.abstained):
            found[i] = {name: self._most(models, table, name=name, i=int(i)) for name in models.scores}
        return found

    def _most(self, models: StageModels, table: ScoreTable, *, name: str, i: int) -> list[dict[str, object]]:
        """Return the features that moved one score of one case most, in log-odds, exactly."""
        asked, row = models.scores[name], table.rows[i : i + 1]
        if isinstance(asked, HazardScore):
            parts = attribute_hazard(asked.model, row, day=table.columns[name].day).contributions
        else:
            parts = attribute_recovery(asked.model, row).contributions
        most = [j for j in np.argsort(-np.abs(parts), kind="stable")[: self.explain] if parts[j]]
        chosen = [models.features[j] for j in most]
        return [
            {"feature": feature.name, "zh": feature.zh, "log_odds": round(float(parts[j]), 6)}
            for j, feature in zip(most, chosen, strict=True)
        ]


def _view(table: ScoreTable, rows: Rows) -> ScoreView:
    known = {RULE_SCORES[name]: c.p[rows] for name, c in table.columns.items() if name in RULE_SCORES}
    return ScoreView.of(len(rows), abstained=table.abstained[rows], **known)


def _scores(table: ScoreTable) -> Scored:
    """Return all scores; where they abstain no number, but the reasons for it."""
    withheld = table.abstained
    why = _same(None, len(withheld))
    why[withheld] = ["/".join(str(r) for r, rows in table.reasons.items() if rows[i]) for i in np.flatnonzero(withheld)]
    found: Scored = {"abstained": why}
    for name, column in table.columns.items():
        for suffix, values in (("", column.p), ("_lower", column.lower), ("_upper", column.upper)):
            found[name + suffix] = np.where(withheld, np.nan, values.round(6))
        found[f"{name}_n"] = np.where(withheld, None, column.n.astype(object))
    if table.days is not None:
        found["days"] = np.where(withheld, np.nan, table.days.round(1))
    return found


def _named(names: tuple[str, ...] | list[str], codes: npt.NDArray[np.integer], *, nothing: int | None = None) -> Texts:
    """Return the name of each code; None for the code that stands for nothing."""
    lookup = np.array([*names, None], dtype=object)
    return np.asarray(lookup[np.where(codes == nothing, len(names), codes) if nothing is not None else codes])


def _same(value: str | None, n: int) -> Texts:
    return np.full(n, value, dtype=object)
