"""Who is there: officers shared out to teams, or each a judge alone, and who of them is away on which day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from features.known import Array


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

    Whole officers by largest remainder; a team with any load gets one at
    least, as long as there are enough.
    """
    names = list(load)
    wanted: Array = np.array([load[name] + spare * np.sqrt(load[name]) for name in names], dtype=np.float64)
    if officers == 0 or wanted.sum() == 0:
        return dict.fromkeys(names, 0) | {TeamKind.COMPLEX: officers}
    exact = wanted / wanted.sum() * officers
    sizes = np.floor(exact).astype(np.int64)
    needy = (sizes == 0) & (wanted > 0)
    if needy.sum() + sizes.sum() <= officers:
        sizes[needy] = 1
    order = np.argsort(sizes - exact, kind="stable")
    for place in order[: max(officers - int(sizes.sum()), 0)]:
        sizes[place] += 1
    while sizes.sum() > officers:
        sizes[int(np.argmax(sizes - exact))] -= 1
    return {name: int(size) for name, size in zip(names, sizes, strict=True)}


def judges(officers: int) -> dict[str, int]:
    """Return one team for each judge."""
    return {f"judge_{number:03d}": 1 for number in range(1, officers + 1)}
