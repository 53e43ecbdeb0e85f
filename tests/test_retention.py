"""Retention: what is due is erased and logged, what is held stays, and the audit trail is whole afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from serving.access.origin import Origin
from serving.cli.main import app
from serving.repositories.advice import AdviceStore, Call, ErasedError
from serving.repositories.decisions import Act, DecisionStore
from serving.repositories.holds import Hold, HoldStore
from serving.repositories.retention import Periods, RetentionStore
from serving.repositories.reviews.requests import AskedReview, ReviewStore
from serving.repositories.shadow_scores import ShadowScore, ShadowStore
from serving.settings import Settings, SettingsError
from serving.store.tables import (
    advice,
    audit,
    basis_numbers,
    deletion_log,
    holds,
    job_rows,
    person_tokens,
    score_jobs,
    shadow_scores,
)
from serving.store.transaction import Store
from tests.builders_audit import ROW, scene
from tests.builders_serving import ANYONE, KEYS, NOW, opened
from tests.builders_store import Database

HERE = Origin(ANYONE)
EXPIRES = NOW + timedelta(days=30)
PERIODS = Periods(advice=365)
DUE = EXPIRES + timedelta(days=365)


@dataclass(frozen=True)
class Court:
    """A store with answers about cases, each with a note, a review that is done, and a challenger's score."""

    store: Store

    def advise(self, number: int, *, case: str = "SQ-1", answer: bytes = b'{"warnings":[]}') -> str:
        """Put an answer on record with what belongs to it."""
        row = replace(
            ROW, application_id=case, created_at=NOW.isoformat(timespec="seconds"),
            expires_at=EXPIRES.isoformat(timespec="seconds"),
            input=b'{"court_code":"c","case":{"basis_no":"1","id_token":"' + b"a" * 64 + b'"}}',
        )  # fmt: skip
        call = Call("/v1/scores", f"key-{number:08d}", "d")
        found = AdviceStore(self.store, KEYS).record(call, row, answer_of=lambda _: answer, origin=HERE, at=NOW)
        act = Act(act="decide", lane="urge", note="secret note")
        DecisionStore(self.store, KEYS).act(
            found.id, act, call=Call("d", f"key-{number}", "d"), check=lambda _: None, by=(HERE, NOW)
        )
        score = ShadowScore(advice_id=found.id, model="m", model_sha256="m", status="scored", route=None, scores={})
        ShadowStore(self.store, KEYS).record([score], at=NOW)
        return found.id

    def review(self, advice_id: str, *, done: bool) -> None:
        """Ask for a review, and answer it."""
        reviews, by = ReviewStore(self.store, KEYS), (HERE, NOW)
        new = AskedReview(advice_id=advice_id, party="debtor", reason="secret", answer_by="2026-12-20")
        asked = reviews.request(new, call=Call("r", advice_id, "d"), by=by)
        if done:
            reviews.decide(asked.row["id"], "kept", "secret", call=Call("a", advice_id, "d"), by=by)

    def hold(self, case: str, *, begins: date, ends: date | None = None) -> str:
        """Hold a case."""
        hold = Hold(court_code="浙1022", application_id=case, held_from=begins, held_until=ends, reason="why")
        return str(HoldStore(self.store, KEYS).place(hold, origin=HERE, at=NOW)["id"])

    def erase(self, at: datetime = DUE, periods: Periods = PERIODS) -> dict[str, int]:
        """Run retention at an instant."""
        return RetentionStore(self.store, KEYS).erase(periods, origin=HERE, at=at)

    def rows(self, table: Any) -> list[dict[str, Any]]:
        """Return a table's rows."""
        query = select(table)
        return self.store.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


@pytest.fixture
def court(tmp_path: Path) -> Any:
    """Yield an empty court on a file."""
    store = opened(tmp_path)
    yield Court(store)
    store.close()


def test_what_is_due_is_erased_and_the_trail_stays_whole(database: Database, tmp_path: Path) -> None:
    """Content goes, digests and codes stay, the log says how much; on both databases, with the service's own role."""
    trail = scene(database, tmp_path / "heads", answers=0).trail
    found = Court(trail.store)
    one = found.advise(1)
    found.review(one, done=True)
    done = found.erase()
    assert done == {
        "advice": 1, "decisions": 1, "review_decisions": 1, "review_requests": 1, "shadow_scores": 1,
        "person_tokens": 1, "basis_numbers": 1,
    }  # fmt: skip
    row = found.rows(advice)[0]
    assert {row[name] for name in ("input", "features", "rules", "answer")} == {None}
    assert (row["application_id"], row["erased_at"]) == ("SQ-1", DUE.isoformat(timespec="seconds"))
    assert found.rows(shadow_scores) + found.rows(person_tokens) + found.rows(basis_numbers) == []
    assert trail.verify().findings == []
    with pytest.raises(ErasedError, match=one):
        AdviceStore(found.store, KEYS).get(one, origin=HERE, at=DUE)


@pytest.mark.parametrize(("seconds", "erased"), [(-86_400, 0), (-1, 0), (0, 1), (86_400, 1)])
def test_content_stays_until_the_very_end_of_its_period(court: Court, seconds: int, erased: int) -> None:
    """The day before: nothing; at the instant and after it: all of it."""
    court.advise(1)
    assert court.erase(DUE + timedelta(seconds=seconds)).get("advice", 0) == erased


