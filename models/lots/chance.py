"""Chance that anybody can check: numbers that follow from a recorded seed and a key alone, on every machine."""

from __future__ import annotations

import hashlib


def number(purpose: str, seed: int, *key: str) -> int:
    """Return the 256-bit number that a seed holds for a key, apart for each purpose."""
    text = "\x1f".join((purpose, str(seed), *key))
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
