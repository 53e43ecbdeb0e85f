"""The pieces of a backtest, side by side: what is finished stays, so that a stopped backtest goes on."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from features.register import Stage
from training.backtesting.fold import FoldWork
from training.backtesting.plan import with_booster
from training.backtesting.record import Backtest, Piece
from training.console import Advance, Console
from training.history import History
from training.learning.stage_data import StageData, features_of


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
        if jobs == 1 or len(missing) < 2:
            for piece in missing:
                run_piece(backtest.folder, piece, 0)
                advance()
        else:
            _side_by_side(backtest.folder, missing, jobs=jobs, advance=advance)


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


def _side_by_side(folder: Path, pieces: Sequence[Piece], *, jobs: int, advance: Advance) -> None:
    # One thread for each worker: threads that share two cores only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(jobs, len(pieces)), mp_context=context) as pool:
        waiting = [pool.submit(run_piece, folder, piece, 1) for piece in pieces]
        try:
            for done in as_completed(waiting):
                done.result()
                advance()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@lru_cache(maxsize=2)
def _opened(folder: Path, stage: Stage) -> tuple[History, StageData]:
    """Return the history and the matrix of a stage, which all pieces of a worker share."""
    backtest = Backtest(folder)
    history = History.open(Path(backtest.plan["history"]))
    return history, StageData.of(history, stage, features_of(history, stage, backtest.settings))
