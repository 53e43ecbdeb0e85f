"""The split: later after earlier, a gap of one horizon, and no twins on two sides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders_history import a_case, an_event, write_history
from training.config import SplitSettings
from training.errors import CommandError
from training.history import History
from training.history.event_log import EventLog
from training.learning.groups import connected, groups
from training.learning.split import Periods, enough, never_asked, number_of, of_both, periods, recorded_late, split

SHARES = SplitSettings(shares=(0.6, 0.2, 0.2))
AT = Periods(calibrate_from=1000.0, test_from=1500.0, test_until=2000.0)


def alone(n: int) -> np.ndarray:
    """Return a group of its own for each case."""
    return np.arange(n)


def test_periods_begin_on_the_first_of_a_month() -> None:
    """A year-end bunch of filings is never cut in two."""
    found = periods(number_of(date(2020, 1, 1)) + np.arange(1000.0), SHARES)
    assert found.dates()["calibrate_from"].endswith("-01")
    assert found.dates()["test_from"].endswith("-01")


def test_given_dates_win_over_shares() -> None:
    """A court that names its periods gets exactly those."""
    settings = SplitSettings(shares=(0.6, 0.2, 0.2), calibrate_from=date(2008, 1, 1), test_from=date(2009, 1, 1))
    found = periods(number_of(date(2000, 1, 1)) + np.arange(5000.0), settings)
    assert found.dates()["calibrate_from"] == "2008-01-01"
    assert found.dates()["test_from"] == "2009-01-01"


def test_too_short_a_time_is_refused() -> None:
    """Cases of one month cannot make three periods."""
    with pytest.raises(CommandError, match="分不出三个时期"):
        periods(number_of(date(2020, 1, 1)) + np.arange(20.0), SHARES)


def test_no_cases_are_refused() -> None:
    """Nothing to learn from is said so, with exit 3."""
    with pytest.raises(CommandError, match="没有可用案件") as caught:
        periods(np.empty(0), SHARES)
    assert caught.value.exit == 3


def test_a_gap_of_one_horizon_stands_before_each_later_period() -> None:
    """A case whose label would only be finished inside the next period is in neither."""
    entered = np.array([0.0, 819.0, 821.0, 1000.0, 1319.0, 1321.0, 1500.0, 1999.0, 2000.0])
    found = split(entered, alone(9), at=AT, gap=180)
    assert (found.train.tolist(), found.calibrate.tolist(), found.test.tolist()) == ([0, 1], [3, 4], [6, 7])


def test_learning_from_unfinished_cases_needs_no_gap() -> None:
    """Who can learn from censored cases learns up to the first day of calibration, and not a day longer."""
    entered = np.array([0.0, 819.0, 821.0, 999.0, 1000.0, 1500.0])
    found = split(entered, alone(6), at=AT, gap=180, train_gap=0)
    assert (found.train.tolist(), found.calibrate.tolist(), found.test.tolist()) == ([0, 1, 2, 3], [4], [5])


def test_late_cases_stand_between_calibration_and_test() -> None:
    """They came less than a horizon before the test; a twin of one that teaches is not among them."""
    entered = np.array([100.0, 1100.0, 1319.0, 1321.0, 1400.0, 1450.0, 1499.0, 1600.0])
    found = split(entered, np.array([1, 2, 3, 4, 1, 5, 6, 6]), at=AT, gap=180)
    assert (found.train.tolist(), found.calibrate.tolist(), found.test.tolist()) == ([0], [1, 2], [])
    assert found.late.tolist() == [3, 5, 6]


@given(st.lists(st.tuples(st.floats(0, 2100), st.integers(0, 15)), min_size=1, max_size=60))
def test_twins_are_never_on_two_sides(cases: list[tuple[float, int]]) -> None:
    """No debtor or batch is learned from and tested on, however the dates fall."""
    entered, group = np.array([c[0] for c in cases]), np.array([c[1] for c in cases])
    found = split(entered, group, at=AT, gap=90)
    sides = [set(group[side].tolist()) for side in (found.train, found.calibrate, found.test)]
    assert sides[0] & (sides[1] | sides[2]) == set()
    assert sides[1] & sides[2] == set()
    assert set(group[found.late].tolist()) & (sides[0] | sides[2]) == set()
    assert set(group[found.met_before].tolist()) <= set(group[entered < AT.test_from].tolist())
    tested = (entered >= AT.test_from) & (entered < AT.test_until)
    assert sorted([*found.test, *found.met_before]) == np.flatnonzero(tested).tolist()


def test_of_twins_the_later_is_dropped() -> None:
    """Whether a case teaches hangs on nothing that came after it."""
    found = split(np.array([10.0, 1100.0, 1600.0]), np.array([7, 7, 7]), at=AT, gap=0)
    assert (found.train.tolist(), found.calibrate.tolist(), found.test.tolist(), found.dropped) == ([0], [], [], 2)


@given(st.lists(st.tuples(st.floats(0, 1499), st.integers(0, 15)), min_size=1, max_size=40))
def test_who_teaches_does_not_hang_on_the_future(cases: list[tuple[float, int]]) -> None:
    """New cases of the same debtors after the test began change nothing of who learns and who calibrates."""
    entered, group = np.array([c[0] for c in cases]), np.array([c[1] for c in cases])
    later = split(np.append(entered, 1600.0), np.append(group, group[0]), at=AT, gap=90)
    before = split(entered, group, at=AT, gap=90)

    for name in ("train", "calibrate", "late"):
        assert getattr(before, name).tolist() == getattr(later, name).tolist()


def test_shared_debtors_and_batches_chain_into_one_group() -> None:
    """A shares a debtor with B, B a batch with C: all three are one; D stands alone."""
    debtors = (np.array([0, 1, 3]), np.array([0, 0, 1]))
    batches = (np.arange(4), np.array([-1, 5, 5, -1]))
    found = connected(4, [debtors, batches])
    assert found[0] == found[1] == found[2] != found[3]


def test_groups_are_read_from_debtors_and_batches(tmp_path: Path) -> None:
    """The history's own debtor tokens and batch ids decide who belongs together."""
    cases = [a_case("c1"), a_case("c2", batch_id="b"), a_case("c3", batch_id="b"), a_case("c4")]
    tokens = {"c1": "0" * 64, "c2": "0" * 64, "c3": "1" * 64, "c4": "2" * 64}
    debtors = [{"case_id": c, "id_token": t, "type": "person"} for c, t in tokens.items()]
    found = groups(History.open(write_history(tmp_path, cases=cases, events=[an_event("file", 1)], debtors=debtors)))
    assert found[0] == found[1] == found[2] != found[3]


