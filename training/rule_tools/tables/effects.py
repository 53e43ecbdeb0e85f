"""What a change does: stricter, looser, either way, or nothing but wording, worked out from what rules and tests do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

from models.lanes import Lane
from models.rules.rule import Branch, Condition, Kind, Rule, Text


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

_MORE_IS_EASIER = frozenset(
    {
        "one_of",
        "bankrupt",
        "text_in",
        "text_starts",
        "text_contains",
        "cause_in",
        "at_most",
        "below",
        "within_days",
        "at_most_by",
        "below_by",
    }
)
_MORE_IS_HARDER = frozenset(
    {"none_of", "at_least", "above", "clock_passed", "passed_days", "passed_working_days", "passed_months"}
    | {"at_least_share", "at_least_by", "above_by", "over_days", "over_working_days", "over_months"}
    | {"received_after_days"}
)
"""What a larger number, or a longer list, makes of each test; a test that is in neither may go either way."""


_ORDER = frozenset({Kind.GROUPING, Kind.PRIORITY})


def of_rule(rule: Rule, ease: Ease) -> Effect:
    """Return the effect of a rule that became easier or harder to meet."""
    easier = _when_easier(rule)
    if ease is Ease.NEITHER or easier is Effect.CHANGED:
        return Effect.CHANGED
    if ease is Ease.EASIER:
        return easier
    return Effect.LOOSER if easier is Effect.STRICTER else Effect.STRICTER


def of_parameter(name: str, old: object, new: object, uses: Iterable[tuple[Rule, Condition]]) -> Effect:
    """Return the effect of another value of a parameter, by the rules that use it.

    Rules that only order or group the work have no say where others have.
    """
    if name in LARGER_IS_STRICTER and isinstance(old, int | float) and isinstance(new, int | float):
        return Effect.STRICTER if (new > old) == LARGER_IS_STRICTER[name] else Effect.LOOSER
    every = list(uses)
    telling = [(rule, one) for rule, one in every if rule.kind not in _ORDER] or every
    found = {of_rule(rule, of_condition(rule, one, old, new)) for rule, one in telling}
    return found.pop() if len(found) == 1 else Effect.CHANGED


def of_condition(rule: Rule, one: Condition, old: object, new: object) -> Ease:
    """Return whether a rule became easier to meet by another parameter of one of its conditions."""
    ease = _turned(of_test(one.test, old, new)) if one.negated else of_test(one.test, old, new)
    if rule.branches is None:
        return ease
    ids = [other.id for other in rule.conditions]
    return _turned(ease) if one.id in ids and _negations(rule.branches, ids.index(one.id)) % 2 else ease


def of_test(test: str, old: object, new: object) -> Ease:
    """Return whether a test with one parameter changed is met by more cases or by fewer."""
    more = _more(old, new)
    if more is None or test not in _MORE_IS_EASIER | _MORE_IS_HARDER:
        return Ease.NEITHER
    return Ease.EASIER if more == (test in _MORE_IS_EASIER) else Ease.HARDER


def _more(old: object, new: object) -> bool | None:
    """Return whether a parameter grew: a larger number, a longer list, or all of a table; None when one cannot say."""
    if isinstance(old, int | float) and isinstance(new, int | float):
        return new > old
    if isinstance(old, list) and isinstance(new, list):
        gone, come = set(old) - set(new), set(new) - set(old)
        return bool(come) if bool(gone) != bool(come) else None
    if isinstance(old, dict) and isinstance(new, dict) and set(old) == set(new):
        parts = {_more(old[key], new[key]) for key in old if old[key] != new[key]}
        return parts.pop() if len(parts) == 1 else None
    return None


def _negations(branch: Branch, place: int) -> int:
    """Return how many branches around a condition say the opposite."""
    inside = [one for one in branch.of if one == place or (isinstance(one, Branch) and place in one.places())]
    deeper = sum(_negations(one, place) for one in inside if isinstance(one, Branch))
    return int(branch.negated) + deeper


def _when_easier(rule: Rule) -> Effect:
    """Return what it means that more cases meet a rule."""
    if rule.kind in {Kind.HARD_STOP, Kind.BLOCK_URGE, Kind.LIFECYCLE}:
        return Effect.STRICTER
    if rule.kind is Kind.HARD_LANE:
        return Effect.STRICTER if rule.lane is Lane.COMPLEX else Effect.LOOSER
    if rule.kind in _ORDER or rule.lane is Lane.COMPLEX:
        return Effect.CHANGED
    return Effect.LOOSER


def _turned(ease: Ease) -> Ease:
    return Ease(-ease)
