"""A search as people see it: every trial, the best beside the settings as they are, and a file to use it with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.console import Column, Lang, Result
from training.provenance import write_whole
from training.tuning.trials import Tried

FILE = "tuned.toml"


@dataclass(frozen=True)
class TuningResults:
    """All trials of a search; the first is the settings as they are."""

    tried: tuple[Tried, ...]
    best: Tried
    lang: Lang
    simulated: bool

    def result(self, run: Path) -> Result:
        """Return one row for each trial, the best first."""
        columns = (
            Column("number", "试验", "trial"), Column("state", "状态", "state"),
            Column("mean", "相对损失", "relative loss"),
            Column("trees", "树数", "trees"), Column("leaves", "叶数", "leaves"),
            Column("learning_rate", "学习率", "learning rate"), Column("min_rows", "叶内最少行", "rows in a leaf"),
            Column("l2", "L2", "L2"), Column("seconds", "秒", "seconds"), Column("data", "数据", "data"),
        )  # fmt: skip
        done = [one for one in self.tried if one.mean is not None]
        order = sorted(done, key=lambda one: one.mean or 0.0) + [one for one in self.tried if one.mean is None]
        rows = [self._row(one) for one in order]
        zh, en = self._conclusion()
        return Result(columns, rows, self._document(run), zh, en)

    def write_best(self, run: Path) -> Path:
        """Write the settings of the best trial in the form that `--config` takes."""
        lines = [f"{key} = {value!r}" for key, value in self.best.change.values().items() if value is not None]
        head = f"# trial {self.best.number}, relative loss {self.best.mean:.5f}{' (模拟 / simulated)' * self.simulated}"
        write_whole(run / FILE, "\n".join([head, "[booster]", *lines]) + "\n")
        return run / FILE

    def _conclusion(self) -> tuple[str, str]:
        present = next((one for one in self.tried if one.number == 0), None)
        if present is None or present.mean is None or self.best.mean is None or self.best.number == 0:
            return "现有设置未被超过", "the settings as they are were not surpassed"
        gain = present.mean - self.best.mean
        zh = f"最好的是试验 {self.best.number}：相对损失 {self.best.mean:.5f}，"
        zh += f"现有设置 {present.mean:.5f}，低 {gain:.5f}"
        en = f"trial {self.best.number} is best: {self.best.mean:.5f} against {present.mean:.5f}, {gain:.5f} lower"
        return zh, en

    def _row(self, one: Tried) -> dict[str, object]:
        state = self.lang.say("完成", "done") if one.mean is not None else self.lang.say("提前放弃", "given up")
        shown: dict[str, object] = {
            "number": one.number,
            "state": state,
            "mean": one.mean,
            "seconds": round(one.seconds),
        }
        return shown | one.change.values() | {"data": self._data}

    def _document(self, run: Path) -> dict[str, object]:
        trials = [
            {
                "number": one.number,
                "state": one.state,
                "mean": one.mean,
                "folds": list(one.folds),
                **one.change.values(),
            }
            for one in self.tried
        ]
        best = {"number": self.best.number, "mean": self.best.mean, **self.best.change.values()}
        return {"data": self._data, "simulated": self.simulated, "run": str(run), "best": best, "trials": trials}

    @property
    def _data(self) -> str:
        return "模拟 / simulated" if self.simulated else "实际 / real"
