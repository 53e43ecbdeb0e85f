"""The audit trail as a whole: verified, exported, checked again far from the database, begun anew by decision."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select

from serving.access.origin import SERVICE, Origin
from serving.audit.chain import Head, append, head_of
from serving.audit.event import event_of
from serving.audit.heads import Kept, SecondPlace
from serving.audit.records import ACCEPTED, NOTED, Claims, check_records, check_triggers
from serving.audit.second_look import look_again
from serving.audit.verify import Finding, Report, Tampering, check_chain, check_end, heads_of
from serving.ciphers import Mac
from serving.store.tables import audit
from serving.store.transaction import Store

FORMAT = "fenliu-audit/1"
TOGETHER = 10_000
"""Rows read at a time."""


class ExportFileError(RuntimeError):
    """A file is no export of an audit trail, or cannot be read; names the file and the line."""


@dataclass(frozen=True)
class Trail:
    """The trail of one database, with its key and its second place."""

    store: Store
    mac: Mac
    place: SecondPlace

    def verify(self) -> Report:
        """Check chain, second place, triggers and records, and return everything that is wrong."""
        report = Report()
        witnessed, exported = heads_of(self.place, report)
        noted = self.store.read(lambda connection: self._check(connection, report, witnessed, exported))
        if witnessed is not None:
            report.add(look_again(self.place, report.head.seq, noted))
        return report

    def note_verified(self, report: Report, *, origin: Origin, at: datetime) -> None:
        """Note that somebody has verified the trail, how far, and how much was found.

        Raises
        ------
        StoreUnavailableError
            Nothing was noted.
        """
        told = {"rows": str(report.rows), "findings": str(report.total)}
        event = event_of(origin, "audit.verify", kind="audit", object_id=str(report.head.seq), **told)
        self.store.write(lambda connection: append(connection, event, mac=self.mac, at=at))

    def export_head(self, *, at: datetime) -> Head:
        """Write the newest head into the ledger of the second place, note that on the trail, and return the head.

        So the trail knows which lines the ledger must have. A trail that has
        not grown but by such a note gets no further line.

        Raises
        ------
        OSError
            The second place cannot be written.
        StoreUnavailableError
            The trail could not be read, or the note not written.
        """
        head, action = self.store.read(_newest)
        if head.seq and action != NOTED and self.place.export(head):
            event = event_of(Origin(SERVICE), NOTED, kind="audit", object_id=str(head.seq), mac=head.mac)
            self.store.write(lambda connection: append(connection, event, mac=self.mac, at=at))
        return head

    def export(self, path: Path, *, origin: Origin, at: datetime) -> Head:
        """Write the whole trail into a new file (`.gz`: compressed), and note on the trail that this was done.

        The file ends with a line that names the head under the audit key, so
        that it can be verified far from the database.

        Raises
        ------
        FileExistsError
            There is such a file already.
        """
        with path.open("xb") as raw:
            path.chmod(0o600)
            event = event_of(origin, "audit.export", kind="audit", object_id=path.name[:200])
            head = self.store.write(lambda connection: append(connection, event, mac=self.mac, at=at))
            with gzip.open(raw, "wb") if path.suffix == ".gz" else raw as out:
                out.write(_line({"format": FORMAT}))
                self.store.read(lambda connection: out.writelines(_line(row) for row in _rows(connection, head.seq)))
                out.write(Kept(head).line(self.mac).encode() + b"\n")
        return head

    def accept(self, reason: str, *, origin: Origin, at: datetime) -> Head:
        """Begin a new second place after a lawful restore; the old one is put aside, and both are named on the trail.

        A restored copy is behind the second place, which looks like a cut
        tail because it is one. Somebody must answer for that.
        """
        witnessed = self.place.witnessed()
        lost = {} if witnessed is None else {"seq": str(witnessed.head.seq), "mac": witnessed.head.mac}
        aside = self.place.put_aside(at)
        event = event_of(origin, ACCEPTED, kind="audit", object_id=aside, reason=reason, **lost)
        return self.store.write(lambda connection: append(connection, event, mac=self.mac, at=at))

    def _check(
        self, connection: Connection, report: Report, witnessed: Kept | None, exported: list[Kept]
    ) -> Collection[int]:
        known = {kept.head.seq: kept.head.mac for kept in (*exported, *([witnessed] if witnessed else []))}
        claims = check_rows(connection, report, mac=self.mac, heads=known)
        check_end(report, witnessed, exported)
        return claims.heads


def check_rows(connection: Connection, report: Report, *, mac: Mac, heads: Mapping[int, str] | None = None) -> Claims:
    """Add to the report what is wrong inside one database, with the chain, the triggers and the records.

    Returns what the trail claims of them.
    """
    claims = Claims()
    check_chain(claims.hear(_rows(connection)), report, mac=mac, heads=heads)
    report.add(check_triggers(connection))
    report.add(check_records(connection, claims))
    return claims


def verify_export(path: Path, *, mac: Mac, place: SecondPlace | None = None) -> Report:
    """Check an exported trail without its database, against its own last line and, if given, a second place.

    Raises
    ------
    ExportFileError
        The file cannot be read as an export.
    """
    report = Report()
    witnessed, exported = heads_of(place, report) if place else (None, [])
    known = {kept.head.seq: kept.head.mac for kept in exported}
    ends: list[Kept] = []
    check_chain(_exported_rows(path, mac, ends), report, mac=mac, heads=known)
    if not ends or ends[0].head.mac != report.head.mac:
        report.add([_unfinished(path)])
    before = [kept for kept in exported if not ends or kept.head.seq <= ends[0].head.seq]
    check_end(report, ends[0] if ends else witnessed, before)
    return report


def _newest(connection: Connection) -> tuple[Head, str]:
    """Return the head of the chain, and what its newest row tells of."""
    head = head_of(connection)
    return head, str(connection.scalar(select(audit.c.action).where(audit.c.seq == head.seq)))


def _rows(connection: Connection, until: int | None = None) -> Iterator[Mapping[str, Any]]:
    last = 0
    while True:
        page = select(audit).where(audit.c.seq > last).order_by(audit.c.seq).limit(TOGETHER)
        if until is not None:
            page = page.where(audit.c.seq <= until)
        rows = connection.execute(page).all()
        if not rows:
            return
        yield from (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
        last = rows[-1].seq


def _line(row: Mapping[str, Any]) -> bytes:
    return orjson.dumps(row) + b"\n"


def _exported_rows(path: Path, mac: Mac, ends: list[Kept]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of an export; the line of the head that closes it goes to `ends`."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            if orjson.loads(next(file, "{}")).get("format") != FORMAT:
                raise _unreadable(path, 1)
            for number, line in enumerate(file, start=2):
                row = orjson.loads(line)
                if "code" in row:
                    ends.append(Kept.of_line(line, mac, where=f"{path.name}:{number}"))
                elif set(row) != set(_COLUMNS):
                    raise _unreadable(path, number)
                else:
                    yield row
    except (OSError, EOFError, ValueError, KeyError, AttributeError) as error:
        raise _unreadable(path, 0) from error


def _unreadable(path: Path, line: int) -> ExportFileError:
    msg = f"{path.name}:{line} 不是审计导出文件或不完整 / is no export of an audit trail, or is damaged"
    return ExportFileError(msg)


def _unfinished(path: Path) -> Finding:
    zh = f"{path.name} 的末行与链头不符：文件被截短或改动"
    return Finding(Tampering.CUT, path.name, zh, f"{path.name} does not end with its head: shortened or changed")


_COLUMNS = tuple(str(column.name) for column in audit.columns)
