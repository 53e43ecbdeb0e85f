"""Every score beside what others train on the same rows: a simulated court (模拟) and three real tasks, one table.

Run: python -m benchmarks.quality --n 20000 --seeds 1 (a quick look); without options all, hours of processor time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality_peers import Lesson, Peer, Rows, peers
from features.known import Array
from features.register import Stage
from models.estimators.calibration import Courts
from models.stage_models import HazardScore
from training.config import Settings, load_settings
from training.evaluation.measures import Judged, auc, brier, calibration_error, judge, log_loss
from training.evaluation.oracle import explained_share, oracle
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
MEASURES = ("auc", "log_loss", "brier", "ibs", "ece", "explained", "fit_s", "predict_s")
OURS = "fenliu"


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


@dataclass(frozen=True)
class Answered:
    """What a method said of the test cases: chances at the reading day, curves where it has them, seconds, rows."""

    chance: Array
    curve: Array | None
    fit_s: float
    predict_s: float
    n: int


def court_tasks(n: int, seed: int, *, folder: Path, only: set[str], overrides: list[str]) -> Iterator[Task]:
    """Simulate a court and yield each of its scores."""
    path = folder / f"court-{seed}"
    simulate(path, CourtSettings(n=n, seed=seed))
    history, settings = History.open(path), load_settings(overrides=overrides)
    for stage in Stage:
        names = [name for name in settings.targets[stage] if not only or f"{stage}.{name}" in only]
        yield from _tasks(history, stage, settings, names)


def real_task(letter: str, *, folder: Path, source: Path, overrides: list[str]) -> Iterator[Task]:
    """Import a real task through its mapping, as a court's export would be, and yield its question."""
    name = TASKS[letter]
    path = folder / name
    if not path.exists():
        import_history(MAPPINGS / f"{name}.toml", source, path)
    settings = load_settings(MAPPINGS / f"{name}-train.toml", overrides)
    yield from _tasks(History.open(path), Stage.A, settings, ["ability"], prefix=f"real {letter}: ")


def _tasks(history: History, stage: Stage, settings: Settings, names: list[str], *, prefix: str = "") -> Iterator[Task]:
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
    began = time.perf_counter()
    fitted = fit_score(task.data, task.score, settings=task.settings).score
    fit_s = time.perf_counter() - began
    threads, test = task.settings.booster.threads, task.rows(task.score.test)
    began = time.perf_counter()
    reading, curve = fitted.readings[0], None
    if isinstance(fitted, HazardScore):
        raw = fitted.model.incidence_at(test, reading.day)
    else:
        raw = fitted.model.share(test, threads=threads)
    courts = Courts.of(task.data.court[task.data.place[task.score.test.row]].tolist())
    chance = reading.calibrator.apply_at(raw, courts)
    predict_s = time.perf_counter() - began
    if isinstance(fitted, HazardScore):
        curve = fitted.model.curves(test, threads=threads).incidence[:, 0]
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
    began = time.perf_counter()
    answer = peer.learn(lesson)
    fit_s = time.perf_counter() - began
    test = task.rows(task.score.test)
    began = time.perf_counter()
    if not peer.curve:
        chance, spent = answer(test), time.perf_counter() - began
        times = (fit_s + spent, float("nan")) if peer.at_once else (fit_s, spent)
        return Answered(chance, None, *times, len(chosen))
    days = np.array(sorted({*target.grid, target.reading}))
    curve = answer(test, days)  # type: ignore[call-arg]
    places = np.searchsorted(days, target.grid)
    at = int(np.searchsorted(days, target.reading))
    return Answered(curve[:, at], curve[:, places], fit_s, time.perf_counter() - began, len(chosen))


def measured(task: Task, answered: Answered, *, constant: float) -> dict[str, float]:
    """Return every measure of one method on the test cases."""
    judged = _judged(task, answered.chance)
    chances = bool(task.score.target.causes)
    loss = log_loss if chances else brier
    best = float("nan") if task.best is None else loss(_judged(task, task.best))
    return {
        "auc": auc(judged) if chances else float("nan"),
        "log_loss": log_loss(judged) if chances else float("nan"),
        "brier": brier(judged),
        "ibs": _integrated(task, answered.curve),
        "ece": calibration_error(judged) if chances else float("nan"),
        "explained": explained_share(constant=constant, model=loss(judged), best=best),
        "fit_s": answered.fit_s,
        "predict_s": answered.predict_s,
        "n": float(answered.n),
    }


