"""The audit trail: every way of tampering is found, and the row is named."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.access.origin import SERVICE, Origin
from serving.audit.chain import START, Head, signed
from serving.audit.heads import HeadFileError, Kept, SecondPlace
from serving.audit.schedule import Keeper, Schedule
from serving.audit.trail import ExportFileError, verify_export
from serving.audit.verify import Report, check_chain
from serving.ciphers import Mac
from serving.identity.opening import open_accounts, open_api_keys
from serving.store.faults import StoreUnavailableError
from tests.builders_audit import Scene, copied, found_in, scene
from tests.builders_identity import GOOD, SCOPE, judge_of
from tests.builders_serving import KEYS, NOW, ORIGIN, POLICY
from tests.builders_store import Database, sqlite_database

ROWS = 6


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Scene:
    """Return a database with six answers, which are rows 1 to 6 of the trail."""
    return scene(database, tmp_path / "heads", answers=ROWS)


@pytest.fixture
def file(tmp_path: Path) -> Scene:
    """Return the same in an SQLite file."""
    with sqlite_database(tmp_path) as database:
        return scene(database, tmp_path / "heads", answers=ROWS)


def test_an_untouched_trail_is_whole(kept: Scene) -> None:
    """Nothing is found where nothing was done."""
    report = kept.trail.verify()
    assert (report.whole, report.rows, report.head.seq) == (True, ROWS, ROWS)


@pytest.mark.parametrize("column", ["at", "actor", "role", "court", "action", "object_id", "outcome", "detail"])
def test_a_changed_row_is_named(file: Scene, column: str) -> None:
    """One changed word in any column of one row is found in that row."""
    file.tamper(f"UPDATE audit SET {column} = 'x' WHERE seq = 3")  # noqa: S608
    assert ("changed", "#3") in file.kinds()


def test_a_deleted_row_is_named(kept: Scene) -> None:
    """A row taken out of the middle leaves its number behind."""
    kept.tamper("DELETE FROM audit WHERE seq = 3")
    assert kept.kinds()[0] == ("missing", "#3")


def test_swapped_rows_are_named(file: Scene) -> None:
    """Two rows that change places are both found."""
    file.tamper(
        "UPDATE audit SET seq = 99 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 99",
    )
    assert [one for one in file.kinds() if one[0] == "changed"] == [("changed", "#3"), ("changed", "#4")]


def test_a_cut_tail_is_found_by_the_second_place(kept: Scene) -> None:
    """The last two rows are gone together with their records: the chain alone would not know."""
    kept.tamper(
        "DELETE FROM audit WHERE seq > 4",
        "DELETE FROM idempotency WHERE advice_id > 'SCR-20261120-000004'",
        "DELETE FROM advice WHERE id > 'SCR-20261120-000004'",
    )
    assert kept.kinds() == [("cut", "#5-#6")]


def test_a_chain_rewritten_with_the_key_is_found_by_the_second_place(kept: Scene) -> None:
    """Even with the key, rows that were exported before cannot be exchanged for others of the same number."""
    kept.trail.export_head(at=NOW)
    rows = kept.database.all("SELECT * FROM audit ORDER BY seq")
    before, statements = rows[2]["prev_mac"], []
    for row in rows[2:]:
        forged = {**row, "actor": "key:nobody", "prev_mac": before}
        before = KEYS.mac.of(signed(forged))
        statements.append(
            f"UPDATE audit SET actor = 'key:nobody', prev_mac = 'x{forged['prev_mac']}', mac = '{before}'"  # noqa: S608
            f" WHERE seq = {row['seq']}"
        )
    kept.tamper(*statements, "UPDATE audit SET prev_mac = substr(prev_mac, 2) WHERE seq > 2")
    assert kept.kinds() == [("rewritten", f"#{ROWS}"), ("rewritten", f"#{ROWS + 1}")]


def test_a_row_put_in_with_a_foreign_key_is_named(file: Scene) -> None:
    """Whoever has not the key cannot make a code."""
    row = file.database.all("SELECT * FROM audit WHERE seq = 6")[0]
    forged = {**row, "actor": "key:nobody"}
    code = Mac(b"x" * 32).of(signed(forged))
    file.tamper(f"UPDATE audit SET actor = 'key:nobody', mac = '{code}' WHERE seq = 6")  # noqa: S608
    assert ("changed", "#6") in file.kinds()


def test_yesterdays_copy_is_found(tmp_path: Path) -> None:
    """An old database file put back in place of today's is behind the second place."""
    with sqlite_database(tmp_path) as database:
        one = scene(database, tmp_path / "heads", answers=3)
        copied(tmp_path / "fenliu.db", tmp_path / "old.db")
        one.answer(4, 5)
        copied(tmp_path / "old.db", tmp_path / "fenliu.db")
        database.close()
        again = scene(database, tmp_path / "heads", answers=0)
        assert again.kinds() == [("cut", "#4-#5")]


