"""Numbers and codes are kept in one form; a raw identity number never gets in."""

import pytest

from features.case import parse_case
from features.case.document import case_document as written_back
from features.columns import columns_of
from features.identifiers import LOCAL_PREFIXES
from features.register import load_register
from tests.builders_case import NOW, TOKEN, case_document, case_of, errors_of, only_error, stage_b_document

REGISTER = load_register()
CARD = "360426199101010071"


def test_numbers_are_kept_in_canonical_form():
    """However a 案号 was typed, the record holds one form."""
    assert case_of(basis_no="（2026）浙１０２２民初3321号 ").values["basis_no"] == "(2026)浙1022民初3321号"


@pytest.mark.parametrize("prefix", LOCAL_PREFIXES)
def test_urging_number_is_not_accepted_as_an_enforcement_number(prefix: str):
    """A local register does not make a filed case."""
    document = stage_b_document(enf_case_no=f"(2026)浙1022{prefix}12号")
    assert only_error(document) == ("/case/enf_case_no", "CASE_NO_TYPE")


@pytest.mark.parametrize(("number", "code"), [("执123", "CASE_NO_FORMAT"), ("(2026)浙1022民初1号", "CASE_NO_TYPE")])
def test_enforcement_number_must_be_one(number: str, code: str):
    """A trial's number or a fragment is no enforcement number."""
    assert only_error(stage_b_document(enf_case_no=number)) == ("/case/enf_case_no", code)


def test_a_courts_own_prefix_is_a_setting():
    """The urging number of a court is known by that court's prefixes."""
    document = stage_b_document(pre_case_no="(2026)浙1022先执5号")
    assert [f.code for f in case_of(document).quality] == ["PRE_CASE_NO_PREFIX"]
    assert parse_case(document, now=NOW, register=REGISTER, local_prefixes=("先执",)).quality == ()


@pytest.mark.parametrize("raw", [CARD, "360426910101007", "91110000600037341L", "E12345678"])
def test_raw_number_is_refused_where_nothing_can_make_a_token(raw: str):
    """Without the court's key no identity number may come in, and the refusal does not repeat it."""
    document = case_document(id_token=raw)
    assert only_error(document) == ("/case/id_token", "RAW_ID_NOT_ALLOWED")
    assert raw not in repr(errors_of(document))


def test_raw_number_becomes_a_token_and_is_gone():
    """With the court's key the number is replaced; no trace of it is left in the case or its columns."""
    case = parse_case(case_document(id_token=CARD), now=NOW, register=REGISTER, tokenise=lambda _: "ab" * 32)
    assert case.values["id_token"] == "ab" * 32
    assert case.values["id_checksum_ok"] is True
    assert CARD not in repr(case)
    assert not any(CARD in str(column.tolist()) for column in columns_of(case, REGISTER).values())


def test_failed_check_digit_is_a_flag_never_a_refusal():
    """A typing mistake in a number is told; the application still goes on."""
    document = case_document(id_token="360426199101010072")
    case = parse_case(document, now=NOW, register=REGISTER, tokenise=lambda _: TOKEN)
    assert [f.code for f in case.quality] == ["ID_CHECKSUM_FAILED"]
    assert case.values["id_checksum_ok"] is False
    assert parse_case(written_back(case), now=NOW, register=REGISTER) == case


def test_old_and_new_card_give_one_token():
    """The same person with a card of 15 or 18 digits is one debtor."""
    tokens = [
        parse_case(case_document(id_token=raw), now=NOW, register=REGISTER, tokenise=str.lower).values["id_token"]
        for raw in ("360426910101007", CARD)
    ]
    assert tokens[0] == tokens[1]


@pytest.mark.parametrize(
    "number",
    [CARD, CARD.lower(), "13912345678", "139-1234-5678", "139 1234 5678", "+86 13912345678", "１３９１２３４５６７８"],
)
def test_application_number_may_not_hide_a_persons_number(number: str):
    """Application numbers are stored in the clear, so an identity or phone number in one is refused."""
    document = case_document(application_id=f"SQ-{number}")
    assert only_error(document) == ("/application_id", "PERSONAL_NUMBER")
    assert number not in repr(errors_of(document))


@pytest.mark.parametrize("number", ["20261120-0187", "202611201391234567890", "12912345678", "1391234567"])
def test_other_digits_in_an_application_number_are_taken(number: str):
    """Dates, serial numbers and longer runs of digits are nobody's phone."""
    assert parse_case(case_document(application_id=number), now=NOW, register=REGISTER).application_id == number
