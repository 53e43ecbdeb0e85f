"""The policies of a study by name, each made ready for one court's applications."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from models.bundle import Bundle
from models.rules import profile_names
from models.rules.table import RuleTable
from models.utility import Utility
from training.court_year.consequences import Consequences
from training.court_year.oracle import YearOracle
from training.court_year.study.plan import ORACLE, REFERENCE, StudyPlan
from training.errors import CommandError
from training.lane_effects import ByValue, LaneEffects
from training.policies import Policy, amount_rule, asset_rule, fenliu, one_judge, published, shipped_rules
from training.simulate import Arrivals

BASELINES = ("one_judge", REFERENCE, "asset")
OURS, BY_VALUE = "fenliu", "fenliu_value"


def known_policies() -> tuple[str, ...]:
    """Return the names of all policies in the order of reports."""
    return (*BASELINES, *profile_names(), OURS, BY_VALUE, ORACLE)


@dataclass(frozen=True)
class Candidates:
    """Makes policies from the files of a plan; each file is read once."""

    plan: StudyPlan
    folder: Path

    def policy(self, name: str, arrivals: Arrivals, *, price: float) -> Policy:
        """Return a policy; `price` is that of an officer's hour, for those who reckon with one."""
        simple: Mapping[str, Callable[[], Policy]]
        simple = {"one_judge": one_judge, REFERENCE: amount_rule, "asset": asset_rule}
        if name in simple:
            return simple[name]()
        if name == OURS:
            return fenliu(self.bundle, self.rules, undecided=amount_rule())
        if name == BY_VALUE:
            return self._by_value(price)
        if name == ORACLE:
            return self._oracle(arrivals, price)
        return published(name)

    @cached_property
    def bundle(self) -> Bundle:
        """The bundle of Fenliu's policies."""
        return Bundle.load(Path(self.plan.bundle))

    @cached_property
    def rules(self) -> RuleTable:
        """The rule table of Fenliu's policies and of the oracle."""
        table = RuleTable.load((Path(self.plan.rules),)) if self.plan.rules else shipped_rules()
        return table.throughout(date.fromisoformat(self.plan.rules_on)) if self.plan.rules_on else table

    @cached_property
    def utility(self) -> Utility:
        """What a case is worth."""
        return Utility.load(Path(self.plan.utility) if self.plan.utility else None)

    @cached_property
    def _effects(self) -> LaneEffects:
        if not self.plan.effects:
            zh, en = "没有学得的分道效果，不能按价值分流", "no lane effects were learned; there is no routing by value"
            raise CommandError("CONFIG", zh, en)
        return LaneEffects.from_json(json.loads(Path(self.plan.effects).read_text(encoding="utf-8")))

    @cached_property
    def _consequences(self) -> Consequences:
        with np.load(self.folder / CONSEQUENCES, allow_pickle=False) as found:
            return Consequences(**{name: found[name] for name in ("fast", "complex", "filed", "urged")})

    def _by_value(self, price: float) -> Policy:
        return ByValue(
            effects=self._effects,
            bundle=self.bundle,
            rules=self.rules,
            utility=self.utility,
            claim_cap=self.plan.settings.path.claim_cap,
            price=price,
            undecided=amount_rule(),
        )

    def _oracle(self, arrivals: Arrivals, price: float) -> Policy:
        return YearOracle(
            arrivals=arrivals,
            consequences=self._consequences,
            utility=self.utility,
            rules=self.rules,
            claim_cap=self.plan.settings.path.claim_cap,
            price=price,
        )


CONSEQUENCES = "consequences.npz"
"""File of a study that holds what the oracle knows of every lane's consequences."""
