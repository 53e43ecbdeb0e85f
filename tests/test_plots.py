"""Plots: both formats, the same bytes twice, and no boxes where a font lacks Chinese."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.evaluation.measures import Judged
from training.evaluation.plots import Words, chinese_font, drawing, plot_calibration, plot_importance

TITLE = Words("偿还能力（模拟）", "ability (simulated)")


def scores() -> Judged:
    """Return a few hundred honest scores."""
    rng = np.random.default_rng(1)
    p = rng.random(400)
    return Judged(p, (rng.random(400) < p).astype(np.float64), np.ones(400))


def test_every_plot_comes_as_svg_and_png(tmp_path: Path) -> None:
    """A report can be printed and a page can scale it."""
    calibration = plot_calibration(scores(), title=TITLE, folder=tmp_path, name="calibration")
    labels = [Words("标的额", "claim"), Words("现金覆盖率", "cash cover")]
    importance = plot_importance(labels, np.array([0.2, 0.5]), title=TITLE, folder=tmp_path, name="importance")
    assert [path.name for path in (*calibration, *importance)] == [
        "calibration.svg", "calibration.png", "importance.svg", "importance.png",
    ]  # fmt: skip
    assert all(path.stat().st_size > 1000 for path in (*calibration, *importance))


def test_the_same_figures_give_the_same_picture(tmp_path: Path) -> None:
    """No date and no random id: a repeated run leaves the same SVG."""
    first = plot_calibration(scores(), title=TITLE, folder=tmp_path / "a", name="c")[0]
    second = plot_calibration(scores(), title=TITLE, folder=tmp_path / "b", name="c")[0]
    assert first.read_bytes() == second.read_bytes()


def test_without_a_chinese_font_labels_are_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without such a font shows English words, never empty boxes (which would also be a warning)."""
    monkeypatch.setattr(drawing, "CHINESE_FONTS", ())
    chinese_font.cache_clear()
    assert chinese_font() is None
    assert plot_calibration(scores(), title=TITLE, folder=tmp_path, name="c")[0].is_file()
    chinese_font.cache_clear()


def test_a_score_with_one_case_can_be_drawn(tmp_path: Path) -> None:
    """A tiny period is no reason to fail a run."""
    one = Judged(np.array([0.4]), np.array([1.0]), np.array([1.0]))
    assert plot_calibration(one, title=TITLE, folder=tmp_path, name="c")[1].is_file()


def test_chinese_labels_are_drawn_with_the_chinese_font(tmp_path: Path) -> None:
    """Where such a font is installed no character is missing; a missing one would be a warning, and so an error."""
    if chinese_font() is None:
        pytest.skip("no Chinese font is installed")
    paths = plot_importance(
        [Words("标的额", "amount")], np.ones(1), title=Words("影响", "effect"), folder=tmp_path, name="x"
    )
    assert len(paths) == 2
