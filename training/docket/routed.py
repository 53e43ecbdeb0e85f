"""Cases with what routing says of them, each under the rules of its own day: the same road as scoring takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np
import numpy.typing as npt

from features.clock import days_of
from features.known import Array
from features.register import Privacy, Register
from models.batches import Seen
from models.bundle import Bundle
from models.ordering import due_on
from models.rules.facts import Fact, fact_of
from models.rules.rule import RuleTableError
from models.rules.table import RuleTable
from models.triage import Triage
from models.utility import Utility
from training.errors import CommandError
from training.scoring.input import Batch

Column = npt.NDArray[np.generic]
Rows = npt.NDArray[np.int64]
LIVELIHOOD = 1
"""Place in the order of work that the rules give to livelihood claims; nothing comes before it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Routed:
    """n cases: their lanes, what orders and values them, and what groups them; arrays of shape (n,).

    `livelihood` follows the court's rules of priority; `deadline` is the
    nearest date to keep and `received` the receipt, in days, NaN where
    unknown; `value` in yuan what a place today is worth, NaN without a score.
    `led` are the teams to which the court's rules point, `led_by_lane` those
    of the rules that drew the lane.
    """

    seen: Seen
    livelihood: npt.NDArray[np.bool_]
    deadline: Array
    value: Array
    led: Sequence[frozenset[str]]
    led_by_lane: Sequence[frozenset[str]]
    register: Register
    simulated: bool

    @property
    def ids(self) -> Sequence[str]:
        """The case ids."""
        return self.seen.ids

    def number(self, name: str) -> Array:
        """Return a column as numbers; NaN where the cases do not have it."""
        column = self.seen.columns.get(name)
        return np.full(len(self.ids), np.nan) if column is None else column.astype(np.float64)


def kinds_of(routed: Routed, name: str) -> tuple[list[str | None], tuple[str, str]]:
    """Return the kind of each case by a fact that tells nothing of a person, and what the fact is called.

    The fact may be an own field of the court, such as a branch or a housing
    project; None where a case does not have it.

    Raises
    ------
    CommandError
        USAGE: no such fact, one of a person, or one that is a number or a date.
    """
    fact, owner = fact_of(name, routed.register), name.partition(".")[0]
    sorts = fact is not None and fact.type in {"enum", "bool", "string"}
    if fact is None or not sorts or routed.register[owner].privacy is not Privacy.NONE:
        zh = f"--by 应为 applicant，或者不涉及个人的分类字段，如 cause_code.family、court_code，实为 {name!r}"
        raise CommandError("USAGE", zh, f"--by takes applicant or a field that sorts cases, not persons: {name!r}")
    column = routed.seen.columns.get(name)
    called = fact.zh.removesuffix("：{}"), fact.en.removesuffix(": {}")
    if column is None:
        return [None] * len(routed.ids), called
    return [_kind(fact, value) for value in column.tolist()], called


def _kind(fact: Fact, value: object) -> str | None:
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    if fact.type == "string":
        return str(value)
    number = int(cast("float", value))
    return fact.codes_zh[number] if fact.type == "enum" else "是" if number else "否"


@dataclass(frozen=True, kw_only=True)
class Router:
    """Rules, models (None: rules alone) and utility, applied to batches of cases."""

    rules: RuleTable
    bundle: Bundle | None
    utility: Utility

    def route(self, batches: Iterable[Batch], *, since: date | None, until: date | None) -> Routed:
        """Return the cases received from one day to another, both included, routed; without dates, all.

        Raises
        ------
        CommandError
            NOT_FOUND: no case is left; CONFIG: a case is older than the rules.
        """
        parts = [
            self._part(part, rows) for batch in batches for part, rows in self._in_force(_within(batch, since, until))
        ]
        if not parts:
            raise CommandError("NOT_FOUND", "所选日期内没有案件", "no case was received in these days")
        return _joined(parts, simulated=self.bundle is not None and self.bundle.about.simulated)

    def _in_force(self, batch: Batch) -> Iterator[tuple[Batch, Triage]]:
        received = batch.columns["received_at"].astype(np.float64)
        day = np.where(np.isnan(received), batch.as_of, received)
        try:
            for rules, rows in self.rules.by_day(day):
                yield (
                    batch.where(rows),
                    Triage(stage=batch.stage, rules=rules, register=batch.register, bundle=self.bundle),
                )
        except RuleTableError as error:
            raise CommandError("CONFIG", f"规则表不能用：{error}", f"the rule table cannot be used: {error}") from error

    def _part(self, batch: Batch, triage: Triage) -> Routed:
        done = triage(batch.columns, as_of=batch.as_of, court=batch.courts)
        n = len(batch.ids)
        value = np.full(n, np.nan)
        if done.table is not None:
            claim = batch.columns["claim_amount"].astype(np.float64)
            value = self.utility.places(done.table, claim, done.routes.lane)
        return Routed(
            seen=Seen.of_routes(
                done.routes,
                ids=batch.ids,
                columns=batch.columns,
                as_of=batch.as_of,
                on_hand=np.zeros(n, dtype=np.bool_),
            ),
            livelihood=done.routes.priority == LIVELIHOOD,
            deadline=due_on(done.routes),
            value=value,
            led=done.routes.led(by_lane=False),
            led_by_lane=done.routes.led(by_lane=True),
            register=batch.register,
            simulated=False,
        )


def _within(batch: Batch, since: date | None, until: date | None) -> Batch:
    received = batch.columns["received_at"].astype(np.float64)
    inside = np.ones(len(received), dtype=bool)
    if since is not None:
        inside &= received >= days_of(since)
    if until is not None:
        inside &= received < days_of(until) + 1.0
    return batch.where(np.flatnonzero(inside))


def _joined(parts: Sequence[Routed], *, simulated: bool) -> Routed:
    """Return the cases of all parts, one after the other."""
    seen = Seen(
        ids=[one for part in parts for one in part.ids],
        columns=_columns(parts),
        **{name: np.concatenate([getattr(part.seen, name) for part in parts]) for name in _SEEN},
    )
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in ("livelihood", "deadline", "value")
    }
    led, by_lane = ([one for part in parts for one in getattr(part, name)] for name in ("led", "led_by_lane"))
    register = parts[0].register
    return Routed(seen=seen, simulated=simulated, led=led, led_by_lane=by_lane, register=register, **joined)


_SEEN = ("as_of", "lane", "doubtful", "certificate", "unsure", "on_hand")


def _columns(parts: Sequence[Routed]) -> Mapping[str, Column]:
    """Return the columns that any part has; what a part lacks is missing there."""
    names = dict.fromkeys(name for part in parts for name in part.seen.columns)
    return {name: np.concatenate([_or_missing(part, name) for part in parts]) for name in names}


def _or_missing(part: Routed, name: str) -> Column:
    column = part.seen.columns.get(name)
    return np.full(len(part.ids), np.nan) if column is None else column
