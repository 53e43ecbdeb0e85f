"""Which cases would get another lane: the same rules, one bundle after the other, and a list of every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from features.register import Stage
from training.console import Advance, Console
from training.history import History
from training.rule_tools.replay.changed_cases import HEADINGS, ChangedCases
from training.rule_tools.replay.replaying import Replay
from training.rule_tools.replay.tally import Tally
from training.scoring.input import BATCH
from training.scoring.output import Columns, write_lines


@dataclass(frozen=True)
class LaneChanges:
    """How many cases were routed by both bundles, how many changed their lane, and the list of those."""

    replay: Replay
    tally: Tally
    list: Path

    @property
    def cases(self) -> int:
        """How many cases were routed twice."""
        return sum(self.tally.cases(stage) for stage in Stage)

    @property
    def changed(self) -> int:
        """How many got another lane."""
        return sum(self.tally.changed(stage) for stage in Stage)


def lane_changes(replay: Replay, history: History, *, out: Path, console: Console) -> LaneChanges:
    """Route every case in scope with both bundles and write those whose lane differs."""
    tally, listed = Tally(), ChangedCases(console.lang, simulated=history.simulated)

    def lines(advance: Advance) -> Iterator[Columns]:
        for _, parts in replay.parts(history.path):
            for part in parts:
                tally.add(part)
                yield listed.columns(part)
            advance()

    steps = max(1, -(-history.case_count // BATCH) * len(replay.scope.stages))
    with console.step("比对分流", "comparing lanes", total=steps) as advance:
        write_lines(lines(advance), out, {name: console.say(*words) for name, words in HEADINGS.items()})
    return LaneChanges(replay, tally, out)
