"""The way back: what was served and reported becomes a history, and a model is trained on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from features.clock import SHANGHAI
from features.register import Stage, load_register
from serving.access.origin import SERVICE, Origin
from serving.history.export import Exported, HistoryExport
from serving.history.rows import Advised, Application, case_row, event_rows, query_row
from serving.record.opening import open_outcomes
from serving.repositories.comparison.marks import Mark, MarkStore
from serving.store.tables import audit
from serving.store.transaction import Store
from tests.builders_loop import documents, reports, values
from tests.builders_serving import KEYS, decider, document, opened
from tests.builders_training import NOW, settings, silent
from training.history import History
from training.learning.train import train
from training.simulate import CourtSettings, simulate

AT = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
HERE = Origin(SERVICE)
CASES = 300


@dataclass(frozen=True)
class Loop:
    """A simulated court, the store that its cases went through, and the history that came out."""

    court: History
    store: Store
    out: History
    exported: Exported


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """Send some hundreds of cases through the record, and export it."""
    folder = tmp_path_factory.mktemp("loop")
    simulate(folder / "court", CourtSettings(n=CASES, seed=5, courts=2, workers=1))
    court, store = History.open(folder / "court"), opened(folder)
    use_case = decider(folder, store=store)
    for number, sent in enumerate(documents(court)):
        use_case.score(sent, key=f"key-{number:08d}", origin=HERE)
    for week, told in reports(court):
        outcomes = open_outcomes(store, KEYS, clock=lambda now=week: now)
        outcomes.report(told, key=f"key-{week.date()}", origin=HERE)
    found = HistoryExport(store, KEYS, load_register()).write(folder / "out", origin=HERE, at=AT)
    yield Loop(court, store, History.open(folder / "out"), found)
    store.close()


def test_every_case_comes_out_with_what_went_in(loop: Loop) -> None:
    """Facts of every kind: numbers, dates, codes, sets, yes and no."""
    columns = ("court_code", "received_at", "claim_amount", "due_date", "cause_code", "clue_types", "served_by_notice")
    assert values(loop.out.cases, *columns) == values(loop.court.cases, *columns)
    assert loop.exported.rows["cases"] == CASES


def test_every_query_and_event_comes_out(loop: Loop) -> None:
    """Queries are told by the cases scored after filing, events by reports."""
    assert values(loop.out.queries, "query_at", "q_bank") == values(loop.court.queries, "query_at", "q_bank")
    reported = [row for row in values(loop.court.events, "kind", "at", "mode") if row[0] != "query"]
    assert [row for row in values(loop.out.events, "kind", "at", "mode") if row[0] != "query"] == reported


def test_models_are_trained_on_what_came_out(loop: Loop) -> None:
    """The loop is closed: the offline side reads the export and learns from it."""
    chosen = settings("min_cases=20")
    trained = train(loop.out, chosen, stages=[Stage.B], created_at=NOW, console=silent())
    assert trained.bundle.stages[Stage.B]


def test_an_export_is_on_the_audit_trail(loop: Loop) -> None:
    """Cases that leave the record are counted there."""
    query = select(audit.c.detail).where(audit.c.action == "history.export")
    details = loop.store.read(lambda connection: list(connection.execute(query).scalars()))
    assert [json.loads(detail)["cases"] for detail in details] == [str(CASES)]


def test_an_export_replaces_nothing_and_leaves_no_half(loop: Loop, tmp_path: Path) -> None:
    """A folder that is there stays; a failure leaves none behind."""
    export = HistoryExport(loop.store, KEYS, load_register())
    (tmp_path / "there").mkdir()
    with pytest.raises(FileExistsError, match="there"):
        export.write(tmp_path / "there", origin=HERE, at=AT)
    broken = HistoryExport(loop.store, KEYS, load_register(), extensions=[object()])  # type: ignore[list-item]
    with pytest.raises(AttributeError, match="to_json"):
        broken.write(tmp_path / "half", origin=HERE, at=AT)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def advised(number: int, stage: str = "A", *, corrects: str | None = None, **facts: Any) -> Advised:
    """Return one answer about a case with these facts."""
    document = {"case": facts, "observed_at": {"dishonest_now": "2026-11-01"}}
    return Advised(
        id=f"SCR-{number}", document=document, stage=stage, as_of="2026-11-20T09:00:00+08:00",
        created_at="2026-11-20T09:00:01+08:00", decided_by="rule", route="urge", rule="H07", model="", ruleset="r",
        corrects=corrects,
    )  # fmt: skip


def application(*answers: Advised) -> Application:
    """Return an application with these answers and no reported events."""
    return Application("c1", "浙1022", answers, ())


def test_a_later_score_of_the_same_case_does_not_change_what_was_known_on_receipt() -> None:
    """Leak trap 4: a claim that was reduced after part payment stays as it was claimed."""
    case = application(advised(1, claim_amount="500.00"), advised(2, claim_amount="300.00"))
    assert case_row(case, load_register())["claim_amount"] == 500.0


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    """Also a correction of a correction."""
    first = advised(1, claim_amount="500.00")
    once = advised(2, corrects="SCR-1", claim_amount="50.00")
    twice = advised(4, corrects="SCR-2", claim_amount="5000.00")
    case = application(first, once, advised(3, claim_amount="1.00"), twice)
    assert case_row(case, load_register())["claim_amount"] == 5000.0


def test_the_first_query_counts() -> None:
    """Leak trap 3: a second query does not overwrite the first."""
    case = application(advised(1, "B", q_bank="10.00"), advised(2, "B", q_bank="99.00"))
    row = query_row(case, load_register())
    assert row is not None
    assert row["q_bank"] == 10.0


def test_filing_is_told_by_the_query_once() -> None:
    """A filing that was reported is not told twice."""
    case = application(advised(1, "B", filed_at="2026-11-10T09:00:00+08:00"))
    reported = {
        "at": "2026-11-10T09:00:00+08:00", "recorded_at": "2026-11-10T10:00:00+08:00", "kind": "file", "amount": None,
        "source": None, "mode": None,
    }  # fmt: skip
    told = Application("c1", "浙1022", case.advised, [reported])
    assert [row["kind"] for row in event_rows(case)] == ["file", "query"]
    assert [row["kind"] for row in event_rows(told)] == ["file", "query"]


def test_a_payment_that_is_reported_again_is_one_payment() -> None:
    """Whoever sends everything each day doubles no money; two alike in one report are two, and stay two."""
    paid = {
        "at": "2026-11-20T09:00:00+08:00", "recorded_at": "2026-11-21T08:00:00+08:00", "kind": "payment",
        "amount": "500.00", "source": None, "mode": None, "receipt_id": "RCP-1",
    }  # fmt: skip
    again = {
        **paid,
        "at": "2026-11-20T01:00:00+00:00",
        "recorded_at": "2026-11-22T08:00:00+08:00",
        "receipt_id": "RCP-2",
    }
    case = Application("c1", "浙1022", (advised(1, "A"),), [paid, paid, again, again, {**again, "amount": "1.00"}])
    rows = list(event_rows(case))
    assert [(row["amount"], row["recorded_at"].day) for row in rows] == [(500.0, 21), (500.0, 21), (1.0, 22)]


def test_a_source_asked_on_the_day_of_receipt_was_known_then() -> None:
    """The scorer read it, so training must read it too: a bare day is its midnight on both sides."""
    row = case_row(application(advised(1, dishonest_now=True)), load_register())
    observed = [value for name, value in row.items() if name.startswith("dishonest_now") and value is not True]
    assert [str(value) for value in observed] == ["2026-11-01 00:00:00+08:00"]


def test_a_list_that_was_recorded_with_the_answer_was_known_at_its_moment() -> None:
    """Nobody gave a day; the record of the answer is one."""
    told = replace(advised(1), document={"case": {"restricted_now": True}})
    row = case_row(application(told), load_register())
    assert row["restricted_now@observed_at"] == datetime.fromisoformat(told.as_of)


def test_marks_come_out_for_those_who_look_for_mistakes(tmp_path: Path) -> None:
    """A reason that does not fit and a case that is not alike, without who said so; what was taken back is none."""
    store = opened(tmp_path)
    use_case, marking = decider(tmp_path, store=store), MarkStore(store, KEYS)
    mine, other = (
        use_case.score(document(application_id=number), key=f"key-0000-{number}", origin=HERE).id
        for number in ("SQ-1", "SQ-2")
    )
    mark = Mark(advice_id=mine, court_code="浙1022", kind="reason", subject="ability/R12/a/b", set=True)
    for one in (mark, replace(mark, subject="ability/R13/c"), replace(mark, kind="similar", subject=other)):
        marking.put(one, origin=HERE, at=AT)
    marking.put(replace(mark, subject="ability/R13/c", set=False), origin=HERE, at=AT)
    found = HistoryExport(store, KEYS, load_register()).write(tmp_path / "out", origin=HERE, at=AT)
    rows = pq.read_table(tmp_path / "out" / "marks.parquet").to_pylist()
    told = [
        (row["case_id"], row["kind"], row["score"], row["reason"], row["feature"], row["other_case_id"]) for row in rows
    ]
    assert told == [
        ("浙1022 SQ-1", "reason", "ability", "R12", "a/b", None),
        ("浙1022 SQ-1", "similar", None, None, None, "浙1022 SQ-2"),
    ]
    assert found.rows["marks"] == 2
    assert rows[0]["at"] == AT
    assert History.open(tmp_path / "out").cases.num_rows == 2
    store.close()
