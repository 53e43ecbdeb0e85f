"""The REST routes: what is answered, with which status and headers, and what is not recorded."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from features.case import Case
from models.advise import Judged
from models.rules.rule import RuleFault, RuleTableError
from tests.builders_serving import MARKER, ORIGIN, decider, document, get, guarded, judge, opened, post

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


def recorded(folder: Path) -> int:
    """Count the records."""
    with sqlite3.connect(folder / "fenliu.db") as connection:
        return int(connection.execute("SELECT count(*) FROM advice").fetchone()[0])


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return pointer and code of each error of a problem answer."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_case_is_scored_recorded_and_can_be_read(tmp_path: Path) -> None:
    """201 with the record's address and tag; the address returns the same bytes."""
    app = guarded(tmp_path)
    answer = await post(app)
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/scores/SCR-20261120-000001")
    assert answer.headers["etag"] == '"scr-20261120-000001-1"'
    assert answer.headers["content-language"] == "zh-CN"
    read = await get(app, answer.headers["location"])
    assert (read.status_code, read.content) == (200, answer.content)
    assert read.headers["etag"] == answer.headers["etag"]


async def test_a_record_that_is_known_is_not_sent_again(tmp_path: Path) -> None:
    """If-None-Match with the record's tag gives 304."""
    app = guarded(tmp_path)
    tag = (await post(app)).headers["etag"]
    again = await get(app, "/v1/scores/SCR-20261120-000001", If_None_Match=f'W/"x", {tag}')
    assert (again.status_code, again.content) == (304, b"")


async def test_a_retry_gets_the_stored_answer(tmp_path: Path) -> None:
    """200, marked as replayed, byte for byte the same, and one record."""
    app = guarded(tmp_path)
    first, again = await post(app), await post(app)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert recorded(tmp_path) == 1


async def test_twenty_at_once_with_one_key_leave_one_record(tmp_path: Path) -> None:
    """One 201, nineteen 200, one row, one answer."""
    app = guarded(tmp_path)
    answers: list[httpx.Response] = []

    async def ask() -> None:
        answers.append(await post(app))

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(ask)
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert recorded(tmp_path) == 1


async def test_a_key_of_another_request_is_refused(tmp_path: Path) -> None:
    """422, and the first record stays alone."""
    app = guarded(tmp_path)
    await post(app)
    answer = await post(app, document(application_id="SQ-2"))
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert recorded(tmp_path) == 1


async def test_scoring_needs_a_key(tmp_path: Path) -> None:
    """400 without one; a preview needs none."""
    app = guarded(tmp_path)
    answer = await post(app, headers={"Idempotency-Key": None})
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert (await post(app, path="/v1/scores:preview", headers={"Idempotency-Key": None})).status_code == 200
    assert recorded(tmp_path) == 0


