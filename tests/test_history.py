"""Claims about reading a history: what is refused, what was known when, and what nobody may see."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.extensions import ExtensionField
from features.feature import Group, Pull
from features.known import ForbiddenFieldError
from features.register import Field, Stage, load_register
from tests.builders_history import a_case, an_event, instant, tiny_history, write_history, write_meta, write_table
from training.history import History, HistoryError


def rewritten(path: Path, table: str, change: pa.Table) -> None:
    """Put another table in place of the written one."""
    pq.write_table(change, path / f"{table}.parquet")


def opened(path: Path, **rows: list[dict[str, object]]) -> History:
    """Write a history of the given rows and open it."""
    return History.open(write_history(path / "h", **rows))  # type: ignore[arg-type]


def test_a_tiny_history_opens_and_reads_at_both_stages(tmp_path: Path) -> None:
    """All cases have a row at stage A, and those with a query one at stage B."""
    history = History.open(tiny_history(tmp_path / "h", n=60))

    known_a, _, rows_a = history.known(Stage.A)
    known_b, _, rows_b = history.known(Stage.B)

    assert len(known_a) == 60
    assert rows_a.tolist() == list(range(60))
    assert len(known_b) == history.queries.num_rows == len(rows_b) > 0


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """The message names code, column and table."""
    path = tiny_history(tmp_path / "h", n=5)
    rewritten(path, "cases", pq.read_table(path / "cases.parquet").drop(["received_at"]))

    with pytest.raises(HistoryError, match=r"DATA_MISSING_COLUMN.*received_at.*cases\.parquet"):
        History.open(path)


def test_a_column_of_another_kind_is_named_with_both_types(tmp_path: Path) -> None:
    """An instant without a zone is refused: nobody knows which clock it was."""
    path = tiny_history(tmp_path / "h", n=5)
    table = pq.read_table(path / "cases.parquet")
    naive = pa.array([None] * 5, pa.timestamp("us"))
    place = table.column_names.index("received_at")
    rewritten(path, "cases", table.set_column(place, "received_at", naive))

    with pytest.raises(HistoryError, match=r"DATA_WRONG_TYPE.*received_at.*tz=Asia/Shanghai.*timestamp\[us\]"):
        History.open(path)


@pytest.mark.parametrize(("name", "code"), [("close_mode", "DATA_OUTCOME_COLUMN"), ("judge", "DATA_UNKNOWN_COLUMN")])
def test_columns_that_do_not_belong_to_a_case_are_refused(tmp_path: Path, name: str, code: str) -> None:
    """Outcomes may only be events, and nothing unregistered comes in."""
    path = tiny_history(tmp_path / "h", n=5)
    table = pq.read_table(path / "cases.parquet").append_column(name, pa.array(["full"] * 5))
    rewritten(path, "cases", table)

    with pytest.raises(HistoryError, match=f"{code}.*{name}"):
        History.open(path)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"format": "fenliu-history/9"}, "DATA_FORMAT.*fenliu-history/9"),
        ({"observed_until": {"浙1022": "soon"}}, "DATA_META_BROKEN.*soon"),
    ],
)
def test_a_description_that_cannot_be_trusted_is_refused(tmp_path: Path, meta: dict[str, object], message: str) -> None:
    """A foreign format is not guessed at, and follow-up ends on a date."""
    path = tiny_history(tmp_path / "h", n=5)
    write_meta(path, **meta)

    with pytest.raises(HistoryError, match=message):
        assert History.open(path).observed_until is None


def test_a_directory_without_description_is_no_history(tmp_path: Path) -> None:
    """Any folder is refused by name of what it lacks."""
    with pytest.raises(HistoryError, match=r"DATA_NO_HISTORY.*meta\.json"):
        History.open(tmp_path)


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    """Half a file is not read as far as it goes."""
    path = tiny_history(tmp_path / "h", n=5)
    (path / "events.parquet").write_bytes((path / "events.parquet").read_bytes()[:100])

    with pytest.raises(HistoryError, match=r"DATA_TABLE_BROKEN.*events\.parquet"):
        History.open(path)


def test_an_unregistered_code_is_counted_not_shown(tmp_path: Path) -> None:
    """A code nobody registered stops the reading; the message counts the rows."""
    history = opened(tmp_path, cases=[a_case(debtor_type="alien"), a_case("c2")], events=[an_event("file", 1)])

    with pytest.raises(HistoryError, match=r"DATA_UNKNOWN_CODE.*debtor_type：1 行(?!.*alien)"):
        history.known(Stage.A)


def test_an_event_of_no_case_is_an_error(tmp_path: Path) -> None:
    """Events are never lost in silence."""
    history = opened(tmp_path, cases=[a_case()], events=[an_event("file", 1, "stranger")])

    with pytest.raises(HistoryError, match=r"DATA_ORPHAN_ROW.*events\.parquet 有 1 行"):
        assert history.log


def test_a_case_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    """Two rows of one key would count its events twice."""
    history = opened(tmp_path, cases=[a_case(), a_case()], events=[an_event("file", 1)])

    with pytest.raises(HistoryError, match=r"DATA_DUPLICATE_CASE.*1 行"):
        assert history.log


def test_values_become_the_numbers_that_features_read(tmp_path: Path) -> None:
    """Dates are days, codes indices, sets one column a code, and the date of an instant is Shanghai's."""
    history = opened(tmp_path, cases=[a_case(clue_types="wage/vehicle", debtor_type="company", age=None)])
    known, columns, _ = history.known(Stage.A)
    types = load_register()["debtor_type"].codes

    assert known["claim_amount"].tolist() == [50_000.0]
    assert known["debtor_type"].tolist() == [types.index("company")]
    assert (known["clue_types.vehicle"][0], known["clue_types.equity"][0]) == (1.0, 0.0)
    assert np.floor(columns["received_at"]).tolist() == [np.datetime64("2022-01-01").astype(int)]
    assert columns["court_code"].tolist() == ["浙1022"]


