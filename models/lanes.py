"""The lanes an application can be routed to, and what each is called in Chinese and English."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from features.register import Stage


class Lane(StrEnum):
    """Where an application goes; NONE means no lane at all (H01 or H02 stops it)."""

    URGE = "urge"
    FAST = "fast"
    COMPLEX = "complex"
    NONE = "none"


LANES: tuple[Lane, ...] = (Lane.URGE, Lane.FAST, Lane.COMPLEX, Lane.NONE)
"""Position in this tuple is the lane's code in arrays; it never changes."""

UNDECIDED = -1
"""Array code of a row whose lane is left to the judge."""

LANE_CODE = MappingProxyType({lane: code for code, lane in enumerate(LANES)})

_PLAIN = MappingProxyType(
    {
        Lane.URGE: ("执前督促", "urging before filing"),
        Lane.FAST: ("快执", "fast enforcement"),
        Lane.COMPLEX: ("精办", "complex enforcement"),
        Lane.NONE: ("暂不分流", "no lane yet"),
        None: ("由法官确定", "left to the judge"),
    }
)
_PROVISIONAL = MappingProxyType(
    {
        Lane.FAST: ("立案，暂定快执", "file, provisionally fast"),
        Lane.COMPLEX: ("立案，暂定精办", "file, provisionally complex"),
    }
)


def lane_text(lane: Lane | None, stage: Stage) -> tuple[str, str]:
    """Return the Chinese and English wording; before filing, fast and complex are named provisional."""
    if lane is not None and is_provisional(lane, stage):
        return _PROVISIONAL[lane]
    return _PLAIN[lane]


def is_provisional(lane: Lane | None, stage: Stage) -> bool:
    """Whether the lane must be looked at again after the first network query (法〔2021〕322号)."""
    return stage is Stage.A and lane in _PROVISIONAL


def lane_of(code: int) -> Lane | None:
    """Return the lane of an array code; None for UNDECIDED."""
    return None if code == UNDECIDED else LANES[code]
