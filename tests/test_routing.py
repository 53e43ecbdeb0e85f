"""Routing: no hard rule is ever broken, the model is asked only where it may be, and doubt goes to the judge."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import SHANGHAI, days_of
from features.columns import complete
from features.register import Stage, load_register
from models.lanes import LANE_CODE, UNDECIDED, Lane, lane_of
from models.routes import ABSTAINED, FACTS_MISSING, MODEL, RULE, RoutingSettings, confidence_of
from models.routing import gap, route
from models.rules import ScoreView, evaluate
from tests.builders_rules import TODAY, by_rules_alone, routed, rules
from tests.builders_tables import condition, rule, table

B = Stage.B
DAY = timedelta(days=1)
SEALED = {
    "preserved": True,
    "pres_stage": "during_suit",
    "pres_expiry": date(2027, 9, 1),
    "first_seal": True,
    "pres_cash": 60000,
}


def lane(routes):
    """Return the lane of the only row."""
    return lane_of(int(routes.lane[0]))


def decision(routes):
    """Return lane, who decided, by which rule, and the status of the only row."""
    proposal = routes.proposal(0)
    return proposal.route, proposal.decided_by, proposal.deciding_rule, proposal.status


def flags(routes):
    """Return the flag codes of the only row."""
    return {flag.code for flag in routes.proposal(0).flags}


def test_a_willing_debtor_is_urged():
    """With consent, a working telephone and a high score, urging is proposed by the model."""
    assert decision(routed(willingness=0.8)) == (Lane.URGE, "model", "M01", "scored")


def test_an_unwilling_debtor_is_filed_and_split_provisionally():
    """Below the mark the case is filed; ability decides the provisional lane."""
    fast, complex_ = routed(willingness=0.2, ability=0.7), routed(willingness=0.2, ability=0.3)

    assert decision(fast) == (Lane.FAST, "model", "M02", "scored")
    assert decision(complex_) == (Lane.COMPLEX, "model", "M03", "scored")
    assert fast.provisional.all()
    assert complex_.provisional.all()


@pytest.mark.parametrize(
    ("facts", "rule"),
    [({"due_date": TODAY}, "H01"), ({"debtor_type": "company", "bankruptcy_case": "accepted"}, "H02")],
    ids=["H01", "H02"],
)
def test_stops_leave_no_lane_whatever_the_scores(facts, rule):
    """An inadmissible or bankrupt case gets no lane, and the model is not called."""
    assert decision(routed(willingness=0.99, **facts)) == (Lane.NONE, "rule", rule, "rules_only")


def test_the_special_team_takes_a_case_before_any_score():
    """H03 beats the model and direct deduction, at both stages."""
    facts = {"criminal_overlap": True, **SEALED}

    assert decision(routed(willingness=0.99, **facts)) == (Lane.COMPLEX, "rule", "H03", "rules_only")
    assert "direct_deduction" not in flags(routed(**facts))
    assert decision(routed(B, quick=0.99, **facts)) == (Lane.COMPLEX, "rule", "H03", "rules_only")


def test_a_stop_beats_the_special_team():
    """Without admission there is nothing for the special team to do."""
    assert lane(routed(due_date=TODAY, criminal_overlap=True)) is Lane.NONE


def test_direct_deduction_beats_the_three_lanes():
    """Even a most willing debtor is not urged when the money already lies frozen."""
    routes = routed(willingness=0.99, **SEALED)

    assert decision(routes) == (Lane.FAST, "rule", "H04", "scored")
    assert "direct_deduction" in flags(routes)


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("H05", {**SEALED, "pres_stage": "pre_enforcement", "pres_cash": 0}),
        ("H05", {**SEALED, "pres_expiry": TODAY + 44 * DAY, "pres_cash": 0}),
        ("H06", {"due_date": date(2025, 2, 2)}),
        ("H07", {"consent_urge": "refuse"}),
        ("H07", {"consent_urge": "not_asked"}),
        ("H08", {"served_by_notice": True}),
        ("H08", {"phone_provided": False}),
        ("H09", {"intake_channel": "transfer"}),
        ("H09", {"cause_code": "205.5"}),
    ],
)
def test_what_forbids_urging_names_the_route(rule, facts):
    """A met rule decides alone that the case is filed, and high confidence says so."""
    routes = routed(willingness=0.99, **facts)

    assert decision(routes)[0] in {Lane.FAST, Lane.COMPLEX}
    assert decision(routes)[1:3] == ("rule", rule)
    assert routes.proposal(0).confidence_text == f"由规则 {rule} 直接确定，与分值无关"


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        ("H01", "due_date"),
        ("H03", "relief_type"),
        ("H03", "dead_or_deregistered"),
        ("H05", "preserved"),
        ("H07", "consent_urge"),
        ("H08", "served_by_notice"),
        ("H08", "phone_provided"),
        ("H08", "dishonest_now"),
    ],
)
def test_missing_facts_block_urging_and_say_so(rule, fact):
    """Unknown never opens the urging lane; the flag tells that completing the facts may."""
    routes = routed(willingness=0.99, **{fact: None})

    assert lane(routes) is not Lane.URGE
    assert FACTS_MISSING in flags(routes)
    assert routes.proposal(0).confidence == "low"
    assert rule in routes.proposal(0).confidence_text


def test_limitation_that_has_passed_is_filed_with_the_notice():
    """The court must accept a late application; only the debtor may object."""
    routes = routed(due_date=date(2024, 11, 1), basis_effective_date=date(2024, 10, 1))

    assert lane(routes) in {Lane.FAST, Lane.COMPLEX}
    assert {"limitation_near", "limitation_passed"} <= flags(routes)


def test_urging_is_over_once_a_case_is_filed():
    """At stage B no score brings a case back to urging."""
    assert lane(routed(B, willingness=0.99, quick=0.1)) is Lane.COMPLEX


def test_after_the_query_cash_makes_a_case_fast_by_rule():
    """Cash that covers the debt needs no score."""
    assert decision(routed(B, quick=0.0, q_bank=100000)) == (Lane.FAST, "rule", "M02", "scored")
    assert decision(by_rules_alone(B, q_bank=100000)) == (Lane.FAST, "rule", "M02", "rules_only")


def test_after_the_query_the_score_decides_where_cash_does_not():
    """Nothing to sell and a quick score at the mark: fast by the model."""
    assert decision(routed(B, quick=0.6)) == (Lane.FAST, "model", "M02", "scored")
    assert decision(routed(B, quick=0.59)) == (Lane.COMPLEX, "model", "M03", "scored")


def test_things_to_sell_make_a_case_complex_by_rule():
    """A house to auction keeps a case out of the fast lane whatever the score."""
    assert decision(routed(B, quick=0.99, q_realty_n=1)) == (Lane.COMPLEX, "rule", "M03", "scored")


def test_the_clock_moves_a_fast_case_to_complex():
    """Day 20 with cash is in time, day 21 is not; the rule that moved it is named."""
    noon = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)
    in_time = routed(B, q_bank=100000, filed_at=noon - 20 * DAY)
    late = routed(B, q_bank=100000, filed_at=noon - 21 * DAY)

    assert lane(in_time) is Lane.FAST
    assert decision(late) == (Lane.COMPLEX, "rule", "H14", "scored")
    assert "clock_passed" in flags(late)


def test_the_clock_says_nothing_about_cases_that_were_complex_anyway():
    """A complex case of 60 days is not reported as a fast one that failed."""
    old = datetime(2026, 9, 1, tzinfo=SHANGHAI)

    assert "clock_passed" not in flags(routed(B, quick=0.1, filed_at=old))


def test_without_a_model_the_rules_answer_alone():
    """No scores at all: nobody is urged, the default lane is complex, cash is fast."""
    assert decision(by_rules_alone()) == (Lane.COMPLEX, "rule", "M03", "rules_only")
    assert decision(by_rules_alone(consent_urge="refuse")) == (Lane.COMPLEX, "rule", "H07", "rules_only")
    assert decision(by_rules_alone(B)) == (Lane.COMPLEX, "rule", "M03", "rules_only")


def test_where_scores_abstain_the_judge_decides():
    """No silent default: neither urged nor filed by the system."""
    routes = routed(willingness=0.99, abstained=True)

    assert decision(routes) == (None, "none", None, "abstained")
    assert routes.proposal(0).confidence_text == "系统不提出分流建议，由法官确定"


def test_where_scores_abstain_a_hard_rule_still_decides():
    """Refused consent files the case with or without a score."""
    assert decision(routed(abstained=True, consent_urge="refuse")) == (Lane.COMPLEX, "rule", "H07", "abstained")
    assert decision(routed(abstained=True, due_date=TODAY)) == (Lane.NONE, "rule", "H01", "rules_only")
    assert decision(routed(B, abstained=True, q_bank=100000)) == (Lane.FAST, "rule", "M02", "abstained")
    assert decision(routed(B, abstained=True, q_realty_n=1)) == (Lane.COMPLEX, "rule", "M03", "abstained")


def test_where_scores_abstain_and_facts_are_missing_the_judge_decides():
    """Unknown blocks urging, yet it does not decide the split."""
    assert decision(routed(abstained=True, consent_urge=None)) == (None, "none", None, "abstained")


@pytest.mark.parametrize(("willingness", "ability"), [(None, 0.9), (0.2, None)])
def test_an_unusable_score_on_the_way_leaves_the_lane_open(willingness, ability):
    """The first score that is needed and unusable ends the road."""
    assert decision(routed(willingness=willingness, ability=ability)) == (None, "none", None, "abstained")


def test_an_unusable_score_off_the_way_does_not_matter():
    """A willing debtor is urged though nobody could score ability."""
    assert decision(routed(willingness=0.8, ability=None)) == (Lane.URGE, "model", "M01", "scored")


def test_a_claim_above_the_cap_needs_no_willingness_score():
    """It would not be urged anyway, so ability alone decides."""
    assert decision(routed(willingness=None, ability=0.9, claim_amount=2_000_000))[0] is Lane.FAST


@pytest.mark.parametrize(("p", "level"), [(0.51, "low"), (0.6, "medium"), (0.75, "high"), (0.99, "high")])
def test_confidence_follows_the_gap_to_the_threshold(p, level):
    """The further from the mark, as a share of its range, the firmer."""
    proposal = routed(willingness=p).proposal(0)

    assert proposal.confidence == level
    assert proposal.confidence_text.startswith("与“立案，暂定精办”的预期差距")


def test_confidence_is_that_of_the_nearest_other_lane():
    """Far from fast but nearly urged is a narrow decision, and it names urging."""
    proposal = routed(willingness=0.49, ability=0.05).proposal(0)

    assert (proposal.confidence, proposal.confidence_text) == ("low", "与“执前督促”的预期差距较小")


def test_gap_is_a_share_of_the_range():
    """From the threshold to 1 above, to 0 below; NaN without a score."""
    assert np.allclose(gap(np.array([0.6, 1.0, 0.3, 0.0]), 0.6), [0.0, 1.0, 0.5, 1.0])
    assert np.isnan(gap(np.array([np.nan]), 0.6)).all()
    assert confidence_of(0.15, RoutingSettings()) == "medium"


def test_grouping_and_information_never_change_the_lane():
    """Flags stand beside the lane."""
    plain = routed(willingness=0.8)
    flagged = routed(willingness=0.8, court_code="浙1022", open_enf_n=2, prior_zhongben_n=1, batch_size=30)

    assert lane(plain) is lane(flagged) is Lane.URGE
    assert {"keep_together", "debt_relief"} <= flags(flagged)


N = 20_000
AS_OF = days_of(TODAY) + 0.5


def random_columns(seed, stage):
    """Return N random applications, a fifth of every fact missing."""
    rng = np.random.default_rng(seed)
    columns = {}
    for field in load_register().allowed_at(stage):
        if field.type == "enum":
            values = rng.integers(0, len(field.codes), N).astype(np.float64)
        elif field.type == "bool":
            values = (rng.random(N) < 0.3).astype(np.float64)
        elif field.type in {"date", "datetime"}:
            values = np.floor(AS_OF) + rng.integers(-900, 300, N)
        elif field.type == "decimal":
            values = np.round(rng.choice([0.0, 1.0, 30.0], N) * 10 ** rng.uniform(2, 6.5, N), 2)
        elif field.type in {"int", "float", "ordinal"}:
            values = rng.integers(0, 4, N).astype(np.float64)
        else:
            continue
        columns[field.name] = np.where(rng.random(N) < 0.2, np.nan, values)
    safe = rng.random(N) < 0.6  # or hardly any row would be free of every hard rule
    for name, good in SAFE.items():
        columns[name] = np.where(safe, good, columns[name])
    return complete(columns, N, load_register(), stage, as_of=np.full(N, AS_OF))


def code(field, name):
    """Return the column number of a code."""
    return float(load_register()[field].codes.index(name))


SAFE = {
    "relief_type": code("relief_type", "money"),
    "basis_type": code("basis_type", "judgment"),
    "basis_clear": 1.0,
    "foreign_hkmt": 0.0,
    "criminal_overlap": 0.0,
    "dead_or_deregistered": 0.0,
    "bankruptcy_case": 0.0,
    "basis_effective_date": np.floor(AS_OF) - 200,
    "due_date": np.floor(AS_OF) - 100,
    "instalment": 0.0,
    "paid_before": 0.0,
    "livelihood": 0.0,
    "served_by_notice": 0.0,
    "phone_provided": 1.0,
    "dishonest_now": 0.0,
}


def random_scores(seed):
    """Return random scores, some unusable, some abstained."""
    rng = np.random.default_rng(seed + 1)
    p = [np.where(rng.random(N) < 0.1, np.nan, rng.random(N)) for _ in range(4)]
    return ScoreView(
        p_willingness_window=p[0],
        p_ability_180=p[1],
        p_quick_30=p[2],
        p_zhongben_180=p[3],
        abstained=rng.random(N) < 0.1,
    )


def stopped(c):
    """Rows that must have no lane, read straight from the facts."""
    day = np.floor(AS_OF)
    nothing = (c["relief_type"] == code("relief_type", "money")) & (
        c["claim_amount"] - c["paid_before"] - np.nan_to_num(c.get("urge_paid", np.nan)) <= 0
    )
    perhaps_due_before = (c["instalment"] == 1) & ~(c["last_instalment_due"] > c["due_date"])
    not_due = (c["due_date"] >= day) & ~perhaps_due_before
    return (c["basis_effective_date"] > day) | not_due | nothing | (c["bankruptcy_case"] > 0)


def special(c):
    """Rows for the special team, read straight from the facts."""
    strange = [code("basis_type", "foreign_hkmt"), code("basis_type", "criminal_property")]
    return (
        (c["relief_type"] > 0)
        | (c["basis_clear"] == 0)
        | np.isin(c["basis_type"], strange)
        | (c["foreign_hkmt"] == 1)
        | (c["dead_or_deregistered"] > 0)
        | (c["criminal_overlap"] == 1)
    )


def free_to_urge(c, scores):
    """Rows on which every condition of urging is known to hold."""
    day = np.floor(AS_OF)
    unsealed = (c["preserved"] == 0) | (
        (c["pres_stage"] >= 0)
        & (c["pres_stage"] != code("pres_stage", "pre_enforcement"))
        & (c["pres_expiry"] - day >= 45)
    )
    return (
        (c["consent_urge"] == code("consent_urge", "agree"))
        & (c["served_by_notice"] == 0)
        & (c["phone_provided"] == 1)
        & (c["dishonest_now"] == 0)
        & (c["limitation_days_left"] >= 75)
        & unsealed
        & (c["livelihood"] == 0)
        & ~(c["intake_channel"] == code("intake_channel", "transfer"))
        & (c["claim_amount"] - c["paid_before"] <= 1_000_000)
        & (scores.p_willingness_window >= 0.5)
        & ~scores.abstained
        & (c["due_date"] < day)
        & (c["basis_effective_date"] <= day)
        & (c["relief_type"] == 0)
    )


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 2))
def test_no_hard_rule_is_broken_before_filing(seed):
    """In a hundred thousand random applications every lane agrees with the facts, read independently."""
    c, scores = random_columns(seed, Stage.A), random_scores(seed)

    routes = route(evaluate(rules(), c, as_of=np.full(N, AS_OF), stage=Stage.A, scores=scores), scores)

    urged, stop, team = routes.lane == LANE_CODE[Lane.URGE], stopped(c), special(c)
    offer = routes.flags["direct_deduction"]
    assert np.array_equal(routes.lane == LANE_CODE[Lane.NONE], stop)
    assert (routes.lane[team & ~stop] == LANE_CODE[Lane.COMPLEX]).all()
    assert urged.sum() > 0
    assert free_to_urge(c, scores)[urged].all()
    assert not (urged & offer).any()
    assert (c["first_seal"][offer] == 1).all()
    assert (c["pres_cash"][offer] >= (c["claim_amount"] - c["paid_before"])[offer]).all()
    assert (routes.lane[offer] == LANE_CODE[Lane.FAST]).all()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 2))
def test_no_hard_rule_is_broken_after_the_query(seed):
    """In a hundred thousand filed cases nobody is urged, and fast means nothing is left to sell and time is left."""
    c, scores = random_columns(seed, B), random_scores(seed)

    routes = route(evaluate(rules(), c, as_of=np.full(N, AS_OF), stage=B, scores=scores), scores)

    fast, stop = routes.lane == LANE_CODE[Lane.FAST], stopped(c)
    due = routes.outcomes.view.number("due")
    cash = np.fmax(c["q_bank"] + np.nan_to_num(c["q_netpay"]), np.where(c["preserved"] == 0, 0, c["pres_cash"]))
    assert not (routes.lane == LANE_CODE[Lane.URGE]).any()
    assert not routes.provisional.any()
    assert np.array_equal(routes.lane == LANE_CODE[Lane.NONE], stop)
    assert (routes.lane[special(c) & ~stop] == LANE_CODE[Lane.COMPLEX]).all()
    assert fast.sum() > 0
    assert ((cash >= due) | ((c["q_realty_n"] == 0) & (c["q_vehicle_n"] == 0)))[fast].all()
    assert not (np.floor(AS_OF) - c["filed_at"] > 45)[fast].any()


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 2), stage=st.sampled_from(list(Stage)))
def test_one_row_is_routed_as_in_a_batch(seed, stage):
    """The same facts give the same lane alone and among twenty thousand."""
    c, scores = random_columns(seed, stage), random_scores(seed)
    batch = route(evaluate(rules(), c, as_of=np.full(N, AS_OF), stage=stage, scores=scores), scores)

    for i in (0, 7, N - 1):
        row = {name: column[i : i + 1] for name, column in c.items()}
        one_score = ScoreView(**{name: getattr(scores, name)[i : i + 1] for name in scores.__dataclass_fields__})
        alone = route(evaluate(rules(), row, as_of=np.array([AS_OF]), stage=stage, scores=one_score), one_score)
        assert alone.proposal(0) == batch.proposal(i)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 2), stage=st.sampled_from(list(Stage)))
def test_every_answer_can_name_its_ground(seed, stage):
    """Whoever decided, a rule is named; nobody decided only where scores abstained."""
    c, scores = random_columns(seed, stage), random_scores(seed)

    routes = route(evaluate(rules(), c, as_of=np.full(N, AS_OF), stage=stage, scores=scores), scores)

    nobody = routes.lane == UNDECIDED
    assert (routes.status[nobody] == ABSTAINED).all()
    assert (routes.rule[~nobody] >= 0).all()
    assert np.array_equal(~np.isnan(routes.margin), routes.decided_by == MODEL)
    assert np.isin(routes.decided_by[~nobody], (RULE, MODEL)).all()


def test_an_empty_batch_has_empty_routes():
    """Nothing in, nothing out, no error."""
    c = complete({}, 0, load_register(), Stage.A)

    routes = route(evaluate(rules(), c, as_of=np.empty(0), stage=Stage.A), None)

    assert len(routes) == 0


ALWAYS = condition("always", "claim_amount", "")


def test_a_court_lane_gives_way_to_the_law_and_to_what_it_yields_to() -> None:
    """Special cases and direct deduction go first; then the court's own order decides, not the names of its rules."""
    court = table(
        rule("C01", conditions=ALWAYS, yields_to=["C02"]),
        rule("C02", lane="fast", conditions=condition("below", "claim_amount", "{ value = 10000 }")),
    )

    assert decision(by_rules_alone(table=court))[:3] == (Lane.COMPLEX, "rule", "C01")
    assert decision(by_rules_alone(table=court, claim_amount=9000))[:3] == (Lane.FAST, "rule", "C02")
    assert decision(by_rules_alone(table=court, claim_amount=9000, relief_type="act"))[2] == "H03"
    assert decision(by_rules_alone(table=court, **SEALED))[:3] == (Lane.FAST, "rule", "H04")


@pytest.mark.parametrize("name", ["H00", "A01", "C01"])
def test_no_name_puts_a_court_lane_before_the_law(name: str) -> None:
    """Neither the flag of direct deduction nor the call to file is silenced by a lane of the court."""
    routes = by_rules_alone(table=table(rule(name, conditions=ALWAYS)), **SEALED)

    assert decision(routes)[2] == "H04"
    assert "direct_deduction" in flags(routes)


def test_a_flag_is_on_where_any_of_its_rules_is_met() -> None:
    """A second rule with the flag of a court's first takes nothing away."""
    words = {"flag": "look", "flag_text": ["看", "look"], "kind": "flag", "lane": None}
    court = table(
        rule("C01", **words),
        rule("C02", conditions=condition("is_true", "supervised", ""), **words),
    )

    large = by_rules_alone(table=court, claim_amount=600000)

    assert [flag.rule for flag in large.proposal(0).flags if flag.code == "look"] == ["C01"]
    assert large.flags["look"].tolist() == [True]
    assert by_rules_alone(table=court).flags["look"].tolist() == [False]
