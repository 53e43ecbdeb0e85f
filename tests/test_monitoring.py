"""Watching a model: drift beyond chance, chances held against outcomes, people's overrides, and alarms."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.history_tables import schema_of
from features.register import Stage, load_register
from models.bundle import Bundle
from models.drift import drift
from models.known_change import KnownChange
from models.rules.table import RuleTable
from tests.builders_training import NOW, settings, silent, small_history, small_training
from training.commands.monitoring import monitor
from training.commands.session import Session
from training.config import load_settings
from training.console import Lang
from training.errors import CommandError
from training.evaluation.overrides import overrides
from training.history import DecisionLog, History
from training.learning.labels import Outcomes
from training.learning.split import day_of
from training.monitoring.alarms import Alarm, Level, alarms
from training.monitoring.categories import new_categories
from training.monitoring.monitoring import Monitored, ScoreWatched, Watch
from training.monitoring.performance import estimated, realised
from training.monitoring.results import MonitorResults
from training.monitoring.watched import Window
from training.provenance import Home

RNG = np.random.default_rng(3)
SPREAD = RNG.normal(size=4_000)


@cache
def watched() -> Monitored:
    """Return the small bundle watched over the last 120 days of its history."""
    return watch(small_history(), days=120)


def watch(history: History, *, days: int) -> Monitored:
    """Watch the small bundle on a history."""
    bundle, chosen = Bundle.load(small_training().bundle), settings(f"monitor.window_days={days}")
    window = Window.of(bundle, history, chosen, since=None)
    return Watch(bundle, history, RuleTable.load([]), chosen, window).run(console=silent())


def changed_history(folder: Path, column: str, change: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> History:
    """Return the small history with one column of the last 120 days' cases changed."""
    shutil.copytree(small_history().path, folder)
    table = pq.read_table(folder / "cases.parquet")
    late = small_history().received_at > small_history().received_at.max() - 120
    values = pc.if_else(pa.array(late), change(table[column]), table[column])
    pq.write_table(table.set_column(table.column_names.index(column), column, values), folder / "cases.parquet")
    return History.open(folder)


def test_two_samples_of_one_population_stay_below_the_noise() -> None:
    """Chance alone moves the index; without the noise beside it a small court would be alarmed every week."""
    found = drift(SPREAD[:2_000], SPREAD[2_000:2_150])
    assert 0.03 < found.psi < found.noise
    assert not found.beyond(0.03)


@pytest.mark.parametrize("moved", [SPREAD[2_000:] + 1.0, SPREAD[2_000:] * 3, np.full(2_000, 0.1)])
def test_a_moved_column_is_seen(moved: np.ndarray) -> None:
    """Shifted, widened or stuck: all are beyond alarm and noise."""
    assert drift(SPREAD[:2_000], moved).beyond(0.2)


def test_missing_values_are_a_group_of_their_own() -> None:
    """A source that falls silent moves the index and is told as a rate."""
    silenced = np.where(RNG.uniform(size=2_000) < 0.4, np.nan, SPREAD[2_000:])
    found = drift(SPREAD[:2_000], silenced)
    assert found.beyond(0.2)
    assert found.missing_beyond(0.1)
    assert not drift(SPREAD[:2_000], SPREAD[2_000:]).missing_beyond(0.1)


def test_few_cases_conclude_nothing() -> None:
    """However far they lie."""
    found = drift(SPREAD[:2_000], np.full(99, 50.0))
    assert found.few
    assert not found.beyond(0.2)


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=60), st.integers(0, 60))
def test_the_index_is_zero_for_itself_and_never_below(values: list[float], cut: int) -> None:
    """For any column, also an empty one, one that is constant and one that is never known."""
    column = np.array(values, dtype=np.float64)
    assert drift(column, column).psi == 0.0
    assert drift(column, column[:cut]).psi >= 0.0


def test_new_codes_are_named_with_their_count() -> None:
    """Also inside a set; a code that was there before is none, however rare."""
    table = pa.table({"debtor_type": ["a", "a", "b", "c", "c"], "court_code": ["x"] * 5})
    rows = np.array([True, True, True, False, False])
    found = list(new_categories(table, load_register(), reference=rows, now=~rows))
    assert [(one.field, one.code, one.n, one.share) for one in found] == [("debtor_type", "c", 2, 1.0)]


