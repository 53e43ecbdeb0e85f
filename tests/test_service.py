"""The running service, under uvicorn and under BentoML: real processes, real sockets, a real store."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.model_life.fleet import reports
from tests.builders_models import tiny_bundle
from tests.builders_servers import BENTOML, ROOT, Served, bentoml_command, environment, running, serve_command
from tests.builders_serving import MARKER, document

COMMANDS = {"uvicorn": serve_command(), "bentoml": bentoml_command()}


def sent(**changes: object) -> dict[str, Any]:
    """Return a request whose instants lie in the past of any clock the test may run on."""
    case = {"received_at": "2025-11-20T09:12:00+08:00", **changes.pop("case", {})}  # type: ignore[dict-item]
    return document(as_of="2025-11-20T09:12:00+08:00", case=case, **changes)


def key() -> str:
    """Return a fresh idempotency key."""
    return str(uuid.uuid4())


@pytest.fixture(scope="module", params=list(COMMANDS))
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the service one way; without any model."""
    with running(COMMANDS[request.param], tmp_path_factory.mktemp(request.param)) as server:
        yield server


def test_it_starts_without_a_model_within_fifteen_seconds(served: Served) -> None:
    """Rules mode needs no bundle, says so, and is ready."""
    assert served.effort < 15
    model = served.get("/v1/models/current").json()
    assert (model["mode"], model["degraded_reason"]["code"]) == ("rules", "NO_BUNDLE")


def test_it_listens_on_this_machine_only(served: Served) -> None:
    """Nobody said on which address, and there is no access control yet."""
    assert ("127.0.0.1", served.port) in served.listening()
    assert {ip for ip, _ in served.listening()} == {"127.0.0.1"}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
def test_the_health_addresses_answer(served: Served, path: str) -> None:
    """200 in plain text."""
    assert served.get(path).status_code == 200


def test_a_case_is_scored_by_rules_and_read_again(served: Served) -> None:
    """201, rules_only, and the same bytes at the record's address."""
    answer = served.post(sent(), Idempotency_Key=key())
    assert (answer.status_code, answer.json()["status"]) == (201, "rules_only")
    assert re.fullmatch(r"/v1/scores/SCR-\d{8}-\d{6}", answer.headers["location"])
    assert served.get(answer.headers["location"]).content == answer.content


def test_both_doors_lead_to_one_record(served: Served) -> None:
    """A call through BentoML's own endpoint is the same call as through REST; the key may stand in the body."""
    mine = key()
    native = served.post({**sent(), "idempotency_key": mine}, path="/score")
    rest = served.post(sent(), Idempotency_Key=mine)
    assert (native.status_code, rest.status_code) == (201, 200)
    assert rest.headers["idempotent-replayed"] == "true"
    assert native.content == rest.content


def test_the_native_endpoint_needs_a_key_too(served: Served) -> None:
    """400 without one, 400 when header and body differ."""
    assert served.post(sent(), path="/score").json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    both = served.post({**sent(), "idempotency_key": key()}, path="/score", Idempotency_Key=key())
    assert (both.status_code, both.json()["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")


@pytest.mark.parametrize(
    "path", ["/docs.json", "/schema.json", "/metrics", "/static_content/index.css", "/openapi.json"]
)
def test_bentomls_own_pages_are_gone(served: Served, path: str) -> None:
    """404 as a problem, and no name of the server."""
    answer = served.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert "server" not in answer.headers


def test_the_start_page_is_ours_and_loads_nothing(served: Served) -> None:
    """No script, no style sheet, no address of another host."""
    page = served.get("/")
    assert "分流 Fenliu" in page.text
    assert not re.search(r"<(script|link|img|iframe)|https?://", page.text)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "path", ["/v1/models/current", "/v1/rulesets/current", "/v1/reason-codes", "/v1/schema/A", "/v1/schema/B",
             "/v1/problems/not-found", "/v1/openapi.json"],
)  # fmt: skip
def test_the_service_describes_itself(served: Served, path: str) -> None:
    """JSON with a tag."""
    answer = served.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["etag"]


HOSTILE = (
    b"", b"null", b"[]", b"{", b"\xff", b"[" * 60_000, b'{"a":1,"a":1}', b'{"a":NaN}', b'{"a":1e999}',
    json.dumps(MARKER).encode(), json.dumps({MARKER: MARKER}).encode(), json.dumps({"case": {MARKER: 1}}).encode(),
    json.dumps(document(case={"claim_amount": MARKER})).encode(), json.dumps({"application_id": [MARKER]}).encode(),
    json.dumps({"idempotency_key": [MARKER]}).encode(), json.dumps({"idempotency_key": MARKER}).encode(),
    b" " * 70_000, json.dumps({"case": [[[MARKER]]]}).encode(), json.dumps({"stage": {"𠮷": MARKER}}).encode(),
    b'{"a":"\\ud800' + MARKER.encode() + b'"}',
)  # fmt: skip


def test_nothing_hostile_is_answered_recorded_or_repeated_in_the_log(served: Served) -> None:
    """Every hostile body on every door: a 4xx problem, at once, at most 16 KB, no record, no trace of it."""
    before = records(served)
    for body in HOSTILE:
        for path in ("/v1/scores", "/v1/scores:preview", "/score"):
            started = time.monotonic()
            answer = served.post(body, path=path, X_Request_Id=MARKER, Idempotency_Key=f"{MARKER} x")
            assert 400 <= answer.status_code < 500, (path, body[:60])
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(answer.content) <= 16_384
            assert time.monotonic() - started < 10
    personal = sent(application_id=MARKER, case={"id_token": MARKER, "clue_text": MARKER})
    assert served.post(personal, path="/v1/scores:preview").status_code == 200
    for kind in ("text/plain", f"application/{MARKER}", "application/vnd.bentoml+pickle"):
        assert served.post(b"{}", Content_Type=kind).status_code == 415
    served.get(f"/{MARKER}")
    assert records(served) == before
    assert MARKER not in served.log.read_text(encoding="utf-8")


