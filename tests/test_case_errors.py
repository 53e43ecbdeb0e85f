"""Errors name the place, the rule and the way out, in two languages, and repeat nothing that was sent."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.case import InvalidCaseError, parse_case
from features.case.errors import MESSAGES, MOST_ERRORS
from features.case.schema import ENVELOPE_ONLY
from features.register import Privacy, Stage, load_register
from tests.builders_case import NOW, case_document, errors_of, stage_b_document
from tests.strategies_case import junk

REGISTER = load_register()
CARD = "360426199101010071"
SECRET = "张三丰机密"
SECRETS = [SECRET, SECRET + "\x00", [SECRET], {SECRET: SECRET}, 19910101007123, -0.1991010100712]
SENDABLE = [f for f in REGISTER.allowed_at(Stage.B) if f.name not in ENVELOPE_ONLY]


def refusal_of(document: object) -> InvalidCaseError | None:
    """Return why a document is refused, or None when it is read."""
    try:
        parse_case(document, now=NOW, register=REGISTER)
    except InvalidCaseError as error:
        return error
    return None


def test_every_error_speaks_both_languages_and_leaves_no_gap():
    """Each message is filled in, in Chinese and in English, with no placeholder left."""
    document = case_document(claim_amount="x", basis_type="x", n_debtors=-1, q_bank="1", claim_amout=1, age="x")
    for error in errors_of(document):
        assert error.message != error.message_en
        assert error.message_en.isascii() or error.code == "FIELD_NOT_ALLOWED"
        assert "{" not in error.message + error.message_en
        assert error.code in MESSAGES


def test_all_mistakes_are_told_at_once():
    """A sender mends a document in one round."""
    found = errors_of(case_document(claim_amount="x", age="x", lucky=1, q_bank="1.00"))
    assert {(e.pointer, e.code) for e in found} == {
        ("/case/claim_amount", "MONEY_FORMAT"),
        ("/case/age", "TYPE"),
        ("/case/?", "FIELD_NOT_ALLOWED"),
        ("/case/q_bank", "STAGE_DATA_NOT_ALLOWED"),
    }


@pytest.mark.parametrize(
    "field",
    [f for f in SENDABLE if f.privacy is not Privacy.NONE or f.type in {"string", "text"}],
    ids=lambda f: f.name,
)
@pytest.mark.parametrize(
    "value", [SECRET, SECRET + "\x00", [SECRET], {SECRET: SECRET}, 19910101007123, -0.1991010100712]
)
def test_no_error_repeats_what_a_person_could_be_known_by(field, value: object):
    """Neither text, params nor repr of an error holds what was sent in a personal or textual field."""
    error = refusal_of(stage_b_document(**{field.name: value}))
    told = f"{error} {error!r} {getattr(error, 'errors', ())}"
    assert SECRET not in told
    assert "19910101007" not in told
    assert getattr(error, "__cause__", None) is None


def test_numbers_of_public_fields_are_shown():
    """For a field that says nothing about a person the number received helps to mend it."""
    (error,) = errors_of(case_document(trial_days=-3))
    assert error.params["received"] == "-3"


@pytest.mark.parametrize("key", ["a\x00b", "x" * 200, f"id{CARD}", "a/b", "\ud800", "张三", "zhang_san"])
@pytest.mark.parametrize("place", ["", "case", "missing", "observed_at", "explain"])
def test_a_key_that_is_none_of_ours_is_not_repeated(place: str, key: str):
    """A key is the sender's text too and may be a person's name: it is told by its position."""
    document = case_document()
    holder = document.setdefault(place, {}) if place else document
    holder[key] = "nothing"
    error = refusal_of(document)
    strays = [e for e in error.errors if e.code == "FIELD_NOT_ALLOWED"]
    assert [(e.pointer, e.params["position"]) for e in strays] == [(f"/{place}/?".replace("//", "/"), str(len(holder)))]
    assert key not in f"{error} {error.errors!r}"


def test_the_list_of_errors_is_capped_with_a_note():
    """A document of junk is answered with 50 errors and the number of the others, quickly."""
    document = case_document()
    document["case"] |= {f"junk_{i}": 1 for i in range(5000)}
    started = time.perf_counter()
    found = errors_of(document)
    assert time.perf_counter() - started < 2.0
    assert len(found) == MOST_ERRORS + 1
    assert found[-1].code == "TOO_MANY_ERRORS"
    assert found[-1].params["more"] == "4950"


@given(junk)
def test_json_junk_gives_an_invalid_case_and_nothing_else(document: object):
    """Whatever a client sends, the answer is a list of errors, never a crash."""
    errors_of(document)


@given(st.sampled_from(sorted(case_document())), junk)
def test_junk_in_the_envelope_is_told_with_a_known_code(name: str, value: object):
    """Each part of the envelope takes junk and answers with a mapped code."""
    error = refusal_of({**case_document(), name: value})
    assert error is None or "INVALID" not in {e.code for e in error.errors}


@settings(max_examples=600)
@given(st.sampled_from(SENDABLE), junk)
def test_junk_in_any_field_is_told_with_a_known_code(field, value: object):
    """No kind of pydantic's errors that a field can raise is without a wording of ours."""
    error = refusal_of(stage_b_document(**{field.name: value}))
    assert error is None or "INVALID" not in {e.code for e in error.errors}


def test_builders_are_json():
    """The example documents are what a JSON client would send."""
    for document in (case_document(), stage_b_document()):
        assert json.loads(json.dumps(document)) == document
