"""Tests of texts: court codes, and causes of action by the number they had in their own version of the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from features.causes import VERSIONS
from models.rules.case_view import CaseView
from models.rules.conditions.test import ENUMS, TEXTS, ConditionTest, Params, code, indices, is_one_of, texts
from models.rules.tri import NO, UNKNOWN, YES, Tri, decided


def _answered(view: CaseView, field: str, holds: Callable[[str], bool]) -> Tri:
    return np.array([UNKNOWN if t is None else YES if holds(t) else NO for t in view.texts(field)], dtype=np.uint8)


def _text_in(view: CaseView, field: str, params: Params) -> Tri:
    wanted = frozenset(texts(params, "texts"))
    return _answered(view, field, lambda text: text in wanted)


def _text_starts(view: CaseView, field: str, params: Params) -> Tri:
    starts = texts(params, "texts")
    return _answered(view, field, lambda text: text.startswith(starts))


def _text_contains(view: CaseView, field: str, params: Params) -> Tri:
    wanted = texts(params, "texts")
    return _answered(view, field, lambda text: any(one in text for one in wanted))


def _cause_in(view: CaseView, field: str, params: Params) -> Tri:
    """Whether the cause stands in the list of its own version; unknown under a version the table does not list."""
    listed = {place: texts(params, name) for place, name in enumerate(VERSIONS) if name in params}
    found = [
        UNKNOWN if cause is None or version not in listed else YES if _listed(cause, listed[int(version)]) else NO
        for cause, version in zip(view.texts(field), view.number("cause_version.used").tolist(), strict=True)
    ]
    return np.array(found, dtype=np.uint8)


def _listed(cause: str, numbers: tuple[str, ...]) -> bool:
    """Whether a cause is one of these numbers, below one of them (108.1 below 108), or in a span (98-101)."""
    head = cause.partition(".")[0]
    for one in numbers:
        first, _, last = one.partition("-")
        if last and head.isdigit() and int(first) <= int(head) <= int(last):
            return True
        if cause == one or cause.startswith(f"{one}."):
            return True
    return False


def _bankrupt(view: CaseView, field: str, params: Params) -> Tri:
    """Whether bankruptcy was accepted; for natural persons no entry in the register means no."""
    person = code(view, "debtor_type", "person", "individual_business")
    facts = view.number(field)
    listed = decided(facts, is_one_of(facts, indices(params)))
    return np.where((listed == UNKNOWN) & (person == YES), NO, listed)


def _cannot_check(_: CaseView, __: str, ___: Params) -> np.uint8:
    return UNKNOWN


def _always(_: CaseView, __: str, ___: Params) -> np.uint8:
    return YES


_TEXTS = MappingProxyType({"texts": "texts"})
_CAUSES = MappingProxyType({"causes": "causes"})
_CODES = MappingProxyType({"codes": "codes"})
ANYTHING = frozenset({"int", "float", "decimal", "ordinal", "score", "bool", "enum", "date", "datetime", "string"})

WORD_TESTS: Mapping[str, ConditionTest] = MappingProxyType(
    {
        "text_in": ConditionTest(TEXTS, _TEXTS, run=_text_in),
        "text_starts": ConditionTest(TEXTS, _TEXTS, run=_text_starts),
        "text_contains": ConditionTest(TEXTS, _TEXTS, run=_text_contains),
        "cause_in": ConditionTest(TEXTS, _CAUSES, run=_cause_in, reads=("cause_version",)),
        "bankrupt": ConditionTest(ENUMS, _CODES, run=_bankrupt, reads=("debtor_type",)),
        "cannot_check": ConditionTest(ANYTHING, run=_cannot_check, asks_nobody=True),
        "by_event": ConditionTest(ANYTHING, run=_cannot_check, asks_nobody=True),
        "always": ConditionTest(ANYTHING, run=_always, asks_nobody=True),
    }
)
