"""Conflicts of rules and scores: every case in one sort, outcomes only where they are known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from features.register import Stage
from models.lanes import Lane
from tests.builders_rule_tools import LOW_MARK, SMALL_CLAIMS, table
from tests.builders_training import settings, small_history, small_training
from training.learning.labels import outcomes
from training.rule_tools.replay.conflicts import Conflicts, Found
from training.rule_tools.replay.replaying import Part, Replay
from training.rule_tools.replay.scope import Scope

TABLES = {"usual": table(LOW_MARK), "small": table(LOW_MARK, more=SMALL_CLAIMS)}


@cache
def parts(name: str) -> tuple[Part, ...]:
    """Return the small history under one of the tables."""
    rules = TABLES[name]
    asked = Replay(rules, rules, Scope(), bundle=small_training().trained.bundle)
    return tuple(part for _, found in asked.parts(small_history().path) for part in found)


def found(name: str, given: Sequence[Part] | None = None) -> tuple[Found, ...]:
    """Return the conflicts of a table."""
    collected = Conflicts(small_history())
    for part in parts(name) if given is None else given:
        collected.add(part)
    return collected.found(settings(), window=15.0)


def test_every_case_is_of_one_sort() -> None:
    """Conflicts, agreement and what cannot be scored add up to all cases of a stage."""
    for stage in Stage:
        cases = sum(len(part.batch.ids) for part in parts("small") if part.batch.stage is stage)
        assert sum(one.cases for one in found("small") if one.sort.stage is stage) == cases


def test_conflicts_are_the_disputes_of_the_one_road() -> None:
    """As many cases per stage as routing has disputes, none of them with the lane that the scores want."""
    for stage in Stage:
        disputed = sum(int(part.old_disputes.disputed.sum()) for part in parts("small") if part.batch.stage is stage)
        mine = [one for one in found("small") if one.sort.stage is stage and one.sort.id and one.sort.wanted]
        assert sum(one.cases for one in mine) == disputed > 0
        assert all(one.sort.wanted is not one.sort.lane for one in mine)


def test_a_rule_against_urging_stands_against_willing_debtors() -> None:
    """The cases of the rule score at or above the mark for urging and are filed instead."""
    mine = [one for one in found("small") if one.sort.id == "K01"]
    assert {(one.sort.wanted, one.sort.result) for one in mine} == {(Lane.URGE, "met")}
    assert all(one.mean_score >= 0.25 for one in mine)
    assert all(one.claimed < 50_000 * one.cases for one in mine)


def test_what_is_never_scored_is_told_without_a_score() -> None:
    """Stops and special lanes have cases and outcomes, and neither a wanted lane nor a mean score."""
    mine = [one for one in found("usual") if one.sort.id in {"H01", "H02", "H03"} and one.sort.result == "met"]
    assert mine
    assert all(one.sort.wanted is None and np.isnan(one.mean_score) for one in mine)


def test_outcomes_count_only_what_is_known() -> None:
    """No more cases than have a label, and their rate is that of the labels themselves."""
    history, chosen = small_history(), settings()
    target = chosen.targets["A"]["ability"]
    labels = outcomes(history, "ability", stage=Stage.A, target=target, settings=chosen.labels)
    known = int((~np.isnan(labels.happened(target.reading))).sum())
    mine = [one.outcomes["ability"] for one in found("usual") if one.sort.stage is Stage.A]
    assert 0 < sum(one.n for one in mine) <= known
    for one in found("usual"):
        for rate in one.outcomes.values():
            assert rate.n <= one.cases
            assert np.isnan(rate.value) if rate.n == 0 else rate.lower <= rate.value <= rate.upper


def test_the_order_is_that_of_the_rules_and_of_nothing_else() -> None:
    """Conflicts by rule first, then agreement, then what is not scored, whichever part came first."""
    forward, backward = found("usual"), found("usual", parts("usual")[::-1])
    assert [one.sort for one in forward] == [one.sort for one in backward]
    names = [one.sort.id for one in forward if one.sort.stage is Stage.A and one.sort.id and one.sort.wanted]
    assert names == sorted(names)
