"""Rule tables on record: whatever answered once can be read again by its hash."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa

from models.rules.table import RuleTable
from serving.repositories.rule_texts import RuleTextStore
from serving.store.tables.audit import audit
from tests.builders_serving import KEYS, NOW
from tests.builders_store import Database


def test_a_kept_table_is_read_again_by_its_hash(database: Database, tmp_path: Path) -> None:
    """The same texts in the same order make the same table; a hash nobody kept has none."""
    texts = RuleTextStore(database.open(), KEYS)
    own = tmp_path / "own.toml"
    own.write_text(files("models.rules").joinpath("court_default.toml").read_text("utf-8") + "\n# 本院\n", "utf-8")
    table = RuleTable.load([own])
    texts.keep(table, at=NOW)
    own.unlink()
    found = texts.texts(table.sha256)
    assert found is not None
    assert RuleTable.of(found) == table
    assert texts.texts("0" * 64) is None


def test_a_table_is_kept_once(database: Database) -> None:
    """Every worker asks, one row is written, and one is on the trail."""
    store = database.open()
    for _ in range(3):
        RuleTextStore(store, KEYS).keep(RuleTable.load(), at=NOW)
    query = sa.select(audit.c.action)
    assert store.read(lambda connection: connection.scalars(query).all()) == ["rules.keep"]
