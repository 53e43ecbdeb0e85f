"""Causes of action (案由): codes change their meaning with each version, so they become families first.

`causes.csv` maps the numbering in force since 2026-01-01 (法〔2025〕227号) and that
of 2021 to 2025 (法〔2020〕346号). In the latter, numbers 193 to 363 (maritime,
company, bankruptcy, securities, insurance, bills) share one family. Versions 2008
and 2011 are not mapped: their codes count as `other` and raise CAUSE_CODE_UNKNOWN,
because a guess at a number would put a case into a wrong family unseen.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from math import isnan
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from features.clock import days_of

Array = npt.NDArray[np.float64]

FAMILIES_ZH: Mapping[str, str] = MappingProxyType(
    {
        "financial_loan": "金融借款",
        "credit_card": "信用卡",
        "private_loan": "民间借贷",
        "sale": "买卖合同",
        "labour": "劳动与劳务",
        "traffic": "交通事故",
        "property_heating": "物业与供用",
        "lease": "租赁",
        "construction": "建设工程与承揽",
        "recourse_guarantee": "追偿与担保",
        "family": "婚姻家庭与继承",
        "bad_debt_assignment": "不良债权",
        "medical": "医疗损害",
        "personal_injury": "人身损害",
        "other_contract": "其他合同",
        "commercial": "公司、保险、票据与证券",
        "intellectual_property": "知识产权与竞争",
        "other": "其他",
    },
)
"""Family -> Chinese name. The order is the column's numbering: add at the end, never reorder."""

FAMILIES = tuple(FAMILIES_ZH)

LIVELIHOODS = (
    *("none", "labour_pay", "work_injury", "support", "death_benefit"),
    *("traffic_injury", "medical_injury", "civil_in_criminal"),
)
"""Kinds of 涉民生 claim, in the order of the register's `livelihood`."""

VERSIONS = ("2008", "2011", "2021", "2026")
"""Versions of the list of civil causes, in the order of the register's `cause_version`."""

IN_FORCE_FROM = (date(2008, 4, 1), date(2011, 4, 1), date(2021, 1, 1), date(2026, 1, 1))

_STARTS = np.array([days_of(day) for day in IN_FORCE_FROM])
_NAN = float("nan")


@dataclass(frozen=True)
class Cause:
    """One code of one version."""

    name: str
    family: str
    livelihood: str


@cache
def load_causes() -> Mapping[tuple[str, str], Cause]:
    """Read the shipped table, `causes.csv`: (version, code) -> cause; a later row refines an earlier one."""
    text = files("features").joinpath("causes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return MappingProxyType({(row["version"], code): _cause(row) for row in rows for code in _codes(row)})


def _cause(row: Mapping[str, str]) -> Cause:
    return Cause(row["name"], row["family"], row["livelihood"])


def _codes(row: Mapping[str, str]) -> Iterator[str]:
    """Yield the codes of a row: a single one (`108.1`) or a whole range of numbers (`12` to `35`)."""
    if row["last"] == row["first"]:
        yield row["first"]
        return
    yield from map(str, range(int(row["first"]), int(row["last"]) + 1))


@lru_cache(maxsize=65_536)
def cause_of(version: str, code: str) -> Cause | None:
    """Return the cause, that of its parent (108 for 108.9), or None when the version has no such number."""
    table = load_causes()
    return table.get((version, code)) or table.get((version, code.partition(".")[0]))


def cause_name(case: Mapping[str, object]) -> str | None:
    """Return the name of a case's cause in the list in force for its basis; the code where it has none.

    None where no code was reported.
    """
    code, found = case.get("cause_code"), cause_in(case)
    return found.name if found is not None else None if code is None else str(code)


def cause_in(case: Mapping[str, object]) -> Cause | None:
    """Return a case's cause in the list that it names, else in the one in force for its basis or its receipt."""
    code = case.get("cause_code")
    if code is None:
        return None
    day = str(case.get("basis_effective_date") or case.get("received_at") or "")[:10]
    version = case.get("cause_version") or (version_on(date.fromisoformat(day)) if day else "")
    return cause_of(str(version), str(code))


def causes_on(day: date) -> Mapping[str, str]:
    """Return the causes with a number and a name of their own in the list in force on a day, by number."""
    return causes_in(version_on(day))


@cache
def causes_in(version: str) -> Mapping[str, str]:
    """Return the causes with a number and a name of their own in a version of the list, by number."""
    text = files("features").joinpath("causes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    named = {row["first"]: row["name"] for row in rows if row["version"] == version and row["first"] == row["last"]}
    return MappingProxyType(named)


def version_on(day: date) -> str:
    """Return the version in force on a day; days before 2008 count as the first."""
    return VERSIONS[max(sum(start <= day for start in IN_FORCE_FROM) - 1, 0)]


def version_column(version: Array, effective: Array, received: Array) -> Array:
    """Return the place of each row's version: as given, else the one in force on the basis's or the receipt day."""
    day = np.where(np.isnan(effective), received, effective)
    inferred = np.maximum(np.searchsorted(_STARTS, day, side="right") - 1.0, 0.0)
    return np.where(np.isnan(version), np.where(np.isnan(day), np.nan, inferred), version)


def family_column(codes: npt.NDArray[np.generic], versions: Array) -> Array:
    """Return the place of each row's family in FAMILIES; an unknown code is `other`, a missing one NaN."""
    return np.array(list(map(_family, codes.tolist(), versions.tolist())), dtype=np.float64)


def livelihood_column(codes: npt.NDArray[np.generic], versions: Array) -> Array:
    """Return the place of each row's kind in LIVELIHOODS; unknown and missing codes are NaN."""
    return np.array(list(map(_livelihood, codes.tolist(), versions.tolist())), dtype=np.float64)


@lru_cache(maxsize=65_536)
def _family(code: str | None, version: float) -> float:
    if code is None:
        return _NAN
    cause = _cause_at(code, version)
    return float(FAMILIES.index(cause.family if cause else "other"))


@lru_cache(maxsize=65_536)
def _livelihood(code: str | None, version: float) -> float:
    cause = None if code is None else _cause_at(code, version)
    return float(LIVELIHOODS.index(cause.livelihood)) if cause else _NAN


def _cause_at(code: str, version: float) -> Cause | None:
    return None if isnan(version) else cause_of(VERSIONS[int(version)], code)
