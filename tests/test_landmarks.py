"""Claims about landmark rows: asked while at risk, knowing only what was known by that midnight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.register import Stage
from tests.builders_mapping import write_source
from training.history import History
from training.importing import import_history
from training.importing.reading import DataRejectedError
from training.learning.groups import groups

HEADER = "号,开具,送达,加罚,金额,付款,移送"

MAPPING = """
format = "fenliu-mapping/1"
[source]
file = "fines.csv"
key = "号"
[cases.fields]
court_code = { const = "浙1022" }
[events.created]
at = "开具"
lag_days = 0
[events.notified]
at = "送达"
[events.penalty]
at = "加罚"
amount = "金额"
[events.paid]
kind = "close"
mode = { const = "full" }
at = "付款"
[events.handed]
kind = "close"
mode = { const = "other" }
at = "移送"
[observation]
until = "2024-06-30"
[landmarks]
from = "created"
to_days = 365
ended_by = ["paid", "handed"]
[landmarks.fields.x_age]
type = "float"
stage = "A"
measure = "days_since"
since = "created"
zh = "几天？"
en = "How many days?"
[landmarks.fields.x_notified]
type = "bool"
stage = "A"
measure = "happened"
since = "notified"
zh = "送达？"
en = "Notified?"
[landmarks.fields.x_due]
type = "decimal"
stage = "A"
measure = "amount"
since = "penalty"
zh = "应缴？"
en = "How much is due?"
[landmarks.fields.x_waiting]
type = "bool"
stage = "A"
measure = "open"
since = "notified"
until = "penalty"
zh = "等待？"
en = "Waiting?"
"""


def panel(path: Path, *lines: str, mapping: str = MAPPING) -> dict[str, list[object]]:
    """Import fines as a panel and return its cases table."""
    source = write_source(path, *lines, header=HEADER, name="fines.csv")
    file = path / "mapping.toml"
    file.write_text(mapping, encoding="utf-8")
    import_history(file, source, path / "history")
    return pq.read_table(path / "history" / "cases.parquet").to_pydict()


def test_a_case_is_asked_on_each_first_of_a_month_until_it_ends(tmp_path: Path) -> None:
    """From creation to the month in which it was paid, and not after."""
    rows = panel(tmp_path, "f1,2024-01-10,,,,2024-03-15,")

    assert rows["case_id"] == ["f1@2024-02-01", "f1@2024-03-01"]
    assert rows["x_age"] == [22.0, 51.0]


def test_a_payment_on_the_landmark_itself_lies_ahead(tmp_path: Path) -> None:
    """The midnight comes before the day's payment, so the case is still at risk."""
    rows = panel(tmp_path, "f1,2024-01-10,,,,2024-03-01,")

    assert rows["case_id"] == ["f1@2024-02-01", "f1@2024-03-01"]


def test_an_ended_or_unobserved_case_is_not_asked(tmp_path: Path) -> None:
    """Handed over, and past the last observed day: no row."""
    rows = panel(tmp_path, "f1,2024-01-10,,,,,2024-02-20", "f2,2024-05-10,,,,,")

    assert rows["case_id"] == ["f1@2024-02-01", "f2@2024-06-01"]


def test_fields_know_only_what_was_recorded_by_the_landmark(tmp_path: Path) -> None:
    """A notification dated the day before is known, one dated that day is not, and a later penalty is not due yet."""
    rows = panel(tmp_path, "f1,2024-01-10,2024-01-31,2024-03-01,88.5,,", "f2,2024-01-10,2024-02-01,,,,")
    facts = zip(rows["x_notified"], rows["x_due"], rows["x_waiting"], strict=True)
    by_id = dict(zip(rows["case_id"], facts, strict=True))

    assert by_id["f1@2024-02-01"] == (True, None, True)
    assert by_id["f1@2024-03-01"] == (True, None, True)
    assert by_id["f1@2024-04-01"] == (True, 88.5, False)
    assert by_id["f2@2024-02-01"] == (False, None, False)


def test_nothing_a_row_knows_changes_when_the_future_changes(tmp_path: Path) -> None:
    """Cutting a case's later events out of the source leaves its earlier rows as they were."""
    rows = []
    for name, later in (("whole", "2024-04-10,88.5,2024-05-20,"), ("cut", ",,,")):
        (tmp_path / name).mkdir()
        table = panel(tmp_path / name, "f1,2024-01-10,2024-01-20," + later)
        rows.append({key: values[:3] for key, values in table.items()})

    assert rows[0] == rows[1]


