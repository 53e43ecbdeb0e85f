"""The unusual at the demonstration court: cases without key facts, long and rare names, corrections, reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np

from models.lifecycle import OverrideReason
from serving.samples import received_lately, sample

Rng = np.random.Generator

WITHOUT_KEY_FACTS: Final = 0.02
CORRECTED: Final = 0.02
WITHDRAWN: Final = 0.015
REVIEWED: Final = 0.02
ANSWERED: Final = 0.6
ORDINARY: Final = 0.03
"""How often each of these happens, out of all cases or decisions."""

NOTES: Final = (
    "",
    "",
    "",
    "模拟甲当面承诺月底前付清，已记录在卷。",
    "模拟乙已另案申请参与分配，本案宜一并处理。",
    "当事人模拟丙𬭎、模拟丁䶮、模拟戊㛃到庭核对身份，姓名用字以身份证为准。",
    "义务人为模拟市模拟区第一建设工程劳务分包暨建筑材料供应链管理服务集团股份有限公司模拟分公司（已更名两次），送达地址待核。",
    "申请人模拟己要求尽快立案，不同意督促。",
)
"""Remarks of judges; parties are invented, some with rare characters, one with a very long name."""

_LONGEST: Final = "模拟甲𬭎䶮㛃（模拟省模拟市模拟区超长名称建设工程劳务分包股份有限公司第一分公司）诉模拟乙买卖合同纠纷"

REASONS: Final = (
    "标的额录入有误，按执行依据原件更正。",
    "申请人补充了联系电话，原登记为未提供（模拟更正）。",
)
_ASKED: Final = (
    "模拟当事人认为督促会拖延时间，要求由法官重新审查。",
    "模拟义务人称已履行部分款项，请求核对后重新决定。",
)
_ANSWERS: Final = (
    ("kept", "经人工复核，原决定所依据的事实无误，予以维持。"),
    ("changed", "经人工复核，义务人确有新的履行能力，改按快执办理。"),
)
_WEIGHTS: Final = {
    OverrideReason.UNKNOWN_FACTS: 0.4,
    OverrideReason.PARTY: 0.22,
    OverrideReason.WRONG_DATA: 0.16,
    OverrideReason.LAW_OR_POLICY: 0.12,
    OverrideReason.OTHER: 0.1,
}


def a_note(rng: Rng) -> str:
    """Return a judge's remark, mostly none."""
    return str(NOTES[int(rng.integers(len(NOTES)))])


def a_reason(rng: Rng) -> str:
    """Return why a fact is put right."""
    return str(REASONS[int(rng.integers(len(REASONS)))])


def an_override(chance: float) -> str:
    """Return the reason code for this chance between 0 and 1."""
    seen = 0.0
    for reason, weight in _WEIGHTS.items():
        seen += weight
        if chance < seen:
            return reason.value
    return OverrideReason.OTHER.value


def a_review(rng: Rng) -> dict[str, str]:
    """Return what a party asks for."""
    party = "applicant" if rng.random() < 0.6 else "debtor"
    which = int(rng.integers(2))
    wish, channel = ("refuse", "counter") if which else ("explain", "phone")
    return {"party": party, "reason": _ASKED[which], "wish": wish, "channel": channel}


def an_answer(rng: Rng) -> dict[str, str]:
    """Return what a judge answers."""
    outcome, reasons = _ANSWERS[int(rng.random() > 0.7)]
    return {"outcome": outcome, "reasons": reasons}


def corrected(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with a telephone number that had been overlooked."""
    return {**document, "case": {**document["case"], "phone_provided": True, "applicant_view_ability": 3}}


def without_key_facts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document without what no score is given without; it is left out, which means unknown."""
    gone = {"claim_amount", "principal", "ordinary_interest", "debtor_type"}
    left = {name: value for name, value in document["case"].items() if name not in gone}
    missing = {"claim_amount": "not_provided", "debtor_type": "not_asked"}
    observed = {name: day for name, day in document.get("observed_at", {}).items() if name not in gone}
    return {**document, "case": left, "missing": missing, "observed_at": observed}


def waiting_cases(now: datetime, *, court: str) -> Iterator[dict[str, Any]]:
    """Yield cases that wait: limitation near, preservation about to lapse, a strange number, the simple samples."""
    day = now.date()
    soon, late = (day + timedelta(days=9)).isoformat(), _two_years_before(day + timedelta(days=40)).isoformat()
    told: tuple[tuple[str, dict[str, Any]], ...] = (
        ("时效将满", {"due_date": late, "basis_effective_date": (_two_years_before(day)).isoformat()}),
        ("保全将满", {"preserved": True, "pres_stage": "during_suit", "pres_expiry": soon, "first_seal": True}),
        ("今日届满", {}),
        ("已过期限", {}),
        (
            "模拟甲𬭎䶮㛃（模拟省模拟市模拟区超长名称建设工程劳务分包股份有限公司第一分公司）诉模拟乙买卖合同纠纷一案",
            {},
        ),
    )
    ages = (1, 2, 7, 9, 0)
    for place, ((name, facts), age) in enumerate(zip(told, ages, strict=True), start=1):
        at = _in_the_morning(now - timedelta(days=age), place, now)
        document = received_lately(sample("urge"), at)
        case = {**document["case"], **facts, "received_at": at.isoformat(timespec="seconds")}
        yield {
            **document, "application_id": f"SQ{at:%Y%m%d}-9{place:03d}-{name}", "court_code": court,
            "as_of": case["received_at"], "case": case,
        }  # fmt: skip


def _two_years_before(day: date) -> date:
    return day.replace(year=day.year - 2, day=min(day.day, 28))


def _in_the_morning(at: datetime, place: int, now: datetime) -> datetime:
    """Return an instant of the morning of that day, or one just over, should the morning not be over yet."""
    return min(at.replace(hour=9, minute=10 * place % 60, second=0, microsecond=0), now - timedelta(minutes=place))
