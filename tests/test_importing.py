"""Claims about the way in: nothing is guessed, nothing is lost in silence, and nothing half is left behind."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.register import Stage
from models.lanes import LANES, Lane
from tests.builders_mapping import HEADER, LINES, MAPPING, imported, reasons, write_mapping, write_source
from training.history import History
from training.history.decision_log import DecisionLog
from training.importing import import_history
from training.importing.reading import DataRejectedError

CARD = "360426199101010071"
"""The example number of the standard's own check digit; nobody's."""


def cases_of(out: Path) -> dict[str, list[object]]:
    """Return the cases table as lists."""
    return pq.read_table(out / "cases.parquet").to_pydict()


def with_field(text: str) -> str:
    """Return the usual mapping with one more field of the case."""
    return MAPPING.replace("\n[events.filed]", text + "\n\n[events.filed]", 1)


def test_an_export_becomes_a_history(tmp_path: Path) -> None:
    """Units, instants and codes arrive converted, and the history opens."""
    report, out = imported(tmp_path)
    history = History.open(out)

    assert report.tables["cases"] == 3
    assert cases_of(out)["claim_amount"] == [38_600.0, 120_000.0, 5_000.0]
    assert history.known(Stage.A)[0].as_of[0] % 1 == pytest.approx(9 / 24)
    assert report.events == {"close": 2, "file": 3}
    assert report.courts == {"浙1004": 1, "浙1022": 2}


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    """Two imports of one export cannot be told apart."""
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        _, out = imported(tmp_path / name)
        contents.append({file.name: file.read_bytes() for file in sorted(out.iterdir())})

    assert contents[0] == contents[1]


def test_names_and_leading_zeros_stay_text(tmp_path: Path) -> None:
    """A person called NA is not missing, and 00123 and 1E5 are not numbers."""
    mapping = with_field('basis_no = "依据"\npre = 1').replace("\npre = 1", "")
    lines = [f"c{i},2024-01-05,浙1022,1,,,{text}" for i, text in enumerate(("NA", "00123", "1E5", "null", " "))]
    _, out = imported(tmp_path, *lines, mapping=mapping, header=HEADER + ",依据")

    assert cases_of(out)["basis_no"] == ["NA", "00123", "1E5", "null", None]


def test_a_value_is_missing_only_where_the_mapping_says_so(tmp_path: Path) -> None:
    """不详 is missing where it is listed, and refused where it is not."""
    lines = ("c1,2024-01-05,浙1022,不详,,", "c2,2024-01-05,浙1022,无,,")
    mapping = MAPPING.replace('unit = "万元"', 'unit = "万元", null_values = ["不详"]')
    _, out = imported(tmp_path, *lines, mapping=mapping)

    assert cases_of(out)["case_id"] == ["c1"]
    assert reasons(out) == [("3", "标的", "NUMBER_FORMAT")]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("c9,2024-13-05,浙1022,1,,", "收到", "DATE_FORMAT"),
        ("c9,,浙1022,1,,", "收到", "REQUIRED"),
        ("c9,2024-01-05,,1,,", "法院", "REQUIRED"),
        ("c9,2024-01-05,浙1022,1e3,,", "标的", "NUMBER_FORMAT"),
        ("c9,2024-01-05,浙1022,-4,,", "标的", "MONEY_FORMAT"),
        ("c9,2024-01-05,浙1022,1,2024-02-01,和解", "结案方式", "ENUM"),
        ("c9,2024-01-05,浙1022,1,2023-12-01,执行完毕", "", "CLOSE_BEFORE_FILING"),
        ("c9,2024-01-05,浙1022,1,2024年,执行完毕", "结案日", "DATE_FORMAT"),
        (",2024-01-05,浙1022,1,,", "编号", "KEY_MISSING"),
        ("c1,2024-01-05,浙1022,1,,", "编号", "KEY_DUPLICATE"),
        ("c9,2024-01-05,浙1022,1", "", "ROW_WIDTH"),
        ("c9,2024-01-05,浙1022,1,,,,more", "", "ROW_WIDTH"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_the_good_ones_go_on(
    tmp_path: Path, line: str, column: str, code: str
) -> None:
    """Line number, column and code stand in the report; the other three cases are there."""
    report, out = imported(tmp_path, *LINES, line)

    assert ("5", column, code) in reasons(out)
    assert cases_of(out)["case_id"] == ["c1", "c2", "c3"]
    assert report.refused_lines == 1


def test_the_report_never_repeats_a_cell(tmp_path: Path) -> None:
    """What was refused is told by place and reason, not by what stood there."""
    _, out = imported(tmp_path, *LINES, "c9,2024-01-05,浙1022,张三的十万,,")

    assert "张三" not in (out / "report.csv").read_text(encoding="utf-8")
    assert "张三" not in (out / "report.json").read_text(encoding="utf-8")


def test_a_fault_can_be_left_blank_where_the_mapping_allows(tmp_path: Path) -> None:
    """The case stays, the value is missing, and the report says so."""
    mapping = MAPPING.replace('unit = "万元"', 'unit = "万元", on_error = "blank"')
    _, out = imported(tmp_path, "c1,2024-01-05,浙1022,约三万,,", mapping=mapping)

    assert cases_of(out)["claim_amount"] == [None]
    assert "已置空" in (out / "report.csv").read_text(encoding="utf-8")


def test_dates_out_of_order_are_refused_like_a_case_that_is_sent(tmp_path: Path) -> None:
    """Performance cannot be due before the basis takes effect."""
    mapping = with_field('basis_effective_date = "生效"\ndue_date = "届满"')
    lines = ("c1,2024-01-05,浙1022,1,,,2023-10-01,2023-11-01", "c2,2024-01-05,浙1022,1,,,2023-10-01,2023-09-01")
    _, out = imported(tmp_path, *lines, mapping=mapping, header=HEADER + ",生效,届满")

    assert reasons(out) == [("3", "due_date", "DUE_BEFORE_BASIS")]


def test_columns_that_nobody_reads_are_listed(tmp_path: Path) -> None:
    """A clerk sees what the mapping left behind."""
    lines = [line + ",甲" for line in LINES]
    report, _ = imported(tmp_path, *lines, header=HEADER + ",承办人")

    assert report.unmapped_columns == {"main": ["承办人"]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('"标的"', '"金额"'), "DATA_MISSING_COLUMN.*金额.*编号、收到"),
        (('file = "cases.csv"', 'file = "cases-*.csv"'), r"DATA_NO_SOURCE.*cases-\*"),
        (('[observation]\nuntil = "2024-12-31"', '[observation.until]\n"浙1022" = "2024-12-31"'), "浙1004"),
        (('key = "编号"', 'key = "编号"\nencoding = "ascii"'), "DATA_ENCODING.*ascii"),
    ],
)
def test_an_export_that_cannot_be_read_at_all_is_refused_whole(
    tmp_path: Path, change: tuple[str, str], code: str
) -> None:
    """The message names what is missing, and nothing is written."""
    with pytest.raises(DataRejectedError, match=code):
        imported(tmp_path, mapping=MAPPING.replace(*change))
    assert not (tmp_path / "history").exists()


def test_a_header_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    """Nobody could say which of the two was meant."""
    with pytest.raises(DataRejectedError, match=r"DATA_DUPLICATE_COLUMN.*标的"):
        imported(tmp_path, *[line + ",1" for line in LINES], header=HEADER + ",标的")


def test_an_export_without_a_single_good_line_is_refused(tmp_path: Path) -> None:
    """An empty history is not a result."""
    with pytest.raises(DataRejectedError, match=r"DATA_NO_GOOD_ROWS.*1 行"):
        imported(tmp_path, "c1,never,浙1022,1,,")


def test_a_history_that_stands_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    """A second import needs force, and then replaces the whole directory."""
    _, out = imported(tmp_path)
    (out / "stale.txt").write_text("old", encoding="utf-8")
    source, mapping = tmp_path / "cases.csv", tmp_path / "mapping.toml"

    with pytest.raises(DataRejectedError, match=r"DATA_EXISTS.*history"):
        import_history(mapping, source, out)
    import_history(mapping, source, out, force=True)

    assert not (out / "stale.txt").exists()


def test_a_crash_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing stops in the middle, neither the directory nor its draft remains."""

    def full_disk(*_: object, **__: object) -> None:
        msg = "no space left"
        raise OSError(msg)

    monkeypatch.setattr("training.importing.run._write_json", full_disk)
    with pytest.raises(OSError, match="no space left"):
        imported(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases.csv", "mapping.toml"]


def test_an_event_of_a_bare_date_is_known_at_the_end_of_its_day(tmp_path: Path) -> None:
    """A closing dated today was not known this morning; an instant is known at once."""
    _, out = imported(tmp_path)
    history = History.open(out)
    closed, filed = history.log.of("close"), history.log.of("file")

    assert (closed.recorded_at - closed.at).tolist() == [1.0, 1.0]
    assert (filed.recorded_at - filed.at).tolist() == [0.0, 0.0, 0.0]


PAYMENTS = """
[source.tables.payments]
file = "payments.csv"
key = "编号"

[events.paid]
kind = "payment"
table = "payments"
at = "日期"
recorded_at = "登记"
amount = "金额"
when = [{ column = "类别", not_in = ["退款"] }]
"""


def paid(tmp_path: Path, *lines: str, more: str = "") -> tuple[History, Path]:
    """Import the usual cases with a file of payments."""
    write_source(tmp_path, *lines, header="编号,日期,登记,金额,类别", name="payments.csv")
    write_source(tmp_path)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING + PAYMENTS + more, encoding="utf-8")
    import_history(mapping, tmp_path, tmp_path / "history")
    return History.open(tmp_path / "history"), tmp_path / "history"


