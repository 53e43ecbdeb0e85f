"""Claims about checking a history: what is found, how serious it is, and that no value is ever repeated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.register import Stage
from tests.builders_history import a_case, an_event, instant, tiny_history, write_history
from training.history import History
from training.validation.findings import Finding, Severity
from training.validation.leaks import auc
from training.validation.validate import validate

CARD = "360426199101010071"
"""The example number of the standard's own check digit; nobody's."""


def found(path: Path, **rows: list[dict[str, object]]) -> dict[str, Finding]:
    """Validate a history of the given rows and return the findings by code."""
    report = validate(History.open(write_history(path / "h", **rows)))  # type: ignore[arg-type]
    return {finding.code: finding for finding in report.findings}


def closed_cases(n: int = 120) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return cases of which every second was performed and the others were not, with their events."""
    cases = [a_case(f"c{i}") for i in range(n)]
    events = [an_event("file", 1, f"c{i}") for i in range(n)]
    events += [an_event("close", 200, f"c{i}", mode="full" if i % 2 else "zhongben") for i in range(n)]
    return cases, events


def test_a_sound_history_has_no_errors(tmp_path: Path) -> None:
    """What the builder writes passes, with information beside it."""
    report = validate(History.open(tiny_history(tmp_path / "h")))

    assert report.count(Severity.ERROR) == 0
    assert report.exit_code() == 0
    assert report.exit_code(fail_on=Severity.WARN) == 1


@pytest.mark.parametrize(
    ("case", "events", "code"),
    [
        ({"due_date": instant(-90).date()}, [], "DUE_BEFORE_BASIS"),
        ({"claim_amount": -1.0}, [], "OUT_OF_RANGE"),
        ({"claim_amount": float("inf")}, [], "OUT_OF_RANGE"),
        ({"n_debtors": -2}, [], "OUT_OF_RANGE"),
        ({"prior_recovery_rate": 1.2}, [], "OUT_OF_RANGE"),
        ({"debtor_type": "alien"}, [], "DATA_UNKNOWN_CODE"),
        ({"received_at": instant(2000)}, [], "AFTER_FOLLOW_UP"),
        ({}, [an_event("file", -3)], "FILE_BEFORE_RECEIPT"),
        ({}, [an_event("file", 3), an_event("close", 2, mode="full")], "CLOSE_BEFORE_FILING"),
        ({}, [an_event("file", 3), an_event("zhongben", 50)], "EARLY_ZHONGBEN"),
        ({}, [an_event("payment", 3, recorded_at=instant(2))], "RECORDED_BEFORE_EVENT"),
        ({}, [an_event("payment", 3, amount=-5.0)], "OUT_OF_RANGE"),
        ({}, [an_event("file", 3, "stranger")], "DATA_ORPHAN_ROW"),
        ({}, [an_event("close", 3, mode="gone")], "DATA_UNKNOWN_CODE"),
        ({"batch_id": CARD}, [], "PERSONAL_DATA"),
        ({"basis_authority": "电话13812345678"}, [], "PERSONAL_DATA"),
    ],
)
def test_what_makes_training_wrong_is_an_error(
    tmp_path: Path, case: dict[str, object], events: list[dict[str, object]], code: str
) -> None:
    """Each contradiction is found by name and the exit code is 3."""
    path = write_history(tmp_path / "h", cases=[a_case(**case)], events=events)
    report = validate(History.open(path))

    assert {f.code for f in report.findings if f.severity is Severity.ERROR} == {code}
    assert report.exit_code() == 3


def test_a_duplicate_case_is_an_error(tmp_path: Path) -> None:
    """Its events would count twice."""
    assert found(tmp_path, cases=[a_case(), a_case()], events=[])["DATA_DUPLICATE_CASE"].severity is Severity.ERROR


def test_findings_name_cases_and_never_values(tmp_path: Path) -> None:
    """A clerk finds the row by its key; the number itself is not repeated."""
    finding = found(tmp_path, cases=[a_case(), a_case("c2", batch_id=CARD)], events=[])["PERSONAL_DATA"]

    assert finding.cases == ("c2",)
    assert CARD not in str(finding)


def test_a_long_number_without_the_right_check_digit_is_no_identity_card(tmp_path: Path) -> None:
    """Contract numbers of eighteen digits are not persons."""
    assert "PERSONAL_DATA" not in found(tmp_path, cases=[a_case(batch_id=CARD[:-1] + "2")], events=[])


def test_free_text_with_a_telephone_is_a_warning(tmp_path: Path) -> None:
    """It stays out of every model, but it should be stripped."""
    finding = found(tmp_path, cases=[a_case(clue_text="打 13812345678 找他")], events=[])["PERSONAL_DATA"]

    assert finding.severity is Severity.WARN