def test_without_a_period_nothing_is_erased(court: Court) -> None:
    """As shipped: the court decides first."""
    court.advise(1)
    assert court.erase(DUE + timedelta(days=36_500), Periods()) == {}


@pytest.mark.parametrize(("days", "erased"), [(-1, 0), (0, 0), (1, 1)])
def test_a_hold_keeps_its_case_to_its_last_day(court: Court, days: int, erased: int) -> None:
    """The day before its end and on it nothing is erased, the day after everything is."""
    court.advise(1)
    last = DUE.date() + timedelta(days=30)
    court.hold("SQ-1", begins=NOW.date(), ends=last)
    at = datetime.combine(last + timedelta(days=days), NOW.timetz())
    assert court.erase(at).get("advice", 0) == erased


@pytest.mark.parametrize(("days", "erased"), [(-1, 1), (0, 0), (1, 0)])
def test_a_hold_begins_on_its_first_day(court: Court, days: int, erased: int) -> None:
    """Before it, the ordinary period counts."""
    court.advise(1)
    first = DUE.date() + timedelta(days=5)
    court.hold("SQ-1", begins=first)
    at = datetime.combine(first + timedelta(days=days), NOW.timetz())
    assert court.erase(at).get("advice", 0) == erased


def test_a_hold_is_about_its_own_case_and_ends_when_it_is_lifted(court: Court) -> None:
    """The other case is erased at once, the held one once nothing holds it; then its reason goes, too."""
    court.advise(1)
    court.advise(2, case="SQ-2")
    held = court.hold("SQ-1", begins=NOW.date())
    assert court.erase()["advice"] == 1
    HoldStore(court.store, KEYS).lift(held, "over", origin=HERE, at=NOW)
    assert (court.erase()["advice"], court.erase()) == (1, {})
    assert {row["reason"] for row in court.rows(holds)} == {None}


def test_an_open_review_keeps_its_case(court: Court) -> None:
    """Nobody loses what a judge still has to look at."""
    court.review(court.advise(1), done=False)
    assert court.erase() == {}
    assert RetentionStore(court.store, KEYS).due(PERIODS, at=DUE) == {"advice": 0, "job_rows": 0, "held": 1}


def test_the_log_says_what_and_how_much_and_by_which_period(court: Court) -> None:
    """And nothing about anybody."""
    court.advise(1)
    court.erase()
    logged = {row["table_name"]: row for row in court.rows(deletion_log)}
    assert (logged["advice"]["rows"], logged["advice"]["period_days"]) == (1, 365)
    assert logged["advice"]["due_before"] == EXPIRES.isoformat(timespec="seconds")
    assert "SQ-1" not in str(logged)
    assert "retention.erase" in {row["action"] for row in court.rows(audit)}


def test_more_than_one_transaction_erases_all(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step, each with its own line in the log."""
    monkeypatch.setattr("serving.repositories.retention.TOGETHER", 2)
    for number in range(5):
        court.advise(number)
    assert court.erase()["advice"] == 5
    assert [row["rows"] for row in court.rows(deletion_log) if row["table_name"] == "advice"] == [2, 2, 1]


def test_lines_of_old_jobs_go_and_held_ones_stay(court: Court) -> None:
    """A list that is over and can no longer be asked for."""
    court.advise(1)
    court.hold("SQ-1", begins=NOW.date())
    job = {
        "id": "JOB-1", "day": "x", "number": 1, "owner": "o", "actor": "a", "courts": "*", "state": "succeeded",
        "rows": 2, "done": 2, "failed": 0, "created_at": "x", "finished_at": "x",
        "expires_at": EXPIRES.isoformat(timespec="seconds"), "key_sha256": "k", "body_digest": "d",
    }  # fmt: skip
    lines = [{"job_id": "JOB-1", "line": n, "state": "done", "application_id": f"SQ-{n}"} for n in (1, 2)]
    court.store.write(lambda connection: connection.execute(insert(score_jobs), job))
    court.store.write(lambda connection: connection.execute(insert(job_rows), lines))
    assert court.erase(EXPIRES, Periods(jobs=1)) == {}
    assert court.erase(EXPIRES + timedelta(days=1), Periods(jobs=1)) == {"job_rows": 1}
    assert [row["application_id"] for row in court.rows(job_rows)] == ["SQ-1"]


def test_erased_content_is_not_left_in_the_file(court: Court, tmp_path: Path) -> None:
    """Not even sealed, in pages that are free now."""
    court.advise(1, answer=b'{"warnings":[]' + b" " * 20_000 + b"}")
    sealed = court.rows(advice)[0]["answer"][6_000:6_100]
    court.erase()
    court.store.close()
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert files
    assert not [path.name for path in files if sealed in path.read_bytes()]


def test_the_command_counts_first_and_erases_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a period it says so; a rehearsal changes nothing."""
    monkeypatch.setenv("FENLIU_HOME", str(tmp_path))
    off = CliRunner().invoke(app, ["retention", "run"])
    monkeypatch.setenv("FENLIU_RETENTION_ADVICE_DAYS", "30")
    rehearsed = CliRunner().invoke(app, ["retention", "run", "--dry-run"])
    assert (off.exit_code, "未设保存期限" in off.stdout) == (0, True)
    assert (rehearsed.exit_code, "试运行，未删除" in rehearsed.stdout) == (0, True)


def test_a_period_is_a_number_of_days() -> None:
    """None below nothing."""
    with pytest.raises(SettingsError, match="FENLIU_RETENTION_ADVICE_DAYS"):
        Settings(retention_advice_days=-1)
