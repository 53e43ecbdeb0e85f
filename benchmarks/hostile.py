"""Bodies that mean harm, to every address that takes one: time, size of the reply, and memory of the worker.

Run: python -m benchmarks.hostile
"""

from __future__ import annotations

import gzip
import http.client
import json
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from serving.door.endpoint import Endpoint
from serving.routes.table import TABLE
from tests.builders_servers import Served, running, serve_command

ROUNDS = 3
PIECE = b"x" * 65_536

BODIES: dict[str, bytes] = {
    "empty": b"",
    "broken": b'{"case":',
    "not UTF-8": b'{"a":"\xff\xfe"}',
    "60,000 brackets": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "60,000 digits": b'{"a":' + b"9" * 60_000 + b"}",
    "1e999": b'{"a":1e999}',
    "one key twice": b'{"a":1,"a":2}',
    "NUL": b'{"a":"\\u0000"}',
    "half a surrogate": b'{"a":"\\ud800"}',
    "6,000 unknown fields": json.dumps({f"f{n}": n for n in range(6000)}).encode()[:65_000],
    "4,000 wrong fields": json.dumps({"stage": "A", "case": {f"f{n}": "x" for n in range(4000)}}).encode(),
    "unfinished strings": b'{"' + b'\\"' * 30_000,
    "60 KB of backslashes": b'{"a":"' + b"\\\\" * 30_000 + b'"}',
    "25 MB": b'{"a":"' + b"x" * 25_000_000 + b'"}',
    "gzip of 100 MB": gzip.compress(b"\0" * 100_000_000),
}


@dataclass
class Worst:
    """The worst of everything for one body."""

    seconds: float = 0.0
    reply: int = 0
    statuses: frozenset[int] = frozenset()


def paths() -> Iterator[tuple[Endpoint, str]]:
    """Yield every address that takes a body, with an example of its path."""
    for endpoint in TABLE.endpoints:
        if endpoint.body is not None:
            yield endpoint, endpoint.path.replace("{id}", "JOB-20261120-000001")


def send(server: Served, endpoint: Endpoint, path: str, body: bytes | Iterable[bytes]) -> tuple[int, int, float]:
    """Send a body and return status, size of the reply, and seconds."""
    assert endpoint.body is not None
    headers = {
        "Authorization": f"Bearer {server.key}",
        "Idempotency-Key": str(uuid.uuid4()),
        "Content-Type": endpoint.body.media_types[0],
    }
    if isinstance(body, bytes) and body[:2] == b"\x1f\x8b":
        headers["Content-Encoding"] = "gzip"
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with suppress(BrokenPipeError, ConnectionResetError):  # the answer may come before the body is out
        connection.request(endpoint.method, path, body=body, headers=headers)
    try:
        answer = connection.getresponse()
        status, size = answer.status, len(answer.read())
    except (ConnectionResetError, http.client.HTTPException):
        status, size = 0, 0
    connection.close()
    return status, size, time.perf_counter() - started


def flood() -> Iterator[bytes]:
    """Yield 200 MB without saying how much comes."""
    for _ in range(3200):
        yield PIECE


def memory(server: Served) -> float:
    """Return the resident memory of all processes of the server in MB."""
    return sum(process.memory_info().rss for process in server.family()) / 1e6


def main() -> None:
    """Send everything everywhere twice, and print the worst of the second time and the growth of memory."""
    with tempfile.TemporaryDirectory() as folder, running(serve_command(), Path(folder)) as server:
        send_all(server)  # what is loaded on first use is no growth
        before = memory(server)
        worst = send_all(server)
        grown = memory(server) - before
        log = server.log.stat().st_size
    print(f"{'':24}{'slowest ms':>12}{'largest reply':>15}  statuses")
    for name, found in worst.items():
        print(f"{name:24}{found.seconds * 1e3:12.0f}{found.reply:15}  {sorted(found.statuses)}")
    print(f"memory {before:.0f} MB before, {grown:+.1f} MB after; log {log / 1e3:.0f} kB")


def send_all(server: Served) -> dict[str, Worst]:
    """Send everything everywhere."""
    worst: dict[str, Worst] = {}
    for name in (*BODIES, "200 MB without length"):
        found = worst.setdefault(name, Worst())
        for endpoint, path in [*paths()] * ROUNDS:
            body = BODIES[name] if name in BODIES else flood()
            status, size, seconds = send(server, endpoint, path, body)
            found.seconds, found.reply = max(found.seconds, seconds), max(found.reply, size)
            found.statuses |= {status}
    return worst


if __name__ == "__main__":
    main()