def test_free_text_that_tells_the_result_is_named(tmp_path: Path) -> None:
    """Trap 10: 已还清 in a clue was written afterwards."""
    finding = found(tmp_path, cases=[a_case(clue_text="被执行人已还清"), a_case("c2")], events=[])["TEXT_HOLDS_RESULT"]

    assert finding.cases == ("c1",)


def test_a_raw_number_among_debtors_is_an_error(tmp_path: Path) -> None:
    """Join keys are tokens."""
    debtors = [{"case_id": "c1", "id_token": CARD}]
    assert found(tmp_path, cases=[a_case()], debtors=debtors)["RAW_ID"].severity is Severity.ERROR


def test_a_column_that_tells_the_outcome_alone_is_a_leak_suspect(tmp_path: Path) -> None:
    """Trap 4: a claim that was set to the unpaid rest knows who paid."""
    cases, events = closed_cases()
    for i, case in enumerate(cases):
        case["claim_amount"] = float(100 + i) if i % 2 else float(9_000 + i)

    finding = found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"]

    assert (finding.column, finding.severity) == ("claim_amount", Severity.ERROR)


def test_a_column_filled_only_after_one_outcome_is_a_leak_suspect(tmp_path: Path) -> None:
    """Trap 1: the list entry of this case stands there because it was not paid."""
    cases, events = closed_cases()
    for i, case in enumerate(cases):
        case["last_zhongben_days"] = None if i % 2 or i > 90 else 30 + i
        case["last_zhongben_days@observed_at"] = case["received_at"]

    assert found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"].column == "last_zhongben_days"


def test_a_claim_reduced_to_the_unpaid_rest_is_a_leak_suspect(tmp_path: Path) -> None:
    """Trap 4: more came in than was claimed."""
    cases, events = closed_cases()
    for i, case in enumerate(cases):
        case["claim_amount"] = 1_000.0 + (i * 7_919) % 500
    events += [an_event("payment", 100, f"c{i}", amount=9_000.0) for i in range(0, 120, 3)]

    finding = found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"]
    assert (finding.column, finding.count, finding.severity) == ("claim_amount", 40, Severity.ERROR)


def test_earlier_payments_that_came_later_are_a_leak_suspect(tmp_path: Path) -> None:
    """Trap 4: the form told what had not been paid yet."""
    cases, events = closed_cases()
    for i, case in enumerate(cases):
        case["paid_before"] = 300.0 + i
    events += [an_event("payment", 100, f"c{i}", amount=300.0 + i) for i in range(0, 120, 3)]

    assert found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"].column == "paid_before"


def test_a_column_that_orders_cases_by_their_duration_is_a_leak_suspect(tmp_path: Path) -> None:
    """Nobody knows on receipt how long a case will take."""
    cases = [a_case(f"c{i}", trial_days=100 + i) for i in range(60)]
    events = [an_event("file", 1, f"c{i}") for i in range(60)]
    events += [an_event("close", 120 + i, f"c{i}", mode="full" if i % 2 else "zhongben") for i in range(60)]

    assert found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"].column == "trial_days"


def test_an_honest_column_is_no_suspect(tmp_path: Path) -> None:
    """Strong is allowed, knowing is not."""
    rng = np.random.default_rng(3)
    cases, events = closed_cases()
    for i, case in enumerate(cases):
        case["claim_amount"] = float(10_000 + 2_000 * (i % 2) + rng.normal(0, 1_500))

    assert "LEAK_SUSPECT" not in found(tmp_path, cases=cases, events=events)


def test_values_observed_too_late_are_counted(tmp_path: Path) -> None:
    """The share says how much of a column is blank at scoring."""
    cases = [a_case(f"c{i}", **{"dishonest_now": True, "dishonest_now@observed_at": instant(5 - i)}) for i in range(10)]

    finding = found(tmp_path, cases=cases, events=[])["OBSERVED_LATE"]

    assert (finding.column, finding.count, finding.severity) == ("dishonest_now", 5, Severity.WARN)
    assert "50.0%" in finding.en


def test_a_list_without_dates_is_a_warning_and_not_learned_from(tmp_path: Path) -> None:
    """Trap 1: nobody can say whether it is the list of that day."""
    dated = a_case("c2", **{"dishonest_now": True, "dishonest_now@observed_at": instant(-1)})
    history = History.open(write_history(tmp_path / "h", cases=[a_case(dishonest_now=True), dated], events=[]))

    finding = next(one for one in validate(history).findings if one.code == "LIST_UNDATED" and "dishon" in one.column)
    assert (finding.severity, finding.count, finding.cases) == (Severity.WARN, 1, ("c1",))
    np.testing.assert_array_equal(history.known(Stage.A)[0]["dishonest_now"], [np.nan, 1.0])


