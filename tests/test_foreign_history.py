"""Histories that nobody here has written: what an unseen export meets on its way in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.builders_mapping import MAPPING, imported, reasons, write_source
from training.history import History
from training.importing import ImportReport, import_history
from training.importing.mapping import load_mapping
from training.importing.reading import DataRejectedError
from training.importing.strict_record import MappingError

RECEIVED = ["2024-01-05 09:00", "2024-02-05 09:00"]


def _parquet_import(path: Path, columns: Mapping[str, pa.Array], more: str = "") -> tuple[ImportReport, Path]:
    """Import two cases with these further columns from a Parquet file."""
    usual = {
        "编号": ["c1", "c2"],
        "收到": RECEIVED,
        "法院": ["浙1022"] * 2,
        "结案日": [None, None],
        "结案方式": [None] * 2,
    }
    given = {name: pa.array(values, pa.string()) for name, values in usual.items()}
    pq.write_table(pa.table({**given, **columns}), path / "cases.parquet")
    mapping = path / "mapping.toml"
    text = MAPPING.replace('file = "cases.csv"', 'format = "parquet"')
    mapping.write_text(text.replace('column = "标的", unit = "万元"', 'column = "标的"') + more, encoding="utf-8")
    return import_history(mapping, path / "cases.parquet", path / "history"), path / "history"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_an_instant_beyond_the_calendar_here_refuses_its_line_only(tmp_path: Path, zone: str) -> None:
    """The last hours of the year 9999 elsewhere are no date at +08:00: one line is refused, the others go on."""
    lines = ("c1,9999-12-31T23:59:59,浙1022,1,,", "c2,2024-01-06 10:30,浙1022,12,,")
    report, out = imported(tmp_path, *lines, mapping=f'{MAPPING}\n[time]\nzone = "{zone}"\n')
    assert report.tables["cases"] == 1
    assert reasons(out) == [("2", "收到", "DATE_FORMAT")]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_an_event_on_the_edge_of_the_calendar_is_no_crash(tmp_path: Path, day: str) -> None:
    """A bare date has its day's end as the time of record, and the last day of the calendar has none."""
    lines = (f"c1,2024-01-05 09:00,浙1022,1,{day},执行完毕", "c2,2024-01-06 10:30,浙1022,12,,")
    report, _ = imported(tmp_path, *lines)
    assert report.source_lines == 2


@pytest.mark.parametrize("delimiter", [";;", "", "\\n"])
def test_a_delimiter_is_one_sign(tmp_path: Path, delimiter: str) -> None:
    """A delimiter of no or two signs is a fault of the mapping, named with what was given."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace("[source]", f'[source]\ndelimiter = "{delimiter}"'), encoding="utf-8")
    with pytest.raises(MappingError, match=r"source\.delimiter.*分隔符须为单个字符.*a delimiter is one sign"):
        load_mapping(mapping)


@pytest.mark.parametrize("encoding", ["klingon", "base64", "utf\\u00008"])
def test_an_encoding_is_one_that_exists(tmp_path: Path, encoding: str) -> None:
    """A misspelt encoding is a fault of the mapping, not of the file, and the message says which are common."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace("[source]", f'[source]\nencoding = "{encoding}"'), encoding="utf-8")
    with pytest.raises(MappingError, match=r"source\.encoding.*没有文字编码.*common ones are utf-8-sig, gb18030"):
        load_mapping(mapping)


def test_when_nothing_can_be_used_the_message_itself_says_why(tmp_path: Path) -> None:
    """No history is written and so no report either: the reasons stand in the refusal, in both languages."""
    with pytest.raises(
        DataRejectedError, match=r"2 行没有一行可用；最常见的原因：NUMBER_FORMAT 1, ROW_WIDTH 1 / none of 2"
    ):
        imported(tmp_path, "c1,2024-01-05,浙1022,三万,,", "c2,2024-01-05")
    assert not (tmp_path / "history").exists()


def test_source_lines_count_what_was_refused_as_well(tmp_path: Path) -> None:
    """Repeated keys, lines without a key and lines of another width were in the source and are counted there."""
    lines = ("c1,2024-01-05,浙1022,1,,", "c1,2024-01-05,浙1022,1,,", ",2024-01-05,浙1022,1,,", "c2,2024-01-05")
    report, _ = imported(tmp_path, *lines)
    assert (report.source_lines, report.refused_lines, report.tables["cases"]) == (4, 3, 1)


