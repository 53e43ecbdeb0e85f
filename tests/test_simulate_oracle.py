"""The oracle is the generator's own probability: calibrated, better informed after the query, exact for every race."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders_simulate import DAY, Court, fitted_odds, log_loss, written
from training.simulate.course import process
from training.simulate.course.curves import MEASURES, curves, race_of
from training.simulate.settings import CLASSES, LANES, load_margins

SECOND = 2.0 / 86_400.0
"""Instants are written to the second."""


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Forty thousand cases of four courts with three urging windows."""
    return Court(written(tmp_path_factory.mktemp("oracle"), n=40_000, courts=5, seed=21))


def calibrated(chance: np.ndarray, happened: np.ndarray) -> bool:
    """Whether the mean and every tenth of the chances agree with what happened, within chance."""
    order = np.argsort(chance)
    cells = [*np.array_split(order, 10), order]
    z = [(happened[cell] - chance[cell]).sum() / np.sqrt((chance[cell] * (1 - chance[cell])).sum()) for cell in cells]
    return bool(np.abs(z).max() < 4)


@pytest.mark.parametrize("column", ["p_ability_180_a", "p_ability_180_b"])
def test_ability_is_calibrated(court: Court, column: str):
    """Of filed cases with a chance of p, a share of p is fully performed by day 180."""
    happened = court.full_by(180)

    assert calibrated(court.truth[column].reindex(happened.index).to_numpy(), happened.to_numpy())


def test_quick_close_is_calibrated(court: Court):
    """Of queried cases with a chance of p, a share of p is fully performed by day 30."""
    happened = court.full_by(30)

    assert calibrated(court.truth["p_quick_30_b"].reindex(happened.index).to_numpy(), happened.to_numpy())


def test_willingness_is_calibrated_for_the_urged(court: Court):
    """Of urged cases with a chance of p, a share of p pays within fifteen days."""
    urged = court.truth.loc[court.first("urge_start").index]

    assert calibrated(urged["p_willingness_15"].to_numpy(), (urged["urge_paid_day"] <= 15).to_numpy().astype(float))


def test_willingness_holds_for_those_who_were_not_urged(court: Court):
    """The oracle speaks of every case as if urged: urging was not chosen by what only the debtor knows."""
    spared = court.truth.drop(court.first("urge_start").index)

    assert calibrated(spared["p_willingness_15"].to_numpy(), (spared["urge_paid_day"] <= 15).to_numpy().astype(float))


@pytest.mark.parametrize("column", ["recovery_180_a", "recovery_180_b"])
def test_recovery_is_calibrated(court: Court, column: str):
    """Expected recovery equals mean recovery, over all cases and among those from whom little or much is expected."""
    truth = court.truth.dropna(subset=[column])
    slow = (
        court.tables["decisions"]
        .query("stage == 'B' and by == 'person'")
        .set_index("case_id")["lane"]
        .reindex(truth.index)
    )
    share = np.where(slow == "fast", truth["recovered_180_fast"], truth["recovered_180_complex"])
    error = share - truth[column].to_numpy()

    for cell in np.array_split(np.argsort(truth[column].to_numpy()), 5):
        assert abs(error[cell].mean()) < 4 * error[cell].std() / np.sqrt(len(cell)) + 0.002


def test_the_query_tells_more(court: Court):
    """After the query the oracle's loss is clearly lower than before, and both are far below a constant's."""
    happened = court.full_by(180).to_numpy()
    rows = court.full_by(180).index
    constant = log_loss(happened.mean(), happened)
    before = log_loss(court.truth["p_ability_180_a"].reindex(rows).to_numpy(), happened)
    after = log_loss(court.truth["p_ability_180_b"].reindex(rows).to_numpy(), happened)

    assert after < before - 0.03 < constant - 0.1


