"""Types are never coerced: what is nearly right is refused with the form that is right."""

import pytest

from tests.builders_case import case_document, case_of, errors_of, only_error


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("preserved", 1, "TYPE"),
        ("preserved", "true", "TYPE"),
        ("n_debtors", "1", "TYPE"),
        ("n_debtors", 1.0, "TYPE"),
        ("n_debtors", True, "TYPE"),
        ("n_debtors", 10**400, "LESS_THAN_EQUAL"),
        ("n_debtors", -1, "GREATER_THAN"),
        ("n_debtors", 0, "GREATER_THAN"),
        ("trial_days", -1, "GREATER_THAN_EQUAL"),
        ("applicant_view_ability", 6, "LESS_THAN_EQUAL"),
        ("prior_recovery_rate", "0.5", "TYPE"),
        ("prior_recovery_rate", True, "TYPE"),
        ("prior_recovery_rate", 1.01, "LESS_THAN_EQUAL"),
        ("prior_recovery_rate", float("nan"), "NOT_FINITE"),
        ("prior_recovery_rate", float("inf"), "NOT_FINITE"),
        ("prior_recovery_rate", -float("inf"), "NOT_FINITE"),
        ("claim_amount", 38600, "TYPE"),
        ("claim_amount", 38600.5, "TYPE"),
        ("claim_amount", "0.00", "GREATER_THAN"),
        ("basis_type", "JUDGMENT", "ENUM"),
        ("basis_type", 1, "TYPE"),
        ("clue_types", "vehicle", "TYPE"),
        ("clue_types", ["vehicle", "vehicle"], "DUPLICATE"),
        ("clue_types", ["vehicle", "车"], "DUPLICATE"),
        ("clue_types", ["gold"], "ENUM"),
        ("clue_types", ["vehicle"] * 30, "TOO_LONG"),
        ("due_date", 20_000, "TYPE"),
        ("due_date", None, "TYPE"),
        ("basis_no", "", "TOO_SHORT"),
        ("basis_no", "浙" * 201, "TOO_LONG"),
        ("clue_text", "线" * 4001, "TOO_LONG"),
        ("currency", "RMBY", "PATTERN"),
        ("huji_region", "33102", "PATTERN"),
        ("industry_code", "农业", "PATTERN"),
    ],
)
def test_value_of_another_type_or_range_is_refused(name: str, value: object, code: str):
    """A text is no number, 1 is not yes, NaN is not a number, and no bound is bent."""
    assert only_error(case_document(**{name: value})) == (f"/case/{name}", code)


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "1e3",
        "-1.00",
        "+1.00",
        "1,000.00",
        "1.234",
        "１００",
        "12345678901234",
        " 1",
        "1\n",
        ".5",
        "1.",
        "NaN",
        "元100",
    ],
)
def test_money_has_one_form(amount: str):
    """Money is digits with at most two decimals; no sign, no exponent, no other digits."""
    assert only_error(case_document(principal=amount)) == ("/case/principal", "MONEY_FORMAT")


@pytest.mark.parametrize(
    "day",
    [
        "",
        "2026-8-14",
        "20260814",
        "2026-02-30",
        "2026-W33-5",
        "2026-08-14T00:00:00+08:00",
        "1899-12-31",
        "9999-01-01",
        "２０２６-08-14",
    ],
)
def test_dates_have_one_form(day: str):
    """A date is YYYY-MM-DD and exists."""
    assert only_error(case_document(pres_expiry=day)) == ("/case/pres_expiry", "DATE_FORMAT")


@pytest.mark.parametrize(
    "instant",
    [
        "2026-11-20T09:12:00",
        "2026-11-20",
        "2026-11-20T25:00:00+08:00",
        "2026-11-20T09:12:60+08:00",
        "0001-01-01T00:00:00+08:00",
    ],
)
def test_instants_carry_an_offset(instant: str):
    """An instant without an offset could be eight hours wrong, so it is refused."""
    assert only_error(case_document(received_at=instant)) == ("/case/received_at", "INSTANT_FORMAT")


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x1bb", "a\u2028b", "a\ud800b", "\ufeffa", "a\x85b"])
def test_broken_characters_are_refused(text: str):
    """NUL, control characters and lone surrogates break stores and logs."""
    assert only_error(case_document(basis_authority=text)) == ("/case/basis_authority", "CHARACTER")


@pytest.mark.parametrize("mark", list("\u202e\u200b\u2066\u200f\u200d\u00ad\u3164\uffff\U000e0041"))
def test_marks_that_turn_or_hide_text_are_refused(mark: str):
    """A number that looks like another one on the screen must not pass for it."""
    assert only_error(case_document(basis_authority=f"甲{mark}乙")) == ("/case/basis_authority", "CHARACTER")
    assert only_error(case_document(clue_text=f"甲{mark}乙")) == ("/case/clue_text", "CHARACTER")


@pytest.mark.parametrize("number", ["SQ1 ", " SQ1", "\u3000SQ1", "SQ1\u00a0", " "])
def test_an_application_number_has_no_blank_at_its_ends(number: str):
    """A case is found again by its number, and with a blank behind it that would be another one."""
    assert only_error(case_document(application_id=number)) == ("/application_id", "BLANK_EDGE")


def test_rare_characters_keep_their_form():
    """A character beyond the first plane, and the selector that tells two forms of one apart, belong to names."""
    assert case_of(basis_authority="𠮷林葛\U000e0101仲裁委").values["basis_authority"]


def test_lines_are_allowed_in_free_text_only():
    """The text of clues may have lines; a name may not."""
    assert case_of(clue_text="第一行\n第二行\t栏").values["clue_text"]
    assert only_error(case_document(clue_text="a\x00b")) == ("/case/clue_text", "CHARACTER")


def test_null_is_no_way_to_say_unknown():
    """Unknown is absent; null is refused with the way out."""
    (error,) = errors_of(case_document(age=None))
    assert "missing" in error.message
    assert "missing" in error.message_en


@pytest.mark.parametrize("document", [None, [], "case", 1, float("nan")])
def test_a_document_is_an_object(document: object):
    """Anything else is refused at the root."""
    assert only_error(document) == ("", "TYPE")
