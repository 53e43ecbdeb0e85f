"""Plots: both formats, the same bytes twice, and no boxes where a font lacks Chinese."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.evaluation.measures import Estimate, Judged
from training.evaluation.plots import (
    Gains,
    Words,
    chinese_font,
    drawing,
    plot_ageing,
    plot_calibration,
    plot_gains,
    plot_importance,
    plot_losses,
)

TITLE = Words("偿还能力（模拟）", "ability (simulated)")


def scores() -> Judged:
    """Return a few hundred honest scores."""
    rng = np.random.default_rng(1)
    p = rng.random(400)
    return Judged(p, (rng.random(400) < p).astype(np.float64), np.ones(400))


def panels() -> list[tuple[Words, Judged]]:
    """Return two reading days."""
    return [(Words("第 15 日", "day 15"), scores()), (Words("第 30 日", "day 30"), scores())]


def test_every_plot_comes_as_svg_and_png(tmp_path: Path) -> None:
    """A report can be printed and a page can scale it."""
    calibration = plot_calibration(panels(), title=TITLE, folder=tmp_path, name="calibration")
    labels = [Words("标的额", "claim"), Words("现金覆盖率", "cash cover")]
    importance = plot_importance(labels, np.array([0.2, 0.5]), title=TITLE, folder=tmp_path, name="importance")
    assert [path.name for path in (*calibration, *importance)] == [
        "calibration.svg", "calibration.png", "importance.svg", "importance.png",
    ]  # fmt: skip
    assert all(path.stat().st_size > 1000 for path in (*calibration, *importance))


def test_ageing_lift_and_losses_are_drawn(tmp_path: Path) -> None:
    """A quarter without an interval, a method without a line and a negative part are drawn as what they are."""
    course = [("2025Q1", Estimate(0.4, 0.3, 0.5)), ("2025Q2", Estimate(0.5, float("nan"), float("nan")))]
    lines = [(TITLE, np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.8, 1.0])), (TITLE, np.zeros(1), np.zeros(1))]
    made = plot_ageing(course, TITLE, title=TITLE, folder=tmp_path, name="ageing")
    made += plot_ageing([], TITLE, title=TITLE, folder=tmp_path, name="nothing")
    made += plot_gains(Gains(lines, 0.3), title=TITLE, folder=tmp_path, name="lift")
    made += plot_losses([(TITLE, (0.01, -0.002, 0.2))], [TITLE] * 3, title=TITLE, folder=tmp_path, name="losses")
    assert {path.suffix for path in made} == {".svg", ".png"}
    assert all(path.stat().st_size > 1000 for path in made)


def test_the_same_figures_give_the_same_picture(tmp_path: Path) -> None:
    """No date and no random id: a repeated run leaves the same SVG."""
    first = plot_calibration(panels(), title=TITLE, folder=tmp_path / "a", name="c")[0]
    second = plot_calibration(panels(), title=TITLE, folder=tmp_path / "b", name="c")[0]
    assert first.read_bytes() == second.read_bytes()


def test_without_a_chinese_font_labels_are_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without such a font shows English words, never empty boxes (which would also be a warning)."""
    monkeypatch.setattr(drawing, "CHINESE_FONTS", ())
    chinese_font.cache_clear()
    assert chinese_font() is None
    assert plot_calibration(panels(), title=TITLE, folder=tmp_path, name="c")[0].is_file()
    chinese_font.cache_clear()


def test_a_score_with_one_case_can_be_drawn(tmp_path: Path) -> None:
    """A tiny period is no reason to fail a run."""
    one = Judged(np.array([0.4]), np.array([1.0]), np.array([1.0]))
    assert plot_calibration([(TITLE, one)], title=TITLE, folder=tmp_path, name="c")[1].is_file()


def test_chinese_labels_are_drawn_with_the_chinese_font(tmp_path: Path) -> None:
    """Where such a font is installed no character is missing; a missing one would be a warning, and so an error."""
    if chinese_font() is None:
        pytest.skip("no Chinese font is installed")
    paths = plot_importance(
        [Words("标的额", "amount")], np.ones(1), title=Words("影响", "effect"), folder=tmp_path, name="x"
    )
    assert len(paths) == 2
