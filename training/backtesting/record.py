"""A backtest on disk: the plan, written first and all that workers are told, and a file for each finished piece."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from features.register import Stage
from training.backtesting.plan import Fold
from training.config import Settings, build_typed, plain_values
from training.errors import CommandError
from training.provenance import code_version, lock_sha256, write_json

FORMAT = "fenliu-backtest/1"
PLAN = "plan.json"


@dataclass(frozen=True)
class Piece:
    """The least work that is kept: one candidate, one stage, one fold."""

    candidate: str
    stage: Stage
    fold: int

    @property
    def name(self) -> str:
        """Return the name of its file."""
        return f"{self.candidate}-{self.stage}-{self.fold}"


@dataclass(frozen=True)
class Backtest:
    """The folder of a backtest; what it says does not change once it is written."""

    folder: Path

    @classmethod
    def begin(
        cls, folder: Path, settings: Settings, folds: tuple[Fold, ...], *, history: Path, sha256: str
    ) -> Backtest:
        """Write the plan of a new backtest."""
        plain = [{**plain_values(one), "windows": [[str(day) for day in two] for two in one.windows]} for one in folds]
        document = {
            "format": FORMAT, "history": str(history.resolve()), "history_sha256": sha256, "folds": plain,
            "settings": plain_values(settings), "code_version": code_version(), "lock_sha256": lock_sha256(),
        }  # fmt: skip
        write_json(folder / PLAN, document)
        return cls(folder)

    @classmethod
    def resume(cls, folder: Path) -> Backtest:
        """Return the backtest of a folder.

        Raises
        ------
        CommandError
            NOT_FOUND: the folder holds no plan of a backtest.
        """
        file = folder / PLAN
        found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        if found.get("format") != FORMAT:
            raise CommandError("NOT_FOUND", f"{folder} 不是回测记录", f"{folder} is no backtest")
        return cls(folder)

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """What was written at the beginning."""
        found: Mapping[str, Any] = json.loads((self.folder / PLAN).read_text(encoding="utf-8"))
        return found

    @cached_property
    def settings(self) -> Settings:
        """The settings of all folds."""
        return build_typed(Settings, self.plan["settings"])

    @cached_property
    def folds(self) -> tuple[Fold, ...]:
        """The folds, the oldest first."""
        day = date.fromisoformat
        return tuple(
            Fold(one["number"], day(one["calibrate_from"]), day(one["origin"]), _windows(one["windows"]))
            for one in self.plan["folds"]
        )

    @property
    def pieces(self) -> Iterator[Piece]:
        """Yield all pieces, fold by fold."""
        for fold in self.folds:
            for stage in self.settings.targets:
                for candidate in self.settings.backtest.candidates:
                    yield Piece(candidate.name, Stage(stage), fold.number)

    @property
    def missing(self) -> tuple[Piece, ...]:
        """The pieces that are not finished."""
        return tuple(piece for piece in self.pieces if not self.file_of(piece).is_file())

    def file_of(self, piece: Piece) -> Path:
        """Return where a finished piece is kept."""
        return self.folder / "folds" / f"{piece.name}.json"

    def keep(self, piece: Piece, scores: Mapping[str, Any]) -> None:
        """Keep a finished piece, whole or not at all."""
        write_json(self.file_of(piece), {"candidate": piece.candidate, "fold": piece.fold, "scores": scores})

    def forget(self) -> None:
        """Take the plan away where no piece was finished: a backtest that was refused leaves nothing."""
        if any(self.file_of(piece).is_file() for piece in self.pieces):
            return
        (self.folder / PLAN).unlink()
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def read(self, piece: Piece) -> Mapping[str, Any]:
        """Return the figures of a finished piece by score."""
        found: Mapping[str, Any] = json.loads(self.file_of(piece).read_text(encoding="utf-8"))["scores"]
        return found


def _windows(plain: list[list[str]]) -> tuple[tuple[date, date], ...]:
    return tuple((date.fromisoformat(start), date.fromisoformat(end)) for start, end in plain)
