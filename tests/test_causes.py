"""A cause code means something only together with its version."""

from datetime import date

import numpy as np
import pytest

from features.causes import (
    FAMILIES,
    FAMILIES_ZH,
    LIVELIHOODS,
    VERSIONS,
    cause_of,
    family_column,
    livelihood_column,
    load_causes,
    version_column,
    version_on,
)
from features.clock import days_of

CODES_2026 = {
    "88": "sale",
    "96": "sale",
    "96.2": "sale",
    "101": "property_heating",
    "126": "property_heating",
    "108.1": "financial_loan",
    "108.3": "private_loan",
    "108.4": "financial_loan",
    "131": "private_loan",
    "108.5": "bad_debt_assignment",
    "108.6": "bad_debt_assignment",
    "109": "recourse_guarantee",
    "115.2": "credit_card",
    "116.2": "lease",
    "117": "lease",
    "119": "construction",
    "120.3": "construction",
    "132": "other_contract",
    "142": "other_contract",
    "142.15": "other_contract",
    "144": "labour",
    "147": "recourse_guarantee",
    "205.5": "labour",
    "205.6": "labour",
    "206.2": "labour",
    "214.2": "labour",
    "1": "personal_injury",
    "411": "traffic",
    "413": "medical",
    "22.1": "family",
    "23.1": "family",
    "24.1": "family",
    "14": "family",
    "448": "other",
    "458": "other",
    "478": "other",
}


def words(*codes: str | None):
    """Return a column of codes."""
    return np.array([*codes, None], dtype=object)[:-1]


@pytest.mark.parametrize(("code", "family"), CODES_2026.items())
def test_codes_of_2026_fall_into_their_families(code: str, family: str):
    """The codes that most applications carry are mapped by name, not by chance."""
    assert cause_of("2026", code).family == family


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(("84", "88"), ("96", "101"), ("103.1", "108.1"), ("103.3", "108.3"), ("103.4", "108.4"), ("103.6", "108.6")),
        *(("104", "109"), ("110.2", "115.2"), ("111", "116"), ("112", "117"), ("114", "119"), ("115", "120")),
        *(("121", "126"), ("126", "131"), ("139", "144"), ("143", "147"), ("186.5", "205.5"), ("187.2", "206.2")),
        *(("374", "411"), ("376", "413"), ("22", "22"), ("14", "14"), ("1", "1")),
    ],
)
def test_renumbered_causes_keep_family_and_livelihood(old: str, new: str):
    """The same cause before and after 2026-01-01 is the same to the model."""
    before, after = cause_of("2021", old), cause_of("2026", new)
    assert (before.family, before.livelihood) == (after.family, after.livelihood)


def test_one_number_means_different_causes_in_different_versions():
    """126 was pawn in 2021 and is property management since 2026: the version decides."""
    assert cause_of("2021", "126").family != cause_of("2026", "126").family


@pytest.mark.parametrize("version", ["2008", "2011"])
def test_unmapped_versions_are_unknown_not_guessed(version: str):
    """Codes of 2008 and 2011 are not mapped, so they are unknown."""
    assert cause_of(version, "103.3") is None


@pytest.mark.parametrize("code", ["515", "0", "abc", "", "108,1", "-1"])
def test_codes_outside_the_list_are_unknown(code: str):
    """The list of 2026 ends at 514."""
    assert cause_of("2026", code) is None


def test_unlisted_child_belongs_to_its_parent():
    """A fourth-level code without a row of its own has the family of its number."""
    assert cause_of("2026", "120.11").family == "construction"


@pytest.mark.parametrize(("version", "last"), [("2021", 473), ("2026", 514)])
def test_every_number_of_a_mapped_version_has_a_family(version: str, last: int):
    """There is no hole in a mapped list."""
    assert all(cause_of(version, str(number)) for number in range(1, last + 1))


def test_table_uses_known_families_and_livelihoods_only():
    """A misspelt family in the table would be an error at the court."""
    rows = load_causes().values()
    assert {row.family for row in rows} <= set(FAMILIES)
    assert {row.livelihood for row in rows} <= set(LIVELIHOODS)
    assert {version for version, _ in load_causes()} <= set(VERSIONS)


def test_families_are_few_and_named_in_chinese():
    """Families are what a judge sees, so each has a Chinese name of its own."""
    assert 15 <= len(FAMILIES) <= 20
    assert len(set(FAMILIES_ZH.values())) == len(FAMILIES)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2007, 1, 1), "2008"),
        (date(2011, 3, 31), "2008"),
        (date(2020, 12, 31), "2011"),
        (date(2021, 1, 1), "2021"),
        (date(2025, 12, 31), "2021"),
        (date(2026, 1, 1), "2026"),
    ],
)
def test_version_changes_on_its_first_day(day: date, version: str):
    """The list in force on a day is the last one begun."""
    assert version_on(day) == version
    place = version_column(np.array([np.nan]), np.array([days_of(day)]), np.array([np.nan]))
    assert VERSIONS[int(place[0])] == version


def test_version_given_wins_then_basis_then_receipt():
    """A version that was sent is believed; else the basis's date tells, else the receipt's."""
    old, new = days_of(date(2025, 6, 1)), days_of(date(2026, 6, 1))
    given = np.array([1.0, np.nan, np.nan, np.nan])
    effective = np.array([new, old, np.nan, np.nan])
    received = np.array([new, new, new, np.nan])
    assert version_column(given, effective, received).tolist()[:3] == [1.0, 2.0, 3.0]
    assert np.isnan(version_column(given, effective, received)[3])


def test_family_column_tells_unknown_from_missing():
    """An unknown code is `other`; a missing one is missing."""
    column = family_column(words("108.3", "9999", None, "108.3"), np.array([3.0, 3.0, 3.0, np.nan]))
    assert column[:2].tolist() == [FAMILIES.index("private_loan"), FAMILIES.index("other")]
    assert np.isnan(column[2])
    assert column[3] == FAMILIES.index("other")


def test_livelihood_column_knows_wages_support_and_injury():
    """Wages, support, work and traffic injury are livelihood claims; a sale is none; an unknown code is unknown."""
    column = livelihood_column(words("205.5", "24.1", "206.2", "411", "88", "9999"), np.full(6, 3.0))
    kinds = [LIVELIHOODS[int(place)] for place in column[:5]]
    assert kinds == ["labour_pay", "support", "work_injury", "traffic_injury", "none"]
    assert np.isnan(column[5])
