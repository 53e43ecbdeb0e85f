"""What people do with models and the trail while the service runs: one thread beside the desk, so that nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from features.register import Stage
from serving.access.origin import Origin
from serving.access.principal import Courts
from serving.audit.trail import Trail
from serving.audit.verify import Report
from serving.control.dossier import Dossier, Dossiers
from serving.control.promoting import Promoting
from serving.door.problems import ProblemError
from serving.logs import logger
from serving.model_life.kept import Kept, kept_bundles
from serving.replay.replaying import Replayer
from serving.replay.verdict import Verdict
from serving.repositories.recorded import RecordedStore
from serving.repositories.switches import SwitchStore, Turn
from serving.store.faults import StoreUnavailableError
from serving.store.tables.models import EVERYWHERE

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ControlRoom:
    """Turns the stop switch, lists bundles, replays answers within the caller's courts, verifies the trail."""

    switches: SwitchStore
    dossiers: Dossiers
    promoting: Promoting
    recorded: RecordedStore
    replayer: Replayer
    bundles: Path
    trail: Trail
    clock: Callable[[], datetime]
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="control"), repr=False
    )
    _steps: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="promotion"), repr=False
    )

    async def turn(self, turn: Turn, *, origin: Origin) -> Turn:
        """Turn the switch of a court, or of every one; raise PERMISSION_DENIED outside the caller's courts."""
        held = origin.by.courts
        if turn.court not in held if turn.court != EVERYWHERE else held.codes is not None:
            raise ProblemError("PERMISSION_DENIED")
        return await self._do(lambda: self.switches.turn(turn, origin=origin, at=self.clock()))

    async def standing(self, courts: Courts) -> list[Turn]:
        """Return how the switches of these courts stand, and that of every court together."""
        found = await self._do(self.switches.standing)
        return [turn for turn in found if turn.court == EVERYWHERE or turn.court in courts]

    async def kept(self) -> list[Kept]:
        """Return the bundles that are kept."""
        return await self._do(lambda: kept_bundles(self.bundles))

    async def dossier(self, stage: Stage | None, *, origin: Origin) -> Dossier:
        """Return everything on record about the models, as the reader may see it."""
        return await self._do(lambda: self.dossiers.open(stage, origin=origin, at=self.clock()))

    async def step(self, work: Callable[[], T]) -> T:
        """Take a step of a promotion, on a thread of its own: proving a bundle takes seconds, and others read on."""
        return await self._do(work, self._steps)

    async def replay(self, advice_id: str, *, origin: Origin) -> Verdict:
        """Give an answer again and say whether it is the same; raise NOT_FOUND outside the caller's courts."""
        found = await self._do(lambda: self.recorded.get(advice_id, origin=origin, at=self.clock()))
        if found is None:
            raise ProblemError("NOT_FOUND")
        return await self._do(lambda: self.replayer.replay(found))

    async def verify(self, *, origin: Origin) -> Report:
        """Verify the whole audit trail, and note on it who did so and what was found."""

        def work() -> Report:
            report = self.trail.verify()
            self.trail.note_verified(report, origin=origin, at=self.clock())
            return report

        return await self._do(work)

    def close(self) -> None:
        """Finish what was begun."""
        self._thread.shutdown(wait=True)
        self._steps.shutdown(wait=True)

    async def _do(self, work: Callable[[], T], thread: ThreadPoolExecutor | None = None) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread or self._thread, work)
        except StoreUnavailableError as error:
            logger().error("store_unavailable", reason=str(error))
            raise ProblemError("STORE_UNAVAILABLE", headers={"Retry-After": "1"}) from None
