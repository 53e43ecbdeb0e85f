"""Who is there: officers shared out to teams, or each a judge alone, and who of them is away on which day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt


class TeamKind(StrEnum):
    """The teams of a court: service centre, urging desk, fast, complex, disposal."""

    AFFAIRS = "affairs"
    URGE = "urge"
    FAST = "fast"
    COMPLEX = "complex"
    DISPOSAL = "disposal"


@dataclass(frozen=True, eq=False)
class Staff:
    """Officers by team, and who is there, shape (officers, working days).

    With `judges` every officer is a team of one, and a case stays with one of
    them from start to end. With `unbounded` nobody ever waits: that is how
    load is measured.
    """

    sizes: Mapping[str, int]
    there: npt.NDArray[np.bool_]
    judges: bool = False
    unbounded: bool = False

    def doing(self, name: str) -> str:
        """Return the team that does a team's work: the largest one where it has no officer of its own."""
        return name if self.sizes[name] else max(self.sizes, key=lambda one: self.sizes[one])

    def present(self, workday: int) -> Iterator[tuple[str, float]]:
        """Yield how many officers each team has on a working day."""
        there, start = self.there[:, workday], 0
        for name, size in self.sizes.items():
            yield name, float("inf") if self.unbounded else int(there[start : start + size].sum())
            start += size


def attendance(seed: np.random.SeedSequence, *, officers: int, workdays: int, absence: float) -> npt.NDArray[np.bool_]:
    """Return who is there on which working day, shape (officers, workdays): the same under every policy."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.random((officers, workdays)) >= absence)


def sized(load: Mapping[str, float], *, officers: int, spare: float) -> dict[str, int]:
    """Share officers out to teams by their load in officers, each load first raised by `spare` times its root.

    Officers go one after another to the team that has most load for each of
    its officers: no team is left more strained than another could help, which
    rounding to the nearest number would do to the small ones.
    """
    wanted = {name: load[name] + spare * load[name] ** 0.5 for name in load}
    sizes = dict.fromkeys(load, 0)
    if not any(wanted.values()):
        return sizes | {TeamKind.COMPLEX: officers}
    for _ in range(officers):
        sizes[max(wanted, key=lambda name: _strain(wanted[name], sizes[name]))] += 1
    return sizes


def _strain(wanted: float, size: int) -> tuple[bool, float]:
    """Return how much a team needs an officer: first whether it has work and nobody, then its load per officer."""
    return wanted > 0 and not size, wanted / max(size, 1)


def judges(officers: int) -> dict[str, int]:
    """Return one team for each judge."""
    return {f"judge_{number:03d}": 1 for number in range(1, officers + 1)}
