"""Every score beside what others train on the same rows: a simulated court (模拟) and three real tasks, one table.

Run: python -m benchmarks.quality --n 20000 --seeds 1 (a quick look); without options all, hours of processor time.
With `--json FILE` every finished answer is kept at once, and the same call goes on where it was cut off.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.quality_figures import Judging, table
from benchmarks.quality_peers import Lesson, Peer, Rows, peers
from benchmarks.quality_record import Answered, Key, Record
from features.known import Array
from features.register import Stage
from models.stage_models import HazardScore
from training.config import Settings, load_settings
from training.evaluation.baselines import CONSTANT
from training.evaluation.oracle import oracle
from training.evaluation.wider import marginal_curve
from training.history import History
from training.importing import import_history
from training.learning.labels import Outcomes
from training.learning.stage_data import ScoreData, StageData, features_of, find_periods, score_data
from training.learning.train_score import fit_score
from training.simulate import CourtSettings, simulate

ROOT = Path(__file__).parent.parent
MAPPINGS = ROOT / "docs" / "mappings"
TASKS = {"A": "rtfm", "B": "rtfm-overdue", "C": "rtfm-landmarks"}
"""Real tasks: paid within a year of the fine, within a year of the penalty, within 90 days of a landmark."""

SEED = 20261122
OURS, ORACLE = "fenliu", "oracle"


@dataclass(frozen=True)
class Task:
    """One question on one history, split: what is asked, its settings, matrix and cases, and the best known chances."""

    name: str
    settings: Settings
    data: StageData
    score: ScoreData
    best: Array | None

    def rows(self, cases: Outcomes) -> Rows:
        """Return the matrix of some cases."""
        return self.data.rows[self.data.place[cases.row]]

    def taught_by(self, rows: int, *, seed: int) -> Task:
        """Return the same task with so many cases before the test at most, drawn by lot; every method learns of them.

        A case that is not drawn neither teaches nor calibrates.
        """
        score = self.score
        if not rows or len(score.known) <= rows:
            return self
        drawn = np.random.default_rng(seed).choice(score.known.row, rows, replace=False)
        parts = {name: getattr(score, name) for name in ("train", "calibrate", "late", "known")}
        kept = {name: cases.where(np.isin(cases.row, drawn)) for name, cases in parts.items()}
        settled = score.settled[np.isin(score.train.row, drawn)]
        return replace(self, score=replace(score, settled=settled, **kept))

    @cached_property
    def judging(self) -> Judging:
        """How the test cases judge; the zero of the explained share is the constant of the training period."""
        train, target = self.score.train, self.score.target
        label = train.happened(target.reading)[self.score.settled] if target.causes else train.share
        zero = float(np.nanmean(label))
        return Judging.of(self.score.test, target, zero=zero, best=self.best, count=self.settings.evaluation.resamples)


@dataclass(frozen=True)
class Comparison:
    """What is asked: options, who takes part, and what is measured already."""

    asked: argparse.Namespace
    entrants: Mapping[str, Peer]
    record: Record
    folder: Path

    def run(self) -> None:
        """Measure whatever is missing, task by task."""
        for seed in range(self.asked.seed, self.asked.seed + self.asked.seeds):
            overrides = [f"seed={seed}", f"booster.threads={self.asked.threads}"]
            if "court" in self.asked.tasks:
                self._court(seed, overrides)
            for letter in TASKS:
                if letter in self.asked.tasks:
                    self._real(letter, seed, overrides)

    def _court(self, seed: int, overrides: list[str]) -> None:
        """Simulate a court and answer each of its scores."""
        settings, only = load_settings(overrides=overrides), set(self.asked.scores)
        wanted = {stage: [n for n in settings.targets[stage] if not only or f"{stage}.{n}" in only] for stage in Stage}
        missing = {stage: [n for n in names if self._missing(f"{stage}.{n}", seed)] for stage, names in wanted.items()}
        if not any(missing.values()):
            return
        path = self.folder / f"court-{seed}"
        asked = self.asked
        simulate(path, CourtSettings(n=asked.n, seed=seed, scenario=asked.scenario, courts=asked.courts))
        history = History.open(path)
        for stage, names in missing.items():
            for task in _tasks(history, stage, settings, names):
                self._answer(task, seed)

    def _real(self, letter: str, seed: int, overrides: list[str]) -> None:
        """Import a real task through its mapping, as a court's export would be, and answer its question."""
        if not (self.asked.data / "rtfm_fines.parquet").is_file():
            print(f"skipped: real task {letter}, no rtfm_fines.parquet in {self.asked.data} (see docs/own-data.md)")
            return
        name, prefix = TASKS[letter], f"real {letter}: "
        if not self._missing(f"{prefix}A.ability", seed):
            return
        path = self.folder / name
        if not path.exists():
            import_history(MAPPINGS / f"{name}.toml", self.asked.data, path)
        settings = load_settings(MAPPINGS / f"{name}-train.toml", overrides)
        for task in _tasks(History.open(path), Stage.A, settings, ["ability"], prefix=prefix):
            self._answer(task, seed)

    def _missing(self, name: str, seed: int) -> list[str]:
        return self.record.missing(name, self._methods(name), seed)

    def _methods(self, name: str) -> list[str]:
        """Return who can answer: a method of whole curves says nothing of a share, an oracle nothing of real cases."""
        share, real = name.endswith(".recovery"), name.startswith("real")
        able = [peer for peer, how in self.entrants.items() if not (how.curve and share)]
        return [OURS, *able, *([] if real else [ORACLE])]

    def _answer(self, task: Task, seed: int) -> None:
        """Ask all methods that are missing, then hold each of them against ours."""
        few = task.taught_by(self.asked.rows, seed=seed)
        for name in self._missing(task.name, seed):
            if name == ORACLE and task.best is None:
                continue
            try:
                answered = self._asked(few, name, seed)
            except Exception as error:  # A stranger that fails is told; it must not cost the others their hours.
                if name in {OURS, ORACLE}:
                    raise
                print(f"  {task.name} {seed} {name} failed: {type(error).__name__}: {error}", flush=True)
                continue
            self.record.keep(Key(task.name, name, seed), answered, task.judging.figures(answered))
            print(f"  {task.name} {seed} {name} {answered.fit_s:.1f} + {answered.predict_s:.1f} s", flush=True)
        own = self.record.answer(Key(task.name, OURS, seed))
        for name in self.record.methods(task.name, seed):
            if name != OURS:
                key = Key(task.name, name, seed)
                self.record.figures[key] |= task.judging.beside(self.record.answer(key), own)
        self.record.write()

    def _asked(self, task: Task, name: str, seed: int) -> Answered:
        if name == ORACLE:
            assert task.best is not None
            return Answered(task.best, None, 0.0, 0.0, 0)
        if name == OURS:
            return ours(task)
        answered = theirs(task, self.entrants[name], seed=seed)
        if name != CONSTANT or not task.score.target.causes:
            return answered
        # The same for everybody is a curve, too.
        curve = marginal_curve(task.score.known, task.score.target.grid, n=len(answered.chance))
        return replace(answered, curve=curve)


