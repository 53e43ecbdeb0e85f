"""Whether a court's models are switched off: asked of the store, and remembered for one second."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from serving.store.faults import StoreUnavailableError
from serving.store.tables.models import EVERYWHERE

FRESH_SECONDS: Final = 1.0
"""For so long a worker goes by what it has read: a switch reaches every worker within it."""


class Switchboard:
    """Answers for one worker; where the store cannot be asked, nobody gets advice, so nothing is assumed.

    `read` returns the courts that are switched off, `*` for every one, and
    raises StoreUnavailableError when it cannot.
    """

    def __init__(self, read: Callable[[], frozenset[str]], *, timer: Callable[[], float] = time.monotonic) -> None:
        self._read, self._timer = read, timer
        self._read_at = float("-inf")
        self.known: frozenset[str] = frozenset()
        """What was read last, for descriptions; answers go by `stopped`."""

    def stopped(self, court: str) -> bool:
        """Whether this court's answers come from the rules alone.

        Raises
        ------
        StoreUnavailableError
            Nobody can say.
        """
        now = self._timer()
        if now - self._read_at >= FRESH_SECONDS:
            self.known, self._read_at = self._read(), now
        return EVERYWHERE in self.known or court in self.known

    def refresh(self) -> None:
        """Read anew if it is time; a store that cannot be asked is met when somebody needs an answer."""
        with suppress(StoreUnavailableError):
            self.stopped(EVERYWHERE)
