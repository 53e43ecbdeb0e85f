"""Scoring jobs: lists in three forms, lines that fail alone, workers that die, owners who see their own."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pyarrow as pa
import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from features.register import load_register
from serving.access.principal import Courts, Principal
from serving.access.roles import ROLES, Role
from serving.door.problems import ProblemError
from serving.jobs.flat import request_of
from serving.jobs.reading import ARROW, CSV, NDJSON, lines_of
from serving.jobs.runner import TOGETHER, Runner
from serving.repositories.jobs import LEASE_SECONDS, JobStore
from serving.store.tables import advice, job_rows
from tests.builders_serving import ANYONE, KEYS, NOW, client, decider, document, get, guarded, opened, post

pytestmark = pytest.mark.anyio

JOB = "JOB-20261120-000001"


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def app(tmp_path: Path) -> ASGIApp:
    """Return a service without a runner; tests run the jobs themselves."""
    return guarded(tmp_path)


def listed(*documents: Any) -> bytes:
    """Return documents as JSON lines."""
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in documents)


def cases(count: int) -> bytes:
    """Return so many plain cases."""
    return listed(*(document(application_id=f"SQ-{n:05d}") for n in range(1, count + 1)))


async def submit(
    app: ASGIApp, body: bytes, kind: str = NDJSON, *, key: str = "key-00000001", **more: str
) -> httpx.Response:
    """Send a list."""
    headers = {"Content-Type": kind, "Idempotency-Key": key, **{n.replace("_", "-"): v for n, v in more.items()}}
    return await post(app, content=body, path="/v1/score-jobs", headers=headers)


def runner(folder: Path, *, worker: str = "w1", clock: Callable[[], datetime] = lambda: NOW, **changes: Any) -> Runner:
    """Return a runner on the store in the folder."""
    store = changes.pop("store", None) or opened(folder)
    return Runner(JobStore(store, KEYS), decider(folder, store=store, **changes), worker, lambda: True, clock)


async def results(app: ASGIApp, kind: str = NDJSON, *, what: str = "results") -> httpx.Response:
    """Fetch the results of the first job."""
    return await get(app, f"/v1/score-jobs/{JOB}/{what}", Accept=kind)


async def test_a_list_is_scored_line_by_line(app: ASGIApp, tmp_path: Path) -> None:
    """Good lines are answers on record, bad ones fail alone and are named by their line."""
    body = listed(document(), {"nonsense": 1}) + b"not json\n\n" + listed(document(application_id="SQ-2"))
    taken = await submit(app, body)
    runner(tmp_path).work_once()
    state = (await get(app, f"/v1/score-jobs/{JOB}")).json()
    lines = [json.loads(line) for line in (await results(app)).text.splitlines()]
    assert (taken.status_code, taken.json()["state"], taken.headers["Location"]) == (
        202, "queued", f"/v1/score-jobs/{JOB}",
    )  # fmt: skip
    assert (state["state"], state["rows"], state["done"], state["failed"]) == ("partly_failed", 4, 4, 2)
    assert [(line["line"], line["status"]) for line in lines] == [
        (1, "rules_only"), (2, "failed"), (3, "failed"), (5, "rules_only"),
    ]  # fmt: skip
    assert [lines[1]["problem"]["code"], lines[2]["problem"]["code"]] == ["VALIDATION_FAILED", "JSON_INVALID"]
    assert (await get(app, f"/v1/scores/{lines[0]['id']}")).status_code == 200


async def test_failed_lines_are_fetched_apart(app: ASGIApp, tmp_path: Path) -> None:
    """Whoever mends a list wants the faults only."""
    await submit(app, listed(document(), {"nonsense": 1}))
    runner(tmp_path).work_once()
    assert [json.loads(line)["line"] for line in (await results(app, what="errors")).text.splitlines()] == [2]


async def test_requests_are_gone_from_the_table_when_they_are_done(app: ASGIApp, tmp_path: Path) -> None:
    """Nothing of a case is kept twice, and while it waits it is sealed."""
    await submit(app, listed(document(), {"nonsense": 1}))
    store = opened(tmp_path)
    waiting = store.read(lambda connection: list(connection.execute(select(job_rows.c.request)).scalars()))
    runner(tmp_path, store=store).work_once()
    done = store.read(lambda connection: list(connection.execute(select(job_rows.c.request)).scalars()))
    assert b"SQ20261120" not in b"".join(waiting)
    assert done == [None, None]


async def test_the_same_list_under_the_same_key_is_one_job(app: ASGIApp) -> None:
    """A retry finds the job; another list under the key is refused."""
    first, again, other = await submit(app, cases(2)), await submit(app, cases(2)), await submit(app, cases(3))
    assert (again.status_code, again.json()["id"], again.headers["Idempotent-Replayed"]) == (
        202, first.json()["id"], "true",
    )  # fmt: skip
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


def csv_of(*rows: dict[str, Any]) -> bytes:
    """Return rows as a spreadsheet saves them."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = csv.DictWriter(out, names)
    table.writeheader()
    table.writerows(rows)
    return "\ufeff".encode() + out.getvalue().encode()


