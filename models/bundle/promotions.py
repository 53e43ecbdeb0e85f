"""Which bundle answers: the pointer that names it, and the ledger of every change of it, made by one hand at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

LEDGER: Final = "promotions.jsonl"
_LOCK: Final = ".promoting"


@contextmanager
def alone(bundles: Path) -> Iterator[None]:
    """Hold the lock of the bundles' folder; whoever finds one does not wait.

    Raises
    ------
    FileExistsError
        Somebody else is at it, or was interrupted; the error names the lock file.
    """
    path = bundles / _LOCK
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    try:
        os.close(handle)
        yield
    finally:
        path.unlink()


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
        lines = (home / LEDGER).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    entries: list[dict[str, Any]] = []
    for line in lines:
        try:
            entries.append(json.loads(line))
        except ValueError:
            continue
    return entries


def promoted(home: Path, name: str) -> str | None:
    """Return the hash under which a bundle of this name was promoted last; None where the ledger does not know it."""
    found = [entry.get("sha256") for entry in noted(home) if entry.get("bundle") == name]
    return str(found[-1]) if found and found[-1] else None


def point(bundles: Path, name: str, *, pointer: str) -> None:
    """Let a pointer name a bundle: readers see the old name or the new one, even after a power cut."""
    draft = bundles / f".{pointer}.{os.getpid()}"
    with draft.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(bundles / pointer)