def _judged(task: Task, chance: Array) -> Judged:
    test, target = task.score.test, task.score.target
    if not target.causes:
        return Judged(chance, test.share, np.ones(len(test)))
    return judge(chance, time=test.time, cause=test.cause, day=target.reading)


def _integrated(task: Task, curve: Array | None) -> float:
    """Return the Brier score of a curve averaged over the days of the grid, each weighed by its interval."""
    if curve is None:
        return float("nan")
    test, grid = task.score.test, task.score.target.grid
    found = [brier(judge(curve[:, i], time=test.time, cause=test.cause, day=day)) for i, day in enumerate(grid)]
    return float(np.average(found, weights=np.diff((0.0, *grid))))


def compare(task: Task, entrants: dict[str, Peer], *, seed: int) -> dict[str, dict[str, float]]:
    """Measure all methods on one task; the zero of the explained share is the constant of the training period."""
    train, target = task.score.train, task.score.target
    label = train.happened(target.reading)[task.score.settled] if target.causes else train.share
    loss = log_loss if target.causes else brier
    zero = loss(_judged(task, np.full(len(task.score.test), float(np.nanmean(label)))))
    found = {}
    for name, run in {OURS: None, **entrants}.items():
        if run is not None and run.curve and not target.causes:
            continue
        answered = ours(task) if run is None else theirs(task, run, seed=seed)
        found[name] = measured(task, answered, constant=zero)
        print(f"  {task.name} {name} {answered.fit_s:.1f} s", flush=True)
    if task.best is not None:
        found["oracle"] = measured(task, Answered(task.best, None, 0.0, 0.0, 0), constant=zero)
    return found


def table(results: dict[str, dict[str, list[dict[str, float]]]]) -> str:
    """Return all medians as one table in Markdown."""
    lines = ["| score | method | learned from | " + " | ".join(MEASURES) + " |", "|---" * (len(MEASURES) + 3) + "|"]
    for task, methods in results.items():
        for method, runs in methods.items():
            middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            cells = ["–" if middle[key] != middle[key] else _shown(key, middle[key]) for key in MEASURES]
            lines.append(f"| {task} | {method} | {middle['n']:,.0f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _shown(key: str, value: float) -> str:
    return f"{value:.1f}" if key.endswith("_s") else f"{value:.4f}"


def main() -> None:
    """Measure the asked tasks and print one table."""
    asked = _arguments()
    everyone = peers(survival_rows=asked.survival_rows, additive_rows=asked.additive_rows)
    wanted = {name: peer for name, peer in everyone.items() if not asked.peers or name in asked.peers}
    absent = {name: why for name, peer in wanted.items() if (why := peer.missing())}
    for name, why in absent.items():
        print(f"left out: {name} ({why}); install the extra `benchmarks`")
    entrants = {name: peer for name, peer in wanted.items() if name not in absent}
    results: dict[str, dict[str, list[dict[str, float]]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.seed, asked.seed + asked.seeds):
            for task in _asked_tasks(asked, seed, Path(folder)):
                for method, found in compare(task, entrants, seed=seed).items():
                    results.setdefault(task.name, {}).setdefault(method, []).append(found)
    simulated = "court" in asked.tasks
    print("\n" + ("A.* and B.* without `real`: simulated data (模拟)\n" if simulated else "") + table(results))
    if asked.json:
        asked.json.write_text(json.dumps({"options": vars(asked) | {"json": None}, "runs": results}, default=str))


def _asked_tasks(asked: argparse.Namespace, seed: int, folder: Path) -> Iterator[Task]:
    overrides = [f"seed={seed}", f"booster.threads={asked.threads}"]
    if "court" in asked.tasks:
        yield from court_tasks(asked.n, seed, folder=folder, only=set(asked.scores), overrides=overrides)
    for letter in TASKS:
        if letter not in asked.tasks:
            continue
        if not (asked.data / "rtfm_fines.parquet").is_file():
            print(f"skipped: real task {letter}, no rtfm_fines.parquet in {asked.data} (see docs/own-data.md)")
            continue
        yield from real_task(letter, folder=folder, source=asked.data, overrides=overrides)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200_000, help="cases of the simulated court")
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
    parser.add_argument("--json", type=Path, help="write every single run to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
