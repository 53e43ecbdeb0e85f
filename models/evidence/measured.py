"""The evaluation of a bundle as it is kept: found by the bundle's hash, read strictly, never guessed at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from models.evidence.figures import Gate, ScoreEvidence

T = TypeVar("T")

FORMAT: Final = "fenliu-evaluation/2"
"""Written into every evaluation; those without it were made before calibration and groups were kept."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes beyond which a file is no evaluation."""


class EvidenceError(ValueError):
    """A file of figures is there and cannot be read; `place` is its name."""

    def __init__(self, place: str) -> None:
        super().__init__(f"评估记录 {place} 无法读取 / the record of figures {place} cannot be read")
        self.place = place


@dataclass(frozen=True)
class Evidence:
    """Everything that an evaluation found about a bundle; `at` is when, empty where nobody noted it."""

    at: str
    simulated: bool
    passed: bool
    periods: Mapping[str, str]
    gates: tuple[Gate, ...]
    scores: Mapping[str, ScoreEvidence]

    def failed(self, score: str) -> tuple[Gate, ...]:
        """Return the gates that one score did not keep."""
        return tuple(gate for gate in self.gates if gate.score == score and not gate.passed)


def evidence_path(home: Path, sha256: str) -> Path:
    """Return where the evaluation of a bundle is kept."""
    return home / "evaluations" / f"{sha256}.json"


def read_evidence(home: Path, sha256: str) -> Evidence | None:
    """Return the evaluation of a bundle, None where there is none.

    Raises
    ------
    EvidenceError
        There is a file, but no evaluation in it.
    """
    return read_figures(evidence_path(home, sha256), _evidence)


def read_figures(path: Path, build: Callable[[Mapping[str, Any]], T]) -> T | None:
    """Return what a file of figures holds, None where there is no file; raise EvidenceError for any other content."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EvidenceError(path.name) from error
    try:
        if len(content) > MOST_BYTES:
            raise EvidenceError(path.name)
        return build(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EvidenceError(path.name) from error


def _evidence(data: Mapping[str, Any]) -> Evidence:
    return Evidence(
        at=str(data.get("at", "")),
        simulated=data.get("data") != "实际 / real",
        passed=bool(data["passed"]),
        periods={name: str(day) for name, day in data["periods"].items()},
        gates=tuple(Gate(**gate) for gate in data["gates"]),
        scores={name: ScoreEvidence.from_json(one) for name, one in data["scores"].items()},
    )
