"""Flips: checkable facts only, the smallest change, and each one scored again before it is shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.register import Privacy, load_register
from models.advice import Flip
from models.explain.flips import FACTS, find_flips
from models.lanes import LANE_CODE, UNDECIDED, Lane

URGE, FAST, COMPLEX = LANE_CODE[Lane.URGE], LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX]
Case = dict[str, np.ndarray]


def case(**values: float) -> Case:
    """Return one case with a claim of 38,600 yuan."""
    facts = {"claim_amount": 38600.0, "pres_cash": 0.0, "phone_provided": 0.0, "first_seal": 0.0} | values
    return {name: np.array([value]) for name, value in facts.items()}


def fast_from(amount: float) -> Callable[[Case], np.ndarray]:
    """Return a court that sends a case to the fast lane once so much is frozen."""
    return lambda columns: np.where(columns["pres_cash"] >= amount, FAST, COMPLEX)


@given(st.floats(1.0, 57_000.0))
def test_the_smallest_rounded_sum_that_flips_is_found(amount: float) -> None:
    """Wherever the turning point lies, the sum shown is above it by a hundred and a thousandth of the claim at most."""
    flips = find_flips(case(), fast_from(amount))
    shown = float(flips[0].when.split()[1].removesuffix("元").replace(",", ""))

    assert flips[0].route is Lane.FAST
    assert amount <= shown <= amount + 100 + 38_600 * 0.25 / 6**3


def test_a_sum_is_shown_in_both_languages() -> None:
    """A judge reads the condition, an engineer too."""
    (flip,) = find_flips(case(), fast_from(38_600.0))

    assert (flip.when, flip.when_en) == ("实际冻结存款达到 38,600元", "the frozen money reaches 38,600 yuan")
    assert (flip.kind, flip.field) == ("model", "pres_cash")


def test_a_sum_may_also_turn_out_smaller() -> None:
    """Money that was frozen and is not there any more changes the lane back."""
    (flip,) = find_flips(case(pres_cash=50_000.0), fast_from(20_000.0))

    assert flip.when.startswith("实际冻结存款不超过")
    assert flip.route is Lane.COMPLEX


def test_a_yes_or_no_fact_flips_either_way() -> None:
    """A telephone found to work, or found not to."""

    def urged(columns: Case) -> np.ndarray:
        return np.where(columns["phone_provided"] == 1.0, URGE, COMPLEX)

    assert [f.when for f in find_flips(case(), urged)] == ["核实被执行人电话有效"]
    assert [f.when for f in find_flips(case(phone_provided=1.0), urged)] == ["核实被执行人电话无效"]
    assert [f.when for f in find_flips(case(phone_provided=np.nan), urged)] == ["核实被执行人电话有效"]


def test_consent_is_asked_by_its_code() -> None:
    """An enum fact turns to the register's code."""
    agree = load_register()["consent_urge"].codes.index("agree")

    def urged(columns: Case) -> np.ndarray:
        return np.where(columns["consent_urge"] == agree, URGE, COMPLEX)

    flips = find_flips(case(consent_urge=np.nan), urged)
    assert [f.when for f in flips] == ["申请人同意执前督促"]


def test_rules_come_first_and_keep_their_field() -> None:
    """What a rule says about a fact is not said again by a score."""
    rule = Flip(when="冻结存款足额", when_en="enough frozen", route=Lane.FAST, kind="rule", field="pres_cash")

    assert find_flips(case(), fast_from(100.0), rule_flips=[rule]) == (rule,)


def test_at_most_three_facts_are_shown() -> None:
    """Where everything would change the lane, three facts are enough."""

    def any_change(columns: Case) -> np.ndarray:
        changed = (columns["pres_cash"] > 0) | (columns["phone_provided"] > 0) | (columns["first_seal"] > 0)
        return np.where(changed | (columns["clue_specific"] > 0), FAST, COMPLEX)

    assert len(find_flips(case(clue_specific=0.0), any_change)) == 3
    assert find_flips(case(clue_specific=0.0), any_change, most=0) == ()


def test_what_does_not_survive_a_second_scoring_is_not_shown() -> None:
    """A turning point that rounding loses is no flip."""

    def only_at(columns: Case) -> np.ndarray:
        return np.where((columns["pres_cash"] > 9_649.0) & (columns["pres_cash"] < 9_651.0), FAST, COMPLEX)

    assert find_flips(case(), only_at) == ()


def test_left_to_the_judge_is_no_other_lane() -> None:
    """A change after which nobody decides is not offered as a flip."""

    def undecided(columns: Case) -> np.ndarray:
        return np.where(columns["pres_cash"] > 0, UNDECIDED, COMPLEX)

    assert find_flips(case(), undecided) == ()


def test_nothing_flips_a_case_that_nothing_can_change() -> None:
    """An empty answer is an answer."""
    assert find_flips(case(), lambda columns: np.full(len(columns["pres_cash"]), COMPLEX)) == ()


def test_few_batches_serve_all_candidates() -> None:
    """All candidates of a round are scored in one call."""
    sizes: list[int] = []

    def counted(columns: Case) -> np.ndarray:
        sizes.append(len(columns["pres_cash"]))
        return np.where(columns["pres_cash"] >= 12_345.0, FAST, COMPLEX)

    find_flips(case(), counted)
    assert len(sizes) <= 5


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.field)
def test_facts_are_checkable_and_of_this_case(fact: object) -> None:
    """No fact is protected, or taken from the debtor's past."""
    field = load_register()[fact.field]  # type: ignore[attr-defined]

    assert field.privacy is not Privacy.PROTECTED
    assert field.source not in {"执行信息库", "终本库", "失信名单库", "限高库", "derived from ID"}


def test_a_rank_is_not_checked_where_nothing_is_preserved() -> None:
    """Nobody is sent to check the rank of a seal that does not exist."""

    def by_rank(columns: Case) -> np.ndarray:
        return np.where(columns["first_seal"] == 1.0, FAST, COMPLEX)

    assert find_flips(case(preserved=0.0), by_rank) == ()
    assert [flip.field for flip in find_flips(case(preserved=1.0), by_rank)] == ["first_seal"]
