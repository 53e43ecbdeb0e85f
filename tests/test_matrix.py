"""Tests of features.matrix: one definition for one row and for many, and nothing but numbers or NaN."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import catalogue
from features.clock import days_of
from features.columns import columns_of
from features.feature import readable
from features.known import ForbiddenFieldError, Known
from features.matrix import CHUNK, MOST, Rows, matrix
from features.register import Stage, load_register
from tests.builders_case import case_document, case_of, stage_b_document
from tests.builders_known import AS_OF, known

POOL = np.array([np.nan, 0.0, -0.0, 1.0, 2.0, -1.0, 0.37, 19_000.0, 1e-300, 1e13, 1e300, 1.7e308, np.inf, -np.inf])

seeds = st.integers(0, 2**32 - 1)
stages = st.sampled_from(Stage)


def wild(stage: Stage, n: int, seed: int) -> Known:
    """Return rows in which every column holds anything a float can be."""
    draw = np.random.default_rng(seed)
    columns = {name: draw.choice(POOL, n) for name in sorted(readable(stage))}
    return Known(stage=stage, as_of=draw.uniform(14_000.0, 22_000.0, n), columns=columns)


def plain(stage: Stage, n: int, seed: int) -> Known:
    """Return rows of believable numbers, a quarter of them missing."""
    draw = np.random.default_rng(seed)
    columns = {name: np.exp(draw.normal(2.0, 3.0, n)).round(2) for name in sorted(readable(stage))}
    for column in columns.values():
        column[draw.random(n) < 0.25] = np.nan
    return Known(stage=stage, as_of=np.full(n, AS_OF), columns=columns)


def row(whole: Known, index: int) -> Known:
    """Return one row as a case of its own, in arrays of its own."""
    columns = {name: column[index : index + 1].copy() for name, column in whole.columns.items()}
    return Known(stage=whole.stage, as_of=whole.as_of[index : index + 1].copy(), columns=columns)


def same_bits(left: Rows, right: Rows) -> bool:
    """Whether two matrices agree to the last bit."""
    return left.shape == right.shape and left.tobytes() == right.tobytes()


@given(seed=seeds, stage=stages, n=st.integers(1, 40))
def test_every_cell_is_finite_or_missing(seed: int, stage: Stage, n: int) -> None:
    """Whatever the columns hold, there is no infinity and no warning (warnings are errors here)."""
    rows = matrix(wild(stage, n, seed), catalogue(stage))

    assert rows.shape == (n, len(catalogue(stage)))
    assert not np.isinf(rows).any()


@given(seed=seeds, stage=stages)
def test_every_feature_returns_one_number_a_row(seed: int, stage: Stage) -> None:
    """A feature answers for every row in float64, and leaves its columns as they were."""
    facts = wild(stage, 5, seed)
    before = {name: column.tobytes() for name, column in facts.columns.items()}

    for feature in catalogue(stage):
        values = feature.compute(facts)
        assert (values.dtype, values.shape) == (np.float64, (5,)), feature.name

    assert {name: column.tobytes() for name, column in facts.columns.items()} == before


@given(seed=seeds, stage=stages, n=st.integers(1, 33), chunk=st.integers(1, 40), like=st.sampled_from([wild, plain]))
def test_a_row_does_not_depend_on_its_neighbours(seed: int, stage: Stage, n: int, chunk: int, like) -> None:
    """One row alone, in a batch and at any place of any chunk is the same, bit for bit."""
    facts, features = like(stage, n, seed), catalogue(stage)

    whole = matrix(facts, features)
    alone = np.concatenate([matrix(row(facts, index), features) for index in range(n)])

    assert same_bits(whole, alone)
    assert same_bits(whole, matrix(facts, features, chunk=chunk))


@pytest.mark.parametrize("index", [0, CHUNK - 1, CHUNK])
def test_the_edge_of_a_chunk_changes_nothing(index: int) -> None:
    """Rows on both sides of the first full chunk equal themselves alone."""
    facts, features = plain(Stage.A, CHUNK + 1, 7), catalogue(Stage.A)

    assert same_bits(matrix(facts, features)[index : index + 1], matrix(row(facts, index), features))


def test_the_matrix_is_ready_for_the_boosters() -> None:
    """Rows are float32 in C order, so that no model copies them."""
    rows = matrix(known(n=3), catalogue(Stage.A))

    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous


def test_columns_stand_in_the_order_of_the_features() -> None:
    """The first feature fills the first column, and so on."""
    features = [f for f in catalogue(Stage.A) if f.name in {"dishonest_now", "open_enf_n", "voluntary_n"}]

    rows = matrix(known(dishonest_now=1, open_enf_n=4, voluntary_n=2), features)

    assert dict(zip([f.name for f in features], rows[0].tolist(), strict=True)) == {
        "dishonest_now": 1.0,
        "open_enf_n": 4.0,
        "voluntary_n": 2.0,
    }


def test_what_float32_cannot_hold_is_held_at_its_edge() -> None:
    """A number too large for the matrix becomes the largest it can hold, never infinite."""
    feature = next(f for f in catalogue(Stage.A) if f.name == "open_enf_n")

    assert matrix(known(open_enf_n=1e300), [feature])[0, 0] == np.float32(MOST)


def test_no_rows_and_no_features_are_empty_matrices() -> None:
    """Nothing in gives an empty matrix of the right width or height."""
    assert matrix(known(n=0), catalogue(Stage.A)).shape == (0, len(catalogue(Stage.A)))
    assert matrix(known(n=4), []).shape == (4, 0)


@pytest.mark.parametrize(("stage", "document"), [(Stage.A, case_document), (Stage.B, stage_b_document)])
def test_a_parsed_case_becomes_a_row(stage: Stage, document) -> None:
    """A full document of a private debtor leaves only what was not said of firms, security and grid workers open."""
    case, register = case_of(document()), load_register()
    as_of = np.array([days_of(case.as_of)])
    facts = Known.cut(columns_of(case, register), as_of=as_of, stage=stage, register=register)

    rows = matrix(facts, catalogue(stage))

    said = dict(zip([f.name for f in catalogue(stage)], rows[0].tolist(), strict=True))
    assert said["claim_amount_log10"] == pytest.approx(np.log10(38_601))
    assert {f.code for f in catalogue(stage) if np.isnan(said[f.name])} <= {"A07", "A08", "A09", "A10", "C07", "D06"}


def test_stage_b_features_cannot_be_computed_before_filing() -> None:
    """Asking stage-B questions of stage-A facts is refused by the field's name."""
    with pytest.raises(ForbiddenFieldError, match=r"may not read '(urge|q|grid)_"):
        matrix(known("A"), catalogue(Stage.B))
