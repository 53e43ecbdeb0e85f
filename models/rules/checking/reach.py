"""Reach: whether any case at all can meet a rule, or two rules at once; told from the spans that their tests allow.

What cannot be told counts as possible, so that nothing is called dead or
contradictory that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, groupby, product
from math import ceil, floor, inf, nextafter
from typing import NamedTuple

from features.register import Stage
from models.rules.conditions.comparisons import Span
from models.rules.conditions.test import number
from models.rules.ready import ReadyCondition, ReadyRule
from models.rules.rule import Branch

MOST_TERMS = 2_000
"""A rule with more ways of being met than this is taken to be possible."""


class Literal(NamedTuple):
    """A condition, and whether its test holds."""

    condition: ReadyCondition
    holds: bool


Term = tuple[Literal, ...]
"""One way in which a rule is met, or is not: everything in it at once."""

_SIGNED = frozenset(
    {"limitation_days_left", "preservation_days_left", "cash_days_left", "days_since_due", "days_due_to_receipt"}
    | {"unpaid", "due"}
)
"""Numbers that may be below zero; every other count and amount is not."""


def ways(rule: ReadyRule, stage: Stage, *, met: bool = True) -> list[Term] | None:
    """Return every way in which the rule is met, or is not met; None where there are too many to look at."""
    own = [one for one in rule.conditions if stage in one.stages]
    if rule.rule.branches is not None:
        top = rule.rule.branches
    else:
        groups = [[i for i, _ in part] for _, part in groupby(enumerate(own), key=lambda pair: pair[1].group)]
        top = Branch(len(groups), tuple(Branch(1, tuple(group)) for group in groups))
    try:
        return list(_terms(top, own, met=met))
    except _TooManyError:
        return None


class _TooManyError(Exception):
    """There are more ways than anybody looks at."""


def _terms(branch: Branch | int, own: Sequence[ReadyCondition], *, met: bool) -> Iterator[Term]:
    if isinstance(branch, int):
        one = own[branch]
        yield (Literal(one, holds=met is not one.negated),)
        return
    wanted = met is not branch.negated
    least = branch.least if wanted else len(branch.of) - branch.least + 1
    parts = [list(_terms(one, own, met=wanted)) for one in branch.of]
    for count, chosen in enumerate(sum(picked, ()) for some in combinations(parts, least) for picked in product(*some)):
        if count > MOST_TERMS:
            raise _TooManyError
        yield chosen


def possible(terms: Iterable[Term] | None) -> bool:
    """Whether some case can be like one of these terms."""
    return terms is None or any(_possible(term) for term in terms)


def together(left: Iterable[Term] | None, right: Iterable[Term] | None) -> bool:
    """Whether some case can be like a term of either at once."""
    if left is None or right is None:
        return True
    pairs = list(product(left, right))
    return len(pairs) > MOST_TERMS or any(_possible(one + other) for one, other in pairs)


def _possible(term: Term) -> bool:
    """Whether everything in one term can hold of one case."""
    spans: dict[str, list[Span]] = {}
    whole: set[str] = set()
    said: dict[tuple[object, ...], bool] = {}
    for one, holds in term:
        found = _spans(one)
        if found is None:
            if not _consistent(one, said, holds=holds):
                return False
            continue
        name, allowed, is_whole = found
        if is_whole:
            whole.add(name)
        allowed = allowed if holds else _beside(allowed)
        spans[name] = _common(spans.get(name, _domain(one)), allowed)
    return all(_holds_any(left, whole=name in whole) for name, left in spans.items())


def _consistent(one: ReadyCondition, said: dict[tuple[object, ...], bool], *, holds: bool) -> bool:
    """Whether a test that is no span can hold beside what was said; the same question has one answer."""
    if one.name in {"cannot_check", "by_event"}:
        return not one.needed
    if one.name == "always":
        return holds
    key = (one.name, one.fact.name, tuple(sorted((name, str(value)) for name, value in one.params.items())))
    return said.setdefault(key, holds) is holds


def _spans(one: ReadyCondition) -> tuple[str, Sequence[Span], bool] | None:
    """Return the number a test asks for, where it is met, and whether only whole numbers occur; None for others."""
    if one.test.spans is not None:
        return one.fact.name, one.test.spans(one.params), one.fact.type in {"int", "enum", "bool", "ordinal"}
    since = _SINCE.get(one.name)
    if since is None:
        return None
    days = number(one.params, "value") if "value" in one.params else 0.0
    return f"{one.fact.name} since", [since(days)], True


_SINCE: Mapping[str, Callable[[float], Span]] = {
    "passed_days": lambda days: (days, inf),
    "over_days": lambda days: (days + 1.0, inf),
    "within_days": lambda days: (-days, inf),
    "today_or_before": lambda _: (0.0, inf),
    "after_today": lambda _: (-inf, -1.0),
}
"""Tests of a date, as the days since it."""


def _domain(one: ReadyCondition) -> list[Span]:
    fact = one.fact
    if one.test.spans is None or fact.name in _SIGNED:
        return [(-inf, inf)]
    if fact.type == "enum":
        return [(float(i), float(i)) for i in range(len(fact.codes))]
    return [(0.0, 1.0)] if fact.type in {"bool", "score"} else [(0.0, inf)]


def _beside(spans: Sequence[Span]) -> list[Span]:
    """Return what lies outside spans that do not overlap."""
    edges = sorted(spans)
    lows = [-inf, *(nextafter(high, inf) for _, high in edges)]
    highs = [*(nextafter(low, -inf) for low, _ in edges), inf]
    return [(low, high) for low, high in zip(lows, highs, strict=True) if low <= high and low < inf and high > -inf]


def _common(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    cut = [(max(a, c), min(b, d)) for a, b in left for c, d in right]
    return [(low, high) for low, high in cut if low <= high]


def _holds_any(spans: Sequence[Span], *, whole: bool) -> bool:
    if not whole:
        return bool(spans)
    return any(low in {-inf, inf} or high in {-inf, inf} or ceil(low) <= floor(high) for low, high in spans)
