"""Comparisons: all conditions on one number in one step, with the verdicts they would have one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.register import Stage
from models.rules.case_view import CaseView
from models.rules.conditions.comparisons import Comparisons
from models.rules.conditions.named import TESTS
from models.rules.conditions.test import INDICES, Params
from models.rules.tri import NO, UNKNOWN, YES

PLAIN = {
    "is_true": lambda x, _: x == 1.0,
    "is_false": lambda x, _: x == 0.0,
    "at_least": lambda x, params: x >= params["value"],
    "at_most": lambda x, params: x <= params["value"],
    "below": lambda x, params: x < params["value"],
    "one_of": lambda x, params: x in params[INDICES],
    "none_of": lambda x, params: x not in params[INDICES],
}
"""What each test means for a fact that is known."""


def verdicts(facts: dict[str, list[float]], asked: dict[int, tuple[str, str, Params]]) -> list[list[int]]:
    """Return the verdicts of named tests on facts, a list per condition."""
    columns = {name: np.array(values) for name, values in facts.items()}
    n = len(next(iter(columns.values())))
    spans = {place: (fact, TESTS[test].spans(params)) for place, (fact, test, params) in asked.items()}
    view = CaseView(columns, np.zeros(n), Stage.A)
    return Comparisons.of(spans).verdicts(view, slice(0, n)).tolist()


@pytest.mark.parametrize("test", sorted(PLAIN))
@given(
    facts=st.lists(st.one_of(st.just(float("nan")), st.integers(0, 6).map(float)), min_size=1, max_size=8),
    codes=st.sets(st.integers(0, 6).map(float), min_size=1, max_size=4),
    value=st.integers(0, 6).map(float),
)
def test_each_test_means_what_its_name_says(test: str, facts: list[float], codes: set[float], value: float) -> None:
    """Met, not met, and unknown where the fact is missing; a bound is met from exactly its value on."""
    params: Params = {"value": value, INDICES: tuple(codes)}
    expected = [UNKNOWN if np.isnan(x) else YES if PLAIN[test](x, params) else NO for x in facts]

    assert verdicts({"claim_amount": facts}, {0: ("claim_amount", test, params)}) == [expected]


def test_many_conditions_keep_their_order_and_their_fact() -> None:
    """Conditions on several facts, some with several spans, answer each for itself."""
    facts = {"age": [17.0, 40.0], "claim_amount": [100.0, float("nan")]}
    asked = {
        3: ("age", "below", {"value": 18.0}),
        5: ("claim_amount", "at_most", {"value": 100.0}),
        8: ("age", "none_of", {INDICES: (17.0, 18.0)}),
    }

    assert verdicts(facts, asked) == [[YES, NO], [YES, UNKNOWN], [NO, YES]]
