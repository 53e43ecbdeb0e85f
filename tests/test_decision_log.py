"""Logged decisions: one reader for the store's export and the simulated history; the last word of each stage counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from tests.builders_history import a_case, instant, write_history
from tests.builders_training import small_history
from training.history import DecisionLog, History, HistoryError


def a_decision(lane: str | None = "urge", day: float = 0.1, **changed: object) -> dict[str, object]:
    """Return one row of the decisions table."""
    return {"case_id": "c1", "at": instant(day), "stage": "A", "lane": lane, "by": "person"} | changed


def log_of(path: Path, *decisions: dict[str, object]) -> DecisionLog:
    """Return the log of a history of two cases with these decisions."""
    written = write_history(path, cases=[a_case("c1"), a_case("c2")], decisions=list(decisions))
    return DecisionLog.of(History.open(written))


def test_every_simulated_decision_is_read() -> None:
    """Nothing of the simulated log is lost, and each case has at most one last word a stage."""
    history = small_history()
    log = DecisionLog.of(history)
    assert len(log) == history.decisions.num_rows
    for stage in Stage:
        last = log.last(stage)
        assert len(np.unique(last.row)) == len(last) > 1_000
        assert (last.propensity > 0).all()


def test_the_last_decision_of_a_stage_is_in_force(tmp_path: Path) -> None:
    """A model's proposal that a person changed later is not what happened; order of rows does not matter."""
    log = log_of(
        tmp_path,
        a_decision("complex", 0.4, by="person"),
        a_decision("urge", 0.1, by="model", propensity=0.7),
        a_decision("fast", 9.0, stage="B"),
    )
    last = log.last(Stage.A)
    assert last.lane.tolist() == [LANE_CODE[Lane.COMPLEX]]
    assert np.isnan(last.propensity).all()


def test_at_the_same_instant_the_person_has_the_last_word(tmp_path: Path) -> None:
    """A proposal and the decision on it may carry one instant."""
    log = log_of(tmp_path, a_decision("fast", by="person"), a_decision("urge", by="model"))
    assert log.last(Stage.A).lane.tolist() == [LANE_CODE[Lane.FAST]]


def test_a_proposal_that_nobody_decided_on_is_no_decision(tmp_path: Path) -> None:
    """Where people decide, nothing is in force before they do; a log without people is taken at its word."""
    proposal = a_decision("urge", by="model")
    decided = log_of(tmp_path / "people", proposal, a_decision("fast", case_id="c2", by="person"))
    assert decided.last(Stage.A).row.tolist() == [1]
    automatic = log_of(tmp_path / "none", proposal, a_decision("fast", case_id="c2", by="rule"))
    assert automatic.last(Stage.A).row.tolist() == [0, 1]


def test_the_ordinary_procedure_is_no_lane(tmp_path: Path) -> None:
    """A decision without a lane stays a decision, and is not taken for one of the lanes."""
    log = log_of(tmp_path, a_decision(None))
    assert log.last(Stage.A).lane.tolist() == [UNDECIDED]
    assert len(log.urged()) == 0


def test_a_history_without_decisions_has_an_empty_log(tmp_path: Path) -> None:
    """No table is no decision, not an error of the reader."""
    assert len(DecisionLog.of(History.open(write_history(tmp_path, cases=[a_case()])))) == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lane": "slow"}, r"DATA_UNKNOWN_CODE.*1 rows of decisions.lane are none of urge, fast, complex, none"),
        ({"stage": "C"}, r"DATA_UNKNOWN_CODE.*1 rows of decisions.stage are none of A, B"),
        ({"stage": None}, r"DATA_UNKNOWN_CODE.*decisions.stage"),
        ({"by": "robot"}, r"DATA_UNKNOWN_CODE.*1 rows of decisions.by are none of rule, model, person"),
        ({"propensity": 1.2}, r"DATA_REJECTED.*1 propensities of decisions.parquet are not within"),
        ({"propensity": 0.0}, r"DATA_REJECTED.*1 propensities of decisions.parquet are not within"),
        ({"at": None}, r"DATA_REJECTED.*1 rows of decisions.parquet have no at"),
        ({"case_id": "c9"}, r"DATA_ORPHAN_ROW.*1 rows of decisions.parquet belong to no case"),
    ],
)
def test_what_is_no_decision_is_refused(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    """An unknown word or an impossible chance is named, with how many rows hold it; nothing is guessed."""
    with pytest.raises(HistoryError, match=said):
        log_of(tmp_path, a_decision(**changed))
