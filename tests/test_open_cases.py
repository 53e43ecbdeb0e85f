"""Cases on which policies can be compared: a choice under the law, a known end, nothing unfinished taken for zero."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.utility import Utility
from tests.builders_history import a_case, an_event, instant, write_history
from tests.builders_policy_value import changed_history, reading, small_cases
from tests.builders_training import settings, small_history
from training.errors import CommandError
from training.history import History
from training.policies import asset_rule
from training.policy_value.consequences import Course, realised
from training.policy_value.estimators import FOLLOW
from training.policy_value.open_cases import ELSEWHERE, Period, actions_of, open_cases
from training.policy_value.truth import potential

HOURS = Utility.load().amounts


def course(
    path: Path, events: Sequence[dict[str, object]], *, stage: Stage = Stage.A, horizon: float = 180.0
) -> Course:
    """Return the course of one case with these events."""
    history = History.open(write_history(path, cases=[a_case()], events=events))
    found, _ = realised(history, stage, horizon=180.0, hours=HOURS, labels=settings().labels)
    return found


def test_an_urging_that_was_paid_ends_there(tmp_path: Path) -> None:
    """Payment in full under urging ends the case: its days, all of the claim, one urging's hours, nothing failed."""
    found = course(tmp_path, [an_event("urge_start", 1), an_event("payment", 9, amount=50_000.0)])
    assert found.days.tolist() == [9.0]
    assert found.share.tolist() == [1.0]
    assert found.hours.tolist() == [HOURS.urge_hours]
    assert found.failed.tolist() == [0.0]


def test_an_urging_that_failed_goes_on_as_a_filed_case(tmp_path: Path) -> None:
    """Both hours, the days until the case was closed, and one failed urging; leaving urging is no end."""
    events = [an_event("urge_start", 1), an_event("withdraw", 15.9), an_event("convert", 16), an_event("file", 16.5),
              an_event("close", 100, mode="full")]  # fmt: skip
    found = course(tmp_path, events)
    assert found.days.tolist() == [100.0]
    assert found.hours.tolist() == [HOURS.urge_hours + HOURS.complex_hours]
    assert found.failed.tolist() == [1.0]


@pytest.mark.parametrize(("day", "hours"), [(44, HOURS.short_hours), (50, HOURS.complex_hours)])
def test_a_complex_case_that_ends_early_is_spared_the_survey(tmp_path: Path, day: float, hours: float) -> None:
    """Filed on day 3 and closed within 45 days of it costs fewer hours than one that was searched and surveyed."""
    found = course(tmp_path, [an_event("file", 3), an_event("close", day, mode="full")], stage=Stage.B)
    assert found.hours.tolist() == [hours]


def test_an_application_that_was_withdrawn_has_ended(tmp_path: Path) -> None:
    """Where nothing was filed, a withdrawal is the end."""
    assert course(tmp_path, [an_event("urge_start", 1), an_event("withdraw", 7)]).days.tolist() == [7.0]


def test_an_unfinished_case_counts_with_what_it_brought_so_far(tmp_path: Path) -> None:
    """Open at the horizon is the whole horizon and half the claim, neither a zero nor an end."""
    found = course(tmp_path, [an_event("file", 3), an_event("deduction", 60, amount=25_000.0)])
    assert found.days.tolist() == [180.0]
    assert found.share.tolist() == [0.5]


def test_after_filing_days_run_from_filing(tmp_path: Path) -> None:
    """At stage B neither days nor money of before are counted."""
    events = [an_event("payment", 2, amount=10_000.0), an_event("file", 3), an_event("close", 43, mode="terminated")]
    found = course(tmp_path, events, stage=Stage.B)
    assert found.days.tolist() == [40.0]
    assert found.share.tolist() == [0.0]


def test_money_without_an_amount_is_not_nothing(tmp_path: Path) -> None:
    """Where nobody wrote down how much came, the share is unknown, and the case is left out."""
    found = course(tmp_path, [an_event("file", 3), an_event("deduction", 60)])
    assert np.isnan(found.share).all()


def test_a_case_that_was_not_watched_to_the_horizon_is_left_out(tmp_path: Path) -> None:
    """Follow-up ends before the horizon: the case is neither a success nor a failure."""
    history = History.open(write_history(tmp_path, cases=[a_case(received_at=instant(1_000))], events=[]))
    _, watched = realised(history, Stage.A, horizon=180.0, hours=HOURS, labels=settings().labels)
    assert not watched.any()


