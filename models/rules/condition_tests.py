"""The tests that rule tables may name: each looks at one fact of every row and answers met, not met or unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import cast

import numpy as np
import numpy.typing as npt

from features.columns import code_index
from features.register import load_register
from models.rules.case_view import CaseView
from models.rules.comparisons import Span
from models.rules.tri import NO, UNKNOWN, YES, Array, Tri, both, decided

Indices = tuple[float, ...]
Param = float | tuple[str, ...] | Indices
Params = Mapping[str, Param]
Run = Callable[[CaseView, str, Params], Tri | np.uint8]
"""Takes the cases, the name of the fact and the parameters; one verdict alone holds for every row."""

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
    """A test a table may name: the field types it reads, the parameters it needs, and what it asks.

    A parameter is a `number` (a list of numbers is summed), `codes` of the
    field's own list, or `texts`. A test that only compares one number tells the
    `spans` in which it is met; any other is `run` on the case.
    """

    types: frozenset[str]
    params: Mapping[str, str] = field(default_factory=dict)
    spans: Callable[[Params], Sequence[Span]] | None = None
    run: Run | None = None


def code(view: CaseView, field: str, *names: str) -> Tri:
    """Return whether an enum holds one of these codes."""
    facts = view.number(field)
    return decided(facts, _is_one_of(facts, _indices_of(field, names)))


@cache
def _indices_of(field: str, names: tuple[str, ...]) -> Indices:
    numbers = code_index(load_register()[field])
    return tuple(numbers[name] for name in names)


def _is_one_of(facts: Array, indices: Indices) -> npt.NDArray[np.bool_]:
    met: npt.NDArray[np.bool_] = facts == indices[0]
    for index in indices[1:]:
        met |= facts == index
    return met


def number(params: Params, name: str) -> float:
    """Return a parameter that loading has checked to be a number."""
    return cast("float", params[name])


def _exactly(number: float) -> Callable[[Params], Sequence[Span]]:
    return lambda _: [(number, number)]


def _one_of(params: Params) -> Sequence[Span]:
    return [(index, index) for index in _indices(params)]


def _none_of(params: Params) -> Sequence[Span]:
    """Return what lies beside and between the codes, whose numbers are whole."""
    ends = sorted(_indices(params))
    return list(zip([-np.inf, *(end + 0.5 for end in ends)], [*(end - 0.5 for end in ends), np.inf], strict=True))


def _at_least(params: Params) -> Sequence[Span]:
    return [(number(params, "value"), np.inf)]


def _at_most(params: Params) -> Sequence[Span]:
    return [(-np.inf, number(params, "value"))]


def _below(params: Params) -> Sequence[Span]:
    return [(-np.inf, float(np.nextafter(number(params, "value"), -np.inf)))]


def _indices(params: Params) -> Indices:
    return cast("Indices", params[INDICES])


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
    person = code(view, "debtor_type", "person", "individual_business")
    facts = view.number(field)
    listed = decided(facts, _is_one_of(facts, _indices(params)))
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


def _cannot_check(_: CaseView, __: str, ___: Params) -> np.uint8:
    return UNKNOWN


def _always(_: CaseView, __: str, ___: Params) -> np.uint8:
    return YES


def _not(verdicts: Tri) -> Tri:
    return YES - verdicts


_VALUE = MappingProxyType({"value": "number"})
_CODES = MappingProxyType({"codes": "codes"})
_TEXTS = MappingProxyType({"texts": "texts"})
_CLOCK = MappingProxyType(dict.fromkeys(("cash_days", "wage_days", "other_days", "fixed_wage"), "number"))

TESTS: Mapping[str, ConditionTest] = MappingProxyType(
    {
        "is_true": ConditionTest(BOOLS, spans=_exactly(1.0)),
        "is_false": ConditionTest(BOOLS, spans=_exactly(0.0)),
        "one_of": ConditionTest(ENUMS, _CODES, spans=_one_of),
        "none_of": ConditionTest(ENUMS, _CODES, spans=_none_of),
        "at_least": ConditionTest(NUMBERS, _VALUE, spans=_at_least),
        "at_most": ConditionTest(NUMBERS, _VALUE, spans=_at_most),
        "below": ConditionTest(NUMBERS, _VALUE, spans=_below),
        "covers_due": ConditionTest(frozenset({"decimal"}), run=_covers_due),
        "after_today": ConditionTest(DATES, run=_after_today),
        "today_or_before": ConditionTest(DATES, run=_today_or_before),
        "not_passed": ConditionTest(DATES, run=_not_passed),
        "bankrupt": ConditionTest(ENUMS, _CODES, run=_bankrupt),
        "nothing_to_claim": ConditionTest(frozenset({"decimal"}), run=_nothing_to_claim),
        "text_in": ConditionTest(TEXTS, _TEXTS, run=_text_in),
        "text_starts": ConditionTest(TEXTS, _TEXTS, run=_text_starts),
        "clock_passed": ConditionTest(NUMBERS, _CLOCK, run=_clock_passed),
        "cannot_check": ConditionTest(ANY, run=_cannot_check),
        "by_event": ConditionTest(ANY, run=_cannot_check),
        "always": ConditionTest(ANY, run=_always),
    }
)
"""Every test by the name that rule tables use."""