def test_missing_is_missing_never_zero(tmp_path: Path) -> None:
    """An empty cell and an absent column are both NaN; an empty set of clues is not."""
    history = opened(tmp_path, cases=[a_case(claim_amount=None, clue_types=None), a_case("c2", clue_types="")])
    known, _, _ = history.known(Stage.A)

    assert np.isnan(known["claim_amount"][0])
    assert np.isnan(known["reg_capital"]).all()
    assert np.isnan(known["clue_types.wage"][0])
    assert known["clue_types.wage"][1] == 0.0


def test_a_list_entry_seen_after_receipt_is_blank(tmp_path: Path) -> None:
    """Trap 1: today's list on an old case is not what the court knew, and nothing derived carries it in."""
    late = {"dishonest_now": True, "dishonest_now@observed_at": instant(400)}
    cash = {"preserved": True, "pres_cash": 50_000.0, "pres_cash@observed_at": instant(3)}
    early = late | {"dishonest_now@observed_at": instant(-1)}
    history = opened(tmp_path, cases=[a_case(**late, **cash), a_case("c2", **early)])

    known, columns, _ = history.known(Stage.A)

    assert np.isnan(known["dishonest_now"][0])
    assert known["dishonest_now"][1] == 1.0
    assert np.isnan(known["pres_cash_cover"][0])
    assert np.isnan(columns["dishonest_now"].astype(float)[0])


def test_query_results_do_not_exist_before_filing(tmp_path: Path) -> None:
    """Trap 3: a stage-A feature cannot ask for what the bank answered later."""
    history = opened(tmp_path, cases=[a_case()], queries=[{"case_id": "c1", "query_at": instant(9), "q_bank": 7.0}])

    known, columns, _ = history.known(Stage.A)

    assert "q_bank" not in columns
    with pytest.raises(ForbiddenFieldError, match="q_bank"):
        assert known["q_bank"]


