"""What `fenliu-serve check` says: settings nobody reads, a clock set back, a full disk, missing fonts, every part."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from features.clock import SHANGHAI
from serving.audit.chain import append
from serving.audit.event import Event
from serving.checking.check import check
from serving.checking.finding import Finding
from serving.checking.parts import model, trail
from serving.checking.surroundings import clock, disk, fonts, kept_by_a_source
from serving.opening import keys_of, open_store
from serving.settings import Settings
from tests.builders_models import tiny_bundle

NOW = datetime(2026, 11, 20, 9, 12, tzinfo=SHANGHAI)


def test_every_part_has_its_line(tmp_path: Path) -> None:
    """Nine parts, Chinese first; a new home can start."""
    said: list[str] = []
    assert check(Settings(home=tmp_path), said.append) == 0
    parts = [line.split("：")[0][2:] for line in said]
    assert parts == ["设置 / settings", "密钥 / keys", "存储 / store", "审计 / audit", "规则 / rules", "模型 / model",
                     "时钟 / clock", "磁盘 / disk", "字体 / fonts"]  # fmt: skip


def test_a_clock_set_back_is_an_error(tmp_path: Path) -> None:
    """Before the newest recorded instant no deadline can be reckoned; a minute is forgiven."""
    settings = Settings(home=tmp_path)
    keys = keys_of(settings)
    store = open_store(settings, keys)
    store.write(lambda connection: append(connection, Event(action="x", actor="y"), mac=keys.mac, at=NOW))
    store.close()
    assert clock(settings, NOW - timedelta(seconds=30), synchronised=True).status == 0
    found = clock(settings, NOW - timedelta(hours=1), synchronised=True)
    assert (found.status, "时钟被拨回" in found.text) == (2, True)


def test_a_clock_that_nobody_keeps_is_doubtful(tmp_path: Path) -> None:
    """Said, not refused; where the system does not tell, nothing is said."""
    settings = Settings(home=tmp_path)
    assert [clock(settings, NOW, synchronised=kept).doubtful for kept in (True, False, None)] == [False, True, False]
    assert kept_by_a_source() in {True, False, None}


class Usage(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "found"), [(5 * 1024**3, (0, False)), (900 * 1024**2, (0, True)), (1024**2, (6, False))]
)
def test_a_full_disk_is_an_error_and_a_small_rest_doubtful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, found: tuple[int, bool]
) -> None:
    """The same limits as readiness."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
    told = disk(Settings(home=tmp_path / "not there yet"))
    assert (told.status, told.doubtful) == found


def test_a_chinese_font_is_looked_for(tmp_path: Path) -> None:
    """By its file; without one it is said how to get one."""
    assert fonts([str(tmp_path)]).doubtful
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()
    assert fonts([str(tmp_path)]) == Finding("字体 / fonts", "NotoSansCJK-Regular.ttc")


def test_a_model_past_its_date_is_doubtful(tmp_path: Path) -> None:
    """It would be loaded and give no score; on its last day it is good."""
    tiny_bundle(tmp_path / "bundles", "tiny-1", simulated=False)
    (tmp_path / "bundles" / "current").write_text("tiny-1", encoding="utf-8")
    settings = Settings(home=tmp_path)
    assert not model(settings, today=date(2030, 1, 1)).doubtful
    late = model(settings, today=date(2030, 1, 2))
    assert (late.status, late.doubtful, "已过有效期" in late.text) == (0, True, True)


def test_a_trail_that_takes_nothing_is_an_error(tmp_path: Path) -> None:
    """A store without its trail gives no advice, so it is exit six."""
    settings = Settings(home=tmp_path)
    assert trail(settings).status == 0
    settings.database_file.chmod(0o644)
    assert trail(settings).status == 6
    (settings.key_folder / "audit.key").chmod(0o644)
    assert trail(settings).status == 2
