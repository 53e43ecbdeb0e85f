"""The tie band: off by default, nothing drawn outside it, no rule ever put to chance, every draw checkable."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from features.register import Stage
from models.lanes import LANE_CODE, LANES, UNDECIDED, Lane
from models.routes import MODEL, Routes
from models.rules.table import RuleTable
from models.tie_band import OFF, TieBand, draw, uniform
from tests.builders_rules import by_rules_alone, routed
from tests.builders_training import small_history, small_training
from training.policies.by_rules import triaged
from training.scoring.input import batches_of_history

URGE, FAST, COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))
WIDE = TieBand(epsilon=1e12)


@cache
def proposals(stage: Stage) -> tuple[Routes, tuple[str, ...]]:
    """Return the routes of the simulated cases under one table of rules, and the keys of the cases."""
    (batch,) = batches_of_history(small_history().path, stage)
    bundle = small_training().trained.bundle
    rows, found = max(triaged(batch, RuleTable.load(), bundle), key=lambda part: len(part[0]))
    return found.routes, tuple(batch.ids[row] for row in rows)


def equal_values(n: int) -> np.ndarray:
    """Return values under which all lanes of n cases are worth the same."""
    return np.zeros((n, len(LANES)))


@pytest.mark.parametrize("stage", list(Stage))
def test_without_a_band_nothing_is_drawn(stage: Stage) -> None:
    """The default leaves every lane as proposed, with certainty, even where lanes are worth exactly the same."""
    routes, ids = proposals(stage)
    drawn = draw(routes, equal_values(len(ids)), ids=ids, band=OFF, seed=1)
    assert (drawn.lane == routes.lane).all()
    assert (drawn.propensity == 1.0).all()
    assert not drawn.in_band.any()


@pytest.mark.parametrize("stage", list(Stage))
def test_outside_the_band_nothing_is_ever_drawn(stage: Stage) -> None:
    """Values that differ by the limit or more, or are unknown, leave the lane as proposed, whatever the seed."""
    routes, ids = proposals(stage)
    rng = np.random.default_rng(5)
    values = rng.normal(0.0, 100.0, (len(ids), len(LANES)))
    values[::7] = np.nan
    for seed in range(5):
        drawn = draw(routes, values, ids=ids, band=TieBand(epsilon=50.0), seed=seed)
        gap = np.abs(values[np.arange(len(ids)), routes.lane] - values[np.arange(len(ids)), routes.alternative])
        outside = ~(gap < 50.0)
        assert drawn.in_band.any()
        assert (drawn.lane[outside] == routes.lane[outside]).all()
        assert (drawn.propensity[outside] == 1.0).all()


@pytest.mark.parametrize("stage", list(Stage))
def test_no_rule_is_ever_put_to_chance(stage: Stage) -> None:
    """With all lanes worth the same, only lanes that a score decided are drawn, and only into lanes open by law."""
    routes, ids = proposals(stage)
    drawn = draw(routes, equal_values(len(ids)), ids=ids, band=WIDE, seed=3)
    moved = drawn.lane != routes.lane
    assert moved.any()
    assert (routes.decided_by[drawn.in_band] == MODEL).all()
    assert (drawn.lane[moved] == routes.alternative[moved]).all()
    assert not (drawn.lane[moved] == UNDECIDED).any()
    assert stage is Stage.A or not (drawn.lane == URGE).any()
    consent = [one.rule.id for one in routes.outcomes.program.rules].index("H07") if stage is Stage.A else None
    if consent is not None:
        refused = routes.outcomes.verdicts[consent] == 1
        assert not drawn.in_band[refused].any()


@pytest.mark.parametrize(
    ("stage", "facts"),
    [
        (Stage.A, {"consent_urge": "refuse"}),
        (Stage.A, {"served_by_notice": True}),
        (Stage.A, {"criminal_overlap": True}),
        (Stage.A, {"debtor_type": "company", "bankruptcy_case": "accepted"}),
        (Stage.B, {"criminal_overlap": True}),
        (Stage.B, {"q_realty_n": 2}),
    ],
)
def test_a_lane_that_a_rule_fixes_or_forbids_stays(stage: Stage, facts: dict[str, object]) -> None:
    """Stops, special teams, what forbids urging and what must be sold are decided by rules, never drawn."""
    for seed in range(40):
        routes = routed(stage, **facts)
        drawn = draw(routes, equal_values(1), ids=["c1"], band=WIDE, seed=seed)
        assert drawn.lane[0] == routes.lane[0] != URGE
        assert drawn.propensity[0] == 1.0


def test_rules_alone_leave_nothing_to_chance() -> None:
    """Without a model no score decides, so nothing is drawn."""
    assert not draw(by_rules_alone(), equal_values(1), ids=["c1"], band=WIDE, seed=1).in_band.any()


def test_before_filing_fast_and_complex_are_one_act() -> None:
    """Both mean to file, so chance never chooses between them at receipt."""
    routes, ids = proposals(Stage.A)
    drawn = draw(routes, equal_values(len(ids)), ids=ids, band=WIDE, seed=2)
    both = np.isin(routes.lane, (FAST, COMPLEX)) & np.isin(routes.alternative, (FAST, COMPLEX))
    assert both.any()
    assert not drawn.in_band[both].any()


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_recorded_chance_is_the_chance_that_the_lane_had(share: float) -> None:
    """Over many seeds each lane comes as often as its recorded propensity says."""
    routes = routed(willingness=0.51, ability=0.5)
    seeds = range(4_000)
    drawn = [
        draw(routes, equal_values(1), ids=["c1"], band=TieBand(epsilon=1.0, share=share), seed=seed) for seed in seeds
    ]
    other = np.array([one.lane[0] != routes.lane[0] for one in drawn])
    assert {float(one.propensity[0]) for one in drawn} == {share, 1.0 - share}
    assert other.mean() == pytest.approx(share, abs=0.025)


def test_a_draw_can_be_repeated_case_by_case() -> None:
    """The same seed and key give the same lane, alone or among thousands, in any order."""
    routes, ids = proposals(Stage.B)
    whole = draw(routes, equal_values(len(ids)), ids=ids, band=WIDE, seed=9)
    again = draw(routes, equal_values(len(ids)), ids=ids, band=WIDE, seed=9)
    other = draw(routes, equal_values(len(ids)), ids=ids, band=WIDE, seed=10)
    assert (whole.lane == again.lane).all()
    assert (whole.lane != other.lane).any()
    row = int(np.flatnonzero(whole.lane != routes.lane)[0])
    assert uniform(9, ids[row]) < WIDE.share
    assert uniform(9, "c1") == 0.6257375102479378


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"epsilon": -1.0}, "epsilon is an amount of yuan"),
        ({"epsilon": float("nan")}, "epsilon is an amount of yuan"),
        ({"epsilon": float("inf")}, "epsilon is an amount of yuan"),
        ({"share": 0.0}, "share is above 0 and at most 0.5"),
        ({"share": 0.6}, "share is above 0 and at most 0.5"),
    ],
)
def test_limits_that_make_no_band_are_refused(limits: dict[str, float], said: str) -> None:
    """A band is an amount of yuan, and the proposed lane is never the less likely one."""
    with pytest.raises(ValueError, match=said):
        TieBand(**limits)