@pytest.mark.parametrize("means", range(len(CLASSES)))
@pytest.mark.parametrize("lane", range(len(LANES)))
def test_each_race_is_integrated_exactly(means: int, lane: int):
    """Half a million simulated courses agree with the table of their race, in every measure."""
    margins, n, will, lag = load_margins(), 200_000, np.array([0.3]), 2.0
    shocks = process.draw_shocks(np.random.default_rng(8), n)
    course = process.run(np.full(n, means), np.full(n, 0.3), shocks, lane=lane, lag=np.full(n, lag), margins=margins)
    full = (course.how == process.FULL) & (course.closed <= 180)
    sold = (course.paid_by == process.PATH) & (means == process.PROPERTY)
    found = {
        "full": full,
        "quick": (course.how == process.FULL) & (course.closed <= 30) & ~sold,
        "part": (course.part_day <= 180) & ~full,
        "sale": (course.sale_day <= 180) & ~full,
        "other": (course.how == process.OTHER) & (course.closed <= 180),
    }

    table = race_of(means, lane, lag, will=will, margins=margins)[:, 0]

    assert [found[name].mean() for name in MEASURES] == pytest.approx(table, abs=0.005)


def test_tables_are_chances():
    """Every entry of every table lies between nought and one, and urging ends on one of its days."""
    tables = curves(20)

    for table in (tables.direct, tables.failed, tables.urged.paid, tables.urged.unpaid):
        assert table.min() >= 0
        assert table.max() <= 1
    assert tables.ends.sum(axis=1) == pytest.approx(1.0)


ASSUMED = {
    "served_by_notice": (0.4, 0.08), "debtor_appeared": (1.6, 0.25), "mediated": (1.3, 0.25),
    "paid_something": (3.0, 0.6), "zhongben_no_assets_2y": (0.15, 0.05), "open_cases": (0.35, 0.08),
    "dishonest_now": (0.3, 0.06), "years_since_due": (0.5, 0.08), "claim_person": (0.6, 0.08),
    "seal_rank_second": (0.6, 0.12), "vehicle_sealed": (1.1, 0.2), "vehicle_in_custody": (2.0, 0.5),
    "realty_first_seal": (3.0, 0.6), "cash_covers": (20.0, 7.0), "cause": (np.e, 0.6),
}  # fmt: skip
"""Odds of full performance by day 180 that we assume, and how near they must come."""


@pytest.fixture(scope="module")
def odds() -> dict[str, float]:
    """Odds fitted to the oracle of one large court."""
    return fitted_odds(40_000, seed=5)


def test_odds_come_out_as_assumed(odds: dict[str, float]):
    """Fitted to the oracle's log-odds, each effect has the size that we state."""
    far = {name: odds[name] for name, (size, near) in ASSUMED.items() if abs(odds[name] - size) > near}

    assert far == {}


def test_effects_add_up(odds: dict[str, float]):
    """On the log-odds scale almost everything is additive, so what can be known can be learned."""
    assert odds["explained"] > 0.95


def test_what_was_logged_is_what_the_truth_says_of_the_lane_taken(court: Court):
    """Every first closing came on the day that the truth names for the lane taken, 终本 before the year's cut too."""
    truth = court.truth.loc[court.closed.index]
    taken = (
        court.tables["decisions"]
        .query("stage == 'B' and by == 'person'")
        .set_index("case_id")["lane"]
        .reindex(truth.index)
    )
    assert (truth["lane"].astype(str) == taken.astype(str)).all()
    ends = {lane: truth[[f"{end}_day_{lane}" for end in ("full", "zhongben", "other")]].min(axis=1) for lane in LANES}
    day = np.where(taken == "fast", ends["fast"], ends["complex"])
    assert np.abs(day - court.closed["days"]).max() < SECOND


def test_the_truth_of_urging_is_what_was_logged(court: Court):
    """Days from receipt to urging, to filing at once and to filing after urging are those of the events."""
    received, start = court.cases["received_at"], court.first("urge_start")
    filed = court.first("file")
    urged, spared = filed.index.intersection(start.index), filed.index.difference(start.index)
    for column, at in (("urge_after", start), ("convert_after", filed[urged]), ("file_after", filed[spared])):
        days = (at - received.reindex(at.index)).dt.total_seconds() / DAY
        assert np.abs(days - court.truth[column].reindex(at.index)).max() < SECOND, column
