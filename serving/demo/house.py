"""Whose record lies in this home: nobody's, the demonstration's own, or somebody else's, which is left alone."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Final

from serving.control.promoting import DEMO_MARK
from serving.demo.people import ASKING, NAMES
from serving.demo.working import SYSTEM
from serving.repositories.writers import writers_of
from serving.settings import Settings
from serving.store.transaction import Store

_OURS: Final = frozenset({f"key:{ASKING}", SYSTEM.by.owner, *(f"account:{name}" for name in NAMES)})
_MOVED: Final = ("fenliu.db", "fenliu.db-wal", "fenliu.db-shm", "keys", "heads", DEMO_MARK)


class House(Enum):
    """What a home holds."""

    EMPTY = auto()
    TODAY = auto()
    EARLIER = auto()
    OTHERS = auto()


def look(settings: Settings, store: Store, accounts: frozenset[str], *, today: date) -> House:
    """Return whose record it is; anything that the demonstration did not write makes it somebody else's."""
    writers = writers_of(store)
    if not writers and not accounts:
        return House.EMPTY
    if not (writers <= _OURS and accounts <= NAMES):
        return House.OTHERS
    return House.TODAY if accounts == NAMES and _built_on(settings) == today.isoformat() else House.EARLIER


def mark(settings: Settings, *, today: date) -> None:
    """Write down when the court was built; without the mark it is built again."""
    text = json.dumps({"built_on": today.isoformat()})
    (settings.home / DEMO_MARK).write_text(text, encoding="utf-8")


def set_aside(settings: Settings, *, at: datetime) -> Path:
    """Move an earlier demonstration's record out of the way, with its keys, and return where it is now."""
    place = settings.home / "earlier" / f"{at:%Y%m%d-%H%M%S}"
    place.mkdir(mode=0o700, parents=True)
    for name in _MOVED:
        found = settings.home / name
        if found.exists():
            found.rename(place / name)
    return place


def _built_on(settings: Settings) -> str:
    try:
        return str(json.loads((settings.home / DEMO_MARK).read_text(encoding="utf-8"))["built_on"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
