"""Opening the use cases around batches on one store, for the routes and for the runner."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from features.register import Register
from models.batches import BatchSettings
from serving.batches.completing import Completing
from serving.batches.deciding import Deciding, UrgingEnds
from serving.batches.grouping import Grouping
from serving.batches.importing import Importing
from serving.batches.reading import Parse
from serving.keys import KeyRing
from serving.record.court_settings import CourtSettings
from serving.record.decisions import Decisions
from serving.repositories.batches.acts import ActStore
from serving.repositories.batches.completions import CompletionStore
from serving.repositories.batches.groups import GroupStore
from serving.repositories.batches.lists import BatchStore
from serving.store.transaction import Store


@dataclass(frozen=True, kw_only=True)
class Batches:
    """The use cases around batches."""

    importing: Importing
    grouping: Grouping
    deciding: Deciding

    @property
    def chores(self) -> tuple[Callable[[], bool], ...]:
        """What a runner does when no line waits to be scored."""
        return (self.deciding.work_once, self.grouping.work_once)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What batches need of the rest of the service.

    `parse` reads what comes from outside and `parse_kept` what the record
    holds, `urging_ends` says until when urging lasts, `wake` is the runner's bell.
    """

    register: Callable[[], Register]
    parse: Parse
    parse_kept: Parse
    decisions: Decisions
    settings: CourtSettings
    urging_ends: UrgingEnds
    clock: Callable[[], datetime]
    wake: Callable[[], None] = lambda: None


def open_batches(store: Store, keys: KeyRing, around: Surroundings) -> Batches:
    """Return the use cases of a worker."""
    lists = BatchStore(store, keys)
    return Batches(
        importing=Importing(lists, keys, around.register, around.parse, around.clock, _seed, around.wake),
        grouping=Grouping(
            lists=lists,
            records=GroupStore(store, keys),
            register=around.register,
            read_again=around.parse_kept,
            settings=BatchSettings.load(),
            clock=around.clock,
        ),
        deciding=Deciding(
            lists=lists,
            records=ActStore(store, keys),
            decisions=around.decisions,
            completing=Completing(CompletionStore(store, keys), around.register, around.clock, around.settings),
            settings=around.settings,
            keys=keys,
            clock=around.clock,
            urging_ends=around.urging_ends,
            wake=around.wake,
        ),
    )


def _seed() -> int:
    """Return a seed that nobody chose."""
    return secrets.randbits(63)
