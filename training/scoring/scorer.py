"""Scores from file to file, without a server: the same road from facts to lane as the service takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.abstention import Flags
from models.bundle import Bundle
from models.explain.contributions import attribute
from models.lanes import LANES, UNDECIDED
from models.routes import DECIDED_BY, NO_RULE, STATUSES, Routes
from models.rules.rule import RuleTableError
from models.rules.table import RulesInForce, RuleTable
from models.scores import ScoreTable, score
from models.stage_models import StageModels
from models.triage import Triage
from training.learning.split import day_of
from training.scoring.input import Batch

Rows = npt.NDArray[np.int64]

RULES_ALONE = "RULES_ONLY"
"""Why a row of a special lane shows no score: rules alone decide it, the model is not asked."""
Texts = npt.NDArray[np.object_]
Scored = dict[str, npt.NDArray[np.generic]]
"""Output columns of a batch, all of the same length; a value that is withheld is NaN or None."""


@dataclass(frozen=True)
class Scorer:
    """A bundle (None: rules alone) with the rules beside it; `explain` is how many reasons each score gets.

    `simulated` says that the cases are, whatever the bundle learnt from.
    """

    bundle: Bundle | None
    rules: RuleTable
    explain: int = 0
    simulated: bool = False

    def score(self, batch: Batch) -> Scored:
        """Score and route a batch, each case by the rules in force on its own day.

        Cases of a stage that the bundle does not hold are routed by rules
        alone; cases older than the rule tables are scored and not routed.
        """
        n = len(batch.ids)
        parts = [(rows, self._part(batch.where(rows), rules)) for rules, rows in self._in_force(batch)]
        found: Scored = {}
        for rows, columns in parts:
            for name, column in columns.items():
                if name not in found:
                    found[name] = np.full(n, None if column.dtype == object else np.nan, dtype=column.dtype)
                found[name][rows] = column
        return found

    def _part(self, batch: Batch, rules: RulesInForce | None) -> Scored:
        """Return the output columns of cases that are under the same rules."""
        n, bundle = len(batch.ids), self.bundle
        table, lanes = self._triage(batch, rules)
        found: Scored = {
            "case_id": np.array(batch.ids, dtype=object),
            "court_code": np.array(batch.courts, dtype=object),
            "stage": _same(str(batch.stage), n),
        }
        found |= lanes
        if table is not None and bundle is not None:
            withheld = table.abstained | (lanes["status"] == "rules_only")
            found |= _scores(table, withheld)
            models = bundle.stages[batch.stage]
            found |= {"reasons": self._reasons(models, table, withheld)} if self.explain else {}
        simulated = self.simulated or (bundle is not None and bundle.about.simulated)
        name = None if bundle is None else bundle.about.name
        return found | {"bundle": _same(name, n), "data": _same("模拟" if simulated else None, n)}

    def _triage(self, batch: Batch, rules: RulesInForce | None) -> tuple[ScoreTable | None, Scored]:
        """Return the scores and the lanes, empty where no rules are in force."""
        if rules is not None:
            triage = Triage(stage=batch.stage, rules=rules, register=batch.register, bundle=self.bundle)
            done = triage(batch.columns, as_of=batch.as_of, court=batch.courts)
            return done.table, _lanes(done.routes)
        bundle = self.bundle
        asked = bundle is not None and batch.stage in bundle.stages
        table = score(bundle, batch.known, batch.courts) if bundle is not None and asked else None
        return table, {name: _same(None, len(batch.ids)) for name in ("lane", "decided_by", "rule", "status")}

    def _in_force(self, batch: Batch) -> Iterator[tuple[RulesInForce | None, Rows]]:
        """Yield each set of rules with the cases whose day it governs; None for days before the tables begin."""
        received = batch.columns.get("received_at", batch.as_of).astype(np.float64)
        day_of_rules = np.floor(np.where(np.isnan(received), batch.as_of, received))
        days, place = np.unique(day_of_rules, return_inverse=True)
        groups: dict[int, tuple[RulesInForce | None, list[int]]] = {}
        for number, day in enumerate(days):
            rules = self._on(float(day))
            groups.setdefault(id(rules), (rules, []))[1].append(number)
        for rules, numbers in groups.values():
            yield rules, np.flatnonzero(np.isin(place, numbers))

    def _on(self, day: float) -> RulesInForce | None:
        try:
            return self.rules.on(day_of(day))
        except RuleTableError:
            return None

    def _reasons(self, models: StageModels, table: ScoreTable, withheld: Flags) -> Texts:
        found = _same(None, len(table.rows))
        for i in np.flatnonzero(~withheld):
            found[i] = {name: self._most(models, table, name=name, i=int(i)) for name in models.scores}
        return found

    def _most(self, models: StageModels, table: ScoreTable, *, name: str, i: int) -> list[dict[str, object]]:
        """Return the features that moved one score of one case most, in log-odds, exactly."""
        asked, row = models.scores[name], table.rows[i : i + 1]
        parts = attribute(asked, row, day=table.columns[name].day, waited=float(table.waited[i])).contributions
        most = [j for j in np.argsort(-np.abs(parts), kind="stable")[: self.explain] if parts[j]]
        chosen = [models.features[j] for j in most]
        return [
            {"feature": feature.name, "zh": feature.zh, "log_odds": round(float(parts[j]), 6)}
            for j, feature in zip(most, chosen, strict=True)
        ]


def _lanes(routes: Routes) -> Scored:
    ids = [one.rule.id for one in routes.outcomes.program.rules]
    return {
        "lane": _named([str(lane) for lane in LANES], routes.lane, nothing=UNDECIDED),
        "decided_by": _named(DECIDED_BY, routes.decided_by),
        "rule": _named(ids, routes.rule, nothing=NO_RULE),
        "status": _named(STATUSES, routes.status),
    }


def _scores(table: ScoreTable, withheld: Flags) -> Scored:
    """Return all scores; no number where they abstain, with the reasons for it, or where rules alone decide."""
    why = _same(None, len(withheld))
    why[withheld] = ["/".join(r for r, rows in table.reasons.items() if rows[i]) for i in np.flatnonzero(withheld)]
    why[withheld & ~table.abstained] = RULES_ALONE
    found: Scored = {"abstained": why}
    for name, column in table.columns.items():
        for suffix, values in (("", column.p), ("_lower", column.lower), ("_upper", column.upper)):
            found[name + suffix] = np.where(withheld, np.nan, values)
        counts = column.n.astype(object)
        counts[withheld] = None
        found[f"{name}_n"] = counts
    if table.days is not None:
        found["days"] = np.where(withheld, np.nan, table.days)
    return found


def _named(names: tuple[str, ...] | list[str], codes: npt.NDArray[np.integer], *, nothing: int | None = None) -> Texts:
    """Return the name of each code; None for the code that stands for nothing."""
    lookup = np.array([*names, None], dtype=object)
    return np.asarray(lookup[np.where(codes == nothing, len(names), codes) if nothing is not None else codes])


def _same(value: str | None, n: int) -> Texts:
    return np.full(n, value, dtype=object)
