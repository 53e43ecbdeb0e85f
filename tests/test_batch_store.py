"""Batches on both databases: the whole course of a list, by the service's own role."""

from __future__ import annotations

from pathlib import Path

from serving.access.origin import Origin
from serving.access.roles import Role
from tests.builders_case import case_document
from tests.builders_pages import Courthouse, person, standing_in
from tests.builders_sheets import in_csv, row, worked_off
from tests.builders_store import Database

CLERK, JUDGE = Origin(person("zhang.wei", Role.CLERK)), Origin(person("li.ming", Role.JUDGE))


def test_a_list_goes_its_whole_way(database: Database, tmp_path: Path) -> None:
    """Draft, known lines, scoring, groups, looks, an exception, a decision, its turns; and one that is given up."""
    rules = tmp_path / "rules"
    rules.mkdir()
    court = Courthouse(tmp_path, database.open(), standing_in(rules, model=False))
    court.score(case_document(application_id="SQ-1"))
    batches = court.office().batches
    body = in_csv([row(f"SQ-{n}") for n in range(1, 7)])
    found = batches.importing.read(body, origin=CLERK)
    batch = batches.importing.take_in(found, body, key="key-00000001", origin=CLERK)
    lists = batches.importing.records
    job = str(batches.importing.draft(batch, origin=CLERK).job["id"])
    assert [one["application_id"] for one in lists.held(job, most=9)] == ["SQ-1"]
    batches.importing.confirm(batch, again=True, origin=CLERK)
    worked_off(court)
    file = batches.deciding.group(batch, "missing", origin=JUDGE)
    for case in file.drawn:
        batches.deciding.mark(batch, case["advice_id"], "look", origin=JUDGE)
    batches.deciding.mark(batch, file.drawn[0]["advice_id"], "except", origin=JUDGE)
    file = batches.deciding.group(batch, "missing", origin=JUDGE)
    plan = batches.deciding.plan(file, "advised", origin=JUDGE)
    batches.deciding.decide(file, {"lane": "advised", "seal": plan.seal}, key="key-00000002", origin=JUDGE)
    worked_off(court)
    decided = batches.deciding.records.decided(batch)[0]
    assert (decided["done"], decided["waiting"], decided["refused"], decided["cases"]) == (5, 0, 0, 5)
    assert database.rows("decisions") == 5
    assert [one.id for one in lists.page(origin=JUDGE, after=None, size=5)] == [batch]
    second = batches.importing.take_in(found, body, key="key-00000003", origin=CLERK)
    batches.importing.discard(second, origin=CLERK)
    assert database.all("SELECT count(*) AS n FROM job_rows WHERE request IS NOT NULL") == [{"n": 0}]
