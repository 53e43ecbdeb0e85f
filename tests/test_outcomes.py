"""Outcomes over HTTP and from files: what makes sense is on record once, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from serving.access.principal import Courts
from serving.opening import keys_of, open_store
from serving.operation.exporting import take_outcomes
from serving.record.outcomes import OutcomeFileError
from serving.settings import Settings
from serving.store.tables import audit, outcomes
from tests.builders_serving import ANYONE, decider, guarded, opened, post

pytestmark = pytest.mark.anyio

CASE = {"application_id": "SQ20261120-0187", "court_code": "浙1022"}
PAID = {**CASE, "at": "2026-11-20T08:00:00+08:00", "kind": "payment", "amount": "1200.50", "source": "voluntary"}


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
async def app(tmp_path: Path) -> ASGIApp:
    """Return a service with advice on one case."""
    found = guarded(tmp_path)
    assert (await post(found)).status_code == 201
    return found


async def report(app: ASGIApp, *events: Mapping[str, Any], key: str = "key-00000009") -> httpx.Response:
    """Report events."""
    return await post(app, {"events": list(events)}, path="/v1/outcomes", headers={"Idempotency-Key": key})


def on_record(folder: Path) -> list[dict[str, Any]]:
    """Return the events that are on record."""
    store = opened(folder)
    rows = store.read(lambda connection: [dict(row) for row in connection.execute(select(outcomes)).mappings()])
    store.close()
    return rows


async def test_a_report_is_on_record_with_its_audit_rows(app: ASGIApp, tmp_path: Path) -> None:
    """Two events, one receipt, three audit rows with digests."""
    answer = await report(app, PAID, {**CASE, "at": "2026-11-20T09:00:00+08:00", "kind": "close", "mode": "full"})
    assert answer.status_code == 202
    assert [(row["kind"], row["amount"], row["mode"]) for row in on_record(tmp_path)] == [
        ("payment", "1200.50", None),
        ("close", None, "full"),
    ]
    store = opened(tmp_path)
    query = select(audit.c.kind).where(audit.c.action == "outcome.create")
    kinds = store.read(lambda connection: list(connection.execute(query).scalars()))
    assert kinds == ["outcome_receipts", "outcomes", "outcomes"]


async def test_a_repeated_report_leads_to_the_first_receipt(app: ASGIApp, tmp_path: Path) -> None:
    """The same key and content: nothing new; another content: refused."""
    first, again = await report(app, PAID), await report(app, PAID)
    other = await report(app, {**PAID, "amount": "1.00"})
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(on_record(tmp_path)) == 1


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"at": "2026-11-21T08:00:00+08:00"}, "/events/1/at", "DATE_IN_FUTURE"),
        ({"at": "1899-06-01T00:00:00+08:00"}, "/events/1/at", "DATE_TOO_EARLY"),
        ({"at": "2026-11-20T08:00:00"}, "/events/1/at", "INVALID"),
        ({"amount": None}, "/events/1/amount", "INVALID"),
        ({"amount": "0.00"}, "/events/1/amount", "INVALID"),
        ({"amount": "-5"}, "/events/1/amount", "INVALID"),
        ({"amount": 12.5}, "/events/1/amount", "INVALID"),
        ({"kind": "query"}, "/events/1/kind", "INVALID"),
        ({"kind": "contact"}, "/events/1/amount", "AMOUNT_NOT_ALLOWED"),
        ({"mode": "full"}, "/events/1/mode", "MODE"),
        ({"application_id": "SQ-没有"}, "/events/1/application_id", "UNKNOWN_CASE"),
        ({"paid": "1"}, "/events/1/?", "FIELD_NOT_ALLOWED"),
    ],
)
async def test_one_wrong_event_refuses_the_whole_report(
    app: ASGIApp, tmp_path: Path, changed: dict[str, object], pointer: str, code: str
) -> None:
    """All or nothing, and the fault is named by its place."""
    answer = await report(app, PAID, {**PAID, **changed})
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert on_record(tmp_path) == []


@pytest.mark.parametrize("body", [{}, {"events": []}, {"events": [PAID] * 201}, {"events": [PAID], "more": 1}])
async def test_a_report_of_another_shape_is_refused(app: ASGIApp, tmp_path: Path, body: dict[str, Any]) -> None:
    """One list of one to two hundred events."""
    answer = await post(app, body, path="/v1/outcomes")
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")
    assert on_record(tmp_path) == []


async def test_events_of_another_court_are_refused(app: ASGIApp, tmp_path: Path) -> None:
    """Whoever speaks for one court reports for no other."""
    stranger = replace(ANYONE, courts=Courts(frozenset({"苏0903"})))
    answer = await report(guarded(tmp_path, principal=stranger), PAID)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert on_record(tmp_path) == []


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a court with advice on one case."""
    found = Settings(home=tmp_path)
    keys = keys_of(found)
    store = open_store(found, keys)
    decider(tmp_path, store=store)
    store.close()
    return found


def scored(settings: Settings) -> None:
    """Put advice on one case on record."""
    from tests.builders_serving import ORIGIN, document

    store = open_store(settings, keys_of(settings))
    use_case = decider(settings.home, store=store)
    replace(use_case, records=replace(use_case.records, keys=keys_of(settings)), keys=keys_of(settings)).score(
        document(), key="key-00000001", origin=ORIGIN
    )
    store.close()


@pytest.mark.parametrize("name", ["o.csv", "o.ndjson"])
def test_a_file_is_taken_in_once(settings: Settings, tmp_path: Path, name: str) -> None:
    """CSV as a spreadsheet saves it, or JSON lines; the second run finds everything there."""
    scored(settings)
    path, said = tmp_path / name, list[str]()
    if name == "o.csv":
        text = "\ufeffapplication_id,court_code,at,kind,amount,source,mode\r\n"
        text += ",".join([*CASE.values(), "2026-11-20T08:00:00+08:00", "payment", "1200.5", "voluntary", ""]) + "\r\n"
        path.write_text(text, encoding="utf-8")
    else:
        path.write_text(json.dumps(PAID, ensure_ascii=False) + "\n\n", encoding="utf-8")
    for _ in range(2):
        take_outcomes(settings, path, say=said.append)
    assert [said[0].startswith("已入档 1 项"), said[1].startswith("此前已入档 1 项")] == [True, True]
    store = open_store(settings, keys_of(settings))
    assert store.read(lambda connection: len(connection.execute(select(outcomes)).all())) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "1 至"),
        ("一\n".encode("gbk"), "UTF-8"),
        (b"{nope}\n", "JSON"),
        (json.dumps({**PAID, "amount": "x"}).encode() + b"\n", "第 1 项 amount"),
    ],
)
def test_a_wrong_file_changes_nothing(settings: Settings, tmp_path: Path, content: bytes, message: str) -> None:
    """The fault is named, its content is not repeated."""
    path = tmp_path / "o.ndjson"
    path.write_bytes(content)
    with pytest.raises(OutcomeFileError, match=message):
        take_outcomes(settings, path, say=list[str]().append)