def test_payments_come_from_a_file_with_many_lines_a_case(tmp_path: Path) -> None:
    """They join by the case key, conditions leave lines out, and a stranger's is reported."""
    history, out = paid(
        tmp_path,
        "c1,2024-02-01,2024-02-02,1000.50,还款",
        "c1,2024-02-03,2024-02-04,20,退款",
        "zz,2024-02-03,2024-02-04,20,还款",
    )

    assert history.log.of("payment").amount.tolist() == [1000.5]
    assert reasons(out) == [("4", "编号", "KEY_UNKNOWN")]


def test_a_case_whose_payment_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Without that payment its outcome would be wrong."""
    history, out = paid(tmp_path, "c1,2024-02-01,2024-02-02,一千,还款")

    assert history.case_ids.tolist() == ["c2", "c3"]
    assert {code for _, _, code in reasons(out)} == {"NUMBER_FORMAT", "EVENTS_INCOMPLETE"}


def test_a_payment_recorded_before_it_was_made_is_refused(tmp_path: Path) -> None:
    """The record would let a feature see the future."""
    _, out = paid(tmp_path, "c1,2024-02-05,2024-02-01,1000,还款")

    assert ("2", "日期", "RECORDED_BEFORE_EVENT") in reasons(out)


def test_several_files_of_one_form_are_read_as_one(tmp_path: Path) -> None:
    """Yearly exports are named by a pattern, and the report knows which file a line stood in."""
    write_source(tmp_path, LINES[0], name="cases-2023.csv")
    write_source(tmp_path, LINES[1], "c8,bad,浙1022,1,,", name="cases-2024.csv")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace("cases.csv", "cases-*.csv"), encoding="utf-8")

    import_history(mapping, tmp_path, tmp_path / "history")

    assert cases_of(tmp_path / "history")["case_id"] == ["c1", "c2"]
    assert "cases-2024.csv,3,收到,DATE_FORMAT" in (tmp_path / "history" / "report.csv").read_text(encoding="utf-8")


QUERIES = """
[source.tables.answers]
file = "answers.csv"
key = "编号"