def _tasks(
    history: History, stage: Stage, settings: Settings, names: Sequence[str], *, prefix: str = ""
) -> Iterator[Task]:
    if not names:
        return
    at = find_periods(history, settings)
    data = StageData.of(history, stage, features_of(history, stage, settings))
    for name in names:
        score = score_data(history, name, data=data, at=at, settings=settings)
        best = oracle(history, stage, name, day=score.target.reading)
        yield Task(f"{prefix}{stage}.{name}", settings, data, score, None if best is None else best[score.test.row])


def ours(task: Task) -> Answered:
    """Fit, calibrate and read our own score, as `fenliu train` and the service do."""
    began = time.process_time()
    fitted = fit_score(task.data, task.score, settings=task.settings).score
    fit_s = time.process_time() - began
    threads, test = task.settings.booster.threads, task.rows(task.score.test)
    began = time.process_time()
    reading, curve = fitted.readings[0], None
    waited = task.data.waited_of(task.score.test)
    raw = fitted.raw(test, day=reading.day, waited=waited, threads=threads)
    courts = task.data.courts_of(task.data.place[task.score.test.row])
    chance = reading.calibrator.apply_at(raw, courts)
    predict_s = time.process_time() - began
    if isinstance(fitted, HazardScore):
        curve = fitted.curve(test, courts, waited=waited, threads=threads)
    return Answered(chance, curve, fit_s, predict_s, len(task.score.known))


