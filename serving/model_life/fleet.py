"""Which worker answers with what: each leaves a report, so that a change that has not reached all of them is seen."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one worker answers with; hashes are None where it has none.

    `courts_sha256` are the rule tables of courts with urging windows of their own.
    """

    pid: int
    since: str
    mode: str
    model: str | None
    model_sha256: str | None
    ruleset_sha256: str
    program: str
    shadow_sha256: str | None = None
    courts_sha256: Mapping[str, str] = field(default_factory=dict)
    refused: str | None = None


class Reporter:
    """Keeps the report of this worker; it counts as long as the worker lives, however the worker ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(folder)
        self._file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        # The lock is the sign of life: the system takes it away with the process. It is held before it can be seen.
        unseen = self._file.with_suffix(".new")
        self._lock = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unseen.rename(self._file.with_suffix(".lock"))

    def tell(self, report: Report) -> None:
        """Replace the report, whole or not at all."""
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(report), ensure_ascii=False), encoding="utf-8")
        draft.replace(self._file)

    def close(self) -> None:
        """Take the report away."""
        self._file.unlink(missing_ok=True)
        self._file.with_suffix(".lock").unlink(missing_ok=True)
        os.close(self._lock)


def reports(folder: Path) -> list[Mapping[str, object]]:
    """Return the reports of all workers that live, the oldest first."""
    found: list[Mapping[str, object]] = []
    for file, alive in _each(folder):
        # A worker that has just begun, or is just ending, has none.
        with suppress(FileNotFoundError):
            found += [json.loads(file.read_bytes())] if alive else []
    return sorted(found, key=lambda report: str(report["since"]))


def agreed(found: Sequence[Mapping[str, object]]) -> bool:
    """Whether all workers answer with the same models, rules and program."""
    parts = ("model_sha256", "ruleset_sha256", "courts_sha256", "program")
    return len({json.dumps([report.get(part) for part in parts], sort_keys=True) for report in found}) <= 1


def sweep(folder: Path) -> None:
    """Remove what workers left that ended without a word."""
    for file, alive in list(_each(folder)):
        if not alive:
            file.unlink(missing_ok=True)
            file.with_suffix(".new").unlink(missing_ok=True)
            file.with_suffix(".lock").unlink(missing_ok=True)


def _each(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the report's place of every worker that ever began here, and whether the worker lives."""
    for lock in sorted(folder.glob("*.lock")):
        try:
            handle = os.open(lock, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alive = False
        except BlockingIOError:
            alive = True
        finally:
            os.close(handle)
        yield lock.with_suffix(".json"), alive
