"""The records against the audit trail: every recorded row must have the digest that the chain holds of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from serving.audit.digest import row_digest
from serving.audit.verify import Finding, Tampering
from serving.store.tables import idempotency, metadata
from serving.store.tables.metadata import KEPT, OnTrail, trail_of
from serving.store.triggers import missing_triggers

TOGETHER = 2_000
"""Rows read at a time."""

NOTED: Final = "audit.head"
"""What an audit row tells of when the head of the row that it names was written into the ledger."""

ACCEPTED: Final = "audit.accept"
"""What an audit row tells of when the second place was begun anew."""


@dataclass
class Claims:
    """What the chain claims: the newest digest of each record, where idempotency keys lead, heads in the ledger."""

    digests: dict[tuple[str, str], str] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    heads: list[int] = field(default_factory=list)

    def hear(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Pass audit rows on, oldest first, remembering what they claim.

        A later digest of the same record takes the place of the earlier one:
        that is how erasure and other lawful changes are told.
        """
        for row in rows:
            self._note(row)
            yield row

    def _note(self, row: Mapping[str, Any]) -> None:
        if row["action"] == ACCEPTED:
            self.heads.clear()
        elif row["action"] == NOTED and str(row["object_id"]).isdecimal():
            self.heads.append(int(row["object_id"]))
        detail = _detail_of(row)
        digest = detail.get("row_sha256")
        if digest is None:
            return
        self.digests[(row["kind"], row["object_id"])] = digest
        if row["kind"] == "advice" and "key_sha256" in detail:
            self.keys[(detail["scope"], detail["key_sha256"])] = (detail["body_digest"], row["object_id"])


def check_records(connection: Connection, claims: Claims) -> Iterator[Finding]:
    """Yield what is wrong with the records: changed, gone, or never put on the chain."""
    for table in metadata.sorted_tables:
        trail = trail_of(table)
        if trail is not None:
            yield from _check_table(connection, table, trail, claims)
    yield from _check_keys(connection, claims)


def check_triggers(connection: Connection) -> Iterator[Finding]:
    """Yield the triggers that ought to keep rows as they were written and do not."""
    tables = [table for table in metadata.sorted_tables if table.info.get(KEPT)]
    for name in missing_triggers(connection, tables):
        zh = f"触发器 {name} 被删除、停用或改写"
        yield Finding(Tampering.TRIGGER, name, zh, f"trigger {name} was dropped, switched off or replaced")


def _detail_of(row: Mapping[str, Any]) -> Mapping[str, str]:
    """Return an audit row's detail; what cannot be read is the chain's finding, not ours."""
    if '"row_sha256"' not in row["detail"]:
        return {}
    try:
        found = json.loads(row["detail"])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _check_table(connection: Connection, table: Table, trail: OnTrail, claims: Claims) -> Iterator[Finding]:
    claimed = {one: digest for (kind, one), digest in claims.digests.items() if kind == trail.kind}
    for row in _rows(connection, table, trail.key):
        one = str(row[trail.key])
        place = f"{table.name} {one}"
        digest = claimed.pop(one, None)
        if digest is None:
            yield Finding(
                Tampering.RECORD_UNKNOWN, place, f"{place} 没有审计记录", f"{place} has no row in the audit trail"
            )
        elif digest != row_digest(trail.counted(row)):
            yield Finding(
                Tampering.RECORD_CHANGED, place, f"{place} 与入档时不符（被改动）", f"{place} is not as it was recorded"
            )
    for one in claimed:
        place = f"{table.name} {one}"
        yield Finding(Tampering.RECORD_MISSING, place, f"{place} 已不在库中（被删除）", f"{place} is gone, deleted")


def _check_keys(connection: Connection, claims: Claims) -> Iterator[Finding]:
    claimed = dict(claims.keys)
    for row in connection.execute(select(idempotency)).mappings():
        known = claimed.pop((row["scope"], row["key_sha256"]), None)
        if known != (row["body_digest"], row["advice_id"]):
            yield _key_finding(
                Tampering.RECORD_CHANGED, row["key_sha256"], "与审计记录不符", "is not as it was recorded"
            )
    for _, key in claimed:
        yield _key_finding(Tampering.RECORD_MISSING, key, "已不在库中", "is gone")


def _key_finding(kind: Tampering, key: str, zh: str, en: str) -> Finding:
    place = f"idempotency {key[:16]}"
    return Finding(kind, place, f"{place} {zh}", f"{place} {en}")


def _rows(connection: Connection, table: Table, key: str) -> Iterator[Mapping[str, Any]]:
    query = select(table).order_by(table.c[key]).limit(TOGETHER)
    page = query
    while rows := connection.execute(page).mappings().all():
        yield from map(dict, rows)
        page = query.where(table.c[key] > rows[-1][key])
