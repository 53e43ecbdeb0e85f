"""Wrong command lines: what the parser says in English is told in Chinese as well."""

from __future__ import annotations

import sys

import pytest

from training import cli


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rules", "replay", "default", "--on", "2027-13-01"), "--on 应为日期，如 2026-11-26"),
        (("rules", "replay", "default", "--colour", "3"), "没有选项 --colour"),
        (("rules", "replay"), "缺少参数 new"),
        (("batches", "x.csv", "--trends", "0"), "--trends 应不小于 1"),
        (("batches", "x.csv", "--trends", "many"), "--trends 应为整数"),
        (("rules", "draw"), "没有命令 draw"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese_first(
    words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clerk reads which word is wrong and what it should be, without reading English."""
    monkeypatch.setattr(sys, "argv", ["fenliu", *words])
    with pytest.raises(SystemExit, match="2"):
        cli.main()

    assert f"错误 [USAGE] {said} / " in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--from", "--since"])
def test_a_period_begins_by_the_same_word_everywhere(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other commands say --from; batches takes it beside its own word, and goes on to look for the file."""
    monkeypatch.setattr(sys, "argv", ["fenliu", "batches", "no-such-file.csv", option, "2026-01-01"])
    with pytest.raises(SystemExit, match="4"):
        cli.main()

    assert "错误 [NOT_FOUND] " in capsys.readouterr().err
