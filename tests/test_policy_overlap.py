"""Overlap: what the log can tell of a policy is counted, and every planted hole is refused with its reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.register import Stage
from tests.builders_policy_value import drawn, limits
from training.policy_value.estimators import FOLLOW, Logged
from training.policy_value.open_cases import ELSEWHERE
from training.policy_value.overlap import Cover, Overlap, overlap


def cover(logged: Logged, target: np.ndarray, *, group: np.ndarray | None = None, **changed: float) -> Overlap:
    """Return the overlap of a target at stage B; each case is its own debtor unless told otherwise."""
    own, asked = np.arange(len(target)) if group is None else group, limits(**changed)
    return overlap(logged, target, Cover(Stage.B, own, np.full(len(target), asked.min_chance), asked))


def codes(found: Overlap) -> set[str]:
    """Return the codes of the reasons to refuse."""
    return {one.code for one in found.reasons}


def everyone(logged: Logged, action: int) -> np.ndarray:
    """Return the target that gives all cases one action."""
    return np.full(len(logged.action), action)


def test_good_overlap_is_not_refused() -> None:
    """Where both lanes were chosen often in every kind of case, nothing stands against an estimate."""
    logged = drawn(chance=0.4).logged
    found = cover(logged, everyone(logged, 1))
    assert codes(found) == set()
    assert found.outside == found.outside_changed == 0.0
    assert found.histogram == (0, 0, 0, 0, 4_000, 0, 0, 0, 0, 0)


def test_equal_chances_make_every_agreeing_case_count_fully() -> None:
    """The effective number is the number of agreeing cases when all weigh the same, and less when they do not."""
    even, uneven = drawn(chance=0.5).logged, drawn().logged
    same = cover(even, everyone(even, 1)).lanes[0]
    less = cover(uneven, everyone(uneven, 1)).lanes[0]
    assert same.effective == pytest.approx(same.agreeing)
    assert less.effective < 0.8 * less.agreeing


def test_what_was_decided_needs_no_overlap() -> None:
    """The policy that leaves every case as it was is covered by any log, even one of rules alone."""
    logged = drawn(chance=1.0).logged
    assert codes(cover(logged, everyone(logged, FOLLOW))) == set()


def test_a_lane_that_was_hardly_taken_is_refused() -> None:
    """Forty cases that went to a lane cannot speak for four thousand."""
    logged = drawn(chance=0.01).logged
    found = cover(logged, everyone(logged, 1), min_chance=0.005)
    assert codes(found) == {"thin_lane"}
    assert "至少需要 60 件" in found.reasons[0].zh
    assert "60 needed" in found.reasons[0].en


def test_choices_that_nobody_made_are_refused() -> None:
    """A tenth of the cases always went one way; a policy that sends them the other way is not covered."""
    second = np.where(np.arange(4_000) % 10 == 0, 0.001, 0.5)
    logged = drawn(chance=second).logged
    found = cover(logged, everyone(logged, 1))
    assert "outside" in codes(found)
    assert found.outside == pytest.approx(0.1)
    assert "上限 5%" in next(one.zh for one in found.reasons if one.code == "outside")


def test_decisions_by_rule_cannot_tell_what_else_would_have_come() -> None:
    """A rule decided every case; a policy that agrees but for a few cases is refused, for exactly these are unknown."""
    second = np.where(np.arange(4_000) % 2 == 0, 1.0, 0.0)
    logged = drawn(chance=second).logged
    target = logged.action.copy()
    target[:100] = 1 - target[:100]
    found = cover(logged, target)
    assert found.outside == pytest.approx(0.025)
    assert codes(found) == {"never_otherwise"}
    assert "按固定规则办理" in found.reasons[0].zh


def test_one_debtor_must_not_decide_the_result() -> None:
    """A batch that makes up a third of what is known of a lane is no evidence."""
    logged = drawn(chance=0.5).logged
    group = np.where(np.arange(4_000) < 1_500, 0, np.arange(4_000))
    found = cover(logged, everyone(logged, 1), group=group)
    assert codes(found) == {"one_debtor"}
    assert found.largest == found.lanes[0].largest > 0.3


def test_one_debtor_of_a_small_lane_does_not_decide_the_whole() -> None:
    """A debtor who is all that is known of a lane of a few cases is a small part of the policy."""
    small = np.arange(4_000) < 80
    logged = drawn(chance=0.5).logged
    found = cover(logged, np.where(small, 0, 1), group=np.where(small, 0, np.arange(4_000)))
    assert found.lanes[0].largest == 1.0
    assert found.largest < 0.05
    assert codes(found) == set()


def test_a_policy_that_stops_open_cases_is_outside_the_log() -> None:
    """No lane at all is no action that was ever taken on these cases."""
    logged = drawn(chance=0.5).logged
    found = cover(logged, np.where(np.arange(4_000) < 400, ELSEWHERE, 1))
    assert "outside" in codes(found)


def test_a_lane_of_few_cases_does_not_stand_against_the_whole() -> None:
    """A lane of two cases in a hundred cannot move the estimate far, and is not held to the least number."""
    second = np.where(np.arange(4_000) % 50 == 0, 0.3, 0.9)
    logged = drawn(chance=second).logged
    target = np.where(np.arange(4_000) % 50 == 0, 0, 1)
    found = cover(logged, target, min_effective=100)
    assert found.lanes[0].effective < 100
    assert codes(found) == set()


def test_a_small_lane_needs_a_share_of_its_cases() -> None:
    """A lane of two hundred cases is told by thirty effective ones, where sixty are asked of large lanes."""
    small = np.arange(4_000) % 20 == 0
    for chance, refused in ((0.25, False), (0.08, True)):
        logged = drawn(chance=np.where(small, 1.0 - chance, 0.9)).logged
        found = cover(logged, np.where(small, 0, 1))
        assert found.lanes[0].effective < 60
        assert ("thin_lane" in codes(found)) is refused


def test_cut_weights_are_counted() -> None:
    """The share of agreeing cases whose weight was cut is told."""
    second = np.where(np.arange(4_000) % 4 == 0, 0.04, 0.5)
    logged = drawn(chance=second).logged
    found = cover(logged, everyone(logged, 1), clip=20.0)
    agreeing = logged.action == 1
    assert found.clipped == pytest.approx((logged.chance[agreeing, 1] < 0.05).mean())
    assert cover(logged, everyone(logged, 1), clip=30.0).clipped == 0.0


def test_an_empty_log_has_no_overlap_to_speak_of() -> None:
    """Nothing in, no reasons, no division by nothing."""
    logged = drawn(2).logged
    none = replace(
        logged,
        action=logged.action[:0],
        chance=logged.chance[:0],
        outcome=logged.outcome[:0],
        expected=logged.expected[:0],
    )
    assert codes(cover(none, np.empty(0, dtype=np.int64))) == set()
