"""What would change the lane: rules first, then a few facts that somebody can check, each by the smallest change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from features.known import Columns
from features.register import load_register
from models.advice import Flip
from models.explain.reason_values import yuan
from models.lanes import UNDECIDED, lane_of

Lanes = npt.NDArray[np.integer]
Rerun = Callable[[dict[str, npt.NDArray[np.generic]]], Lanes]
"""Scores and routes columns of m rows again (derived columns included) and returns lane codes, shape (m,)."""

Trial = tuple[str, float]
"""A fact and the value at which it is tried."""

MOST = 3
STEPS = 9
ROUNDS = 3
"""A sum is closed in by cutting what is left into 9 parts, 3 times: few, because every step is a case to score."""

FINEST = 100.0
"""Sums are whole hundreds of yuan, of as many hundreds as it takes to cut the way to a sum into 9 ** 3 parts."""


@dataclass(frozen=True)
class Fact:
    """A fact that somebody can check or bring about.

    `yes` and `no` say in Chinese and English that it turns out so or not so; a
    sum of money has the words before the amount instead. Where the yes/no field
    `needs` is known to be false there is nothing to check. Only facts of the
    case at hand stand here: nobody can change age, place or history.
    """

    field: str
    kind: Literal["yes_no", "money"]
    yes: tuple[str, str]
    no: tuple[str, str]
    code: str = ""
    needs: str = ""

    def open_in(self, columns: Columns) -> bool:
        """Whether the case has the field and what the fact needs."""
        needed = columns.get(self.needs) if self.needs else None
        return self.field in columns and (needed is None or needed[0] != 0.0)


FACTS: tuple[Fact, ...] = (
    Fact(
        "consent_urge",
        "yes_no",
        ("申请人同意执前督促", "the applicant agrees to urging"),
        ("申请人不同意执前督促", "the applicant does not agree to urging"),
        code="agree/refuse",
    ),
    Fact(
        "phone_provided",
        "yes_no",
        ("核实被执行人电话有效", "the debtor's telephone is found to work"),
        ("核实被执行人电话无效", "the debtor's telephone is found not to work"),
    ),
    Fact(
        "clue_specific",
        "yes_no",
        ("财产线索具体、可供核实", "the asset clues are specific enough to check"),
        ("财产线索不具体", "the asset clues are not specific"),
    ),
    Fact(
        "first_seal",
        "yes_no",
        ("核实本案保全为首封", "this preservation is found to be first in rank"),
        ("核实本案保全并非首封", "this preservation is found not to be first in rank"),
        needs="preserved",
    ),
    Fact(
        "vehicle_in_custody",
        "yes_no",
        ("已查封车辆实际扣押", "the sealed vehicle is actually held"),
        ("已查封车辆未实际扣押", "the sealed vehicle is not actually held"),
        needs="preserved",
    ),
    Fact(
        "urge_reached",
        "yes_no",
        ("督促期间与被执行人取得联系", "the debtor is reached during urging"),
        ("督促期间未能与被执行人取得联系", "the debtor is not reached during urging"),
    ),
    Fact(
        "pres_cash",
        "money",
        ("实际冻结存款达到", "the frozen money reaches"),
        ("实际冻结存款不超过", "the frozen money is at most"),
    ),
    Fact(
        "q_bank",
        "money",
        ("查得的银行存款达到", "the bank deposits found reach"),
        ("查得的银行存款不超过", "the bank deposits found are at most"),
    ),
    Fact(
        "paid_before",
        "money",
        ("被执行人已履行金额达到", "the debtor's payments reach"),
        ("被执行人已履行金额不超过", "the debtor's payments are at most"),
    ),
)


@dataclass(frozen=True)
class _Change:
    """One fact at another value, so far from today's (0 for a yes or no)."""

    fact: Fact
    value: float
    raised: bool
    distance: float = 0.0

    @property
    def trial(self) -> Trial:
        return self.fact.field, self.value

    def flip(self, lane: int) -> Flip:
        zh, en = self.fact.yes if self.raised else self.fact.no
        if self.fact.kind == "money":
            zh, en = f"{zh} {yuan(self.value)}", f"{en} {self.value:,.0f} yuan"
        return Flip(when=zh, when_en=en, route=lane_of(lane), kind="model", field=self.fact.field)


@dataclass(frozen=True)
class _Way:
    """The way from today's sum to one of its ends in whole steps; the lane turns after `low`, at `high` or before."""

    fact: Fact
    start: float
    step: float
    raised: bool
    low: int
    high: int

    @classmethod
    def to(cls, end: float, *, fact: Fact, start: float) -> _Way:
        """Return the whole way, in steps of as many hundreds as it takes for `ROUNDS` to tell them apart."""
        step = FINEST * max(np.ceil(abs(end - start) / FINEST / STEPS**ROUNDS), 1.0)
        return cls(fact, start, step, raised=end > start, low=0, high=int(np.ceil(abs(end - start) / step)))

    def change(self, number: int) -> _Change:
        """Return the sum after so many steps; sums are whole steps, whatever today's is."""
        steps = np.floor(self.start / self.step) + number if self.raised else np.ceil(self.start / self.step) - number
        value = float(max(steps, 0.0)) * self.step
        return _Change(self.fact, value, raised=self.raised, distance=abs(value - self.start))

    def inner(self) -> list[int]:
        """Return even numbers of steps between `low` and `high`, neither included."""
        numbers = np.linspace(self.low, self.high, STEPS + 1)[1:-1].round().astype(int).tolist()
        return [number for number in dict.fromkeys(numbers) if self.low < number < self.high]

    def cut(self, turns: Iterator[bool]) -> _Way:
        """Return the part in which the lane turns first, by whether it does after each number of `inner`."""
        tried = list(zip(self.inner(), turns, strict=False))
        high = next((number for number, turned in tried if turned), self.high)
        return replace(self, low=max((number for number, _ in tried if number < high), default=self.low), high=high)


