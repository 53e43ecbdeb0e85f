"""Runs over a history: cases pass once, are counted and listed while they pass, and the evidence stays in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.bundle import Bundle
from training.config import Settings
from training.console import Advance, Console, Result
from training.errors import CommandError
from training.history import History
from training.learning.split import day_of
from training.rule_tools.replay.changed_cases import HEADINGS, STAGE_TEXT, ChangedCases
from training.rule_tools.replay.conflict_results import ConflictResults
from training.rule_tools.replay.conflicts import Conflicts
from training.rule_tools.replay.replay_results import ReplayResults
from training.rule_tools.replay.replaying import Part, Replay
from training.rule_tools.replay.scope import SKIPS
from training.rule_tools.replay.tally import Tally
from training.rule_tools.tables.differences import differences
from training.rule_tools.tables.wording import Wording
from training.run_folder import Grounds, write_run
from training.scoring.input import BATCH
from training.scoring.output import Columns, write_lines


@dataclass(frozen=True)
class RunOf:
    """What a run works with: its voice, the history, what was asked for, and the folder for what it leaves."""

    console: Console
    history: History
    asked: Replay
    folder: Path

    def parts(self, advance: Advance) -> Iterator[Part]:
        """Yield the parts of the history that are looked at.

        Raises
        ------
        CommandError
            NOTHING_TO_REPLAY, at the end, where there was none.
        """
        empty = True
        for _, parts in self.asked.parts(self.history.path):
            for part in parts:
                empty = False
                yield part
            advance()
        if empty:
            raise self._nothing()

    @property
    def steps(self) -> int:
        """How many batches there are at most."""
        return max(1, -(-self.history.case_count // BATCH) * len(self.asked.scope.stages))

    def _nothing(self) -> CommandError:
        stages = self.asked.skipped.items()
        left = [(STAGE_TEXT[stage], SKIPS[why], n) for stage, skipped in stages for why, n in skipped.items() if n]
        zh = "；".join(f"{stage.zh} {n:,} 件{words.zh}" for stage, words, n in left) or "历史数据中没有案件"
        en = "; ".join(f"{stage.en}: {n:,} cases {words.en}" for stage, words, n in left) or "the history holds no case"
        return CommandError("NOTHING_TO_REPLAY", zh, en)


def replay_run(run: RunOf, *, out: Path) -> Result:
    """Route every case under both tables and list those that get another lane in a file."""
    console, asked, tally = run.console, run.asked, Tally()
    changed = ChangedCases(console.lang, simulated=run.history.simulated)

    def lines(advance: Advance) -> Iterator[Columns]:
        for part in run.parts(advance):
            tally.add(part)
            yield changed.columns(part)

    with console.step("回放", "replaying", total=run.steps) as advance:
        write_lines(lines(advance), out, {name: console.say(*words) for name, words in HEADINGS.items()})
    _warn_of_later_changes(console, asked, tally)
    results = ReplayResults(asked, tally, console.lang, simulated=run.history.simulated)
    result = results.result({"changed_file": str(out), "run": str(run.folder)})
    tables = {"old": asked.old, "new": asked.new}
    grounds = Grounds(options=asked.options(), history=run.history, tables=tables)
    write_run(run.folder, result, grounds, console=console, title=("规则表回放", "rules replayed"))
    return result


def conflict_run(run: RunOf, bundle: Bundle, settings: Settings) -> Result:
    """Hold the rules of one table against the scores, case by case, and look up what came of the cases."""
    console, asked, tally = run.console, run.asked, Tally()
    collected = Conflicts(run.history)
    with console.step("比对规则与分值", "comparing rules and scores", total=run.steps) as advance:
        for part in run.parts(advance):
            tally.add(part)
            collected.add(part)
    last = day_of(tally.last)
    window = asked.old.on(last).number("urging_days")
    found = collected.found(settings, window=window)
    _warn_of_learnt_cases(console, asked, bundle)
    results = ConflictResults(
        table=asked.old,
        bundle=bundle,
        wording=Wording.on(asked.old, last),
        found=found,
        window=window,
        few=settings.evaluation.slice_min,
        lang=console.lang,
        simulated=run.history.simulated,
    )
    result = results.result({**asked.options(), "run": str(run.folder)})
    tables = {"table": asked.old}
    grounds = Grounds(options=asked.options(), history=run.history, tables=tables)
    write_run(run.folder, result, grounds, console=console, title=("规则与分值比对", "rules held against scores"))
    return result


def _warn_of_later_changes(console: Console, asked: Replay, tally: Tally) -> None:
    """Say when a change comes into force after the last case: it cannot show in a replay by dates of receipt."""
    last = day_of(tally.last)
    starts = [one.start for one in differences(asked.old, asked.new) if one.start is not None and one.start > last]
    if starts and asked.scope.on is None:
        n, first = len(starts), min(starts)
        zh = f"{n} 处变化在最后一件收到之日（{last}）以后施行，没有计入；要试算的，加 --on {first}"
        en = f"{n} changes start after the last case ({last}) and are not counted; add --on {first} to try them"
        console.warn(zh, en)


def _warn_of_learnt_cases(console: Console, asked: Replay, bundle: Bundle) -> None:
    """Say which cases the models may have learnt from: on those, scores look better than they are."""
    unseen, since = bundle.about.periods["test"][0], asked.scope.since
    if since is None or since < unseen:
        zh = f"模型用过 {unseen} 以前收到的案件；只看模型没有见过的案件，加 --from {unseen}"
        console.warn(
            zh, f"the models learnt from cases received before {unseen}; add --from {unseen} to leave them out"
        )
