"""Settings of training and evaluation: typed, strict, read once; `defaults.toml` shows every key."""

from __future__ import annotations

from training.config.loading import load_gates, load_settings
from training.config.settings import (
    BoosterChange,
    LabelSettings,
    MonitorSettings,
    PolicyValueSettings,
    Settings,
    SplitSettings,
    TargetSettings,
    TuningSettings,
)
from training.config.strict import build_typed, load_typed, plain_values

__all__ = [
    "BoosterChange",
    "LabelSettings",
    "MonitorSettings",
    "PolicyValueSettings",
    "Settings",
    "SplitSettings",
    "TargetSettings",
    "TuningSettings",
    "build_typed",
    "load_gates",
    "load_settings",
    "load_typed",
    "plain_values",
]
