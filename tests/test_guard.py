"""The guard: what may not pass does not pass, and nothing of it is repeated anywhere."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from serving.access.actions import Action
from serving.access.principal import NO_COURT, Principal
from serving.door.endpoint import Table
from serving.logs import configure
from serving.routes.health import READY
from serving.settings import Settings
from serving.traffic.limits import Limits, Traffic
from tests.builders_serving import MARKER, client, document, get, guard, guarded, post

pytestmark = pytest.mark.anyio

MOST_BODY_BYTES = 65_536
"""What a case may weigh."""


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """Collect everything that is logged during the test."""
    file = io.BytesIO()
    configure("debug", file=file)
    yield file
    configure("info")


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that the answer is this problem, in full form, and return it."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "zh-CN"
    assert answer.headers["x-request-id"] == body["request_id"]
    assert len(answer.content) <= 16_384
    return body


@pytest.mark.parametrize(
    "path",
    ["/docs.json", "/schema.json", "/metrics", "/static_content/x.js", "/v1", "/v1/scores/", "//v1/scores",
     "/V1/scores", "/v1/scores/1", "/v1/scores/SCR-20261120-000001x", "/v1/schema/C", "/v1/scores:bulk",
     "/../etc/passwd", "/favicon.ico"],
)  # fmt: skip
async def test_what_is_not_in_the_table_does_not_exist(tmp_path: Path, path: str) -> None:
    """BentoML's own pages and every other path are 404."""
    problem(await get(guarded(tmp_path), path), 404, "NOT_FOUND")


@pytest.mark.parametrize(("method", "path", "allow"), [
    ("GET", "/v1/scores:preview", "POST"), ("DELETE", "/v1/scores/SCR-20261120-000001", "GET, HEAD"),
    ("PUT", "/", "GET, HEAD"), ("OPTIONS", "/v1/scores:preview", "POST"),
    ("TRACE", "/v1/scores:preview", "POST"), ("get", "/livez", "GET, HEAD"),
])  # fmt: skip
async def test_other_methods_are_refused_with_the_allowed_ones(
    tmp_path: Path, method: str, path: str, allow: str
) -> None:
    """405 tells what is allowed."""
    async with client(guarded(tmp_path)) as caller:
        request = caller.build_request("GET", path)
        request.method = method
        answer = await caller.send(request)
    problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
     "application/vnd.bentoml+pickle", "application/vnd.bentoml+pickle; x=1", "application/json; charset=gbk"],
)  # fmt: skip
async def test_only_json_is_read(tmp_path: Path, kind: str | None) -> None:
    """Any other content type is 415: forms and plain text need no preflight, pickles run code."""
    problem(await post(guarded(tmp_path), headers={"Content-Type": kind}), 415, "CONTENT_TYPE_UNSUPPORTED")


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_may_name_its_charset(tmp_path: Path, kind: str) -> None:
    """UTF-8 may be said aloud."""
    assert (await post(guarded(tmp_path), headers={"Content-Type": kind})).status_code == 201


async def test_a_compressed_body_is_refused(tmp_path: Path) -> None:
    """Nothing is unpacked, so nothing can explode."""
    problem(await post(guarded(tmp_path), headers={"Content-Encoding": "gzip"}), 415, "CONTENT_TYPE_UNSUPPORTED")


async def test_a_body_over_the_limit_is_refused_by_its_length(tmp_path: Path) -> None:
    """The announced length is enough to refuse."""
    problem(await post(guarded(tmp_path), content=b" " * (MOST_BODY_BYTES + 1)), 413, "PAYLOAD_TOO_LARGE")


