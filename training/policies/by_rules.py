"""Policies that are rule tables: the published profiles of courts, and Fenliu's own with its scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.bundle import Bundle
from models.lanes import UNDECIDED
from models.routes import Codes
from models.rules import profile, profile_names
from models.rules.rule import Text
from models.rules.table import RulesInForce, RuleTable
from models.triage import Triage, Triaged
from training.policies.policy import Policy, decided
from training.scoring.input import Batch, Rows


def triaged(batch: Batch, rules: RuleTable, bundle: Bundle | None = None) -> Iterator[tuple[Rows, Triaged]]:
    """Yield the routes of the cases, each by the rules in force on the day of its receipt.

    Raises
    ------
    RuleTableError
        An application has no day of receipt, or one before the tables begin.
    """
    for in_force, rows in rules.by_day(batch.columns["received_at"].astype(np.float64)):
        part = batch.where(rows)
        yield rows, _triage(part, in_force, bundle)(part.columns, as_of=part.as_of, court=part.courts)


def _triage(batch: Batch, rules: RulesInForce, bundle: Bundle | None) -> Triage:
    return Triage(stage=batch.stage, rules=rules, register=batch.register, bundle=bundle)


@dataclass(frozen=True, kw_only=True, eq=False)
class ByRules:
    """Routes by a rule table, with the scores of a bundle where it has one; the one road of the service, too.

    Where it proposes no lane, a person decides: as `undecided` would, and not
    at all where that is None.
    """

    name: str
    words: Text
    rules: RuleTable
    bundle: Bundle | None = None
    undecided: Policy | None = None
    one_judge: bool = False

    @property
    def reads_truth(self) -> bool:
        """Never."""
        return False

    def lanes(self, batch: Batch) -> Codes:
        """Return the code of each case's lane."""
        lanes = np.full(len(batch.ids), UNDECIDED, dtype=np.int8)
        for rows, found in triaged(batch, self.rules, self.bundle):
            lanes[rows] = found.routes.lane
        return decided(lanes, batch, self.undecided)


@cache
def shipped_rules() -> RuleTable:
    """Return the rule table that the product ships, read once."""
    return RuleTable.load()


def fenliu(bundle: Bundle, rules: RuleTable | None = None, *, undecided: Policy | None = None) -> ByRules:
    """Return Fenliu's policy: a bundle's scores under a rule table, the shipped one by default."""
    return ByRules(
        name="fenliu",
        words=Text("分流", "Fenliu"),
        rules=rules or shipped_rules(),
        bundle=bundle,
        undecided=undecided,
    )


def published_profiles() -> tuple[ByRules, ...]:
    """Return the published rule sets of courts that the product ships, each as a policy of rules alone."""
    return tuple(published(name) for name in profile_names())


@cache
def published(name: str) -> ByRules:
    """Return one published rule set by its name.

    Raises
    ------
    RuleTableError
        There is no profile of this name.
    """
    table = profile(name)
    return ByRules(name=name, words=Text(f"公开做法：{table.title.zh}", f"published: {table.title.en}"), rules=table)
