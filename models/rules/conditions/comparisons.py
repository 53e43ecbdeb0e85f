"""Comparisons: every condition that asks whether one number lies within given spans, answered in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from models.rules.case_view import CaseView
from models.rules.tri import Array, Tri, decided

Span = tuple[float, float]
"""Lowest and highest number of a span; both belong to it."""


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Which conditions ask for which facts, and the spans in which each is met.

    `conditions` are places in the program, `facts` the facts asked for, each
    once, and `asked` the fact of each condition. Spans stand one under
    another, each with its `fact`, those of a condition from its `starts` on.
    """

    conditions: npt.NDArray[np.intp]
    facts: tuple[str, ...]
    asked: npt.NDArray[np.intp]
    fact: npt.NDArray[np.intp]
    low: Array
    high: Array
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, asked: Mapping[int, tuple[str, Sequence[Span]]]) -> Self:
        """Lay out conditions, given by place: the fact each asks for and its spans, at least one."""
        facts = tuple(dict.fromkeys(name for name, _ in asked.values()))
        spans = [(facts.index(name), low, high) for name, own in asked.values() for low, high in own]
        sizes = [len(own) for _, own in asked.values()]
        return cls(
            conditions=np.array(list(asked), dtype=np.intp),
            facts=facts,
            asked=np.array([facts.index(name) for name, _ in asked.values()], dtype=np.intp),
            fact=np.array([place for place, _, _ in spans], dtype=np.intp),
            low=np.array([[low] for _, low, _ in spans]),
            high=np.array([[high] for _, _, high in spans]),
            starts=np.cumsum([0, *sizes[:-1]], dtype=np.intp),
        )

    def verdicts(self, view: CaseView, rows: slice) -> Tri:
        """Return the verdict of each condition on these rows, in the order of `conditions`."""
        numbers = np.array([view.number(name)[rows] for name in self.facts])
        spanned = numbers[self.fact]
        inside = (spanned >= self.low) & (spanned <= self.high)
        met = np.logical_or.reduceat(inside, self.starts, axis=0)
        return decided(numbers[self.asked], met)
