"""Lists of advice stay fast however many answers a court has: their order is kept, never sorted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from serving.access.principal import Courts
from serving.repositories.applications import page_of
from serving.repositories.listing import Wanted, _query
from tests.builders_serving import CLERK, ORIGIN, opened

ONE, SEVERAL = frozenset({"浙1022"}), frozenset({"浙1021", "浙1022"})


def plan_of(folder: Path, wanted: Wanted, courts: frozenset[str] | None) -> str:
    """Return how SQLite goes about a list."""
    return way_of(folder, _query(wanted, replace(ORIGIN, by=replace(CLERK, courts=Courts(courts)))))


def way_of(folder: Path, query: Select[Any]) -> str:
    """Return how SQLite goes about a query."""
    asked = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    store = opened(folder)
    rows = store.read(lambda connection: connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all())
    return "; ".join(row[3] for row in rows)


@pytest.mark.parametrize(("wanted", "courts", "index"), [
    (Wanted(), ONE, "ix_advice_court_code_day_number"), (Wanted(stage="A"), ONE, "ix_advice_court_code_day_number"),
    (Wanted(court_code="浙1022"), SEVERAL, "ix_advice_court_code_day_number"),
    (Wanted(court_code="浙1022"), None, "ix_advice_court_code_day_number"),
    (Wanted(), SEVERAL, "sqlite_autoindex_advice"), (Wanted(), None, "sqlite_autoindex_advice"),
    (Wanted(after=("20261120", 7)), ONE, "ix_advice_court_code_day_number"),
])  # fmt: skip
def test_no_list_is_sorted(tmp_path: Path, wanted: Wanted, courts: frozenset[str] | None, index: str) -> None:
    """The newest come first out of an index: of the one court, or of all."""
    plan = plan_of(tmp_path, wanted, courts)
    assert (index in plan, "TEMP B-TREE" in plan) == (True, False), plan


@pytest.mark.parametrize("courts", [ONE, SEVERAL, None])
def test_an_application_is_found_by_its_number(tmp_path: Path, courts: frozenset[str] | None) -> None:
    """Whatever court is asked for beside it."""
    wanted = Wanted(application_id="SQ-1", court_code="浙1022")
    assert "ix_advice_application_id_court_code_id" in plan_of(tmp_path, wanted, courts)


@pytest.mark.parametrize("courts", [ONE, SEVERAL, None])
def test_an_export_goes_through_the_answers_once(tmp_path: Path, courts: frozenset[str] | None) -> None:
    """No page of it sorts what the other pages hold."""
    plan = way_of(tmp_path, page_of(Courts(courts), ("SQ-1", "浙1022", "SCR-20261120-000001")))
    assert ("ix_advice_application_id_court_code_id" in plan, "TEMP B-TREE" in plan) == (True, False), plan
