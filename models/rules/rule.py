"""What a rule, its conditions, a time limit, the court's parameters and a fault in a rule table are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from features.register import Stage
from models.lanes import Lane
from models.rules.result import Met


class Kind(StrEnum):
    """What a rule may do to the route."""

    HARD_STOP = "hard_stop"
    HARD_LANE = "hard_lane"
    HARD_OFFER = "hard_offer"
    BLOCK_URGE = "block_urge"
    FLAG = "flag"
    GROUPING = "grouping"
    PRIORITY = "priority"
    MODEL = "model"
    LIFECYCLE = "lifecycle"


class OnUnknown(StrEnum):
    """What a rule does when its facts are missing; it is never taken as met."""

    BLOCK_URGE = "block_urge"
    IGNORE = "ignore"


class Text(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


NO_TEXT = Text("", "")


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days on which something is in force: from the first, until but without the last."""

    in_force_from: date
    until: date | None

    def holds(self, day: date) -> bool:
        """Whether the day is inside."""
        return self.in_force_from <= day and (self.until is None or day < self.until)

    def overlaps(self, other: Span) -> bool:
        """Whether some day is inside both."""
        return (self.until is None or other.in_force_from < self.until) and (
            other.until is None or self.in_force_from < other.until
        )


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One fact a rule looks at: a named test of one field, and what to say about each answer.

    Conditions of the same `group` are alternatives; a rule is met when every
    group is, unless the rule has `branches`. A condition that is not `needed`
    is shown as unknown without making its rule unknown. A `negated` one holds
    where its test does not.
    """

    id: str
    test: str
    field: str
    params: Mapping[str, object]
    group: str
    needed: bool
    stages: frozenset[Stage]
    texts: Mapping[Met, Text]
    negated: bool = False


@dataclass(frozen=True)
class Branch:
    """How conditions combine: at least so many of these must hold, or must not where it is `negated`.

    `of` holds further branches and places of conditions in their rule.
    """

    least: int
    of: tuple[Branch | int, ...]
    negated: bool = False

    def places(self) -> Iterator[int]:
        """Yield the place of every condition below, in order."""
        for one in self.of:
            if isinstance(one, int):
                yield one
            else:
                yield from one.places()


@dataclass(frozen=True, kw_only=True)
class Rule(Span):
    """One dated rule of statute or of the court.

    `yields_to` names the court's rules that go first where both hold. `rank`
    is the place in the order of work that a rule of priority gives (1 first; 0: none).
    `team` is the court's own code of the team it points to.
    """

    id: str
    kind: Kind
    zh: str
    en: str
    basis: str
    stages: frozenset[Stage]
    on_unknown: OnUnknown
    lane: Lane | None
    flag: str
    flag_text: Text
    texts: Mapping[Met, Text]
    conditions: tuple[Condition, ...]
    file: str
    statutory: bool = False
    branches: Branch | None = None
    yields_to: tuple[str, ...] = ()
    rank: int = 0
    team: str = ""
    team_text: Text = NO_TEXT


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number or list the law leaves to the court, within bounds no court file may loosen.

    A list holds at least what it `includes`; days are `whole` numbers.
    """

    name: str
    type: str
    text: Text
    basis: str
    least: float = float("-inf")
    most: float = float("inf")
    codes_of: str = ""
    includes: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class ParameterSet(Span):
    """A court's values of the parameters, dated."""

    version: str
    values: Mapping[str, object]
    file: str


class Unit(StrEnum):
    """How a time limit counts."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


@dataclass(frozen=True, kw_only=True)
class Limit(Span):
    """One time limit of the law: so many days or months from an event.

    `rolls` says that a period ending on a public holiday ends on the first
    working day after it. `touches` names the rules that rest on it.
    """

    id: str
    zh: str
    en: str
    value: int
    unit: Unit
    rolls: bool
    basis: str
    touches: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class Published:
    """One figure that a court published about its own rule set, or one thing on which its text is silent.

    Neither routes anything; `value` is None for what is not said.
    """

    topic: str
    text: Text
    value: float | None = None


@dataclass(frozen=True)
class RuleFault:
    """One thing wrong with a rule table: the file, the rule or parameter, and the reason."""

    file: str
    rule: str
    zh: str
    en: str

    def __str__(self) -> str:
        """Return one line, Chinese first."""
        return f"{self.file} {self.rule}：{self.zh} / {self.en}"


class RuleTableError(ValueError):
    """A rule table that must not be used, with every fault found in it."""

    def __init__(self, faults: Sequence[RuleFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))
