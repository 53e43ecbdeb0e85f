"""The published profiles: each loads, says where it was published, and routes the cases of its own text."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from features.clock import SHANGHAI
from features.register import Stage
from models.lanes import Lane, lane_of
from models.rules import RuleTable, RuleTableError, profile, profile_names
from tests.builders_rules import TODAY, at_noon, by_rules_alone, found, routed, rules

B = Stage.B
NAMED = (
    *("beijing", "dongbao", "fengshun", "guangping", "haiyan", "hangzhou", "jiangsu", "longnan", "luqiao"),
    *("nanzhang", "pengshui", "qixing", "sanmen", "shengzhou", "spc322", "suizhou", "tianjin"),
)


@cache
def table(name: str) -> RuleTable:
    """Return a profile, loaded once."""
    return profile(name)


def lane(name: str, stage: Stage = Stage.A, **facts: Any) -> str:
    """Return the lane of the plain case under a profile, without any score."""
    return str(lane_of(int(by_rules_alone(stage, table=table(name), **facts).lane[0])))


def verdict(name: str, rule: str, stage: Stage = Stage.A, **facts: Any) -> str:
    """Return what one rule of a profile finds in the plain case."""
    return {one.id: one.result for one in found(stage, table=table(name), **facts).trace(0)}[rule]


def test_every_profile_is_listed() -> None:
    """A court finds its profile by name."""
    assert profile_names() == NAMED


@pytest.mark.parametrize("name", NAMED)
def test_a_profile_says_what_it_is_and_on_what_its_text_is_silent(name: str) -> None:
    """Title in both languages, source, and at least one thing that nobody published."""
    found_table = table(name)

    assert found_table.title.zh
    assert found_table.title.en
    assert found_table.source
    assert any(one.value is None for one in found_table.published)


@pytest.mark.parametrize("name", NAMED)
def test_a_profile_keeps_the_whole_law(name: str) -> None:
    """Every statutory rule and limit is in force under it, unchanged."""
    law = {one.rule.id: one.rule for one in rules().rules if one.rule.statutory}
    under = {one.rule.id: one.rule for one in table(name).on(TODAY).rules if one.rule.statutory}

    assert under == law
    assert table(name).on(TODAY).limits == rules().limits


@pytest.mark.parametrize("name", NAMED)
def test_a_profile_is_loaded_from_its_file_as_well(name: str) -> None:
    """The path that an operator sets gives the same table as the name."""
    path = Path(__file__).parent.parent / "models" / "rules" / "profiles" / f"{name}.toml"

    assert RuleTable.load([path]).sha256 == table(name).sha256


def test_an_unknown_profile_is_refused_with_those_that_exist() -> None:
    """A slip of the pen names the way out."""
    with pytest.raises(RuleTableError, match="没有这一公开规则集，可用：beijing、"):
        profile("guangpin")


OWED = float(found(B).view.number("due")[0])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"q_bank": OWED}, Lane.FAST),
        ({"q_bank": OWED - 0.01}, Lane.COMPLEX),
        ({"q_bank": OWED - 1000, "q_wealth": 1000}, Lane.COMPLEX),
        ({"q_bank": OWED, "q_realty_n": 3}, Lane.FAST),
        ({"q_wage": 20000}, Lane.COMPLEX),
        ({"q_bank": None}, Lane.COMPLEX),
    ],
    ids=str,
)
def test_the_national_item_asks_three_tests(facts: dict[str, Any], expected: Lane) -> None:
    """Enough, nothing to dispose of, and done in one step; wealth products are enough, but not one step."""
    assert lane("spc322", B, **facts) == expected
    assert lane("longnan", B, **facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"claim_amount": 9999.99}, Lane.FAST),
        ({"claim_amount": 10000}, Lane.COMPLEX),
        ({"q_wage": 3000}, Lane.FAST),
        ({"q_wage": 2999}, Lane.COMPLEX),
        ({"q_bank": OWED}, Lane.FAST),
        ({"q_bank": OWED - 0.01}, Lane.COMPLEX),
        ({}, Lane.COMPLEX),
        ({"claim_amount": 9000, "relief_type": "delivery"}, Lane.COMPLEX),
    ],
    ids=str,
)
def test_guangping_has_three_kinds_of_fast_case_and_all_else_is_complex(facts: dict[str, Any], expected: Lane) -> None:
    """Under ten thousand, a wage, or a full freeze; the law's own special cases stay special."""
    assert lane("guangping", B, **facts) == expected


