"""Figures of the record: each is what a query of its own finds in what was reported, and late filing shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.indicators import Period
from serving.ciphers import Mac, Seal
from serving.keys import KeyRing
from serving.record.teams.assigning import Wanted
from serving.repositories.indicators.figures import FigureStore, Kept
from serving.repositories.indicators.refreshing import CourseStore
from tests.builders_indicators import COURT, EVERYTHING, Court, busy_court, closed, filed, paid
from tests.builders_store import Database
from tests.test_team_loads import TEAMS

FACTS = """
WITH fact AS (
  SELECT json_extract(value, '$.n') AS n, json_extract(value, '$.received') AS received,
         json_extract(value, '$.claim') AS claim FROM json_each(:facts)
),
ev AS (SELECT application_id AS n, kind, mode, CAST(amount AS REAL) AS yuan, julianday(at) AS at,
       date(at, '+8 hours') AS day FROM outcomes),
filing AS (SELECT n, min(at) AS at, min(day) AS day FROM ev WHERE kind = 'file' GROUP BY n),
ending AS (SELECT n, min(at) AS at, min(day) AS day, max(kind = 'zhongben' OR mode = 'zhongben') AS zb,
           max(mode = 'full') AS full FROM ev WHERE kind IN ('close', 'zhongben') GROUP BY n),
paid AS (SELECT e.n, min(e.at) AS at, min(e.day) AS day FROM ev e JOIN fact f ON f.n = e.n
         LEFT JOIN filing g ON g.n = e.n
         WHERE e.kind = 'payment' AND (g.at IS NULL OR e.at < g.at)
         AND (SELECT sum(b.yuan) FROM ev b WHERE b.n = e.n AND b.kind = 'payment' AND b.at <= e.at) >= f.claim - 0.005
         GROUP BY e.n),
cases AS (
  SELECT fact.*, filing.at AS filed_at, filing.day AS filed, ending.at AS closed_at, ending.day AS closed, zb, full,
         paid.day AS settled, (SELECT sum(yuan) FROM ev WHERE ev.n = fact.n) AS yuan
  FROM fact LEFT JOIN filing USING (n) LEFT JOIN ending USING (n) LEFT JOIN paid USING (n)
  WHERE fact.n NOT LIKE '%执恢%'
)
"""
CLOSED = "FROM cases WHERE filed IS NOT NULL AND closed BETWEEN :a AND :b"
ACCEPTED = "filed <= :b AND (closed IS NULL OR closed >= :a)"
REFERENCE = {
    "completion": f"SELECT sum(full), count(*) {CLOSED}",
    "zhongben": f"SELECT sum(zb), count(*) {CLOSED}",
    "recovery": f"SELECT sum(yuan), sum(claim) {CLOSED} AND claim > 0",
    "days": f"SELECT sum(julianday(closed) - julianday(filed)), count(*) {CLOSED}",
    "in_time": f"SELECT sum(closed <= date(filed, '+6 months')), count(*) {CLOSED}",
    "closing_rate": f"SELECT (SELECT count(*) {CLOSED}), count(*) FROM cases WHERE {ACCEPTED}",  # noqa: S608 - fixed texts
    "settled_before_filing": "SELECT sum(settled BETWEEN :a AND :b), sum(settled BETWEEN :a AND :b) + "
    "sum(coalesce(filed BETWEEN :a AND :b, 0)) FROM cases",
    "over_12_months": "SELECT coalesce(sum(julianday(date(:b, '+1 day')) - julianday(filed) > 366), 0), count(*) "
    "FROM cases WHERE filed <= :b AND (closed IS NULL OR closed > :b)",
    "days_to_filing": "SELECT sum(julianday(filed) - julianday(received)), count(*) FROM cases "
    "WHERE filed BETWEEN :a AND :b",
}
PERIODS = [
    (Period("2026-01", "2026-11"), "2026-01-01", "2026-11-30"),
    (Period("2025-01", "2025-12"), "2025-01-01", "2025-12-31"),
    (Period("2026-05", "2026-05"), "2026-05-01", "2026-05-31"),
    (Period("2026-01", "2026-04"), "2026-01-01", "2026-04-30"),
]


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Return a court whose figures were counted."""
    found = busy_court(tmp_path_factory.mktemp("court"))
    found.count()
    return found


def figures(court: Court, period: Period) -> Kept:
    """Return the figures of a period."""
    return FigureStore(court.store).of(COURT, period)


def reckoned(court: Court, name: str, first: str, last: str) -> tuple[float, float]:
    """Return a figure by a query of its own, over what was reported and the facts of the answers."""
    facts = [
        {
            "n": n,
            "received": case["received_at"][:10],
            "claim": float(case.get("claim_amount") or 0),
            "consent": case["consent_urge"],
        }
        for n, case in court.facts().items()
    ]
    row: Any = court.sql(FACTS + REFERENCE[name], facts=json.dumps(facts), a=first, b=last)[0]
    return float(row[0] or 0), float(row[1] or 0)


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize(("period", "first", "last"), PERIODS)
def test_each_figure_is_what_a_query_of_its_own_finds(
    court: Court, name: str, period: Period, first: str, last: str
) -> None:
    """Numerator and denominator, over two years, a month and a part of a year."""
    row = figures(court, period).figures[name]
    assert (row["numerator"], row["denominator"]) == pytest.approx(reckoned(court, name, first, last), abs=1e-4)


