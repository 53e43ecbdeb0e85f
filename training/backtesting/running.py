"""The pieces of a backtest, side by side: what is finished stays, so that a stopped backtest goes on."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from features.register import Stage
from training.backtesting.fold import FoldWork
from training.backtesting.plan import with_booster
from training.backtesting.record import Backtest, Piece
from training.console import Console
from training.history import History
from training.learning.stage_data import StageData, features_of
from training.parallel import Workers


def run_pieces(backtest: Backtest, *, jobs: int, console: Console) -> None:
    """Do whatever of a backtest is not done yet; the first piece that fails stops the others.

    Raises
    ------
    CommandError
        TOO_FEW_CASES in some fold.
    """
    missing, whole = backtest.missing, len(tuple(backtest.pieces))
    with console.step("回测", "backtesting", total=whole) as advance:
        for _ in range(whole - len(missing)):
            advance()
        jobs = min(jobs, len(missing))
        with Workers(jobs) as workers:
            # One thread for each of several workers, those of the settings for a single one.
            for _ in workers.each([(run_piece, (backtest.folder, piece, int(jobs > 1))) for piece in missing]):
                advance()


def run_piece(folder: Path, piece: Piece, threads: int) -> None:
    """Learn one candidate as of one day, measure it, and keep the figures; `threads` of 0 are those of the settings."""
    backtest = Backtest(folder)
    (change,) = [one for one in backtest.settings.backtest.candidates if one.name == piece.candidate]
    settings = with_booster(backtest.settings, change)
    if threads:
        settings = replace(settings, booster=replace(settings.booster, threads=threads))
    history, data = _opened(folder, piece.stage)
    work = FoldWork(history, data, backtest.folds[piece.fold])
    names = settings.targets[piece.stage]
    backtest.keep(piece, {f"{piece.stage}.{name}": work.score(name, settings) for name in names})


@lru_cache(maxsize=2)
def _opened(folder: Path, stage: Stage) -> tuple[History, StageData]:
    """Return the history and the matrix of a stage, which all pieces of a worker share."""
    backtest = Backtest(folder)
    history = History.open(Path(backtest.plan["history"]))
    return history, StageData.of(history, stage, features_of(history, stage, backtest.settings))
