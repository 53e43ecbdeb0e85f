"""What surrounds the service: names of settings, the clock, the disk, and fonts with Chinese characters."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from serving.audit.chain import newest_at
from serving.checking.finding import UNREACHABLE, UNSAFE, Finding
from serving.health.readiness import LEAST_BYTES, LOW_BYTES
from serving.keys import KeyFileError
from serving.opening import keys_of, open_store
from serving.settings import PREFIX, Settings
from serving.store.engine import StoreFileError
from serving.store.faults import StoreUnavailableError
from serving.store.schema import KeyMismatchError, StoreSchemaError

_SLACK: Final = timedelta(minutes=1)
_UNSYNCHRONISED: Final = 5
"""TIME_ERROR of adjtimex(2): no time source keeps this clock."""
_FONT_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_CHINESE: Final = ("cjk", "wqy", "wenquanyi", "notosanssc", "notoserifsc", "sourcehan", "simsun", "simhei", "msyh",
                   "uming", "ukai", "droidsansfallback", "fangsong", "kaiti")  # fmt: skip


def names(environ: Mapping[str, str]) -> Finding:
    """Say how many settings were made; one that nobody knows ends every command before this."""
    used = sum(name.startswith(PREFIX) for name in environ)
    return Finding("设置 / settings", f"{used} 项来自环境变量 / {used} taken from the environment")


def clock(settings: Settings, now: datetime, *, synchronised: bool | None) -> Finding:
    """Compare the clock with the record: an instant before the last recorded one would reckon deadlines wrongly."""
    part = "时钟 / clock"
    last = _last_recorded(settings)
    if last is not None and now < last - _SLACK:
        zh = f"现在 {now:%Y-%m-%d %H:%M} 早于存档中最近的时刻 {last:%Y-%m-%d %H:%M}，时钟被拨回"
        return Finding(part, f"{zh} / the clock stands before the last recorded instant", UNSAFE)
    shown = f"{now:%Y-%m-%d %H:%M:%S %z}"
    if synchronised is False:
        return Finding(part, f"{shown}，系统时钟未与时间源同步 / not kept by a time source", doubtful=True)
    return Finding(part, shown)


def kept_by_a_source() -> bool | None:
    """Return whether the system says that a time source keeps its clock; None where it cannot be asked."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else state != _UNSYNCHRONISED


def disk(settings: Settings) -> Finding:
    """Look how much is left where the record grows."""
    part = "磁盘 / disk"
    place = settings.home if settings.home.exists() else settings.home.parent
    free = shutil.disk_usage(place).free
    shown = f"{free / 1024**3:.1f} GB 可用 / free"
    if free < LEAST_BYTES:
        return Finding(part, f"{shown}，不足以受理 / too little to take anything in", UNREACHABLE)
    return Finding(part, shown, doubtful=free < LOW_BYTES)


def fonts(folders: Iterable[str] = _FONT_FOLDERS) -> Finding:
    """Look for a font with Chinese characters; pages use the reader's own, pictures and prints this machine's."""
    part = "字体 / fonts"
    found = (
        path.name
        for folder in folders
        for path in Path(folder).expanduser().rglob("*")
        if path.suffix.lower() in {".ttf", ".ttc", ".otf"} and any(word in path.name.lower() for word in _CHINESE)
    )
    first = next(found, None)
    if first is None:
        zh = "没有中文字体，图表改用英文；Debian 可装 fonts-noto-cjk"
        return Finding(part, f"{zh} / no Chinese font; pictures are labelled in English", doubtful=True)
    return Finding(part, first)


def _last_recorded(settings: Settings) -> datetime | None:
    """Return the instant of the newest audit row; what is wrong with the store is another line's matter."""
    try:
        store = open_store(settings, keys_of(settings))
        last = store.read(newest_at)
    except (KeyFileError, KeyMismatchError, StoreFileError, StoreSchemaError, StoreUnavailableError, OSError):
        return None
    store.close()
    return None if last is None else datetime.fromisoformat(last)
