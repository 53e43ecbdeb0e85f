"""`--out` of verbs that write nothing else: a copy of what was shown, or a refusal before anything is done."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.builders_history import a_case, write_history
from tests.test_cli import home, run

__all__ = ["home"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.json", '"code": "EXISTS"'),
        ("a.csv", "code,EXISTS"),
        ("a.md", "| code | EXISTS |"),
        ("a.txt", "code     EXISTS"),
    ],
)
def test_the_ending_decides_the_form_of_a_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    """What is shown stays on stdout, and stands in the file in the form that its name asks for."""
    status, shown, _ = run(capsys, "explain", "EXISTS", "--out", str(tmp_path / name))
    assert (status, "EXISTS" in shown) == (0, True)
    assert said in (tmp_path / name).read_text(encoding="utf-8")


def test_findings_are_kept_though_the_history_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A verb that says no has still answered."""
    history = write_history(home / "history", cases=[a_case(claim_amount=-5.0)])
    out = home / "findings.csv"
    status, shown, _ = run(capsys, "validate", "--data", str(history), "--out", str(out), "--format", "json")
    found = json.loads(shown)["findings"]
    with out.open(encoding="utf-8") as file:
        kept = [row["code"] for row in csv.DictReader(file)]
    assert kept == [one["code"] for one in found]
    assert (status, bool(kept)) == (3, True)


@pytest.mark.parametrize("spoiled", ["a file", "a folder", "no folder"])
def test_nothing_is_done_where_no_copy_can_be_kept(
    home: Path, capsys: pytest.CaptureFixture[str], spoiled: str
) -> None:
    """What is there stays, and a place that is not there is named, before the verb begins."""
    out = home / ("none/there.csv" if spoiled == "no folder" else "there.csv")
    if spoiled == "a file":
        out.write_text("原有", encoding="utf-8")
    elif spoiled == "a folder":
        out.mkdir()
    words = ["ledger", "--out", str(out), *(["--force"] if spoiled == "a folder" else [])]
    status, shown, said = run(capsys, *words)
    assert (status, shown) == ({"no folder": 4}.get(spoiled, 2), "")
    assert str(out.parent if spoiled == "no folder" else out) in said
    assert spoiled != "a file" or out.read_text(encoding="utf-8") == "原有"


def test_a_copy_takes_the_place_of_another_when_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--force` overwrites."""
    out = home / "there.json"
    out.write_text("原有", encoding="utf-8")
    status, _, _ = run(capsys, "explain", "EXISTS", "--out", str(out), "--force")
    assert (status, json.loads(out.read_text(encoding="utf-8"))["code"]) == (0, "EXISTS")


def test_no_empty_file_is_left_where_nothing_was_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is due, so there is nothing to keep."""
    out = home / "due.json"
    status, _, _ = run(capsys, "promote", "--due", "--out", str(out))
    assert (status, out.exists()) == (0, False)


def test_a_copy_that_fails_does_not_hide_that_the_work_is_done(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer stands on stdout, and the refusal says that only the copy is missing."""
    out = home / ("长" * 84 + ".md")  # its unfinished form has too long a name for the disk
    status, shown, said = run(capsys, "explain", "EXISTS", "--out", str(out))
    assert (status != 0, "EXISTS" in shown, "事情已经做完" in said, out.exists()) == (True, True, True, False)