[queries]
table = "answers"
query_at = "反馈"

[queries.fields]
q_bank = "存款"
"""


def test_only_the_first_query_of_a_case_is_imported(tmp_path: Path) -> None:
    """Trap 3: a later answer is refused with its reason, whatever the file's order."""
    write_source(tmp_path, "c1,2024-03-09,900", "c1,2024-02-09,7", header="编号,反馈,存款", name="answers.csv")
    write_source(tmp_path)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING + QUERIES, encoding="utf-8")

    import_history(mapping, tmp_path, tmp_path / "history")

    assert History.open(tmp_path / "history").known(Stage.B)[0]["q_bank"].tolist() == [7.0]
    assert reasons(tmp_path / "history") == [("2", "反馈", "QUERY_LATER")]


def test_a_list_entry_carries_the_day_it_was_looked_up(tmp_path: Path) -> None:
    """Trap 1: imported with its observation date, a later list entry is blank at scoring."""
    mapping = with_field('dishonest_now = { column = "失信", observed_at = "查询日" }')
    lines = ("c1,2024-01-05,浙1022,1,,,是,2024-01-04", "c2,2024-01-05,浙1022,1,,,是,2025-06-01")
    _, out = imported(tmp_path, *lines, mapping=mapping, header=HEADER + ",失信,查询日")

    listed = History.open(out).known(Stage.A)[0]["dishonest_now"]

    assert listed[0] == 1.0
    assert np.isnan(listed[1])


