"""The figures of one score: measures, calibration in groups of chances, groups of people, parts of the period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

FEWEST_IN_BIN = 30
"""Fewest cases of a group of chances; ten groups at most."""
FEW_IN_GROUP = 100
"""Below this many cases a group of people is marked 样本少: nothing is concluded from it."""
CALIBRATED_BY = ("court", "cause_family", "year")
"""By what calibration is measured part by part."""
FEWEST_SHOWN = 30
"""Below this many cases a group's figures are left out: they would tell of single people."""


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval; None where it could not be worked out."""

    value: float | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Bin:
    """Cases with chances near each other: how many, the mean chance, and how often it came true with its interval."""

    n: int
    predicted: float
    observed: float
    lower: float
    upper: float

    @property
    def off(self) -> float:
        """How far the prediction lies above what happened."""
        return self.predicted - self.observed

    @property
    def certain(self) -> bool:
        """Whether the prediction lies outside the interval of what happened."""
        return not self.lower <= self.predicted <= self.upper


@dataclass(frozen=True, kw_only=True)
class Group:
    """People of one kind: how many cases, what was predicted of them, what happened, and what was decided about them.

    `predicted` and `observed` are None below `FEWEST_SHOWN` cases. `decided`
    counts those with a lane on record, `urged` those of them that were urged;
    `proposed` counts decisions of people on a proposal, `changed` those that
    were otherwise than proposed.
    """

    by: str
    part: str
    n: int
    predicted: float | None
    observed: float | None
    lower: float | None
    upper: float | None
    decided: int = 0
    urged: int = 0
    proposed: int = 0
    changed: int = 0

    @property
    def few(self) -> bool:
        """Whether there are too few cases to conclude from."""
        return self.n < FEW_IN_GROUP


@dataclass(frozen=True)
class Part:
    """One part of the test period, such as a court, a family of causes or a quarter, with its measures.

    `bins` is how honest the score is there: empty where there are too few
    cases, None where it was not measured.
    """

    by: str
    part: str
    n: int
    few: bool
    measures: Mapping[str, Figure]
    bins: tuple[Bin, ...] | None = None


@dataclass(frozen=True)
class Gate:
    """One gate on one score: what was found, what was asked, and whether it passed."""

    gate: str
    score: str
    measure: str
    found: float
    asked: str
    passed: bool


@dataclass(frozen=True)
class ScoreEvidence:
    """Everything measured of one score on the test period.

    `bins` and `groups` are None where the evaluation was made by a program
    that did not measure them yet.
    """

    day: float
    sizes: Mapping[str, int]
    figures: Mapping[str, float | None]
    methods: Mapping[str, Mapping[str, Figure]]
    parts: tuple[Part, ...]
    bins: tuple[Bin, ...] | None
    groups: tuple[Group, ...] | None

    @property
    def own(self) -> Mapping[str, Figure]:
        """The measures of the bundle's own score."""
        return self.methods["fenliu"]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what was written; raise KeyError, TypeError or ValueError for anything else."""
        groups = data.get("groups")
        return cls(
            day=float(data["day"]),
            sizes={name: int(n) for name, n in data["sizes"].items()},
            figures=dict(data["figures"]),
            methods={method: _figures(found) for method, found in data["methods"].items()},
            parts=tuple(
                Part(one["by"], one["part"], int(one["n"]), bool(one["few"]), _figures(one["estimates"]), _bins(one))
                for one in data["slices"]
            ),
            bins=_bins(data),
            groups=None if groups is None else tuple(Group(**one) for one in groups),
        )


def _bins(found: Mapping[str, Any]) -> tuple[Bin, ...] | None:
    bins = found.get("bins")
    return None if bins is None else tuple(Bin(**one) for one in bins)


def _figures(found: Mapping[str, Any]) -> dict[str, Figure]:
    return {name: Figure(**one) for name, one in found.items()}
