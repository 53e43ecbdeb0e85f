"""Heads of the chain in the second place: what the database must still hold, told by files its owner cannot rewrite.

`witness.json` is the newest head, replaced after every commit. `heads.jsonl`
gets a line on a schedule and only ever grows. Each line carries a code under
the audit key. The folder belongs on another machine or on write-once media:
whoever owns both places and the key can still lie (RFC 9162, section 8.1,
on why logs need witnesses).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from serving.audit.chain import Head
from serving.ciphers import Mac

WITNESS: Final = "witness.json"
LEDGER: Final = "heads.jsonl"
_PURPOSE: Final = "fenliu-head/1"
_WITNESS_BYTES: Final = 512
"""The witness always has this size, one sector of a disk: it is overwritten in place and never empty."""

_LOOKS: Final = 3
"""How often the witness is looked at before it is believed to be false: a worker may be writing it."""


class HeadFileError(RuntimeError):
    """A line of the second place cannot be read or does not carry the right code; names file and line."""


@dataclass(frozen=True)
class Kept:
    """A head in the second place: which row was the newest, by which code, and when it was written."""

    head: Head

    def line(self, mac: Mac) -> str:
        """Return the line that is written, with its code."""
        facts = vars(self.head)
        return json.dumps({**facts, "code": mac.of(_signed(facts))}, separators=(",", ":"))

    @classmethod
    def of_line(cls, line: str, mac: Mac, *, where: str) -> Kept:
        """Read a line back.

        Raises
        ------
        HeadFileError
            It is no such line, or its code does not belong to it.
        """
        try:
            found = json.loads(line)
            head = Head(int(found["seq"]), str(found["mac"]), str(found["at"]))
            genuine = mac.matches(str(found["code"]), _signed(vars(head)))
        except (ValueError, KeyError, TypeError):
            genuine = False
        if not genuine:
            msg = f"{where} 不是以本院密钥写下的链头 / {where} is no head written under this court's key"
            raise HeadFileError(msg)
        return cls(head)


@dataclass(frozen=True)
class SecondPlace:
    """The folder of heads; several workers write into it, one at a time."""

    folder: Path
    mac: Mac

    def witness(self, head: Head) -> None:
        """Replace the newest head, unless another worker has already written a newer one.

        Raises
        ------
        OSError
            The place cannot be written.
        """
        with self._alone():
            if self._witnessed_seq() >= head.seq:
                return
            _overwrite(self.folder / WITNESS, Kept(head).line(self.mac))

    def export(self, head: Head) -> bool:
        """Add the head to the ledger, on disk before this returns; False when it is already the last line.

        Raises
        ------
        OSError
            The place cannot be written.
        """
        with self._alone():
            last = _last_line(self.folder / LEDGER)
            if last and _seq_of(last) >= head.seq:
                return False
            _write(self.folder / LEDGER, Kept(head).line(self.mac) + "\n", os.O_APPEND, sync=True)
        return True

    def witnessed(self) -> Kept | None:
        """Return the newest head, or None where there is none.

        Raises
        ------
        HeadFileError
            The file does not hold one.
        """
        for _ in range(_LOOKS):
            text = _text(self.folder / WITNESS)
            if text is None:
                return None
            with suppress(HeadFileError):
                return Kept.of_line(text, self.mac, where=WITNESS)
        return Kept.of_line(text or "", self.mac, where=WITNESS)

    def exported(self) -> Iterator[Kept]:
        """Yield the heads of the ledger, oldest first; a last line that was cut off by a crash is passed over.

        Raises
        ------
        HeadFileError
            A line does not hold a head, or they do not go forward.
        """
        last = 0
        for number, line in enumerate((_text(self.folder / LEDGER) or "").splitlines(keepends=True), start=1):
            if not line.endswith("\n"):
                return
            kept = Kept.of_line(line, self.mac, where=f"{LEDGER}:{number}")
            if kept.head.seq <= last:
                msg = f"{LEDGER}:{number} 的序号倒退 / the numbers go back at {LEDGER}:{number}"
                raise HeadFileError(msg)
            last = kept.head.seq
            yield kept

    def put_aside(self, at: datetime) -> str:
        """Move both files into a folder of their own and return its name.

        Raises
        ------
        OSError
            The place cannot be written.
        """
        name = f"aside-{at:%Y%m%dT%H%M%S%f}"
        with self._alone():
            (self.folder / name).mkdir(mode=0o700)
            for file in (WITNESS, LEDGER):
                if (self.folder / file).exists():
                    (self.folder / file).replace(self.folder / name / file)
        return name

    def _witnessed_seq(self) -> int:
        """Return where the witness stands; one that is not ours, whatever it says, holds up no newer one."""
        try:
            return Kept.of_line(_text(self.folder / WITNESS) or "", self.mac, where=WITNESS).head.seq
        except HeadFileError:
            return 0

    @contextmanager
    def _alone(self) -> Generator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _signed(facts: Mapping[str, object]) -> bytes:
    return json.dumps([_PURPOSE, dict(facts)], sort_keys=True, separators=(",", ":")).encode()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _last_line(path: Path) -> str:
    lines = (_text(path) or "").splitlines()
    return lines[-1] if lines else ""


def _seq_of(line: str) -> int:
    """Return the number that a line names, 0 for none; whether the line is genuine is for `verify` to say."""
    try:
        return int(json.loads(line)["seq"])
    except (ValueError, KeyError, TypeError):
        return 0


def _overwrite(path: Path, line: str) -> None:
    """Write the line over the one before.

    Replacing the file instead would make many file systems wait for the disk
    at every commit, which costs as much as the commit itself.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, line.encode("utf-8").ljust(_WITNESS_BYTES), 0)
    finally:
        os.close(descriptor)


def _write(path: Path, text: str, how: int, *, sync: bool = False) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8"))
        if sync:
            file.flush()
            os.fsync(file.fileno())
