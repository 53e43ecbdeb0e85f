"""A case on its way through the court: where it stands, and the strands of work that go on in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from training.court_year.settings import Node


@dataclass(eq=False, slots=True)
class Matter:
    """One application from its receipt to its end; `row` is its place in the docket, `lane` that of now.

    `lost` counts days in which nothing was secured: urging and waiting. `got`
    is the share, of what was due at filing, that has been received. From
    `other_at` on the case ends otherwise, whatever the court does.
    """

    row: int
    lane: int
    lost: float = 0.0
    got: float = 0.0
    rest: float = 1.0
    ended: bool = False
    gone: bool = False
    surveyed: bool = False
    zhongben_waits: bool = False
    urged_at: float = 0.0
    filed_at: float = 0.0
    query_at: float = 0.0
    other_at: float = 0.0
    assets: Walk | None = None
    pressing: Walk | None = None
    held_since: float | None = None
    walks: list[Walk] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Walk:
    """One strand of work in a case: its nodes one after another, each due on its day and later by all waiting so far.

    A node at `x` is due at `origin + span * x + waits`; after the last one,
    `then` follows at `end`. Raising `version` makes everything that was
    planned or queued under the old one void.
    """

    matter: Matter
    origin: float
    then: Callable[[Walk], None]
    nodes: Sequence[Node] = ()
    span: float = 1.0
    end: float = 0.0
    waits: float = 0.0
    place: int = 0
    version: int = 0
    queued: bool = False

    def due(self) -> float:
        """Return when the next node, or the end of the strand, is due."""
        at = self.nodes[self.place].at if self.place < len(self.nodes) else self.end
        return self.origin + self.span * at + self.waits

    def skip(self, lane: str) -> None:
        """Pass over nodes that the lane does not have."""
        while self.place < len(self.nodes) and lane not in self.nodes[self.place].hours:
            self.place += 1

    def stretch(self, now: float, span: float) -> None:
        """Go on from here at another pace: what part of the way is left, stays left."""
        passed = min(max((now - self.origin - self.waits) / self.span, 0.0), 1.0) if self.span > 0 else 1.0
        self.origin = now - passed * span - self.waits
        self.span = span
