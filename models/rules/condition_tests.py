"""The tests that rule tables may name: each looks at one fact of every row and answers met, not met or unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

import numpy as np

from features.columns import code_index
from features.register import load_register
from models.rules.case_view import CaseView
from models.rules.tri import NO, UNKNOWN, YES, Tri, both, constant, decided

Param = float | tuple[str, ...] | tuple[float, ...]
Params = Mapping[str, Param]

NUMBERS = frozenset({"int", "float", "decimal", "ordinal", "score"})
BOOLS = frozenset({"bool"})
ENUMS = frozenset({"enum"})
DATES = frozenset({"date"})
TEXTS = frozenset({"string"})
ANY = NUMBERS | BOOLS | ENUMS | DATES | TEXTS | {"datetime", "none"}
INDICES = "indices"
"""Parameter that holds the column numbers of the `codes` a table lists."""


@dataclass(frozen=True)
class ConditionTest:
    """A test a table may name: the field types it reads, the parameters it needs, and its function.

    A parameter is a `number` (a list of numbers is summed), `codes` of the
    field's own list, or `texts`.
    """

    types: frozenset[str]
    run: Callable[[CaseView, str, Params], Tri]
    params: Mapping[str, str] = field(default_factory=dict)


def code(view: CaseView, field: str, name: str) -> Tri:
    """Return whether an enum holds this code."""
    facts = view.number(field)
    return decided(facts, facts == code_index(load_register()[field])[name])


def number(params: Params, name: str) -> float:
    """Return a parameter that loading has checked to be a number."""
    return cast("float", params[name])


def _is_true(view: CaseView, field: str, _: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts == 1.0)


def _is_false(view: CaseView, field: str, _: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts == 0.0)


def _one_of(view: CaseView, field: str, params: Params) -> Tri:
    facts = view.number(field)
    first, *others = cast("tuple[float, ...]", params[INDICES])
    met = facts == first
    for index in others:
        met = met | (facts == index)
    return decided(facts, met)


def _none_of(view: CaseView, field: str, params: Params) -> Tri:
    return _not(_one_of(view, field, params))


def _at_least(view: CaseView, field: str, params: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts >= number(params, "value"))


def _at_most(view: CaseView, field: str, params: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts <= number(params, "value"))


def _below(view: CaseView, field: str, params: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts < number(params, "value"))


def _covers_due(view: CaseView, field: str, _: Params) -> Tri:
    """Whether the money is enough for claim, interest and fee together."""
    spare = view.number(field) - view.number("due")
    return decided(spare, spare >= 0.0)


def _after_today(view: CaseView, field: str, _: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts > view.day)


def _today_or_before(view: CaseView, field: str, _: Params) -> Tri:
    return _not(_after_today(view, field, {}))


def _not_passed(view: CaseView, field: str, _: Params) -> Tri:
    """Whether the last day of a period is today or still to come: on the last day the debtor may yet perform."""
    facts = view.number(field)
    return decided(facts, facts >= view.day)


def _bankrupt(view: CaseView, field: str, params: Params) -> Tri:
    """Whether bankruptcy was accepted; for natural persons no entry in the register means no."""
    person = np.maximum(code(view, "debtor_type", "person"), code(view, "debtor_type", "individual_business"))
    listed = _one_of(view, field, params)
    return np.where((listed == UNKNOWN) & (person == YES), NO, listed)


def _nothing_to_claim(view: CaseView, field: str, _: Params) -> Tri:
    """Whether a money claim is empty; claims for delivery or acts have no amount to look at."""
    amount = view.number(field)
    return both(code(view, "relief_type", "money"), decided(amount, amount <= 0.0))


def _text_in(view: CaseView, field: str, params: Params) -> Tri:
    wanted = frozenset(cast("tuple[str, ...]", params["texts"]))
    return np.array([UNKNOWN if t is None else YES if t in wanted else NO for t in view.texts(field)], dtype=np.uint8)


def _text_starts(view: CaseView, field: str, params: Params) -> Tri:
    starts = cast("tuple[str, ...]", params["texts"])
    verdicts = [UNKNOWN if t is None else YES if t.startswith(starts) else NO for t in view.texts(field)]
    return np.array(verdicts, dtype=np.uint8)


def _clock_passed(view: CaseView, field: str, params: Params) -> Tri:
    """Whether the fast lane's time is over; it is shorter when cash, and then when a wage, is at hand."""
    cash = _covers_due(view, "ready_cash", {}) == YES
    wage = view.number("q_wage") >= number(params, "fixed_wage")
    other = np.where(wage, number(params, "wage_days"), number(params, "other_days"))
    allowed = np.where(cash, number(params, "cash_days"), other)
    elapsed = view.number(field)
    return decided(elapsed, elapsed > allowed)


def _cannot_check(view: CaseView, _: str, __: Params) -> Tri:
    return constant(UNKNOWN, len(view))


def _always(view: CaseView, _: str, __: Params) -> Tri:
    return constant(YES, len(view))


def _not(verdicts: Tri) -> Tri:
    return YES - verdicts


_VALUE = MappingProxyType({"value": "number"})
_CODES = MappingProxyType({"codes": "codes"})
_TEXTS = MappingProxyType({"texts": "texts"})
_CLOCK = MappingProxyType(dict.fromkeys(("cash_days", "wage_days", "other_days", "fixed_wage"), "number"))

TESTS: Mapping[str, ConditionTest] = MappingProxyType(
    {
        "is_true": ConditionTest(BOOLS, _is_true),
        "is_false": ConditionTest(BOOLS, _is_false),
        "one_of": ConditionTest(ENUMS, _one_of, _CODES),
        "none_of": ConditionTest(ENUMS, _none_of, _CODES),
        "at_least": ConditionTest(NUMBERS, _at_least, _VALUE),
        "at_most": ConditionTest(NUMBERS, _at_most, _VALUE),
        "below": ConditionTest(NUMBERS, _below, _VALUE),
        "covers_due": ConditionTest(frozenset({"decimal"}), _covers_due),
        "after_today": ConditionTest(DATES, _after_today),
        "today_or_before": ConditionTest(DATES, _today_or_before),
        "not_passed": ConditionTest(DATES, _not_passed),
        "bankrupt": ConditionTest(ENUMS, _bankrupt, _CODES),
        "nothing_to_claim": ConditionTest(frozenset({"decimal"}), _nothing_to_claim),
        "text_in": ConditionTest(TEXTS, _text_in, _TEXTS),
        "text_starts": ConditionTest(TEXTS, _text_starts, _TEXTS),
        "clock_passed": ConditionTest(NUMBERS, _clock_passed, _CLOCK),
        "cannot_check": ConditionTest(ANY, _cannot_check),
        "by_event": ConditionTest(ANY, _cannot_check),
        "always": ConditionTest(ANY, _always),
    }
)
"""Every test by the name that rule tables use."""
