"""Backup and restore: everything comes back as it was, from either database to either, or nothing changes at all."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.audit.soundness import NotWholeError
from serving.keys import KeyFileError
from serving.opening import open_trail
from serving.store.backup import BackupError, OccupiedError
from serving.store.schema import KeyMismatchError, StoreSchemaError
from serving.upkeep.backing_up import backup
from serving.upkeep.restoring import restore
from tests.builders_house import House, houses
from tests.builders_postgres import Server
from tests.builders_servers import ROOT, environment
from tests.test_serve_cli import command


def save(house: House, *, force: bool = False) -> Path:
    """Back the house's database up."""
    file = house.folder / "backup.db"
    backup(house.settings, file, force=force, say=lambda _: None)
    return file


def bring_back(house: House, file: Path, *, force: bool = False, dry_run: bool = False) -> list[str]:
    """Restore the file into the house's database and return what was said."""
    said: list[str] = []
    restore(house.settings, file, force=force, dry_run=dry_run, say=said.append)
    return said


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Yield a house with five answers on record."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with houses(tmp_path, request.param, server=server) as (one,):
        one.answer(range(5))
        yield one


@pytest.fixture
def file_house(tmp_path: Path) -> Iterator[House]:
    """Yield a house with five answers on record in an SQLite file, where the kind of database does not matter."""
    with houses(tmp_path, "sqlite") as (one,):
        one.answer(range(5))
        yield one


