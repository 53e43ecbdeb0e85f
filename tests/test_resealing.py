"""Changing the data key: everything that is sealed lies under the new one, nothing is lost, all is on the trail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, insert

from serving.audit.heads import SecondPlace
from serving.audit.trail import Trail
from serving.ciphers import KEY_ID, Seal
from serving.identity.opening import open_accounts
from serving.keys import DATA, FILES, key_ring, renew_data_key
from serving.repositories import resealing
from serving.repositories.advice import AdviceStore, Call
from serving.repositories.comparison.closed import ClosedStore
from serving.repositories.comparison.similar import Asked, SimilarStore
from serving.repositories.drafts import Draft, DraftStore
from serving.repositories.holds import Hold, HoldStore
from serving.repositories.jobs import JobStore, Line
from serving.repositories.recorded import RecordedStore
from serving.repositories.resealing import ResealStore
from serving.repositories.shadow_scores import ShadowScore, ShadowStore
from serving.settings import Settings
from serving.store.schema import KeyMismatchError
from serving.store.tables import closed_cases, metadata
from serving.upkeep.resealing import rotate_data_key
from tests.builders_identity import judge_of
from tests.builders_serving import KEYS, MARKER, NOW, ORIGIN, POLICY, document, guarded, post
from tests.builders_store import Database, sqlite_database

pytestmark = pytest.mark.anyio

ADVICE = "SCR-20261120-000001"
HOLD = Hold(court_code="浙1022", application_id="SQ20261120-0187", held_from=NOW.date(), held_until=None, reason="why")


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


def settings_of(database: Database, folder: Path) -> Settings:
    """Return the settings of a service on this database, with the test's keys in files."""
    (folder / "keys").mkdir(mode=0o700)
    for name, secret in zip(FILES, (KEYS.secret, KEYS.mac.key, KEYS.seal.key), strict=True):
        (folder / "keys" / name).write_bytes(secret)
        (folder / "keys" / name).chmod(0o600)
    if database.kind == "sqlite":
        return Settings(home=folder)
    return Settings(home=folder, database=str(database.place), database_owner=str(database.owner))


async def filled(database: Database, folder: Path) -> None:
    """Put something into every sealed column that there is."""
    store = database.open()
    app = guarded(folder, store=store)
    tag = {"If-Match": f'"{ADVICE.lower()}-1"'}
    calls: list[tuple[str, Any, dict[str, str]]] = [
        ("/v1/scores", document(case={"id_token": MARKER}), {}),
        ("/v1/decisions", {"advice_id": ADVICE, "lane": "fast", "reason": "party", "note": "当庭承诺"}, tag),
        ("/v1/reviews", {"advice_id": ADVICE, "party": "debtor", "reason": "已付"}, {}),
        ("/v1/reviews/REV-20261120-000001:decide", {"outcome": "kept", "reasons": "未见收据"}, {}),
        ("/v1/holds", {"court_code": "浙1022", "application_id": "SQ20261120-0187", "reason": "复议"}, {}),
        (f"/v1/scores/{ADVICE}:correct", {"reason": "金额", "request": document(case={"claim_amount": "1.00"})}, {}),
        ("/v1/model-switches", {"court_code": "浙1022", "state": "stopped", "reason": "核查"}, {}),
    ]
    for number, (path, body, headers) in enumerate(calls):
        answer = await post(app, body, path=path, headers={"Idempotency-Key": f"key-{number:08d}", **headers})
        assert answer.status_code in {200, 201}, (path, answer.text)
    open_accounts(store, KEYS, policy=POLICY, clock=lambda: NOW).create(judge_of(), origin=ORIGIN)
    score = ShadowScore(advice_id=ADVICE, model="m", model_sha256="m", status="scored", route=None, scores={"p": 0.5})
    ShadowStore(store, KEYS).record([score], at=NOW)
    asked = Asked(
        advice_id=ADVICE, application_id="SQ", court_code="浙1022", stage="A", model_sha256="m", before="", known_at=""
    )  # fmt: skip
    SimilarStore(store, KEYS).put(asked, [{"advice_id": ADVICE}], compared=1, by=(ORIGIN, NOW))
    closed = {
        "advice_id": ADVICE, "court_code": "浙1022", "application_id": "SQ", "stage": "A", "closed_on": "2026-11-01",
        "mode": "full", "recorded_at": "2026-11-01T00:00:00+08:00",
    }  # fmt: skip
    store.write(lambda connection: connection.execute(insert(closed_cases), closed))
    ClosedStore(store, KEYS).make_ready({ADVICE: b"leaves"}, "m")
    DraftStore(store, KEYS).save(Draft("d" * 32, 1, "", {"application_id": "SQ"}), origin=ORIGIN, at=NOW)
    JobStore(store, KEYS).submit(Call("/v1/score-jobs", "key-1", "d"), [Line(1, b"{}")], origin=ORIGIN, at=NOW)