def test_a_case_entered_twice_without_its_debtor_is_one_group(tmp_path: Path) -> None:
    """One basis with one claim is one case, whatever its number; another claim on the basis, or none, is another."""
    told = [("一", 5.0), ("二", 5.0), ("一", 5.0), ("一", 6.0), (None, 5.0), (None, 5.0)]
    cases = [a_case(f"c{i}", basis_no=basis, claim_amount=claim) for i, (basis, claim) in enumerate(told)]
    found = groups(History.open(write_history(tmp_path, cases=cases, events=[an_event("file", 1, "c0")])))
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 5


def test_outcomes_of_one_kind_teach_nothing() -> None:
    """A mapping that forgot the payments must not become a model that says "never"."""
    with pytest.raises(CommandError, match=r"A\.ability 训练时期的 400 件中 0 件发生、400 件没有") as caught:
        of_both("A.ability", 0, 400)
    assert (caught.value.refusal.code, caught.value.exit) == ("ONE_SIDED_OUTCOMES", 3)


def test_a_mapping_without_the_event_that_asks_is_told_which_one() -> None:
    """Where nobody was ever filed, "0 cases" alone would send a person looking for cases."""
    none = np.zeros(0)
    log = EventLog(
        *(none.astype(np.int64) if name in {"row", "kind", "mode"} else none for name in EventLog.__annotations__)
    )
    assert "没有这种事件" in never_asked(log, population="filed")[0]
    assert never_asked(log, population="all") == ("", "")


def test_too_few_cases_name_the_period_and_the_least_size() -> None:
    """The refusal says what there is and what is needed."""
    with pytest.raises(CommandError, match=r"A\.ability 的 calibrate 时期只有 20 件，至少需要 100 件") as caught:
        enough("A.ability", {"train": 400, "calibrate": 20, "test": 300}, least=400)
    assert caught.value.exit == 3


@pytest.mark.parametrize(
    ("recorded", "told"), [((900.0, 2000.0, 2000.0), "3 项事件中有 2 项"), ((900.0, 900.0, 2000.0), "")]
)
def test_outcomes_that_were_all_recorded_later_are_named_as_the_reason(recorded: tuple[float, ...], told: str) -> None:
    """A court that reports its past years in one day learns why nothing can be learned from them as of then."""
    days, none = np.array([*recorded, 1200.0]), np.zeros(4, dtype=np.int64)
    log = EventLog(
        row=none,
        at=np.array([800.0, 800.0, 800.0, 1100.0]),
        recorded_at=days,
        kind=none,
        mode=none,
        amount=days,
        source=none,
    )
    late = recorded_late(log, AT)
    assert (told in late[0], bool(late[0])) == (True, bool(told))
    with pytest.raises(CommandError, match=f"只有 1 件，至少需要 5 件{late[0]}"):
        enough("A.x", {"train": 1}, least=5, why=late)