def arrow_of(table: pa.Table, *, packing: str | None = None) -> bytes:
    """Return a table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=packing)) as stream:
        stream.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


ROW = {"application_id": "SQ-1", "court_code": "浙1022", "stage": "A", "as_of": "2026-11-20T09:12:00+08:00",
       "claim_amount": "38600.00", "served_by_notice": "是", "n_debtors": "2", "clue_types": "deposit/vehicle",
       "received_at": "2026-11-20T09:12:00+08:00", "due_date": "2025-08-14", "dishonest_now": ""}  # fmt: skip


@pytest.mark.parametrize("kind", [CSV, ARROW])
async def test_flat_lists_are_read_by_the_register(app: ASGIApp, tmp_path: Path, kind: str) -> None:
    """Columns become fields in their kind; an empty cell is an unknown fact."""
    body = csv_of(ROW)
    if kind == ARROW:
        typed = {**ROW, "claim_amount": 38600.0, "served_by_notice": True, "n_debtors": 2}
        body = arrow_of(pa.Table.from_pylist([typed]))
    await submit(app, body, kind)
    seen: list[Any] = []
    runner(tmp_path, parse=lambda sent, at: seen.append(sent) or parsed(sent, at)).work_once()
    facts = seen[0]["case"]
    assert (facts["claim_amount"], facts["served_by_notice"], facts["n_debtors"]) == ("38600.00", True, 2)
    assert (facts["clue_types"], "dishonest_now" in facts) == (["deposit", "vehicle"], False)


def parsed(sent: object, at: datetime) -> Any:
    """Read a case as the test's builder does."""
    from tests.builders_serving import parse

    return parse(sent, at)


async def test_a_shifted_line_fails_alone(app: ASGIApp, tmp_path: Path) -> None:
    """A comma in an unquoted cell does not move values into the wrong field."""
    await submit(app, csv_of(ROW) + b"SQ-2,a,b,c,d,e,f,g,h,i,j,k,l,m\r\n", CSV)
    runner(tmp_path).work_once()
    lines = [json.loads(line) for line in (await results(app)).text.splitlines()]
    assert [line.get("problem", {}).get("code") for line in lines] == [None, "LINE_SHIFTED"]


async def test_a_list_may_come_compressed(app: ASGIApp) -> None:
    """As intake systems send them."""
    assert (await submit(app, gzip.compress(cases(3)), Content_Encoding="gzip")).json()["rows"] == 3


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", NDJSON, "LIST_INVALID"),
        (b"\n\n", NDJSON, "LIST_INVALID"),
        (b"a,b\n1,2\n", CSV, "LIST_INVALID"),
        ("a,b\n一".encode("gbk"), CSV, "LIST_INVALID"),
        (b"application_id,application_id\n1,2\n", CSV, "LIST_INVALID"),
        (b"no stream", ARROW, "LIST_INVALID"),
        (b"{}\n" * 20_001, NDJSON, "PAYLOAD_TOO_LARGE"),
        (b"{}", "application/json", "CONTENT_TYPE_UNSUPPORTED"),
        (b"{}", "application/vnd.apache.parquet", "CONTENT_TYPE_UNSUPPORTED"),
    ],
)
async def test_what_is_no_list_is_refused_whole(app: ASGIApp, body: bytes, kind: str, code: str) -> None:
    """Nothing is taken in of it."""
    answer = await submit(app, body, kind)
    assert answer.json()["code"] == code
    assert (await get(app, f"/v1/score-jobs/{JOB}")).status_code == 404


