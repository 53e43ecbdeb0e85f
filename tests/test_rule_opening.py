"""Opening rule tables: what a file belongs to, and a clear word about what cannot be opened."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.builders_rule_tools import COURT, STATUTE, changed, court, shipped, written
from training.errors import CommandError
from training.rule_tools.tables.opening import open_table, shipped_names


def refused(path: Path) -> CommandError:
    """Return the refusal of a file."""
    with pytest.raises(CommandError, match=r"\[\w+\] .+ / .+") as caught:
        open_table(path)
    return caught.value


def test_without_a_file_the_shipped_table_is_meant() -> None:
    """`default` is another name for it."""
    assert open_table(None).sha256 == open_table(Path("default")).sha256 == shipped().sha256


def test_every_shipped_table_opens_by_its_name() -> None:
    """The default and the published profiles are there without anybody knowing where they lie."""
    assert "default" in shipped_names()
    assert all(open_table(Path(name)).rules for name in shipped_names())


def test_a_court_file_stands_beside_the_shipped_statute(tmp_path: Path) -> None:
    """A court names its own rules; the law is there anyway."""
    found = open_table(written(tmp_path, court(('court = "default"', 'court = "苏0903"'))))
    assert found.court == "苏0903"
    assert {"H01", "H06", "M01"} <= {rule.id for rule in found.rules}


def test_a_statute_stands_beside_the_shipped_court_table(tmp_path: Path) -> None:
    """A new version of the law can be opened, too, without naming a court."""
    file = written(tmp_path, changed(STATUTE, ("企业破产法第19、44、48条", "企业破产法第十九条")), "law.toml")
    assert any("第十九条" in rule.basis for rule in open_table(file).rules)


def test_a_court_file_builds_on_a_file_beside_it(tmp_path: Path) -> None:
    """`extends` names a file of the same folder: what the court does not say comes from there."""
    written(tmp_path, court(("urging_days = 15", "urging_days = 12")), "circuit.toml")
    head = 'format = "fenliu-rules/1"\nscope = "court"\ncourt = "苏0903"\nversion = "2027-01"\nextends = "circuit"\n'
    found = open_table(written(tmp_path, head))
    assert found.court == "苏0903"
    assert found.on(date(2026, 11, 20)).number("urging_days") == 12


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Some editors put one in front."""
    path = tmp_path / "court.toml"
    path.write_bytes(b"\xef\xbb\xbf" + COURT.encode())
    assert open_table(path).court == "default"


def test_a_file_in_another_encoding_is_named_with_the_way_out(tmp_path: Path) -> None:
    """Saved as GBK: nothing in it can be read."""
    path = tmp_path / "court.toml"
    path.write_bytes(COURT.encode("gb18030"))
    error = refused(path)
    assert error.refusal.code == "RULES_REJECTED"
    assert "另存为 UTF-8" in error.detail_zh


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (None, "NOT_FOUND", "随附的表可按名称使用：default"),
        ("这不是规则表", "RULES_REJECTED", "无法解析"),
        ("a = 1", "RULES_REJECTED", "court.toml：format 应为"),
        ("", "RULES_REJECTED", "文件是空的"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, text: str | None, code: str, said: str) -> None:
    """A file that is not there, no TOML, another kind of TOML, or nothing at all."""
    path = tmp_path / "court.toml" if text is None else written(tmp_path, text)
    error = refused(path)
    assert (error.refusal.code, said in error.detail_zh) == (code, True)


def test_a_directory_is_no_table(tmp_path: Path) -> None:
    """The word says what was expected instead."""
    error = refused(tmp_path)
    assert (error.refusal.code, error.exit) == ("USAGE", 2)
    assert "是目录" in error.detail_zh
