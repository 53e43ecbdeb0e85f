"""A backtest as people see it: losses by period, ageing, the choice of a candidate, and what is not good enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.rules.rule import Text
from training.backtesting.findings import ScoreFindings
from training.backtesting.plan import looks
from training.backtesting.record import Backtest
from training.console import Column, Lang, Result
from training.evaluation.plots import Line, Words, plot_courses
from training.evaluation.showing.words import score_words

RULES = {
    "newest": Text("最近一期最好", "best in the newest ripe period"),
    "mean": Text("以往平均最好", "best on average so far"),
    "first": Text("始终用第一个", "always the first"),
}


@dataclass(frozen=True)
class BacktestResults:
    """The findings of a backtest with the words around them."""

    backtest: Backtest
    found: Sequence[ScoreFindings]
    lang: Lang
    simulated: bool

    def result(self, run: Path) -> Result:
        """Return the periods as the first table, ageing and choices as further ones."""
        columns = (
            Column("score", "分数", "score"), Column("candidate", "候选", "candidate"),
            Column("origin", "训练截至", "as of"), Column("n", "件数", "cases"), Column("loss", "损失", "loss"),
            Column("constant", "常数", "constant"), Column("oracle", "生成器真值", "oracle"), _DATA,
        )  # fmt: skip
        rows = [row for one in self.found for row in self._periods(one)]
        return Result(columns, rows, self.document(run), more=(self._one_model(), self._ageing(), self._choices()))

    def document(self, run: Path) -> dict[str, object]:
        """Return plain values."""
        return {
            "data": self._data,
            "simulated": self.simulated,
            "run": str(run),
            "origins": [str(fold.origin) for fold in self.backtest.folds],
            "failed": [text.en for text in self.failures()],
            "scores": {one.label: _document(one) for one in self.found},
        }

    def failures(self) -> Iterator[Text]:
        """Yield what is not good enough: a period no better than the constant, a model that does not last a year."""
        least, age = self.backtest.settings.backtest.keeps, looks(self.backtest.settings)
        first = self.backtest.settings.backtest.candidates[0].name
        for one in self.found:
            for fold, window in zip(self.backtest.folds, one.of(first), strict=True):
                if not window["few"] and not window["loss"]["value"] < window["constant"]:
                    figures = f"{window['loss']['value']:.4f} ≥ {window['constant']:.4f}"
                    yield Text(
                        f"{one.label} 自 {fold.origin} 一期不胜过常数：{figures}",
                        f"{one.label} is no better than the constant from {fold.origin}: {figures}",
                    )
            yield from self._worn_out(one, age, least)

    def _worn_out(self, one: ScoreFindings, age: int, least: float) -> Iterator[Text]:
        """Yield that a model does not last: beside a fresh one, or, without one, by what it explained at first."""
        kept = [aged.kept for aged in one.ageing if aged.age == age]
        zh, en = "的增益", "of its gain"
        if not kept:
            oldest = [window.get("kept_explained") for window in one.oldest if window["age"] == age]
            kept = [found["value"] for found in oldest if found is not None]
            zh, en = "的可解释份额", "of its explained share"
        for value in kept:
            if value < least:
                yield Text(
                    f"{one.label} 满一年只留 {value:.2f} {zh}，应 ≥ {least:g}",
                    f"{one.label} keeps {value:.2f} {en} after a year, asked ≥ {least:g}",
                )

    def pictures(self, folder: Path) -> list[Path]:
        """Draw how each model of the first candidate went on in the periods after its own."""
        first = self.backtest.settings.backtest.candidates[0].name
        mark = Words("（模拟）", " (simulated)") if self.simulated else Words("", "")
        paths: list[Path] = []
        for one in self.found:
            named = score_words(one.label.partition(".")[2])
            title = Words(f"{named.zh} {one.label}：老化{mark.zh}", f"{named.en} {one.label}: ageing{mark.en}")
            lines = [
                Line(Words(f"训练截至 {fold.origin}", f"as of {fold.origin}"), _course(windows))
                for fold, windows in zip(self.backtest.folds, one.windows[first], strict=True)
            ]
            constant = {window[0]["from"]: window[0].get("constant") for window in one.windows[first]}
            lines.append(Line(Words("常数", "constant"), {k: v for k, v in constant.items() if v is not None}))
            paths += plot_courses(lines, title=title, folder=folder, name=f"{one.label}.ageing")
        return paths

    @property
    def _data(self) -> str:
        return "模拟 / simulated" if self.simulated else "实际 / real"

    def _periods(self, one: ScoreFindings) -> Iterator[Mapping[str, object]]:
        for candidate in one.windows:
            for fold, window in zip(self.backtest.folds, one.of(candidate), strict=True):
                told = {"score": one.label, "candidate": candidate, "origin": str(fold.origin), "n": window["n"]}
                yield told | {
                    "loss": self._loss(window),
                    "constant": window.get("constant"),
                    "oracle": window.get("oracle"),
                    "data": self._data,
                }

    def _one_model(self) -> Result:
        columns = (
            Column("score", "分数", "score"), Column("months", "月龄", "months old"), Column("from", "自", "from"),
            Column("n", "件数", "cases"), Column("loss", "损失", "loss"), Column("constant", "常数", "constant"),
            Column("oracle", "生成器真值", "oracle"), Column("explained", "可解释份额", "explained share"),
            Column("kept", "保有的可解释份额", "explained share kept"), _DATA,
        )  # fmt: skip
        step = self.backtest.settings.backtest.step_months
        rows = [
            {
                "score": one.label, "months": window["age"] * step, "from": window["from"], "n": window["n"],
                "loss": self._loss(window), "constant": window.get("constant"), "oracle": window.get("oracle"),
                "explained": _interval(window.get("explained")), "kept": _interval(window.get("kept_explained")),
                "data": self._data,
            }
            for one in self.found
            for window in one.oldest
        ]  # fmt: skip
        origin = self.backtest.folds[0].origin
        zh = f"最早的模型，训练截至 {origin}，此后不再训练；可解释份额只在模拟数据上有。"
        en = f"The oldest model, learned as of {origin} and never again; explained shares exist on simulated data only."
        return Result(columns, rows, zh=zh, en=en, title=("同一模型逐期", "one model, window by window"))

    def _loss(self, window: Mapping[str, Any]) -> str:
        return self.lang.say("样本少", "too few") if window["few"] else str(_interval(window["loss"]))

    def _ageing(self) -> Result:
        columns = (
            Column("score", "分数", "score"), Column("months", "月龄", "months old"),
            Column("periods", "期数", "periods"), Column("kept", "保有的增益", "gain kept"),
            Column("explained", "可解释份额", "explained share"),
            Column("kept_explained", "保有的可解释份额", "explained share kept"), _DATA,
        )  # fmt: skip
        step = self.backtest.settings.backtest.step_months
        rows = [
            {
                "score": one.label, "months": aged.age * step, "periods": aged.periods, "kept": aged.kept,
                "explained": aged.explained, "kept_explained": aged.kept_explained, "data": self._data,
            }
            for one in self.found
            for aged in one.ageing
        ]  # fmt: skip
        zh = "保有的增益：旧模型比常数好出的部分，除以同一时期新模型好出的部分。"
        en = "Gain kept: how much better than the constant an old model is, by how much a fresh one is in that period."
        return Result(columns, rows, zh=zh, en=en, title=("老化", "ageing"))

    def _choices(self) -> Result:
        columns = (
            Column("score", "分数", "score"), Column("rule", "选择规则", "rule of choice"),
            Column("picks", "所选", "picked"), Column("mean", "平均遗憾", "mean regret"),
            Column("worst", "最大遗憾", "worst regret"), _DATA,
        )  # fmt: skip
        rows = [
            {
                "score": one.label, "rule": self.lang.say(RULES[rule.rule].zh, RULES[rule.rule].en),
                "picks": " ".join(rule.picks), "mean": rule.mean, "worst": max(rule.regrets, default=None),
                "data": self._data,
            }
            for one in self.found
            for rule in one.choices
        ]  # fmt: skip
        zh = "遗憾：按当时标签已成熟的各期所选的候选，在下一期比其中最好的多出的损失。"
        en = "Regret: how much more the pick, made by periods then ripe, lost in the next than its best candidate."
        return Result(columns, rows, zh=zh, en=en, title=("选择模型", "choice of a model"))


_DATA = Column("data", "数据", "data")


def _course(windows: Sequence[Mapping[str, object]]) -> dict[str, float]:
    return {str(one["from"]): one["loss"]["value"] for one in windows if not one["few"]}  # type: ignore[index]


def _document(one: ScoreFindings) -> dict[str, object]:
    def plain(values: Mapping[str, object]) -> dict[str, object]:
        return {key: None if value != value else value for key, value in values.items()}  # noqa: PLR0124 - NaN is null

    return {
        "windows": one.windows,
        "ageing": [plain(asdict(aged) | {"kept_explained": aged.kept_explained}) for aged in one.ageing],
        "choices": [plain(asdict(rule) | {"mean": rule.mean}) for rule in one.choices],
    }


def _interval(found: Mapping[str, float] | None) -> str | None:
    return None if found is None else f"{found['value']:.4f} [{found['lower']:.4f}, {found['upper']:.4f}]"
