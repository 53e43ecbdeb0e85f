"""Known is the only cut through time: nothing protected, later or observed later gets past it."""

import numpy as np
import pytest

from features.clock import days_of
from features.columns import OBSERVED, column_names, columns_of, is_words
from features.derived import WORDS
from features.known import ForbiddenFieldError, Known
from features.register import Privacy, Stage, load_register
from tests.builders_case import case_of, stage_b_document

REGISTER = load_register()
AS_OF = np.array([20_000.0, 20_000.0])


def every_column(dtype=np.float64):
    """Return a column of ones for every column any field of the register could have, computed ones included."""
    names = [name for field in REGISTER.fields for name in (*column_names(field), *WORDS.get(field.name, ()))]
    return {name: np.ones(2, dtype=dtype) for name in names}


def cut(columns, stage: Stage = Stage.A) -> Known:
    """Return the columns cut at day 20,000."""
    return Known.cut(columns, as_of=AS_OF, stage=stage, register=REGISTER)


def forbidden(stage: Stage) -> list[str]:
    """Return every field that no feature of the stage may read."""
    return [
        field.name
        for field in REGISTER.fields
        if not field.usable_as_feature or field.privacy is Privacy.PROTECTED or not field.allowed_at(stage)
    ]


@pytest.mark.parametrize(("stage", "name"), [(stage, name) for stage in Stage for name in forbidden(stage)])
def test_no_forbidden_field_gets_through(stage: Stage, name: str):
    """Protected, identifying and later facts are not there to be read, though the table holds them."""
    known = cut(every_column(), stage)
    with pytest.raises(ForbiddenFieldError, match=f"{name!r}"):
        known[name]
    assert not any(column.startswith(name + ".") for column in known.columns)


@pytest.mark.parametrize("name", ["enf_case_no", "filed_at", "pre_case_no", "batch_id", "application_id"])
def test_this_cases_own_numbers_and_filing_are_no_features(name: str):
    """What is assigned after the decision that is predicted, or identifies the case, is hidden at both stages."""
    for stage in Stage:
        assert name not in cut(every_column(), stage).columns


def test_query_results_are_hidden_before_filing():
    """No q_ field reaches stage A."""
    assert not [name for name in cut(every_column(), Stage.A).columns if name.startswith("q_")]
    assert "q_bank" in cut(every_column(), Stage.B).columns


def test_identity_and_what_its_digits_say_are_hidden():
    """Age, sex and region are inside an ID number: neither the token nor any of them is readable."""
    for stage in Stage:
        assert not {"id_token", "age", "gender", "huji_region", "minor"} & set(cut(every_column(), stage).columns)


@pytest.mark.parametrize("field", [f for f in REGISTER.fields if f.feature_at(Stage.B)], ids=lambda f: f.name)
def test_what_was_observed_after_as_of_is_blank(field):
    """Every readable field is blanked in the rows where it was looked up later, and only there."""
    columns = every_column() | {field.name + OBSERVED: np.array([19_999.0, 20_000.1])}
    known = cut(columns, Stage.B)
    names = WORDS.get(field.name, ()) if is_words(field) else column_names(field)
    for name in names:
        assert known[name][0] == 1.0
        assert np.isnan(known[name][1])


def test_todays_list_is_blank_on_an_old_case():
    """A 失信 entry of today, joined to an application of last year, is not known there."""
    columns = {"dishonest_now": np.ones(2), "dishonest_now" + OBSERVED: np.array([19_000.0, 21_000.0])}
    assert np.isnan(cut(columns)["dishonest_now"]).tolist() == [False, True]


def test_a_value_without_a_companion_is_taken_as_of_the_row():
    """History tables are written as of receipt; only what says otherwise is cut."""
    columns = {"open_enf_n": np.ones(2), "open_enf_n" + OBSERVED: np.array([np.nan, 19_000.0])}
    assert cut(columns)["open_enf_n"].tolist() == [1.0, 1.0]


def test_companions_and_words_are_no_columns_of_known():
    """Dates of knowledge and texts stay outside: features cannot ask for them."""
    known = Known.cut(
        columns_of(case_of(), REGISTER), as_of=np.array([days_of(case_of().as_of)]), stage=Stage.A, register=REGISTER
    )
    assert not [name for name in known.columns if OBSERVED in name]
    assert all(column.dtype == np.float64 for column in known.columns.values())
    assert "cause_code.family" in known.columns
    assert "cause_code" not in known.columns


def test_unregistered_columns_are_dropped():
    """A column that the register does not know is not passed on."""
    assert "lucky_number" not in cut({"lucky_number": np.ones(2)}).columns


@pytest.mark.parametrize(
    "column",
    [
        np.ones(2, dtype=np.float32),
        np.ones(2, dtype=np.int64),
        np.ones(3),
        np.ones((2, 1)),
        np.array(["a", "b"], dtype=object),
    ],
)
def test_a_column_of_another_kind_is_refused(column):
    """A readable field must be float64 with a value per row; anything else is a mistake to be told."""
    with pytest.raises(ValueError, match=r"'claim_amount'.*must be float64"):
        cut({"claim_amount": column})


def test_one_row_of_a_batch_is_cut_like_the_row_alone():
    """The cut of row i of a batch is the cut of the row itself."""
    columns = every_column() | {"q_bank" + OBSERVED: np.array([19_999.0, 20_001.0])}
    together = cut(columns, Stage.B)
    for row in range(2):
        alone = {name: column[row : row + 1] for name, column in columns.items()}
        single = Known.cut(alone, as_of=AS_OF[row : row + 1], stage=Stage.B, register=REGISTER)
        assert {n: c.tobytes() for n, c in single.columns.items()} == {
            n: c[row : row + 1].tobytes() for n, c in together.columns.items()
        }


def test_days_since_filing_are_counted_for_the_clock_alone():
    """From filing to the moment of scoring; nought where the day is unknown, lies ahead, or nobody has filed yet."""
    columns = every_column() | {"filed_at": np.array([19_991.0, 20_003.0])}
    unknown = cut(columns | {"filed_at": np.array([np.nan, np.nan])}, Stage.B)

    assert cut(columns, Stage.B).waited.tolist() == [9.0, 0.0]
    assert unknown.waited.tolist() == [0.0, 0.0]
    assert cut(columns, Stage.A).waited.tolist() == [0.0, 0.0]


def test_known_counts_its_rows():
    """The length is the number of cases."""
    case = case_of(stage_b_document())
    known = Known.cut(
        columns_of(case, REGISTER), as_of=np.array([days_of(case.as_of)]), stage=Stage.B, register=REGISTER
    )
    assert len(known) == 1
