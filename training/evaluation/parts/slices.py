"""Parts of the test period: a score that is good on the whole must not be bad for one court or one kind of case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from features.causes import FAMILIES
from models.evidence import CALIBRATED_BY, Bin
from training.config import Settings
from training.evaluation.calibration_bins import calibration_bins
from training.evaluation.measures import GAP, Estimate, Judged, Measure, intervals, resamples
from training.evaluation.parts.groups import FAIRNESS, bands, group_names, texts_of
from training.history import History
from training.learning.labels import Outcomes
from training.learning.split import day_of
from training.learning.stage_data import StageData

Flags = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.object_]


class Bias(StrEnum):
    """What the cases of a part say of the mean gap between its scores and what came of them."""

    HIGH = "too_high"
    LOW = "too_low"
    UNSEEN = "not_seen"
    FEW = "few"


@dataclass(frozen=True)
class Slice:
    """One part of the test period: by what it was cut, which part, how many cases, and its estimates.

    `few` marks a part too small to conclude from (样本少); it has no estimates.
    `bins` are its calibration, None for kinds of parts of which it is not measured.
    Parts by age, sex and origin (`fairness`) are never read by a model: they
    are looked at so that nobody is treated worse unseen.
    """

    by: str
    part: str
    n: int
    few: bool
    estimates: Mapping[str, Estimate]
    bins: tuple[Bin, ...] | None = None

    @property
    def fairness(self) -> bool:
        """Whether the part is a group of the fairness report."""
        return self.by in FAIRNESS

    @property
    def bias(self) -> Bias:
        """Whether its scores promise too much, too little, or neither beyond chance."""
        gap = self.estimates.get(GAP.name)
        if gap is None:
            return Bias.FEW
        if not gap.lower <= 0.0 <= gap.upper:
            return Bias.HIGH if gap.value > 0.0 else Bias.LOW
        return Bias.UNSEEN


MET_BEFORE = "debtor_met_before"
"""The part of the test period whose debtors had a case before it: outside the test, and of no other part."""


@dataclass(frozen=True)
class Cut:
    """What slices are cut from: the history, the stage, its test cases and their scores with outcomes."""

    history: History
    data: StageData
    test: Outcomes
    judged: Judged


def slices_of(cut: Cut, *, measures: Mapping[str, Measure], settings: Settings) -> tuple[Slice, ...]:
    """Measure each court, family of causes, kind of party, band of amounts, year and quarter, and fairness group."""
    return tuple(
        _slice(cut, by, part, marked=label == part, measures=measures, settings=settings)
        for by, label in _labels(cut, settings)
        for part in sorted({str(one) for one in label if one is not None}, key=_place)
    )


def met_before(cut: Cut, *, measures: Mapping[str, Measure], settings: Settings) -> Slice:
    """Measure the cases whose debtors had been met before the test: all that is cut from, whatever their court."""
    everybody = np.ones(len(cut.test), dtype=np.bool_)
    return _slice(cut, MET_BEFORE, "all", marked=everybody, measures=measures, settings=settings)


def _slice(
    cut: Cut, by: str, part: str, *, marked: Flags, measures: Mapping[str, Measure], settings: Settings
) -> Slice:
    limits = settings.evaluation
    n = int((marked & (cut.judged.weight > 0)).sum())
    few = n < limits.slice_min
    draws = [] if few else resamples(cut.test.group[marked], count=limits.resamples, seed=settings.seed)
    shown = {} if few else intervals(cut.judged.where(marked), {**measures, GAP.name: GAP}, draws=draws)
    return Slice(by, part, n, few, shown, _bins(cut, marked, by, few=few))


def _bins(cut: Cut, marked: Flags, by: str, *, few: bool) -> tuple[Bin, ...] | None:
    if by not in CALIBRATED_BY:
        return None
    return () if few else calibration_bins(cut.judged.where(marked), cut.test.group[marked])


def _labels(cut: Cut, settings: Settings) -> Iterator[tuple[str, Labels]]:
    """Yield by what cases are parted and the part of each test case, None where it is of no part."""
    place, rows = cut.data.place[cut.test.row], cut.test.row
    yield "court", cut.data.court[place].astype(object)
    family = cut.data.family[place]
    yield "cause_family", np.array([None if np.isnan(one) else str(FAMILIES[int(one)]) for one in family], dtype=object)
    for name in ("debtor_type", "applicant_type"):
        yield name, texts_of(cut.history, name)[rows]
    yield "amount", bands(cut.data.claim[place], settings.evaluation.amount_bands)
    yield "year", np.array([str(day_of(day).year) for day in cut.test.entered_at], dtype=object)
    yield "quarter", np.array([_quarter(day) for day in cut.test.entered_at], dtype=object)
    for by in FAIRNESS:
        yield by, group_names(cut.history, by)[rows]


def _place(part: str) -> tuple[int, float, str]:
    """Return where a part stands in tables: bands by their amounts, everything else by name."""
    if part.startswith(("<", ">=")):
        return (0 if part.startswith("<") else 2), 0.0, part
    low, _, high = part.partition("-")
    return 1, float(low) if low.isdigit() and high.isdigit() else 0.0, part


def _quarter(number: float) -> str:
    day = day_of(number)
    return f"{day.year}Q{(day.month + 2) // 3}"
