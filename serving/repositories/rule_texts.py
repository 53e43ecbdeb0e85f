"""Rule tables on record: whatever table ever answered can be read again by its hash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from models.rules.table import RuleTable
from serving.access.origin import SERVICE, Origin
from serving.audit.chain import append
from serving.audit.digest import row_digest
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.store.tables.models import rule_texts
from serving.store.transaction import Store

KIND: Final = "rules"
Texts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RuleTextStore:
    """Keeps every rule table's texts once, by hash; the first keeping of each is on the audit chain."""

    store: Store
    keys: KeyRing

    def keep(self, table: RuleTable, *, at: datetime) -> None:
        """Keep the texts of a table, unless they are kept already.

        Raises
        ------
        StoreUnavailableError
            They could not be kept: a table that cannot be read again must not answer.
        """
        if self.texts(table.sha256) is None:
            self.store.write(lambda connection: self._keep(connection, table, at))

    def texts(self, sha256: str) -> Texts | None:
        """Return the texts of the table with this hash, as `RuleTable.of` takes them; None if it was never kept."""
        query = select(rule_texts.c.texts).where(rule_texts.c.sha256 == sha256)
        found = self.store.read(lambda connection: connection.scalar(query))
        return None if found is None else tuple((name, text) for name, text in json.loads(found))

    def _keep(self, connection: Connection, table: RuleTable, at: datetime) -> None:
        known = connection.scalar(select(rule_texts.c.sha256).where(rule_texts.c.sha256 == table.sha256))
        if known is not None:
            return
        row = {
            "sha256": table.sha256,
            "version": table.version[:200],
            "kept_at": at.isoformat(timespec="seconds"),
            "texts": json.dumps(table.texts, ensure_ascii=False),
        }
        connection.execute(insert(rule_texts), row)
        event = event_of(
            Origin(SERVICE), "rules.keep", kind=KIND, object_id=table.sha256, row_sha256=row_digest(row)
        )  # fmt: skip
        append(connection, event, mac=self.keys.mac, at=at)
