"""One case and ten million are written into the same columns, bit for bit."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given

from features.case import Case, parse_case
from features.clock import SHANGHAI, days_of
from features.columns import OBSERVED, code_index, column_names, columns_of, complete, encode, is_words
from features.derived import COMPUTED
from features.register import Field, Stage, load_register
from tests.builders_case import NOW, TOKEN, case_document, case_of, stage_b_document
from tests.strategies_case import documents

REGISTER = load_register()


def batch_of(cases: list[Case]):
    """Return the columns of cases of one stage, encoded field by field as a history table would be."""
    stage = cases[0].stage
    columns = {}
    for field in REGISTER.allowed_at(stage):
        given_values = [case.values.get(field.name) for case in cases]
        if field.name not in COMPUTED or any(value is not None for value in given_values):
            columns |= encode(field, given_values)
        seen = [case.observed_at.get(field.name) for case in cases]
        if any(seen):
            columns[field.name + OBSERVED] = np.array([np.nan if at is None else days_of(at) for at in seen])
    columns |= encode(REGISTER["court_code"], [case.court_code for case in cases])
    columns |= encode(REGISTER["application_id"], [case.application_id for case in cases])
    return complete(columns, len(cases), REGISTER, stage, as_of=np.array([days_of(case.as_of) for case in cases]))


def bits(column) -> object:
    """Return what makes two columns the same: the bytes of numbers, the words of words."""
    return column.tolist() if column.dtype == object else column.tobytes()


def parsed(document) -> Case:
    """Return the case of a document."""
    return parse_case(document, now=NOW, register=REGISTER)


@given(documents())
def test_one_case_equals_its_row_in_a_batch(document):
    """What is served online and what is trained on offline are the same numbers to the last bit."""
    case = parsed(document)
    other = case_of() if case.stage is Stage.A else case_of(stage_b_document())
    batch = batch_of([other, case, other])
    single = columns_of(case, REGISTER)
    assert set(single) <= set(batch)
    assert {name: bits(column) for name, column in single.items()} == {name: bits(batch[name][1:2]) for name in single}


def test_every_field_of_the_stage_has_its_columns():
    """A case that says little still has a column for every field, so that nobody asks in vain."""
    case = parsed(
        {**case_document(), "case": {"received_at": "2026-11-20T09:00:00+08:00"}, "observed_at": {}, "missing": {}}
    )
    columns = columns_of(case, REGISTER)
    for field in REGISTER.allowed_at(Stage.A):
        assert set(column_names(field)) <= set(columns)
    assert np.isnan(columns["claim_amount"][0])
    assert columns["basis_no"][0] is None


def test_columns_hold_the_documented_numbers():
    """Yes is 1, money is yuan, a date is days since 1970, an enum is the place of its code."""
    columns = columns_of(case_of(), REGISTER)
    assert columns["preserved"][0] == 1.0
    assert columns["claim_amount"][0] == 38600.0
    assert columns["due_date"][0] == (date(2026, 8, 14) - date(1970, 1, 1)).days
    assert columns["debtor_type"][0] == REGISTER["debtor_type"].codes.index("person")
    assert columns["court_code"][0] == "浙1022"


def test_an_instant_floors_to_its_shanghai_date():
    """An instant and its date share the whole part, whatever the offset it was sent with."""
    late_evening = datetime(2026, 11, 20, 23, 59, 59, tzinfo=SHANGHAI)
    assert np.floor(days_of(late_evening)) == days_of(date(2026, 11, 20))
    column = columns_of(case_of(received_at="2026-11-19T16:30:00Z"), REGISTER)["received_at"]
    assert np.floor(column[0]) == days_of(date(2026, 11, 20))


def test_a_set_has_a_column_per_code_and_is_missing_as_a_whole():
    """No clue of a kind is 0; no answer about clues is missing in every kind."""
    field = REGISTER["clue_types"]
    columns = encode(field, [("vehicle",), (), None])
    assert list(columns) == [f"clue_types.{code}" for code in field.codes]
    assert columns["clue_types.vehicle"][:2].tolist() == [1.0, 0.0]
    assert all(np.isnan(column[2]) for column in columns.values())


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("instalment", True, 1.0),
        ("n_debtors", 3, 3.0),
        ("prior_recovery_rate", 0.25, 0.25),
        ("principal", Decimal("0.10"), 0.1),
    ],
)
def test_numbers_are_encoded_and_missing_is_nan(name: str, value: object, number: float):
    """None is NaN in every numeric column, never 0."""
    column = encode(REGISTER[name], [value, None])[name]
    assert column.dtype == np.float64
    assert column[0] == number
    assert np.isnan(column[1])


def test_encoding_nothing_gives_empty_columns():
    """No rows are no error."""
    for name in ("principal", "clue_types", "basis_no", "debtor_type"):
        assert all(column.shape == (0,) for column in encode(REGISTER[name], []).values())


def test_a_list_of_payments_has_no_column():
    """Payments are events, not a fact of a row."""
    with pytest.raises(ValueError, match=r"payments.*has no column"):
        encode(REGISTER["payments"], [None])


def test_codes_and_their_wordings_share_a_number():
    """A table that says 判决 and one that says judgment mean the same column value."""
    index = code_index(REGISTER["basis_type"])
    assert index["判决"] == index["judgment"] == 0.0
    assert len(set(index.values())) == len(REGISTER["basis_type"].codes)


def test_completing_adds_what_is_absent_and_what_is_computed():
    """A table with one column becomes whole: missing elsewhere, with the computed facts added."""
    columns = complete({"claim_amount": np.array([50_000.0, np.nan])}, 2, REGISTER, Stage.A, as_of=np.full(2, 20_000.0))
    assert columns["fee_est"][0] == 650.0
    assert np.isnan(columns["fee_est"][1])
    assert np.isnan(columns["age"]).all()
    assert columns["basis_no"].tolist() == [None, None]
    assert "q_bank" not in columns


@pytest.mark.parametrize(("stage", "moment"), [(Stage.A, "received_at"), (Stage.B, "query_at")])
def test_completing_takes_the_stages_own_moment(stage: Stage, moment: str):
    """Without an instant of its own a row is seen as of receipt at A and as of the query's return at B."""
    columns = complete({moment: np.array([100.5]), "due_date": np.array([90.0])}, 1, REGISTER, stage)
    assert columns["days_since_due"][0] == 10.0


def test_absent_columns_cannot_be_written_to():
    """Absent columns are shared, so nobody may write into one by mistake."""
    columns = complete({}, 2, REGISTER, Stage.A)
    with pytest.raises(ValueError, match="read-only"):
        columns["age"][0] = 1.0


def test_a_courts_own_field_has_its_columns():
    """A declared extension is encoded like a shipped field."""
    own = Field("x_zone", "片区", "Zone", "enum", "A", codes=("north", "south"), codes_zh=("北", "南"))
    register = REGISTER.extended([own])
    case = parse_case(case_document(x_zone="南"), now=NOW, register=register)
    assert columns_of(case, register)["x_zone"].tolist() == [1.0]


def test_companions_carry_when_a_value_was_observed():
    """A date of observation stands for the start of its day."""
    columns = columns_of(case_of(), REGISTER)
    assert columns["dishonest_now" + OBSERVED][0] == days_of(date(2026, 11, 19))


def test_words_stand_in_object_columns_only():
    """No text, and so no token, can slip into a numeric column."""
    columns = columns_of(case_of(), REGISTER)
    assert columns["id_token"].tolist() == [TOKEN]
    for field in REGISTER.allowed_at(Stage.A):
        assert all((columns[name].dtype == object) == is_words(field) for name in column_names(field))
