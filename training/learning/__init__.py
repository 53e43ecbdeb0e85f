"""From a history to fitted, calibrated models."""
