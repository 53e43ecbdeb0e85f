"""Places of teams: what a week has room for, shared teams counted once, wrong words refused."""

from __future__ import annotations

from datetime import date
from math import inf
from pathlib import Path

import numpy as np
import pytest

from models.lanes import LANE_CODE, Lane
from tests.builders_teams import HEAD
from training.errors import CommandError
from training.suggesting.places import Places, places_of

URGE, FAST, COMPLEX = Lane.URGE, Lane.FAST, Lane.COMPLEX
DAY = date(2026, 11, 26)
REGISTER = (
    HEAD
    + """
[[team]]
id = "F"
name = "快执团队"
role = "fast"
from = 2026-01-01
[[team.member]]
id = "1"
name = "甲"
per_day = 2
per_week = 8
from = 2026-01-01
[[team.member]]
id = "2"
name = "乙"
per_day = 2
from = 2026-01-01

[[team]]
id = "J"
name = "金融团队"
role = "financial"
from = 2026-01-01
[[team.member]]
id = "3"
name = "丙"
per_day = 1
from = 2026-01-01
"""
)


def shared(**units: float) -> Places:
    """Return places by the first letters of the lanes that share them, such as fc=10 for fast and complex."""
    letters = {"u": URGE, "f": FAST, "c": COMPLEX}
    return Places({frozenset(letters[one] for one in lanes): n for lanes, n in units.items()}, "test")


@pytest.mark.parametrize(
    ("places", "demand", "over"),
    [
        (shared(f=10, c=10), {FAST: 8, COMPLEX: 10}, 0),
        (shared(f=10, c=10), {FAST: 12, COMPLEX: 10}, 2),
        (shared(f=10, c=10), {FAST: 12, COMPLEX: 2}, 2),
        (shared(f=10, fc=5, c=10), {FAST: 12, COMPLEX: 12}, 0),
        (shared(f=10, fc=5, c=10), {FAST: 14, COMPLEX: 14}, 3),
        (shared(f=10), {URGE: 3}, 3),
        (shared(f=inf, c=1), {FAST: 1e6, COMPLEX: 1}, 0),
        (shared(f=1), {}, 0),
    ],
)
def test_what_finds_no_place_is_what_no_sharing_can_place(
    places: Places, demand: dict[Lane, float], over: float
) -> None:
    """A shared team helps either lane once; a lane without a team has no room."""
    assert places.over(demand) == pytest.approx(over)


def test_options_name_cases_a_week() -> None:
    """A lane that is not named has no limit."""
    places = Places.of_options(["fast=37", "urge=10.5"])
    assert places.over({FAST: 40, URGE: 10, COMPLEX: 1e9}) == pytest.approx(3.0)
    assert places.document() == {"urge": 10.5, "fast": 37.0, "complex": None}


def test_a_register_gives_an_ordinary_week(tmp_path: Path) -> None:
    """Members' days and weeks add up by the lanes of their team; a team of two lanes is one place for both."""
    file = tmp_path / "teams.toml"
    file.write_text(REGISTER, encoding="utf-8")
    places = places_of(file, None, DAY)
    assert places.document() == {"fast": 18.0, "fast+complex": 5.0}
    assert places.over({FAST: 20, COMPLEX: 4}) == pytest.approx(1.0)
    assert places.source == "浙1022 2026-11"
    lanes = np.array([LANE_CODE[FAST], LANE_CODE[COMPLEX]], dtype=np.int8)
    assert places.units_of(COMPLEX, lanes, np.full(2, np.nan)).tolist() == [0.0, 3.0]


def test_every_case_counts_as_one_without_weights() -> None:
    """Units of a lane are its cases, and other lanes bring it none."""
    lanes = np.array([LANE_CODE[FAST], LANE_CODE[COMPLEX], LANE_CODE[FAST]], dtype=np.int8)
    assert Places.without_limit().units_of(FAST, lanes, np.full(3, np.nan)).tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("option", ["fast", "fast=", "fast=many", "slow=3", "fast=-1", "none=3", "fast=²", "fast=nan"])
def test_wrong_places_are_refused(option: str) -> None:
    """A lane that is none and a number that is none are named."""
    with pytest.raises(CommandError, match=r"USAGE.*--places takes urge\|fast\|complex=cases a week"):
        Places.of_options([option])


def test_a_lane_named_twice_is_refused() -> None:
    """Of two numbers for one lane nobody can say which was meant."""
    with pytest.raises(CommandError, match=r"USAGE.*--places names fast twice"):
        Places.of_options(["fast=1", "urge=3", "fast=2"])


def test_teams_and_places_exclude_each_other(tmp_path: Path) -> None:
    """Two sources of places would contradict each other; a missing or wrong register is named."""
    file = tmp_path / "teams.toml"
    file.write_text('format = "fenliu-teams/1"\ncourt = "浙1022"\n', encoding="utf-8")
    with pytest.raises(CommandError, match="not both"):
        places_of(file, ["fast=3"], DAY)
    with pytest.raises(CommandError, match="NOT_FOUND"):
        places_of(tmp_path / "nobody.toml", None, DAY)
    with pytest.raises(CommandError, match=r"CONFIG.*团队名册不能用"):
        places_of(file, None, DAY)
