"""Outcomes: censoring, competing ends, resumed cases, and what could be known when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from features.register import Stage
from tests.builders_history import a_case, an_event, instant, write_history
from training.config import LabelSettings, TargetSettings, load_settings
from training.errors import CommandError
from training.history import History
from training.learning.labels import Outcomes, outcomes

SETTINGS = LabelSettings(recording_lag_days=0, zhongben_not_before_days=90)
TARGETS = load_settings().targets
DAY_ZERO = (date(2022, 1, 1) - date(1970, 1, 1)).days + 8 / 24
Row = Mapping[str, object]


def label(  # noqa: PLR0913 - each part of a history may be the one that matters
    path: Path,
    name: str,
    events: Sequence[Row],
    *,
    cases: Sequence[Row] = (a_case(),),
    queries: Sequence[Row] = (),
    stage: Stage = Stage.A,
    until: float | None = None,
    target: TargetSettings | None = None,
) -> Outcomes:
    """Write a history, open it, and return the outcomes of one target."""
    history = History.open(write_history(path, cases=cases, events=events, queries=queries))
    asked = target or TARGETS[stage][name]
    day = None if until is None else DAY_ZERO + until
    return outcomes(history, name, stage=stage, target=asked, settings=SETTINGS, until=day)


def test_a_case_still_open_is_censored_and_never_a_zero(tmp_path: Path) -> None:
    """Whoever has not paid by the end of observation is unknown afterwards, not unpaid."""
    found = label(tmp_path, "ability", [an_event("file", 2)], until=50)
    assert found.cause.tolist() == [0]
    assert found.time == pytest.approx([48])
    assert np.isnan(found.happened(180)).all()
    assert found.happened(30).tolist() == [0]


def test_urging_asks_only_urged_cases(tmp_path: Path) -> None:
    """A case that nobody urged says nothing about how debtors answer to urging."""
    cases = [a_case("c1"), a_case("c2")]
    events = [an_event("urge_start", 1, "c1"), an_event("file", 1, "c2")]
    assert label(tmp_path, "willingness", events, cases=cases).row.tolist() == [0]


def test_the_payment_that_completes_the_claim_is_the_day_of_performance(tmp_path: Path) -> None:
    """Part payments add up; the day on which the sum reaches the claim counts."""
    events = [
        an_event("urge_start", 1),
        an_event("payment", 3, amount=20_000.0),
        an_event("payment", 9, amount=30_000.0),
        an_event("convert", 16),
    ]
    found = label(tmp_path, "willingness", events)
    assert (found.cause.tolist(), found.time.tolist()) == ([1], pytest.approx([8]))


def test_payments_of_one_case_do_not_pay_another(tmp_path: Path) -> None:
    """The running sum starts again with each case."""
    cases = [a_case("c1"), a_case("c2", claim_amount=60_000.0)]
    events = [
        an_event("urge_start", 1, "c1"),
        an_event("payment", 2, "c1", amount=40_000.0),
        an_event("urge_start", 1, "c2"),
        an_event("payment", 2, "c2", amount=30_000.0),
    ]
    assert label(tmp_path, "willingness", events, cases=cases).cause.tolist() == [0, 0]


def test_conversion_to_filing_competes_with_payment(tmp_path: Path) -> None:
    """An urging that ends in filing has ended otherwise, whatever is paid later."""
    events = [an_event("urge_start", 1), an_event("convert", 16), an_event("payment", 20, amount=50_000.0)]
    assert label(tmp_path, "willingness", events).cause.tolist() == [2]


def test_a_payment_recorded_after_the_cut_is_not_known(tmp_path: Path) -> None:
    """What happened before the cut but was recorded after it could not have been learned from."""
    late = an_event("payment", 5, amount=50_000.0, recorded_at=instant(40))
    events = [an_event("urge_start", 1), late]
    assert label(tmp_path / "then", "willingness", events, until=30).cause.tolist() == [0]
    assert label(tmp_path / "now", "willingness", events).cause.tolist() == [1]


def test_follow_up_ends_before_late_records_are_due(tmp_path: Path) -> None:
    """With a recording lag the last days are not taken for days without payment."""
    history = History.open(write_history(tmp_path, cases=[a_case()], events=[an_event("file", 2)]))
    lagged = LabelSettings(recording_lag_days=14, zhongben_not_before_days=90)
    target = TARGETS["A"]["ability"]
    found = outcomes(history, "ability", stage=Stage.A, target=target, settings=lagged, until=DAY_ZERO + 50)
    assert found.time == pytest.approx([34])


@pytest.mark.parametrize(
    ("mode", "cause"),
    [("full", 1), ("zhongben", 2), ("terminated", 3), ("dismissed", 3), ("cancelled", 3), ("not_enforced", 3)],
)
def test_closings_compete(tmp_path: Path, mode: str, cause: int) -> None:
    """Full performance, 终本 and every other closing are three different ends."""
    events = [an_event("file", 2), an_event("close", 100, mode=mode)]
    assert label(tmp_path, "ability", events).cause.tolist() == [cause]


def test_zhongben_within_three_months_is_refused(tmp_path: Path) -> None:
    """终本 cannot lawfully come before day 90; such a record is an error of the data, not a label."""
    events = [an_event("file", 2), an_event("close", 60, mode="zhongben")]
    with pytest.raises(CommandError, match=r"\[LABEL_CONTRADICTION\] 1 件在立案后不满 90 天即终本") as caught:
        label(tmp_path, "ability", events)
    assert caught.value.exit == 3


def test_resumed_cases_are_kept_apart_by_number(tmp_path: Path) -> None:
    """A case numbered 执恢 has another base rate and stays out of the first-round labels."""
    number = {"case_id": "c1", "query_at": instant(3), "filed_at": instant(2), "enf_case_no": "(2022)浙1022执恢7号"}
    assert len(label(tmp_path, "ability", [an_event("file", 2)], queries=[number])) == 0


def test_of_a_resumed_case_the_first_round_counts(tmp_path: Path) -> None:
    """Money found after 终本 and resumption does not turn the 终本 into performance."""
    events = [
        an_event("file", 2),
        an_event("close", 100, mode="zhongben"),
        an_event("resume", 200),
        an_event("close", 230, mode="full"),
    ]
    found = label(tmp_path, "ability", events)
    assert (found.cause.tolist(), found.time.tolist()) == ([2], pytest.approx([98]))


def test_a_case_that_begins_with_a_resumption_is_kept_apart(tmp_path: Path) -> None:
    """A resumption without a closing before it opens a second round whose first we never saw."""
    assert len(label(tmp_path, "ability", [an_event("file", 2), an_event("resume", 3)])) == 0


def test_stage_b_counts_from_filing_and_enters_at_the_query(tmp_path: Path) -> None:
    """A case that closed before the query was answered never reaches stage B."""
    cases = [a_case("c1"), a_case("c2")]
    events = [an_event("file", 2, c) for c in ("c1", "c2")] + [an_event("close", 4, "c2", mode="full")]
    queries = [{"case_id": c, "query_at": instant(7), "filed_at": instant(2)} for c in ("c1", "c2")]
    found = label(tmp_path, "ability", events, cases=cases, queries=queries, stage=Stage.B)
    assert found.row.tolist() == [0]
    assert found.entry == pytest.approx([5])
    assert found.watched == pytest.approx(found.time - 5)


def test_a_quick_close_needs_no_auction(tmp_path: Path) -> None:
    """Full performance after an auction is an end, but not a quick one."""
    cases = [a_case("c1"), a_case("c2")]
    events = [an_event("file", 2, c) for c in ("c1", "c2")]
    events += [an_event("auction", 9, "c2", amount=50_000.0)]
    events += [an_event("close", 20, c, mode="full") for c in ("c1", "c2")]
    queries = [{"case_id": c, "query_at": instant(3), "filed_at": instant(2)} for c in ("c1", "c2")]
    found = label(tmp_path, "quick_close", events, cases=cases, queries=queries, stage=Stage.B)
    assert found.cause.tolist() == [1, 2]


def test_the_recovered_share_counts_money_up_to_the_horizon_only(tmp_path: Path) -> None:
    """Deductions and auctions count like payments; day 181 does not; the share stays within 0 and 1."""
    events = [
        an_event("file", 0),
        an_event("deduction", 10, amount=10_000.0),
        an_event("auction", 170, amount=15_000.0),
        an_event("payment", 181, amount=25_000.0),
    ]
    assert label(tmp_path, "recovery", events).share == pytest.approx([0.5])


def test_a_share_needs_the_whole_follow_up(tmp_path: Path) -> None:
    """A case watched for 100 of 180 days has no recovered share yet: neither zero nor what came so far."""
    events = [an_event("file", 0), an_event("deduction", 10, amount=10_000.0)]
    assert len(label(tmp_path, "recovery", events, until=100)) == 0


def test_time_from_receipt_counts_every_route(tmp_path: Path) -> None:
    """Where time runs from receipt, a debt paid without any filing is performed in full."""
    target = TargetSettings(
        population="all", start="received_at", causes=("full", "zhongben", "other"), grid=(180, 365), reading=365
    )
    found = label(tmp_path, "ability", [an_event("payment", 40, amount=50_000.0)], target=target)
    assert (found.cause.tolist(), found.time.tolist()) == ([1], pytest.approx([40]))
