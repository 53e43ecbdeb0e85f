"""Checking rule files: every fault of every file, and what a sound court file makes stricter than the law."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.builders_rule_tools import SMALL_CLAIMS, STATUTE, changed, court, later, written
from training.errors import CommandError
from training.rule_tools.tables.checking import Checked, check_files

DAY = date(2026, 11, 20)


def check(tmp_path: Path, text: str, on: date = DAY) -> Checked:
    """Return what is found in one court file."""
    return check_files([written(tmp_path, text)], on=on)[0]


def test_a_sound_file_has_no_fault_and_names_what_it_tightens(tmp_path: Path) -> None:
    """A margin above the legal minimum and a rule of the court's own are told, each with the law's own value."""
    text = court(("preservation_margin_days = 30", "preservation_margin_days = 45"), more=SMALL_CLAIMS)
    found = check(tmp_path, text)
    told = {one.id: one.text.zh for one in found.tightened}
    assert found.faults == ()
    assert told["preservation_margin_days"] == "保全到期预留 45 日（法律最宽允许 30 日）"
    assert told["K01"].startswith("本院增设「小额案件直接立案」：不得督促")


def test_a_value_at_the_legal_bound_is_not_called_stricter(tmp_path: Path) -> None:
    """The shipped margins are the law's own; what the law leaves to the court is neither strict nor loose."""
    told = {one.id for one in check(tmp_path, court()).tightened}
    assert told.isdisjoint({"preservation_margin_days", "limitation_margin_days", "willingness_threshold", "K01"})


def test_what_is_tightened_is_told_for_the_day(tmp_path: Path) -> None:
    """Before the new parameters come into force the old ones are compared with the law."""
    text = later("2027-01-01", ("preservation_margin_days = 30", "preservation_margin_days = 45"))
    for on, there in ((DAY, False), (date(2027, 1, 1), True)):
        told = {one.id for one in check(tmp_path, text, on).tightened}
        assert ("preservation_margin_days" in told) is there


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    """One loosened margin and one unknown test in the first file, an unreadable second one, and a sound third."""
    wrong = court(("preservation_margin_days = 30", "preservation_margin_days = 7"))
    files = [written(tmp_path, wrong, "a.toml"), written(tmp_path, court(), "c.toml")]
    gbk = tmp_path / "b.toml"
    gbk.write_bytes(court().encode("gb18030"))
    first, second, third = check_files([files[0], gbk, files[1]], on=DAY)
    assert [(fault.rule, "不得放宽" in fault.zh) for fault in first.faults] == [("preservation_margin_days", True)]
    assert "不是 UTF-8" in second.faults[0].zh
    assert third.faults == ()


def test_a_court_file_is_checked_against_the_statute_beside_it(tmp_path: Path) -> None:
    """A statute that asks for 60 days of margin makes the shipped court's 30 too few."""
    statute = changed(STATUTE, ("min = 30\nmax = 365", "min = 60\nmax = 365"))
    files = [written(tmp_path, statute, "law.toml"), written(tmp_path, court())]
    found = check_files(files, on=DAY)[1]
    assert "超出 60–365" in found.faults[0].zh


def test_two_statutes_at_once_are_refused(tmp_path: Path) -> None:
    """Nobody could say which of them the court files should obey."""
    files = [written(tmp_path, STATUTE, name) for name in ("a.toml", "b.toml")]
    with pytest.raises(CommandError, match=r"a\.toml、b\.toml"):
        check_files(files, on=DAY)


def test_a_day_before_the_tables_is_a_fault(tmp_path: Path) -> None:
    """No rules can be in force on it."""
    assert "早于规则表的施行日" in check(tmp_path, court(), date(2019, 1, 1)).faults[0].zh