async def test_a_body_over_the_limit_is_refused_while_it_streams(tmp_path: Path) -> None:
    """A body without a length is cut off at the limit, not read to its end."""
    sent = 0

    async def flood() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b" " * 8192

    answer = await post(guarded(tmp_path), content=flood())
    problem(answer, 413, "PAYLOAD_TOO_LARGE")
    assert sent <= MOST_BODY_BYTES // 8192 + 2


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/scores:preview", "/score"])
@pytest.mark.parametrize(("body", "status", "code"), [
    (b"", 400, "JSON_INVALID"), (b"[]", 422, "JSON_NOT_OBJECT"), (b"null", 422, "JSON_NOT_OBJECT"),
    (b'{"a":1,"a":1}', 400, "JSON_DUPLICATE_KEY"), (b'{"a":NaN}', 400, "JSON_NOT_FINITE"),
    (b'{"a":"\\ud800"}', 400, "JSON_ENCODING"), (b"[" * 60_000, 400, "JSON_TOO_DEEP"),
    (b'{"a":' + b"9" * 41 + b"}", 400, "JSON_NUMBER"),
])  # fmt: skip
async def test_hostile_json_stops_at_the_guard_on_every_door(
    tmp_path: Path, path: str, body: bytes, status: int, code: str
) -> None:
    """All three doors refuse the same things in the same words."""
    problem(await post(guarded(tmp_path), path=path, content=body), status, code)


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """Half a body holds no worker: 408 after the time allowed."""

    async def slow() -> Any:
        yield b"{"
        await anyio.sleep(5)

    async def unreached(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pytest.fail("the application was called")

    app = guard(unreached, body_seconds=0.05)
    problem(await post(app, content=slow()), 408, "REQUEST_TIMEOUT")


async def test_length_and_chunking_together_are_refused(tmp_path: Path) -> None:
    """A proxy could read such a request as two."""
    app = guarded(tmp_path)
    headers = {"Content-Length": "2", "Transfer-Encoding": "chunked"}
    problem(await post(app, content=b"{}", headers=headers), 400, "HEADERS_CONFLICT")


@pytest.mark.parametrize("length", ["-1", "1x", "9" * 30])
async def test_an_odd_length_is_refused(tmp_path: Path, length: str) -> None:
    """A length is a plain number."""
    problem(await post(guarded(tmp_path), headers={"Content-Length": length}), 400, "HEADERS_CONFLICT")


async def test_many_or_long_headers_are_refused(tmp_path: Path) -> None:
    """Sixty-four headers of 16 KB together are enough for anyone."""
    app = guarded(tmp_path)
    problem(await post(app, headers={f"x-{n}": "1" for n in range(70)}), 431, "HEADERS_TOO_LARGE")
    problem(await post(app, headers={"x-long": "1" * 20_000}), 431, "HEADERS_TOO_LARGE")


async def test_a_query_string_is_refused(tmp_path: Path) -> None:
    """No address takes one, and addresses land in other people's logs."""
    problem(await get(guarded(tmp_path), "/livez?name=x"), 400, "QUERY_NOT_ALLOWED")


@pytest.mark.parametrize("host", ["10.0.0.8", "192.168.1.5", "::ffff:10.0.0.8", "fe80::1"])
async def test_other_machines_are_refused(tmp_path: Path, host: str) -> None:
    """Without access control only this machine may call."""
    problem(await post(guarded(tmp_path), host=host), 403, "REMOTE_REFUSED")


async def test_other_machines_pass_when_the_operator_says_so(tmp_path: Path) -> None:
    """The setting opens the door."""
    app = guarded(tmp_path, settings=Settings(allow_remote=True))
    assert (await post(app, host="10.0.0.8")).status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:3000"])
async def test_a_strange_host_name_is_refused(tmp_path: Path, host: str) -> None:
    """A web page that rebinds its name to this machine is not served."""
    problem(await post(guarded(tmp_path), headers={"Host": host}), 421, "HOST_REFUSED")


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "LOCALHOST", "[::1]:3000", "localhost:80"])
async def test_local_host_names_are_served(tmp_path: Path, host: str) -> None:
    """With or without a port."""
    assert (await post(guarded(tmp_path), headers={"Host": host})).status_code == 201


async def test_named_hosts_are_served_beside_the_local_ones(tmp_path: Path) -> None:
    """FENLIU_HOSTS narrows what remote callers may use."""
    app = guarded(tmp_path, settings=Settings(allow_remote=True, hosts=("fenliu.court",)))
    assert (await post(app, headers={"Host": "fenliu.court"})).status_code == 201
    problem(await post(app, headers={"Host": "evil.example"}), 421, "HOST_REFUSED")


@pytest.mark.parametrize("sane", ["0f0e2c1a-6a0e-4a53-9d0e-6a3b6f3f8f11", "4" * 32, "req-0123456789abcdef"])
async def test_a_sane_request_id_is_echoed(tmp_path: Path, sane: str) -> None:
    """Callers find their own id in our answer."""
    assert (await get(guarded(tmp_path), "/", X_Request_Id=sane)).headers["x-request-id"] == sane


@pytest.mark.parametrize("odd", [MARKER, f"req-{MARKER}", "张三", "a" * 200, "x y"])
async def test_an_odd_request_id_is_replaced(tmp_path: Path, odd: str) -> None:
    """An id that could hold a person's data is not repeated."""
    app = guarded(tmp_path)
    async with client(app) as caller:
        answer = await caller.get("/", headers=[(b"x-request-id", odd.encode())])
    assert answer.headers["x-request-id"].startswith("req-")
    assert MARKER not in answer.headers["x-request-id"]


async def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    """Good answers and problems alike; and no server name."""
    app = guarded(tmp_path)
    for answer in (await get(app, "/"), await get(app, "/nowhere"), await post(app)):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] in {"no-store", "no-cache"}
        assert "server" not in answer.headers