def key_ids_in(database: Database) -> dict[str, set[str]]:
    """Return under which keys each sealed column lies."""
    found: dict[str, set[str]] = {}
    for table in metadata.sorted_tables:
        for column in (column for column in table.columns if isinstance(column.type, LargeBinary)):
            rows = database.all(f"SELECT {column.name} AS it FROM {table.name}")  # noqa: S608 - our own tables
            ids = {bytes(row["it"])[KEY_ID].hex() for row in rows if row["it"] is not None}
            found[f"{table.name}.{column.name}"] = ids
    return found


async def test_everything_that_is_sealed_lies_under_the_new_key(database: Database, tmp_path: Path) -> None:
    """Every column of every table opens and is sealed anew, and bolts and trail are whole."""
    settings, said = settings_of(database, tmp_path), list[str]()
    await filled(database, tmp_path)
    assert rotate_data_key(settings, finish=False, say=said.append), said
    keys = key_ring(settings.key_folder)
    found = key_ids_in(database)
    assert [name for name, ids in found.items() if not ids] == ["advice.features"], "every column was tried"
    assert set().union(*found.values()) == {keys.ids[DATA]} != {KEYS.ids[DATA]}
    store = database.open(keys=keys)
    assert Trail(store, keys.mac, SecondPlace(settings.heads_folder, keys.mac)).verify().whole
    again = RecordedStore(store, keys).get(ADVICE, origin=ORIGIN, at=NOW)
    assert again is not None
    assert again.intact, "a replay knows the row for the one that was written"


async def test_a_worker_of_before_reads_what_was_sealed_after(database: Database, tmp_path: Path) -> None:
    """The service goes on through it; what it sealed with its old key is found later, and no further key is made."""
    settings = settings_of(database, tmp_path)
    await filled(database, tmp_path)
    before = key_ring(settings.key_folder)
    store = database.open(keys=before)
    assert rotate_data_key(settings, finish=False, say=lambda _: None)
    assert AdviceStore(store, before).get(ADVICE, origin=ORIGIN, at=NOW)
    HoldStore(store, before).place(HOLD, origin=ORIGIN, at=NOW)
    names = sorted(path.name for path in settings.key_folder.glob("*.key"))
    said = list[str]()
    assert rotate_data_key(settings, finish=True, say=said.append)
    assert "holds 1" in said[0]
    assert sorted(path.name for path in settings.key_folder.glob("*.key")) == names


@pytest.mark.parametrize("moment", ["key", "database", "rows"])
async def test_a_change_that_was_cut_off_is_finished_and_no_other_key_made(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the file, after the database's note of it, or in the middle of the rows."""
    with sqlite_database(tmp_path) as database:
        settings = settings_of(database, tmp_path)
        await filled(database, tmp_path)
        monkeypatch.setattr(resealing, "TOGETHER", 1)
        new = renew_data_key(settings.key_folder, create=lambda: b"n" * 32).hex()
        records = ResealStore(database.open(keys=key_ring(settings.key_folder)), key_ring(settings.key_folder))
        if moment != "key":
            records.take_up(origin=ORIGIN, at=NOW)
        if moment == "rows":
            next(records.reseal(origin=ORIGIN, at=NOW))
        assert rotate_data_key(settings, finish=False, say=lambda _: None)
        assert key_ring(settings.key_folder).ids[DATA] == new
        assert set().union(*key_ids_in(database).values()) == {new}


async def test_a_row_that_does_not_open_is_named_and_left(tmp_path: Path) -> None:
    """Everything else is sealed anew; the earlier key is still needed, and a further change is not held up by it."""
    with sqlite_database(tmp_path) as database:
        settings, said = settings_of(database, tmp_path), list[str]()
        await filled(database, tmp_path)
        database.execute("UPDATE accounts SET display_name = CAST(substr(display_name, 1, 30) AS BLOB)")
        assert not rotate_data_key(settings, finish=False, say=said.append)
        assert any("accounts li.ming" in line for line in said)
        first = key_ring(settings.key_folder).ids[DATA]
        assert not rotate_data_key(settings, finish=False, say=said.append)
        assert key_ring(settings.key_folder).ids[DATA] != first


async def test_a_service_without_the_new_key_does_not_write(database: Database, tmp_path: Path) -> None:
    """A machine that still has the earlier key alone is refused; a file that nobody knows is, too."""
    settings = settings_of(database, tmp_path)
    await filled(database, tmp_path)
    rotate_data_key(settings, finish=False, say=lambda _: None)
    for keys in (KEYS, replace(KEYS, seal=Seal(b"?" * 32))):
        with pytest.raises(KeyMismatchError, match=r"data\.key"):
            database.open(keys=keys)
