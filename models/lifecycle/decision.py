"""Decisions that win (H16): a person may always decide otherwise, and nothing is in force before somebody has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from models.lanes import Lane


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