DEBTORS = '\n[debtors]\nid = "证件"\n'


def with_debtors(tmp_path: Path, key: Path | None) -> list[object]:
    """Import two cases of one debtor, written in two ways, and return the tokens."""
    source = write_source(
        tmp_path,
        f"c1,2024-01-05,浙1022,1,,,{CARD}",
        f"c2,2024-01-05,浙1022,1,,,{CARD[:6]} {CARD[6:]}",
        header=HEADER + ",证件",
    )
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING + DEBTORS, encoding="utf-8")
    import_history(mapping, source, tmp_path / "history", key_file=key)
    return pq.read_table(tmp_path / "history" / "debtors.parquet")["id_token"].to_pylist()  # type: ignore[no-any-return]


DECISIONS = """
[source.tables.decided]
file = "decided.csv"
key = "案号"

[decisions]
table = "decided"
at = "时间"
stage = { column = "阶段", values = { "立案前" = "A", "查控后" = "B" } }
lane = { column = "程序", values = { "督促" = "urge", "快执" = "fast", "精办" = "complex" } }
by = { const = "person" }
propensity = "概率"
"""


def test_decisions_of_a_court_are_imported_for_the_value_of_a_policy(tmp_path: Path) -> None:
    """They read back as the log that policy-value reads; lines that make no sense are refused one by one."""
    write_source(
        tmp_path,
        "c1,2024-01-05 10:00,立案前,督促,0.5", "c1,2024-02-01 10:00,查控后,快执,", "c2,,立案前,快执,",
        "c3,2024-02-07,立案前,直接扣划,", "c3,2024-02-08,立案前,快执,0", "c9,2024-02-08,立案前,快执,",
        header="案号,时间,阶段,程序,概率", name="decided.csv",
    )  # fmt: skip
    report = import_history(
        write_mapping(tmp_path, more=DECISIONS),
        [write_source(tmp_path), tmp_path / "decided.csv"],
        tmp_path / "history",
    )
    log = DecisionLog.of(History.open(tmp_path / "history"))

    assert report.tables["decisions"] == 2
    assert sorted(report.reasons) == ["DECISION_NO_DATE", "ENUM", "KEY_UNKNOWN", "PROPENSITY_ZERO"]
    assert [LANES[code] for code in log.lane] == [Lane.URGE, Lane.FAST]
    assert log.propensity.tolist()[0] == 0.5


def test_raw_identity_numbers_become_tokens_under_the_courts_key(tmp_path: Path) -> None:
    """One debtor has one token however the number was written, and the number itself is nowhere."""
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)

    tokens = with_debtors(tmp_path, key)

    expected = hmac.new(b"k" * 32, b"identity\x00" + CARD.encode(), hashlib.sha256).hexdigest()
    assert tokens == [expected, expected]
    written = [file.read_bytes() for file in (tmp_path / "history").iterdir()]
    assert not any(CARD.encode() in content for content in written)


