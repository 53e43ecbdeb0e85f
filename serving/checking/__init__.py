"""Whether the service can start here, part by part, as `fenliu-serve check` tells it."""

from __future__ import annotations

from serving.checking.check import check

__all__ = ["check"]
