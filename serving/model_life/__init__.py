"""The model in use: proven, loaded, exchanged, stopped, and compared with a challenger."""

from __future__ import annotations

from serving.model_life.downgrade import DAMAGED, NO_BUNDLE, SIMULATED, STOPPED, Downgrade
from serving.model_life.loading import ModelLife, load_current

__all__ = ["DAMAGED", "NO_BUNDLE", "SIMULATED", "STOPPED", "Downgrade", "ModelLife", "load_current"]
