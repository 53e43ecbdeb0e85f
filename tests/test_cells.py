"""Cells of clerks' sheets: read where what was meant is certain, refused where it is not, and never rounded."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.register import load_register
from serving.batches.cells import CellError, Reading
from serving.sheets.sheet import Formula

REGISTER = load_register()
EXCEL, TEXT = Reading(1900), Reading(None)


def read(cell: object, name: str, reading: Reading = EXCEL) -> object:
    """Return what a cell of a field's column states."""
    return reading.value(cell, REGISTER[name])


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2025-08-14", "2025-08-14"), ("2025/8/14", "2025-08-14"), ("2025.8.4", "2025-08-04"),
     ("2025年8月14日", "2025-08-14"), (datetime(2025, 8, 14), "2025-08-14"), (date(2025, 8, 14), "2025-08-14"),  # noqa: DTZ001
     (45883, "2025-08-14"), (45883.0, "2025-08-14"), ("14/08/2025", "14/08/2025"), ("2025/8-14", "2025/8-14")],
)  # fmt: skip
def test_a_day_is_read_in_its_usual_spellings(cell: object, day: str) -> None:
    """Numbers of a workbook are days since 1900; what is no day is passed on and refused with its place."""
    assert read(cell, "due_date") == day


def test_a_workbook_that_counts_from_1904_is_believed() -> None:
    """The same number is another day there."""
    assert read(44421, "due_date", Reading(1904)) == "2025-08-14"


@pytest.mark.parametrize(("cell", "reading"), [(45883, TEXT), (3, EXCEL), (20250814, EXCEL), ("2025-02-30", EXCEL)])
def test_what_may_be_another_day_is_refused(cell: object, reading: Reading) -> None:
    """A number in CSV, a number that is no day, a day that is not in the calendar."""
    with pytest.raises(CellError, match=r"不是日期|日历上没有"):
        read(cell, "due_date", reading)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [("2026-11-20 09:12", "2026-11-20T09:12:00+08:00"), ("2026/11/20", "2026-11-20T00:00:00+08:00"),
     (datetime(2026, 11, 20, 9, 12), "2026-11-20T09:12:00+08:00"), (46346.5, "2026-11-20T12:00:00+08:00")],  # noqa: DTZ001
)  # fmt: skip
def test_an_instant_is_on_the_courts_clock(cell: object, instant: str) -> None:
    """Sheets know no time zones."""
    assert read(cell, "received_at") == instant


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("38,600.00", "38600.00"), ("¥1,234,567.5元", "1234567.50"), (38600, "38600.00"), (0.1 + 0.2, "0.30"),
     ("38，600", "38600.00"), ("一万", "一万"), ("12.5万", "125000.00"), ("12.5万元", "125000.00"),
     ("2.14 亿", "214000000.00"), ("1,250万", "12500000.00"), ("人民币", "人民币"), ("-5", "-5")],
)  # fmt: skip
def test_amounts_lose_their_separators_and_nothing_else(cell: object, amount: str) -> None:
    """Words are passed on, to be refused with their place."""
    assert read(cell, "claim_amount") == amount


@pytest.mark.parametrize("cell", ["1.234", 1.234, "38,60.00", "1,2345", "1.2345678万"])
def test_an_amount_is_never_rounded_or_guessed(cell: object) -> None:
    """Parts of a cent, and commas that do not stand at thousands."""
    with pytest.raises(CellError, match=r"两位小数|千分位"):
        read(cell, "claim_amount")


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_any_amount_in_cents_survives_a_spreadsheet(amount: Decimal) -> None:
    """Typed as a number or as text with separators, it comes out to the cent."""
    assert Decimal(str(read(float(amount), "claim_amount"))) == amount
    assert Decimal(str(read(f"{amount:,}", "claim_amount"))) == amount


@pytest.mark.parametrize("cell", [12345678901234567.0, 331002199001011234, "331002199001011000.0", "3.31002E+17"])
def test_a_number_that_lost_digits_is_refused(cell: object) -> None:
    """An identity number that a spreadsheet took for a figure is somebody else's."""
    with pytest.raises(CellError, match="末几位可能丢失"):
        read(cell, "id_token")


@pytest.mark.parametrize(("cell", "text"), [(126, "126"), (126.0, "126"), (108.3, "108.3"), (" 浙1022 ", "浙1022")])
def test_a_short_number_is_the_text_that_was_typed(cell: object, text: str) -> None:
    """A cause in a column of numbers is no fraction."""
    assert read(cell, "cause_code") == text


def test_a_formula_is_not_believed_and_an_empty_cell_says_nothing() -> None:
    """What a formula shows may be out of date."""
    assert read("  ", "claim_amount") is read(None, "claim_amount") is None
    with pytest.raises(CellError, match="是公式"):
        read(Formula(), "claim_amount")
