"""What would change the lane: rules first, then a few facts that somebody can check, each by the smallest change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from features.known import Array, Columns
from features.register import Register, load_register
from models.advice import Flip
from models.lanes import UNDECIDED, lane_of
from models.reason_values import yuan

Lanes = npt.NDArray[np.integer]
Rerun = Callable[[dict[str, npt.NDArray[np.generic]]], Lanes]
"""Scores and routes columns of m rows again (derived columns included) and returns lane codes, shape (m,)."""

MOST = 3
STEPS = 6
ROUNDS = 3
"""Steps tried in each round of closing in: few, because every step is a case to score."""

SMALLEST_STEP = 100.0
"""Sums are rounded to a hundred yuan, away from today's value."""


@dataclass(frozen=True)
class Fact:
    """A fact that somebody can check or bring about.

    `yes` and `no` say in Chinese and English that it turns out so or not so; a
    sum of money has the words before the amount instead. Only facts of the
    case at hand stand here: nobody can change age, place or history.
    """

    field: str
    kind: Literal["yes_no", "money"]
    yes: tuple[str, str]
    no: tuple[str, str]
    code: str = ""


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
    ),
    Fact(
        "vehicle_in_custody",
        "yes_no",
        ("已查封车辆实际扣押", "the sealed vehicle is actually held"),
        ("已查封车辆未实际扣押", "the sealed vehicle is not actually held"),
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
    """One fact at another value."""

    fact: Fact
    value: float
    start: float

    @property
    def raised(self) -> bool:
        return self.value > self.start

    def flip(self, lane: int) -> Flip:
        words = self.fact.yes if self.raised else self.fact.no
        zh, en = words
        if self.fact.kind == "money":
            zh, en = f"{zh} {yuan(self.value)}", f"{en} {self.value:,.0f} yuan"
        return Flip(when=zh, when_en=en, route=lane_of(lane), kind="model", field=self.fact.field)


def find_flips(
    columns: Columns,
    rerun: Rerun,
    *,
    rule_flips: Sequence[Flip] = (),
    most: int = MOST,
    register: Register | None = None,
) -> tuple[Flip, ...]:
    """Return what would change the lane of one case: the rules' own conditions, then at most three facts.

    Every changed case goes through scores, rules and routing again, all
    changes of one round in one batch. For sums of money the turning point is
    closed in, rounded, and the rounded sum scored once more; only what really
    gives another lane is returned. A fact that a rule speaks of already is
    left to the rule.
    """
    known = register or load_register()
    spoken = {flip.field for flip in rule_flips if flip.field}
    facts = [fact for fact in FACTS if fact.field in columns and fact.field not in spoken]
    turned = [change for fact in facts if fact.kind == "yes_no" for change in _turned(columns, fact, known)]
    sums = [change for fact in facts if fact.kind == "money" for change in _sums(columns, fact)]
    today, *lanes = _Search(columns, rerun, UNDECIDED).lanes([None, *turned, *sums])
    search = _Search(columns, rerun, today)
    flips = search.flips(turned, lanes[: len(turned)])
    if len(flips) < most:
        nearest = _closest(search, sums, lanes[len(turned) :])[: most - len(flips)]
        flips += search.flips(nearest, search.lanes(nearest))
    return (*rule_flips, *flips[: max(most, 0)])


@dataclass(frozen=True)
class _Search:
    """The case, the way to its lane, and its lane today."""

    columns: Columns
    rerun: Rerun
    today: int

    def flips(self, changes: Sequence[_Change], lanes: Sequence[int]) -> list[Flip]:
        """Return the changes that lead to another lane, in words."""
        return [c.flip(lane) for c, lane in zip(changes, lanes, strict=True) if self.turns(lane)]

    def turns(self, lane: int) -> bool:
        """Whether this is another lane than today's; left to the judge is no lane."""
        return lane not in (self.today, UNDECIDED)

    def lanes(self, changes: Sequence[_Change | None]) -> list[int]:
        """Return the lane of the case under each change (None: as it is), in one batch."""
        if not changes:
            return []
        batch = {name: np.repeat(column[:1], len(changes)) for name, column in self.columns.items()}
        for i, change in enumerate(changes):
            if change is not None:
                batch[change.fact.field][i] = change.value
        return [int(lane) for lane in self.rerun(batch)]


def _today(columns: Columns, field: str) -> float:
    return float(columns[field][0]) if field in columns else float("nan")


def _turned(columns: Columns, fact: Fact, register: Register) -> list[_Change]:
    """Return the fact the other way round, or both ways where it is not known."""
    codes = [register[fact.field].codes.index(code) for code in fact.code.split("/")] if fact.code else [1, 0]
    now = _today(columns, fact.field)
    ways = [(float(codes[0]), -np.inf), (float(codes[1]), np.inf)]
    return [_Change(fact, value, start) for value, start in ways if value != now]


def _sums(columns: Columns, fact: Fact) -> list[_Change]:
    """Return sums from today's up to the claim and half as much again, and down to nothing, in even steps."""
    now = float(np.nan_to_num(_today(columns, fact.field)))
    top = max(1.5 * float(np.nan_to_num(_today(columns, "claim_amount"))), now)
    up = np.linspace(now, top, STEPS + 1)[1:]
    down = np.linspace(now, 0.0, STEPS + 1)[1:]
    return [_Change(fact, float(value), now) for value in (*up, *down) if value != now]


def _closest(search: _Search, changes: Sequence[_Change], lanes: Sequence[int]) -> list[_Change]:
    """Return, for each sum and direction, the smallest rounded change that turned the lane; nearest first."""
    ways: dict[tuple[str, bool], list[tuple[_Change, int]]] = {}
    for change, lane in zip(changes, lanes, strict=True):
        ways.setdefault((change.fact.field, change.raised), []).append((change, lane))
    brackets = [b for steps in ways.values() if (b := _turning(search, steps[0][0].start, steps)) is not None]
    for _ in range(ROUNDS):
        inner = [_between(low, high) for low, high in brackets]
        found = iter(search.lanes([change for steps in inner for change in steps]))
        closer = [_turning(search, b[0], [(c, next(found)) for c in s]) for b, s in zip(brackets, inner, strict=True)]
        brackets = [new or old for new, old in zip(closer, brackets, strict=True)]
    rounded = [_rounded(high) for _, high in brackets]
    return sorted(rounded, key=lambda change: abs(change.value - change.start))


def _turning(search: _Search, low: float, steps: Sequence[tuple[_Change, int]]) -> tuple[float, _Change] | None:
    """Return the last value before and the change at the first turning point; None where nothing turns."""
    for change, lane in steps:
        if search.turns(lane):
            return low, change
        low = change.value
    return None


def _between(low: float, high: _Change) -> list[_Change]:
    """Return even steps from `low` to the change, the change included."""
    steps: Array = np.linspace(low, high.value, STEPS + 1)[1:]
    return [_Change(high.fact, float(value), high.start) for value in steps]


def _rounded(change: _Change) -> _Change:
    steps = change.value / SMALLEST_STEP
    whole = np.ceil(steps - 1e-9) if change.raised else np.floor(steps + 1e-9)
    return _Change(change.fact, float(max(whole, 0.0)) * SMALLEST_STEP, change.start)
