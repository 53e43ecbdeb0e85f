"""Groups of the fairness report: age, sex and origin, which no model reads, and bands of amounts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.history_tables import texts
from features.known import Array
from training.history import History

Labels = npt.NDArray[np.object_]

FAIRNESS = ("age", "gender", "origin", "residence")
"""By what people are grouped to see whether scores are as honest for all; origin is the household registration."""

AGES = (18.0, 30.0, 45.0, 60.0)
"""Where one band of ages ends and the next begins, in years."""

CITY = 4
"""First digits of a 行政区划 code that name the city."""

REGIONS = {
    "京": "11", "津": "12", "冀": "13", "晋": "14", "蒙": "15", "辽": "21", "吉": "22", "黑": "23",
    "沪": "31", "苏": "32", "浙": "33", "皖": "34", "闽": "35", "赣": "36", "鲁": "37", "豫": "41",
    "鄂": "42", "湘": "43", "粤": "44", "桂": "45", "琼": "46", "渝": "50", "川": "51", "黔": "52",
    "云": "53", "藏": "54", "陕": "61", "甘": "62", "青": "63", "宁": "64", "新": "65",
}  # fmt: skip
"""The first two digits of a region (GB/T 2260) by the character with which a court's code begins."""


def group_names(history: History, by: str) -> Labels:
    """Return the group of each case of a history, None where nobody knows it (a firm has no age)."""
    if by == "age":
        return bands(_numbers(history, "age"), AGES)
    if by == "gender":
        return texts_of(history, "gender")
    if by == "residence":
        return _named(texts_of(history, "in_jurisdiction"), {"true": "in_district", "false": "outside"})
    return origins(history)


def bands(values: Array, bounds: Sequence[float]) -> Labels:
    """Return the band of each value, `18-30` from 18 to below 30; None where it is missing."""
    ends = [f"{one:g}" if one < 1e6 else f"{one:.0f}" for one in bounds]
    middle = [f"{low}-{high}" for low, high in pairwise(ends)]
    names = np.array([f"<{ends[0]}", *middle, f">={ends[-1]}"], dtype=object)
    found = names[np.searchsorted(np.asarray(bounds), np.nan_to_num(values), side="right")]
    found[np.isnan(values)] = None
    return np.asarray(found, dtype=object)


def texts_of(history: History, name: str) -> Labels:
    """Return a column of the cases as it was written, None where it is empty or not there."""
    if name not in history.cases.column_names:
        return np.full(history.cases.num_rows, None, dtype=object)
    return np.asarray(texts(history.cases[name]), dtype=object)


def origins(history: History) -> Labels:
    """Tell debtors whose household is registered in the city of the court (`local`) from others (`elsewhere`).

    The city of a court is in its code (浙1002 lies in 331002); of a court whose
    code names none it is the city that most of its debtors come from.
    """
    region, courts = texts_of(history, "huji_region"), history.courts.astype(str)
    city = np.array([None if one is None else str(one)[:CITY] for one in region], dtype=object)
    known = np.array([one is not None for one in city], dtype=bool)
    home = np.full(len(city), "", dtype=object)
    for court in np.unique(courts):
        mine = courts == court
        home[mine] = _city(court) or _commonest(city[mine & known])
    found = np.where(city == home, "local", "elsewhere").astype(object)
    found[~known] = None
    return np.asarray(found, dtype=object)


def _commonest(cities: Labels) -> str:
    names, counts = np.unique(cities.astype(str), return_counts=True)
    return str(names[counts.argmax()]) if len(names) else ""


def _city(court: str) -> str | None:
    """Return the first four digits of the region of a court such as 浙1002; None where its code tells none."""
    region, digits = REGIONS.get(court[:1]), court[1:5]
    return region + digits[: CITY - 2] if region and len(digits) == 4 and digits.isdigit() else None


def _numbers(history: History, name: str) -> Array:
    if name not in history.cases.column_names:
        return np.full(history.cases.num_rows, np.nan)
    return np.asarray(history.cases[name].cast(pa.float64()).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _named(values: Labels, names: dict[str, str]) -> Labels:
    return np.array([names.get(str(one).lower()) for one in values], dtype=object)