@pytest.mark.parametrize(
    ("facts", "days", "expected"),
    [
        ({"q_bank": 1e6}, 20, Lane.FAST),
        ({"q_bank": 1e6}, 21, Lane.COMPLEX),
        ({"q_wage": 3000}, 30, Lane.FAST),
        ({"q_wage": 3000}, 31, Lane.COMPLEX),
        ({"claim_amount": 9000}, 45, Lane.FAST),
        ({"claim_amount": 9000}, 46, Lane.COMPLEX),
    ],
)
def test_guangping_has_three_clocks(facts: dict[str, Any], days: int, expected: Lane) -> None:
    """Twenty, thirty and forty-five days; the last day is still in time."""
    filed = at_noon(TODAY) - timedelta(days=days)

    assert lane("guangping", B, filed_at=filed, **facts) == expected


def test_guangping_knows_small_claims_at_intake_already() -> None:
    """The amount is known before filing, the rest is not."""
    assert lane("guangping", claim_amount=9000) == Lane.FAST
    assert lane("guangping", claim_amount=12000) == Lane.COMPLEX


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"q_bank": 1e6, "claim_amount": 400000}, Lane.FAST),
        ({"q_bank": 1e6, "claim_amount": 500000}, Lane.FAST),
        ({"q_bank": 0, "claim_amount": 400000}, Lane.COMPLEX),
        ({"q_realty_n": 1}, Lane.COMPLEX),
    ],
    ids=str,
)
def test_qixing_closes_what_can_be_enforced_in_full(facts: dict[str, Any], expected: Lane) -> None:
    """Whether a large claim is difficult is for the team to say: unknown is never taken for met."""
    assert lane("qixing", B, **facts) == expected


def test_qixing_points_auctions_to_its_complex_group_and_leaves_difficulty_open() -> None:
    """The group is named where its rule decides; of a large claim the open question is shown."""
    routes = by_rules_alone(B, table=table("qixing"), q_vehicle_n=2)

    assert [(hint.team, hint.rule) for hint in routes.proposal(0).teams] == [("complex_group", "C01")]
    assert by_rules_alone(B, table=table("qixing"), q_bank=1e6).proposal(0).teams == ()
    assert verdict("qixing", "C01", B, q_bank=1e6, claim_amount=500000) == "unknown"
    assert verdict("qixing", "C01", B, q_bank=1e6, claim_amount=499999.99) == "not_met"


@pytest.mark.parametrize(("days", "expected"), [(30, Lane.FAST), (31, Lane.COMPLEX)])
def test_qixing_gives_one_month(days: int, expected: Lane) -> None:
    """Thirty days whatever there is to take."""
    assert lane("qixing", B, q_bank=1e6, filed_at=at_noon(TODAY) - timedelta(days=days)) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"q_bank": OWED / 2, "q_netpay": OWED / 2}, Lane.FAST),
        ({"q_bank": OWED / 2, "q_netpay": OWED / 2 - 1}, Lane.COMPLEX),
        ({"q_wage": 9000}, Lane.COMPLEX),
        ({"q_realty_n": 2}, Lane.COMPLEX),
    ],
    ids=str,
)
def test_fengshun_counts_network_accounts(facts: dict[str, Any], expected: Lane) -> None:
    """Deposits and Alipay together cover the debt, or the case is complex."""
    assert lane("fengshun", B, **facts) == expected


