"""Programs: the rules of one stage laid out flat, so that all conditions of a million cases are tested at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from types import MappingProxyType
from typing import cast

import numpy as np
import numpy.typing as npt

from features.matrix import CHUNK
from features.register import Stage
from models.rules.case_view import CaseView
from models.rules.conditions.comparisons import Comparisons
from models.rules.conditions.test import Run
from models.rules.ready import ReadyCondition, ReadyRule
from models.rules.rule import Branch
from models.rules.tri import NO, UNKNOWN, YES, Tri


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """The rules of one stage laid out flat: conditions, groups of alternatives, rules.

    Met is 2, unknown 1, not met 0, so alternatives are a maximum and groups a
    minimum; both run over all rules in one step each. `own` are the places of
    each rule's conditions; `others` the conditions that are more than
    `comparisons`, those that ask the same together; `negated` those that hold where their test does not.
    `branched` are the rules whose conditions combine in another way.
    """

    rules: tuple[ReadyRule, ...]
    conditions: tuple[ReadyCondition, ...]
    own: tuple[slice, ...]
    comparisons: Comparisons
    others: tuple[tuple[tuple[int, ...], Run], ...]
    group_starts: npt.NDArray[np.intp]
    rule_starts: npt.NDArray[np.intp]
    unneeded: npt.NDArray[np.intp]
    neutral: Tri
    scored: npt.NDArray[np.intp]
    negated: npt.NDArray[np.intp]
    branched: Mapping[int, Branch]

    @classmethod
    def of(cls, rules: Sequence[ReadyRule], stage: Stage) -> Program:
        """Lay out the rules that look at cases of this stage."""
        kept = [_at(rule, stage) for rule in rules if stage in rule.rule.stages]
        flat = [(rule.rule.id, one) for rule in kept for one in rule.conditions]
        starts = accumulate((len(rule.conditions) for rule in kept[:-1]), initial=0)
        groups = [(rule, one.group) for rule, one in flat]
        heads = [i for i, group in enumerate(groups) if i == 0 or group != groups[i - 1]]
        owners = [groups[i][0] for i in heads]
        unneeded = [i for i, (_, one) in enumerate(flat) if not one.needed]
        neutral = [NO if groups.count(groups[i]) > 1 else YES for i in unneeded]
        return cls(
            rules=tuple(kept),
            conditions=tuple(one for _, one in flat),
            own=tuple(slice(start, start + len(rule.conditions)) for start, rule in zip(starts, kept, strict=True)),
            comparisons=_compared([one for _, one in flat]),
            others=_others([one for _, one in flat]),
            group_starts=np.array(heads, dtype=np.intp),
            rule_starts=np.array([i for i, o in enumerate(owners) if i == 0 or o != owners[i - 1]], dtype=np.intp),
            unneeded=np.array(unneeded, dtype=np.intp),
            neutral=np.array(neutral, dtype=np.uint8).reshape(-1, 1),
            scored=np.array([i for i, (_, one) in enumerate(flat) if one.fact.type == "score"], dtype=np.intp),
            negated=np.array([i for i, (_, one) in enumerate(flat) if one.negated], dtype=np.intp),
            branched=MappingProxyType({i: one.rule.branches for i, one in enumerate(kept) if one.rule.branches}),
        )

    def test(self, view: CaseView) -> Tri:
        """Return the verdict of every condition on every row, (C, n)."""
        conditions = np.empty((len(self.conditions), len(view)), dtype=np.uint8)
        compared = range(0, len(view), CHUNK) if len(self.comparisons.conditions) else ()
        for start in compared:
            rows = slice(start, start + CHUNK)
            conditions[self.comparisons.conditions, rows] = self.comparisons.verdicts(view, rows)
        for places, run in self.others:
            one = self.conditions[places[0]]
            verdicts = run(view, one.fact.name, one.params)
            for place in places:
                conditions[place] = verdicts
        if len(self.negated):
            conditions[self.negated] = YES - conditions[self.negated]
        return conditions

    def combine(self, conditions: Tri, *, same: Tri | None = None) -> Tri:
        """Return one verdict per rule and row, (R, n), from those of the conditions, (C, n).

        `same` are verdicts that still hold for branched rules without a score.
        """
        settled = conditions.copy()
        optional = settled[self.unneeded]
        settled[self.unneeded] = np.where(optional == UNKNOWN, self.neutral, optional)
        groups = np.maximum.reduceat(settled, self.group_starts, axis=0)
        verdicts = np.minimum.reduceat(groups, self.rule_starts, axis=0)
        for place, branch in self.branched.items():
            ready = self.rules[place].conditions
            if same is not None and all(one.fact.type != "score" for one in ready):
                verdicts[place] = same[place]
            else:
                verdicts[place] = _branch(branch, conditions[self.own[place]], ready)
        return cast("Tri", verdicts)


def _compared(conditions: Sequence[ReadyCondition]) -> Comparisons:
    return Comparisons.of(
        {i: (one.fact.name, one.test.spans(one.params)) for i, one in enumerate(conditions) if one.test.spans}
    )


def _others(conditions: Sequence[ReadyCondition]) -> tuple[tuple[tuple[int, ...], Run], ...]:
    """Return what has to be run, with the places of all conditions that ask it."""
    found: dict[tuple[object, ...], tuple[list[int], Run]] = {}
    for place, one in enumerate(conditions):
        if one.test.run is not None:
            key = (one.name, one.fact.name, *sorted((name, str(value)) for name, value in one.params.items()))
            found.setdefault(key, ([], one.test.run))[0].append(place)
    return tuple((tuple(places), run) for places, run in found.values())


def _branch(branch: Branch, conditions: Tri, ready: Sequence[ReadyCondition]) -> Tri:
    """Return the verdict of a branch: the k-th best of its parts, since met is more than unknown is more than not met.

    An unknown part that is not needed counts neither for nor against: as met
    where all parts must hold, else as not met.
    """
    every = branch.least == len(branch.of)
    rows = []
    for one in branch.of:
        if not isinstance(one, int):
            rows.append(_branch(one, conditions, ready))
        elif ready[one].needed:
            rows.append(conditions[one])
        else:
            rows.append(np.where(conditions[one] == UNKNOWN, YES if every else NO, conditions[one]))
    if every:
        held = reduce(np.minimum, rows)
    elif branch.least == 1:
        held = reduce(np.maximum, rows)
    else:
        held = np.sort(np.array(rows, dtype=np.uint8), axis=0)[len(rows) - branch.least]
    return cast("Tri", YES - held if branch.negated else held)


def _at(rule: ReadyRule, stage: Stage) -> ReadyRule:
    """Return the rule as it looks at this stage; one with branches has the same conditions at all its stages."""
    own = tuple(one for one in rule.conditions if stage in one.stages)
    return ReadyRule(rule=rule.rule, conditions=own, texts=rule.texts)