async def answer_of(inner: Any) -> httpx.Response:
    """Return what a guarded application answers to GET /."""
    return await get(guard(inner), "/")


async def test_an_exception_becomes_a_problem_and_its_text_stays_inside(log: io.BytesIO) -> None:
    """The log says what kind of error it was and where, the caller only that it was ours."""

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        message = f"cannot handle {MARKER}"
        raise RuntimeError(message)

    answer = await answer_of(broken)
    problem(answer, 500, "INTERNAL")
    assert b"RuntimeError" in log.getvalue()
    assert b"test_guard.py" in log.getvalue()
    assert MARKER.encode() not in log.getvalue() + answer.content


async def test_a_foreign_error_body_is_replaced(log: io.BytesIO) -> None:
    """BentoML's own error bodies, which may repeat the input, never leave."""

    async def foreign(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"server", b"BentoML Service/X")]
        await send({"type": "http.response.start", "status": 504, "headers": headers})
        await send({"type": "http.response.body", "body": MARKER.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"rest"})

    answer = await answer_of(foreign)
    problem(answer, 504, "DEADLINE_EXCEEDED")
    assert MARKER.encode() not in log.getvalue() + answer.content


async def test_a_websocket_is_closed(tmp_path: Path) -> None:
    """There is no socket to talk to."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    await guarded(tmp_path)({"type": "websocket", "path": "/"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_a_caller_who_hangs_up_gets_no_answer_and_leaves_no_record(tmp_path: Path) -> None:
    """Half a body is no request."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    messages = iter([{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Message:
        return next(messages)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/scores", "query_string": b"", "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"idempotency-key", b"12345678")],
    }  # fmt: skip
    await guarded(tmp_path)(scope, receive, send)
    assert sent == []


async def test_nothing_of_a_request_is_logged_whatever_part_it_comes_in(tmp_path: Path, log: io.BytesIO) -> None:
    """Path, query, method, headers, keys, names, values, broken bodies: the marker is in none of the lines."""
    app = guarded(tmp_path)
    name, value = {MARKER: 1}, MARKER
    for sent in (
        document(case={value: 1}), document(**name), document(application_id=MARKER), document(court_code=MARKER),
        document(stage=MARKER), document(case={"claim_amount": MARKER}), document(case={"clue_text": MARKER}),
        document(case={"consent_urge": MARKER}), document(missing=name), document(observed_at={MARKER: MARKER}),
    ):  # fmt: skip
        for path in ("/v1/scores", "/v1/scores:preview"):
            await post(app, sent, path=path, headers={"Idempotency-Key": MARKER})
    for content in (f"[{MARKER}", f'{{"{MARKER}":1,"{MARKER}":1}}', f'"{MARKER}"', f'{{"a":"{MARKER}\\ud800"}}'):
        await post(app, content=content.encode())
    await get(app, f"/v1/{MARKER}")
    await get(app, f"/livez?id={MARKER}")
    await post(app, headers={"X-Request-Id": MARKER, "Host": MARKER, "Content-Type": MARKER})
    async with client(app) as caller:
        await caller.request(f"{MARKER}", "/livez")
    lines = log.getvalue()
    assert lines.count(b'"request"') >= 27
    assert MARKER.encode() not in lines
    assert MARKER[:10].encode() not in lines
    assert all(json.loads(line) for line in lines.splitlines())


