"""Tests of money: whether it covers the debt or a share of it, and amounts that differ by kind of case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

import numpy as np
import numpy.typing as npt

from models.rules.case_view import CaseView
from models.rules.conditions.test import (
    NUMBERS,
    ConditionTest,
    Indices,
    Params,
    Run,
    code,
    number,
    word,
)
from models.rules.tri import NO, UNKNOWN, Array, Tri, both, decided

Compare = Callable[[Array, Array], npt.NDArray[np.bool_]]

MONEY = frozenset({"decimal"})


def covers_due(view: CaseView, field: str, _: Params) -> Tri:
    """Whether the money is enough for claim, interest and fee together."""
    spare = view.number(field) - view.number("due")
    return decided(spare, spare >= 0.0)


def _at_least_share(view: CaseView, field: str, params: Params) -> Tri:
    """Whether one amount is at least such a share of another."""
    spare = view.number(field) - number(params, "share") * view.number(word(params, "of"))
    return decided(spare, spare >= 0.0)


def _nothing_to_claim(view: CaseView, field: str, _: Params) -> Tri:
    """Whether a money claim is empty; claims for delivery or acts have no amount to look at."""
    amount = view.number(field)
    return both(code(view, "relief_type", "money"), decided(amount, amount <= 0.0))


def _by_kind(compare: Compare) -> Run:
    """Return a test that compares with the amount of the row's own kind; a kind without one never meets it."""

    def test(view: CaseView, field: str, params: Params) -> Tri:
        kinds, amounts = view.number(word(params, "by")), np.array(cast("Indices", params["value"]))
        known = ~np.isnan(kinds)
        mark = amounts[np.where(known, kinds, 0).astype(np.intp)]
        facts = view.number(field)
        verdicts = np.where(np.isnan(mark), NO, decided(facts, compare(facts, mark)))
        return np.where(known, verdicts, UNKNOWN).astype(np.uint8)

    return test


_BY_KIND = MappingProxyType({"by": "coded", "value": "amounts"})
_SHARE = MappingProxyType({"share": "share", "of": "fact"})

MONEY_TESTS: Mapping[str, ConditionTest] = MappingProxyType(
    {
        "covers_due": ConditionTest(MONEY, run=covers_due, reads=("due",)),
        "at_least_share": ConditionTest(NUMBERS - {"score"}, _SHARE, run=_at_least_share),
        "nothing_to_claim": ConditionTest(MONEY, run=_nothing_to_claim, reads=("relief_type",)),
        "at_most_by": ConditionTest(NUMBERS - {"score"}, _BY_KIND, run=_by_kind(np.less_equal)),
        "below_by": ConditionTest(NUMBERS - {"score"}, _BY_KIND, run=_by_kind(np.less)),
        "at_least_by": ConditionTest(NUMBERS - {"score"}, _BY_KIND, run=_by_kind(np.greater_equal)),
        "above_by": ConditionTest(NUMBERS - {"score"}, _BY_KIND, run=_by_kind(np.greater)),
    }
)