def test_a_register_that_stands_still_between_two_cases_of_a_debtor_is_todays(tmp_path: Path) -> None:
    """Trap 1, with forged dates: the second case must know the first."""
    cases = [a_case(f"c{i}", received_at=instant(100 * (i % 2))) for i in range(80)]
    rows = {"events": [an_event("file", 2, f"c{i}") for i in range(0, 80, 2)],
            "debtors": [{"case_id": f"c{i}", "id_token": f"{i // 2:064x}"} for i in range(80)]}  # fmt: skip
    grown = [case | {"prior_enf_n": i % 2} for i, case in enumerate(cases)]

    finding = found(tmp_path / "today", cases=cases, **rows)["LIST_OF_TODAY"]
    assert (finding.column, finding.count, finding.severity) == ("prior_enf_n", 40, Severity.WARN)
    assert "LIST_OF_TODAY" not in found(tmp_path / "then", cases=grown, **rows)


def test_a_list_entry_without_any_earlier_case_is_todays(tmp_path: Path) -> None:
    """Trap 1: the entry can only come from this case."""
    cases = [a_case(f"c{i}", prior_enf_n=0, dishonest_now=i % 3 == 0) for i in range(60)]
    finding = found(tmp_path, cases=cases, events=[])["LIST_OF_TODAY"]
    assert (finding.column, finding.count) == ("dishonest_now", 20)


def test_a_code_of_one_end_only_is_named(tmp_path: Path) -> None:
    """Trap 4: it may be honest (nothing to be had from some debtors), so a person looks."""
    cases, events = closed_cases(400)
    for i, case in enumerate(cases):
        case["debtor_type"] = "village_collective" if i % 8 == 0 else "company"

    finding = found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"]
    assert (finding.column, finding.count, finding.severity) == ("debtor_type", 50, Severity.WARN)


def test_a_column_filled_at_closing_is_a_leak_suspect(tmp_path: Path) -> None:
    """Trap 4: open cases of the same time lack it, whichever way the others ended."""
    cases, events = closed_cases()
    cases += [a_case(f"o{i}") for i in range(40)]
    for case in cases[: len(cases) - 40]:
        case["trial_days"] = 30

    finding = found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"]
    assert (finding.column, finding.count, finding.severity) == ("trial_days", 120, Severity.ERROR)


def test_a_second_query_is_a_warning(tmp_path: Path) -> None:
    """Trap 3: only the first counts."""
    queries = [{"case_id": "c1", "query_at": instant(day)} for day in (5, 60)]
    assert found(tmp_path, cases=[a_case()], queries=queries)["QUERY_LATER"].count == 1


def test_decisions_that_cannot_have_been_taken_are_warnings(tmp_path: Path) -> None:
    """A case is decided on the day of its receipt at the earliest, and nobody is urged before a filing that is past."""
    told = [(-1, "A", "urge"), (0, "A", "urge"), (40, "B", "urge"), (41, "B", None)]
    decisions = [{"case_id": "c1", "at": instant(day), "stage": stage, "lane": lane} for day, stage, lane in told]
    warned = found(tmp_path, cases=[a_case()], decisions=decisions)

    assert {code: warned[code].count for code in warned if code.startswith("DECISION")} == {
        "DECISION_BEFORE_RECEIPT": 1,
        "DECISION_URGES_LATE": 1,
    }


def test_short_follow_up_is_told_not_counted_as_unpaid(tmp_path: Path) -> None:
    """Trap 6: young cases are censored."""
    finding = found(tmp_path, cases=[a_case(), a_case("c2", received_at=instant(1000))], events=[])["SHORT_FOLLOW_UP"]

    assert (finding.cases, finding.severity) == (("c2",), Severity.INFO)


def test_resumed_cases_are_told_apart(tmp_path: Path) -> None:
    """Trap 8: 执恢 has another base rate."""
    cases = [a_case(basis_no="(2021)浙1022执恢12号"), a_case("c2", basis_no="(2021)浙1022民初12号")]
    assert found(tmp_path, cases=cases, events=[])["RESUMED"].cases == ("c1",)


def test_an_application_entered_twice_is_a_warning(tmp_path: Path) -> None:
    """Same basis, same amount, two keys."""
    cases = [a_case(f"c{i}", basis_no="(2021)浙1022民初12号") for i in range(2)]
    assert found(tmp_path, cases=cases, events=[])["DUPLICATE_CASE"].cases == ("c1",)


