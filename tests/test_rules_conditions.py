"""Every row of the router table from both sides, and on the days around its edges."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from features.clock import SHANGHAI
from features.register import Stage
from models.rules.case_view import ScoreView
from tests.builders_rules import TODAY, found, line, verdict

B = Stage.B
DAY = timedelta(days=1)
SEALED = {
    "preserved": True,
    "pres_stage": "during_suit",
    "pres_expiry": date(2027, 9, 1),
    "first_seal": True,
    "pres_cash": 60000,
}


@pytest.mark.parametrize(("due", "expected"), [(TODAY - DAY, "not_met"), (TODAY, "met"), (TODAY + DAY, "met")])
def test_h01_a_debt_can_be_enforced_from_the_day_after_it_fell_due(due, expected):
    """On the last day of the period for performance the debtor may still pay, so the case is not admissible."""
    assert verdict("H01", due_date=due) == expected


@pytest.mark.parametrize(("effective", "expected"), [(TODAY, "not_met"), (TODAY + DAY, "met")])
def test_h01_a_basis_that_is_not_yet_effective_is_not_admissible(effective, expected):
    """A judgment in force today may be enforced, one in force tomorrow may not."""
    assert verdict("H01", basis_effective_date=effective) == expected


@pytest.mark.parametrize(("paid", "expected"), [(38599, "not_met"), (38600, "met"), (40000, "met")])
def test_h01_a_claim_already_paid_has_nothing_to_enforce(paid, expected):
    """The last yuan makes the difference."""
    assert verdict("H01", paid_before=paid) == expected


def test_h01_what_cannot_be_checked_is_said_and_does_not_stop_the_case():
    """Jurisdiction and succession are left to a person, by name."""
    trace = {one.id: one for one in found().trace(0)}["H01"]

    by_hand = {part.id: part for part in trace.parts if part.result == "unknown"}

    assert set(by_hand) == {"H01.2", "H01.5"}
    assert "人工核对" in by_hand["H01.5"].zh
    assert trace.result == "not_met"


def test_h01_unknown_due_date_blocks_urging_and_is_not_a_stop():
    """Unknown is never treated as met, but the protective side wins over urging."""
    trace = {one.id: one for one in found(due_date=None).trace(0)}["H01"]

    assert (trace.result, trace.acts) == ("unknown", True)
    assert trace.zh.endswith("按不得督促处理")


@pytest.mark.parametrize(("currency", "expected"), [(None, "not_met"), ("CNY", "not_met"), ("USD", "unknown")])
def test_h01_a_claim_in_another_currency_is_not_read_as_yuan(currency, expected):
    """Dollars are no yuan: the amount is unknown to the rules, which blocks urging under the cap."""
    assert verdict("H01", currency=currency) == expected


def test_h04_and_m02_never_cover_a_foreign_debt_with_yuan():
    """Frozen or found yuan say nothing about a debt in dollars until it is converted."""
    assert verdict("H04", **SEALED) == "met"
    assert verdict("H04", **SEALED, currency="USD") == "unknown"
    assert verdict("M02", B, q_bank=900_000, currency="USD") == "unknown"


@pytest.mark.parametrize("state", ["accepted", "declared", "reorganisation"])
def test_h02_every_accepted_bankruptcy_stops(state):
    """Acceptance, declaration and reorganisation all stop enforcement."""
    assert verdict("H02", debtor_type="company", bankruptcy_case=state) == "met"


def test_h02_no_entry_means_no_for_persons_and_unknown_for_companies():
    """Natural persons are not in the bankruptcy register, so its silence says nothing about companies only."""
    assert verdict("H02", bankruptcy_case=None) == "not_met"
    assert verdict("H02", debtor_type="company", bankruptcy_case=None) == "unknown"
    assert verdict("H02", debtor_type="company", bankruptcy_case="none") == "not_met"


@pytest.mark.parametrize(
    "facts",
    [
        {"relief_type": "delivery"},
        {"relief_type": "mixed"},
        {"basis_clear": False},
        {"basis_type": "foreign_hkmt"},
        {"basis_type": "criminal_property"},
        {"foreign_hkmt": True},
        {"dead_or_deregistered": "dead"},
        {"dead_or_deregistered": "deregistered"},
        {"dead_or_deregistered": "licence_revoked"},
        {"criminal_overlap": True},
    ],
    ids=str,
)
def test_h03_each_special_circumstance_alone_is_enough(facts):
    """Any one of them sends the case to the special team."""
    assert verdict("H03", **facts) == "met"


def test_h03_a_plain_money_case_is_not_special():
    """Without any of them the rule is not met."""
    assert verdict("H03") == "not_met"


def test_h03_optional_facts_may_be_missing_but_the_type_of_relief_may_not():
    """A court without data on criminal overlap can still route; one that does not know the relief cannot urge."""
    assert verdict("H03", criminal_overlap=None, foreign_hkmt=None, basis_clear=None) == "not_met"
    assert verdict("H03", relief_type=None) == "unknown"


def test_h04_preserved_cash_must_cover_claim_interest_and_fee():
    """The offer appears exactly when nothing of the whole debt is left over."""
    owed = float(found(**SEALED).view.number("due")[0])

    assert owed > 38600
    assert verdict("H04", **SEALED | {"pres_cash": owed}) == "met"
    assert verdict("H04", **SEALED | {"pres_cash": owed - 0.01}) == "not_met"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"first_seal": False}, "not_met"),
        ({"first_seal": None}, "unknown"),
        ({"pres_cash": None}, "unknown"),
        ({"paid_before": None}, "unknown"),
        ({"basis_effective_date": TODAY + DAY}, "not_met"),
        ({"relief_type": "act"}, "not_met"),
        ({"preserved": False}, "not_met"),
    ],
    ids=str,
)
def test_h04_every_condition_of_direct_deduction_is_needed(change, expected):
    """Take any one away and the offer is gone, or unknown."""
    assert verdict("H04", **SEALED | change) == expected


def test_h05_pre_enforcement_preservation_is_filed_at_once():
    """It lapses five days after the period for performance, so there is no time for urging."""
    assert verdict("H05", **SEALED | {"pres_stage": "pre_enforcement"}) == "met"
    assert verdict("H05", **SEALED) == "not_met"


@pytest.mark.parametrize(("left", "expected"), [(44, "met"), (45, "not_met"), (46, "not_met")])
def test_h05_preservation_must_outlive_the_window_by_thirty_days(left, expected):
    """15 days of urging and 30 of margin: 45 days left are enough, 44 are not."""
    assert verdict("H05", **SEALED | {"pres_expiry": TODAY + left * DAY}) == expected


def test_h05_unknown_preservation_blocks_urging():
    """Nobody urges a case whose preservation may be about to lapse."""
    assert verdict("H05", preserved=None) == "unknown"
    assert verdict("H05", **SEALED | {"pres_stage": None}) == "unknown"
    assert verdict("H05", **SEALED | {"pres_expiry": None}) == "unknown"
    assert line("H05", preserved=None) == "是否保全未知；事实不明，按不得督促处理"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"pres_expiry": date(2026, 11, 19)}, "最早保全已于 2026-11-19 到期"),
        ({"pres_expiry": date(2026, 11, 20)}, "最早保全余 0 日到期"),
        ({"pres_expiry": date(2027, 11, 20), "pres_stage": "pre_enforcement"}, "执前保全：履行期限届满后5日内"),
    ],
)
def test_h05_says_which_preservation_is_at_risk(facts, said):
    """That assets are preserved is no reason to file; which of the alternatives holds is."""
    assert line("H05", **{"preserved": True, "pres_stage": "during_suit", **facts}).startswith(said)


@pytest.mark.parametrize(("left", "expected"), [(74, "met"), (75, "not_met"), (76, "not_met")])
def test_h06_limitation_must_outlive_the_window_by_sixty_days(left, expected):
    """15 days of urging and 60 of margin: 75 days left are enough, 74 are not."""
    today = date(2028, 8, 14) - left * DAY

    assert verdict("H06", today=today) == expected
    assert f"余 {left} 日" in line("H06", today=today)


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 2, 27), "not_met"), (date(2026, 2, 28), "not_met"), (date(2026, 3, 1), "met")],
)
def test_h06a_two_years_from_the_29th_of_february_end_on_the_28th(today, expected):
    """A period without its day ends on the last day of the month."""
    leap = {"basis_effective_date": date(2024, 2, 1), "due_date": date(2024, 2, 29)}

    assert verdict("H06a", today=today, **leap) == expected


def test_h06_instalments_run_from_the_last_one():
    """An old first instalment does not let the whole claim run out."""
    old = {"basis_effective_date": date(2024, 1, 1), "due_date": date(2024, 2, 1)}
    last = {"instalment": True, "last_instalment_due": date(2026, 6, 1)}

    assert verdict("H06", **old) == "met"
    assert verdict("H06", **old, **last) == "not_met"
    assert verdict("H06", **old, instalment=True) == "unknown"


def test_h06_names_the_article_of_the_law_then_in_force():
    """An application of 2023 is judged by the code of 2021, one of 2026 by that of 2023."""
    early = {"today": date(2023, 6, 1), "basis_effective_date": date(2022, 7, 30), "due_date": date(2022, 8, 14)}
    early |= {"cause_version": "2021"}

    then = {one.id: one.basis for one in found(**early).trace(0)}["H06"]
    now = {one.id: one.basis for one in found().trace(0)}["H06"]

    assert (then, now) == ("民事诉讼法(2021)第246条", "民事诉讼法(2023)第250条")


@pytest.mark.parametrize(
    ("consent", "expected"),
    [("agree", "not_met"), ("refuse", "met"), ("not_asked", "met"), (None, "unknown")],
)
def test_h07_only_recorded_consent_allows_urging(consent, expected):
    """Refused, not asked and not recorded all keep the case out of urging."""
    assert verdict("H07", consent_urge=consent) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"served_by_notice": True}, "met"),
        ({"phone_provided": False}, "met"),
        ({"dishonest_now": True}, "met"),
        ({"served_by_notice": None}, "unknown"),
        ({"phone_provided": None}, "unknown"),
        ({"phone_provided": None, "served_by_notice": True}, "met"),
        ({}, "not_met"),
    ],
    ids=str,
)
def test_h08_unreachable_or_evading_debtors_are_not_urged(facts, expected):
    """One certain obstacle decides; otherwise one unknown leaves the rule unknown."""
    assert verdict("H08", **facts) == expected


def test_h09_transfers_and_urgent_livelihood_come_first():
    """Wages cannot wait for a window of urging; a property fee can."""
    assert verdict("H09", intake_channel="transfer") == "met"
    assert verdict("H09", cause_code="205.5") == "met"
    assert verdict("H09") == "not_met"
    assert verdict("H09", cause_code=None, basis_type=None) == "unknown"


def test_a_withheld_score_is_told_by_no_rule():
    """Neither its number nor a verdict drawn from it stands in the trace."""
    held = ScoreView.of(2, p_ability_180=0.88, p_willingness_window=0.82, abstained=[True, False])
    assert np.isnan([held.p_ability_180[0], held.p_willingness_window[0]]).all()
    assert (held.p_ability_180[1], held.p_willingness_window[1]) == (0.88, 0.82)
    assert verdict("M02", scores=ScoreView.of(1, p_ability_180=0.88, abstained=True)) == "unknown"


def test_a_livelihood_claim_that_the_court_entered_comes_first_and_names_its_source():
    """A loan by its cause, wages by what the clerk knows."""
    trace = {one.id: one for one in found(livelihood="labour_pay").trace(0)}["H09"]
    assert (trace.result, trace.value, trace.source) == ("met", "labour_pay", "本院登记")
    by_cause = {one.id: one for one in found(cause_code="205.5").trace(0)}["H09"]
    assert (by_cause.result, by_cause.source) == ("met", "系统计算")


CERTIFICATE = {
    "applicant_type": "bank",
    "cause_code": "108.1",
    "claim_amount": 500000,
    "n_guarantors": 1,
    "last_zhongben_reason": "no_assets",
    "last_zhongben_days": 365,
    "prior_zhongben_n": 1,
}


def test_h10_every_condition_of_the_certificate_is_shown():
    """A judge who is to sign sees each condition with its value."""
    trace = {one.id: one for one in found(**CERTIFICATE).trace(0)}["H10"]

    assert trace.result == "met"
    assert [part.id for part in trace.parts] == [f"H10.{i}" for i in range(1, 11)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"claim_amount": 500000.01}, "not_met"),
        ({"claim_amount": 900000, "cause_code": "115.2"}, "met"),
        ({"n_guarantors": 2}, "not_met"),
        ({"n_debtors": 2}, "not_met"),
        ({"last_zhongben_days": 366}, "not_met"),
        ({"last_zhongben_reason": "not_disposable"}, "not_met"),
        ({"last_zhongben_reason": None}, "unknown"),
        ({"clue_n": 1}, "not_met"),
        ({"applicant_type": "enterprise"}, "not_met"),
        ({"cause_code": "126"}, "not_met"),
    ],
    ids=str,
)
def test_h10_precision_comes_first(change, expected):
    """Credit cards have no limit of amount; everything else needs every condition."""
    assert verdict("H10", **CERTIFICATE | change) == expected


RELIEF = {"court_code": "浙1022", "open_enf_n": 1, "prior_zhongben_n": 1}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "met"),
        ({"court_code": "苏0903"}, "not_met"),
        ({"debtor_type": "company"}, "not_met"),
        ({"open_enf_n": 0}, "not_met"),
        ({"prior_zhongben_n": 0}, "not_met"),
        ({"prior_zhongben_n": None}, "unknown"),
    ],
    ids=str,
)
def test_h11_debt_relief_is_for_persons_in_courts_that_offer_it(change, expected):
    """Information only, and only where the first conditions hold."""
    assert verdict("H11", **RELIEF | change) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [({"open_enf_n": 1}, "met"), ({"batch_size": 2}, "met"), ({}, "not_met"), ({"open_enf_n": None}, "unknown")],
    ids=str,
)
def test_h12_cases_of_one_debtor_or_batch_stay_together(facts, expected):
    """Another open case or a batch of two is enough."""
    assert verdict("H12", **facts) == expected


@pytest.mark.parametrize(
    ("p", "claim", "expected"),
    [
        (0.50, 38600, "met"),
        (0.4999, 38600, "not_met"),
        (0.9, 1_000_000, "met"),
        (0.9, 1_000_000.01, "not_met"),
        (None, 38600, "unknown"),
        (None, 2_000_000, "not_met"),
    ],
)
def test_m01_needs_willingness_and_an_amount_within_the_cap(p, claim, expected):
    """Both edges count as reached; above the cap no score is needed to say no."""
    scores = ScoreView.of(1) if p is None else ScoreView.of(1, p_willingness_window=p)

    assert verdict("M01", scores=scores, claim_amount=claim) == expected


@pytest.mark.parametrize(
    ("facts", "p", "expected"),
    [
        ({"q_bank": 100000}, 0.0, "met"),
        ({"q_bank": 100000, "q_realty_n": 1}, 0.0, "met"),
        ({"q_wage": 3000}, 0.0, "met"),
        ({"q_wage": 2999.99}, 0.0, "not_met"),
        ({"q_wage": 3000, "q_realty_n": 1}, 0.0, "not_met"),
        ({}, 0.60, "met"),
        ({}, 0.5999, "not_met"),
        ({"q_vehicle_n": 1}, 0.9, "not_met"),
        ({"q_realty_n": None}, 0.9, "unknown"),
        ({"q_bank": None, "q_wage": None}, 0.0, "unknown"),
    ],
    ids=str,
)
def test_m02_fast_needs_means_and_nothing_to_dispose_of(facts, p, expected):
    """Cash that covers the debt leaves nothing that must be sold; wage and score do not."""
    assert verdict("M02", B, scores=ScoreView.of(1, p_quick_30=p), **facts) == expected


def test_m02_shows_the_three_tests_of_the_national_rule():
    """Enough assets, one step, nothing to dispose of: each has its line."""
    parts = {one.id: one for one in found(B).trace(0)}["M02"].parts

    assert [part.id for part in parts] == ["M02.3", "M02.4", "M02.5", "M02.6"]


def test_m02_cash_must_cover_the_whole_debt():
    """Equality is enough; a cent less is not."""
    owed = float(found(B).view.number("due")[0])

    assert verdict("M02", B, scores=ScoreView.of(1, p_quick_30=0.0), q_bank=owed) == "met"
    assert verdict("M02", B, scores=ScoreView.of(1, p_quick_30=0.0), q_bank=owed - 0.01) == "not_met"


@pytest.mark.parametrize(("p", "expected"), [(0.60, "met"), (0.5999, "not_met"), (None, "unknown")])
def test_m02_before_filing_splits_by_ability(p, expected):
    """At stage A the split rests on preserved cash or on the ability score."""
    scores = ScoreView.of(1) if p is None else ScoreView.of(1, p_ability_180=p)

    assert verdict("M02", scores=scores) == expected


def test_m03_always_holds():
    """What fits no other lane is complex, so the default has no condition."""
    assert verdict("M03") == verdict("M03", B) == "met"


@pytest.mark.parametrize(
    ("facts", "days", "expected"),
    [
        ({"q_bank": 100000}, 20, "not_met"),
        ({"q_bank": 100000}, 21, "met"),
        ({"q_wage": 3000}, 30, "not_met"),
        ({"q_wage": 3000}, 31, "met"),
        ({}, 45, "not_met"),
        ({}, 46, "met"),
        ({"filed_at": None}, 0, "unknown"),
    ],
)
def test_h14_the_fast_clock_depends_on_what_there_is_to_take(facts, days, expected):
    """20 days with cash, 30 with a wage, 45 otherwise; the last day is still in time."""
    filed = datetime(2026, 11, 20, 23, 59, tzinfo=SHANGHAI) - days * DAY

    assert verdict("H14", B, **{"filed_at": filed} | facts) == expected


def test_h15_a_high_score_is_a_work_plan_and_no_ground():
    """The line itself says that nothing may be proposed on it."""
    likely = ScoreView.of(1, p_zhongben_180=0.6)

    assert verdict("H15", B, scores=likely) == "met"
    assert "不得据此提出终本" in line("H15", B, scores=likely)
    assert verdict("H15", B, scores=ScoreView.of(1, p_zhongben_180=0.59)) == "not_met"


def test_result_lines_read_like_a_court_wrote_them():
    """Values stand in the sentence, in Chinese, in the unit of the fact."""
    assert line("H06") == "申请执行时效余 633 日"
    assert line("H07", consent_urge="refuse") == "申请人对执前督促：拒绝，不得督促"
    assert line("M01", scores=ScoreView.of(1, p_willingness_window=0.63)) == (
        "100 件相近案件约 63 件在督促期 15 日内自动履行，达到 50 件的标准"
    )


def test_facts_observed_after_the_decision_are_unknown_to_rules():
    """A bankruptcy published tomorrow does not stop a case today."""
    outcomes = found(debtor_type="company", bankruptcy_case="accepted")
    late = {**outcomes.view.columns, "bankruptcy_case@observed_at": outcomes.view.as_of + 1}

    view = type(outcomes.view)(late, outcomes.view.as_of, Stage.A)

    assert str(view.number("bankruptcy_case")[0]) == "nan"


@pytest.mark.parametrize(("left", "expected"), [(1, "met"), (0, "met"), (-1, "not_met"), (None, "unknown")])
def test_h04_a_freeze_that_has_lapsed_covers_nothing(left, expected):
    """On its last day the freeze holds; the day after, the money is free again (查扣冻规定第27条)."""
    expiry = None if left is None else TODAY + left * DAY

    assert verdict("H04", **SEALED | {"pres_expiry": expiry}) == expected


def test_h04_lapsed_cash_is_no_ready_cash_after_filing_either():
    """Cash sealed until yesterday counts as none."""
    held = {**SEALED, "q_bank": 0, "scores": ScoreView.of(1, p_quick_30=0.0)}

    assert verdict("M02", B, **held | {"pres_expiry": TODAY}) == "met"
    assert verdict("M02", B, **held | {"pres_expiry": TODAY - DAY}) == "not_met"


@pytest.mark.parametrize(
    ("received", "expected"),
    [(date(2026, 11, 24), "not_met"), (date(2026, 11, 25), "not_met"), (date(2026, 11, 26), "met")],
)
def test_h05a_five_days_to_apply_after_the_period(received, expected):
    """Due on the 20th: an application of the 25th is the last in time; the day of scoring does not matter."""
    facts = SEALED | {"pres_stage": "pre_enforcement", "due_date": date(2026, 11, 20)}

    assert verdict("H05a", today=received, **facts) == expected
    assert verdict("H05a", today=received, **facts | {"pres_stage": "during_suit"}) == "not_met"
    assert verdict("H05a", today=received, **facts | {"due_date": None}) == "unknown"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"basis_type": "administrative_penalty"}, "met"),
        ({"basis_type": "judgment"}, "not_met"),
        ({"basis_type": None}, "unknown"),
    ],
    ids=str,
)
def test_h06b_administrative_enforcement_has_three_months_and_is_not_urged(facts, expected):
    """The two years of a judgment say nothing about it (行政强制法第53条)."""
    assert verdict("H06b", **facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"bankruptcy_case": "accepted", "n_debtors": 2}, "met"),
        ({"bankruptcy_case": "accepted", "n_debtors": 1}, "not_met"),
        ({"bankruptcy_case": "none", "n_debtors": 3}, "not_met"),
        ({"bankruptcy_case": "accepted", "n_debtors": None}, "unknown"),
    ],
    ids=str,
)
def test_h02a_of_several_debtors_one_bankrupt_does_not_free_the_others(facts, expected):
    """The stop stands, and the clerk is told that enforcement against the others goes on."""
    assert verdict("H02a", debtor_type="company", **facts) == expected


INSOLVENT = {"debtor_type": "company", "prior_zhongben_n": 1}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "met"),
        ({"debtor_type": "person"}, "not_met"),
        ({"debtor_type": "unincorporated"}, "not_met"),
        ({"prior_zhongben_n": 0}, "not_met"),
        ({"prior_zhongben_n": None}, "unknown"),
        ({"bankruptcy_case": "accepted"}, "not_met"),
        ({"bankruptcy_case": None}, "unknown"),
    ],
    ids=str,
)
def test_h17_companies_that_could_not_pay_may_go_to_bankruptcy(change, expected):
    """Only companies, only in enforcement, and only as a question to the parties."""
    assert verdict("H17", B, **INSOLVENT | change) == expected


@pytest.mark.parametrize(
    ("day", "articles"),
    [
        (
            date(2022, 4, 9),
            {"H02": "民诉法解释(2020)第513—515条", "H05": "(2020)第163、487条", "H06a": "(2020)第483条"},
        ),
        (
            date(2022, 4, 10),
            {"H02": "民诉法解释(2022)第511—513条", "H05": "(2022)第163、485条", "H06a": "(2022)第481条"},
        ),
        (date(2023, 12, 31), {"H06": "(2021)第246条"}),
        (date(2024, 1, 1), {"H06": "(2023)第250条"}),
    ],
)
def test_the_article_is_that_of_the_day_of_receipt(day, articles):
    """Interpretations were renumbered on 10 April 2022, the code on 1 January 2024."""
    facts = {"basis_effective_date": date(2021, 9, 1), "due_date": date(2021, 10, 1), "cause_version": "2021"}
    found_on = {one.id: one for one in found(today=day, **facts).trace(0)}

    assert {name for name, article in articles.items() if article not in found_on[name].basis} == set()
    assert all(found_on[name].in_force_from <= day for name in articles)


@pytest.mark.parametrize("clue", [True, False, None])
def test_h10_a_clue_of_the_trial_division_is_looked_at_first(clue):
    """A known clue stops the offer; one that nobody recorded is left to a person."""
    assert verdict("H10", **CERTIFICATE, trial_clue=clue) == ("not_met" if clue else "met")
