"""The newest comparison of a bundle with another one: differences on the same cases, and lanes that would change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from models.evidence.measured import read_figures


@dataclass(frozen=True)
class Difference:
    """One measure of both scores on the same cases, new minus old with its 95 % interval, and what it says.

    `verdict` is better, worse or indistinguishable; figures are None where
    they could not be worked out.
    """

    measure: str
    old: float | None
    new: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    verdict: str


@dataclass(frozen=True)
class Compared:
    """A comparison: between which bundles, on how many cases by score, and how many would get another lane."""

    at: str
    old: str
    old_sha256: str
    new: str
    new_sha256: str
    cases: Mapping[str, int]
    scores: Mapping[str, tuple[Difference, ...]]
    routed: int
    changed: int

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `fenliu compare` wrote; raise KeyError, TypeError or ValueError for anything else."""
        return cls(
            at=str(data["at"]),
            old=data["old"]["bundle"],
            old_sha256=data["old"]["sha256"],
            new=data["new"]["bundle"],
            new_sha256=data["new"]["sha256"],
            cases={name: int(one["cases"]) for name, one in data["scores"].items()},
            scores={name: _differences(one["measures"]) for name, one in data["scores"].items()},
            routed=int(data["cases"]),
            changed=int(data["changed"]),
        )


def compared_path(home: Path, sha256: str) -> Path:
    """Return where the newest comparison of a bundle, as the newer of two, is kept."""
    return home / "comparisons" / f"{sha256}.json"


def read_compared(home: Path, sha256: str) -> Compared | None:
    """Return the newest comparison of a bundle, None where there is none; raise EvidenceError for a damaged file."""
    return read_figures(compared_path(home, sha256), Compared.from_json)


def _differences(measures: Mapping[str, Any]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            measure=name,
            old=_known(held["old"]),
            new=_known(held["new"]),
            **{place: _known(held["difference"][place]) for place in ("lower", "upper")},
            difference=_known(held["difference"]["value"]),
            verdict=str(held["verdict"]),
        )
        for name, held in measures.items()
    )


def _known(value: float | None) -> float | None:
    """Return a figure; one that could not be worked out is None."""
    return None if value is None or not math.isfinite(value) else float(value)
