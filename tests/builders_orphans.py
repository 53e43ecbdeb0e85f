"""Processes that end with the test run that started them, also when nobody can clean up any more."""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Callable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_LIBRARY: Final = ctypes.CDLL(None)


def ends_with_us(by: signal.Signals) -> Callable[[], None]:
    """Return what a child does before it becomes another program: ask for this signal when its parent dies.

    It is the thread that starts the child which must live on (prctl(2)).
    """

    def ask() -> None:
        _LIBRARY.prctl(_PR_SET_PDEATHSIG, int(by))

    return ask
