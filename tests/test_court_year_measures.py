"""Indicators against figures reckoned by hand, on both clocks; late filing is caught where it pays."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.indicators import Clock, Over12Base, State, indicators
from models.utility import Utility
from tests import builders_court_year as build
from training.court_year.docket import held_back
from training.court_year.measures.cohort import Outcomes
from training.court_year.measures.comparison import delays, gain_share, mean_over_seeds, paired
from training.court_year.measures.summary import summary
from training.court_year.study.findings import Findings

NAN = float("nan")


def value(key: str, found: Outcomes) -> float:
    """Return one indicator."""
    return next(one for one in indicators() if one.key == key).count(found).value


def four() -> Outcomes:
    """Return four applications of a year: one paid under urging, one enforced, one 终本, one open for over a year.

    The enforced one had its money on day 50 and paid out on day 56; the one
    that ended in 终本 brought in 20 of its 200 yuan.
    """
    return build.outcomes(
        received=[10.0, 20.0, 30.0, 40.0],
        filed=[NAN, 25.0, 35.0, 45.0],
        ended=[18.0, 50.0, 150.0, NAN],
        closed=[18.0, 52.0, 155.0, NAN],
        state=[State.SETTLED, State.FULL, State.ZHONGBEN, State.OPEN],
        claim=[100.0, 100.0, 200.0, 400.0],
        hours=[1.0, 4.0, 12.0, 7.0],
        urged=[True, False, True, False],
        lost=[0.0] * 4,
        money=[[0.0, 18.0, 100.0], [1.0, 50.0, 100.0], [2.0, 100.0, 20.0]],
        payouts=[[1.0, 50.0, 56.0], [2.0, 100.0, 110.0]],
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("completion.receipt", 2 / 4),
        ("recovery.receipt", 220 / 800),
        ("zhongben.receipt", 2 / 4),
        ("days.receipt", (8 + 30 + 120 + 366) / 4),
        ("over_12_months.receipt", 1 / 4),
        ("payout_days.receipt", (8 + 36 + 80 + 366) / 4),
        ("settled_before_filing.receipt", 1 / 4),
        ("closing_rate.receipt", 3 / 4),
        ("in_time.receipt", 3 / 4),
        ("hours.receipt", 24 / 4),
        ("completion.filing", 1 / 2),
        ("recovery.filing", 120 / 300),
        ("zhongben.filing", 1 / 2),
        ("days.filing", (27 + 120) / 2),
        ("over_12_months.filing", 0 / 1),
        ("payout_days.filing", (6 + 10) / 2),
        ("settled_before_filing.filing", 1 / 4),
        ("closing_rate.filing", 2 / 3),
        ("in_time.filing", 2 / 2),
    ],
)
def test_indicators_are_what_one_reckons_by_hand(key: str, expected: float) -> None:
    """Every formula gives the figure that its words give on four applications."""
    assert math.isclose(value(key, four()), expected)


def test_cases_of_the_year_before_count_where_the_formula_says_so() -> None:
    """What was received before the year is pending at its start, carried over, and no part of what was received."""
    found = build.outcomes(
        received=[-400.0, 10.0], filed=[-395.0, 15.0], ended=[20.0, 100.0], closed=[22.0, 101.0],
        state=[State.FULL, State.ZHONGBEN],
    )  # fmt: skip
    assert value("completion.receipt", found) == 0.0
    assert value("closing_rate.receipt", found) == 1.0
    assert value("completion.filing", found) == 0.5
    assert value("in_time.filing", found) == 0.5
    assert value("closing_rate.filing", found) == 1.0


@pytest.mark.parametrize("key", ["recovery.filing", "recovery.receipt"])
def test_money_of_a_claim_that_is_not_known_is_no_part_of_the_rate(key: str) -> None:
    """Sixty of a hundred yuan; the fifty of the other case stand over nothing and would raise it."""
    found = build.outcomes(
        received=[10.0, 10.0], filed=[15.0, 15.0], ended=[60.0, 60.0], closed=[60.0, 60.0], claim=[100.0, 0.0],
        state=[State.FULL, State.FULL], money=[[0.0, 50.0, 60.0], [1.0, 50.0, 50.0]],
    )  # fmt: skip
    assert value(key, found) == pytest.approx(0.6)


def test_days_to_close_are_those_between_the_dates() -> None:
    """From the evening of day 15 to the morning of day 60 are 45 days, as the file tells them."""
    found = build.outcomes(
        received=[10.0, NAN], filed=[15.9, NAN], ended=[60.1, NAN], closed=[60.1, NAN], state=[State.FULL, State.OPEN]
    )
    assert value("days.filing", found) == 45.0


@pytest.mark.parametrize(("base", "expected"), [(Over12Base.OPEN, 1.0), (Over12Base.ACCEPTED, 0.5)])
def test_the_base_of_old_cases_is_a_setting(base: Over12Base, expected: float) -> None:
    """Cases over twelve months are a share of the open ones, or of the accepted ones."""
    found = build.outcomes(
        received=[-20.0, 10.0], filed=[-10.0, 15.0], ended=[NAN, 90.0], closed=[NAN, 91.0],
        state=[State.OPEN, State.FULL], over_12_base=base,
    )  # fmt: skip
    assert value("over_12_months.filing", found) == expected


def test_nothing_to_divide_by_is_no_figure() -> None:
    """A year in which nothing was closed has no completion rate, neither nought nor one."""
    assert math.isnan(value("completion.filing", build.outcomes()))
    assert value("completion.receipt", build.outcomes()) == 0.0


def test_every_indicator_has_words_formula_and_both_clocks() -> None:
    """Each is named and explained in both languages; what is reported counts from receipt."""
    for one in indicators():
        assert all((*one.words, *one.formula))
        assert one.reported == (one.clock is Clock.RECEIPT)
    names = {clock: {one.id for one in indicators() if one.clock is clock} for clock in Clock}
    assert names[Clock.FILING] < names[Clock.RECEIPT]


def test_money_that_comes_late_or_from_a_giant_claim_counts_as_told() -> None:
    """Consequences hold yuan up to the capped claim within the utility's days, and days up to its horizon."""
    found = build.outcomes(
        received=[0.0, 0.0], ended=[500.0, 30.0], state=[State.FULL, State.FULL], claim=[100.0, 4000.0],
        money=[[0.0, 500.0, 100.0], [1.0, 30.0, 4000.0]], claim_cap=1000.0, urged=[True, False],
    )  # fmt: skip
    what = found.consequences()
    assert what.yuan.tolist() == [0.0, 1000.0]
    assert what.days.tolist() == [360.0, 30.0]
    assert what.failed_urging.tolist() == [1.0, 0.0]


