"""The commands that look after the database: every refusal names the way out, and no worker meets half a database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from serving.opening import open_trail
from serving.settings import Settings
from serving.upkeep.migration import migrate
from tests.builders_servers import ROOT, environment
from tests.builders_store import Database
from tests.test_serve_cli import command


def named(database: Database) -> dict[str, str]:
    """Return the variables that name the database."""
    if database.kind == "sqlite":
        return {}
    return {"FENLIU_DATABASE": str(database.place), "FENLIU_DATABASE_OWNER": str(database.owner)}


@pytest.fixture
def folder(empty: Database, tmp_path: Path) -> Path:
    """Return the folder whose home has the SQLite file at the place where the service looks for it."""
    if empty.kind == "sqlite":
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "fenliu.db").symlink_to(tmp_path / "fenliu.db")
    return tmp_path


def test_an_empty_database_is_set_up_and_the_second_time_left_alone(empty: Database, folder: Path) -> None:
    """The version, the rights and the audit row that says who did it."""
    first, second = (command(folder, "migrate", **named(empty)) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout.startswith("数据库版本由 （空 / empty） 变为 ")
    assert second.stdout.startswith("数据库已是版本 ")
    assert ("服务角色 fenliu_service 的权限已核定" in first.stdout) == (empty.kind == "postgresql")
    trail = empty.all("SELECT actor, action, detail FROM audit")
    assert [(row["actor"][:4], row["action"]) for row in trail] == [("cli:", "store.migrate")]
    assert json.loads(trail[0]["detail"])["before"] == ""


def test_going_down_needs_a_yes_and_going_up_again_keeps_the_record(empty: Database, folder: Path) -> None:
    """The last step both ways, by the command."""
    newest = command(folder, "migrate", **named(empty)).stdout.split()[-1]
    version = empty.all("SELECT version_num FROM alembic_version")[0]["version_num"]
    before = f"{int(version) - 1:04d}"
    refused = command(folder, "migrate", "--to", before, **named(empty))
    assert (refused.returncode, "错误 [STORE_SCHEMA] 从版本" in refused.stderr) == (6, True), newest
    assert command(folder, "migrate", "--to", before, "--force", **named(empty)).returncode == 0
    assert command(folder, "migrate", **named(empty)).returncode == 0
    assert empty.all("SELECT version_num FROM alembic_version") == [{"version_num": version}]
    assert empty.rows("audit") == 3


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_postgresql_needs_both_roles(empty: Database, folder: Path) -> None:
    """Without the owner's role there is no migration, and the service does not start on an empty database."""
    one = {"FENLIU_DATABASE": str(empty.place)}
    done = command(folder, "migrate", **one)
    assert (done.returncode, "须设置 FENLIU_DATABASE_OWNER" in done.stderr) == (2, True)
    checked = command(folder, "check", **one)
    assert (checked.returncode, "请运行 fenliu-serve migrate" in checked.stdout) == (6, True)
    assert empty.all("SELECT 1 FROM information_schema.tables WHERE table_schema = 'public'") == []


def test_another_programs_database_is_refused_untouched(empty: Database, folder: Path) -> None:
    """A wrong address must not mix two programs' tables."""
    empty.execute("CREATE TABLE invoices (id INTEGER)")
    (folder / "fenliu.db").chmod(0o600) if empty.kind == "sqlite" else None
    done = command(folder, "migrate", **named(empty))
    assert (done.returncode, "不属于分流的表（invoices）" in done.stderr) == (6, True)
    with pytest.raises(Exception, match="audit"):
        empty.rows("audit")


def test_an_unknown_version_is_refused_with_those_there_are(empty: Database, folder: Path) -> None:
    """A typing error changes nothing."""
    done = command(folder, "migrate", "--to", "0815", **named(empty))
    assert (done.returncode, "没有版本 0815，可选：0001、0002" in done.stderr) == (6, True)


def test_three_that_start_at_once_find_one_database(empty: Database, folder: Path) -> None:
    """Of several processes that set up the same empty database one does it and the others wait."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "serving.cli", "migrate"], cwd=ROOT, env=environment(folder, **named(empty)),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    said = sorted(process.communicate(timeout=120) for process in processes)
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert sum(out.startswith("数据库版本由") for out, _ in said) == 1
    assert empty.rows("key_ids") == 3


def test_the_second_place_knows_of_a_migration(tmp_path: Path) -> None:
    """Nobody who migrates has to answer for a witness that stands behind the trail."""
    settings = Settings(home=tmp_path)
    migrate(settings, to="", force=False, say=lambda _: None)
    assert open_trail(settings).verify().findings == []
