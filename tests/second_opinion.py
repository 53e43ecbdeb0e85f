"""Routing held against the law by hand: many random cases, judged by the program and once more in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from math import isnan

import numpy as np

from features.clock import days_of
from features.register import Stage
from models.lanes import LANES, UNDECIDED
from models.routes import Routes
from models.routing import route
from models.rules import RuleTable, evaluate
from tests.builders_random_cases import DAYS, as_facts, random_cases, random_scores
from tests.law_by_hand import DAY, WILLING, Facts, Scores, Verdict, judge
from tests.law_by_hand import lane as lane_by_hand

CHUNK = 20_000
SEED = 20261101


@dataclass
class Tally:
    """What was found: how many rows took each lane, and every disagreement by what it was about."""

    lanes: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def add(self, what: str, *, broken: bool) -> None:
        """Count one disagreement."""
        if broken:
            self.broken[what] += 1


def measure(n: int, *, seed: int = SEED, table: RuleTable | None = None) -> Tally:
    """Judge n cases, half of them before filing, spread over the days on which something changes."""
    tally, table = Tally(), table or RuleTable.load()
    number, chunk = 0, min(CHUNK, -(-n // (len(DAYS) * len(Stage))))
    while tally.rows < n:
        today, stage = DAYS[number % len(DAYS)], Stage.A if number % 2 else Stage.B
        size = min(chunk, n - tally.rows)
        columns = random_cases(size, today=today, stage=stage, seed=seed + number)
        scores = random_scores(size, seed=seed + number)
        # What was received yesterday is judged by yesterday's law.
        in_force, as_of = table.on(today - DAY), np.full(size, days_of(today) + 0.5)
        routes = route(evaluate(in_force, columns, as_of=as_of, stage=stage, scores=scores), scores)
        _compare(tally, routes, list(as_facts(columns)), today)
        tally.rows += size
        number += 1
    return tally


def _compare(tally: Tally, routes: Routes, cases: list[Facts], today: date) -> None:
    n, filed, view = len(routes), routes.outcomes.view.stage is Stage.B, routes.outcomes.view
    in_force = "direct_deduction" in routes.flags
    offers = routes.flags.get("direct_deduction", np.zeros(n, dtype=bool)).tolist()
    passed, ranks = routes.flags["limitation_passed"].tolist(), routes.priority.tolist()
    columns = (view.number(f"score.{name}").tolist() for name in ("willingness", "ability", "quick"))
    scores = [Scores(*row) for row in zip(*columns, strict=True)]
    withheld = [True] * n if view.scores is None else view.scores.abstained.tolist()
    for i, (code, facts) in enumerate(zip(routes.lane.tolist(), cases, strict=True)):
        law = judge(facts, today, filed=filed)
        law = law if in_force else replace(law, offer=False)
        lane = "undecided" if code == UNDECIDED else LANES[code].value
        tally.lanes[lane] += 1
        for what in _wrong(law, lane, score=scores[i].will):
            tally.broken[what] += 1
        tally.add("the order of work", broken=ranks[i] != law.rank and not law.stop)
        tally.add("the notice of limitation", broken=passed[i] is not law.limitation_passed)
        tally.add("direct deduction is offered", broken=offers[i] is not (law.offer and not law.special | law.stop))
        if not withheld[i] and not any(map(isnan, scores[i])):
            expected = lane_by_hand(law, facts, today, scores=scores[i], filed=filed)
            tally.add("the lane by hand", broken=lane != expected)


def _wrong(law: Verdict, lane: str, *, score: float) -> Iterator[str]:
    """Yield what a lane breaks."""
    if (lane == "none") is not law.stop:
        yield "a stop has no lane, and nothing else has none"
    if law.stop:
        return
    if law.special and lane != "complex":
        yield "special cases are complex"
    if law.offer and not law.special and lane != "fast":
        yield "direct deduction is fast"
    if lane == "urge" and (law.forbidden or law.doubtful):
        yield "nothing forbidden or doubtful is urged"
    if lane == "urge" and not score >= WILLING:
        yield "nobody is urged below the mark"
    if lane == "fast" and law.late:
        yield "a fast case is in time"
    if lane == "undecided" and (law.special or law.offer or law.forbidden):
        yield "a hard rule decides without the judge"