async def test_results_come_as_csv_and_arrow(app: ASGIApp, tmp_path: Path) -> None:
    """Flat rows; no cell is a formula, whatever a number of an application looks like."""
    await submit(app, listed(document(application_id="=HYPERLINK(1)"), {"nonsense": 1}))
    runner(tmp_path).work_once()
    rows = list(csv.DictReader(io.StringIO((await results(app, CSV)).content.decode("utf-8-sig"))))
    table = pa.ipc.open_stream((await results(app, ARROW)).content).read_all()
    assert [row["application_id"] for row in rows] == ["'=HYPERLINK(1)", ""]
    assert [row["problem"] for row in rows] == ["", "VALIDATION_FAILED"]
    assert table["status"].to_pylist() == ["rules_only", "failed"]


async def test_a_job_that_was_begun_is_gone_on_with(app: ASGIApp, tmp_path: Path) -> None:
    """A worker dies in the middle: after its lease another one goes on, and no line is there twice."""
    await submit(app, cases(TOGETHER + 5))
    store = opened(tmp_path)
    first = runner(tmp_path, worker="w1", store=store)
    job = first.jobs.lease("w1", at=NOW)
    assert job is not None
    first._score(job, first.jobs.waiting(job.id, TOGETHER))
    early = runner(tmp_path, worker="w2", store=store)
    late = runner(tmp_path, worker="w2", store=store, clock=lambda: NOW + timedelta(seconds=LEASE_SECONDS + 1))
    assert (early.work_once(), late.work_once()) == (False, True)
    ids = store.read(lambda connection: list(connection.execute(select(advice.c.application_id)).scalars()))
    assert sorted(ids) == [f"SQ-{n:05d}" for n in range(1, TOGETHER + 6)]
    assert (await get(app, f"/v1/score-jobs/{JOB}")).json()["state"] == "succeeded"


async def test_a_line_done_twice_is_on_record_once(app: ASGIApp, tmp_path: Path) -> None:
    """Two workers at the same line: the second finds the first one's answer."""
    await submit(app, cases(1))
    store = opened(tmp_path)
    work = runner(tmp_path, store=store)
    job = work.jobs.lease("w1", at=NOW)
    assert job is not None
    lines = work.jobs.waiting(job.id, 10)
    work._score(job, lines)
    work._score(job, lines)
    assert store.read(lambda connection: len(connection.execute(select(advice.c.id)).all())) == 1


async def test_a_job_is_ended_and_what_is_scored_stays(app: ASGIApp, tmp_path: Path) -> None:
    """The rest is not scored any more, and ending it again changes nothing."""
    await submit(app, cases(TOGETHER + 1))
    work = runner(tmp_path)
    job = work.jobs.lease("w1", at=NOW)
    assert job is not None
    work._score(job, work.jobs.waiting(job.id, TOGETHER))
    for _ in range(2):
        ended = await post(app, content=b"", path=f"/v1/score-jobs/{JOB}:cancel", headers={"Content-Type": None})
        assert ended.json()["state"] == "cancelled"
    assert work.work_once() is False
    assert len((await results(app)).text.splitlines()) == TOGETHER


async def test_only_the_owner_sees_a_job(app: ASGIApp, tmp_path: Path) -> None:
    """Another system's job is not there, not even for the same court."""
    await submit(app, cases(1))
    other = guarded(tmp_path, principal=replace(ANYONE, id="other"))
    assert [(await get(other, f"/v1/score-jobs/{JOB}{end}")).status_code for end in ("", "/results", "/errors")] == [
        404
    ] * 3


async def test_lines_of_other_courts_fail(tmp_path: Path) -> None:
    """A list is worked off for the courts of whoever sent it."""
    app = guarded(tmp_path, principal=replace(ANYONE, courts=Courts(frozenset({"苏0903"}))))
    await submit(app, cases(1))
    runner(tmp_path).work_once()
    assert json.loads((await results(app)).text)["problem"]["code"] == "PERMISSION_DENIED"


async def test_results_are_kept_for_a_month(app: ASGIApp, tmp_path: Path) -> None:
    """And then they are gone."""
    await submit(app, cases(1))
    late = guarded(tmp_path, clock=lambda: NOW + timedelta(days=31))
    assert (await get(late, f"/v1/score-jobs/{JOB}")).status_code == 410


