"""Deadlines: the dates a court must keep for one application, each with its article and how its days are counted.

民事诉讼法第85条: the first day does not count, and a period that ends on a
public holiday ends on the first working day after it. That is applied to
periods for doing something in the proceedings. Dates on which a right or a
preservation is lost are never moved later: the earlier date is the safe one.
How long each period is, and whether it moves, stands in the statutory table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

from features.clock import SHANGHAI, days_of
from features.derived import add_months
from features.preservations import KINDS, Preservation
from features.register import Stage
from models.advice import Deadline
from models.rules.rule import Limit, Unit
from models.working_days import end_span, next_working_day, working_day_after

Limits = Mapping[str, Limit]
"""The time limits in force on the day of receipt, by id."""

_EPOCH = date(1970, 1, 1)
_SAFE = "不顺延，按较早日期提示"
_SAFE_EN = "not moved for holidays; the earlier date is the safe one"


def deadlines_of(
    values: Mapping[str, object],
    *,
    stage: Stage,
    limits: Limits,
    urging: tuple[date, date] | None = None,
    fast_until: tuple[date, bool] | None = None,
    preservations: Sequence[Preservation] = (),
) -> tuple[Deadline, ...]:
    """Return the deadlines of one application, in the order in which a clerk needs them.

    `values` are the case's typed facts. `urging` is the first and last day of
    urging that is proposed or recorded, `fast_until` the last day of the fast
    lane and whether it is sure, for a case in it. Each of several `preservations` is named with its
    own article; without them the earliest stands for all. A date that cannot be worked out is
    shown as unknown, never left out.
    """
    if stage is Stage.B:
        filed = _day(values, "filed_at")
        fast = () if fast_until is None else (fast_end(*fast_until),)
        until = enforcement(filed, enforcement_limit(values, limits))
        return (*fast, until, zhongben_earliest(filed, limits["T13"]), *_preserved(values, limits, preservations))
    window = () if urging is None else (urging_end(*urging),)
    received = _day(values, "received_at")
    clue = (clue_check(received, limits["T09"]),) if values.get("clue_specific") is True else ()
    return (
        filing(received, limits["T01"]),
        *window,
        *clue,
        *_preserved(values, limits, preservations),
        limitation(values, limits),
    )


def filing(received_on: date | None, limit: Limit) -> Deadline:
    """Return the last day to decide on filing."""
    return _period("filing_7d", received_on, limit, ("立案审查期限", "decision on filing"))


def clue_check(received_on: date | None, limit: Limit) -> Deadline:
    """Return the last day to check a specific clue; an urgent one is checked sooner."""
    return _period("clue_check_7d", received_on, limit, ("核查财产线索", "checking the clue"))


def payout(received_on: date | None, limit: Limit, *, days: int | None = None) -> Deadline:
    """Return the last day to pay out money that reached the court's account; `days` are the court's own, fewer."""
    allowed = limit.value if days is None else min(days, limit.value)
    return _period("payout_30d", received_on, limit, ("案款发放期限", "payout of money received"), days=allowed)


def urging_end(start: date, end: date) -> Deadline:
    """Return the day after which an unpaid case is filed by itself; holidays do not lengthen urging."""
    days = (end - start).days
    text = (f"督促期 {days} 日，至 {end} 届满，届满未履行即转立案", f"urging of {days} days ends on {end}; then filed")
    return _fixed("urging_end", end, text, "本院规则；督促期不得超过一个月")


def fast_end(last: date, sure: bool = True) -> Deadline:  # noqa: FBT001, FBT002 - a pair of the clock
    """Return the last day of the fast lane, after which the case moves to the complex team by itself.

    A day that is not `sure` is the latest there can be: nobody knows yet which days are worked.
    """
    text = (f"快执期限至 {last} 届满，届满未结即转精办", f"the fast lane ends on {last}; then complex")
    if sure:
        return _fixed("fast_end", last, text, "法〔2021〕322号第7条；本院规则")
    note = (
        f"{last.year} 年节假日安排未载入，按工作日计最迟为该日，须人工核对",
        f"the holidays of {last.year} are not known; by working days this is the latest day, check it",
    )
    return _fixed("fast_end", last, text, "法〔2021〕322号第7条；本院规则", note)


def limitation(values: Mapping[str, object], limits: Limits) -> Deadline:
    """Return the last day of limitation, for instalments from the last one, by the article in force on receipt.

    An administrative decision has a period of its own, which runs from a day
    that is not registered.
    """
    if values.get("basis_type") == "administrative_penalty":
        basis = limits["T04a"].basis
        zh = "行政非诉执行须自法定起诉期限届满之日起三个月内申请，起算日未登记，须人工核对"
        en = "to be asked for within three months after the time to sue; that day is not registered, check it"
        return Deadline(kind="limitation_3m", date=None, text=zh, text_en=en, basis=basis)
    limit = limits["T04"]
    end = end_of(_limitation_start(values), limit)[0]
    text = (f"申请执行时效至 {end} 届满", f"limitation ends on {end}")
    return _fixed("limitation_2y", end, text, limit.basis)


def _limitation_start(values: Mapping[str, object]) -> date | None:
    last, instalment = _day(values, "last_instalment_due"), values.get("instalment")
    if instalment is True or (instalment is None and last is not None):
        return last
    return _day(values, "due_date") or _day(values, "basis_effective_date")


def enforcement_limit(values: Mapping[str, object], limits: Limits) -> Limit:
    """Return the time to enforce: that of the kind of basis."""
    own = {"administrative_penalty": "T11a", "criminal_property": "T31"}
    return limits[own.get(str(values.get("basis_type")), "T11")]


def enforcement(filed_on: date | None, limit: Limit) -> Deadline:
    """Return the end of the months in which a filed case is to be enforced."""
    end = end_of(filed_on, limit)[0]
    text = (f"执行期限 {limit.value} 个月，至 {end} 届满", f"{limit.value} months to enforce end on {end}")
    note = ("扣除公告、评估、管辖、异议、暂缓期间；延长须经批准", "notice, appraisal and stays do not count")
    return _fixed(f"enforcement_{limit.value}m", end, text, limit.basis, note)


def zhongben_earliest(filed_on: date | None, limit: Limit) -> Deadline:
    """Return the first day on which 终本 may be proposed: when more than the limit has passed since filing."""
    full = end_of(filed_on, limit)[0]
    end = None if full is None else full + timedelta(days=1)
    text = (f"{end} 前不得提出终本", f"closure for lack of assets may not be proposed before {end}")
    note = ("届时仍须逐项完成终本规定第1—3条事项", "the statutory steps must be complete as well")
    return _fixed("zhongben_earliest", end, text, limit.basis, note)


def _preserved(
    values: Mapping[str, object], limits: Limits, preservations: Sequence[Preservation]
) -> tuple[Deadline, ...]:
    if values.get("preserved") is not True:
        return ()
    found = tuple(_each(preservations, limits)) or tuple(
        _lapsing(_day(values, "pres_expiry"), ("最早保全", "the earliest preservation"), limits, "T15")
    )
    if values.get("pres_stage") != "pre_enforcement":
        return found
    last = end_of(_moved(_day(values, "due_date")), limits["T18"])[0]
    text = (
        f"执前保全：{last} 前不申请执行即应解除",
        f"pre-enforcement preservation is released without application by {last}",
    )
    return (_fixed("pre_enforcement_5d", last, text, limits["T18"].basis), *found)


_PERIOD = {"deposit": "T15", "movable": "T15a", "realty": "T15b", "other_right": "T15b"}
"""Kind of preserved asset -> the limit whose article gives its period."""


def _each(preservations: Sequence[Preservation], limits: Limits) -> Iterator[Deadline]:
    """Yield the dates of every preservation, the earliest first, and what waits behind another court's seal."""
    numbered = list(enumerate(preservations, 1))
    for number, one in sorted(numbered, key=lambda pair: (not pair[1].runs, pair[1].expires_on, pair[0])):
        name = f"第 {number} 项保全（{KINDS[one.kind]}）", f"preservation {number} ({one.kind.replace('_', ' ')})"
        if one.runs:
            yield from _lapsing(one.expires_on, name, limits, _PERIOD[one.kind])
        else:
            yield _waiting(one, name)


