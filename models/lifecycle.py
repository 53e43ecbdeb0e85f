"""What happens after the advice: urging that ends (H13), 终本 that must wait (H15), decisions that win (H16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from models.deadlines import zhongben_earliest
from models.lanes import Lane


class ConversionCause(StrEnum):
    """Why urging ends and the case is filed the same day."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    NEW_CLUE = "new_clue"
    PROMISE_BROKEN = "promise_broken"
    WINDOW_OVER = "window_over"


CONVERSION_TEXT: Mapping[ConversionCause, tuple[str, str]] = MappingProxyType(
    {
        ConversionCause.CONSENT_WITHDRAWN: ("申请人撤回同意，当日转立案", "consent withdrawn; filed the same day"),
        ConversionCause.NEW_CLUE: ("发现财产线索，当日转立案", "assets were found; filed the same day"),
        ConversionCause.PROMISE_BROKEN: ("逾期未按承诺履行，当日转立案", "promise broken; filed the same day"),
        ConversionCause.WINDOW_OVER: ("督促期满未履行，当日转立案", "window over and unpaid; filed the same day"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Urging:
    """An application under urging, as it stands today."""

    started_on: date
    days: int
    paid_in_full: bool = False
    promised_on: date | None = None
    clue_found: bool = False
    consent_withdrawn: bool = False

    @property
    def ends_on(self) -> date:
        """Last day of the window."""
        return self.started_on + timedelta(days=self.days)


@dataclass(frozen=True)
class Conversion:
    """The order to file a case that was being urged, and why (H13)."""

    cause: ConversionCause
    on: date
    rule: str = "H13"

    @property
    def text(self) -> tuple[str, str]:
        """Chinese and English sentence for the file."""
        return CONVERSION_TEXT[self.cause]


def conversion_due(urging: Urging, *, today: date) -> Conversion | None:
    """Return the conversion to file today, or None while urging may go on.

    The debtor has the whole of the last day, of the window and of a promise;
    the case is filed on the day after. Money paid in full ends urging otherwise.
    """
    if urging.paid_in_full:
        return None
    broken = urging.promised_on is not None and today > urging.promised_on
    held = (
        (ConversionCause.CONSENT_WITHDRAWN, urging.consent_withdrawn),
        (ConversionCause.NEW_CLUE, urging.clue_found),
        (ConversionCause.PROMISE_BROKEN, broken),
        (ConversionCause.WINDOW_OVER, today > urging.ends_on),
    )
    return next((Conversion(cause, today) for cause, holds in held if holds), None)


class ZhongbenStep(StrEnum):
    """What must be done before 终本 may be proposed (终本规定(2016)第1—3条)."""

    NOTICE_AND_REPORT = "notice_and_report"
    RESTRICTION_AND_LIST = "restriction_and_list"
    SURVEY_EXHAUSTED = "survey_exhausted"
    DEBTOR_SEARCHED = "debtor_searched"
    OBSTRUCTION_PUNISHED = "obstruction_punished"


ZHONGBEN_STEP_TEXT: Mapping[ZhongbenStep, tuple[str, str]] = MappingProxyType(
    {
        ZhongbenStep.NOTICE_AND_REPORT: ("已发执行通知、责令报告财产", "notice and order to report assets served"),
        ZhongbenStep.RESTRICTION_AND_LIST: (
            "已限制消费，符合条件的已列失信",
            "consumption restricted, listed where due",
        ),
        ZhongbenStep.SURVEY_EXHAUSTED: ("已穷尽财产调查措施", "all means of asset survey exhausted"),
        ZhongbenStep.DEBTOR_SEARCHED: ("被执行人下落不明的已依法查找", "a missing debtor was searched for"),
        ZhongbenStep.OBSTRUCTION_PUNISHED: ("妨害执行的已依法处罚", "obstruction was punished"),
    }
)


@dataclass(frozen=True)
class ZhongbenCheck:
    """Whether 终本 may be proposed: not before the day, and not with a step open (H15)."""

    earliest: date | None
    open_steps: tuple[ZhongbenStep, ...]
    allowed: bool


def zhongben_check(filed_on: date | None, done: frozenset[ZhongbenStep], *, today: date) -> ZhongbenCheck:
    """Return what still stands against proposing 终本; no score can shorten it."""
    earliest = zhongben_earliest(filed_on).date
    open_steps = tuple(step for step in ZhongbenStep if step not in done)
    return ZhongbenCheck(earliest, open_steps, allowed=earliest is not None and today >= earliest and not open_steps)


class OverrideReason(StrEnum):
    """Why a judge or clerk decided otherwise; one code is enough."""

    UNKNOWN_FACTS = "unknown_facts"
    WRONG_DATA = "wrong_data"
    LAW_OR_POLICY = "law_or_policy"
    PARTY = "party"
    OTHER = "other"


OVERRIDE_TEXT: Mapping[OverrideReason, tuple[str, str]] = MappingProxyType(
    {
        OverrideReason.UNKNOWN_FACTS: ("系统未掌握的案情", "facts the system does not know"),
        OverrideReason.WRONG_DATA: ("系统数据有误", "wrong data"),
        OverrideReason.LAW_OR_POLICY: ("法律、政策要求", "law or policy"),
        OverrideReason.PARTY: ("当事人申请或承诺", "a party's request or promise"),
        OverrideReason.OTHER: ("其他", "other"),
    }
)


@dataclass(frozen=True, kw_only=True)
class HumanDecision:
    """What a person decided; `lane` None means the ordinary procedure, without the advice."""

    lane: Lane | None
    decided_at: datetime
    reason: OverrideReason | None = None


@dataclass(frozen=True, kw_only=True)
class Final:
    """The route in force, who it came from, and by which rule."""

    lane: Lane | None
    decided_by: Literal["human", "pending"]
    overridden: bool
    rule: str | None


class MissingOverrideReasonError(ValueError):
    """A decision that differs from the advice came without a reason code."""


def final_route(advised: Lane | None, decision: HumanDecision | None) -> Final:
    """Return the route in force: a person's decision always wins, and nothing is in force before it.

    Where nothing was advised, no decision can differ from the advice.

    Raises
    ------
    MissingOverrideReasonError
        The decision differs from the advice and names no reason code.
    """
    if decision is None:
        return Final(lane=None, decided_by="pending", overridden=False, rule=None)
    differs = advised is not None and decision.lane is not advised
    if differs and decision.reason is None:
        shown = "、".join(OverrideReason)
        msg = f"与建议不一致的决定须选择一项理由（{shown}） / a decision that differs needs one reason code"
        raise MissingOverrideReasonError(msg)
    return Final(lane=decision.lane, decided_by="human", overridden=differs, rule="H16" if differs else None)
