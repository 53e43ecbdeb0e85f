"""What a change does: stricter, looser, either way, or nothing but wording, worked out from what rules and tests do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

from models.lanes import Lane
from models.rules.rule import Condition, Kind, Rule, Text


class Effect(StrEnum):
    """What a change does to applicants and cases.

    Stricter: fewer cases may be urged, take the fast lane or get an offer, or
    more are stopped or held to a clock. Looser: the other way. Changed: it may
    do either. Neutral: wording, article or version alone.
    """

    STRICTER = "stricter"
    LOOSER = "looser"
    CHANGED = "changed"
    NEUTRAL = "neutral"


EFFECTS: Mapping[Effect, Text] = MappingProxyType(
    {
        Effect.STRICTER: Text("收紧", "stricter"),
        Effect.LOOSER: Text("放宽", "looser"),
        Effect.CHANGED: Text("有变化，方向不定", "changed"),
        Effect.NEUTRAL: Text("不影响结果", "neutral"),
    }
)


class Ease(IntEnum):
    """Whether something became easier to meet; NEITHER when that cannot be told."""

    HARDER = -1
    NEITHER = 0
    EASIER = 1


LARGER_IS_STRICTER: Mapping[str, bool] = MappingProxyType(
    {
        # A longer window keeps an application from being filed for longer, although H05 and H06 then spare more cases.
        "urging_days": False,
        # Money must be paid out sooner.
        "payout_days": False,
        # Fewer wages count as fixed, so fewer cases are fast; that H14 then allows them more days matters less.
        "fixed_wage": True,
    }
)
"""Parameters of which one direction is the law's own, whatever the several rules that use them make of it."""

_LISTS = {"one_of": Ease.EASIER, "bankrupt": Ease.EASIER, "text_in": Ease.EASIER, "text_starts": Ease.EASIER}
_LISTS["none_of"] = Ease.HARDER
_NUMBERS = {"at_least": Ease.HARDER, "at_most": Ease.EASIER, "below": Ease.EASIER, "clock_passed": Ease.HARDER}
"""What more codes, and what a larger number, make of each test."""


def of_rule(rule: Rule, ease: Ease) -> Effect:
    """Return the effect of a rule that became easier or harder to meet."""
    easier = _when_easier(rule)
    if ease is Ease.NEITHER or easier is Effect.CHANGED:
        return Effect.CHANGED
    if ease is Ease.EASIER:
        return easier
    return Effect.LOOSER if easier is Effect.STRICTER else Effect.STRICTER


def of_parameter(name: str, old: object, new: object, uses: Iterable[tuple[Rule, Condition]]) -> Effect:
    """Return the effect of another value of a parameter, by the rules that use it."""
    if name in LARGER_IS_STRICTER and isinstance(old, int | float) and isinstance(new, int | float):
        return Effect.STRICTER if (new > old) == LARGER_IS_STRICTER[name] else Effect.LOOSER
    found = {of_rule(rule, of_test(condition.test, old, new)) for rule, condition in uses}
    return found.pop() if len(found) == 1 else Effect.CHANGED


def of_test(test: str, old: object, new: object) -> Ease:
    """Return whether a test with one parameter changed became easier to meet."""
    if isinstance(old, int | float) and isinstance(new, int | float):
        return _NUMBERS.get(test, Ease.NEITHER) if new > old else _turned(_NUMBERS.get(test, Ease.NEITHER))
    if isinstance(old, list) and isinstance(new, list):
        fewer, more = set(old) - set(new), set(new) - set(old)
        if bool(fewer) == bool(more):
            return Ease.NEITHER
        return _LISTS.get(test, Ease.NEITHER) if more else _turned(_LISTS.get(test, Ease.NEITHER))
    return Ease.NEITHER


def together(parts: Iterable[Ease]) -> Ease:
    """Return what several changes of one rule make of it; NEITHER when they pull apart."""
    found = set(parts)
    return found.pop() if len(found) == 1 else Ease.NEITHER


def _when_easier(rule: Rule) -> Effect:
    """Return what it means that more cases meet a rule."""
    if rule.kind in {Kind.HARD_STOP, Kind.BLOCK_URGE, Kind.LIFECYCLE}:
        return Effect.STRICTER
    if rule.kind is Kind.HARD_LANE:
        return Effect.STRICTER if rule.lane is Lane.COMPLEX else Effect.LOOSER
    if rule.kind is Kind.GROUPING or rule.lane is Lane.COMPLEX:
        return Effect.CHANGED
    return Effect.LOOSER


def _turned(ease: Ease) -> Ease:
    return Ease(-ease)
