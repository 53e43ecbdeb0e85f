"""Parts of the test period: a score that is good on the whole must not be bad for one court or one kind of case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.causes import FAMILIES
from training.config import Settings
from training.evaluation.measures import Estimate, Judged, Measure, intervals, resamples
from training.learning.labels import Outcomes
from training.learning.split import day_of
from training.learning.stage_data import StageData

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Slice:
    """One part of the test period: by what it was cut, which part, how many cases, and its estimates.

    `few` marks a part too small to conclude from (样本少); it has no estimates.
    """

    by: str
    part: str
    n: int
    few: bool
    estimates: Mapping[str, Estimate]


def slices_of(
    data: StageData,
    test: Outcomes,
    judged: Judged,
    *,
    measures: Mapping[str, Measure],
    settings: Settings,
) -> tuple[Slice, ...]:
    """Measure each court, each family of causes and each quarter of entry."""
    limits = settings.evaluation
    found = []
    for by, part, marked in _parts(data, test):
        n = int((marked & (judged.weight > 0)).sum())
        few = n < limits.slice_min
        inside = judged.where(marked)
        draws = [] if few else resamples(test.group[marked], count=limits.resamples, seed=settings.seed)
        estimates = {} if few else intervals(inside, measures, draws=draws)
        found.append(Slice(by, part, n, few, estimates))
    return tuple(found)


def _parts(data: StageData, test: Outcomes) -> Iterator[tuple[str, str, Flags]]:
    place = data.place[test.row]
    for code in np.unique(data.court[place]):
        yield "court", str(code), data.court[place] == code
    family = data.family[place]
    for index in np.unique(family[~np.isnan(family)]):
        yield "cause_family", str(FAMILIES[int(index)]), family == index
    quarter = np.array([_quarter(day) for day in test.entered_at])
    for name in np.unique(quarter):
        yield "quarter", str(name), quarter == name


def _quarter(number: float) -> str:
    day = day_of(number)
    return f"{day.year}Q{(day.month + 2) // 3}"
