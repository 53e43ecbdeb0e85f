"""Sealing anew under the present data key what an earlier one sealed: a few rows a transaction, each on the chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, func, or_, select, tuple_, update

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.ciphers import KEY_ID, SealError
from serving.keys import DATA, KeyRing
from serving.store.tables import key_ids, metadata
from serving.store.tables.metadata import trail_of
from serving.store.transaction import Store
from serving.store.triggers import bolts_lifted

TOGETHER: Final = 100
"""Rows that one transaction seals anew; no call waits longer than for these."""

Row = Mapping[str, Any]


@dataclass
class Resealed:
    """What was done: rows sealed anew by table, and rows that do not open and were left as they are, by name."""

    rows: dict[str, int] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ResealStore:
    """Finds what lies under earlier keys and seals it anew, by the role that owns the tables."""

    store: Store
    keys: KeyRing

    def take_up(self, *, origin: Origin, at: datetime) -> bool:
        """Note in the database which data key seals from now on; False when it knows already."""

        def work(connection: Connection) -> bool:
            query = select(key_ids.c.key_id).where(key_ids.c.name == DATA)
            before, after = str(connection.scalar(query)), self.keys.ids[DATA]
            if before == after:
                return False
            connection.execute(update(key_ids).where(key_ids.c.name == DATA).values(key_id=after))
            event = event_of(origin, "data_key.rotate", kind="key", object_id=DATA, before=before, after=after)
            append(connection, event, mac=self.keys.mac, at=at)
            return True

        return self.store.write(work)

    def left(self) -> dict[str, int]:
        """Return how many rows of each table lie under an earlier key, tables without such rows left out."""

        def work(connection: Connection) -> dict[str, int]:
            found = {
                table.name: connection.scalar(select(func.count()).select_from(table).where(self._dated(table))) or 0
                for table in _sealing()
            }
            return {name: rows for name, rows in found.items() if rows}

        return self.store.read(work)

    def reseal(self, *, origin: Origin, at: datetime) -> Iterator[Resealed]:
        """Seal anew whatever lies under an earlier key, yielding after each transaction what was done so far.

        Each transaction seals some rows and puts their new digests on the
        audit chain. After a crash between two the rest is still to be found.

        Raises
        ------
        StoreUnavailableError
            The rest could not be sealed anew.
        """
        done = Resealed()
        for table in _sealing():
            last: Sequence[Any] | None = ()
            while last is not None:
                last = self._step(table, last, done, (origin, at))
                yield done

    def _step(
        self, table: Table, last: Sequence[Any], done: Resealed, by: tuple[Origin, datetime]
    ) -> Sequence[Any] | None:
        """Seal some rows behind the last one anew, and return the place of the last of them; None at the end."""
        place = tuple_(*table.primary_key.columns)
        query = select(table).where(self._dated(table)).order_by(*table.primary_key.columns).limit(TOGETHER)

        def work(connection: Connection) -> tuple[Sequence[Any] | None, int, list[str]]:
            found = connection.execute(query.where(place > tuple_(*last)) if last else query).mappings()
            rows = [dict(row) for row in found]
            with bolts_lifted(connection, [table.name]):
                changed = [new for row in rows if (new := self._renewed(table, row)) is not None]
                for row in changed:
                    self._put(connection, table, row)
            self._note(connection, table, changed, by)
            names = {_name(table, row) for row in rows} - {_name(table, row) for row in changed}
            return (_place(table, rows[-1]) if rows else None), len(changed), sorted(names)

        after, count, unreadable = self.store.write(work)
        if count:
            done.rows[table.name] = done.rows.get(table.name, 0) + count
        done.unreadable += unreadable
        return after

    def _dated(self, table: Table) -> ColumnElement[bool]:
        """Return what is true of a row that lies under another key than the present one."""
        first, length = KEY_ID.start + 1, KEY_ID.stop - KEY_ID.start
        mine = self.keys.seal.key_id
        return or_(*(func.substr(column, first, length) != mine for column in _sealed(table)))

    def _renewed(self, table: Table, row: Row) -> Row | None:
        """Return the row with its content under the present key; None where it does not open."""
        seal = self.keys.seal
        try:
            new = {
                str(column.name): seal.close(seal.open(bytes(row[column.name]), at), at)
                for column in _sealed(table)
                if row[column.name] is not None and (at := f"{table.name}.{column.name}:{_spelt(table, row)}")
            }
        except SealError:
            return None
        return {**row, **new}

    def _put(self, connection: Connection, table: Table, row: Row) -> None:
        mine = [column == row[column.name] for column in table.primary_key.columns]
        values = {str(column.name): row[column.name] for column in _sealed(table)}
        connection.execute(update(table).where(*mine).values(**values))

    def _note(self, connection: Connection, table: Table, rows: Sequence[Row], by: tuple[Origin, datetime]) -> None:
        """Put each row's new digest on the chain, or, where rows have none, how many rows it were."""
        origin, at = by
        trail = trail_of(table)
        if trail is None:
            said = [(table.name, {"rows": str(len(rows))})] if rows else []
        else:
            said = [(str(row[trail.key]), {"row_sha256": row_digest(trail.counted(row))}) for row in rows]
        for one, detail in said:
            kind = table.name if trail is None else trail.kind
            event = event_of(origin, "data_key.reseal", kind=kind, object_id=one, **detail)
            append(connection, event, mac=self.keys.mac, at=at)


def _sealing() -> list[Table]:
    return [table for table in metadata.sorted_tables if _sealed(table)]


def _sealed(table: Table) -> list[Any]:
    """Return the columns of bytes, every one of which is sealed."""
    return [column for column in table.columns if isinstance(column.type, LargeBinary)]


def _place(table: Table, row: Row) -> list[Any]:
    return [row[column.name] for column in table.primary_key.columns]


def _spelt(table: Table, row: Row) -> str:
    return ":".join(map(str, _place(table, row)))


def _name(table: Table, row: Row) -> str:
    return f"{table.name} {_spelt(table, row)}"