def test_without_a_key_raw_numbers_stop_the_import(tmp_path: Path) -> None:
    """The message asks for the key and does not repeat the number."""
    with pytest.raises(DataRejectedError, match=r"DATA_NO_KEY(?!.*360426)"):
        with_debtors(tmp_path, None)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Whoever has the key can try all numbers."""
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o644)
    with pytest.raises(DataRejectedError, match=r"DATA_KEY_OPEN.*key"):
        with_debtors(tmp_path, key)


EXCEL = MAPPING.replace('file = "cases.csv"', 'file = "cases.xlsx"\nformat = "excel"\nsheet = "台账"\nheader_row = 2')


def test_a_workbook_is_read_cell_by_cell(tmp_path: Path) -> None:
    """Title line, date cells, whole numbers and long numbers that a spreadsheet has cut."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    sheet.append(["执行案件台账"])
    sheet.append([*HEADER.split(","), "依据"])
    sheet.append(["c1", "2024-01-05 09:00", "浙1022", 12, None, None, "00123"])
    sheet.append(["c2", "2024-01-05 09:00", "浙1022", 3.86, None, None, 330102199001011234])
    book.save(tmp_path / "cases.xlsx")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(EXCEL.replace("\n[events.filed]", '\nbasis_no = "依据"\n\n[events.filed]', 1), encoding="utf-8")

    import_history(mapping, tmp_path / "cases.xlsx", tmp_path / "history")

    assert cases_of(tmp_path / "history")["claim_amount"] == [120_000.0]
    assert cases_of(tmp_path / "history")["basis_no"] == ["00123"]
    assert reasons(tmp_path / "history") == [("4", "依据", "DIGITS_LOST")]


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    """The clerk sees the sheets of the workbook."""
    book = openpyxl.Workbook()
    book.save(tmp_path / "cases.xlsx")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(EXCEL, encoding="utf-8")
    with pytest.raises(DataRejectedError, match=r"DATA_NO_SHEET.*台账.*Sheet"):
        import_history(mapping, tmp_path / "cases.xlsx", tmp_path / "history")


def test_a_typed_parquet_file_reads_like_its_text(tmp_path: Path) -> None:
    """Timestamps, doubles and dictionaries of a Parquet export need no other mapping."""
    table = pa.table({
        "编号": pa.array([1, 2], pa.int64()),
        "收到": pa.array([np.datetime64("2024-01-05T09:00", "us")] * 2),
        "法院": pa.array(["浙1022"] * 2).dictionary_encode(),
        "标的": pa.array([3.86, 12.0]),
        "结案日": pa.array([None, np.datetime64("2024-02-01", "us")]),
        "结案方式": pa.array([None, "执行完毕"]),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "cases.parquet")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace('file = "cases.csv"', 'format = "parquet"'), encoding="utf-8")

    report = import_history(mapping, tmp_path / "cases.parquet", tmp_path / "history")

    assert cases_of(tmp_path / "history")["claim_amount"] == [38_600.0, 120_000.0]
    assert report.events == {"close": 1, "file": 2}


def test_the_shipped_court_export_imports_as_its_document_says(tmp_path: Path) -> None:
    """Seven lines in, five cases out, each refusal with its reason."""
    folder = Path(__file__).parent.parent / "docs" / "mappings"
    report = import_history(folder / "court-export.toml", folder, tmp_path / "history")

    assert report.tables == {"cases": 5, "events": 23, "queries": 3, "debtors": 5}
    assert report.reasons == {"DUE_BEFORE_BASIS": 1, "KEY_UNKNOWN": 1, "NUMBER_FORMAT": 1}
    assert json.loads((tmp_path / "history" / "report.json").read_text(encoding="utf-8"))["refused_cases"] == 2


def test_the_description_declares_no_simulation_and_the_ends_of_follow_up(tmp_path: Path) -> None:
    """An import is a court's own data, and says so."""
    _, out = imported(tmp_path)
    meta = json.loads((out / "meta.json").read_text(encoding="utf-8"))

    assert meta["simulated"] is False
    assert meta["observed_until"] == {"浙1004": "2024-12-31", "浙1022": "2024-12-31"}
