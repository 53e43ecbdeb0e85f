"""How every picture is drawn and saved: as SVG and PNG, the same bytes each time, with Chinese where a font has it."""

from __future__ import annotations

import importlib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "Microsoft YaHei", "SimHei", "SimSun", "PingFang SC", "Heiti SC", "AR PL UMing CN",
)  # fmt: skip
"""Fonts that hold the simplified characters of our labels, the best first."""

SPELLINGS = {"终本": "zhongben", "失信": "shixin", "限高": "xiangao"}
"""How terms without an English word are spelt where no font can show them."""

_CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]+")
INK, ACCENT, FAINT = "#1a1a1a", "#1d5fa8", "#9aa5b1"
LINES = ("#1d5fa8", "#c8553d", "#3f7d4e", "#8a5a9e", "#b08a2e", "#4a4a4a", "#2b9aa0", "#9aa5b1")


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


def say(words: Words) -> str:
    """Return a label as this machine can draw it."""
    if chinese_font():
        return words.zh
    text = words.en
    for term, spelling in SPELLINGS.items():
        text = text.replace(term, spelling)
    return _CHINESE.sub("", text)


def figure(
    *, rows: int = 1, heights: Sequence[float] = (1,), height: float = 5.2, width: float = 6.4
) -> tuple[Any, Any]:
    """Return an empty figure and its axes, one below the other."""
    matplotlib = _matplotlib()
    made = matplotlib.figure.Figure(figsize=(width, height), layout="constrained")
    axes = made.subplots(rows, 1, gridspec_kw={"height_ratios": heights})
    for axis in np.atleast_1d(axes):
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(colors=INK)
    return made, axes


def grid(rows: int, columns: int, *, height: float, width: float) -> tuple[Any, Any]:
    """Return an empty figure and its axes in rows and columns, shape (rows, columns)."""
    made = _matplotlib().figure.Figure(figsize=(width, height), layout="constrained")
    axes = made.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(colors=INK)
    return made, axes


def saved(drawn: Any, folder: Path, name: str) -> tuple[Path, ...]:  # noqa: ANN401 - a figure of an untyped library
    """Save a figure in both formats and return where."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{name}.{suffix}" for suffix in ("svg", "png"))
    fonts = [*filter(None, [chinese_font()]), "DejaVu Sans"]
    # Texts keep the generic family they were made with; only what it stands for is looked up when they are drawn.
    # Without a date and with a fixed salt the same figures give the same bytes.
    settings = {"font.sans-serif": fonts, "axes.unicode_minus": False, "svg.hashsalt": "fenliu"}
    with _matplotlib().rc_context(settings):
        drawn.savefig(paths[0], metadata={"Date": None})
        drawn.set_layout_engine("none")  # laid out once; the second format keeps the places
        drawn.savefig(paths[1], dpi=144)
    return paths


@cache
def _matplotlib() -> Any:  # noqa: ANN401 - the module; it takes a second to import and needs a folder for its cache
    os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp(prefix="fenliu-fonts-"))
    matplotlib = importlib.import_module("matplotlib")
    importlib.import_module("matplotlib.figure")
    importlib.import_module("matplotlib.font_manager")
    return matplotlib
