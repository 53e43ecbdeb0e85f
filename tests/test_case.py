"""A case is read strictly, once; inside, its types are trusted."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from features.case import parse_case
from features.case.document import case_document as written_back
from features.clock import SHANGHAI
from features.register import load_register
from tests.builders_case import NOW, case_document, case_of, stage_b_document
from tests.strategies_case import documents

REGISTER = load_register()


def test_a_complete_case_is_read_without_a_doubt():
    """The example documents of both stages are valid and raise no flag."""
    for document in (case_document(), stage_b_document()):
        assert case_of(document).quality == ()


def test_values_are_typed_and_nothing_is_made_up():
    """Money is Decimal, dates are dates, sets are tuples, and what was not sent is absent."""
    values = case_of().values
    assert values["claim_amount"] == Decimal("38600.00")
    assert values["due_date"] == date(2026, 8, 14)
    assert values["clue_types"] == ("vehicle", "wage")
    assert values["received_at"] == datetime(2026, 11, 20, 9, 12, tzinfo=SHANGHAI)
    assert "insured_headcount" not in values


@pytest.mark.parametrize(
    ("name", "wording", "code"),
    [
        ("basis_type", "行政处罚(非诉)", "administrative_penalty"),
        ("debtor_type", "企业法人", "company"),
        ("gender", "男", "M"),
    ],
)
def test_chinese_wording_of_a_choice_is_accepted(name: str, wording: str, code: str):
    """An intake system may send the register's Chinese wording; the code is kept."""
    assert case_of(**{name: wording, "reg_status": "存续"}).values[name] == code


def test_set_is_kept_in_the_registers_order():
    """The order in which clues were ticked carries no meaning."""
    assert case_of(clue_types=["工资", "deposit"]).values["clue_types"] == ("deposit", "wage")


def test_case_cannot_be_changed():
    """A case is a record: its values are read-only."""
    with pytest.raises(TypeError, match="does not support item assignment"):
        case_of().values["age"] = 17


@given(documents())
def test_every_allowed_document_is_read(document):
    """Whatever subset of fields is sent, the case holds exactly those, and its record reads back as the same case."""
    case = parse_case(document, now=NOW, register=REGISTER)
    assert set(case.values) == set(document["case"])
    assert parse_case(written_back(case), now=NOW, register=REGISTER) == case
