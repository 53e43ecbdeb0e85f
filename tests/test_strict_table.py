"""Strict reading of settings: what is wrong is said, with its place, and nothing half-read is used."""

from __future__ import annotations

import re
from datetime import date

import pytest

from models.strict_table import Reading, SettingsError, written


def reading(name: str = "队伍.toml") -> Reading:
    """Return a reading of a file that is nowhere."""
    return Reading(name)


@pytest.mark.parametrize(
    ("name", "text"), [("a.toml", "x = "), ("a.json", "[1]"), ("a.json", '{"x": 1, "x": 2}'), ("a.json", "{")]
)
def test_what_is_no_table_is_a_fault(name: str, text: str) -> None:
    """Broken text, a list at the top and a repeated key are told, not guessed at."""
    one = reading(name)
    one.document(text)

    with pytest.raises(SettingsError, match=name):
        one.check()


def test_all_faults_are_collected() -> None:
    """One look at the message is enough to mend the file."""
    one = reading()
    row = {"a": True, "b": [1], "c": "2026-13-01", "d": float("nan")}
    one.only("队", row, frozenset({"a"}))
    one.number("队", row, "a", least=0, most=1)
    one.texts("队", row, "b")
    one.day("队", row, "c")
    one.number("队", row, "d", least=0, most=1)

    with pytest.raises(SettingsError, match="不认识的键 'b'") as caught:
        one.check()
    assert len(caught.value.faults) == 7


def test_numbers_outside_their_limits_are_refused_with_both() -> None:
    """The message says what stood there and what may."""
    one = reading()
    one.number("t", {"n": 7}, "n", least=0, most=5)

    with pytest.raises(SettingsError, match="应在 0 与 5 之间，实为 7"):
        one.check()


def test_dates_are_read_from_toml_and_from_text() -> None:
    """TOML has dates, JSON has their text; both mean the same day."""
    one = reading()
    both = one.document("d = 2026-11-01\n")["d"], "2026-11-01"

    assert [one.day("-", {"d": value}, "d") for value in both] == [date(2026, 11, 1)] * 2


@pytest.mark.parametrize("codes", [["fast", "fast"], ["schnell"], "fast"])
def test_codes_are_known_and_stand_once(codes: object) -> None:
    """A list of codes holds allowed codes, each once."""
    one = reading()
    one.codes("t", {"lanes": codes}, "lanes", ("fast", "complex"))

    with pytest.raises(SettingsError, match="lanes"):
        one.check()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 2026-02-30", "第 1 行第 5 列，日期不存在或写法有误"),
        ("a = 1\na = 2", "同一个键写了两次"),
        ("a = yes", "值的写法有误：文字须加引号"),
        ("[[rule]\n", "括号、引号、等号或换行有缺漏"),
        ('a = "x', "文件末尾，"),
    ],
)
def test_what_is_no_toml_is_told_in_chinese_with_its_line(text: str, said: str) -> None:
    """A clerk who forgot a quotation mark reads no English."""
    reading = Reading("court.toml")
    reading.document(text)

    [fault] = reading.faults
    assert said in fault.zh
    assert not re.search("[A-Za-z]{3}", fault.zh)


def test_values_are_repeated_as_they_stand_in_the_file() -> None:
    """No word of the programming language reaches a clerk."""
    assert [written(one) for one in (None, True, date(2026, 1, 2), "x")] == ["未写", "true", "2026-01-02", "'x'"]