def _lapsing(expiry: date | None, name: tuple[str, str], limits: Limits, period: str) -> Iterator[Deadline]:
    renewal = None if expiry is None else expiry - timedelta(days=limits["T16"].value)
    own = ("", "") if name[0] == "最早保全" else (f"{name[0]}：", f"{name[1]}: ")
    ask = (f"{own[0]}续行保全应在 {renewal} 前申请", f"{own[1]}renewal must be asked for by {renewal}")
    yield _fixed("preservation_renewal", renewal, ask, limits["T16"].basis)
    lapses = (f"{name[0]} {expiry} 到期", f"{name[1]} lapses on {expiry}")
    yield _fixed("preservation_expiry", expiry, lapses, limits[period].basis)


def _waiting(one: Preservation, name: tuple[str, str]) -> Deadline:
    zh = f"{name[0]}为第 {one.order} 顺位轮候，尚未生效、不计期限；在先查封、冻结解除后自动生效，届时起算"
    en = f"{name[1]} waits in place {one.order}: no effect and no period until the seal before it ends"
    return Deadline(kind="preservation_waiting", date=None, text=zh, text_en=en, basis="查扣冻规定(2020)第26条")


def _moved(due: date | None) -> date | None:
    """Return the last day of the period for performance, moved from a holiday; the earlier where that is not sure."""
    return None if due is None else _EPOCH + timedelta(days=int(end_span(np.array([days_of(due)], dtype=float))[0][0]))


