"""Tests of features.feature: what a declaration says, and what it cannot reach."""

from __future__ import annotations

import numpy as np
import pytest

from features.feature import Declaration, Feature, Group, Pull, Unit, each_code, feature, is_code, readable, taken
from features.known import Array, ForbiddenFieldError, Known
from features.register import Field, Stage, load_register
from tests.builders_known import known

SAID: Declaration = {
    "asks": ("是否？", "Is it?"),
    "unit": Unit.YES_NO,
    "pull": Pull.UP,
    "code": "W01",
    "missing": ("未登记", "not recorded"),
}

CLOSED = [field for field in load_register().fields if not field.feature_at(Stage.B)]


@pytest.mark.parametrize("field", CLOSED, ids=lambda field: field.name)
def test_a_closed_field_cannot_be_declared(field: Field) -> None:
    """No feature can be made of a protected, identifying or later-stage field, nor of one marked as no feature."""
    with pytest.raises(ForbiddenFieldError, match=f"任何阶段的特征均不得读取：{field.name} / features of no stage"):
        taken(field.name, **SAID)


@pytest.mark.parametrize("column", ["cause_code", "industry_code", "clue_types", "no_such_field", "q_bank@observed_at"])
def test_a_column_that_is_no_number_cannot_be_declared(column: str) -> None:
    """Words, whole sets, unknown names and observation instants are no columns of features."""
    with pytest.raises(ForbiddenFieldError, match=f"may read: {column}"):
        taken(column, **SAID)


def test_one_closed_field_among_open_ones_is_named() -> None:
    """The refusal names the column that is closed, not those that are open."""
    with pytest.raises(ForbiddenFieldError, match="may read: gender'"):
        feature("claim_amount", "gender", **SAID)(lambda known: known["claim_amount"])


def test_a_taken_column_comes_through_unchanged() -> None:
    """A column read as it is arrives as it is, missing values included."""
    values = taken("open_enf_n", **SAID).compute(known(n=3, open_enf_n=[0, 7, np.nan]))

    np.testing.assert_array_equal(values, [0, 7, np.nan])


def test_an_indicator_tells_no_from_unknown() -> None:
    """A code is 1 where it holds, 0 where another holds, NaN where the field is missing."""
    indicator = is_code("applicant_type", "bank", **SAID)

    values = indicator.compute(known(n=3, applicant_type=["bank", "person", np.nan]))

    np.testing.assert_array_equal(values, [1, 0, np.nan])


def test_an_unregistered_code_cannot_be_declared() -> None:
    """A misspelt code fails where it is declared, not in a model."""
    with pytest.raises(ValueError, match="not in tuple"):
        is_code("applicant_type", "bnak", **SAID)


def test_each_code_asks_its_own_question() -> None:
    """One declaration for several codes gives one worded question each."""
    asks = ("申请执行人是否为{}？", "Is the applicant {}?")
    words = {"bank": ("银行", "a bank"), "person": ("自然人", "a natural person")}

    bank, person = each_code("applicant_type", words, **(SAID | {"asks": asks}))

    assert (bank.name, bank.zh) == ("applicant_type_bank", "申请执行人是否为银行？")
    assert (person.name, person.en) == ("applicant_type_person", "Is the applicant a natural person?")


def test_a_function_becomes_the_feature_of_its_name() -> None:
    """The decorator keeps name, reads and question together with the computation."""

    @feature("claim_amount", **SAID)
    def doubled(known: Known) -> Array:
        return known["claim_amount"] * 2.0

    assert isinstance(doubled, Feature)
    assert (doubled.name, doubled.reads) == ("doubled", ("claim_amount",))
    assert doubled.compute(known(claim_amount=21)).tolist() == [42.0]


@pytest.mark.parametrize(("column", "stage"), [("claim_amount", Stage.A), ("urge_paid", Stage.B), ("q_bank", Stage.B)])
def test_the_stage_follows_from_what_is_read(column: str, stage: Stage) -> None:
    """A feature exists from the first stage at which all it reads may be known."""
    assert taken(column, **SAID).stage is stage


def test_a_stage_a_feature_serves_both_stages_and_a_stage_b_feature_one() -> None:
    """What is known before filing is still known after the query, not the reverse."""
    early, late = taken("claim_amount", **SAID), taken("q_bank", **SAID)

    assert [early.serves(stage) for stage in Stage] == [True, True]
    assert [late.serves(stage) for stage in Stage] == [False, True]


def test_the_group_follows_from_the_code() -> None:
    """The letter of a reason code names the group in which a judge sees it."""
    assert taken("claim_amount", **(SAID | {"code": "A01"})).group is Group.ASSETS


@pytest.mark.parametrize(("pull", "sign"), [(Pull.UP, 1), (Pull.DOWN, -1), (Pull.NONE, 0)])
def test_a_pull_is_a_monotone_constraint(pull: Pull, sign: int) -> None:
    """Up, down and none are 1, -1 and 0."""
    assert pull.sign == sign


def test_every_unit_is_worded_in_both_languages() -> None:
    """A unit reads in Chinese by value and in English by name."""
    assert all(unit.en.isascii() and not unit.value.isascii() for unit in Unit)


def test_stage_b_reads_all_that_stage_a_reads() -> None:
    """Nothing that could be read before filing closes afterwards."""
    assert readable(Stage.A) < readable(Stage.B)