def theirs(task: Task, peer: Peer, *, seed: int) -> Answered:
    """Let a peer learn from every case before the test whose answer was known when the test began."""
    known, target = task.score.known, task.score.target
    label = known.happened(target.reading) if target.causes else known.share
    # Of cases not yet followed to the reading day only the quick ends are known: a yes or no would be biased.
    usable = np.flatnonzero(~np.isnan(label) & ((known.followed >= target.reading) | peer.curve))
    if peer.curve:
        usable = np.arange(len(known))
    chosen = np.random.default_rng(seed).permutation(usable)[: peer.most_rows]
    learned = known.where(chosen)
    lesson = Lesson(
        rows=task.rows(learned),
        label=label[chosen],
        time=learned.time,
        cause=learned.cause,
        seed=seed,
        threads=task.settings.booster.threads,
    )
    began = time.process_time()
    answer = peer.learn(lesson)
    fit_s = time.process_time() - began
    test = task.rows(task.score.test)
    began = time.process_time()
    if not peer.curve:
        chance, spent = answer(test), time.process_time() - began
        times = (fit_s + spent, float("nan")) if peer.at_once else (fit_s, spent)
        return Answered(chance, None, *times, len(chosen))
    days = np.array(sorted({*target.grid, target.reading}))
    curve = answer(test, days)  # type: ignore[call-arg]
    places = np.searchsorted(days, target.grid)
    at = int(np.searchsorted(days, target.reading))
    return Answered(curve[:, at], curve[:, places], fit_s, time.process_time() - began, len(chosen))


def main() -> None:
    """Measure the asked tasks and print one table."""
    asked = _arguments()
    everyone = peers(survival_rows=asked.survival_rows, additive_rows=asked.additive_rows)
    wanted = {name: peer for name, peer in everyone.items() if not asked.peers or name in asked.peers}
    absent = {name: why for name, peer in wanted.items() if (why := peer.missing())}
    for name, why in absent.items():
        print(f"left out: {name} ({why}); install the extra `benchmarks`")
    entrants = {name: peer for name, peer in wanted.items() if name not in absent}
    common = ("n", "scenario", "courts", "rows", "survival_rows", "additive_rows", "threads")
    record = Record(asked.json, {name: getattr(asked, name) for name in common})
    record.forget(asked.again)
    with tempfile.TemporaryDirectory() as folder:
        if not asked.table:
            Comparison(asked, entrants, record, Path(folder)).run()
    simulated = any(not key.task.startswith("real") for key in record.figures)
    print("\n" + ("A.* and B.* without `real`: simulated data (模拟)\n\n" if simulated else "") + table(record.figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200_000, help="cases of the simulated court")
    parser.add_argument("--scenario", default="base", help="what changes over the years there: base, drift or shock")
    parser.add_argument("--courts", type=int, default=10, help="how many courts share the simulated cases")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds; medians are shown")
    parser.add_argument("--seed", type=int, default=SEED, help="the first seed")
    parser.add_argument("--tasks", nargs="*", default=["court", *TASKS], choices=["court", *TASKS])
    parser.add_argument(
        "--scores", nargs="*", default=[], help="scores of the court, such as A.willingness; all without"
    )
    parser.add_argument("--peers", nargs="*", default=[], help="peers by name; all without")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the real data")
    parser.add_argument("--survival-rows", type=int, default=3_000, help="rows SurvivalBoost learns from: it is slow")
    parser.add_argument("--additive-rows", type=int, default=20_000, help="rows EBM learns from: it is slow")
    parser.add_argument("--threads", type=int, default=1, help="threads of every method")
    parser.add_argument("--rows", type=int, default=0, help="cases that any method learns from at most; 0: all")
    parser.add_argument("--json", type=Path, help="keep every finished answer here, and go on from what it holds")
    parser.add_argument("--again", nargs="*", default=[], help="methods to measure anew, such as fenliu")
    parser.add_argument("--table", action="store_true", help="measure nothing, show what the file holds")
    return parser.parse_args()


if __name__ == "__main__":
    main()