def end_of(start: date | None, limit: Limit) -> tuple[date | None, bool]:
    """Return the last day of a period, and whether the holiday calendar covers what it had to look at.

    The first day does not count. Months end on the same day of a later month,
    or on that month's last day (民法典第202条).
    """
    if start is None:
        return None, True
    return _end(start, limit.value, limit.unit, rolls=limit.rolls)


@lru_cache(maxsize=8192)
def _end(start: date, value: int, unit: Unit, *, rolls: bool) -> tuple[date, bool]:
    if unit is Unit.WORKING_DAYS:
        return working_day_after(start, value)
    if unit is Unit.MONTHS:
        end = _EPOCH + timedelta(days=int(add_months(np.array([days_of(start)]), value)[0]))
    else:
        end = start + timedelta(days=value)
    return next_working_day(end) if rolls else (end, True)


def _period(kind: str, start: date | None, limit: Limit, name: tuple[str, str], *, days: int | None = None) -> Deadline:
    """Return a period of days whose last day may move to a working day."""
    if start is None:
        return _unknown(kind, limit.basis)
    length = limit.value if days is None else days
    end, covered = _end(start, length, limit.unit, rolls=limit.rolls)
    rolled = limit.unit is Unit.DAYS and end != start + timedelta(days=length)
    note, note_en = (
        ("期末为法定休假日，顺延至其后第一日", "moved from a holiday to the next working day") if rolled else ("", "")
    )
    if not covered:
        note = f"{end.year} 年节假日安排未载入，期末是否顺延须人工核对"
        note_en = f"the holidays of {end.year} are not known; check whether the last day moves"
    return Deadline(
        kind=kind,
        date=end,
        text=f"{name[0]} {length} 日，至 {end}",
        text_en=f"{name[1]}: {length} days, by {end}",
        basis=limit.basis,
        rolled=rolled,
        note=note,
        note_en=note_en,
    )


def _fixed(
    kind: str,
    day: date | None,
    text: tuple[str, str],
    basis: str,
    note: tuple[str, str] = (_SAFE, _SAFE_EN),
) -> Deadline:
    """Return a date in natural days that no holiday moves."""
    if day is None:
        return _unknown(kind, basis)
    return Deadline(kind=kind, date=day, text=text[0], text_en=text[1], basis=basis, note=note[0], note_en=note[1])


def _unknown(kind: str, basis: str) -> Deadline:
    return Deadline(kind=kind, date=None, text="未知，请补正", text_en="unknown; please complete", basis=basis)


def _day(values: Mapping[str, object], name: str) -> date | None:
    """Return a fact's Shanghai date."""
    value = values.get(name)
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).date()
    return value if isinstance(value, date) else None
