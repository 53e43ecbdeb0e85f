"""Teams: read strictly, and their capacity on a day is what is really there."""

from __future__ import annotations

import json
import math
import tomllib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.causes import FAMILIES
from models.lanes import LANE_CODE, Lane
from models.strict_table import SettingsError
from models.teams import Load, Part, Role, capacity_on, read_teams
from tests.builders_teams import DAY, FILE, away, member, register, team, write_file


def test_a_court_file_is_read(tmp_path: Path) -> None:
    """Roles give lanes, limits that are not set are open, half a day away is half a day's work."""
    read = read_teams(write_file(tmp_path))
    [kz1] = read.teams
    [day] = capacity_on(read, DAY)

    assert (kz1.role, kz1.lanes) == (Role.FAST, frozenset({Lane.FAST}))
    assert (kz1.members[1].per_week, kz1.until) == (math.inf, None)
    assert (day.full, day.free) == (8.0, 6.0)


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    """The same register in JSON has the same teams."""
    text = json.dumps(tomllib.loads(FILE), default=str, ensure_ascii=False)
    both = read_teams(write_file(tmp_path)), read_teams(write_file(tmp_path, text, "teams.json"))

    assert both[0].teams == both[1].teams
    assert both[0].absences == both[1].absences


FAULTS = {
    'role = "fast"': ('role = "schnell"', "'role' 应为"),
    'id = "1002"': ('id = "1001"', "编号相同且在任期间重叠"),
    'member = "1002"': ('member = "1003"', "没有这个编号的成员"),
    "per_day = 4\n\n[[absence": ("per_day = -4\n\n[[absence", "应在 0 与"),
    "last = 2026-11-26": ("last = 2026-11-25", "早于 first"),
    'part = "pm"': ('part = "noon"', "'part' 应为"),
    "complex = 3": ("complex = 0", "应在 0.01 与"),
    "urge = 0.5\n": ("", "缺少 'urge'"),
    "per_week = 15": ("per_weak = 15", "不认识的键 'per_weak'"),
    'name = "快执团队"': ('name = "快执团队"\nexclusive = true', "写明专办什么"),
    'format = "fenliu-teams/1"': ('format = "x"', "format 应为"),
    '"fast"\nfrom = 2026-01-01': ('"fast"\nfrom = 2026-01-01\nuntil = 2026-01-01', "until 2026-01-01 应晚于"),
}  # fmt: skip


@pytest.mark.parametrize("right", FAULTS)
def test_each_slip_is_refused_with_its_place(tmp_path: Path, right: str) -> None:
    """A slip of the pen is told, never taken for something else."""
    wrong, message = FAULTS[right]
    assert right in FILE
    with pytest.raises(SettingsError, match=message):
        read_teams(write_file(tmp_path, FILE.replace(right, wrong)))


def test_all_slips_are_told_at_once(tmp_path: Path) -> None:
    """A clerk mends the file once, not twelve times."""
    text = FILE
    for right, (wrong, _) in FAULTS.items():
        text = text.replace(right, wrong) if "until" not in wrong else text

    with pytest.raises(SettingsError, match="team kz1") as caught:
        read_teams(write_file(tmp_path, text))
    assert len(caught.value.faults) >= len(FAULTS) - 1


def test_faults_never_repeat_a_person(tmp_path: Path) -> None:
    """A message names the place of a member, not the member."""
    with pytest.raises(SettingsError, match="member 1") as caught:
        read_teams(write_file(tmp_path, FILE.replace("per_week = 15", "phone = 1")))
    assert "李某" not in str(caught.value)


def test_moving_between_teams_is_no_fault(tmp_path: Path) -> None:
    """A member may stand in two teams, one after the other."""
    moved = FILE.replace('id = "1002"', 'id = "1001"\nfrom = 2026-12-01', 1).replace(
        "per_week = 15", "per_week = 15\nuntil = 2026-12-01"
    )
    assert read_teams(write_file(tmp_path, moved.replace('member = "1002"', 'member = "1001"'))).teams


@pytest.mark.parametrize(("on", "there"), [(-1, False), (0, True), (6, True), (7, False)])
def test_a_team_exists_from_its_first_day_until_its_last(on: int, *, there: bool) -> None:
    """`from` is included, `until` is not."""
    one = team("t", member("m"), in_force_from=DAY, until=DAY + timedelta(days=7))

    assert bool(capacity_on(register(one), DAY + timedelta(days=on))) is there


def test_two_half_days_are_a_day_and_overlaps_count_once() -> None:
    """Morning and afternoon make a day; two entries for the same morning are one."""
    halves = [away("a", part=Part.MORNING), away("a", part=Part.AFTERNOON), away("b", part=Part.MORNING)]
    reg = register(team("t", member("a"), member("b")), absences=[*halves, away("b", part=Part.MORNING)])
    [day] = capacity_on(reg, DAY)

    assert [one.present for one in day.members] == [0.0, 2.5]


def test_what_was_given_before_is_gone() -> None:
    """Work of today and of the week lowers what is free; what is on hand does not."""
    reg = register(team("t", member("a", per_week=12.0), member("b")))
    [day] = capacity_on(reg, DAY, {"a": Load(today=1, week=10, on_hand=40), "b": Load(today=7)})

    assert [one.free for one in day.members] == [2.0, 0.0]


def test_a_team_has_limits_of_its_own() -> None:
    """The sum of the members is no more than the team's own daily and weekly limit."""
    busy = {"a": Load(week=8.0)}
    daily, weekly = team("t", member("a"), per_day=3.0), team("t", member("a"), per_week=10.0)

    assert capacity_on(register(daily), DAY)[0].free == 3.0
    assert capacity_on(register(weekly), DAY, busy)[0].free == 2.0


@given(
    days=st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 4), st.sampled_from(list(Part))), max_size=6),
    today=st.floats(0, 20),
    week=st.floats(0, 40),
)
def test_capacity_is_never_negative_and_never_more_than_a_full_day(
    days: list[tuple[int, int, Part]], today: float, week: float
) -> None:
    """Whatever the absences and loads, 0 <= free <= full."""
    absences = [away("a", DAY + timedelta(days=a), DAY + timedelta(days=a + b), part) for a, b, part in days]
    reg = register(team("t", member("a", per_week=20.0), member("b"), per_day=8.0), absences=absences)
    [day] = capacity_on(reg, DAY, {"a": Load(today=today, week=week)})

    assert 0.0 <= day.free <= day.full <= 8.0


def test_weights_follow_lane_and_family_and_nothing_has_none() -> None:
    """A construction case of the complex lane weighs lane times family; a case without a lane has no weight."""
    work = register(weights={Lane.URGE: 0.5, Lane.FAST: 1, Lane.COMPLEX: 3}, construction=2.0).workloads[0]
    family = np.array([FAMILIES.index("construction"), np.nan, np.nan], dtype=np.float64)
    lanes = np.array([LANE_CODE[Lane.COMPLEX], LANE_CODE[Lane.URGE], -1], dtype=np.int8)

    assert np.array_equal(work.weights(lanes, family), [6.0, 0.5, np.nan], equal_nan=True)


def test_the_weights_in_force_are_those_of_the_day(tmp_path: Path) -> None:
    """Weights are dated; before the first there are none."""
    read = read_teams(write_file(tmp_path))

    assert read.workload_on(date(2025, 12, 31)) is None
    assert read.workload_on(DAY) is read.workloads[0]
