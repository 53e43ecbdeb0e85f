"""Pictures of scores and of simulated years; the one place that draws."""

from training.evaluation.plots.ageing import plot_ageing
from training.evaluation.plots.calibration import plot_calibration
from training.evaluation.plots.courses import Line, plot_courses
from training.evaluation.plots.drawing import Words, chinese_font
from training.evaluation.plots.gains import Gains, plot_gains
from training.evaluation.plots.importance import plot_importance
from training.evaluation.plots.losses import plot_losses
from training.evaluation.plots.policies import Panel, plot_figures, plot_shares, plot_weeks

__all__ = [
    "Gains",
    "Line",
    "Panel",
    "Words",
    "chinese_font",
    "plot_ageing",
    "plot_calibration",
    "plot_courses",
    "plot_figures",
    "plot_gains",
    "plot_importance",
    "plot_losses",
    "plot_shares",
    "plot_weeks",
]
