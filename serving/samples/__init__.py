"""Three made-up applications, one for each lane: shown by the demonstration, and scored once before a worker opens."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

SAMPLES: Final = ("urge", "fast", "complex")


def sample(name: str) -> dict[str, Any]:
    """Return one of the applications as the document an intake system would send."""
    text = files("serving.samples").joinpath(f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