def records(served: Served) -> int:
    """Count the records of a server without asking it."""
    with sqlite3.connect(served.log.parent / "home" / "fenliu.db") as connection:
        return int(connection.execute("SELECT count(*) FROM advice").fetchone()[0])


def test_a_raw_exchange_cannot_be_read_two_ways(served: Served) -> None:
    """Content-Length beside Transfer-Encoding is refused, whatever the server below makes of it."""
    headers = {"Content-Type": "application/json", "Content-Length": "2", "Transfer-Encoding": "chunked"}
    request = httpx.Request("POST", served.url + "/v1/scores", headers=headers, content=b"0\r\n\r\n")
    with httpx.Client(trust_env=False) as caller:
        assert caller.send(request).status_code == 400


def test_no_process_speaks_to_anyone_outside(served: Served) -> None:
    """No look-up and no connection leaves this machine, though nothing in the environment forbids tracking."""
    served.post(sent(), Idempotency_Key=key())
    lines = served.watched.read_text(encoding="utf-8").splitlines() if served.watched.exists() else []
    local = re.compile(r"127\.0\.0\.1|'?::1|localhost|0\.0\.0\.0|^socket\.connect (b?'|/)|None")
    assert [line for line in lines if not local.search(line)] == []
    remote = [one.raddr.ip for process in served.family() for one in process.net_connections("tcp") if one.raddr]
    assert {ip for ip in remote if ip not in {"127.0.0.1", "::1"}} == set()


def test_an_unready_store_is_told(served: Served) -> None:
    """Readyz is 503 while the database is not the one that was opened, and livez stays 200."""
    path = served.log.parent / "home" / "fenliu.db"
    path.rename(path.with_suffix(".away"))
    try:
        wait_for(served, 503)
        assert served.get("/livez").status_code == 200
        assert served.get("/readyz").json()["errors"][0]["code"] == "STORE_NOT_WRITABLE"
    finally:
        path.with_suffix(".away").rename(path)
    wait_for(served, 200)


def wait_for(served: Served, status: int) -> None:
    """Ask for readiness until it is this; the store itself is asked once a second."""
    deadline = time.monotonic() + 30
    while served.get("/readyz").status_code != status:
        assert time.monotonic() < deadline, f"never {status}"
        time.sleep(0.2)


def test_the_plain_way_opens_one_port_only(tmp_path: Path) -> None:
    """No control port beside the service; a killed worker is replaced, and what it acknowledged is on record."""
    with running(serve_command(), tmp_path) as server:
        assert server.listening() == {("127.0.0.1", server.port)}
        told = [server.post(sent(), Idempotency_Key=key()).json()["id"] for _ in range(5)]
        (worker,) = reports(tmp_path / "home" / "run" / "workers")
        os.kill(int(worker["pid"]), signal.SIGKILL)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                told.append(server.post(sent(), Idempotency_Key=key()).json()["id"])
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        assert len(told) == 6
        assert all(server.get(f"/v1/scores/{one}").status_code == 200 for one in told)


def test_a_damaged_bundle_is_named_and_done_without(tmp_path: Path) -> None:
    """One changed byte in a model: rules mode within 15 s, the file named in log and description."""
    bundles = tmp_path / "home" / "bundles"
    folder = tiny_bundle(bundles)
    (bundles / "current").write_text("tiny-1", encoding="utf-8")
    model = next(path for path in sorted(folder.rglob("*.txt")))
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(bytes(content))
    with running(serve_command(), tmp_path) as server:
        assert server.effort < 15
        found = server.get("/v1/models/current").json()
        assert (found["mode"], found["name"], found["degraded_reason"]["code"]) == ("rules", "tiny-1", "DAMAGED_BUNDLE")
        assert model.name in found["degraded_reason"]["text"]
        assert server.post(sent(), Idempotency_Key=key()).json()["status"] == "rules_only"
        assert model.name in server.log.read_text(encoding="utf-8")


def test_a_built_bento_serves_without_the_sources(tmp_path: Path) -> None:
    """`bentoml build` at the root makes a Bento that runs from its own copy, with the repository out of reach."""
    done = subprocess.run(
        [str(BENTOML), "build", "-o", "tag"], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tag = done.stdout.strip().rpartition("__tag__:")[2]
    source = tmp_path / "bentoml" / "bentos" / tag.replace(":", "/") / "src"
    assert {path.name for path in source.iterdir() if path.is_dir()} == {"features", "models", "serving"}
    page = source / "serving" / "describe" / "start_page.py"
    page.write_text(page.read_text(encoding="utf-8").replace("分流 Fenliu</h1>", "自包 Bento</h1>"), encoding="utf-8")
    away = {"PYTHONPATH": str(tmp_path / "hooks"), "WATCH_WITHOUT": str(ROOT)}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with running(bentoml_command(tag), tmp_path, cwd=elsewhere, variables=away) as server:
        assert "自包 Bento" in server.get("/").text
        assert server.post(sent(), Idempotency_Key=key()).status_code == 201
