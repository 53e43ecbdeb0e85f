"""How honest scores and ranges are on later periods of simulated courts (模拟), pooled and court by court.

    python -m benchmarks.calibration --n 200000 --seeds 11 12 13

For every score: the calibration error of all test cases and of the worst court
with 500 cases; the same against the generator's own chances, which leaves the
chance of single cases out; what scores that are exactly right would show with
these cases; and in how many cells of 100 cases the range held the frequency.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from features.register import Stage
from models.bundle import Bundle
from models.estimators.calibration import Courts
from models.scores import ReadAt, score_rows
from training.config import Settings, load_settings
from training.console import Console
from training.evaluation.evaluate import judged_by, periods_of
from training.evaluation.measures import Judged, calibration_error
from training.evaluation.oracle import oracle
from training.evaluation.wider import coverage
from training.history import History
from training.learning.stage_data import StageData, score_data
from training.learning.train import train
from training.simulate import CourtSettings, simulate

LEAST = 500
HEAD = "| seed | score | test | pooled | truth | exact | worst court | truth | exact | coverage | cells |"


def main() -> None:
    """Simulate, train and measure each seed, and print one line for each score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--scenario", default="base", help="what changes over the years: base, drift or shock")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    settings = load_settings(overrides=("mlflow.enabled=false", f"booster.threads={asked.threads}"))
    print(f"模拟 / simulated, {asked.scenario}, {asked.n} cases a seed\n{HEAD}\n{'| --- ' * HEAD.count(' | ')}| --- |")
    for seed in asked.seeds:
        with tempfile.TemporaryDirectory() as folder:
            simulate(Path(folder) / "history", CourtSettings(n=asked.n, seed=seed, scenario=asked.scenario))
            history = History.open(Path(folder) / "history")
            console = Console(quiet=True, out=io.StringIO(), err=io.StringIO())
            made = train(history, settings, stages=list(Stage), created_at=datetime.now(UTC), console=console)
            for line in _lines(made.bundle, history, settings):
                print(f"| {seed} | {line} |", flush=True)


def _lines(bundle: Bundle, history: History, settings: Settings) -> Iterator[str]:
    for stage, models in bundle.stages.items():
        data = StageData.of(history, stage, models.features)
        for name in models.scores:
            score = score_data(history, name, data=data, at=periods_of(bundle), settings=settings)
            place = data.place[score.test.row]
            court = data.court[place]
            at = ReadAt(waited=data.known.waited[place])
            shown = score_rows(models, data.rows[place], Courts.of(court.tolist()), at=at).columns[name]
            truth = oracle(history, stage, name, day=score.target.reading)
            judged = judged_by(shown.p, score.test, score.target)
            known = np.full(len(judged.score), np.nan) if truth is None else truth[score.test.row]
            yield f"{stage}.{name} | {len(judged.score)} | " + _measured(judged, known, court, shown.lower, shown.upper)


def _measured(judged: Judged, truth: np.ndarray, court: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> str:
    against = Judged(judged.score, truth, judged.weight)
    exact = Judged(truth, judged.outcome, judged.weight)
    big = [court == one for one in np.unique(court) if ((court == one) & (judged.weight > 0)).sum() >= LEAST]
    three = (judged, against, exact)
    pooled = " | ".join(f"{calibration_error(one):.4f}" for one in three)
    worst = " | ".join(
        f"{max((calibration_error(one.where(rows)) for rows in big), default=np.nan):.4f}" for one in three
    )
    held = coverage(judged, (lower, upper), court)
    cells = sum(int(((court == one) & (judged.weight > 0)).sum()) // 100 for one in np.unique(court))
    return f"{pooled} | {worst} | {held.value:.3f} [{held.lower:.3f}, {held.upper:.3f}] | {cells}"


if __name__ == "__main__":
    main()
