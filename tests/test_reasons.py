"""Reasons: reviewed words, readable values, and printed numbers that add up to the last digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import FEATURES, codes_used
from features.extensions import CODES, ExtensionField
from features.feature import Feature, Group, Pull
from features.known import Known
from features.register import Field, Stage, load_register
from models.explain.reason_values import source_of, value_of, yuan
from models.explain.reasons import CaseFacts, Explanation, explain, per_hundred, wordings
from models.scores import ScoreTable, score
from tests.builders_known import known
from tests.builders_models import assembled, random_known, tiny_stage

BUNDLE = assembled()
CASES = {stage: random_known(stage, 30, seed=8) for stage in Stage}


def explained(i: int, name: str, *, stage: Stage = Stage.A, court: str = "浙1022", count: int = 5) -> Explanation:
    """Return the explanation of one random case."""
    facts = CaseFacts(one(CASES[stage], i), court)
    return explain(BUNDLE.stages[stage], facts, table_of(facts), name=name, count=count)


def one(many: Known, i: int) -> Known:
    """Return one row of many."""
    return Known(many.stage, many.as_of[i : i + 1], {name: c[i : i + 1] for name, c in many.columns.items()})


def table_of(facts: CaseFacts) -> ScoreTable:
    """Return the scores of the case."""
    return score(BUNDLE, facts.known, [facts.court])


def shipped(name: str) -> Feature:
    """Return a shipped feature by name."""
    return next(feature for feature in FEATURES if feature.name == name)


def shown(name: str, **columns: float | str) -> str:
    """Return the value shown for a feature of a case that knows only these columns."""
    feature = shipped(name)
    return value_of(feature, known(feature.stage.value, **columns), load_register())


@given(
    st.integers(0, 29),
    st.sampled_from([(Stage.A, "willingness"), (Stage.A, "ability"), (Stage.A, "recovery"), (Stage.B, "quick_close")]),
    st.sampled_from(["浙1022", "浙1021", "未见"]),
    st.integers(0, 20),
)
def test_printed_numbers_add_up(i: int, what: tuple[Stage, str], court: str, count: int) -> None:
    """Average of the court + printed effects + the rest row = printed score, to the last digit."""
    stage, name = what
    found = explained(i, name, stage=stage, court=court, count=count)
    p = score(BUNDLE, one(CASES[stage], i), [court]).columns[name].p[0]

    assert found.average + sum(r.effect_per_100 for r in found.reasons) + found.rest == found.shown
    assert found.shown == per_hundred(p)
    assert len(found.reasons) <= count


def test_reasons_are_signed_and_the_strongest_come_first() -> None:
    """Effects never grow down the list, none is nothing, and the direction is the sign."""
    found = explained(3, "ability")
    sizes = [abs(reason.effect_per_100) for reason in found.reasons]

    assert sizes == sorted(sizes, reverse=True)
    assert all((r.effect_per_100 > 0) == (r.direction == "up") and r.effect_per_100 for r in found.reasons)


def test_each_code_appears_once() -> None:
    """Features of one code are one reason."""
    codes = [reason.code for reason in explained(5, "willingness", count=20).reasons]

    assert len(codes) == len(set(codes))


def test_every_feature_has_words_and_every_word_a_feature() -> None:
    """No shipped feature is without reviewed words, and no words stand unused."""
    assert set(wordings()) == set(codes_used()) | set(CODES.values())


def test_words_stand_in_the_group_of_their_features() -> None:
    """A reason is shown in the group in which its features were declared."""
    for code, features in codes_used().items():
        assert {feature.group for feature in features} == {wordings()[code].group}


def test_words_are_in_both_languages() -> None:
    """Every wording has Chinese and English."""
    assert all(word.zh.strip() and word.en.isascii() for word in wordings().values())


def test_no_reason_rests_on_a_protected_field() -> None:
    """Age, sex, household registration and address have no reason code."""
    barred = {field.name for field in load_register().fields if not field.feature_at(Stage.B)}

    assert not barred & {column.partition(".")[0] for feature in FEATURES for column in feature.reads}


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("claim_amount_log10", {"claim_amount": 38600.0}, "38,600元"),
        ("claim_amount_log10", {"claim_amount": 1234567.5}, "1,234,567.50元"),
        ("q_bank_to_claim", {"q_bank": 1820.55, "claim_amount": 5000.0}, "1,820.55元"),
        ("voluntary_n", {"voluntary_n": 2.0}, "2次"),
        ("phone_provided", {"phone_provided": 1.0}, "是"),
        ("phone_provided", {"phone_provided": 0.0}, "否"),
        ("phone_provided", {}, "未知"),
        ("prior_recovery_rate", {"prior_recovery_rate": 0.456}, "46%"),
        ("basis_type_mediation", {"basis_type": "judgment"}, "判决"),
        ("days_since_effective", {"basis_effective_date": 19_723.0}, "2024-01-01（60日）"),
    ],
)
def test_values_are_written_for_people(name: str, columns: dict[str, float | str], expected: str) -> None:
    """Money has thousands separators, dates are dates, yes is 是, kinds have their names."""
    assert shown(name, **columns) == expected


def test_fen_are_shown_only_where_there_are_some() -> None:
    """Round sums are short."""
    assert (yuan(5000.0), yuan(0.5)) == ("5,000元", "0.50元")


def test_every_source_has_a_chinese_name() -> None:
    """No English source word reaches a judge."""
    sources = {source_of(feature, load_register()) for feature in FEATURES}

    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in source) for source in sources)
    assert {"执行依据", "办案系统", "系统计算"} <= sources


def test_a_reason_is_dated_by_its_observation() -> None:
    """Where the source gave a day it is shown; else the day of scoring."""
    facts = CaseFacts(one(CASES[Stage.A], 3), "浙1022")
    plain = explain(BUNDLE.stages[Stage.A], facts, table_of(facts), name="ability", count=20)
    lead = shipped(plain.reasons[0].feature)
    seen = {column.partition(".")[0]: date(2025, 1, 9) for column in lead.reads}
    dated = explain(BUNDLE.stages[Stage.A], replace(facts, observed_at=seen), table_of(facts), name="ability")

    assert dated.reasons[0].as_of == date(2025, 1, 9)
    assert plain.reasons[0].as_of == date(1970, 1, 1).fromordinal(719163 + int(facts.known.as_of[0]))


def test_a_courts_own_fact_is_worded_by_its_own_question() -> None:
    """Extension fields are no shipped code; the court's question is the reason."""
    own = ExtensionField(
        Field("x_grade", "等级", "grade", "int", "A"), "等级是多少？", "Which?", "级", Pull.NONE, Group.CASE
    )
    register = load_register().extended([own.field])
    feature = own.features()[0]
    case = Known(Stage.A, np.array([20000.0]), {"x_grade": np.array([3.0])})

    assert feature.code in wordings()
    assert value_of(feature, case, register) == "3级"


def test_every_feature_can_be_shown_for_any_case() -> None:
    """No value of any feature fails to be written, missing ones included."""
    for stage in Stage:
        many = CASES[stage]
        empty = Known(stage, many.as_of[:1], {name: np.array([np.nan]) for name in many.columns})
        for case in (one(many, 0), one(many, 1), empty):
            texts = [value_of(feature, case, load_register()) for feature in tiny_stage(stage).features]
            assert all(text and "nan" not in text for text in texts)
