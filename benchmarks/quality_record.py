"""What a comparison has measured so far, in a file: a second call goes on where the first one was cut off."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.known import Array

FORMAT = "fenliu-quality/1"
Figures = dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """What a method said of the test cases: chances at the reading day, curves where it has them, seconds, rows.

    `chance` has the shape (n,), `curve` (n, days of the grid). Seconds are those
    of the processor, of fitting and of answering all test cases.
    """

    chance: Array
    curve: Array | None
    fit_s: float
    predict_s: float
    n: int


@dataclass(frozen=True)
class Key:
    """Which answer: the task, the method, and the seed of court and learners."""

    task: str
    method: str
    seed: int

    @property
    def file(self) -> str:
        """The name of the file that holds the answer."""
        return f"{self.task}.{self.method}.{self.seed}.npz".replace(": ", "-").replace(" ", "-")


class Record:
    """Answers and figures by task, method and seed; each is on disk as soon as it is there.

    Beside `FILE.json` stands the folder `FILE.answers`. Without a file all is
    forgotten at the end.
    """

    def __init__(self, file: Path | None, options: Mapping[str, Any]) -> None:
        """Open the file, or begin one; `options` are what all figures of one file have in common.

        Raises
        ------
        SystemExit
            The file holds figures of other options.
        """
        self.file, self.options = file, dict(options)
        self.figures: dict[Key, Figures] = {}
        self._answers: dict[Key, Answered] = {}
        if file is not None and file.is_file():
            self._read(json.loads(file.read_text(encoding="utf-8")))

    def missing(self, task: str, methods: Iterable[str], seed: int) -> list[str]:
        """Return the methods of a task that are not measured yet."""
        return [name for name in methods if Key(task, name, seed) not in self.figures]

    def methods(self, task: str, seed: int) -> list[str]:
        """Return the measured methods of a task."""
        return [key.method for key in self.figures if (key.task, key.seed) == (task, seed)]

    def keep(self, key: Key, answered: Answered, figures: Figures) -> None:
        """Keep an answer with its figures; a crash afterwards loses nothing of it."""
        if self.file is None:
            self._answers[key] = answered
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            plain = {name: value for name, value in asdict(answered).items() if value is not None}
            np.savez(self._folder / key.file, **plain)
        self.figures[key] = figures
        self.write()

    def answer(self, key: Key) -> Answered:
        """Return a kept answer."""
        if self.file is None:
            return self._answers[key]
        with np.load(self._folder / key.file, allow_pickle=False) as held:
            curve = held.get("curve")
            seconds = (float(held["fit_s"]), float(held["predict_s"]))
            return Answered(held["chance"], curve, *seconds, int(held["n"]))

    def forget(self, methods: Iterable[str]) -> None:
        """Forget what some methods said, so that they are measured anew."""
        self.figures = {key: figures for key, figures in self.figures.items() if key.method not in set(methods)}
        self.write()

    def write(self) -> None:
        """Write all figures, whole or not at all."""
        if self.file is None:
            return
        runs = [asdict(key) | figures for key, figures in self.figures.items()]
        text = json.dumps({"format": FORMAT, "options": self.options, "runs": runs}, indent=1)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_name(self.file.name + ".new")
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, self.file)  # noqa: PTH105 - the one call that is whole or not at all

    @property
    def _folder(self) -> Path:
        assert self.file is not None
        return self.file.with_suffix(".answers")

    def _read(self, document: Mapping[str, Any]) -> None:
        if document.get("format") != FORMAT or document["options"] != self.options:
            held = document.get("options")
            raise SystemExit(f"{self.file} holds figures of {held}, asked are {self.options}: name another file")
        for run in document["runs"]:
            key = Key(run.pop("task"), run.pop("method"), run.pop("seed"))
            self.figures[key] = run