def test_writing_on_after_yesterdays_copy_does_not_hide_it(tmp_path: Path) -> None:
    """New rows in the place of the lost ones are not the rows that were witnessed."""
    with sqlite_database(tmp_path) as database:
        one = scene(database, tmp_path / "heads", answers=3)
        copied(tmp_path / "fenliu.db", tmp_path / "old.db")
        one.answer(4, 5)
        one.trail.export_head(at=NOW)
        copied(tmp_path / "old.db", tmp_path / "fenliu.db")
        database.close()
        again = scene(database, tmp_path / "heads", answers=0)
        again.answer(6, 7, 8, 9)
        assert ("rewritten", "#5") in again.kinds()


@pytest.mark.parametrize("table", ["audit", "advice", "idempotency"])
def test_a_dropped_trigger_is_named(kept: Scene, table: str) -> None:
    """A bolt that is gone is missed."""
    on = "" if kept.database.kind == "sqlite" else f" ON {table}"
    kept.database.execute(f"DROP TRIGGER {table}_no_delete{on}")
    assert kept.kinds() == [("trigger", f"{table}_no_delete")]


def test_a_disarmed_trigger_is_named(file: Scene) -> None:
    """A trigger of the right name that refuses nothing is no bolt."""
    file.database.execute("DROP TRIGGER audit_no_delete")
    file.database.execute("CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT 1; END")
    assert file.kinds() == [("trigger", "audit_no_delete")]


def test_a_trigger_that_lets_everything_through_is_named(kept: Scene) -> None:
    """It is there, it is on, and it says the words of refusal: under a condition that is never true."""
    sqlite = kept.database.kind == "sqlite"
    act = (
        "BEGIN SELECT RAISE(ABORT, 'this record is kept as it was written: audit'); END"
        if sqlite
        else "EXECUTE FUNCTION fenliu_refuse()"
    )
    head = "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit" + ("" if sqlite else " FOR EACH ROW")
    kept.database.execute(f"DROP TRIGGER audit_no_delete{'' if sqlite else ' ON audit'}")
    kept.database.execute(f"{head} WHEN (NOT (OLD.seq = OLD.seq)) {act}")
    assert kept.kinds() == [("trigger", "audit_no_delete")]


def test_an_erasure_that_may_change_more_is_named(file: Scene) -> None:
    """The bolt of advice lets one change through, and no other beside it."""
    text = file.database.all("SELECT sql FROM sqlite_master WHERE name = 'advice_no_update'")[0]["sql"]
    file.database.execute("DROP TRIGGER advice_no_update")
    file.database.execute(text.replace("NEW.route IS OLD.route AND ", "").replace(" AND NEW.route IS OLD.route", ""))
    assert file.kinds() == [("trigger", "advice_no_update")]


def test_a_changed_record_is_named(kept: Scene) -> None:
    """Advice that is not as it was recorded is found, though the chain is whole."""
    kept.tamper("UPDATE advice SET route = 'fast' WHERE number = 2")
    assert kept.kinds() == [("record_changed", "advice SCR-20261120-000002")]


def test_a_deleted_record_is_named(kept: Scene) -> None:
    """Advice that the trail knows and the table does not."""
    kept.tamper(
        "DELETE FROM idempotency WHERE advice_id = 'SCR-20261120-000002'", "DELETE FROM advice WHERE number = 2"
    )
    assert [kind for kind, _ in kept.kinds()] == ["record_missing", "record_missing"]


def test_a_smuggled_record_is_named(file: Scene) -> None:
    """Advice that nobody put on the trail."""
    columns = "day, application_id, court_code, stage, as_of, created_at, expires_at, status, decided_by"
    file.tamper(
        f"INSERT INTO advice (id, number, {columns}, ruleset_sha256, input_sha256, versions)"  # noqa: S608
        f" SELECT 'SCR-20261120-000077', 77, {columns}, ruleset_sha256, input_sha256, versions FROM advice"
        " WHERE number = 1"
    )
    assert file.kinds() == [("record_unknown", "advice SCR-20261120-000077")]


