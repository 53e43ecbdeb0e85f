"""Amounts and causes as people write them: read where they are certain, refused with what may be meant where not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.causes import causes_in
from features.spellings import SpellingError, amount_of, cause_number

TODAY = date(2026, 11, 20)


@given(
    st.decimals(min_value=0, max_value=10**7, places=6), st.sampled_from(["", "万", "亿"]), st.sampled_from(["", "元"])
)
def test_an_amount_is_exact_or_refused(number: Decimal, unit: str, yuan: str) -> None:
    """Whatever the unit: the value to the cent, or a refusal where there are parts of a cent."""
    whole = number * {"": 1, "万": 10_000, "亿": 100_000_000}[unit]
    if whole == whole.quantize(Decimal("0.01")):
        assert Decimal(amount_of(f"{number:f}{unit}{yuan}") or "x") == whole
    else:
        with pytest.raises(SpellingError, match="两位小数"):
            amount_of(f"{number:f}{unit}{yuan}")


@pytest.mark.parametrize("text", ["", "约 12 万", "12 万 5 千", "一万", "1e9", "-5", "12 元 5 角", "万"])
def test_what_is_no_amount_is_none(text: str) -> None:
    """It is left to be refused with its place."""
    assert amount_of(text) is None


@pytest.mark.parametrize("version", ["2021", "2026"])
def test_every_name_of_a_list_leads_to_its_number(version: str) -> None:
    """With 纠纷 at the end or without it, in the version that the case names."""
    for number, name in causes_in(version).items():
        case = {"cause_version": version}
        assert cause_number(name, case, today=TODAY) == number
        assert cause_number(name.removesuffix("纠纷"), case, today=TODAY) == number


@pytest.mark.parametrize(
    ("case", "number"),
    [
        ({"basis_effective_date": "2025-07-30"}, "103.1"),
        ({"received_at": "2026-11-20T09:00:00+08:00"}, "108.1"),
        ({}, "108.1"),
    ],
)
def test_a_name_is_looked_up_in_the_list_in_force(case: dict[str, str], number: str) -> None:
    """On the day of the basis, else of receipt, else today."""
    assert cause_number("金融借款合同纠纷", case, today=TODAY) == number


def test_numbers_pass_as_they_are() -> None:
    """Whether the list has them is looked at elsewhere."""
    assert [cause_number(one, {}, today=TODAY) for one in ("108.3", " 9999 ", "")] == ["108.3", "9999", ""]


def test_several_causes_or_none_are_refused() -> None:
    """Those that may be meant are named; nothing of what was written is repeated."""
    with pytest.raises(SpellingError, match=r"不确定.*108\.1 金融借款合同纠纷"):
        cause_number("借款", {}, today=TODAY)
    with pytest.raises(SpellingError, match="不在对照表中") as none:
        cause_number("张三的案子", {}, today=TODAY)
    assert "张三" not in str(none.value)
