"""Which bundle answers: the pointer that names it, and the ledger of every change of it, made by one hand at a time."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LEDGER: Final = "promotions.jsonl"
VOID: Final = "void"
"""Action of an entry that says: what the entry before it announced was never done."""
_LOCK: Final = ".promoting"
_CHANGES: Final = frozenset({"promote", "rollback"})


@dataclass(frozen=True)
class Tenure:
    """A time in which one bundle answered: from when, until when (None: still), and the entry that began it."""

    bundle: str
    sha256: str
    since: str
    until: str | None
    entry: Mapping[str, Any]


@contextmanager
def alone(bundles: Path) -> Iterator[None]:
    """Hold the lock of the bundles' folder; whoever finds it held does not wait.

    The system holds the lock, not the file: it goes with the process that
    held it, however that ended, and a file left behind locks nobody out.

    Raises
    ------
    FileExistsError
        Somebody else is at it; the error names the lock file.
    """
    path = bundles / _LOCK
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FileExistsError(errno.EEXIST, "locked", str(path)) from error
        yield
    finally:
        os.close(handle)


def switch(home: Path, bundles: Path, entry: Mapping[str, object], *, pointer: str) -> None:
    """Announce a change in the ledger, then let the pointer name the entry's bundle.

    Where the pointer cannot be changed, the announcement is taken back. Where
    the process dies between the two, `settle` takes it back.
    """
    name = str(entry["bundle"])
    note(home, entry)
    try:
        point(bundles, name, pointer=pointer)
    except BaseException:
        note(home, _void(entry, at=str(entry["at"])))
        raise


def settle(home: Path, *, current: str | None, at: str) -> Mapping[str, Any] | None:
    """Take back the last announcement if the pointer never followed it; return it. Call it with the lock held."""
    entries = noted(home)
    if not entries or not _undone(entries[-1], current):
        return None
    note(home, _void(entries[-1], at=at))
    return entries[-1]


def note(home: Path, entry: Mapping[str, object]) -> None:
    """Add one line to the ledger and see it to the disk before anything is switched.

    A line that a power cut has torn is ended first, so that it takes no other along.
    """
    line = json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n"
    with (home / LEDGER).open("ab+") as ledger:
        end = ledger.seek(0, os.SEEK_END)
        ledger.seek(max(0, end - 1))
        torn = ledger.read(1) not in {b"", b"\n"}
        ledger.write((b"\n" if torn else b"") + line.encode("utf-8"))
        ledger.flush()
        os.fsync(ledger.fileno())


def noted(home: Path) -> list[dict[str, Any]]:
    """Return the ledger, oldest entry first; a torn last line, as after a power cut, is left out."""
    try:
        lines = (home / LEDGER).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    entries: list[dict[str, Any]] = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def promoted(home: Path, name: str) -> str | None:
    """Return the hash under which a bundle of this name was promoted last; None where the ledger does not know it."""
    found = [entry.get("sha256") for entry in noted(home) if entry.get("bundle") == name]
    return str(found[-1]) if found and found[-1] else None


def tenures(home: Path, *, current: str | None) -> list[Tenure]:
    """Return who answered when, oldest first.

    Announcements that were taken back never were, and neither was a last one
    that the pointer, which names `current`, never followed.
    """
    changes: list[dict[str, Any]] = []
    for entry in noted(home):
        if entry.get("action") == VOID and changes and entry.get("voided") == changes[-1].get("bundle"):
            changes.pop()
        elif entry.get("action") in _CHANGES:
            changes.append(entry)
    if changes and _undone(changes[-1], current):
        changes.pop()
    ends = [*(str(entry.get("at", "")) for entry in changes), None][1:]
    return [
        Tenure(str(entry.get("bundle", "")), str(entry.get("sha256", "")), str(entry.get("at", "")), until, entry)
        for entry, until in zip(changes, ends, strict=True)
    ]


def before(home: Path, current: str | None) -> str | None:
    """Return what answered before the present bundle, by the ledger; None where it does not know."""
    found = tenures(home, current=current)
    if not found or found[-1].bundle != current:
        return None
    earlier = found[-1].entry.get("before")
    return None if not earlier else str(earlier)


def point(bundles: Path, name: str, *, pointer: str) -> None:
    """Let a pointer name a bundle: readers see the old name or the new one, even after a power cut."""
    draft = bundles / f".{pointer}.{os.getpid()}"
    with draft.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(bundles / pointer)


def _undone(entry: Mapping[str, Any], current: str | None) -> bool:
    """Whether a change was announced that the pointer never followed: it still names what was there before."""
    return entry.get("action") in _CHANGES and entry.get("bundle") != current and entry.get("before") == current


def _void(entry: Mapping[str, Any], *, at: str) -> dict[str, object]:
    return {"action": VOID, "at": at, "voided": entry["bundle"], "before": entry.get("before")}
