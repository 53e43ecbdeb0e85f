"""Pictures of a score: is it honest, and what does it look at; as SVG and PNG, with Chinese where a font has it."""

from __future__ import annotations

import importlib
import os
import re
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from features.known import Array
from training.evaluation.measures import Judged

CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "Microsoft YaHei", "SimHei", "SimSun", "PingFang SC", "Heiti SC", "AR PL UMing CN",
)  # fmt: skip
"""Fonts that hold the simplified characters of our labels, the best first."""

SPELLINGS = {"终本": "zhongben", "失信": "shixin", "限高": "xiangao"}
"""How terms without an English word are spelt where no font can show them."""

_CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]+")
GROUPS = 10
INK, ACCENT, FAINT = "#1a1a1a", "#1d5fa8", "#9aa5b1"


@dataclass(frozen=True)
class Words:
    """A label in both languages; which one is drawn depends on the fonts of the machine."""

    zh: str
    en: str


@cache
def chinese_font() -> str | None:
    """Return an installed font with Chinese characters, None where there is none: labels are then English."""
    manager = _matplotlib().font_manager
    installed = {font.name for font in manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in installed), None)


def plot_calibration(judged: Judged, *, title: Words, folder: Path, name: str) -> tuple[Path, ...]:
    """Draw predicted against observed frequency in ten groups of equal size, the scores' distribution below."""
    predicted, observed, half = _groups(judged)
    figure, (upper, lower) = _figure(rows=2, heights=(3, 1))
    upper.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    upper.errorbar(predicted, observed, yerr=half, fmt="o-", color=ACCENT, ecolor=FAINT, capsize=2)
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel=_say(Words("实际发生的比例", "observed frequency")), title=_say(title))
    lower.hist(judged.score[judged.weight > 0], bins=np.linspace(0, 1, 41), color=ACCENT)
    lower.set(xlim=(0, 1), xlabel=_say(Words("预测的可能性", "predicted chance")), ylabel=_say(Words("件数", "cases")))
    return _saved(figure, folder, name)


def plot_importance(
    labels: Sequence[Words], importance: Array, *, title: Words, folder: Path, name: str, most: int = 20
) -> tuple[Path, ...]:
    """Draw how far each feature moves the score on average, the most important first."""
    order = np.argsort(importance, kind="stable")[-most:]
    figure, axis = _figure(height=0.34 * len(order) + 1.2, width=9.0)
    axis.barh(range(len(order)), importance[order], color=ACCENT)
    axis.set_yticks(range(len(order)), [_wrapped(labels[i]) for i in order], fontsize=7)
    moves = Words("平均影响（对数几率）", "mean effect (log-odds)")
    axis.set(xlabel=_say(moves), title=_say(title))
    return _saved(figure, folder, name)


def _groups(judged: Judged) -> tuple[Array, Array, Array]:
    """Return mean score, observed frequency and half the 95 % interval of each group."""
    seen = judged.weight > 0
    score, outcome, weight = judged.score[seen], judged.outcome[seen], judged.weight[seen]
    parts = [part for part in np.array_split(np.argsort(score, kind="stable"), GROUPS) if len(part)]
    predicted = np.array([np.average(score[part], weights=weight[part]) for part in parts])
    observed = np.array([np.average(outcome[part], weights=weight[part]) for part in parts])
    size = np.array([len(part) for part in parts])
    half = 1.96 * np.sqrt(np.clip(observed * (1 - observed), 0.0, None) / size)
    return predicted, observed, half


def _say(words: Words) -> str:
    if chinese_font():
        return words.zh
    text = words.en
    for term, spelling in SPELLINGS.items():
        text = text.replace(term, spelling)
    return _CHINESE.sub("", text)


def _wrapped(words: Words) -> str:
    return "\n".join(textwrap.wrap(_say(words), width=30 if chinese_font() else 52))


def _figure(
    *, rows: int = 1, heights: Sequence[float] = (1,), height: float = 5.2, width: float = 6.4
) -> tuple[Any, Any]:
    matplotlib = _matplotlib()
    figure = matplotlib.figure.Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, 1, gridspec_kw={"height_ratios": heights})
    for axis in np.atleast_1d(axes):
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(colors=INK)
    return figure, axes


def _saved(figure: Any, folder: Path, name: str) -> tuple[Path, ...]:  # noqa: ANN401 - a figure of an untyped library
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{name}.{suffix}" for suffix in ("svg", "png"))
    family = [chinese_font()] if chinese_font() else []
    # Without a date and with a fixed salt the same figures give the same bytes.
    settings = {"font.family": [*family, "DejaVu Sans"], "axes.unicode_minus": False, "svg.hashsalt": "fenliu"}
    with _matplotlib().rc_context(settings):
        figure.savefig(paths[0], metadata={"Date": None})
        figure.set_layout_engine("none")  # laid out once; the second format keeps the places
        figure.savefig(paths[1], dpi=144)
    return paths


@cache
def _matplotlib() -> Any:  # noqa: ANN401 - the module; it takes a second to import and needs a folder for its cache
    os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp(prefix="fenliu-fonts-"))
    matplotlib = importlib.import_module("matplotlib")
    importlib.import_module("matplotlib.figure")
    importlib.import_module("matplotlib.font_manager")
    return matplotlib