def find_flips(
    columns: Columns,
    rerun: Rerun,
    *,
    search: Rerun | None = None,
    rule_flips: Sequence[Flip] = (),
    values: Mapping[str, float] = MappingProxyType({}),
    most: int = MOST,
) -> tuple[Flip, ...]:
    """Return what would change the lane of one case: the rules' own conditions, then at most three facts.

    A sum of money is tried at both its ends; only where an end turns the lane
    is the turning point closed in. All changes of one round are one batch.
    `search` may find lanes with less work than `rerun`; the last batch goes
    through `rerun`, and only what gives another lane there is returned. A fact
    that a rule speaks of already is left to the rule; where it is one of
    `values`, the rule's flip leads to the lane found with that value.
    """
    spoken = {flip.field for flip in rule_flips if flip.field}
    facts = [fact for fact in FACTS if fact.open_in(columns) and fact.field not in spoken]
    case = _Case(columns)
    options = _options(case, facts, search or rerun, most) if most > 0 else []
    rules = [(field, value) for field, value in values.items() if field in spoken]
    trials = [*rules, *(change.trial for change in chain.from_iterable(options))]
    today, *lanes = case.lanes(trials, rerun) if trials else [UNDECIDED]
    found = iter(lanes)
    led = {field: lane_of(next(found)) for field, _ in rules}
    shown = [replace(flip, route=led[flip.field]) if flip.field in led else flip for flip in rule_flips]
    tried = [[(change, next(found)) for change in steps] for steps in options]
    first = [next((one for one in steps if _turns(one[1], today)), None) for steps in tried]
    nearest = sorted((one for one in first if one is not None), key=lambda one: one[0].distance)
    return (*shown, *(change.flip(lane) for change, lane in nearest[:most]))


def _options(case: _Case, facts: Sequence[Fact], search: Rerun, most: int) -> list[list[_Change]]:
    """Return what is worth trying: each answer that turns the lane, and the last steps of each sum that does."""
    answers = [change for fact in facts if fact.kind == "yes_no" for change in case.answers(fact)]
    ways = [way for fact in facts if fact.kind == "money" for way in case.ways(fact)]
    turns = case.turns([*answers, *(way.change(way.high) for way in ways)], search)
    turned, ways = list(compress(answers, turns))[:most], list(compress(ways, turns[len(answers) :]))
    if len(turned) == most:
        return [[change] for change in turned]
    for _ in range(ROUNDS - 1):
        inner = [way.change(number) for way in ways for number in way.inner()]
        closer = iter(case.turns(inner, search))
        ways = [way.cut(closer) for way in ways]
    last = [[way.change(number) for number in (*way.inner(), way.high)] for way in ways]
    return [*([change] for change in turned), *last]


def _turns(lane: int, today: int) -> bool:
    """Whether this is another lane than today's; left to the judge is no lane."""
    return lane not in (today, UNDECIDED)


class _Case:
    """The case, and what happens to it under changes."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._names = [name for name, column in columns.items() if column.dtype == np.float64]
        self._numbers = np.array([columns[name][:1] for name in self._names])
        self._others = {name: column[:1] for name, column in columns.items() if column.dtype != np.float64}

    def lanes(self, trials: Sequence[Trial], rerun: Rerun) -> list[int]:
        """Return the lane of the case as it is, and with each fact at the value tried, in one batch."""
        numbers = np.repeat(self._numbers, len(trials) + 1, axis=1)
        batch: dict[str, npt.NDArray[np.generic]] = dict(zip(self._names, numbers, strict=True))
        batch |= {name: np.repeat(column, len(trials) + 1) for name, column in self._others.items()}
        for i, (field, value) in enumerate(trials, start=1):
            batch[field][i] = value
        return [int(lane) for lane in rerun(batch)]

    def turns(self, changes: Sequence[_Change], rerun: Rerun) -> list[bool]:
        """Return which changes give another lane."""
        today, *lanes = self.lanes([change.trial for change in changes], rerun) if changes else [UNDECIDED]
        return [_turns(lane, today) for lane in lanes]

    def answers(self, fact: Fact) -> list[_Change]:
        """Return the fact the other way round, or both ways where it is not known."""
        codes = load_register()[fact.field].codes
        yes, no = (codes.index(code) for code in fact.code.split("/")) if fact.code else (1, 0)
        ways = [_Change(fact, float(value), raised=value == yes) for value in (yes, no)]
        return [change for change in ways if change.value != self._today(fact.field)]

    def ways(self, fact: Fact) -> list[_Way]:
        """Return the ways from today's sum up to the claim and half as much again, and down to nothing."""
        start, claim = (float(np.nan_to_num(self._today(name))) for name in (fact.field, "claim_amount"))
        ends = [end for end in (max(1.5 * claim, start), 0.0) if end != start]
        return [_Way.to(end, fact=fact, start=start) for end in ends]

    def _today(self, name: str) -> float:
        return float(self._columns[name][0]) if name in self._columns else float("nan")
