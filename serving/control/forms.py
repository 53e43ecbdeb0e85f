"""What a reason and a court's code must look like, for the interface and for commands."""

from __future__ import annotations

import re
from typing import Final

from serving.door.parameters import VISIBLE
from serving.settings import SettingsError
from serving.store.tables.models import EVERYWHERE

MOST_REASON: Final = 500
REASON: Final = rf"(?=.*\S){VISIBLE}{{1,{MOST_REASON}}}"
COURT: Final = r"(?:\*|(?!\d*[A-Za-z]?\d{9})[\u4e00-\u9fffA-Za-z0-9]{1,20})"
"""A court's code such as 浙1022, or `*` for every court; no room for a person's number."""


def reason_of(text: str) -> str:
    """Return a reason given on the command line.

    Raises
    ------
    SettingsError
        It is empty, too long, or holds what cannot be seen.
    """
    reason = text.strip()
    if not re.fullmatch(REASON, reason):
        msg = (
            f"--reason 须为 1 至 {MOST_REASON} 字、不含控制字符，收到 {len(reason)} 字 / "
            f"a reason has 1 to {MOST_REASON} characters and no control characters, got {len(reason)}"
        )
        raise SettingsError(msg)
    return reason


def court_of(text: str) -> str:
    """Return a court's code given on the command line; none is every court.

    Raises
    ------
    SettingsError
        It is no court's code.
    """
    court = text.strip() or EVERYWHERE
    if not re.fullmatch(COURT, court):
        msg = "--court 须为法院代码，如 浙1022，或 * 表示全部 / must be a court's code, or * for every court"
        raise SettingsError(msg)
    return court