@pytest.mark.parametrize(
    ("days", "bank", "expected"),
    [(10, 0.0, Lane.FAST), (11, 0.0, Lane.COMPLEX), (11, 1e6, Lane.FAST)],
)
def test_pengshui_hands_over_within_ten_days(days: int, bank: float, expected: Lane) -> None:
    """A case that came to the fast team by a wage is handed over on day eleven; one with cash stays."""
    filed = at_noon(TODAY) - timedelta(days=days)

    assert lane("pengshui", B, filed_at=filed, q_bank=bank, q_wage=5000) == expected


def test_pengshui_pays_out_sooner() -> None:
    """Ten days in the fast lane and twenty otherwise, under the law's thirty."""
    in_force = table("pengshui").on(TODAY)

    assert (in_force.number("payout_fast_days"), in_force.number("payout_days")) == (10, 20)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"claim_amount": 999999.99, "principal": 900000}, Lane.URGE),
        ({"claim_amount": 1000000}, Lane.COMPLEX),
        ({"claim_amount": 3000000, "basis_type": "mediation"}, Lane.URGE),
        ({"claim_amount": 3000000, "basis_type": "arbitral_award"}, Lane.URGE),
        ({"claim_amount": 3000000, "cause_code": "150"}, Lane.URGE),
        ({"served_by_notice": True}, Lane.COMPLEX),
        ({"phone_provided": False}, Lane.COMPLEX),
        ({"consent_urge": "refuse"}, Lane.COMPLEX),
        ({"relief_type": "act"}, Lane.COMPLEX),
        ({"claim_amount": None}, Lane.COMPLEX),
    ],
    ids=str,
)
def test_hangzhou_urges_by_kind_and_amount_and_never_against_the_law(facts: dict[str, Any], expected: Lane) -> None:
    """Arbitration, intellectual property, mediation, or under a million; consent and the other stops hold."""
    assert lane("hangzhou", **facts) == expected


def test_suizhou_takes_a_month_at_most() -> None:
    """Thirty days, the bound of the law; limitation then needs ninety days."""
    today = date(2028, 8, 14)

    assert table("suizhou").on(TODAY).number("urging_days") == 30
    assert verdict("suizhou", "H06", today=today - timedelta(days=90)) == "not_met"
    assert verdict("suizhou", "H06", today=today - timedelta(days=89)) == "met"


@pytest.mark.parametrize(("will", "able", "urged"), [(0.5, 0.6, True), (0.5, 0.59, False), (0.49, 0.9, False)])
def test_sanmen_urges_the_able_and_willing(will: float, able: float, urged: bool) -> None:
    """Both scores must reach their marks."""
    routes = routed(table=table("sanmen"), willingness=will, ability=able)

    assert (lane_of(int(routes.lane[0])) is Lane.URGE) is urged


def test_jiangsu_sets_no_cap() -> None:
    """Where voluntary performance is likely, the amount does not matter; without a score nobody is urged."""
    large = {"claim_amount": 5_000_000, "table": table("jiangsu")}

    assert lane_of(int(routed(willingness=0.5, **large).lane[0])) is Lane.URGE
    assert lane_of(int(routed(willingness=0.49, **large).lane[0])) is not Lane.URGE
    assert lane("jiangsu") == Lane.COMPLEX


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("shengzhou", {"open_enf_n": 1}, "met"),
        ("shengzhou", {"batch_size": 2}, "met"),
        ("shengzhou", {"as_creditor_n": 1}, "met"),
        ("shengzhou", {"as_creditor_n": 0}, "not_met"),
        ("dongbao", {"open_enf_n": 1}, "met"),
        ("dongbao", {"open_enf_n": 0, "batch_size": 5}, "not_met"),
        ("dongbao", {"open_enf_n": None}, "unknown"),
    ],
)
def test_like_cases_are_kept_together(name: str, facts: dict[str, Any], expected: str) -> None:
    """Shengzhou looks at subject, debtor and mutual claims, Dongbao at the debtor alone."""
    assert verdict(name, "H12", **facts) == expected