async def test_a_batch_is_stored_whole_in_its_order(app: ASGIApp) -> None:
    """Items come back in the order of the request; a retry brings the same bytes."""
    items = [document(application_id=f"SQ-{n}") for n in range(5)]
    first = await post(app, {"items": items}, path="/v1/scores:batch")
    again = await post(app, {"items": items}, path="/v1/scores:batch")
    fewer = await post(app, {"items": items[:4]}, path="/v1/scores:batch")
    assert [item["application_id"] for item in first.json()["items"]] == [f"SQ-{n}" for n in range(5)]
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert fewer.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_one_bad_item_refuses_the_batch(app: ASGIApp, tmp_path: Path) -> None:
    """Every fault of every item is named by its place, and nothing is stored."""
    items = [document(), document(case={"claim_amount": "-1"}), {}]
    answer = await post(app, {"items": items}, path="/v1/scores:batch")
    places = {error["pointer"].split("/")[2] for error in answer.json()["errors"]}
    store = opened(tmp_path)
    assert (answer.status_code, places) == (422, {"1", "2"})
    assert store.read(lambda connection: connection.execute(select(advice.c.id)).all()) == []


@pytest.mark.parametrize("body", [{"items": []}, {"items": [{}] * 201}, {"items": {}}, {"item": []}])
async def test_a_batch_of_another_shape_is_refused(app: ASGIApp, body: dict[str, Any]) -> None:
    """One list of one to two hundred cases."""
    assert (await post(app, body, path="/v1/scores:batch")).json()["errors"][0]["pointer"] == "/items"


async def test_advice_is_listed_page_by_page_newest_first(app: ASGIApp) -> None:
    """The token leads on, whatever came in meanwhile, and is good for this list only."""
    items = [document(application_id=f"SQ-{n}") for n in range(5)]
    await post(app, {"items": items}, path="/v1/scores:batch")
    async with client(app) as caller:
        first = (await caller.get("/v1/scores?page_size=2")).json()
        second = (await caller.get(f"/v1/scores?page_size=2&page_token={first['next_page_token']}")).json()
        foreign = await caller.get(f"/v1/scores?stage=A&page_token={first['next_page_token']}")
        one = (await caller.get("/v1/scores?application_id=SQ-3")).json()
    shown = [row["application_id"] for row in (*first["items"], *second["items"])]
    assert shown == ["SQ-4", "SQ-3", "SQ-2", "SQ-1"]
    assert foreign.json()["code"] == "PAGE_TOKEN_INVALID"
    assert [row["application_id"] for row in one["items"]] == ["SQ-3"]


def test_whatever_cannot_be_read_is_left_to_the_cases_own_reader() -> None:
    """A cell is never guessed at: words stay words, unknown columns stay to be refused."""
    register = load_register()
    found = request_of(
        {"application_id": "1", "n_debtors": "two", "served_by_notice": "maybe", "secret": "x"}, register
    )
    assert found == {"application_id": "1", "case": {"n_debtors": "two", "served_by_notice": "maybe", "secret": "x"}}


def test_lines_are_numbered_as_an_editor_does() -> None:
    """An empty line is no case, but a clerk who looks for line 4 finds it; a mark before UTF-8 belongs to no line."""
    lines = lines_of(b"\xef\xbb\xbf{}\r\n\n \n{}", NDJSON, load_register())
    assert [(line.number, line.request) for line in lines] == [(1, b"{}"), (4, b"{}")]


def test_a_million_empty_lines_are_no_list() -> None:
    """Reading stops at the bound, whatever follows."""
    with pytest.raises(ProblemError, match="PAYLOAD_TOO_LARGE"):
        lines_of(b"\n" * 1_000_000 + b"{}", NDJSON, load_register())


def test_headings_may_be_chinese() -> None:
    """A table with the register's Chinese names is the same table."""
    zh, en = ("申请编号,受理法院代字,阶段,评分时点, 申请人类型", "application_id,court_code,stage,as_of,applicant_type")
    row = "\n\nSQ-1,浙1022,A,2026-11-20T09:12:00+08:00,企业"
    (spoken,), (named,) = (lines_of((names + row).encode(), CSV, load_register()) for names in (zh, en))
    assert spoken == named
    assert spoken.number == 2


@pytest.mark.parametrize(
    "body", [b"," * 70_000, b"application_id\n" + b"," * 70_000, b"application_id\n" + b'"\n",' * 20_000]
)
def test_a_row_of_very_many_cells_is_not_unfolded(body: bytes) -> None:
    """In one line, or in quoted cells over many: reading stops at the bound of a line."""
    with pytest.raises(ProblemError, match="PAYLOAD_TOO_LARGE"):
        lines_of(body, CSV, load_register())


