"""Lots: even, random by the seed, drawn the same by anybody, and any change to the record is found out."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from models.lanes import Lane
from models.lots import DrawRecord, draw, verify_draws
from models.teams import Evenly, Load, Part, Practice
from tests.builders_assignment import demand, given, random_day
from tests.builders_teams import away, member, register, team

THREE = register(team("甲", member("a"), member("b"), member("c")), team("乙", member("d"), member("e")))


def record(n: int = 20, *, seed: int = 7) -> DrawRecord:
    """Return the record of a day with n cases and two teams."""
    return given(demand(n), THREE, seed=seed).record


def changed(record: DrawRecord, path: tuple[str | int, ...], value: object) -> DrawRecord:
    """Return the record with one value changed, as somebody would change its file."""
    plain: Any = copy.deepcopy(json.loads(json.dumps(record.document())))
    place = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return DrawRecord.of_document(plain)


def test_a_draw_checks_out_and_survives_its_file() -> None:
    """What was recorded follows from the seed, also after the way through JSON."""
    one = record()
    again = DrawRecord.of_document(json.loads(json.dumps(one.document(), ensure_ascii=False)))

    assert verify_draws(one, one.sha256) == ()
    assert (again, again.sha256) == (one, one.sha256)


@settings(max_examples=15, deadline=None)
@over(seed=st.integers(0, 2**64), day=st.integers(0, 500))
def test_any_day_checks_out(seed: int, day: int) -> None:
    """Groups, recusals and full members included, the draw can be done again by anybody."""
    done = given(*random_day(60, teams=6, seed=day), seed=seed)

    assert verify_draws(done.record, done.record.sha256) == ()


CHANGES: dict[str, tuple[tuple[str | int, ...], object]] = {
    "member": (("draws", 3, "member"), "e"),
    "index": (("draws", 3, "index"), 9),
    "candidates": (("draws", 0, "candidates"), ["a"]),
    "team": (("draws", 0, "team"), "丙"),
    "seed": (("seed",), 8),
    "day": (("day",), "2026-11-27"),
    "weight": (("tickets", 0, "parts", 0, "weight"), 1500),
    "capacity": (("seats", "甲", 0, "whole"), 900),
    "procedure": (("algorithm",), "fenliu-draw/0"),
    "recusal": (("tickets", 0, "parts", 0, "recused"), ["a", "b"]),
    "places": (("places", "0", "甲"), 1),
    "seats": (("seats", "甲"), []),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_found_by_drawing_again(what: str) -> None:
    """Whoever changes a member, a candidate, the seed or a weight is found out without any fingerprint."""
    path, value = CHANGES[what]

    assert verify_draws(changed(record(), path, value)) != ()


def test_a_dropped_draw_is_found() -> None:
    """Leaving the last draw out is a change as well."""
    one = record()
    assert verify_draws(changed(one, ("draws",), one.document()["draws"][:-1])) != ()


def test_a_record_written_anew_is_found_by_its_fingerprint() -> None:
    """A whole new record with another seed is sound in itself, but is not the one printed on the day."""
    printed, forged = record(seed=7).sha256, record(seed=8)

    assert verify_draws(forged) == ()
    assert [note.code for note in verify_draws(forged, printed)] == ["fingerprint"]


@pytest.mark.parametrize("plain", [{}, {"algorithm": "x"}, {"tickets": 3}, []])
def test_what_is_no_record_is_refused(plain: Any) -> None:
    """A file of something else is told from a record."""
    with pytest.raises(ValueError, match="不是抽取记录"):
        DrawRecord.of_document(plain)


def test_members_are_even_to_one_case() -> None:
    """Seventeen cases alike among three and two members alike: nobody has two more than another of the team."""
    done = given(demand(17), THREE)
    counts = Counter(done.member)
    by_team = [[counts[name] for name in names] for names in ("abc", "de")]

    assert all(max(found) - min(found) <= 1 for found in by_team)


def test_evenness_is_by_what_members_can_take() -> None:
    """Who is there half the day gets half."""
    reg = register(team("甲", member("a", 8.0), member("b", 8.0)), absences=[away("b", part=Part.MORNING)])
    counts = Counter(given(demand(12), reg).member)

    assert (counts["a"], counts["b"]) == (8, 4)


def test_evenness_by_stock_gives_more_to_whom_has_less_on_hand() -> None:
    """With 10 and 4 on hand, six cases go to the one with fewer, as the court's practice may ask."""
    teams = team("甲", member("a", 9.0), member("b", 9.0))
    reg = register(teams, practice=Practice(evenly_by=Evenly.STOCK))
    counts = Counter(given(demand(6), reg, loads={"a": Load(on_hand=10), "b": Load(on_hand=4)}).member)

    assert (counts["a"], counts["b"]) == (0, 6)


def test_chance_is_fair() -> None:
    """Over 3,000 seeds each of three members gets the single case about as often."""
    reg = register(team("甲", member("a"), member("b"), member("c")))
    one = given(demand(1), reg).record
    counts = Counter(draw(replace(one, seed=seed))[0].member for seed in range(3000))

    assert all(900 <= counts[name] <= 1100 for name in "abc")


def test_the_same_seed_draws_anew_on_another_day() -> None:
    """A seed that is used again does not repeat yesterday's draw."""
    one = record()
    other = changed(one, ("day",), "2026-11-27")

    assert verify_draws(other) != ()


def test_a_group_goes_to_one_member_who_can_take_it_else_case_by_case() -> None:
    """Four cases of one debtor go to one person; nine that nobody can take whole are drawn one by one."""
    reg = register(team("甲", member("a", 6.0), member("b", 6.0)))
    small, large = given(demand(4, group=["债"] * 4), reg), given(demand(9, group=["批"] * 9), reg)

    assert len(set(small.member)) == 1
    assert sorted(Counter(large.member).values()) == [4, 5]


def test_the_heaviest_are_drawn_first() -> None:
    """One case of three units and three of one, two members: three and three, whatever the seed."""
    weights = {Lane.URGE: 1.0, Lane.FAST: 1.0, Lane.COMPLEX: 3.0}
    both = team("甲", member("a", 3.0), member("b", 3.0), lanes=(Lane.FAST, Lane.COMPLEX))
    cases = demand(4, lane=[Lane.FAST, Lane.FAST, Lane.FAST, Lane.COMPLEX])
    for seed in range(10):
        done = given(cases, register(both, weights=weights), seed=seed)
        assert Counter(done.member)[done.member[3]] == 1
