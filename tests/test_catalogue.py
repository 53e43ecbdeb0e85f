"""Tests of features.catalogue: what is asked, what it may read, which way it may pull, and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from features.catalogue import FEATURES, catalogue, codes_used
from features.causes import FAMILIES
from features.columns import complete
from features.feature import Feature, Group, Pull, readable
from features.known import Array, ForbiddenFieldError, Known
from features.matrix import matrix
from features.register import Stage, load_register
from tests.builders_known import AS_OF, known

BY_NAME = {feature.name: feature for feature in FEATURES}

FORBIDDEN_WORDS = ("无力", "无能力", "没有能力", "老赖", "赖账", "失联", "恶意", "跑路", "拒不", "不诚信")
FORBIDDEN_WORDS_EN = ("cannot pay", "unable", "insolvent", "bad faith", "deadbeat", "refuses")

ASSETS = (
    *("pres_cash", "pres_other_value", "pres_realty_n", "pres_vehicle_n", "vehicle_in_custody", "first_seal"),
    *("collateral_value", "priority_right", "paid_before", "insured_headcount", "paid_in_capital", "as_creditor_n"),
    *("clue_n", "clue_specific", "trial_clue", "clue_types.deposit", "clue_types.wage", "preserved"),
)
FOUND = (
    *("q_bank", "q_netpay", "q_wealth", "q_securities", "q_insurance", "q_hpf", "q_wage", "urge_paid"),
    *("q_realty_n", "q_vehicle_n", "q_equity_n", "q_vessel_n", "grid_clue"),
)

each_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)


class Probe(dict[str, Array]):
    """Columns that remember which of them were asked for."""

    def __init__(self, columns: Mapping[str, Array]) -> None:
        super().__init__(columns)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Array:
        self.asked.add(name)
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:
        pytest.fail("a feature walked over all columns")


def value(name: str, stage: str = "A", **columns: object) -> float:
    """Return one feature of one case that knows only these columns."""
    return float(BY_NAME[name].compute(known(stage, **columns))[0])


# What is declared


def test_there_are_enough_questions() -> None:
    """Stage A asks about a hundred, stage B some thirty more."""
    assert len(catalogue(Stage.A)) >= 85
    assert 115 <= len(catalogue(Stage.B)) <= 135


def test_names_are_unique_and_fit_a_model_file() -> None:
    """No two features share a name, and no name needs quoting."""
    assert len(BY_NAME) == len(FEATURES)
    assert [name for name in BY_NAME if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_question_is_asked_twice(language: str) -> None:
    """Each question differs from every other in both languages."""
    questions = [getattr(feature, language) for feature in FEATURES]

    assert sorted({q for q in questions if questions.count(q) > 1}) == []


@each_feature
def test_every_feature_is_worded_in_both_languages(feature: Feature) -> None:
    """A question ends as one, and both languages say what a missing value means."""
    assert re.fullmatch(r"[^A-Za-z?{}]+？", feature.zh)
    assert re.fullmatch(r"[A-Z][^？{}]+\?", feature.en)
    assert feature.missing
    assert feature.missing_en.isascii()
    assert feature.unit


@each_feature
def test_no_question_judges_a_person(feature: Feature) -> None:
    """Questions speak of records and registers, never of what a person is or is unable to do."""
    assert [word for word in FORBIDDEN_WORDS if word in feature.zh + feature.missing] == []
    assert [word for word in FORBIDDEN_WORDS_EN if word in (feature.en + feature.missing_en).lower()] == []


def test_the_order_is_stable_and_stage_b_only_adds() -> None:
    """Stage A's features stand in stage B in the same order."""
    early = catalogue(Stage.A)

    assert tuple(f for f in catalogue(Stage.B) if f.stage is Stage.A) == early
    assert catalogue(Stage.A) == early


def test_every_feature_stands_under_one_reason_code() -> None:
    """The table of codes holds every feature once, and all of a code belong to its group."""
    table = codes_used()

    assert sorted(f.name for features in table.values() for f in features) == sorted(BY_NAME)
    assert all(re.fullmatch(r"[WADPC]\d\d", code) for code in table)
    assert all(len({f.group for f in features}) == 1 for features in table.values())
    assert {f.group for f in FEATURES} == set(Group)


def test_every_cause_asked_for_is_a_family() -> None:
    """Each question about the cause belongs to a family of the table of causes."""
    families = {name.removeprefix("cause_") for name in BY_NAME if name.startswith("cause_")}

    assert families < set(FAMILIES)


# What is read