CERTIFICATE = {
    "applicant_type": "bank",
    "cause_code": "108.1",
    "claim_amount": 500000,
    "n_guarantors": 1,
    "last_zhongben_reason": "no_assets",
    "last_zhongben_days": 365,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "met"),
        ({"claim_amount": 500000.01}, "not_met"),
        ({"n_guarantors": 2}, "not_met"),
        ({"cause_code": "115.2", "claim_amount": 800000, "n_guarantors": 3}, "met"),
        ({"cause_code": "115.2", "n_guarantors": None}, "met"),
        ({"n_guarantors": None}, "unknown"),
        ({"cause_code": "108.3"}, "not_met"),
        ({"applicant_type": "person"}, "not_met"),
        ({"last_zhongben_reason": "not_disposable"}, "not_met"),
        ({"clue_n": 2}, "not_met"),
    ],
    ids=str,
)
def test_nanzhang_limits_loans_and_not_credit_cards(change: dict[str, Any], expected: str) -> None:
    """The limits of amount and guarantors are those of financial loans only."""
    assert verdict("nanzhang", "H10", **CERTIFICATE | change) == expected


def test_haiyan_limits_neither_cause_nor_amount() -> None:
    """A financial creditor and an earlier case closed for lack of assets are enough."""
    assert verdict("haiyan", "H10", **CERTIFICATE | {"cause_code": "88", "claim_amount": 9e6}) == "met"
    assert verdict("haiyan", "H10", **CERTIFICATE | {"last_zhongben_reason": None}) == "unknown"


SURVEYED = {
    "wants_no_asset_cert": True,
    "preserved": True,
    "pres_stage": "pre_enforcement",
    "pres_cash": 0,
    "pres_realty_n": 0,
    "pres_vehicle_n": 0,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "met"),
        ({"pres_cash": 0.01}, "not_met"),
        ({"pres_vehicle_n": 1}, "not_met"),
        ({"pres_stage": "during_suit"}, "not_met"),
        ({"pres_realty_n": None}, "unknown"),
        ({"wants_no_asset_cert": False}, "not_met"),
    ],
    ids=str,
)
def test_luqiao_certifies_a_survey_that_found_nothing(change: dict[str, Any], expected: str) -> None:
    """Any asset found, and any part of the survey that is missing, stops the offer."""
    assert verdict("luqiao", "H10", **SURVEYED | change) == expected


@pytest.mark.parametrize(
    ("facts", "teams"),
    [
        ({"applicant_type": "bank"}, ["finance"]),
        ({"cause_code": "115.2"}, ["finance"]),
        ({"applicant_type": "person", "cause_code": "126"}, []),
        ({"applicant_type": "person", "cause_code": None}, []),
    ],
    ids=str,
)
def test_tianjin_pools_financial_cases(facts: dict[str, Any], teams: list[str]) -> None:
    """By applicant or by cause; the lane does not change."""
    routes = by_rules_alone(table=table("tianjin"), **facts)

    assert [hint.team for hint in routes.proposal(0).teams] == teams
    assert list(routes.teams) == ["finance"]
    assert bool(routes.teams["finance"][0]) is bool(teams)


def test_beijing_marks_livelihood_claims_and_puts_them_first() -> None:
    """Wages go to the team and to the head of the queue, and never to a slower lane than they had."""
    wages = by_rules_alone(B, table=table("beijing"), cause_code="205.5", q_bank=1e6)

    assert [hint.team for hint in wages.proposal(0).teams] == ["livelihood"]
    assert wages.proposal(0).priority.rule == "P01"
    assert lane_of(int(wages.lane[0])) is Lane.FAST
    assert by_rules_alone(B, table=table("beijing")).proposal(0).priority.rank == 9


def test_a_profile_rules_from_its_own_first_day() -> None:
    """Before 2023 the default clocks hold in Guangping, and its rule M02 is not yet in force."""
    before, after = table("guangping").on(date(2022, 12, 31)), table("guangping").on(date(2023, 1, 1))

    assert "10000" not in before.rule("M02").zh
    assert before.rule("M02").basis != after.rule("M02").basis
    assert after.rule("M02").basis.startswith("广平县人民法院")
    assert at_noon(TODAY).tzinfo is SHANGHAI