def test_honest_chances_reach_what_is_estimated_for_them() -> None:
    """Before any outcome is known the estimate says what the outcomes then show."""
    chance = RNG.uniform(size=4_000)
    group = np.arange(4_000)
    expected = estimated(chance, group=group, count=20, seed=1)
    came = outcomes_of(time=np.where(RNG.uniform(size=4_000) < chance, 5.0, 20.0))
    found = realised(chance, came, day=10, count=20, seed=1)
    for name in ("auc", "brier"):
        assert found.measures[name].value == pytest.approx(expected.measures[name].value, abs=0.02)
    assert not found.outside()


def test_the_censored_are_counted_apart_and_never_as_unpaid() -> None:
    """Half are lost from sight early: the rate is that of the watched, and the lost are told."""
    time = np.where(np.arange(1_000) % 2 == 0, 1.0, np.where(np.arange(1_000) % 4 == 1, 5.0, 20.0))
    cause = np.where(time == 5.0, 1, 0)
    found = realised(np.full(1_000, 0.5), outcomes_of(time=time, cause=cause), day=10, count=2, seed=1)
    assert (found.n, found.censored, found.observed.n) == (1_000, 500, 500)
    assert found.observed.value == pytest.approx(0.5, abs=0.02)


def outcomes_of(*, time: np.ndarray, cause: np.ndarray | None = None) -> Outcomes:
    """Return cases that were watched so long; without causes whoever left before day 10 had paid."""
    n, zero = len(time), np.zeros(len(time))
    ends = (time < 10).astype(np.int64) if cause is None else cause
    rows = np.arange(n)
    return Outcomes(rows, zero, zero, zero, time, ends, zero + 20.0, rows, zero)


def test_nobody_disagrees_before_there_was_a_proposal_and_the_last_word_counts() -> None:
    """Reasons, moves and courts of the decisions that differ; a later proposal changes nothing that was decided."""
    day = "2024-01-{:02d}T09:00:00+08:00"
    told = [
        ("c1", 1, "model", "fast", ""), ("c1", 2, "person", "complex", "wrong_data"), ("c1", 3, "model", "complex", ""),
        ("c2", 1, "rule", "urge", ""), ("c2", 2, "person", "urge", ""),
        ("c3", 2, "person", "fast", "party"),
        ("c4", 1, "model", "fast", ""), ("c4", 2, "person", "fast", ""), ("c4", 3, "person", "urge", ""),
    ]  # fmt: skip
    register = load_register()
    cases = [{"case_id": f"c{i}", "court_code": "浙1022", "received_at": _at(day.format(1))} for i in range(1, 5)]
    rows = [
        {"case_id": case, "at": _at(day.format(d)), "stage": "A", "by": by, "lane": lane, "reason": reason}
        for case, d, by, lane, reason in told
    ]
    names = {"cases": list(cases[0]), "decisions": list(rows[0])}
    held = {
        name: pa.Table.from_pylist(content, schema=schema_of(name, register, only=names[name]))
        for name, content in (("cases", cases), ("decisions", rows))
    }
    history = History.of_tables(held, observed_until={"浙1022": "2024-12-31"})
    found = overrides(history, DecisionLog.of(history), Stage.A, np.ones(4, dtype=bool))
    assert (found.decided, found.differing, dict(found.by_reason)) == (3, 2, {"wrong_data": 1, "untold": 1})
    assert found.moves == {("fast", "complex"): 1, ("fast", "urge"): 1}
    assert found.by_court == {"浙1022": (3, 2)}


def _at(text: str):

    return datetime.fromisoformat(text)


def raised(found: Monitored, **changed: object) -> list[Alarm]:
    """Return the findings under the shipped limits, changed as told."""
    return alarms(found, replace(load_settings().monitor, **changed))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory) -> Monitored:
    """Return the small bundle watched while claims are a thousand times as large."""
    place = tmp_path_factory.mktemp("shifted") / "history"
    return watch(changed_history(place, "claim_amount", lambda claims: pc.multiply(claims, 1000.0)), days=100)


def test_a_planted_shift_wakes_somebody_and_is_named(shifted: Monitored) -> None:
    """Claims a thousand times as large from one day on: the feature, its index and its count."""
    hit = {one.place for one in raised(shifted) if one.level is Level.ALARM and one.kind == "feature_drift"}
    assert "A.claim_per_debtor_log10" in hit
    assert "A.claim_per_debtor_log10" not in {one.place for one in raised(watched())}


