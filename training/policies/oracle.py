"""The oracle: routes by the generator's own probabilities, which no court can know; a mark for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from features.known import Array
from features.register import Stage
from models.routes import Codes
from models.routing import route
from models.rules.case_view import SCORES, ScoreView
from models.rules.evaluate import evaluate
from models.rules.rule import Text
from models.rules.table import RuleTable
from models.triage import ASKED_AS
from training.evaluation.oracle import COLUMNS, oracle
from training.history import History
from training.policies.policy import Policy, decided
from training.scoring.input import Batch

WORDS = Text("先知（读取模拟真值）", "oracle (reads the simulated truth)")


@dataclass(frozen=True, kw_only=True, eq=False)
class Oracle:
    """Routes as Fenliu does under the same rule table, with the generator's probabilities in place of scores.

    `chances` holds one column for each score of each stage, in the order of
    `case_ids`; NaN where the generator has none. Where that leaves no lane, it
    decides as `undecided` would, and not at all where that is None.
    """

    rules: RuleTable
    case_ids: tuple[str, ...]
    chances: Mapping[Stage, Mapping[str, Array]]
    undecided: Policy | None = None
    name: str = "oracle"
    words: Text = WORDS
    one_judge: bool = False

    @property
    def reads_truth(self) -> bool:
        """Always."""
        return True

    @classmethod
    def of_history(cls, history: History, rules: RuleTable, *, undecided: Policy | None = None) -> Self:
        """Return the oracle of a simulated history.

        Raises
        ------
        ValueError
            The history is not simulated, or came without its truth.
        """
        found: dict[Stage, dict[str, Array]] = {stage: {} for stage in Stage}
        for (stage, score), (_, day) in COLUMNS.items():
            chance = oracle(history, stage, score, day=day)
            if chance is None:
                msg = f"{history.path.name} 没有模拟真值，先知无从读取 / {history.path.name} holds no simulated truth"
                raise ValueError(msg)
            if score in ASKED_AS:
                found[stage][SCORES[ASKED_AS[score][0]]] = chance
        return cls(rules=rules, case_ids=tuple(history.case_ids.tolist()), chances=found, undecided=undecided)

    def lanes(self, batch: Batch) -> Codes:
        """Return the code of each case's lane."""
        place = {name: i for i, name in enumerate(self.case_ids)}
        own = np.array([place[name] for name in batch.ids], dtype=np.int64)
        lanes = np.empty(len(own), dtype=np.int8)
        for in_force, rows in self.rules.by_day(batch.columns["received_at"].astype(np.float64)):
            part = batch.where(rows)
            known = {name: chance[own[rows]] for name, chance in self.chances[batch.stage].items()}
            view = ScoreView.of(len(rows), **known)
            outcomes = evaluate(in_force, part.columns, as_of=part.as_of, stage=part.stage, scores=view)
            lanes[rows] = route(outcomes, view).lane
        return decided(lanes, batch, self.undecided)
