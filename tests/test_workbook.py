"""Workbooks and CSV from outside: one visible sheet, nothing merged, nothing packed beyond its bound, nothing run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from serving.sheets.cells import safe
from serving.sheets.sheet import Formula, Sheet, SheetError, letter
from serving.sheets.template import Column, template
from serving.sheets.text_sheet import read_text
from serving.sheets.workbook import read_workbook
from tests.builders_sheets import in_excel, row


def cells(sheet: Sheet) -> list[tuple[int, list[Any]]]:
    """Return everything below the headings."""
    return [(number, list(values)) for number, values in sheet.rows]


def repacked(body: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """Return a workbook with its parts changed, and more of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
        for name, content in more.items():
            new.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_rows_keep_the_numbers_that_the_clerk_sees() -> None:
    """The headings are row 1; an empty row counts."""
    sheet = read_workbook(in_excel([row("SQ-1"), [], row("SQ-2")]))
    assert [(number, values[0] if values else None) for number, values in cells(sheet)] == [
        (2, "SQ-1"), (3, None), (4, "SQ-2"),
    ]  # fmt: skip
    assert sheet.headings[0] == "申请编号"


def test_hidden_sheets_are_not_read_and_said_not_to_be() -> None:
    """Nor are other visible ones; the template's own guide goes without saying."""

    def change(book: Any) -> None:
        book.create_sheet("旧数据").sheet_state = "hidden"
        book.create_sheet("汇总")
        book.create_sheet("填写说明")
        book.active.row_dimensions[2].hidden = True

    sheet = read_workbook(in_excel([row("SQ-1")], change=change))
    assert sheet.notices == {"sheets": 1, "hidden_sheets": 1, "hidden_rows": 1}


def test_merged_cells_are_refused_by_their_place() -> None:
    """Nobody knows to which of its rows a merged cell belongs."""
    body = in_excel([row("SQ-1"), row("SQ-2")], change=lambda book: book.active.merge_cells("B2:B3"))
    with pytest.raises(SheetError, match=r"合并单元格 B2:B3"):
        read_workbook(body)


def test_a_formula_is_seen_as_one() -> None:
    """Whatever value the file says it had."""
    sheet = read_workbook(in_excel([row("SQ-1", 申请执行标的额="=1+1")]))
    assert isinstance(cells(sheet)[0][1][4], Formula)


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    """A part says how large it is, and never unfolds beyond that."""
    with pytest.raises(SheetError, match="文件过大"):
        read_workbook(repacked(in_excel([]), lambda _, text: text, xl__bomb=bytes(129 * 1024 * 1024)))


@pytest.mark.parametrize("head", [b"<!DOCTYPE x [<!ENTITY a 'aa'>]>", "<!DOCTYPE x>".encode("utf-16")])
def test_xml_that_declares_things_of_its_own_is_refused(head: bytes) -> None:
    """It could unfold into anything."""
    body = repacked(in_excel([]), lambda name, text: head + text if name.endswith("sheet1.xml") else text)
    with pytest.raises(SheetError, match="不是完整的"):
        read_workbook(body)


@pytest.mark.parametrize("body", [b"PK\x03\x04 nothing", b"", in_excel([row("SQ-1")])[:900]])
def test_what_is_no_whole_workbook_is_refused(body: bytes) -> None:
    """Cut short, or never one."""
    with pytest.raises(SheetError, match="不是完整的"):
        read_workbook(body)


def test_macros_are_refused() -> None:
    """Even under the name of a plain workbook."""
    with pytest.raises(SheetError, match="宏"):
        read_workbook(repacked(in_excel([]), lambda _, text: text, xl__vbaProject_bin=b"x").replace(b"_bin", b".bin"))


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (["申请编号", "", "案由代码"], "第 B 列没有列名"),
        (["申请编号", "申请编号"], "第 A 列与第 B 列"),
        ([], "没有列名"),
    ],
)
def test_headings_must_name_every_column_once(headings: list[str], told: str) -> None:
    """By the letter that the clerk sees above it."""
    with pytest.raises(SheetError, match=told):
        read_workbook(in_excel([], headings=headings))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_of_courts(encoding: str) -> None:
    """With the number of the line on which a row begins, though a cell has several lines."""
    text = '申请编号,线索文本\r\nSQ-1,"甲\n乙"\r\nSQ-喆,无\r\n'
    sheet = read_text(text.encode(encoding))
    assert cells(sheet) == [(2, ["SQ-1", "甲\n乙"]), (4, ["SQ-喆", "无"])]
    assert sheet.kind.endswith("GB18030" if encoding == "gb18030" else "UTF-8")


@pytest.mark.parametrize("body", [b"\xff\xfe\x00\x01\x80", '申请编号\r\n"SQ'.encode()])
def test_csv_that_cannot_be_read_says_so(body: bytes) -> None:
    """Neither encoding, or quotes that do not match."""
    with pytest.raises(SheetError, match=r"UTF-8 也不是|引号不成对"):
        cells(read_text(body))


def test_the_template_is_read_back_as_an_empty_list() -> None:
    """Its guide is no sheet that was left out, and a heading is never a formula."""
    sheet = read_workbook(
        template([Column("申请编号", required=True, words="=1"), Column("=x", required=False, words="")])
    )
    assert (list(sheet.headings), sheet.notices) == (["申请编号", "'=x"], {})


def test_letters_and_cells_are_as_a_spreadsheet_has_them() -> None:
    """A to Z, AA; text that would run gets an apostrophe."""
    assert [letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [safe(one) for one in ("=1+1", "@x", "好", 3)] == ["'=1+1", "'@x", "好", 3]
