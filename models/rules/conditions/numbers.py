"""Tests of one number, a yes or no, or a kind: each is met within spans, all of which are looked at in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from models.rules.conditions.comparisons import Span
from models.rules.conditions.test import BOOLS, ENUMS, NUMBERS, ConditionTest, Params, indices, number


def _exactly(value: float) -> Callable[[Params], Sequence[Span]]:
    return lambda _: [(value, value)]


def _one_of(params: Params) -> Sequence[Span]:
    return [(index, index) for index in indices(params)]


def _none_of(params: Params) -> Sequence[Span]:
    """Return what lies beside and between the codes, whose numbers are whole."""
    ends = sorted(indices(params))
    return list(zip([-np.inf, *(end + 0.5 for end in ends)], [*(end - 0.5 for end in ends), np.inf], strict=True))


def _at_least(params: Params) -> Sequence[Span]:
    return [(number(params, "value"), np.inf)]


def _at_most(params: Params) -> Sequence[Span]:
    return [(-np.inf, number(params, "value"))]


def _above(params: Params) -> Sequence[Span]:
    return [(float(np.nextafter(number(params, "value"), np.inf)), np.inf)]


def _below(params: Params) -> Sequence[Span]:
    return [(-np.inf, float(np.nextafter(number(params, "value"), -np.inf)))]


def _between(params: Params) -> Sequence[Span]:
    """Return one span to both of whose ends the number may come."""
    return [(number(params, "low"), number(params, "high"))]


_VALUE = MappingProxyType({"value": "number"})
_CODES = MappingProxyType({"codes": "codes"})

NUMBER_TESTS: Mapping[str, ConditionTest] = MappingProxyType(
    {
        "is_true": ConditionTest(BOOLS, spans=_exactly(1.0)),
        "is_false": ConditionTest(BOOLS, spans=_exactly(0.0)),
        "one_of": ConditionTest(ENUMS, _CODES, spans=_one_of),
        "none_of": ConditionTest(ENUMS, _CODES, spans=_none_of),
        "at_least": ConditionTest(NUMBERS, _VALUE, spans=_at_least),
        "at_most": ConditionTest(NUMBERS, _VALUE, spans=_at_most),
        "above": ConditionTest(NUMBERS, _VALUE, spans=_above),
        "below": ConditionTest(NUMBERS, _VALUE, spans=_below),
        "between": ConditionTest(NUMBERS, MappingProxyType({"low": "number", "high": "number"}), spans=_between),
    }
)
