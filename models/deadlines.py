"""Deadlines: the dates a court must keep for one application, each with its article and how its days are counted.

民事诉讼法(2023)第85条: the first day does not count, and a period that ends on
a public holiday ends on the first working day after it. That is applied to
periods for doing something in the proceedings. Dates on which a right or a
preservation is lost are never moved later: the earlier date is the safe one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

from features.clock import SHANGHAI, days_of
from features.derived import LIMITATION_MONTHS, add_months
from features.register import Stage
from models.advice import Deadline
from models.working_days import next_working_day

FILING_DAYS = 7
PRE_ENFORCEMENT_DAYS = 5
RENEWAL_DAYS = 7
ENFORCEMENT_MONTHS = 6
ZHONGBEN_MONTHS = 3
PAYOUT_DAYS = 30

CODE_2023 = date(2024, 1, 1)
"""The day on which 民事诉讼法(2023) came into force and its articles were renumbered."""

_EPOCH = date(1970, 1, 1)
_SAFE = "不顺延，按较早日期提示"
_SAFE_EN = "not moved for holidays; the earlier date is the safe one"


def deadlines_of(
    values: Mapping[str, object],
    *,
    stage: Stage,
    urging_days: int,
    urging_from: date | None = None,
) -> tuple[Deadline, ...]:
    """Return the deadlines of one application, in the order in which a clerk needs them.

    `values` are the case's typed facts. `urging_from` is the day urging would
    start, when it is proposed; a recorded start wins. A date that cannot be
    worked out is shown as unknown, never left out.
    """
    if stage is Stage.B:
        filed = _day(values, "filed_at")
        return (enforcement(filed), zhongben_earliest(filed), *_preservation(values))
    start = _day(values, "urge_start") or urging_from
    urging = () if start is None else (urging_end(start, urging_days),)
    return (filing(_day(values, "received_at")), *urging, *_preservation(values), limitation(values))


def filing(received_on: date | None) -> Deadline:
    """Return the last day to decide on filing: seven days from receipt."""
    return _period(
        "filing_7d",
        received_on,
        FILING_DAYS,
        ("立案审查期限", "decision on filing"),
        "执行工作规定(2020)第16条；民事诉讼法(2023)第85条",
    )


def payout(received_on: date | None, days: int = PAYOUT_DAYS) -> Deadline:
    """Return the last day to pay out money that reached the court's account."""
    basis = "法发〔2017〕6号；民事诉讼法(2023)第85条"
    return _period("payout_30d", received_on, days, ("案款发放期限", "payout of money received"), basis)


def urging_end(start: date, days: int) -> Deadline:
    """Return the day after which an unpaid case is filed by itself; holidays do not lengthen urging."""
    end = start + timedelta(days=days)
    text = (f"督促期 {days} 日，至 {end} 届满，届满未履行即转立案", f"urging of {days} days ends on {end}; then filed")
    return _fixed("urging_end", end, text, "本院规则；督促期不得超过一个月")


def limitation(values: Mapping[str, object]) -> Deadline:
    """Return the last day of limitation: two years, for instalments from the last one; by the article then in force."""
    end = _months(_limitation_start(values), LIMITATION_MONTHS)
    text = (f"申请执行时效至 {end} 届满", f"limitation ends on {end}")
    received = _day(values, "received_at")
    earlier = received is not None and received < CODE_2023
    return _fixed("limitation_2y", end, text, "民事诉讼法(2021)第246条" if earlier else "民事诉讼法(2023)第250条")


def _limitation_start(values: Mapping[str, object]) -> date | None:
    last, instalment = _day(values, "last_instalment_due"), values.get("instalment")
    if instalment is True or (instalment is None and last is not None):
        return last
    return _day(values, "due_date") or _day(values, "basis_effective_date")


def enforcement(filed_on: date | None) -> Deadline:
    """Return the end of the six months in which a filed case is to be enforced."""
    end = _months(filed_on, ENFORCEMENT_MONTHS)
    text = (f"执行期限六个月，至 {end} 届满", f"six months to enforce end on {end}")
    note = ("扣除公告、评估、管辖、异议、暂缓期间；延长须经批准", "notice, appraisal and stays do not count")
    return _fixed("enforcement_6m", end, text, "审限规定(2000)第5条；民事诉讼法(2023)第237条", note)


def zhongben_earliest(filed_on: date | None) -> Deadline:
    """Return the first day on which 终本 may be proposed: more than three months after filing."""
    full = _months(filed_on, ZHONGBEN_MONTHS)
    end = None if full is None else full + timedelta(days=1)
    text = (f"{end} 前不得提出终本", f"终本 may not be proposed before {end}")
    note = ("届时仍须逐项完成终本规定第1—3条事项", "the statutory steps must be complete as well")
    return _fixed("zhongben_earliest", end, text, "终本规定(2016)第1条", note)


def _preservation(values: Mapping[str, object]) -> tuple[Deadline, ...]:
    if values.get("preserved") is not True:
        return ()
    expiry = _day(values, "pres_expiry")
    renewal = None if expiry is None else expiry - timedelta(days=RENEWAL_DAYS)
    found = (
        _fixed(
            "preservation_renewal",
            renewal,
            (f"续行保全应在 {renewal} 前申请", f"renewal must be asked for by {renewal}"),
            "保全规定(2020)第18条",
        ),
        _fixed(
            "preservation_expiry",
            expiry,
            (f"最早保全 {expiry} 到期", f"the earliest preservation lapses on {expiry}"),
            "民诉法解释第485条",
        ),
    )
    if values.get("pres_stage") != "pre_enforcement":
        return found
    due = _day(values, "due_date")
    last = None if due is None else due + timedelta(days=PRE_ENFORCEMENT_DAYS)
    text = (
        f"执前保全：{last} 前不申请执行即应解除",
        f"pre-enforcement preservation is released without application by {last}",
    )
    return (_fixed("pre_enforcement_5d", last, text, "民诉法解释第163条"), *found)


def _period(kind: str, start: date | None, days: int, name: tuple[str, str], basis: str) -> Deadline:
    """Return a period of natural days whose last day moves to a working day."""
    if start is None:
        return _unknown(kind, basis)
    end, covered = next_working_day(start + timedelta(days=days))
    rolled = end != start + timedelta(days=days)
    note, note_en = (
        ("期末为法定休假日，顺延至其后第一日", "moved from a holiday to the next working day") if rolled else ("", "")
    )
    if not covered:
        note = f"{end.year} 年节假日安排未载入，期末是否顺延须人工核对"
        note_en = f"the holidays of {end.year} are not known; check whether the last day moves"
    return Deadline(
        kind=kind,
        date=end,
        text=f"{name[0]} {days} 日，至 {end}",
        text_en=f"{name[1]}: {days} days, by {end}",
        basis=basis,
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


@lru_cache(maxsize=4096)
def _months(day: date | None, months: int) -> date | None:
    """Return the same day some months later, or that month's last day (民法典第202条)."""
    if day is None:
        return None
    return _EPOCH + timedelta(days=int(add_months(np.array([days_of(day)]), months)[0]))