def test_only_the_first_query_counts(tmp_path: Path) -> None:
    """Trap 3: a second query does not overwrite the first; it is counted and left out."""
    later = {"case_id": "c1", "query_at": instant(50), "q_bank": 90_000.0}
    first = {"case_id": "c1", "query_at": instant(9), "q_bank": 7.0}
    history = opened(tmp_path, cases=[a_case()], queries=[later, first])

    known, _, _ = history.known(Stage.B)

    assert known["q_bank"].tolist() == [7.0]
    assert history.later_queries == 1


def test_a_form_field_edited_later_is_blank(tmp_path: Path) -> None:
    """Trap 4: a claim that was reduced after a part payment is not the claim of the application."""
    history = opened(tmp_path, cases=[a_case(**{"claim_amount@observed_at": instant(30)})])

    known, _, _ = history.known(Stage.A)

    assert np.isnan(known["claim_amount"][0])


def test_follow_up_ends_at_the_midnight_after_the_last_day(tmp_path: Path) -> None:
    """Trap 6: labels need to know how long a case was watched, court by court."""
    history = opened(tmp_path, cases=[a_case()])

    assert history.observed_until.tolist() == [np.datetime64("2025-01-01").astype(int)]


def test_a_court_without_an_end_of_follow_up_is_an_error(tmp_path: Path) -> None:
    """Without it, open would be taken for unpaid."""
    history = opened(tmp_path, cases=[a_case(court_code="京0105")])

    with pytest.raises(HistoryError, match=r"DATA_NO_FOLLOW_UP_END.*京0105"):
        assert history.observed_until is None


def test_free_text_and_case_numbers_never_reach_a_feature(tmp_path: Path) -> None:
    """Traps 2, 8 and 10: numbers of a case and texts about it stay out of what features may read."""
    case = a_case(clue_text="被执行人已还清", basis_no="(2021)浙1022执恢12号")
    query = {"case_id": "c1", "query_at": instant(9), "enf_case_no": "(2022)浙1022执9号"}
    history = opened(tmp_path, cases=[case], queries=[query])

    known, columns, _ = history.known(Stage.B)

    assert columns["clue_text"].tolist() == ["被执行人已还清"]
    assert not {"clue_text", "basis_no", "enf_case_no", "application_id"} & set(known.columns)


URGED = [an_event("urge_start", 1), an_event("contact", 2), an_event("file", 16)]
QUERIED = [{"case_id": "c1", "query_at": instant(20)}]


def urging(tmp_path: Path, *events: dict[str, object]) -> dict[str, float]:
    """Return the urging facts known at the query of an urged case with further events."""
    history = opened(tmp_path, cases=[a_case()], events=[*URGED, *events], queries=QUERIED)
    known, _, _ = history.known(Stage.B)
    return {name: float(known[name][0]) for name in known.columns if name.startswith("urge")}


def test_urging_facts_come_from_events(tmp_path: Path) -> None:
    """Reached, partly paid and since when are worked out from the log."""
    facts = urging(tmp_path, an_event("payment", 5, amount=1_000.0))
    codes = load_register()["urge_result"].codes

    assert facts["urge_reached"] == 1.0
    assert facts["urge_paid"] == 1_000.0
    assert codes[int(facts["urge_result"])] == "partial"
    assert np.floor(facts["urge_start"]) == np.datetime64("2022-01-02").astype(int)


def test_a_payment_recorded_after_the_query_is_not_seen(tmp_path: Path) -> None:
    """It was made in time, but nobody in the court knew."""
    late = an_event("payment", 5, amount=50_000.0, recorded_at=instant(30))
    codes = load_register()["urge_result"].codes

    facts = urging(tmp_path, late)

    assert facts["urge_paid"] == 0.0
    assert codes[int(facts["urge_result"])] == "filed"


def test_a_case_that_was_not_urged_has_no_urging_facts(tmp_path: Path) -> None:
    """Not urged is not the same as urged without success."""
    history = opened(tmp_path, cases=[a_case()], events=[an_event("file", 2)], queries=QUERIED)
    known, _, _ = history.known(Stage.B)

    assert all(np.isnan(known[name][0]) for name in ("urge_start", "urge_reached", "urge_result", "urge_paid"))


