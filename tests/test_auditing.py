"""The commands of the audit trail: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from serving import auditing
from serving.cli.main import app
from serving.opening import keys_of, open_store
from serving.repositories.advice import AdviceStore, Call
from serving.settings import Settings
from tests.builders_audit import ROW
from tests.builders_serving import NOW, ORIGIN


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a court with one answer on record."""
    found = Settings(home=tmp_path)
    keys = keys_of(found)
    store = open_store(found, keys)
    AdviceStore(store, keys).record(Call("/v1/scores", "k" * 8, "d"), ROW, answer_of=str.encode, origin=ORIGIN, at=NOW)
    store.close()
    return found


def test_a_whole_trail_is_said_to_be_whole(settings: Settings) -> None:
    """The verdict comes first, in both languages."""
    said: list[str] = []
    assert auditing.verify(settings, file=None, as_json=False, say=said.append)
    assert "完好 / whole" in said[0]


def test_a_finding_is_printed_for_people_and_for_programs(settings: Settings) -> None:
    """A missing second place is told, on paper and as JSON."""
    (settings.heads_folder / "witness.json").unlink()
    lines: list[str] = []
    document: list[str] = []
    assert not auditing.verify(settings, file=None, as_json=False, say=lines.append)
    assert not auditing.verify(settings, file=None, as_json=True, say=document.append)
    assert "链头" in lines[1]
    assert json.loads(document[0])["findings"][0]["kind"] == "heads"


def test_an_export_is_verified_from_its_file(settings: Settings, tmp_path: Path) -> None:
    """The command that exports says how far, and the file is whole."""
    said: list[str] = []
    auditing.export(settings, tmp_path / "trail.ndjson.gz", say=said.append)
    assert "#2" in said[0]
    assert auditing.verify(settings, file=tmp_path / "trail.ndjson.gz", as_json=False, say=said.append)


def test_a_head_is_printed_for_paper(settings: Settings) -> None:
    """Number, code and time on one line."""
    said: list[str] = []
    auditing.head(settings, say=said.append)
    assert said[0].startswith("#1 sha256:")


def test_heads_begin_anew_for_a_reason(settings: Settings) -> None:
    """The trail is whole afterwards, and one row longer."""
    said: list[str] = []
    auditing.accept(settings, "恢复备份", say=said.append)
    assert "#2" in said[0]
    assert auditing.verify(settings, file=None, as_json=False, say=said.append)


@pytest.mark.parametrize(("name", "code", "status"), [("x", "EXPORT_FILE", 3), ("none", "EXPORT_FILE", 3)])
def test_the_command_ends_with_the_code_of_its_cause(
    settings: Settings, tmp_path: Path, name: str, code: str, status: int
) -> None:
    """A file that is no export, and one that is not there."""
    (tmp_path / "x").write_text("x", encoding="utf-8")
    ran = CliRunner().invoke(app, ["audit", "verify", "--home", str(settings.home), "--file", str(tmp_path / name)])
    assert (ran.exit_code, f"错误 [{code}]" in ran.stderr) == (status, True)


def test_tampering_ends_the_command_in_one(settings: Settings) -> None:
    """What a scheduler looks at."""
    whole = CliRunner().invoke(app, ["audit", "verify", "--home", str(settings.home)])
    (settings.heads_folder / "witness.json").unlink()
    broken = CliRunner().invoke(app, ["audit", "verify", "--home", str(settings.home)])
    assert (whole.exit_code, broken.exit_code) == (0, 1)
