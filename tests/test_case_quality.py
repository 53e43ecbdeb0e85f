"""Contradictions in the data are told to the reader and refuse nothing."""

import pytest

from tests.builders_case import ABSENT, case_document, case_of


@pytest.mark.parametrize(
    ("overrides", "code", "field"),
    [
        ({"preserved": False, "pres_expiry": ABSENT}, "PRESERVED_CONTRADICTION", "preserved"),
        ({"pres_expiry": "2026-11-19"}, "PRESERVATION_EXPIRED", "pres_expiry"),
        ({"seal_rank": 2}, "SEAL_RANK_CONTRADICTION", "seal_rank"),
        ({"last_instalment_due": "2027-01-01"}, "INSTALMENT_CONTRADICTION", "last_instalment_due"),
        ({"clue_n": 0}, "CLUE_CONTRADICTION", "clue_n"),
        ({"currency": "USD"}, "CURRENCY_NOT_YUAN", "currency"),
        ({"principal": "38600.01"}, "PRINCIPAL_ABOVE_CLAIM", "principal"),
        ({"prior_zhongben_n": 2}, "PRIOR_CASES_CONTRADICTION", "prior_enf_n"),
        ({"dishonest_now": True}, "DISHONEST_CONTRADICTION", "dishonest_n"),
        ({"est_years": 3.5}, "DEBTOR_TYPE_CONTRADICTION", "debtor_type"),
        ({"collateral_value": "1.00"}, "COLLATERAL_CONTRADICTION", "collateral_value"),
        ({"missing": {"est_years": "source_timeout"}}, "SOURCE_TIMEOUT", "est_years"),
        ({"missing": {"est_years": "source_unavailable"}}, "SOURCE_UNAVAILABLE", "est_years"),
        ({"cause_code": "999"}, "CAUSE_CODE_UNKNOWN", "cause_code"),
        ({"cause_version": "2011"}, "CAUSE_CODE_UNKNOWN", "cause_code"),
        ({"basis_no": "浙仲裁字1号"}, "BASIS_NO_UNPARSED", "basis_no"),
        ({"basis_no": "（2014）台三民初字第123号"}, "BASIS_NO_LEGACY", "basis_no"),
        ({"fee_est": "100.00"}, "DERIVED_MISMATCH", "fee_est"),
        ({"days_since_due": 97}, "DERIVED_MISMATCH", "days_since_due"),
        ({"livelihood": "support"}, "LIVELIHOOD_ENTERED", "livelihood"),
        ({"cause_code": "205.5", "livelihood": "none"}, "LIVELIHOOD_BY_CAUSE", "livelihood"),
    ],
)
def test_contradictions_in_the_data_are_flagged(overrides: dict, code: str, field: str):
    """A contradiction is told to the reader with its field, and the case goes on."""
    (flag,) = case_of(**overrides).quality
    assert (flag.code, flag.field) == (code, field)
    assert flag.zh
    assert flag.en.isascii()


def test_cause_version_of_the_future_is_flagged():
    """A list of causes cannot have been used before it was in force."""
    document = case_document(
        received_at="2025-06-01T09:00:00+08:00",
        basis_effective_date="2025-03-01",
        due_date="2025-03-15",
        observed_at={},
    )
    assert "CAUSE_VERSION_MISMATCH" in {f.code for f in case_of(document).quality}


@pytest.mark.parametrize(
    "sent",
    [
        {"fee_est": "479.00"},
        {"days_since_due": 98},
        {"pres_cash_cover": 0.1347},
        {"livelihood": "none"},
        {"minor": False},
    ],
)
def test_agreeing_computed_values_raise_no_doubt(sent: dict):
    """Sending what is computed anyway is welcome when it agrees."""
    assert case_of(**sent).quality == ()


def test_a_number_of_an_award_needs_no_court_form():
    """An arbitral or notarial number is kept as it is."""
    case = case_of(basis_type="arbitral_award", basis_no="台仲裁字〔2026〕第 12 号")
    assert case.values["basis_no"] == "台仲裁字(2026)第12号"
    assert case.quality == ()