def test_urging_columns_of_a_table_are_not_believed(tmp_path: Path) -> None:
    """A result written into the query table may be the final one; only dated events count."""
    query = QUERIED[0] | {"urge_result": "paid", "urge_paid": 50_000.0}
    history = opened(tmp_path, cases=[a_case()], events=URGED, queries=[query])

    known, _, _ = history.known(Stage.B)

    assert known["urge_paid"].tolist() == [0.0]


def test_rows_can_be_chosen_and_keep_their_order(tmp_path: Path) -> None:
    """A choice of case rows gives exactly those rows of the whole."""
    history = History.open(tiny_history(tmp_path / "h", n=40))
    whole, _, _ = history.known(Stage.A)

    part, columns, rows = history.known(Stage.A, np.array([7, 3]))

    assert rows.tolist() == [7, 3]
    assert part["claim_amount"].tolist() == whole["claim_amount"][[7, 3]].tolist()
    assert columns["application_id"].tolist() == ["c7", "c3"]


def test_the_data_hash_is_of_content_not_of_files(tmp_path: Path) -> None:
    """Another file layout, row order or width gives the same hash; another value does not."""
    path = tiny_history(tmp_path / "h", n=30)
    before = History.open(path).data_sha256()
    table = pq.read_table(path / "cases.parquet")
    wider = table.set_column(table.column_names.index("n_debtors"), "n_debtors", table["n_debtors"].cast(pa.int64()))

    pq.write_table(wider.take(list(reversed(range(30)))), path / "cases.parquet", row_group_size=7)
    same = History.open(path).data_sha256()
    claim = pa.array([1.0] * 30)
    rewritten(path, "cases", table.set_column(table.column_names.index("claim_amount"), "claim_amount", claim))

    assert same == before
    assert History.open(path).data_sha256() != before


def test_events_come_in_order_with_their_case_rows(tmp_path: Path) -> None:
    """The log is sorted by case and then by time, whatever the file's order."""
    history = opened(
        tmp_path,
        cases=[a_case("a"), a_case("b")],
        events=[an_event("close", 9, "b", mode="full"), an_event("file", 2, "b"), an_event("file", 1, "a")],
    )

    assert history.log.row.tolist() == [0, 1, 1]
    assert np.all(np.diff(history.log.at[1:]) > 0)
    assert history.log.of("close").mode.tolist() == [0]


def test_extension_fields_are_read_from_the_description(tmp_path: Path) -> None:
    """A court's own field, declared in meta.json, reaches its feature."""
    path = write_history(tmp_path / "h", cases=[a_case()])
    field = {"name": "x_points", "zh": "扣分", "en": "points", "type": "int", "known_at": "A"}
    declared = _declaration(field)
    write_meta(path, extensions=[declared])
    table = pq.read_table(path / "cases.parquet").append_column("x_points", pa.array([5], pa.int32()))
    rewritten(path, "cases", table)

    history = History.open(path)

    assert history.known(Stage.A)[0]["x_points"].tolist() == [5.0]
    assert [extension.field.name for extension in history.extensions] == ["x_points"]


def _declaration(field: dict[str, str]) -> dict[str, object]:
    extension = ExtensionField(Field(**field), "扣几分？", "How many points?", "分", Pull.NONE, Group.CASE)  # type: ignore[arg-type]
    return json.loads(json.dumps(extension.to_json()))  # type: ignore[no-any-return]


def test_a_table_written_by_the_builder_has_the_contract_types(tmp_path: Path) -> None:
    """Instants carry the court's zone, codes are dictionaries, money is double."""
    tmp_path.joinpath("h").mkdir()
    write_table(tmp_path / "h", "cases", [a_case()])
    schema = pq.read_schema(tmp_path / "h" / "cases.parquet")

    assert schema.field("received_at").type == pa.timestamp("us", tz="Asia/Shanghai")
    assert pa.types.is_dictionary(schema.field("debtor_type").type)
    assert schema.field("claim_amount").type == pa.float64()
