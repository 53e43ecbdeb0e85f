"""Figures for monitoring: by declared address, summed over workers, on a port of their own, off by default."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from serving.metrics.exporter import Exporter
from serving.metrics.meter import SILENT, Meter
from serving.metrics.prometheus import meter
from serving.settings import Settings, SettingsError
from tests.builders_servers import ROOT, free_port, running, serve_command
from tests.builders_serving import MARKER, get, guarded, post

pytestmark = pytest.mark.anyio

COUNT = """
import os, sys
from pathlib import Path
from serving.metrics.prometheus import exposed, forget, meter, prepare
prepare(Path(sys.argv[1]))
for number in (1, 2):
    pid = os.fork()
    if pid == 0:
        found = meter()
        for _ in range(number):
            found.request("/v1/scores", "POST", status=201, seconds=0.02)
        found.shadow_lost(number)
        found.standing(model_sha256="a" * 64, ruleset_sha256="b" * 64, mode="model")
        if number == 2:
            found.standing(model_sha256="c" * 64, ruleset_sha256="b" * 64, mode="model")
        os._exit(0)
    os.waitpid(pid, 0)
print(exposed()[0].decode())
forget(pid)
print("AFTER")
print(exposed()[0].decode())
"""
"""Two workers, one after the other, that count and end; the second has exchanged its model."""


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the service does."""
    return "asyncio"


def counted(folder: Path) -> tuple[str, str]:
    """Return what is exposed after two workers have counted, and after the second was buried."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(folder / "figures")], capture_output=True, text=True, check=True, env=env
    )
    before, _, after = done.stdout.partition("AFTER")
    return before, after


def test_workers_are_summed_and_their_past_outlives_them(tmp_path: Path) -> None:
    """Counts of all workers together; a dead worker's state goes, its counts stay."""
    before, after = counted(tmp_path)
    assert 'fenliu_requests_total{method="POST",route="/v1/scores",status="201"} 3.0' in before
    assert 'fenliu_request_seconds_bucket{le="0.025",route="/v1/scores"} 3.0' in before
    assert "fenliu_shadow_lost_total 3.0" in before
    assert "fenliu_requests_total{" in after
    line = 'fenliu_workers{{mode="model",model_sha256="{}",ruleset_sha256="bbbbbbbbbbbb"}} {}'
    assert line.format("a" * 12, "1.0") in before
    assert line.format("c" * 12, "1.0") in before
    assert line.format("c" * 12, "1.0") not in after


class Listening(Meter):
    """Remembers what it was asked to count."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, int]] = []

    def request(self, route: str, method: str, *, status: int, seconds: float) -> None:
        """Remember one request."""
        assert seconds >= 0
        self.requests.append((route, method, status))


async def test_requests_are_counted_by_declared_address_only(tmp_path: Path) -> None:
    """Whatever a caller types makes no new series: ids, odd methods and unknown paths fall together."""
    heard = Listening()
    app = guarded(tmp_path)
    app._meter = heard  # type: ignore[attr-defined]
    await post(app)
    for number in range(3):
        await get(app, f"/{MARKER}/{number}")
        await get(app, f"/v1/scores/SCR-20261120-00000{number}")
    assert set(heard.requests) == {
        ("/v1/scores", "POST", 201),
        ("unmatched", "?", 404),
        ("/v1/scores/{id}", "GET", 404),
        ("/v1/scores/{id}", "GET", 200),
    }


def test_without_a_folder_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under BentoML's own server, in tests and in commands the library is not even imported."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    meter.cache_clear()
    assert meter() is SILENT
    meter.cache_clear()


def test_the_port_is_off_and_kept_to_this_machine() -> None:
    """Nobody opens it by accident, and to others only together with the service."""
    assert Settings().metrics_port == 0
    with pytest.raises(SettingsError, match=r"FENLIU_METRICS_HOST='0\.0\.0\.0' 可被其他机器访问"):
        Settings(metrics_host="0.0.0.0")


def test_the_exporter_knows_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """GET /metrics and nothing else; it says neither what it runs on nor what was asked."""
    monkeypatch.setattr("serving.metrics.exporter.exposed", lambda: (b"fenliu 1\n", "text/plain; version=1"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        exporter = Exporter(listener)
        exporter.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        found = httpx.get(url + "/metrics", trust_env=False)
        assert (found.status_code, found.content, found.headers["server"].strip()) == (200, b"fenliu 1\n", "Fenliu")
        assert httpx.get(f"{url}/{MARKER}", trust_env=False).status_code == 404
        assert httpx.post(url + "/metrics", trust_env=False).status_code == 501
        exporter.shutdown()


def test_a_running_service_is_measured_on_its_own_port(tmp_path: Path) -> None:
    """Two workers: figures of both, no personal marker, and nothing of it on the service's own port."""
    port = free_port()
    variables = {"FENLIU_WORKERS": "2", "FENLIU_METRICS_PORT": str(port)}
    with running(serve_command(), tmp_path, variables=variables) as server:
        for number in range(20):
            server.get(f"/{MARKER}/{number}")
        assert server.get("/metrics").status_code == 404
        figures = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        assert server.listening() == {("127.0.0.1", server.port), ("127.0.0.1", port)}
    assert re.search(r'fenliu_requests_total\{method="\?",route="unmatched",status="404"\} 21\.0', figures)
    assert re.search(r'fenliu_workers\{mode="rules",model_sha256="",ruleset_sha256="\w{12}"\} [12]\.0', figures)
    assert MARKER not in figures
    assert len(figures) < 20_000