def test_a_summary_adds_up() -> None:
    """States, lanes and the applications of the year are the same applications."""
    found = summary(build.run(), build.settings(), Utility.load())
    states, lanes = found["states"], found["lanes"]
    assert sum(states.values()) == sum(lanes["A"].values())
    assert found["utility"]["applications"] == sum(states.values()) - states["stopped"]
    assert found["urging"]["began"] >= found["urging"]["paid"] > 0
    assert len(next(iter(found["queues"].values()))) in (52, 53)


# ---------------------------------------------------------------- seeds, pairs, gains


def test_intervals_are_those_of_student() -> None:
    """Three values 1, 2, 3 have mean 2 and half width 4.303 / sqrt(3); one value has no interval."""
    found = mean_over_seeds(np.array([1.0, 2.0, 3.0]))
    assert math.isclose(found.upper - found.value, 4.302653 / math.sqrt(3), rel_tol=1e-6)
    assert math.isnan(mean_over_seeds(np.array([1.0])).lower)
    assert math.isnan(mean_over_seeds(np.array([NAN])).value)


def results(**policies: list[float]) -> dict[str, dict[int, dict[str, float]]]:
    """Return figures `x` of policies, seed by seed."""
    return {name: {seed: {"x": one} for seed, one in enumerate(values)} for name, values in policies.items()}


def test_differences_are_paired_by_seed() -> None:
    """A constant lead over very different seeds is a lead without any width."""
    found = paired(results(a=[1.0, 101.0], b=[0.0, 100.0]), "a", "b", "x")
    assert found.mean.value == 51.0
    assert (found.difference.lower, found.difference.value, found.difference.upper) == (1.0, 1.0, 1.0)


def test_the_share_of_a_gain_is_of_means_on_the_same_seeds() -> None:
    """Half of every gain is half of the gain; there is no share of a gain that may be nought."""
    table = results(ours=[2.0, 2.5, 3.0], best=[4.0, 5.0, 6.0], amount=[0.0, 0.0, 0.0])
    found = gain_share(table, "ours", best="best", reference="amount", name="x")
    assert np.allclose((found.lower, found.value, found.upper), 0.5)
    nothing = gain_share(table | results(best=[-1.0, 0.0, 1.0]), "ours", best="best", reference="amount", name="x")
    assert math.isnan(nothing.value)


@pytest.mark.parametrize(("name", "better"), [("value", 2.0), ("days", -2.0), ("days.receipt", -2.0)])
def test_there_is_no_share_of_what_the_oracle_loses(name: str, better: float) -> None:
    """Half of a gain is half; half of a loss is no share, whatever direction is better."""

    def share(change: float) -> float:
        runs = {"amount": 0.0, "ours": change / 2, "oracle": change}
        figures = {policy: {seed: {name: value + seed} for seed in range(3)} for policy, value in runs.items()}
        found = Findings(plan=None, words={}, prices={}, prompt={}, late={})  # type: ignore[arg-type]
        found.__dict__["figures"] = figures
        return found.share("ours", name).value

    assert share(better) == pytest.approx(0.5)
    assert math.isnan(share(-better))


# ---------------------------------------------------------------- late filing


def figures(*, days: float) -> dict[int, dict[str, float]]:
    """Return every indicator of the small year when filing is held back from the first day of the year on."""
    year = build.settings()
    found = {}
    for seed in (1, 2, 3):
        given = held_back(build.docket("amount", seed), days=days, since=Outcomes.of(build.run(), year).begins)
        counted = Outcomes.of(build.worked(given), year)
        found[seed] = {one.key: one.count(counted).value for one in indicators()}
    return found


def test_late_filing_pays_by_the_official_clock_and_never_by_ours() -> None:
    """A court that holds filing back looks better by official figures; no figure that is reported improves."""
    better = {one.key: one.better_by for one in indicators()}
    found = delays({"amount": figures(days=0.0)}, {"amount": figures(days=60.0)}, better)
    gains = {one.name for one in found if one.gains}
    assert gains
    assert all(name.endswith(".filing") for name in gains)


def test_a_planted_policy_that_files_late_is_caught() -> None:
    """Were an official figure reported as ours, the check would name the policy that gains by delay."""
    prompt = {seed: {"closing_rate": 0.80 + seed / 1000} for seed in range(4)}
    late = {seed: {"closing_rate": 0.83 + seed / 1000} for seed in range(4)}
    (found,) = delays({"planted": prompt}, {"planted": late}, {"closing_rate": lambda change: change})
    assert (found.policy, found.gains) == ("planted", True)
    (worse,) = delays({"planted": late}, {"planted": prompt}, {"closing_rate": lambda change: change})
    assert not worse.gains