async def test_nobody_is_asked_to_say_who_calls(tmp_path: Path) -> None:
    """Without a principal: 401 with the way to authenticate, before anything of the body is looked at."""
    app = guarded(tmp_path, principal=None)
    for answer in (await post(app, content=b"{"), await get(app, "/v1/models/current?x=1")):
        problem(answer, 401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == 'Bearer realm="fenliu"'


@pytest.mark.parametrize("path", ["/", "/v1/problems/not-found", "/v1/openapi.json"])
async def test_open_addresses_need_nobody(tmp_path: Path, path: str) -> None:
    """What explains the service is open; the document itself is not made here."""
    answer = await get(guarded(tmp_path, principal=None), path)
    assert answer.status_code != 401


async def test_what_is_not_permitted_is_refused_before_the_body(tmp_path: Path) -> None:
    """403 for a principal without the action, whatever was sent."""
    reader = Principal(kind="key", id="r", courts=NO_COURT, actions=frozenset({Action.MODEL_READ}))
    app = guarded(tmp_path, principal=reader)
    problem(await post(app, content=b"{"), 403, "PERMISSION_DENIED")
    assert (await get(app, "/v1/models/current")).status_code == 200


@pytest.mark.parametrize(("accepted", "language", "title"), [
    ("en", "en", "Not found"), ("en-GB, zh;q=0.5", "en", "Not found"), ("zh-CN, en;q=0.9", "zh-CN", "未找到"),
    ("", "zh-CN", "未找到"), ("*", "zh-CN", "未找到"), ("fr", "zh-CN", "未找到"), ("en;q=0", "zh-CN", "未找到"),
    ("en;q=x, \x00", "zh-CN", "未找到"), ("de, en;q=0.1", "en", "Not found"),
])  # fmt: skip
async def test_a_problem_speaks_the_callers_language_and_always_both(
    tmp_path: Path, accepted: str, language: str, title: str
) -> None:
    """Accept-Language chooses the title; Content-Language names it; the other language stands beside it."""
    async with client(guarded(tmp_path)) as caller:
        answer = await caller.get("/nowhere", headers=[(b"accept-language", accepted.encode())])
    body = answer.json()
    assert (answer.headers["content-language"], body["title"]) == (language, title)
    assert {"未找到", "Not found"} <= {body["title"], body["title_en"], body.get("title_zh")}


@pytest.mark.parametrize(
    "path",
    ["/v1%2Fscores", "/%761/scores", "/v1/scores%00", "/v1/%2e%2e/v1/scores", "/v1/schema/%41", "/livez%20", "/livez%"],
)
async def test_an_address_in_disguise_is_no_address(tmp_path: Path, path: str) -> None:
    """Plain characters behind percent signs: a proxy may have let them pass as something else."""
    async with client(guarded(tmp_path)) as caller:
        request = caller.build_request("GET", "http://127.0.0.1/x")
        request.url = request.url.copy_with(raw_path=path.encode())
        problem(await caller.send(request), 404, "NOT_FOUND")


async def test_who_calls_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    """429 with Retry-After; health checks always pass."""
    traffic = Traffic(Limits(principal=1, address=100), clock=lambda: 0.0)
    app = guarded(tmp_path, traffic=traffic)
    found = [await get(app, "/v1/models/current") for _ in range(3)]
    assert [answer.status_code for answer in found] == [200, 200, 429]
    problem(found[2], 429, "RATE_LIMITED")
    assert found[2].headers["retry-after"] == "1"


async def test_an_address_that_calls_too_often_is_held_back_before_anybody_is_looked_up(tmp_path: Path) -> None:
    """Also when it says nothing, or something else each time; another address is served."""
    app = guarded(tmp_path, traffic=Traffic(Limits(address=1), clock=lambda: 0.0), principal=None)
    found = [(await get(app, "/v1/models/current")).status_code for _ in range(4)]
    assert found == [401, 401, 429, 429]
    async with client(app, host="127.0.0.2") as caller:
        assert (await caller.get("/v1/models/current")).status_code == 401


async def test_log_ins_are_fewer_than_other_calls(tmp_path: Path) -> None:
    """Each costs a fifth of a second and a guess."""
    app = guarded(tmp_path, traffic=Traffic(Limits(guesses_burst=2), clock=lambda: 0.0))
    sent = {"name": "li.ming", "password": "wrong"}
    found = [await post(app, sent, path="/v1/sessions") for _ in range(3)]
    assert [answer.status_code for answer in found] == [401, 401, 429]


async def test_a_full_house_refuses_at_once_and_reads_no_body() -> None:
    """429 with Retry-After for whoever comes while others are served; then it takes calls again."""
    done = anyio.Event()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await done.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = guard(slow, traffic=Traffic(Limits(crowd=2)))
    answers: list[httpx.Response] = []

    async def ask() -> None:
        answers.append(await get(app, "/v1/models/current"))

    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        refused = await post(app, content=b"{", path="/v1/scores:preview")
        done.set()
    problem(refused, 429, "RATE_LIMITED")
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await get(app, "/v1/models/current")).status_code == 200


async def test_a_flood_of_mistakes_does_not_flood_the_log(tmp_path: Path, log: io.BytesIO) -> None:
    """A few lines are written, the rest is counted; good calls keep their lines."""
    app = guarded(tmp_path)
    for _ in range(400):
        await get(app, "/nowhere")
    await get(app, "/")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert 100 <= sum(line.get("status") == 404 for line in lines) < 250
    assert sum(line.get("status") == 200 for line in lines) == 1


async def test_an_answer_that_does_not_begin_in_time_is_given_up() -> None:
    """504; one that has begun may take its time."""
    slow = replace(READY, seconds=0.02)

    async def late(_scope: Scope, _receive: Receive, send: Send) -> None:
        await anyio.sleep(5)

    async def long(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await anyio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"done"})

    problem(await get(guard(late, table=Table((slow,))), "/readyz"), 504, "DEADLINE_EXCEEDED")
    assert (await get(guard(long, table=Table((slow,))), "/readyz")).content == b"done"