@pytest.mark.parametrize(("table", "packing", "code"), [
    ({"application_id": pa.nulls(100_000_000)}, None, "PAYLOAD_TOO_LARGE"),
    ({"application_id": ["SQ-1"], "clue_text": ["x" * 1_000_000]}, "zstd", "LIST_INVALID"),
    ({"application_id": ["SQ-1"], "clue_text": pa.array(["x" * 1_000_000]).dictionary_encode()}, "lz4", "LIST_INVALID"),
    ({"application_id": pa.array(["x" * 70_000, "y"]).dictionary_encode()}, None, "LIST_INVALID"),
    ({"application_id": ["SQ-1"], "clue_text": pa.array([{"a": 1}])}, None, "LIST_INVALID"),
    ({"application_id": pa.RunEndEncodedArray.from_arrays([20_000], ["x"])}, None, "LIST_INVALID"),
    ({"application_id": ["SQ-1"], "claim_amount": pa.array([None], pa.decimal128(5, 60))}, None, "LIST_INVALID"),
    ({"application_id": ["SQ-1"], "claim_amount": pa.array([None], pa.decimal128(5, -9))}, None, "LIST_INVALID"),
])  # fmt: skip
def test_a_small_stream_that_stands_for_a_large_one_is_refused(table: Any, packing: str | None, code: str) -> None:
    """Rows only claimed, packed buffers, one text for many rows, impossible decimals: refused before unfolding."""
    with pytest.raises(ProblemError, match=code):
        lines_of(arrow_of(pa.table(table), packing=packing), ARROW, load_register())


def test_a_damaged_stream_is_refused_and_nothing_else() -> None:
    """Whatever bytes of it were changed, the answer is a refusal or a list."""
    text = {"application_id": ["SQ-1", "SQ-2"], "consent_urge": pa.array(["agree"] * 2).dictionary_encode()}
    table = pa.table({**text, "as_of": pa.array([NOW] * 2), "claim_amount": pa.array([Decimal("5.00"), None])})
    whole, chance = arrow_of(table), Random(7)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] = chance.randrange(256)
        with suppress(ProblemError):
            assert len(lines_of(bytes(damaged), ARROW, load_register())) <= 2


def test_repeated_texts_may_come_once() -> None:
    """Columns of categories, as data scientists have them, are read."""
    table = pa.table({"application_id": ["SQ-1", "SQ-2"], "consent_urge": pa.array(["agree"] * 2).dictionary_encode()})
    lines = lines_of(arrow_of(table), ARROW, load_register())
    assert [json.loads(line.request or b"")["case"] for line in lines] == [{"consent_urge": "agree"}] * 2


async def test_what_was_done_of_an_ended_job_is_counted(app: ASGIApp, tmp_path: Path) -> None:
    """Lines on record at the end, and those that were under way."""
    await submit(app, cases(TOGETHER + 1))
    work = runner(tmp_path)
    job = work.jobs.lease("w1", at=NOW)
    assert job is not None
    work._score(job, work.jobs.waiting(job.id, 5))
    under_way = work.jobs.waiting(job.id, 3)
    ended = await post(app, content=b"", path=f"/v1/score-jobs/{JOB}:cancel", headers={"Content-Type": None})
    work._score(job, under_way)
    work.jobs.settle(job, "w1", at=NOW)
    assert (ended.json()["done"], (await get(app, f"/v1/score-jobs/{JOB}")).json()["done"]) == (5, 8)


async def test_a_list_tells_people_no_prediction_before_the_opinion(app: ASGIApp, tmp_path: Path) -> None:
    """Whoever owes an opinion on a case finds no way round it in the results of a list; systems see all of it."""
    lead = Principal(
        kind="account", id="zhao", roles=frozenset({Role.TEAM_LEAD}), courts=Courts(frozenset({"浙1022"})),
        actions=ROLES[Role.TEAM_LEAD].actions,
    )  # fmt: skip
    asked = {"review_mode": "commit_first", "reason": "试点方案"}
    await post(app, asked, path="/v1/courts/浙1022/settings", headers={"If-Match": '"settings-0"'})
    shown = []
    for number, caller in enumerate((guarded(tmp_path, principal=lead), app), start=1):
        await submit(caller, cases(1))
        runner(tmp_path).work_once()
        answer = await get(caller, f"/v1/score-jobs/{JOB[:-1]}{number}/results", Accept=NDJSON)
        shown.append([word in json.loads(answer.text) for word in ("scores", "hidden", "rules")])
    assert shown == [[False, True, True], [True, False, True]]
