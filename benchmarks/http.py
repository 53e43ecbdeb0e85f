"""One worker of the service over HTTP, beside a route that does nothing but commit one row in the same store.

Run: python -m benchmarks.http
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.samples import sample
from serving.store.engine import open_engine
from tests.builders_models import tiny_bundle
from tests.builders_servers import ROOT, free_port, key_of

ROUNDS = 3
SECONDS = 4.0
"""How long one round asks; three rounds of each kind and load stay below three minutes."""

START_SECONDS = 60.0
LOADS = (1, 8)
KINDS = ("noop", "plain", "explained")
NAMES = {"noop": "no-op, one row committed", "plain": "scored", "explained": "scored, with reasons and flips"}
SERVE = [sys.executable, "-m", "serving.cli", "serve", "--port"]
NOOP = [sys.executable, "-m", "uvicorn", "benchmarks.http:noop", "--factory", "--no-access-log", "--log-level"]


@dataclass(frozen=True)
class Round:
    """What one round of calls took."""

    rate: float
    p50: float
    p99: float


def noop() -> Starlette:
    """Return an application that reads a body, commits one row of its size, and answers."""
    engine = open_engine(Path(os.environ["FENLIU_HOME"]) / "noop.db", busy_timeout_ms=5000)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS note (id TEXT PRIMARY KEY, body BLOB)"))

    async def store(request: Request) -> Response:
        body = await request.body()
        await run_in_threadpool(_commit, engine, request.headers["idempotency-key"], body)
        return Response(status_code=201)

    return Starlette(routes=[Route("/v1/scores", store, methods=["POST"]), Route("/readyz", _ready)])


async def _ready(_: Request) -> Response:
    return Response()


def _commit(engine: Engine, key: str, body: bytes) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note VALUES (:id, :body)"), {"id": key, "body": body})


@contextmanager
def running(command: list[str], home: Path, port: int) -> Iterator[int]:
    """Run a server until the block ends; what it says goes to a file beside its store."""
    variables = {**os.environ, "FENLIU_HOME": str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with (home / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    msg = f"{START_SECONDS:.0f} 秒内未能启动：端口 {port} / the server on port {port} did not start"
    raise RuntimeError(msg)


def document(kind: str) -> bytes:
    """Return the body of a call; the no-op gets the same bytes as the explained one."""
    case: dict[str, Any] = sample("fast")
    explain = {"reasons": 0, "flips": 0} if kind == "plain" else {"reasons": 5, "flips": 3}
    return orjson.dumps({**case, "explain": explain})


def ask(port: int, body: bytes, until: float, key: str) -> list[float]:
    """Call over one connection until the time is up; return the seconds each call took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    spent = []
    while time.perf_counter() < until:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        headers["Authorization"] = f"Bearer {key}"
        started = time.perf_counter()
        connection.request("POST", "/v1/scores", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            msg = f"应答 {answer.status} / answered {answer.status}"
            raise RuntimeError(msg)
        spent.append(time.perf_counter() - started)
    connection.close()
    return spent


def measure(port: int, kind: str, load: int, key: str) -> Round:
    """Ask for some seconds over as many connections at once as `load` says."""
    body, started = document(kind), time.perf_counter()
    with ThreadPoolExecutor(load) as pool:
        calls = [pool.submit(ask, port, body, started + SECONDS, key) for _ in range(load)]
        spent = [one for call in calls for one in call.result()]
    centiles = statistics.quantiles(spent, n=100, method="inclusive")
    return Round(len(spent) / (time.perf_counter() - started), 1e3 * centiles[49], 1e3 * centiles[98])


def main() -> None:
    """Measure all kinds in turn, round by round, and print medians and ratios to the no-op."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        tiny_bundle(home / "bundles", "bench-1")
        (home / "bundles" / "current").write_text("bench-1", encoding="utf-8")
        own, idle = free_port(), free_port()
        with running([*SERVE, str(own)], home, own), running([*NOOP, "error", "--port", str(idle)], home, idle):
            key = key_of({"FENLIU_HOME": str(home)}, client="bench")
            ports = {kind: idle if kind == "noop" else own for kind in KINDS}
            for load in LOADS:
                rounds = [{kind: measure(ports[kind], kind, load, key) for kind in KINDS} for _ in range(ROUNDS)]
                report(load, {kind: [one[kind] for one in rounds] for kind in KINDS})


def report(load: int, found: dict[str, list[Round]]) -> None:
    """Print one table."""
    middle = {
        kind: [statistics.median(getattr(one, name) for one in rounds) for name in ("rate", "p50", "p99")]
        for kind, rounds in found.items()
    }
    print(f"\nconcurrency {load:<20}{'calls/s':>9}{'of no-op':>10}{'p50 ms':>9}{'p99 ms':>9}")
    for kind, (rate, p50, p99) in middle.items():
        print(f"{NAMES[kind]:32}{rate:9.0f}{rate / middle['noop'][0]:10.2f}{p50:9.1f}{p99:9.1f}")


if __name__ == "__main__":
    main()