@pytest.mark.parametrize("key", ["short", "x" * 129, "with space in it", "tab\there1"])
async def test_an_odd_key_is_refused(tmp_path: Path, key: str) -> None:
    """Eight to 128 visible ASCII characters."""
    answer = await post(guarded(tmp_path), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")


async def test_two_keys_are_refused(tmp_path: Path) -> None:
    """Nobody could say which of them is the key."""
    headers = [(b"content-type", b"application/json"), (b"idempotency-key", b"key-00000001")]
    headers += [(b"idempotency-key", b"key-00000002")]
    transport = httpx.ASGITransport(guarded(tmp_path), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as caller:
        answer = await caller.post("/v1/scores", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")


async def test_a_preview_is_answered_and_not_recorded(tmp_path: Path) -> None:
    """200 with advice, no id, no address."""
    answer = await post(guarded(tmp_path), path="/v1/scores:preview")
    assert (answer.status_code, answer.json()["advice"]["route"]) == (200, "urge")
    assert "id" not in answer.json()
    assert "location" not in answer.headers
    assert recorded(tmp_path) == 0


HOSTILE: list[tuple[dict[str, Any], str, str]] = [
    (document(case={"claim_amount": 38600.0}), "VALIDATION_FAILED", "/case/claim_amount"),
    (document(case={"claim_amount": "38600.001"}), "VALIDATION_FAILED", "/case/claim_amount"),
    (document(case={"claim_amount": "-1.00"}), "VALIDATION_FAILED", "/case/claim_amount"),
    (document(case={"default_judgment": 1}), "VALIDATION_FAILED", "/case/default_judgment"),
    (document(case={"default_judgment": None}), "VALIDATION_FAILED", "/case/default_judgment"),
    (document(case={"n_debtors": True}), "VALIDATION_FAILED", "/case/n_debtors"),
    (document(case={"n_debtors": 1.5}), "VALIDATION_FAILED", "/case/n_debtors"),
    (document(case={"consent_urge": "maybe"}), "VALIDATION_FAILED", "/case/consent_urge"),
    (document(case={"due_date": "2025-02-30"}), "VALIDATION_FAILED", "/case/due_date"),
    (document(case={"batch_id": "a\x00b"}), "VALIDATION_FAILED", "/case/batch_id"),
    (document(case={"clue_types": "vehicle"}), "VALIDATION_FAILED", "/case/clue_types"),
    ({**document(), "case": []}, "VALIDATION_FAILED", "/case"),
    ({**document(), "stage": "C"}, "VALIDATION_FAILED", "/stage"),
    ({**document(), "stage": ["A"]}, "VALIDATION_FAILED", "/stage"),
    ({**document(), "application_id": ""}, "VALIDATION_FAILED", "/application_id"),
    ({**document(), "application_id": "x" * 5000}, "VALIDATION_FAILED", "/application_id"),
    ({**document(), "as_of": "2026-11-20"}, "VALIDATION_FAILED", "/as_of"),
    ({**document(), "as_of": "2099-01-01T00:00:00+08:00"}, "VALIDATION_FAILED", "/as_of"),
    ({**document(), "surprise": 1}, "FIELD_NOT_ALLOWED", "/?"),
    (document(case={"claim_amout": "1.00"}), "FIELD_NOT_ALLOWED", "/case/?"),
    (document(case={"𠮷": 1}), "FIELD_NOT_ALLOWED", "/case/?"),
    (document(case={"\ue000": 1}), "FIELD_NOT_ALLOWED", "/case/?"),
    (document(case={"q_bank": "1.00"}), "STAGE_DATA_NOT_ALLOWED", "/case/q_bank"),
    (document(case={"close_mode": "full"}), "STAGE_DATA_NOT_ALLOWED", "/case/close_mode"),
    ({**document(), "schema_version": "1999-01"}, "SCHEMA_VERSION_UNSUPPORTED", "/schema_version"),
    ({}, "VALIDATION_FAILED", "/stage"),
]  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/scores:preview"])
@pytest.mark.parametrize(("sent", "code", "pointer"), HOSTILE)
async def test_what_is_not_a_case_is_refused_with_a_pointer(
    tmp_path: Path, path: str, sent: dict[str, Any], code: str, pointer: str
) -> None:
    """422, the place, both languages, no record, on both doors."""
    answer = await post(guarded(tmp_path), sent, path=path)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert pointer in [place for place, _ in codes(answer)]
    assert all(error["message"] and error["message_en"] for error in answer.json()["errors"])
    assert recorded(tmp_path) == 0


async def test_rare_characters_in_a_name_are_recorded_as_sent(tmp_path: Path) -> None:
    """𠮷 and private-use characters are real people's names in real systems."""
    sent = document(application_id="𠮷\ue000-1")
    assert (await post(guarded(tmp_path), sent)).json()["application_id"] == "𠮷\ue000-1"


async def test_a_raw_identity_number_does_not_come_back(tmp_path: Path) -> None:
    """Neither in an answer nor in a refusal."""
    app = guarded(tmp_path)
    good = await post(app, document(case={"id_token": MARKER}))
    wrong = document(case={"id_token": MARKER, "claim_amount": 1, MARKER: MARKER})
    bad = await post(app, wrong, path="/v1/scores:preview")
    assert (good.status_code, bad.status_code) == (201, 422)
    assert MARKER not in good.text + bad.text


async def test_a_day_before_the_rules_is_refused(tmp_path: Path) -> None:
    """There is no advice without a rule table in force."""

    def no_rules(_: Case) -> Judged:
        raise RuleTableError([RuleFault("court", "-", "早于规则表的施行日", "no table")])

    answer = await post(guarded(tmp_path, advise=no_rules))
    assert (answer.status_code, answer.json()["code"]) == (422, "RULES_NOT_IN_FORCE")
    assert codes(answer) == [("/as_of", "RULES_NOT_IN_FORCE")]


async def test_without_the_store_there_is_no_advice(tmp_path: Path) -> None:
    """503 with Retry-After: what is not on record is not answered."""
    store = opened(tmp_path, busy_timeout_ms=50)
    app = guarded(tmp_path, store=store)
    with sqlite3.connect(tmp_path / "fenliu.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await post(app)
        other.execute("ROLLBACK")
    assert (answer.status_code, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"
    assert (await post(app)).status_code == 201


async def test_calls_beyond_the_queue_are_refused_at_once(tmp_path: Path) -> None:
    """429 with Retry-After; those in the queue are answered."""
    app = guarded(tmp_path, queue=2)
    answers: list[httpx.Response] = []

    async def ask(number: int) -> None:
        answers.append(await post(app, headers={"Idempotency-Key": f"key-{number:08d}"}))

    async with anyio.create_task_group() as group:
        for number in range(12):
            group.start_soon(ask, number)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {201, 429}
    assert all(answer.headers["retry-after"] == "1" and answer.json()["code"] == "RATE_LIMITED" for answer in refused)
    assert recorded(tmp_path) == 12 - len(refused)


async def test_an_unknown_record_is_not_found(tmp_path: Path) -> None:
    """404 as a problem."""
    answer = await get(guarded(tmp_path), "/v1/scores/SCR-20261120-000009")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("code", ["validation-failed", "VALIDATION_FAILED", "Validation-Failed"])
async def test_every_problem_is_explained_at_its_address(tmp_path: Path, code: str) -> None:
    """By slug or by code."""
    answer = await get(guarded(tmp_path), f"/v1/problems/{code}")
    assert (answer.status_code, answer.json()["status"], answer.json()["title"]) == (200, 422, "请求校验未通过")


async def test_self_descriptions_can_be_kept_and_asked_about(tmp_path: Path) -> None:
    """ETag and 304."""
    app = guarded(tmp_path)
    first = await get(app, "/v1/models/current")
    again = await get(app, "/v1/models/current", If_None_Match=first.headers["etag"])
    assert (first.status_code, first.json(), again.status_code) == (200, {"mode": "rules"}, 304)


async def test_head_tells_the_headers_without_the_body(tmp_path: Path) -> None:
    """HEAD works wherever GET does."""
    transport = httpx.ASGITransport(guarded(tmp_path), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as caller:
        answer = await caller.head("/v1/models/current")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_failure_of_ours_is_an_internal_problem_and_no_record(tmp_path: Path) -> None:
    """500 with a request id, nothing stored, and the same key works afterwards."""

    def broken(_: Case) -> Judged:
        message = f"bug with {MARKER}"
        raise ZeroDivisionError(message)

    answer = await post(guarded(tmp_path, advise=broken))
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert MARKER not in answer.text
    assert recorded(tmp_path) == 0
    assert (await post(guarded(tmp_path))).status_code == 201


def test_answers_are_written_once(tmp_path: Path) -> None:
    """The stored body is the sent body: no second rendering that could differ."""
    stored = decider(tmp_path, advise=judge).score(document(), key="key-00000001", origin=ORIGIN)
    assert json.loads(stored.answer)["id"] == stored.id