def test_shared_debtors_are_information(tmp_path: Path) -> None:
    """Trap 7: twins are kept on one side of every split."""
    debtors = [{"case_id": f"c{i}", "id_token": "a" * 64} for i in range(2)]
    cases = [a_case("c0"), a_case("c1")]
    assert found(tmp_path, cases=cases, debtors=debtors)["SHARED_DEBTOR"].count == 2


def test_the_area_under_the_curve_is_the_share_of_pairs_in_order() -> None:
    """Ties count half, and the scale does not matter."""
    values, event = np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True])

    assert auc(values, event) == pytest.approx(0.875)
    assert auc(np.exp(values), event) == pytest.approx(0.875)


def test_a_case_key_that_is_a_number_of_a_person_is_masked(tmp_path: Path) -> None:
    """Whoever used telephone numbers as keys does not read them back in a report."""
    late = [a_case(), a_case("13800001111", received_at=instant(1000))]
    report = validate(History.open(write_history(tmp_path / "h", cases=late, events=[])))
    shown = [key for finding in report.findings for key in finding.cases]

    assert "138****1111" in shown
    assert "13800001111" not in shown


def test_a_column_that_knows_how_resumed_cases_ended_at_last_is_a_leak_suspect(tmp_path: Path) -> None:
    """Trap 4: an export of today tells the last end, models learn the first; either of them gives a column away."""
    cases, events = closed_cases()
    events += [an_event("close", 300, f"c{i}", mode="full") for i in range(0, 120, 8)]
    ended = {i for i in range(120) if i % 2 or i % 8 == 0}
    for i, case in enumerate(cases):
        case["trial_days"] = 10 + i if i in ended else 200 + i

    assert found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"].severity is Severity.ERROR


def test_a_column_that_nearly_tells_the_outcome_is_looked_at(tmp_path: Path) -> None:
    """A leak with mistakes in it is a leak still; a person decides."""
    cases, events = closed_cases()
    for i, case in enumerate(cases):
        case["debtor_appeared"] = bool(i % 2) != (i % 20 < 1)

    finding = found(tmp_path, cases=cases, events=events)["LEAK_SUSPECT"]

    assert (finding.severity, finding.column) == (Severity.WARN, "debtor_appeared")


def test_a_history_without_any_outcome_is_refused(tmp_path: Path) -> None:
    """Cases of which nothing ever came in half a year say that their outcomes were left out."""
    cases, events = closed_cases()

    assert found(tmp_path, cases=cases, events=events[:120])["NO_OUTCOMES"].count == 120


def test_a_history_without_any_claim_is_refused(tmp_path: Path) -> None:
    """Nobody could tell full payment, and training would refuse later with words that do not name the cause."""
    cases, events = closed_cases()
    unstated = [{key: value for key, value in one.items() if key != "claim_amount"} for one in cases]

    assert found(tmp_path, cases=unstated, events=events)["NO_CLAIM_AMOUNT"].severity is Severity.ERROR


def test_queries_that_a_later_one_replaced_are_named(tmp_path: Path) -> None:
    """Trap 3: a query long after filing, or after the closing, knows what happened in between."""
    cases, events = closed_cases()
    queries = [{"case_id": f"c{i}", "query_at": instant(250 if i < 3 else 90 if i < 30 else 4)} for i in range(120)]
    seen = found(tmp_path, cases=cases, events=events, queries=queries)

    assert (seen["QUERY_AFTER_CLOSING"].count, seen["QUERY_LATE"].count) == (3, 27)
    assert {seen[code].severity for code in ("QUERY_AFTER_CLOSING", "QUERY_LATE")} == {Severity.WARN}


def test_outcomes_that_were_recorded_late_are_counted(tmp_path: Path) -> None:
    """Trap 2: what is written down a year later makes recent cases look unpaid."""
    cases, events = closed_cases()
    for event in events[120:140]:
        event["recorded_at"] = instant(600)

    assert found(tmp_path, cases=cases, events=events)["RECORDED_LATE"].count == 20


def test_an_event_after_the_last_observed_day_is_named(tmp_path: Path) -> None:
    """Follow-up ends earlier than the record says, or a date is wrong."""
    cases, events = closed_cases()
    events.append(an_event("payment", 5000, "c1", amount=5.0))

    assert found(tmp_path, cases=cases, events=events)["AFTER_FOLLOW_UP"].severity is Severity.WARN


def test_a_case_entered_twice_on_another_basis_is_named(tmp_path: Path) -> None:
    """Same debtor, claim, due day and day of receipt under two numbers."""
    cases = [a_case("c1", basis_no="一"), a_case("c2", basis_no="二")]
    debtors: list[dict[str, object]] = [{"case_id": one, "id_token": "a" * 64} for one in ("c1", "c2")]

    assert found(tmp_path, cases=cases, events=[], debtors=debtors)["DUPLICATE_CASE"].cases == ("c2",)
