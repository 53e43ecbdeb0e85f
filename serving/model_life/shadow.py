"""The challenger: judges the same cases after the answers have left, for the record only, and keeps nobody waiting."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from features.case import Case
from models.advise import Given, advise
from serving.logs import logger, where
from serving.model_life.standing import Standing, register_of
from serving.repositories.shadow_scores import ShadowScore
from serving.store.faults import StoreUnavailableError

MOST_WAITING: Final = 1000
"""Cases beyond which the challenger goes without: its word is worth less than anybody's answer."""
TOGETHER: Final = 50
"""Cases that are put on record in one transaction."""
_PAUSE: Final = 0.02
"""Seconds between two looks whether the desk is free."""


@dataclass(frozen=True)
class Settled:
    """A case whose answer is on record: under which id, given on which day, and what stood when it was judged."""

    advice_id: str
    case: Case
    on: date
    standing: Standing


def shadow_score(one: Settled) -> ShadowScore | None:
    """Return what the challenger says to a case; None where there is none."""
    life = one.standing.shadow
    if life is None or life.bundle is None:
        return None
    bundle, rules = life.bundle, one.standing.rules_of(one.case.court_code)
    given = Given(on=one.on)
    found = advise(
        one.case, bundle=bundle, rules=rules, register=register_of(bundle), explained=False, given=given
    ).advice
    route = found.proposal.route
    return ShadowScore(
        advice_id=one.advice_id,
        model=bundle.about.name,
        model_sha256=bundle.sha256,
        status=found.proposal.status,
        route=None if route is None else route.value,
        scores={score.name: score.value for score in found.scores},
    )


class Shadow:
    """A thread that works while the desk is free.

    The queue is bounded and never waited for: what does not fit is lost and
    counted, and so is what cannot be judged or recorded.
    """

    def __init__(
        self,
        record: Callable[[Sequence[ShadowScore]], object],
        *,
        lost: Callable[[int], None] = lambda _: None,
        most: int = MOST_WAITING,
    ) -> None:
        self._record, self._lost = record, lost
        self._queue: queue.Queue[Settled] = queue.Queue(most)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, *, free: Callable[[], bool]) -> None:
        """Begin to work whenever `free` says that nobody is waiting for an answer."""
        self._free = free
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def put(self, one: Settled) -> None:
        """Hand over a case whose answer is on record; costs the caller nothing."""
        if one.standing.shadow is None or one.standing.shadow.bundle is None:
            return
        try:
            self._queue.put_nowait(one)
        except queue.Full:
            self._lost(1)

    def close(self) -> None:
        """Stop working; what still waits is lost and counted."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._lost(self._queue.qsize())

    def _run(self) -> None:
        while not self._over.is_set():
            if not self._free():
                time.sleep(_PAUSE)
                continue
            self._work(self._taken())

    def _taken(self) -> list[Settled]:
        """Return up to fifty cases, waiting a little for the first."""
        taken: list[Settled] = []
        try:
            taken.append(self._queue.get(timeout=0.5))
            while len(taken) < TOGETHER:
                taken.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return taken

    def _work(self, taken: Sequence[Settled]) -> None:
        found: list[ShadowScore] = []
        for one in taken:
            while not (self._free() or self._over.is_set()):
                time.sleep(_PAUSE)
            try:
                said = shadow_score(one)
            except Exception as error:  # noqa: BLE001 - the edge of a thread: one case must not end the comparison
                logger().error("shadow_failed", **where(error))
                self._lost(1)
                continue
            found += [] if said is None else [said]
        if not found:
            return
        try:
            self._record(found)
        except StoreUnavailableError as error:
            logger().error("shadow_not_recorded", cases=len(found), reason=str(error))
            self._lost(len(found))