@each_feature
def test_a_feature_reads_what_it_declares(feature: Feature) -> None:
    """The columns really read are those declared, no more and no fewer."""
    probe = Probe(known(feature.stage, n=3).columns)

    feature.compute(replace(known(feature.stage, n=3), columns=probe))

    assert probe.asked == set(feature.reads)


def test_a_false_declaration_would_be_seen() -> None:
    """The probe finds a column that is read and not declared."""
    probe = Probe(known().columns)
    liar = replace(BY_NAME["paid_share"], reads=("paid_before",))

    liar.compute(replace(known(), columns=probe))

    assert probe.asked - set(liar.reads) == {"claim_amount"}


@pytest.mark.parametrize("stage", Stage)
def test_nothing_closed_is_read(stage: Stage) -> None:
    """No feature of a stage reads a column that the register closes at that stage."""
    register = load_register()
    owners = {column.partition(".")[0] for feature in catalogue(stage) for column in feature.reads}

    assert [name for name in owners if not register[name].feature_at(stage)] == []


def test_numbers_dates_and_hands_of_this_case_are_not_features() -> None:
    """The case's own number, filing and query instants, court and batch are assigned by what we predict."""
    own = {"enf_case_no", "pre_case_no", "filed_at", "query_at", "court_code", "application_id", "basis_no", "batch_id"}

    assert own.isdisjoint(column for feature in FEATURES for column in feature.reads)
    assert own.isdisjoint(readable(Stage.B))


def test_a_query_result_cannot_reach_stage_a() -> None:
    """What the first query found is dropped before filing, even when it was sent."""
    facts = known("A", q_bank=50_000, urge_paid=100)

    with pytest.raises(ForbiddenFieldError, match="features of stage A may not read 'q_bank'"):
        BY_NAME["q_bank_to_claim"].compute(facts)


def test_a_second_query_cannot_replace_the_first() -> None:
    """A result observed after the first query counts as missing, not as what was known."""
    later = {"q_bank@observed_at": AS_OF + 20.0}

    assert np.isnan(value("q_bank_to_claim", "B", claim_amount=1_000, q_bank=50_000, **later))


def test_todays_list_says_nothing_about_an_old_case() -> None:
    """A listing observed after the application is not known to it."""
    seen = {"dishonest_now@observed_at": AS_OF + 0.1}

    assert np.isnan(value("dishonest_now", dishonest_now=1, **seen))


def test_free_text_cannot_be_read() -> None:
    """Text that may hold the outcome has no column that a feature could read."""
    assert [c for c in readable(Stage.B) if load_register()[c.partition(".")[0]].type == "text"] == []
    assert "clue_text" not in readable(Stage.B)


def test_identity_numbers_and_what_they_hold_cannot_be_read() -> None:
    """Neither the token nor sex, age and household registration taken from the number can be read."""
    held = {"id_token", "id_checksum_ok", "age", "gender", "huji_region", "minor", "in_jurisdiction"}

    assert held.isdisjoint(readable(Stage.B))


# Which way it may pull


def moved(before: Known, after: Known, features: tuple[Feature, ...]) -> dict[str, float]:
    """Return how far each feature moved along its pull; any move of a free feature counts as against it."""
    left, right = matrix(before, features)[0].astype(float), matrix(after, features)[0].astype(float)
    change = np.where(np.isnan(left) & np.isnan(right), 0.0, right - left)
    free = {f.name: -abs(d) for f, d in zip(features, change, strict=True) if f.pull is Pull.NONE}
    held = {f.name: d * f.pull.sign for f, d in zip(features, change, strict=True) if f.pull is not Pull.NONE}
    return free | held


