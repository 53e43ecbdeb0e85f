"""Utility: one sum in yuan for expected and for real consequences, with no value where a score is missing."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.register import Stage
from models.lanes import LANE_CODE, LANES, Lane
from models.strict_table import SettingsError
from models.utility import ENTRIES, Amounts, Consequences, Utility
from tests.builders_utility import free_utility, score_table, utility

CHANCE = st.floats(0, 1)
URGE, FAST, COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))


def test_every_figure_has_words_and_a_limit() -> None:
    """The printed table leaves out no figure that the sum uses."""
    assert tuple(f.name for f in fields(Amounts)) == tuple(ENTRIES)
    assert [line.name for line in Utility.load().table()] == list(ENTRIES)


def test_shipped_figures_are_named_assumptions(tmp_path: Path) -> None:
    """What the court did not set itself is called an assumption; what it set is not."""
    own = tmp_path / "utility.toml"
    own.write_text('format="fenliu-utility/1"\nversion="1"\nset_by="执行局"\n[values]\nyuan_per_day=50\n', "utf-8")

    lines = {line.name: line for line in Utility.load(own).table()}

    assert all(line.assumption for line in Utility.load().table())
    assert (lines["yuan_per_day"].value, lines["yuan_per_day"].assumption) == (50.0, False)
    assert lines["yuan_per_hour"].assumption


def test_real_consequences_are_summed_in_plain_units() -> None:
    """100 days earlier, 1,000 yuan, 2 hours and a failed urging, at stated prices."""
    priced = free_utility(yuan_per_day=3, yuan_per_yuan=1, yuan_per_hour=10, yuan_per_failed_urging=7)
    what = Consequences(
        days=np.array([260.0]), yuan=np.array([1000.0]), hours=np.array([2.0]), failed_urging=np.array([1.0])
    )

    assert priced.value(what) == pytest.approx([100 * 3 + 1000 - 20 - 7])


def test_a_day_earlier_is_worth_more_for_more_money() -> None:
    """The delay rate counts per yuan and day."""
    assert free_utility(delay_rate=0.000175).earlier(10.0, np.array([100_000.0])) == pytest.approx([175.0])


def test_a_missing_score_gives_no_value_and_never_zero() -> None:
    """No quick-close score: no value for the fast lane, while the complex lane keeps its own."""
    table = score_table(recovery=[0.5, 0.5], days=[100, 100], quick_close=[0.3, np.nan])

    values = Utility.load().lanes(table, np.array([1000.0, 1000.0]))

    assert np.isnan(values[:, FAST]).tolist() == [False, True]
    assert np.isfinite(values[:, COMPLEX]).all()


def test_what_closes_quickly_saves_less_in_the_fast_lane_than_what_does_not_costs() -> None:
    """A sure quick case takes 4 hours fast and 8 complex; a sure slow one 20 in both lanes and 16 in one."""
    table = score_table(recovery=[0.5, 0.5], days=[100, 100], quick_close=[1.0, 0.0])
    each = Utility.load().expected(table, np.array([1000.0, 1000.0]))

    assert each[Lane.FAST].hours.tolist() == [4.0, 20.0]
    assert each[Lane.COMPLEX].hours.tolist() == [8.0, 16.0]


@pytest.mark.parametrize("claim", [np.nan, np.inf, -1.0])
def test_an_unknown_claim_gives_no_value(claim: float) -> None:
    """Without an amount there is nothing to weigh; an infinite or negative one is no amount."""
    table = score_table(recovery=[0.5], days=[100], quick_close=[0.3])

    assert np.isnan(Utility.load().lanes(table, np.array([claim]))).all()


def test_abstained_rows_have_no_value() -> None:
    """A score that is withheld is not used behind the back of the judge."""
    table = score_table(recovery=[0.5, 0.5], days=[100, 100], quick_close=[0.3, 0.3], abstained=[True, False])

    assert np.isnan(Utility.load().lanes(table, np.full(2, 1000.0))[:, FAST]).tolist() == [True, False]


def test_an_absent_score_leaves_its_lane_without_value() -> None:
    """A bundle without willingness values no urging; filing is valued all the same."""
    values = Utility.load().lanes(score_table(stage=Stage.A, recovery=[0.5], days=[100]), np.array([1000.0]))

    assert np.isnan(values[0, URGE])
    assert np.isfinite(values[0, [FAST, COMPLEX]]).all()


def test_urging_has_no_value_after_filing_and_no_lane_has_none() -> None:
    """At stage B urging is over; the lane NONE is no lane."""
    values = Utility.load().lanes(score_table(recovery=[0.5], days=[90], quick_close=[0.5]), np.array([1e4]))

    assert np.isnan(values[0, [URGE, LANE_CODE[Lane.NONE]]]).all()
    assert values.shape == (1, len(LANES))


def test_before_filing_fast_and_complex_count_alike() -> None:
    """Both are filing; their split comes after the query."""
    table = score_table(stage=Stage.A, recovery=[0.4], days=[120], willingness=[0.6])
    values = Utility.load().lanes(table, np.array([2e4]))

    assert values[0, FAST] == values[0, COMPLEX]


@given(will=CHANCE, more=CHANCE, share=CHANCE, days=st.floats(0, 360), claim=st.floats(1, 1e8))
def test_urging_is_worth_no_less_when_payment_is_likelier(
    will: float, more: float, share: float, days: float, claim: float
) -> None:
    """A better chance of voluntary payment never lowers the value of urging."""
    low, high = sorted((will, more))
    table = score_table(stage=Stage.A, recovery=[share] * 2, days=[days] * 2, willingness=[low, high])
    values = utility().lanes(table, np.full(2, claim))[:, URGE]

    assert values[1] >= values[0] - 1e-6 * claim


@given(quick=CHANCE, more=CHANCE, share=CHANCE, days=st.floats(0, 360), claim=st.floats(1, 1e8))
def test_the_fast_lane_is_worth_no_less_when_a_quick_close_is_likelier(
    quick: float, more: float, share: float, days: float, claim: float
) -> None:
    """A better chance of a quick close never lowers the value of the fast lane."""
    low, high = sorted((quick, more))
    table = score_table(recovery=[share] * 2, days=[days] * 2, quick_close=[low, high])
    values = utility().lanes(table, np.full(2, claim))[:, FAST]

    assert values[1] >= values[0] - 1e-6 * claim


def test_urging_that_surely_fails_costs_its_window_and_its_failure() -> None:
    """Beside filing at once it loses the days of the window, its hours and the price of a failure, no money."""
    priced = free_utility(yuan_per_day=2, yuan_per_failed_urging=9, urge_hours=1, yuan_per_hour=5, yuan_per_yuan=1)
    table = score_table(stage=Stage.A, recovery=[0.4], days=[100], willingness=[0.0])
    values = priced.lanes(table, np.array([1000.0]))[0]

    assert values[COMPLEX] - values[URGE] == pytest.approx(15 * 2 + 9 + 5)


def test_every_fault_of_a_setting_is_named(tmp_path: Path) -> None:
    """Three mistakes are told at once, each with its key."""
    own = tmp_path / "own.toml"
    text = 'format="fenliu-utility/1"\nversion="1"\nset_by="x"\n'
    own.write_text(text + '[values]\nyuan_per_dy=1\nyuan_per_hour=-1\ndelay_rate="a"\n', "utf-8")

    with pytest.raises(SettingsError, match="yuan_per_dy") as caught:
        Utility.load(own)
    assert len(caught.value.faults) == 3


def test_the_fingerprint_changes_with_any_figure(tmp_path: Path) -> None:
    """A result names the setting it was made with; two settings never share a fingerprint."""
    own = tmp_path / "own.toml"
    own.write_text('format="fenliu-utility/1"\nversion="1"\nset_by="x"\n[values]\nurge_hours=1.5\n', "utf-8")

    assert Utility.load(own).sha256 != Utility.load().sha256


def test_a_place_is_worth_the_days_that_a_case_without_one_waits() -> None:
    """Seven days, priced per day and yuan expected; without a score, or in a lane that is over, nothing."""
    priced = free_utility(waiting_days=7, yuan_per_day=2, delay_rate=0.001)
    table = score_table(recovery=[0.5, np.nan, 0.5], days=[90] * 3, quick_close=[0.5] * 3)
    worth = priced.places(table, np.full(3, 1000.0), np.array([COMPLEX, COMPLEX, URGE], dtype=np.int8))

    assert np.array_equal(worth, [7 * (2 + 0.5), np.nan, np.nan], equal_nan=True)


def test_a_specialised_team_adds_days_and_no_share_of_the_money() -> None:
    """Otherwise the largest claims would fill the specialised teams."""
    assert free_utility(specialist_days=5, yuan_per_day=20, delay_rate=1).specialist == 100.0


def test_urging_and_enforcement_are_never_credited_with_the_same_money_twice() -> None:
    """Half pay when urged, half the claim is recovered otherwise: urging recovers half, not three quarters."""
    table = score_table(stage=Stage.A, recovery=[0.5], days=[100], willingness=[0.5])

    assert free_utility(yuan_per_yuan=1).lanes(table, np.array([1000.0]))[0, URGE] == 500.0