def test_a_fault_of_an_event_names_its_place_in_the_mapping(tmp_path: Path) -> None:
    """A mapping with several events is mended only by one who knows which of them was meant."""
    imported(tmp_path, "c1,2024-01-05,浙1022,1,2024-02-01,不明", "c2,2024-01-05,浙1022,1,,")
    report = (tmp_path / "history" / "report.csv").read_text(encoding="utf-8")
    assert "events.closed.mode：取值未在 values 中映射" in report
    assert "不明" not in report


def test_a_cause_given_by_name_is_not_taken_for_a_number(tmp_path: Path) -> None:
    """A name would count as a cause of the family `other` without a word; it is mapped to its number or refused."""
    cause = 'cause_code = { column = "案由", values = { "民间借贷纠纷" = "108.3" } }\nclaim_amount'
    header = "编号,收到,法院,标的,结案日,结案方式,案由"
    lines = [f"c{i},2024-01-05,浙1022,1,,,{name}" for i, name in enumerate(("民间借贷纠纷", "88", "买卖合同纠纷"))]
    _, out = imported(tmp_path, *lines, header=header, mapping=MAPPING.replace("claim_amount", cause, 1))
    assert reasons(out) == [("4", "案由", "CAUSE_FORMAT")]
    assert History.open(out).cases["cause_code"].to_pylist() == ["108.3", "88"]


def test_small_binary_numbers_are_read_as_they_are(tmp_path: Path) -> None:
    """A Parquet number has no exponent of its own: 0.0000001 is a plain number, single precision included."""
    shares = {"标的": pa.array([1.5, 2.0]), "小": pa.array([1e-7, 0.1], pa.float32())}
    declared = '\n[extensions.x_small]\ncolumn = "小"\ntype = "float"\nstage = "A"\nzh = "小？"\nen = "Small?"\n'
    _, out = _parquet_import(tmp_path, shares, declared)
    cases = History.open(out).cases
    assert cases["x_small"].to_pylist() == pytest.approx([1e-7, 0.1])
    assert cases["claim_amount"].to_pylist() == [1.5, 2.0]


def test_a_long_binary_number_of_parquet_has_lost_digits_too(tmp_path: Path) -> None:
    """An identity number that went through a float is another number: it is refused, never tokenised."""
    _, out = _parquet_import(tmp_path, {"标的": pa.array([3.3e17, 2.0])})
    assert reasons(out) == [("1", "标的", "DIGITS_LOST")]


def test_a_small_number_of_a_workbook_is_read_as_it_is(tmp_path: Path) -> None:
    """Python writes 0.00005 as 5e-05; a workbook's cell is read as the number that stands in it."""
    book = openpyxl.Workbook()
    for cells in (
        ("编号", "收到", "法院", "标的", "结案日", "结案方式"),
        ("c1", "2024-01-05", "浙1022", 0.00005, None, None),
    ):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "cases.xlsx")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace('file = "cases.csv"', 'format = "excel"'), encoding="utf-8")
    import_history(mapping, tmp_path / "cases.xlsx", tmp_path / "history")
    assert History.open(tmp_path / "history").cases["claim_amount"].to_pylist() == [0.5]


@pytest.mark.parametrize("cells", [pa.array([[1], [2]]), pa.array([{"a": 1}] * 2), pa.array([b"x", b"y"])])
def test_a_parquet_column_of_no_single_values_is_named(tmp_path: Path, cells: pa.Array) -> None:
    """Lists, structures and bytes are refused by column name and type, with a way out, not by a crash."""
    with pytest.raises(DataRejectedError, match=r"的列 附 类型为 .* / column 附 of cases.parquet is .*leave it out"):
        _parquet_import(tmp_path, {"标的": pa.array([1.5, 2.0]), "附": cells})


def test_names_that_look_like_missing_values_stay_names(tmp_path: Path) -> None:
    """NA, null and nan are texts, 00123 keeps its zeros, and a formula stays a text: nothing is guessed."""
    header = "编号,收到,法院,标的,结案日,结案方式"
    write_source(tmp_path, header=header)
    lines = (
        "NA,2024-01-05,00123,1,,",
        "null,2024-01-05,00123,1,,",
        "=1+1,2024-01-05,00123,1,,",
        "𠮷,2024-01-05,00123,1,,",
    )
    _, out = imported(tmp_path, *lines, header=header)
    history = History.open(out)
    assert history.cases["case_id"].to_pylist() == ["NA", "null", "=1+1", "𠮷"]
    assert set(history.cases["court_code"].to_pylist()) == {"00123"}
