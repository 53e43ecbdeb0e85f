"""Only registered fields of the stage are read; anything else is refused by name."""

import pytest

from features.case.schema import ENVELOPE_ONLY
from features.register import Stage, load_register
from tests.builders_case import ABSENT, case_document, case_of, errors_of, only_error, stage_b_document

REGISTER = load_register()


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("claim_amout", "claim_amount"),
        ("Preserved", "preserved"),
        ("执行标的额", "claim_amount"),
        ("due_dates", "due_date"),
    ],
)
def test_unknown_field_is_refused_by_place_with_the_nearest(sent: str, meant: str):
    """A misspelt field is told by its position, and the registered one it resembles is suggested."""
    document = case_document(**{sent: 1})
    (error,) = errors_of(document)
    assert (error.pointer, error.code) == ("/case/?", "FIELD_NOT_ALLOWED")
    assert f"第 {list(document['case']).index(sent) + 1} 项" in error.message
    assert meant in error.message
    assert meant in error.message_en


@pytest.mark.parametrize("place", ["missing", "observed_at"])
def test_unknown_field_is_refused_beside_the_case_too(place: str):
    """Reasons and dates of observation speak of registered fields only."""
    value = {"missing": "not_provided", "observed_at": "2026-11-01"}[place]
    assert only_error(case_document(**{place: {"lucky": value}})) == (f"/{place}/?", "FIELD_NOT_ALLOWED")


def test_unknown_envelope_key_is_refused():
    """The envelope is a closed list as well."""
    assert only_error({**case_document(), "priority": 1}) == ("/?", "FIELD_NOT_ALLOWED")


def test_a_fact_beside_the_case_is_shown_its_place():
    """A field of ours in the wrong object is named, and told where it belongs."""
    (error,) = errors_of({**case_document(), "due_date": "2025-08-14"})
    assert (error.pointer, error.code) == ("/due_date", "FIELD_NOT_ALLOWED")
    assert "/case/due_date" in error.message_en


@pytest.mark.parametrize("name", sorted(ENVELOPE_ONLY))
def test_envelope_fields_are_not_repeated_inside_the_case(name: str):
    """A fact has one place: the court and the number stand beside `case`."""
    document = case_document()
    document["case"][name] = "浙1022"
    (error,) = errors_of(document)
    assert error.code == "FIELD_NOT_ALLOWED"
    assert f"/{name}" in error.message_en


@pytest.mark.parametrize("place", ["case", "missing", "observed_at"])
@pytest.mark.parametrize("field", [f for f in REGISTER.fields if not f.allowed_at(Stage.A)], ids=lambda f: f.name)
def test_later_facts_are_refused_before_filing(field, place: str):
    """No fact of urging, filing, the query, enforcement or the outcome enters stage A, nor a hint of it."""
    document = case_document()
    document[place][field.name] = {"missing": "source_timeout", "observed_at": "2026-11-01"}.get(place, 1)
    assert (f"/{place}/{field.name}", "STAGE_DATA_NOT_ALLOWED") in {(e.pointer, e.code) for e in errors_of(document)}


@pytest.mark.parametrize("field", [f for f in REGISTER.fields if not f.allowed_at(Stage.B)], ids=lambda f: f.name)
def test_outcomes_are_refused_at_every_stage(field):
    """What enforcement brings about never predicts it."""
    assert only_error(stage_b_document(**{field.name: True})) == (f"/case/{field.name}", "STAGE_DATA_NOT_ALLOWED")


def test_an_order_limit_is_no_registered_field():
    """Only what was actually frozen counts; the limit of the order has no field to be put in."""
    assert only_error(case_document(pres_limit="100000.00")) == ("/case/?", "FIELD_NOT_ALLOWED")


@pytest.mark.parametrize("name", ["application_id", "court_code", "stage", "case"])
def test_the_envelope_is_complete(name: str):
    """Without number, court, stage or case there is nothing to score."""
    assert only_error(case_document(**{name: ABSENT})) == (f"/{name}", "MISSING")


@pytest.mark.parametrize("stage", ["C", "a", 1, None, {}, []])
def test_stage_is_a_or_b(stage: object):
    """There are two stages."""
    assert only_error(case_document(stage=stage)) == ("/stage", "ENUM")


@pytest.mark.parametrize("code", ["1022", "浙102", "三门法院"])
def test_court_code_has_the_national_form(code: str):
    """A court is told by its 法院代字."""
    assert only_error(case_document(court_code=code)) == ("/court_code", "PATTERN")


def test_court_code_is_kept_in_canonical_form():
    """Full-width digits are a way of typing."""
    assert case_of(court_code="浙１０２２").court_code == "浙1022"


def test_schema_version_must_be_supported():
    """A document of another format version is refused by name."""
    assert only_error(case_document(schema_version="2026-09")) == ("/schema_version", "SCHEMA_VERSION_UNSUPPORTED")
    assert case_of(schema_version=ABSENT).schema_version == "2026-11"


@pytest.mark.parametrize(
    ("explain", "code"),
    [
        ({"reasons": 21}, "LESS_THAN_EQUAL"),
        ({"flips": -1}, "GREATER_THAN_EQUAL"),
        ({"similar": 5}, "FIELD_NOT_ALLOWED"),
    ],
)
def test_explanations_are_asked_for_within_bounds(explain: dict, code: str):
    """At most 20 reasons and 5 flips; nothing else."""
    assert only_error(case_document(explain=explain))[1] == code


def test_explanations_have_defaults():
    """Unasked, an answer brings five reasons and three flips."""
    case = case_of(explain={"flips": 0})
    assert (case.explain_reasons, case.explain_flips) == (5, 0)


def test_missing_gives_a_reason_from_the_list_for_an_absent_field():
    """A reason is one of five, and a field that was sent is not missing."""
    assert only_error(case_document(missing={"est_years": "lost"})) == ("/missing/est_years", "ENUM")
    assert only_error(case_document(missing={"age": "not_asked"})) == ("/missing/age", "CONTRADICTION")


def test_observation_needs_a_value():
    """A date of observation of nothing is a mistake."""
    assert only_error(case_document(observed_at={"est_years": "2026-11-01"})) == (
        "/observed_at/est_years",
        "MISSING_VALUE",
    )