def test_a_known_change_is_listed_and_wakes_nobody(shifted: Monitored) -> None:
    """The same finding with a cause everybody knows of; a change before the reference ended explains nothing."""
    since = day_of(shifted.window.since)
    known = KnownChange(on=since, fields=("claim_amount",), zh="起诉标的口径调整", en="claims are counted otherwise")
    mine = [one for one in raised(shifted, known=(known,)) if one.place == "A.claim_per_debtor_log10"]
    assert {one.level for one in mine} == {Level.KNOWN}
    assert mine[0].cause is not None
    assert "口径调整" in mine[0].cause.zh
    old = replace(known, on=day_of(shifted.window.trained.calibrate_from))
    assert any(one.level is Level.ALARM for one in raised(shifted, known=(old,)) if one.place == mine[0].place)


def test_the_season_wakes_nobody() -> None:
    """Four months never look like twelve, and the calendar is the cause."""
    month = [one for one in raised(watched()) if one.place == "A.month_of_year"]
    assert {one.level for one in month} == {Level.KNOWN}


def boasting(found: Monitored) -> Monitored:
    """Return the figures as if every chance had been told a third too high."""
    return replace(found, stages=tuple(replace(one, scores=tuple(map(_boasting, one.scores))) for one in found.stages))


def _boasting(score: ScoreWatched) -> ScoreWatched:
    realised = [replace(later, predicted=later.predicted + 1 / 3) for later in score.realised]
    return replace(score, realised=tuple(realised))


def test_every_limit_bites() -> None:
    """With limits at nothing each kind of finding that the cases allow is raised."""
    strict = {
        "psi_alarm": 0.0, "missing_gap": 0.0, "rate_gap": 0.0, "auc_at_least": 1.0, "abstained_gap": -1.0,
        "lane_gap": 0.0,
    }  # fmt: skip
    kinds = {one.kind for one in raised(boasting(watched()), **strict)}
    assert {"feature_drift", "calibration", "ranking", "abstained", "lane_share"} <= kinds


def test_each_score_is_estimated_now_and_realised_by_day() -> None:
    """Days up to the last one at which a score is read, each with its cohort, none of which was seen in training."""
    (ability,) = [one for one in watched().stages[0].scores if one.name == "ability"]
    assert ability.estimated is not None
    assert [later.day for later in ability.realised] == [30.0, 90.0, 180.0]
    (quick,) = [one for one in watched().stages[1].scores if one.name == "quick_close"]
    assert [later.day for later in quick.realised] == [30.0]
    assert all(later.n > 0 for later in ability.realised)


def test_the_document_holds_numbers_that_every_program_reads() -> None:
    """No NaN, no infinity; simulated figures say so."""
    document = MonitorResults(watched(), raised(watched()), Lang.ZH).document()
    json.dumps(document, allow_nan=False)
    assert document["data"] == "模拟 / simulated"
    assert set(document["stages"]) == {"A", "B"}  # type: ignore[arg-type]


def test_the_command_leaves_an_alarm_file_and_a_status(tmp_path: Path) -> None:
    """A scheduler needs no more than the exit status; a person finds figures, page and log in the run's folder."""
    session = Session(
        silent(), Home(tmp_path), NOW, overrides=("mlflow.enabled=false", "evaluation.resamples=3"),
        data=small_history().path,
    )  # fmt: skip
    alarm = tmp_path / "alarm.json"
    status = monitor(session, model=str(small_training().bundle), since=None, alert=alarm, rules=None)
    told = json.loads(alarm.read_text(encoding="utf-8"))
    assert (status == 1) == (told["status"] == "alarm")
    assert {one["level"] for one in told["alarms"]} <= {"alarm", "warning", "known"}
    (run,) = (tmp_path / "runs").glob("*-monitor")
    assert {"metrics.json", "report.html", "log.jsonl", "config.lock.json"} <= {path.name for path in run.iterdir()}


def test_without_unseen_cases_there_is_nothing_to_watch() -> None:
    """A day after the newest case is refused with both days."""
    bundle, newest = Bundle.load(small_training().bundle), day_of(small_history().received_at.max())
    with pytest.raises(CommandError, match=f"最新收到日 {newest}") as caught:
        Window.of(bundle, small_history(), settings(), since=day_of(small_history().received_at.max() + 3))
    assert caught.value.exit == 3
