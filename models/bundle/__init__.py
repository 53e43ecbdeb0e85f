"""The bundle: what training hands to serving, verified before it is believed."""

from __future__ import annotations

from models.bundle.bundle import About, Bundle
from models.bundle.proving import load_verified, verify

__all__ = ["About", "Bundle", "load_verified", "verify"]