@pytest.mark.parametrize("stage", list(Stage))
def test_what_was_logged_is_what_the_truth_holds_for_that_action(stage: Stage) -> None:
    """On simulated data the course of every open case is the potential one of the action that was taken."""
    cases = small_cases(stage)
    both = potential(small_history(), stage, horizon=cases.horizon, hours=HOURS)
    assert both is not None
    for name in ("days", "share", "hours", "failed"):
        each = np.stack([getattr(one, name)[cases.row] for one in both], axis=1)
        assert getattr(cases.course, name) == pytest.approx(each[np.arange(len(cases)), cases.action], abs=1e-3), name


@pytest.mark.parametrize("stage", list(Stage))
def test_the_law_leaves_a_choice_in_every_open_case(stage: Stage) -> None:
    """No case that a hard rule decides is compared on; their share is told, and what was decided against the law."""
    cases = small_cases(stage)
    columns = cases.batch.columns
    assert not (columns["bankruptcy_case"] > 0).any()
    if stage is Stage.A:
        assert (columns["consent_urge"] == 0.0).all()
        assert cases.against > 50
        assert 0.1 < cases.choice_share < 0.3
    lanes = asset_rule().lanes(cases.batch)
    assert not (lanes == LANE_CODE[Lane.NONE]).any()


@pytest.mark.parametrize("stage", list(Stage))
def test_every_case_is_compared_on_or_left_out_for_one_reason(stage: Stage) -> None:
    """The counts add up to all cases of the stage."""
    cases = small_cases(stage)
    assert len(cases) + sum(cases.counts.values()) == cases.considered


def test_only_cases_of_the_period_are_read() -> None:
    """Cases received before the first or after the last day are not asked about."""
    period = Period(date(2024, 1, 1), date(2024, 7, 1))
    cases = open_cases(small_history(), Stage.B, replace(reading(), period=period))
    received = small_history().received_at[cases.row]
    assert 0 < len(cases) < len(small_cases(Stage.B))
    assert (received >= 19_723).all()
    assert (received < 19_905).all()


def test_lanes_become_the_actions_of_their_stage() -> None:
    """Before filing fast and complex are one act; a lane that a stage does not have is no action of it."""
    codes = np.array([LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX, Lane.NONE)] + [UNDECIDED])
    assert actions_of(codes, Stage.A).tolist() == [0, 1, 1, ELSEWHERE, FOLLOW]
    assert actions_of(codes, Stage.B).tolist() == [ELSEWHERE, 0, 1, ELSEWHERE, FOLLOW]


def test_no_feature_or_column_of_an_open_case_moves_with_outcomes(tmp_path: Path) -> None:
    """What policies and models see of a case at receipt is the same when every later event is taken away."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    events = pq.read_table(folder / "events.parquet")
    pq.write_table(events.slice(0, 0), folder / "events.parquet")
    before, after = small_cases(Stage.A), open_cases(History.open(folder), Stage.A, reading())
    assert len(after) == len(before) + before.counts["no_amount"]
    assert after.rows.tobytes() == before.rows.tobytes()


def test_a_history_without_decisions_is_refused(tmp_path: Path) -> None:
    """No table, or none of the stage: nothing to compare with, said in words."""
    folder = shutil.copytree(small_history().path, tmp_path / "history")
    (folder / "decisions.parquet").unlink()
    with pytest.raises(CommandError, match=r"NO_DECISIONS.*没有阶段 A 的分流决定.*holds no decisions of stage A"):
        open_cases(History.open(folder), Stage.A, reading())


@pytest.mark.parametrize("stage", list(Stage))
def test_decisions_of_mixed_stages_are_refused(tmp_path: Path, stage: Stage) -> None:
    """Decisions taken after the query are no decisions at receipt, and urging is none after it."""
    folder = changed_history(tmp_path, "decisions", stage=lambda stages: pa.array([str(stage)] * len(stages)))
    with pytest.raises(CommandError, match=r"DECISIONS_MIXED.*不可能在该阶段作出.*cannot have been taken"):
        open_cases(History.open(folder), stage, reading())