@pytest.mark.parametrize("way", [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")])
def test_everything_comes_back_on_either_database(tmp_path: Path, postgres: Server, way: tuple[str, str]) -> None:
    """Byte for byte, with the chain whole, and the numbers go on where they were."""
    with houses(tmp_path, *way, server=postgres) as (here, there):
        here.answer(range(5))
        file = save(here)
        head = here.database.rows("audit") - 1  # the row about the backup itself came later
        bring_back(there, file)
        assert there.content(until=head) == here.content(until=head)
        assert [row["action"] for row in there.database.all("SELECT action FROM audit ORDER BY seq")][head:] == [
            "store.restore"
        ]
        assert there.answer([5, 0]) == ["SCR-20261120-000006", "SCR-20261120-000001"]


def test_a_backup_is_one_file_for_its_owner_alone(house: House) -> None:
    """Mode 0600, nothing left beside it, nothing of a case or a key readable in it, and the chain tells of it."""
    file = save(house)
    assert sorted(path.name for path in house.folder.iterdir()) == ["backup.db", "home"]
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    for key in house.settings.key_folder.iterdir():
        assert key.read_bytes() not in content
    last = house.database.all("SELECT action, object_id FROM audit ORDER BY seq DESC LIMIT 1")
    assert last == [{"action": "store.backup", "object_id": "backup.db"}]


def test_a_backup_made_while_answers_are_written_is_whole(house: House) -> None:
    """It shows one moment: as many answers as audit rows about them, and the writer never waits for it to end."""
    writer = threading.Thread(target=lambda: house.answer(range(100, 140)))
    writer.start()
    files = [house.folder / f"{n}.db" for n in range(3)]
    for file in files:
        backup(house.settings, file, force=False, say=lambda _: None)
    writer.join()
    assert house.database.rows("advice") == 45
    assert bring_back(house, files[-1], dry_run=True)[0].startswith("备份完好：")


def test_a_backup_does_not_replace_another_unasked(file_house: House) -> None:
    """Yesterday's backup may be the last good one."""
    file = save(file_house)
    before = file.read_bytes()
    with pytest.raises(FileExistsError, match="已存在；换一个文件名，或用 --force 覆盖"):
        save(file_house)
    assert file.read_bytes() == before
    file_house.answer([9])
    save(file_house, force=True)
    assert file.read_bytes() != before


def test_a_record_is_not_replaced_unasked(house: House) -> None:
    """The counts of what would go are told; with force the backup takes its place."""
    file = save(house)
    house.answer([7])
    before = house.content()
    with pytest.raises(OccupiedError, match=r"数据库中已有记录（.*advice 6"):
        bring_back(house, file)
    assert house.content() == before
    said = bring_back(house, file, force=True)
    assert house.database.rows("advice") == 5
    assert said[-1].startswith("审计第 ")
    assert "audit accept" in said[-1]


def test_an_older_copy_put_back_is_found_until_somebody_answers_for_it(house: House) -> None:
    """A lawful restore looks like a cut tail, because it is one."""
    file = save(house)
    house.answer(range(10, 14))
    bring_back(house, file, force=True)
    trail = open_trail(house.settings)
    assert [finding.kind for finding in trail.verify().findings][:1] == ["cut"]
    trail.store.close()
    assert command(house.folder, "audit", "accept", "--reason", "恢复", **house.variables).returncode == 0
    assert command(house.folder, "audit", "verify", **house.variables).returncode == 0


def test_a_rehearsal_changes_nothing(file_house: House) -> None:
    """The backup is checked to the last row and the database left alone."""
    file = save(file_house)
    file_house.answer([8])
    before = file_house.content()
    assert bring_back(file_house, file, dry_run=True)[0].startswith("备份完好：advice 5")
    assert file_house.content() == before


@pytest.mark.parametrize("damage", ["cut", "flipped", "other", "empty", "gone"])
def test_a_damaged_backup_changes_nothing(file_house: House, damage: str) -> None:
    """A cut file, a changed byte in a page, another program's file, an empty one, none."""
    file = save(file_house)
    content = file.read_bytes()
    middle = content.index(b"score.create")
    new = {
        "cut": content[: len(content) // 2], "flipped": content[:middle] + b"SCORE.create" + content[middle + 12 :],
        "other": b"PK\x03\x04" + content[4:], "empty": b"", "gone": b"",
    }  # fmt: skip
    file.write_bytes(new[damage])
    if damage == "gone":
        file.unlink()
    before = file_house.content()
    with pytest.raises((BackupError, NotWholeError, StoreSchemaError), match=r"损坏|核验未通过|无法读取|空库"):
        bring_back(file_house, file, force=True)
    assert file_house.content() == before
    assert [path.name for path in file_house.settings.home.iterdir() if "restore" in path.name] == []


def test_a_backup_somebody_rewrote_is_refused(file_house: House) -> None:
    """A changed lane and a trigger that went for it: whole as a file, not as a record."""
    file = save(file_house)
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TRIGGER advice_no_update")
        connection.execute("UPDATE advice SET route = 'fast' WHERE id = 'SCR-20261120-000003'")
    before = file_house.content()
    with pytest.raises(NotWholeError, match="核验未通过，共 2 处"):
        bring_back(file_house, file, force=True)
    assert file_house.content() == before


def test_a_restore_needs_the_original_keys(file_house: House, tmp_path: Path) -> None:
    """None are made up, and with others the backup is refused."""
    file = save(file_house)
    with_other_keys = file_house.settings.key_folder / "data.key"
    with_other_keys.unlink()
    with pytest.raises(KeyFileError, match=r"缺少密钥文件 data\.key"):
        bring_back(file_house, file)
    with_other_keys.touch(mode=0o600)
    with_other_keys.write_bytes(b"x" * 32)
    with pytest.raises(KeyMismatchError, match=r"另外的密钥写成的：data\.key"):
        bring_back(file_house, file)


def test_an_older_backup_is_brought_to_this_version(house: House) -> None:
    """A backup outlives the program that made it."""
    file = save(house)
    version = house.database.all("SELECT version_num FROM alembic_version")
    before = f"{int(version[0]['version_num']) - 1:04d}"
    old = House(house.folder / "old", house.settings, house.database)
    shutil.copytree(house.settings.key_folder, old.folder / "home" / "keys")
    shutil.copy(file, old.folder / "home" / "fenliu.db")
    assert command(old.folder, "migrate", "--to", before, "--force").returncode == 0
    with sqlite3.connect(old.folder / "home" / "fenliu.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    bring_back(house, old.folder / "home" / "fenliu.db", force=True)
    assert house.database.rows("advice") == 5
    assert house.database.all("SELECT version_num FROM alembic_version") == version


HELD = """
import sys, time
from pathlib import Path
from serving.settings import Settings
from serving.upkeep import restoring
def hold(*_, **__):
    print("replaced", flush=True)
    time.sleep(600)
restoring.note_whole = hold
import os
restoring.restore(Settings.read(os.environ), Path(sys.argv[1]), force=True, dry_run=False, say=lambda _: None)
"""
"""A restore that stops when every row is replaced and nothing is committed yet."""


def test_a_restore_that_is_killed_leaves_the_record_as_it_was(house: House) -> None:
    """Kill -9 when all rows were replaced, before the commit: nothing was; afterwards it can be done again."""
    file = save(house)
    house.answer(range(20, 23))
    before = house.content()
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, str(file)], cwd=ROOT, env=environment(house.folder, **house.variables),
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"replaced\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    after = house.content(until=len(before["audit"]))
    assert after == before
    bring_back(house, file, force=True)
    assert house.database.rows("advice") == 5


def test_the_command_tells_what_was_saved_and_what_was_not(file_house: House) -> None:
    """Counts, head, hash of the file, and where the keys are that are not in it."""
    done = command(file_house.folder, "backup", str(file_house.folder / "b.db"), **file_house.variables)
    assert done.returncode == 0, done.stderr
    assert "已备份到" in done.stdout
    assert "advice 5" in done.stdout
    assert "密钥不在备份内" in done.stdout
    again = command(file_house.folder, "backup", str(file_house.folder / "b.db"), **file_house.variables)
    assert (again.returncode, "错误 [FILE_EXISTS]" in again.stderr) == (3, True)
    refused = command(file_house.folder, "restore", str(file_house.folder / "b.db"), **file_house.variables)
    assert (refused.returncode, "错误 [OCCUPIED] 数据库中已有记录" in refused.stderr) == (2, True)
