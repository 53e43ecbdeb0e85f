"""Looking whether the service can take work: store, audit trail, disk, models, and whether it is about to end."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from serving.health.findings import Finding, Health
from serving.model_life.standing import Standing

LEAST_BYTES: Final = 64 * 1024**2
LOW_BYTES: Final = 1024**3
SECONDS: Final = 2.0
"""For so long a store may take to say that it can be written."""
_FRESH_SECONDS: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Asks everything that a proxy wants to know; the store at most once a second, and never on the event loop.

    `rehearse` returns the code of what is wrong with the store, or nothing.
    """

    home: Path
    draining: Path
    rehearse: Callable[[], str]
    standing: Callable[[], Standing]
    stopped: Callable[[], frozenset[str]]
    watching: Callable[[], bool]
    today: Callable[[], date]
    timer: Callable[[], float] = time.monotonic
    seconds: float = SECONDS
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="health"), repr=False
    )
    _last: list[tuple[float, str]] = field(default_factory=list, repr=False)

    async def __call__(self) -> Health:
        """Return what is found now."""
        codes = [*self._ending(), *await self._store(), *self._disk(), *self._models()]
        return Health(tuple(Finding(code) for code in codes if code))

    def close(self) -> None:
        """Ask no more; a store that hangs is not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ending(self) -> Iterator[str]:
        if self.draining.exists():
            yield "DRAINING"

    async def _store(self) -> list[str]:
        if not self._last or self.timer() - self._last[0][0] >= _FRESH_SECONDS:
            loop = asyncio.get_running_loop()
            try:
                code = await asyncio.wait_for(loop.run_in_executor(self._thread, self.rehearse), self.seconds)
            except TimeoutError:
                code = "STORE_NOT_WRITABLE"
            self._last[:] = [(self.timer(), code)]
        return [self._last[0][1]]

    def _disk(self) -> Iterator[str]:
        free = shutil.disk_usage(self.home).free
        if free < LEAST_BYTES:
            yield "DISK_FULL"
        elif free < LOW_BYTES:
            yield "DISK_LOW"

    def _models(self) -> Iterator[str]:
        standing = self.standing()
        life, shadow = standing.life, standing.shadow
        if life.downgrade is not None:
            yield life.downgrade.code
        if life.bundle is not None and self.today() > life.bundle.about.valid_until:
            yield "MODEL_EXPIRED"
        if life.refused is not None:
            yield "MODEL_REFUSED"
        if self.stopped():
            yield "MODEL_STOPPED"
        if standing.rules_refused is not None:
            yield "RULES_REFUSED"
        if any(one.refused for one in standing.windows.values()):
            yield "WINDOW_REFUSED"
        if shadow is not None and shadow.downgrade is not None:
            yield "CHALLENGER_REFUSED"
        if not self.watching():
            yield "WATCH_ENDED"
