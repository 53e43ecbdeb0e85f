"""Masking: what is left of numbers and names, and that nothing more is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.people.masking import bank_card, identity_number, masked, mobile, party_name


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("331022199003071234", "331***********1234"),
        ("33102219900307123x", "331***********123X"),
        ("３３１０２２１９９００３０７１２３４", "331***********1234"),
        ("331022 19900307 1234", "331***********1234"),
        ("331022900307123", "331********7123"),
        ("H12345678", "H******78"),
        ("M1234567801", "M********01"),
        ("01234567", "0*****67"),
        ("AUT123456789012", "A************12"),
        ("E12345678", "E******78"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_an_identity_number_keeps_its_ends(number: str, shown: str) -> None:
    """Both forms of the resident card, permits of Hong Kong, Macao and Taiwan, foreigners' cards, passports."""
    assert identity_number(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("+86 13812345678", "138****5678"),
        ("0571-87054321", "**********21"),
    ],
)
def test_a_mobile_number_keeps_three_and_four(number: str, shown: str) -> None:
    """In every way that people write it."""
    assert mobile(number) == shown


@pytest.mark.parametrize(
    "number", ["6222021234567890123", "6222 0212 3456 7890 123", "６２２２０２１２３４５６７８９０１２３"]
)
def test_a_bank_card_keeps_its_last_four(number: str) -> None:
    """Nothing of the issuer is left."""
    assert bank_card(number) == "***************0123"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三丰", "张某"), ("欧阳修", "欧阳某"), ("欧阳", "欧某"), (" 李四 ", "李某"), ("买买提·艾山", "买某"), ("", "")],
)
def test_of_a_person_the_family_name_is_left(name: str, shown: str) -> None:
    """As in published judgments."""
    assert party_name(name, organisation=False) == shown


def test_a_companys_name_stays() -> None:
    """It is no natural person's."""
    assert party_name("张三记餐饮有限公司", organisation=True) == "张三记餐饮有限公司"


def test_numbers_inside_a_text_are_masked_and_nothing_else() -> None:
    """Case numbers, amounts and dates stay."""
    kept = "(2026)浙1022执123号，2026-11-20付38600.00元；"
    text = "电话138 1234 5678，证号３３１０２２１９９００３０７１２３４，卡6222 0212 3456 7890"
    shown = "电话138****5678，证号331***********1234，卡************7890"
    assert masked(kept + text) == kept + shown
    assert masked("通行证H12345678") == "通行证H******78"


@given(st.from_regex(r"[1-8][0-9]{5}19[0-9]{9}[0-9X]", fullmatch=True), st.text(alphabet="张李，。 ", max_size=6))
def test_no_birth_date_is_left_of_any_card(number: str, around: str) -> None:
    """Whatever stands around it."""
    assert number[3:14] not in masked(f"{around}{number}{around}")
