"""终本 that must wait (H15): not before its day, and not with a statutory step open, whatever any score says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.deadlines import zhongben_earliest
from models.rules.loading import shipped_limits
from models.rules.rule import Limit


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


def zhongben_check(
    filed_on: date | None, done: frozenset[ZhongbenStep], *, today: date, limit: Limit | None = None
) -> ZhongbenCheck:
    """Return what still stands against proposing 终本; no score can shorten it.

    Without a `limit` that of the shipped law on the day of filing holds.
    """
    in_force = limit or shipped_limits(filed_on or today)["T13"]
    earliest = zhongben_earliest(filed_on, in_force).date
    open_steps = tuple(step for step in ZhongbenStep if step not in done)
    return ZhongbenCheck(earliest, open_steps, allowed=earliest is not None and today >= earliest and not open_steps)
