"""Importing a file: it is read and looked at, waits as a draft, and nothing is scored before somebody confirms."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from features.register import Register
from serving.access.origin import Origin
from serving.batches.reading import Asked, Found, Parse, read_file
from serving.door.problems import ProblemError
from serving.jobs.reading import problem_text
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.batches.lists import KNOWN, TWIN, Arrival, Batch, BatchStore, Twin
from serving.sheets.sheet import SheetError

SCOPE: Final = "/intake/import"
_KNOWN: Final = {
    "pointer": "/application_id",
    "code": "KNOWN",
    "message": "该申请已登记并评分，未重复导入",
    "message_en": "this application has an answer already and was not imported again",
}
_TWIN: Final = {
    "pointer": "/basis_no",
    "code": "BASIS_KNOWN",
    "message": "此执行依据已有另一申请，未勾选仍要新收，未导入",
    "message_en": "another application rests on this basis, and it was not ticked that this one is new",
}


@dataclass(frozen=True)
class Importing:
    """The use case with its collaborators; `wake` tells the runner that there is work, `draw` gives a seed."""

    records: BatchStore
    keys: KeyRing
    register: Callable[[], Register]
    parse: Parse
    clock: Callable[[], datetime]
    draw: Callable[[], int]
    wake: Callable[[], None] = lambda: None

    def read(self, body: bytes, *, origin: Origin) -> Found:
        """Read a file without touching the record, so that others need not wait for it.

        Raises
        ------
        SheetError
            It cannot be read at all, or names no court of the caller's.
        """
        found = read_file(body, Asked(origin.by.courts, self.clock()), register=self.register(), parse=self.parse)
        if not found.court and found.ids:
            raise SheetError("文件里没有法院代字，请补上后再上传", "the file names no court")
        return found

    def take_in(self, found: Found, body: bytes, *, key: str, origin: Origin) -> str:
        """Put a file that was read on record as a draft; return its id, the same one for the same key.

        Raises
        ------
        ProblemError
            IDEMPOTENCY_KEY_REUSED.
        """
        digest = self.keys.body(hashlib.sha256(body).hexdigest().encode())
        call = Call(SCOPE, key, digest, origin.by.owner)
        about: dict[str, object] = {"kind": found.kind, "headings": found.headings, "unread": found.unread}
        about |= {"notices": dict(found.notices)}
        arrival = Arrival(
            court=found.court or _any(origin),
            about=orjson.dumps(about).decode(),
            lines=found.lines,
            ids=found.ids,
            seed=self.draw(),
            bases={line: self.keys.basis(found.court, number) for line, number in found.bases.items()},
        )
        batch_id, before = self.records.take_in(call, arrival, origin=origin, at=self.clock())
        if before != digest:
            raise ProblemError("IDEMPOTENCY_KEY_REUSED")
        return batch_id

    def draft(self, batch_id: str, *, origin: Origin) -> Batch:
        """Return one's own list, whatever became of it.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        found = self.records.open(batch_id, origin=origin, at=self.clock())
        if found is None or found.job["owner"] != origin.by.owner:
            raise ProblemError("NOT_FOUND")
        return found

    def confirm(self, batch_id: str, *, again: bool, anyway: bool = False, origin: Origin) -> None:
        """Let one's draft be scored; a second click changes nothing.

        Applications that have answers are scored `again`, and those on a basis
        of another application `anyway`, or not at all.

        Raises
        ------
        ProblemError
            NOT_FOUND; GONE where it was discarded.
        """
        batch = self.draft(batch_id, origin=origin)
        if batch.state == "cancelled":
            raise ProblemError("GONE")
        refused = {
            KNOWN: None if again else problem_text("VALIDATION_FAILED", [_KNOWN]),
            TWIN: None if anyway else problem_text("VALIDATION_FAILED", [_TWIN]),
        }
        if self.records.confirm(batch, refused, origin=origin, at=self.clock()):
            self.wake()

    def discard(self, batch_id: str, *, origin: Origin) -> None:
        """End one's draft.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        self.records.discard(self.draft(batch_id, origin=origin), origin=origin, at=self.clock())

    def wrong(self, batch: Batch, *, most: int | None = None) -> Iterator[tuple[Mapping[str, Any], list[Any]]]:
        """Yield the failed lines with their cells."""
        return self.records.wrong(str(batch.job["id"]), most=most)

    def twins(self, batch: Batch, *, most: int) -> list[Twin]:
        """Return lines whose basis another application rests on, each with that one as it is known now."""
        return self.records.twins(batch, most=most)


def _any(origin: Origin) -> str:
    """Return some court of the caller's, for a list of which no line is a case."""
    return min(origin.by.courts.codes) if origin.by.courts.codes else "-"