def test_outcomes_run_from_the_landmark(tmp_path: Path) -> None:
    """Each row has the closing that came after it; events before it are not written."""
    panel(tmp_path, "f1,2024-01-10,,,,2024-03-15,")
    history = History.open(tmp_path / "history")
    closed = history.log.of("close")

    assert closed.row.tolist() == [0, 1]
    assert (closed.at - history.received_at).tolist() == [43.0, 14.0]


def test_rows_of_one_case_are_one_group(tmp_path: Path) -> None:
    """Trap 7: no split may put two landmarks of one case on two sides."""
    panel(tmp_path, "f1,2024-01-10,,,,,", "f2,2024-01-10,,,,,")
    history = History.open(tmp_path / "history")
    found = groups(history)
    owner = np.array([str(key).split("@")[0] for key in history.case_ids])

    assert len(set(found[owner == "f1"])) == len(set(found[owner == "f2"])) == 1
    assert len(set(found)) == 2


def test_the_panel_opens_with_its_fields_at_stage_a(tmp_path: Path) -> None:
    """What is measured at landmarks is a declared extension that features may read."""
    panel(tmp_path, "f1,2024-01-10,2024-01-20,,,,")
    known, _, _ = History.open(tmp_path / "history").known(Stage.A)

    assert known["x_notified"].tolist() == [1.0] * 5
    assert known.as_of[0] == np.datetime64("2024-02-01").astype(int)


def test_one_case_in_so_many_is_chosen_by_its_key(tmp_path: Path) -> None:
    """The choice keeps whole cases and does not depend on the order of lines."""
    mapping = MAPPING.replace("to_days = 365", "to_days = 365\none_in = 3")
    lines = [f"f{i},2024-01-10,,,,," for i in range(30)]
    chosen = []
    for name, order in (("a", lines), ("b", lines[::-1])):
        (tmp_path / name).mkdir()
        rows = panel(tmp_path / name, *order, mapping=mapping)
        chosen.append({str(key).split("@")[0] for key in rows["case_id"]})
        assert len(rows["case_id"]) == 5 * len(chosen[-1])

    assert chosen[0] == chosen[1]
    assert 3 <= len(chosen[0]) <= 20


def test_quarters_begin_in_january_april_july_and_october(tmp_path: Path) -> None:
    """Fewer landmarks are asked for by name."""
    mapping = MAPPING.replace("[landmarks]", '[landmarks]\nevery = "quarter"', 1)
    rows = panel(tmp_path, "f1,2023-05-10,,,,,", mapping=mapping)

    assert rows["case_id"] == ["f1@2023-07-01", "f1@2023-10-01", "f1@2024-01-01", "f1@2024-04-01"]


def test_a_panel_without_rows_is_refused(tmp_path: Path) -> None:
    """All were paid before their first landmark."""
    with pytest.raises(DataRejectedError, match=r"DATA_NO_GOOD_ROWS.*landmark"):
        panel(tmp_path, "f1,2024-01-10,,,,2024-01-12,")


def test_landmark_instants_are_shanghai_midnights(tmp_path: Path) -> None:
    """Whatever the source's clock, a landmark is a day of the court."""
    panel(tmp_path, "f1,2024-01-10,,,,,")
    received = pq.read_table(tmp_path / "history" / "cases.parquet")["received_at"]

    assert received.type == pa.timestamp("us", tz="Asia/Shanghai")
    assert all((moment.hour, moment.minute) == (0, 0) for moment in received.to_pylist())


def test_landmark_rows_carry_the_debtor_of_their_case(tmp_path: Path) -> None:
    """Two fines of one debtor stay together in every split, on all their rows."""
    mapping = MAPPING.replace("[observation]", '[debtors]\nid = "移送人"\n[observation]')
    lines = [f"f{i},2024-04-10,,,,,,{'a' * 64 if i < 2 else 'b' * 64}" for i in range(3)]
    source = write_source(tmp_path, *lines, header=HEADER + ",移送人", name="fines.csv")
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
    import_history(tmp_path / "mapping.toml", source, tmp_path / "history")

    history = History.open(tmp_path / "history")

    assert history.debtors["case_id"].to_pylist() == history.case_ids.tolist()
    assert len(set(groups(history)[:4])) == 1
    assert len(set(groups(history))) == 2