def case(draw: np.random.Generator, stage: Stage, **columns: float) -> Known:
    """Return a case of believable numbers through the computed columns, as a real one comes."""
    register = load_register()
    facts = {
        name: np.array([float(draw.integers(0, 6)) if draw.random() < 0.8 else np.nan])
        for name in sorted(readable(stage))
        if "." not in name or name.startswith("clue_types")
    }
    facts |= {"claim_amount": np.array([float(draw.integers(1, 10**6))]), "due_date": np.array([AS_OF // 1 - 90.0])}
    facts |= {name: np.array([float(number)]) for name, number in columns.items()}
    as_of = np.array([AS_OF])
    return Known.cut(complete(facts, 1, register, stage, as_of=as_of), as_of=as_of, stage=stage, register=register)


@given(seed=st.integers(0, 2**32 - 1), stage=st.sampled_from(Stage), data=st.data())
def test_a_verified_asset_never_lowers_payment(seed: int, stage: Stage, data: st.DataObject) -> None:
    """More of any asset moves every feature along its pull or not at all."""
    asset = data.draw(st.sampled_from(ASSETS if stage is Stage.A else ASSETS + FOUND))
    low, more = data.draw(st.integers(0, 5)), data.draw(st.integers(1, 10**6))

    def with_asset(amount: float) -> Known:
        return case(np.random.default_rng(seed), stage, **{asset: amount})

    steps = moved(with_asset(low), with_asset(low + more), catalogue(stage))

    assert {name: step for name, step in steps.items() if step < 0} == {}


@given(seed=st.integers(0, 2**32 - 1), stage=st.sampled_from(Stage), factor=st.floats(1.0, 1e6))
def test_a_larger_claim_never_raises_payment(seed: int, stage: Stage, factor: float) -> None:
    """A larger claim, with the fee, interest and cover computed from it, moves no feature along its pull."""
    claim = 100.0 + seed % 10_000

    def claiming(amount: float) -> Known:
        return case(np.random.default_rng(seed), stage, claim_amount=amount)

    steps = moved(claiming(claim * factor), claiming(claim), catalogue(stage))

    assert {name: step for name, step in steps.items() if step < 0} == {}


@given(
    seed=st.integers(0, 2**32 - 1),
    earlier=st.integers(0, 5),
    other=st.integers(0, 20),
    days=st.integers(0, 3_000),
    newer=st.integers(0, 3_000),
)
def test_one_more_zhongben_never_raises_payment(seed: int, earlier: int, other: int, days: int, newer: int) -> None:
    """One more earlier case closed by 终本 for the same reason moves no feature along its pull."""
    assume(newer <= days)

    def with_zhongben(n: int, last: float) -> Known:
        columns = {"prior_zhongben_n": n, "prior_enf_n": n + other, "last_zhongben_days": last}
        return case(np.random.default_rng(seed), Stage.A, **columns, last_zhongben_reason=0.0)

    before = with_zhongben(earlier, days if earlier else np.nan)
    steps = moved(with_zhongben(earlier + 1, newer), before, catalogue(Stage.A))

    assert {name: step for name, step in steps.items() if step < 0} == {}


def test_who_the_applicant_is_has_no_direction() -> None:
    """A kind of creditor, a cause or an industry counts neither for nor against anyone by declaration."""
    free = ("applicant_type_", "cause_", "industry_", "debtor_type_", "basis_type_")

    assert {f.pull for f in FEATURES if f.name.startswith(free)} == {Pull.NONE}


# What it means


@pytest.mark.parametrize(
    ("name", "stage", "columns", "expected"),
    [
        ("claim_amount_log10", "A", {"claim_amount": 999}, 3.0),
        ("claim_per_debtor_log10", "A", {"claim_amount": 198, "n_debtors": 2}, 2.0),
        ("paid_share", "A", {"paid_before": 25, "claim_amount": 75}, 0.25),
        ("interest_to_principal", "A", {"ordinary_interest": 30, "principal": 120}, 0.25),
        ("collateral_realty", "A", {"collateral_type": "factory"}, 1.0),
        ("collateral_realty", "A", {"collateral_type": "vehicle"}, 0.0),
        ("paid_in_capital_to_claim", "A", {"paid_in_capital": 0.0999, "claim_amount": 99}, 1.0),
        ("pres_cash_to_claim", "A", {"pres_cash": 999, "claim_amount": 9}, 2.0),
        ("pres_total_cover", "A", {"pres_cash": 30, "pres_other_value": 20, "claim_amount": 100}, 0.5),
        ("pres_total_cover", "A", {"pres_cash": 30, "claim_amount": 100}, 0.3),
        ("pres_days_left", "A", {"pres_expiry": AS_OF // 1 + 45}, 45.0),
        ("days_since_effective", "A", {"basis_effective_date": AS_OF // 1 - 30}, 30.0),
        ("performance_days", "A", {"basis_effective_date": 100, "due_date": 110}, 10.0),
        ("month_of_year", "A", {}, 3.0),
        ("prior_full_share", "A", {"prior_full_n": 2, "prior_enf_n": 3}, 0.5),
        ("prior_zhongben_share", "A", {"prior_zhongben_n": 0, "prior_enf_n": 0}, 0.0),
        ("open_and_claimed_log10", "A", {"open_enf_amount": 900, "claim_amount": 99}, 3.0),
        ("settle_default_share", "A", {"settle_default_n": 1, "voluntary_n": 3}, 0.25),
        ("zhongben_clear_days", "A", {"prior_zhongben_n": 1, "last_zhongben_days": 400}, 400.0),
        ("zhongben_clear_days", "A", {"prior_zhongben_n": 1, "last_zhongben_days": 9_000}, 1826.0),
        ("zhongben_clear_days", "A", {"prior_zhongben_n": 0}, 1826.0),
        ("in_bankruptcy", "A", {"bankruptcy_case": "reorganisation"}, 1.0),
        ("in_bankruptcy", "A", {"bankruptcy_case": "none"}, 0.0),
        ("industry_construction", "A", {"industry_code.section": 4}, 1.0),
        ("cause_private_loan", "A", {"cause_code.family": FAMILIES.index("private_loan")}, 1.0),
        ("urge_promised", "B", {"urge_start": AS_OF - 20, "urge_promise_date": AS_OF // 1 - 5}, 1.0),
        ("urge_promised", "B", {"urge_start": AS_OF - 20}, 0.0),
        ("urge_promise_days", "B", {"urge_start": 100.4, "urge_promise_date": 107}, 7.0),
        ("urge_promise_overdue_days", "B", {"urge_promise_date": AS_OF // 1 - 5}, 5.0),
        ("q_cash_to_claim", "B", {"q_bank": 90, "q_netpay": 9, "claim_amount": 9}, 1.0),
        ("q_wage_months", "B", {"q_wage": 5_000, "claim_amount": 30_000}, 6.0),
        ("q_wage_months", "B", {"q_wage": 0, "claim_amount": 30_000}, 1200.0),
        ("q_kinds_found", "B", {"q_bank": 3, "q_realty_n": 2, "q_hpf": 0}, 2.0),
        ("q_nothing_found", "B", {"q_bank": 0, "q_realty_n": 0}, 1.0),
        ("q_nothing_found", "B", {"q_bank": 0, "q_realty_n": 1}, 0.0),
    ],
)
def test_a_feature_means_what_it_asks(name: str, stage: str, columns: dict[str, float | str], expected: float) -> None:
    """The answer to a question is the number a clerk would work out by hand."""
    assert value(name, stage, **columns) == pytest.approx(expected)


def test_the_cover_counts_all_that_is_due() -> None:
    """Found money is set against claim, estimated interest for delay and fee."""
    due = {"claim_amount": 900, "delay_interest_est": 50, "fee_est": 50}

    assert value("q_cash_cover", "B", q_bank=400, q_wealth=100, **due) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"prior_zhongben_n": 2, "last_zhongben_days": 700, "last_zhongben_reason": "no_assets"}, 1.0),
        ({"prior_zhongben_n": 2, "last_zhongben_days": 731, "last_zhongben_reason": "no_assets"}, 0.0),
        ({"prior_zhongben_n": 2, "last_zhongben_days": 700, "last_zhongben_reason": "other"}, 0.0),
        ({"prior_zhongben_n": 2, "last_zhongben_days": 731}, 0.0),
        ({"prior_zhongben_n": 2, "last_zhongben_days": 700}, np.nan),
        ({"prior_zhongben_n": 0}, 0.0),
        ({}, np.nan),
    ],
)
def test_a_recent_zhongben_for_want_of_assets(columns: dict[str, float | str], expected: float) -> None:
    """Both age and reason must be known to say yes; either one suffices to say no."""
    assert value("no_asset_zhongben_2y", **columns) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "stage", "columns"),
    [
        ("claim_per_debtor_log10", "A", {"claim_amount": 100}),
        ("paid_share", "A", {"claim_amount": 100}),
        ("prior_full_share", "A", {"prior_full_n": 1}),
        ("settle_default_share", "A", {"settle_default_n": 0, "voluntary_n": 0}),
        ("pres_total_cover", "A", {"claim_amount": 100}),
        ("urge_promised", "B", {}),
        ("q_cash_to_claim", "B", {"claim_amount": 100}),
        ("q_wage_months", "B", {"claim_amount": 100}),
        ("q_kinds_found", "B", {}),
        ("q_nothing_found", "B", {}),
    ],
)
def test_what_is_unknown_stays_unknown(name: str, stage: str, columns: dict[str, float]) -> None:
    """A source that did not answer is missing; it is never taken for nothing."""
    assert np.isnan(value(name, stage, **columns))


@each_feature
def test_a_case_of_which_nothing_is_known_has_no_answers(feature: Feature) -> None:
    """Only the season is known of a case without facts."""
    answer = feature.compute(known(feature.stage))[0]

    assert np.isnan(answer) == (feature.name != "month_of_year")