def test_a_redirected_key_is_named(file: Scene) -> None:
    """A key that leads to other advice than it did."""
    file.tamper("UPDATE idempotency SET advice_id = 'SCR-20261120-000001' WHERE advice_id = 'SCR-20261120-000002'")
    assert [kind for kind, _ in file.kinds()] == ["record_changed"]


def test_a_missing_second_place_is_no_clean_bill(file: Scene) -> None:
    """Without its heads, a trail cannot be said to be whole."""
    (file.place.folder / "witness.json").unlink()
    assert file.kinds() == [("heads", "witness.json")]


def test_a_forged_head_is_found(file: Scene) -> None:
    """A line in the ledger that was not written under the key."""
    file.trail.export_head(at=NOW)
    ledger = file.place.folder / "heads.jsonl"
    ledger.write_text(ledger.read_text().replace(f'"seq":{ROWS}', '"seq":5'), encoding="utf-8")
    assert file.kinds() == [("heads", "heads.jsonl:1")]


def test_after_a_lawful_restore_heads_begin_anew(tmp_path: Path) -> None:
    """Somebody answers for it by name, the old heads stay, and the trail is whole again."""
    with sqlite_database(tmp_path) as database:
        one = scene(database, tmp_path / "heads", answers=3)
        copied(tmp_path / "fenliu.db", tmp_path / "old.db")
        one.answer(4, 5)
        copied(tmp_path / "old.db", tmp_path / "fenliu.db")
        database.close()
        again = scene(database, tmp_path / "heads", answers=0)
        again.trail.accept("restored", origin=ORIGIN, at=NOW)
        assert again.kinds() == []
        row = database.all("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")[0]
        assert json.loads(row["detail"])["seq"] == "5"
        assert list((tmp_path / "heads").glob("aside-*/witness.json"))


def test_the_ledger_grows_only_when_the_trail_does(file: Scene) -> None:
    """The same head is written down once."""
    for _ in range(2):
        file.trail.export_head(at=NOW)
    file.answer(7)
    file.trail.export_head(at=NOW)
    assert [kept.head.seq for kept in file.place.exported()] == [ROWS, ROWS + 2]


def test_a_witness_that_was_turned_back_is_found(file: Scene) -> None:
    """Yesterday's witness, genuine as it is, protects nothing that was written since."""
    witness = file.place.folder / "witness.json"
    yesterday = witness.read_bytes()
    file.answer(7, 8)
    today = witness.read_bytes()
    witness.write_bytes(yesterday)
    assert file.kinds() == [("heads", f"witness.json #{ROWS}")]
    witness.write_bytes(today)
    assert file.kinds() == []


@pytest.mark.parametrize("left", [0, 1])
def test_a_ledger_that_was_shortened_or_removed_is_found(kept: Scene, left: int) -> None:
    """The trail knows which heads were written down, and names those that are not there any more."""
    ledger = kept.place.folder / "heads.jsonl"
    kept.trail.export_head(at=NOW)
    kept.answer(7)
    kept.trail.export_head(at=NOW)
    assert kept.kinds() == []
    ledger.write_text("".join(ledger.read_text().splitlines(keepends=True)[:left]), encoding="utf-8")
    assert kept.kinds() == [("heads", f"heads.jsonl #{seq}") for seq in (ROWS, ROWS + 2)[left:]]


def test_the_schedule_of_heads_outlives_a_store_that_does_not_answer(file: Scene) -> None:
    """What fails once is tried again, and is not the end of all heads."""
    keeper, tries = Keeper(file.place), list[int]()

    def away() -> None:
        tries.append(1)
        msg = "away"
        raise StoreUnavailableError(msg)

    schedule = Schedule(lambda: keeper.export(away), seconds=0.01)
    schedule.start()
    while len(tries) < 3:
        threading.Event().wait(0.01)
    schedule.stop()
    assert keeper.late >= 3


def test_a_late_worker_does_not_turn_the_witness_back(file: Scene) -> None:
    """Of two workers the one with the older head changes nothing."""
    file.place.witness(Head(3, "sha256:old", "x"))
    witnessed = file.place.witnessed()
    assert witnessed is not None
    assert witnessed.head.seq == ROWS


