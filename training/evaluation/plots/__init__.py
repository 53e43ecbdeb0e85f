"""Pictures of scores and of simulated years; the one place that draws."""

from training.evaluation.plots.calibration import plot_calibration
from training.evaluation.plots.drawing import Words, chinese_font
from training.evaluation.plots.importance import plot_importance
from training.evaluation.plots.policies import Panel, plot_figures, plot_shares, plot_weeks

__all__ = [
    "Panel",
    "Words",
    "chinese_font",
    "plot_calibration",
    "plot_figures",
    "plot_importance",
    "plot_shares",
    "plot_weeks",
]