def test_late_filing_is_counted_and_does_not_help(court: Court) -> None:
    """Four cases were filed late or not at all; as if filed in time the days to close are more, not fewer."""
    found = figures(court, Period("2026-01", "2026-11")).figures
    assert (found["late"]["numerator"], found["late_unfiled"]["numerator"]) == (4, 2)
    days, prompt = (found["days"][f"{kind}numerator"] for kind in ("", "prompt_"))
    assert prompt - days == pytest.approx(23.0 + 18.0 + 13.0)


def test_own_effect_is_counted_from_decisions_that_stand(court: Court) -> None:
    """Twelve of 36 decisions followed the advice; the others named a reason."""
    found = figures(court, Period("2026-01", "2026-11")).figures
    by_sql = (
        court.sql("SELECT count(*) FROM decisions WHERE lane = advised"),
        court.sql("SELECT count(*) FROM decisions"),
    )
    assert (
        (found["adopted"]["numerator"], found["adopted"]["denominator"])
        == (by_sql[0][0][0], by_sql[1][0][0])
        == (12, 36)
    )
    assert found["override.unknown_facts"]["numerator"] == 24


def test_a_decision_that_was_taken_back_is_none(tmp_path: Path) -> None:
    """Neither followed nor overridden."""
    court = Court.empty(tmp_path)
    advice = court.case("A1", "2026-11-02", lane="fast")
    decision = court.record.decisions.file(advice, origin=EVERYTHING).standing
    assert decision is not None
    court.record.decisions.withdraw(decision["id"], key="key-w0000001", tags=lambda _: True, origin=EVERYTHING)
    court.count()
    assert figures(court, Period("2026-01", "2026-11")).figures["adopted"]["denominator"] == 0


def test_what_is_reported_later_changes_the_figures(tmp_path: Path) -> None:
    """An event that comes in after counting is counted the next time, and only its case is read again."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-03-02", filed(3))
    court.case("A2", "2026-03-03", filed(3))
    court.count()
    before = court.sql("SELECT closed FROM case_courses ORDER BY application_id")
    court.case("A1", "2026-03-02", paid(20, "1000.00"), closed(30))
    court.count()
    assert [row[0] for row in before] == [None, None]
    assert [row[0] is None for row in court.sql("SELECT closed FROM case_courses ORDER BY application_id")] == [
        False,
        True,
    ]
    assert figures(court, Period("2026-04", "2026-04")).figures["completion"]["numerator"] == 1


def test_a_report_sent_twice_counts_once(tmp_path: Path) -> None:
    """The same payment in a second report is no second payment."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-03-02", filed(3), paid(9, "250.00"))
    court.case("A1", "2026-03-02", filed(3), paid(9, "250.00"))
    court.count()
    assert court.sql("SELECT recovered FROM case_courses")[0][0] == 250.0


def test_two_workers_count_every_case_once(tmp_path: Path) -> None:
    """A step that another worker was faster with is dropped."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-03-02", filed(3))
    slow = court.keeping.courses
    ahead = court.store.read(slow._ahead)
    court.count()
    court.case("A1", "2026-03-02", closed(30))
    court.count()
    object.__setattr__(slow, "_ahead", lambda _: ahead)
    slow.step(at=court.now)
    assert court.sql("SELECT closed IS NOT NULL FROM case_courses")[0][0] == 1


def test_a_new_day_is_counted_anew(tmp_path: Path) -> None:
    """A case that nobody filed becomes late by the mere passing of days."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-11-18", consent_urge="refuse")
    court.count()
    assert figures(court, Period("2026-01", "2026-11")).figures["late"]["numerator"] == 0
    court.now = court.now.replace(day=26)
    court.count()
    assert figures(court, Period("2026-01", "2026-11")).figures["late"]["numerator"] == 1


def test_both_databases_count_assign_and_list_the_same(database: Database, tmp_path: Path) -> None:
    """Figures, the load of a team, late cases and waiting ones, with the rights that the service has."""
    court = Court(tmp_path, database.open())
    court.set(teams=TEAMS)
    advice = court.case("A1", "2026-11-02", filed(3), paid(9, "400.00"), lane="fast")
    court.case("A2", "2026-05-04", filed(30), closed(60), lane="complex")
    court.count()
    court.record.assigning.assign(COURT, [Wanted(advice, 0)], "kz1", "lane", origin=EVERYTHING)
    loads = court.record.loading.open(COURT, origin=EVERYTHING, listed=True)
    looked, late = court.record.looking.late_cases(COURT, "2026-01~2026-11", origin=EVERYTHING)
    assert [(load.team.id, load.cases, load.units) for load in loads.loads] == [("jb1", 0, 0.0), ("kz1", 1, 1.0)]
    assert (loads.waiting, [row["application_id"] for row in late]) == (0, ["A2"])
    assert looked.now.figures["completion"]["numerator"] == 1
    court.count()
    assert court.sql("SELECT count(*) FROM case_courses WHERE team = 'kz1'")[0][0] == 1


def test_an_answer_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    """It is left out of the figures; the job goes on to the end of the trail."""
    court = Court.empty(tmp_path)
    court.case("A1", "2026-03-02", filed(3))
    stranger = CourseStore(court.store, KeyRing(b"k" * 32, Mac(b"a" * 32), Seal(b"x" * 32)))
    while stranger.step(at=court.now):
        pass
    assert court.sql("SELECT count(*) FROM case_courses")[0][0] == 0
    assert court.sql("SELECT seq FROM indicator_state WHERE court_code = '*'")[0][0] > 0