def test_the_witness_is_overwritten_in_place_and_read_while_it_is(tmp_path: Path) -> None:
    """One sector, never empty, never half one head and half another: the disk is not waited for."""
    place = SecondPlace(tmp_path / "heads", KEYS.mac)
    place.witness(Head(1, "sha256:" + "f" * 64, "2026-11-20T09:12:03.000+08:00"))
    file = (tmp_path / "heads" / "witness.json").stat()
    writer = threading.Thread(target=lambda: [place.witness(Head(n, "sha256:" + "0" * n, "")) for n in range(2, 60)])
    writer.start()
    seen = [place.witnessed() for _ in range(200)]
    writer.join()
    last, after = place.witnessed(), (tmp_path / "heads" / "witness.json").stat()
    assert None not in seen
    assert last is not None
    assert last.head.seq == 59
    assert (file.st_size, after.st_size, file.st_ino) == (512, 512, after.st_ino)


def test_a_line_cut_off_by_a_crash_is_passed_over(file: Scene) -> None:
    """Half a line at the end of the ledger was never a head."""
    file.trail.export_head(at=NOW)
    with (file.place.folder / "heads.jsonl").open("a") as ledger:
        ledger.write('{"seq":9,"ma')
    assert file.kinds() == []


def test_a_second_place_that_is_away_stops_nobody(file: Scene, tmp_path: Path) -> None:
    """What is on disk stays acknowledged; the keeper counts what it could not tell."""
    (tmp_path / "blocked").write_text("a file where the folder should be", encoding="utf-8")
    keeper = Keeper(SecondPlace(tmp_path / "blocked", KEYS.mac))
    keeper.witness(Head(1, "x", "y"))
    assert keeper.late == 1


@pytest.mark.parametrize("name", ["trail.ndjson", "trail.ndjson.gz"])
def test_an_export_is_verified_without_its_database(kept: Scene, tmp_path: Path, name: str) -> None:
    """The file alone, with the key, tells whether it is whole; the export is itself on the trail."""
    path = tmp_path / name
    head = kept.trail.export(path, origin=ORIGIN, at=NOW)
    report = verify_export(path, mac=KEYS.mac)
    assert (found_in(report), report.rows, head.seq) == ([], ROWS + 1, ROWS + 1)
    assert path.stat().st_mode & 0o077 == 0


def test_an_export_that_was_changed_or_shortened_is_found(file: Scene, tmp_path: Path) -> None:
    """Every line counts, the last one too."""
    path = tmp_path / "trail.ndjson"
    file.trail.export(path, origin=ORIGIN, at=NOW)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:3], *lines[4:]]), encoding="utf-8")
    assert found_in(verify_export(path, mac=KEYS.mac)) == [("missing", "#3")]
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    assert ("cut", "trail.ndjson") in found_in(verify_export(path, mac=KEYS.mac))
    path.write_text("".join([*lines[:-2], lines[-1]]), encoding="utf-8")
    assert "cut" in [kind for kind, _ in found_in(verify_export(path, mac=KEYS.mac))]


def test_a_row_that_stands_in_an_export_twice_is_named(file: Scene, tmp_path: Path) -> None:
    """What was done once does not become twice."""
    path = tmp_path / "trail.ndjson"
    file.trail.export(path, origin=ORIGIN, at=NOW)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:4], lines[3], *lines[4:]]), encoding="utf-8")
    assert found_in(verify_export(path, mac=KEYS.mac)) == [("misplaced", "#3")]


def test_a_forged_witness_holds_up_no_genuine_one(file: Scene) -> None:
    """A number that no trail will reach, written by a stranger, does not blind the second place for good."""
    (file.place.folder / "witness.json").write_bytes(b'{"seq":99999999,"mac":"x","at":"","code":"x"}'.ljust(512))
    assert ("heads", "witness.json") in file.kinds()
    file.answer(7)
    assert file.kinds() == []


def test_an_export_with_a_word_more_is_none(file: Scene, tmp_path: Path) -> None:
    """What is beside a row is under no code, and a reader might believe it."""
    path = tmp_path / "trail.ndjson"
    file.trail.export(path, origin=ORIGIN, at=NOW)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[3][:-2] + ',"note":"x"}\n', *lines[4:]]), encoding="utf-8")
    with pytest.raises(ExportFileError, match=r"trail\.ndjson:4 "):
        verify_export(path, mac=KEYS.mac)


