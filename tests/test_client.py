"""The client: one write, one record, however often the answer is lost on the way."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from serving.access.actions import CASES
from serving.access.principal import EVERY_COURT
from serving.client import Client, Patience, RefusedError, UnreachableError
from serving.identity.api_keys import Scope
from serving.identity.at_command import bureau
from serving.settings import Settings
from tests.builders_servers import free_port, running, serve_command
from tests.builders_serving import document


class Scripted(BaseHTTPRequestHandler):
    """A server that answers as it is told, one entry a call, and keeps what it was asked."""

    script: list[tuple[int, dict[str, str], bytes] | None]
    asked: list[tuple[str, str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        """Answer, or hang up in the middle where the script says None."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append((self.command, self.path, dict(self.headers), body))
        told = self.script.pop(0)
        if told is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, content = told
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        """Answer the same."""
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def scripted(*script: tuple[int, dict[str, str], bytes] | None) -> Iterator[tuple[Client, type[Scripted], list[float]]]:
    """Yield a client, the server it speaks to, and how long the client has waited between tries."""
    handler = type("Handler", (Scripted,), {"script": list(script), "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    waited: list[float] = []
    patience = Patience(timeout=5, tries=4, sleep=waited.append, jitter=lambda: 0.0)
    yield Client(f"http://127.0.0.1:{server.server_port}", "fk_test", patience), handler, waited
    server.shutdown()
    server.server_close()


DONE = (201, {"Content-Type": "application/json"}, b'{"id":"SCR-1"}')


@contextmanager
def cutting(*answers: bytes) -> Iterator[Client]:
    """Yield a client of a server that says these bytes, one answer a connection, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for told in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(told)

        threading.Thread(target=answer, daemon=True).start()
        patience = Patience(timeout=5, tries=len(answers), sleep=lambda _: None)
        yield Client(f"http://127.0.0.1:{listener.getsockname()[1]}", "fk_test", patience)


def test_a_lost_answer_is_asked_for_with_the_same_key() -> None:
    """Hung up, refused behind a proxy, too much at once: four times the very same call."""
    with scripted(None, (503, {}, b""), (429, {"Retry-After": "7"}, b""), DONE) as (client, server, waited):
        assert client.score({"stage": "A"})["id"] == "SCR-1"
    keys = {headers["Idempotency-Key"] for _, _, headers, _ in server.asked}
    assert (len(server.asked), len(keys), len({body for *_, body in server.asked})) == (4, 1, 1)
    assert waited == [0.25, 0.5, 7.0]


@pytest.mark.parametrize("cut", [14, 35, 70, 5])
def test_an_answer_cut_anywhere_is_no_answer(cut: int) -> None:
    """Behind the status line, inside the head, inside the body: the call is sent again, not taken for empty."""
    whole = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n" + DONE[2]
    with cutting(whole[:-cut], whole) as client:
        assert client.score({"stage": "A"})["id"] == "SCR-1"


def test_every_write_has_a_key_of_its_own_unless_one_is_given() -> None:
    """Two scores are two calls; the caller's own key is sent as it is."""
    with scripted(DONE, DONE, DONE) as (client, server, _):
        client.score({})
        client.score({})
        client.score({}, idempotency_key="SQ-1/2026-11-20")
    keys = [headers["Idempotency-Key"] for _, _, headers, _ in server.asked]
    assert (len(set(keys)), keys[2]) == (3, "SQ-1/2026-11-20")


def test_a_refusal_is_not_repeated() -> None:
    """The code and the places come with it."""
    problem = {"code": "VALIDATION_FAILED", "errors": [{"pointer": "/case/claim_amount"}], "request_id": "req-1"}
    with scripted((422, {}, json.dumps(problem).encode())) as (client, server, _):
        with pytest.raises(RefusedError, match=r"422 VALIDATION_FAILED.*/case/claim_amount") as told:
            client.score({})
        assert (told.value.code, len(server.asked)) == ("VALIDATION_FAILED", 1)


def test_patience_ends() -> None:
    """After the last try the refusal or the silence is told."""
    with scripted(*[(503, {}, b"")] * 4) as (client, _, _), pytest.raises(RefusedError, match="503"):
        client.score({})
    silent = Client(f"http://127.0.0.1:{free_port()}", patience=Patience(tries=2, sleep=lambda _: None))
    with pytest.raises(UnreachableError, match="does not answer"):
        silent.score({})


def test_a_foreign_answer_is_told_by_its_status() -> None:
    """A proxy's own page is no problem document."""
    with scripted((403, {}, b"<html>no</html>")) as (client, _, _), pytest.raises(RefusedError, match="403"):
        client.read("SCR-1")


def test_the_key_is_shown_to_the_service_and_to_nobody_else() -> None:
    """In the header, not in any printed form of the client."""
    with scripted(DONE) as (client, server, _):
        client.score({})
    assert server.asked[0][2]["Authorization"] == "Bearer fk_test"
    assert "fk_test" not in repr(client)


def test_an_intake_system_does_its_whole_day(tmp_path: Path) -> None:
    """Against the real service: score, look up, decide, report, send a list and fetch its results."""
    with running(serve_command(), tmp_path) as served:
        client = Client(served.url, key_for(tmp_path))
        advice = client.score(document())
        assert client.read(advice["id"]) == advice
        assert [one["id"] for one in client.advice_on("SQ20261120-0187")] == [advice["id"]]
        lane = advice["advice"]["route"]
        decided = client.decide(advice["id"], lane, tag=f'"{advice["id"].lower()}-1"', warnings_checked=True)
        event = {"application_id": "SQ20261120-0187", "court_code": "浙1022", "kind": "contact"}
        told = client.report([{**event, "at": "2026-11-20T10:00:00+08:00"}])
        batch = client.score_batch([document(application_id="SQ-1"), document(application_id="SQ-2")])
        job = client.wait(client.submit([document(application_id="SQ-3"), {"bad": 1}])["id"], every=0.2)
        lines = list(client.results(job["id"]))
    assert (decided["lane"], len(told["events"]), len(batch)) == (lane, 1, 2)
    assert (job["state"], [line["status"] for line in lines][1]) == ("partly_failed", "failed")


def key_for(folder: Path) -> str:
    """Return an API key of the service whose home is in the folder, for everything a system may do."""
    scope = Scope(actions=CASES, courts=EVERY_COURT, lasts=timedelta(days=1))
    with bureau(Settings(home=folder / "home")) as found:
        return found.api_keys.create("intake", scope, origin=found.origin).text
