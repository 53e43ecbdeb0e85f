"""The synthetic court keeps the published margins; effect sizes come out as assumed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.builders_simulate import Court, written

LOANS = ("103.1", "108.1")


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Sixty thousand cases of ten courts."""
    return Court(written(tmp_path_factory.mktemp("margins"), n=60_000, courts=10, seed=7))


def test_closings_are_forty_thirty_thirty(court: Court):
    """First-time cases close as 执行完毕, 终本 and otherwise in the published shares."""
    share = court.closed["mode"].value_counts(normalize=True)

    assert 0.28 <= share["full"] <= 0.45
    assert 0.25 <= share["zhongben"] <= 0.35
    assert 0.20 <= 1 - share["full"] - share["zhongben"] <= 0.42


def test_zhongben_recovers_little(court: Court):
    """Of 终本 cases 0.92 recovered less than 30 % of the claim."""
    barren = court.closed[(court.closed["mode"] == "zhongben") & (court.closed["claim"] > 0)]

    assert (barren["paid"] < 0.3 * barren["claim"]).mean() == pytest.approx(0.92, abs=0.03)


def test_two_fifths_have_no_assets(court: Court):
    """Four debtors in ten have nothing at all to pay with."""
    assert (court.truth["means"] == "none").mean() == pytest.approx(0.40, abs=0.04)


def test_a_third_is_served_by_notice(court: Court):
    """Service by notice is as common as published."""
    assert 0.30 <= court.cases["served_by_notice"].astype(float).mean() <= 0.36


def test_bank_loans_are_lognormal(court: Court):
    """Claims of bank loans have the published median, spread and shares below and above."""
    claim = court.cases.loc[court.cases["cause_code"].isin(LOANS), "claim_amount"].dropna()

    assert np.log(claim).mean() == pytest.approx(11.15, abs=0.06)
    assert np.log(claim).std() == pytest.approx(2.08, abs=0.05)
    assert (claim <= 100_000).mean() == pytest.approx(0.569, abs=0.02)
    assert (claim >= 20_000_000).mean() == pytest.approx(0.0033, abs=0.002)


def test_days_to_close(court: Court):
    """Cases take 50 to 100 days, fully performed ones about 0.65 of that, and no 终本 comes before day 91."""
    days, mode = court.closed["days"], court.closed["mode"]

    assert 50 <= days.mean() <= 100
    assert days[mode == "full"].mean() / days.mean() == pytest.approx(0.65, abs=0.06)
    assert days[mode == "zhongben"].min() >= 91


def test_recovery_weighted_by_money(court: Court):
    """Over closed cases, money recovered over money claimed lies in the published range."""
    asked = court.closed.dropna(subset=["claim"])

    assert 0.35 <= asked["paid"].sum() / asked["claim"].sum() <= 0.60


def test_urging_pays_sometimes(court: Court):
    """Of the cases that were urged between 0.10 and 0.35 were paid in the window of fifteen days."""
    urged = court.first("urge_start").index

    assert 0.10 <= (court.truth["urge_paid_day"].reindex(urged) <= 15).mean() <= 0.35


def test_settlements_are_kept_half_the_time(court: Court):
    """Of the settlements in enforcement 0.55 were kept."""
    agreed, broken = court.first("settle").index, court.first("settle_default").index

    assert 1 - len(broken) / len(agreed) == pytest.approx(0.55, abs=0.05)


def test_zhongben_is_resumed(court: Court):
    """Within three years 0.35 to 0.48 of the 终本 cases are resumed, and 0.65 of those then fully performed."""
    closings = court.tables["events"].query("kind == 'close'")
    second = closings[closings.duplicated("case_id")]
    ended = court.closed.index[court.closed["mode"] == "zhongben"]
    resumed = court.truth.loc[ended, "resume_day"].notna()
    old = resumed.index[resumed & (court.first("file").reindex(ended) < pd.Timestamp("2023-03-01", tz="Asia/Shanghai"))]

    assert 0.35 <= resumed.mean() <= 0.48
    assert (second[second["case_id"].isin(old)]["mode"] == "full").mean() == pytest.approx(0.65, abs=0.06)


def test_inputs_are_missing_as_often_as_stated(court: Court):
    """No telephone in a quarter of the cases, no registry answer for one firm in twenty, no form of clues in 0.40."""
    cases = court.cases
    firms = cases[cases["debtor_type"].isin(["company", "unincorporated", "public_body", "village_collective"])]

    assert (~cases["phone_provided"].astype(bool)).mean() == pytest.approx(0.25, abs=0.01)
    assert firms["reg_status"].isna().mean() == pytest.approx(0.05, abs=0.01)
    assert cases["clue_n"].isna().mean() == pytest.approx(0.40, abs=0.01)


def test_wrong_entries_are_one_in_a_hundred(court: Court):
    """Of the entries of fields that can be wrong, one in a hundred is."""
    assert court.truth["wrong_n"].mean() == pytest.approx(12 * 0.01 * 0.75, abs=0.03)


def test_lanes_depend_on_what_was_seen_and_on_the_clerk(court: Court):
    """Clerks urge unequally often, and urged debtors are the more willing ones: labels are selective."""
    urged = court.cases.index.isin(court.first("urge_start").index)
    by_clerk = pd.Series(urged, index=court.cases.index).groupby(court.cases["clerk"].str[-1]).mean()

    assert by_clerk.max() > 1.3 * by_clerk.min()
    assert court.truth["willingness"][urged].mean() > court.truth["willingness"][~urged].mean() + 0.5


def test_year_end_bunches(court: Court):
    """Closings as 终本 bunch before the statistics cut of 20 December."""
    closed = court.first("zhongben")
    december = closed[closed.dt.month == 12].dt.day

    assert ((december > 8) & (december <= 20)).sum() > 1.5 * (december > 20).sum()


def test_propensities_are_those_of_the_habit(court: Court):
    """Among cases with a recorded chance of urging of p, a share of p was urged; also for the lanes after the query."""
    decisions = court.tables["decisions"].query("by == 'person'")
    first = decisions[decisions["stage"] == "A"]
    lane = decisions[decisions["stage"] == "B"]
    chance = np.where(first["lane"] == "urge", first["propensity"], 1 - first["propensity"])
    fast = np.where(lane["lane"] == "fast", lane["propensity"], 1 - lane["propensity"])

    for drawn, happened in ((chance, first["lane"] == "urge"), (fast, lane["lane"] == "fast")):
        bands = pd.cut(drawn, np.linspace(0, 1, 11), include_lowest=True)
        cells = (
            pd.DataFrame({"p": drawn, "y": happened.astype(float)}).groupby(bands, observed=True).agg(["mean", "size"])
        )
        z = (cells["y"]["mean"] - cells["p"]["mean"]) / np.sqrt(0.25 / cells["y"]["size"])
        assert z.abs().max() < 4


def test_urging_mostly_respects_its_conditions(court: Court):
    """Almost nobody was urged without consent, and few against another condition."""
    urged = court.cases.loc[court.first("urge_start").index]

    assert (urged["consent_urge"] == "agree").mean() > 0.98
    assert (urged["served_by_notice"].astype(bool) | ~urged["phone_provided"].astype(bool)).mean() < 0.06
    assert (urged["pres_stage"] == "pre_enforcement").mean() < 0.01