def test_an_export_replaces_no_file(file: Scene, tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    (tmp_path / "trail.ndjson").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="trail"):
        file.trail.export(tmp_path / "trail.ndjson", origin=ORIGIN, at=NOW)


@pytest.mark.parametrize("content", [b"", b"{}", b"\x1f\x8b broken", "模拟".encode("gbk"), b'{"format":"other"}\n'])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is no export is not half verified."""
    path = tmp_path / "trail.ndjson"
    path.write_bytes(content)
    with pytest.raises(ExportFileError, match=r"trail\.ndjson"):
        verify_export(path, mac=KEYS.mac)


def test_a_gz_that_is_none_is_refused(tmp_path: Path) -> None:
    """A damaged archive is told apart from a damaged trail."""
    path = tmp_path / "trail.ndjson.gz"
    path.write_bytes(gzip.compress(b'{"format":"fenliu-audit/1"}\n')[:-4])
    with pytest.raises(ExportFileError, match=r"trail\.ndjson\.gz"):
        verify_export(path, mac=KEYS.mac)


@given(st.sampled_from(["sha256", "sm3"]), st.lists(st.text(max_size=5), min_size=1, max_size=5), st.data())
def test_any_changed_character_of_any_row_is_found(algorithm: str, actors: list[str], data: st.DataObject) -> None:
    """A law of the chain, by both algorithms: whatever is changed in a row, that row is found."""
    mac = Mac(b"k" * 32, algorithm)
    rows, head = [], START
    columns = ("at", "actor", "role", "court", "action", "kind", "object_id", "outcome", "request_id", "detail")
    for actor in actors:
        row = {"seq": head.seq + 1, **dict.fromkeys(columns, ""), "actor": actor, "prev_mac": head.mac}
        head = Head(head.seq + 1, mac.of(signed(row)))
        rows.append({**row, "mac": head.mac})
    number = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(columns))
    rows[number] = {**rows[number], column: rows[number][column] + data.draw(st.text(min_size=1, max_size=3))}
    report = Report()
    check_chain(rows, report, mac=mac)
    assert found_in(report) == [("changed", f"#{number + 1}")]


def test_a_head_reads_back_under_its_key_only() -> None:
    """A line of the second place proves who wrote it."""
    line = Kept(Head(7, "sha256:ab", "2026-11-20")).line(KEYS.mac)
    assert Kept.of_line(line, KEYS.mac, where="x").head == Head(7, "sha256:ab", "2026-11-20")
    with pytest.raises(HeadFileError, match="x"):
        Kept.of_line(line, Mac(b"o" * 32), where="x")


@pytest.mark.parametrize("change", [
    "roles = 'judge,team_lead'", "password = 'scrypt$15$8$3$AA$AA'", "external_id = '4711'", "rights_wait = (1 = 1)",
])  # fmt: skip
def test_rights_that_nobody_granted_are_found(file: Scene, change: str) -> None:
    """Whoever owns the database gives an account rights, or a password of his own: the trail knows better."""
    accounts = open_accounts(file.trail.store, KEYS, policy=POLICY, clock=lambda: NOW)
    accounts.create(judge_of(), origin=ORIGIN, password=GOOD)
    assert file.kinds() == []
    file.database.execute(f"UPDATE accounts SET {change}")  # noqa: S608 - a test's own word
    assert file.kinds() == [("record_changed", "accounts li.ming")]


def test_a_key_that_nobody_made_and_one_that_opens_more_are_found(kept: Scene) -> None:
    """A row put into the table, and courts that were widened; the day of use is noted without a row on the trail."""
    keys = open_api_keys(kept.trail.store, KEYS, clock=lambda: NOW)
    made = keys.create("intake", SCOPE, origin=ORIGIN)
    keys.approve(made.row.id, origin=Origin(SERVICE))
    assert keys.recognise(made.text)
    assert kept.kinds() == []
    kept.database.execute("UPDATE api_keys SET courts = '*'")
    others = ", ".join(sorted({*vars(made.row)} - {"id"}))
    kept.database.execute(f"INSERT INTO api_keys (id, {others}) SELECT 'f00', {others} FROM api_keys")  # noqa: S608
    assert sorted(kept.kinds()) == [("record_changed", f"api_keys {made.row.id}"), ("record_unknown", "api_keys f00")]
