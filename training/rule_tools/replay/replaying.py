"""Replay: past cases routed once more under two rule tables, with the same scores, a part of the history at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from features.register import Stage
from models.bundle import Bundle
from models.disputes import Disputes, disputes
from models.routes import Bools, Routes
from models.rules.table import RulesInForce, RuleTable
from models.scores import ScoreTable
from models.triage import Triage
from training.rule_tools.replay.scope import Scope, Skip
from training.scoring.input import Batch, batches_of_history


@dataclass(frozen=True, kw_only=True)
class Part:
    """Cases under one old and one new set of rules, and how each routes them; rows are those of the batch."""

    batch: Batch
    old: Routes
    new: Routes
    old_table: ScoreTable | None
    new_table: ScoreTable | None

    @cached_property
    def old_disputes(self) -> Disputes:
        """Where the old rules stand against the scores."""
        return disputes(self.old)

    @cached_property
    def new_disputes(self) -> Disputes:
        """Where the new rules do."""
        return disputes(self.new)

    @property
    def changed(self) -> Bools:
        """The cases whose lane is another one."""
        return np.asarray(self.old.lane != self.new.lane)


@dataclass
class Replay:
    """Two tables over the same cases; `skipped` counts, per stage, the cases left out while parts are taken.

    With a `challenger` the new side is routed by that bundle: two tables, two
    bundles, or both may differ.
    """

    old: RuleTable
    new: RuleTable
    scope: Scope
    bundle: Bundle | None = None
    challenger: Bundle | None = None
    skipped: dict[Stage, dict[Skip, int]] = field(default_factory=dict)

    def options(self) -> dict[str, object]:
        """Return what was asked for, as plain values to be kept."""
        scope = self.scope
        return {
            "stages": [str(stage) for stage in scope.stages],
            "received_from": scope.since and scope.since.isoformat(),
            "received_until": scope.until and scope.until.isoformat(),
            "courts": None if scope.courts is None else sorted(scope.courts),
            "on": scope.on and scope.on.isoformat(),
            "bundle": self.bundle and self.bundle.about.name,
            "bundle_sha256": self.bundle and self.bundle.sha256,
        }

    def parts(self, history: Path) -> Iterator[tuple[Batch, tuple[Part, ...]]]:
        """Yield the parts of each batch of a history, with the batch as it was read.

        Every case is scored once for both tables, twice only where they urge
        for a different number of days, because willingness is read at the end
        of that time.

        Raises
        ------
        HistoryError
            The history cannot be used.
        """
        first = max(self.old.in_force_from, self.new.in_force_from)
        for batch in batches_of_history(history, *self.scope.stages):
            skips = self.scope.skips(batch, first)
            self._count(batch.stage, skips)
            kept = batch.where(np.flatnonzero(~np.logical_or.reduce(list(skips.values()))))
            yield batch, tuple(self._parts(kept))

    def _count(self, stage: Stage, skips: dict[Skip, Bools]) -> None:
        counted = self.skipped.setdefault(stage, dict.fromkeys(Skip, 0))
        for reason, rows in skips.items():
            counted[reason] += int(rows.sum())

    def _parts(self, batch: Batch) -> Iterator[Part]:
        if not len(batch.ids):
            return
        days = self.scope.days(batch)
        new = {id(rules): (rules, rows) for rules, rows in self.new.by_day(days)}
        for old, old_rows in self.old.by_day(days):
            for rules, rows in new.values():
                both = np.intersect1d(old_rows, rows, assume_unique=True)
                if len(both):
                    yield self._part(batch.where(both), old, rules)

    def _part(self, batch: Batch, old: RulesInForce, new: RulesInForce) -> Part:
        before = Triage(stage=batch.stage, rules=old, register=batch.register, bundle=self.bundle)
        after = replace(before, rules=new, bundle=self.challenger or self.bundle)
        _, table = before.scores(batch.columns, as_of=batch.as_of, court=batch.courts)
        routes = before.routes(batch.columns, as_of=batch.as_of, table=table)
        if new is old and self.challenger is None:
            return Part(batch=batch, old=routes, new=routes, old_table=table, new_table=table)
        if self.challenger is None and after.window == before.window:
            again = table
        else:
            _, again = after.scores(batch.columns, as_of=batch.as_of, court=batch.courts)
        return Part(
            batch=batch,
            old=routes,
            new=after.routes(batch.columns, as_of=batch.as_of, table=again),
            old_table=table,
            new_table=again,
        )
