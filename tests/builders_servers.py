"""Real servers for tests: started on a free loopback port, watched, and stopped again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psutil

from serving.access.actions import ADMINISTRATION, OWN, Action
from serving.access.principal import EVERY_COURT
from serving.identity.at_command import Scope, bureau
from serving.settings import Settings
from tests.builders_orphans import ends_with_us

ROOT = Path(__file__).resolve().parent.parent
BENTOML = Path(sys.executable).with_name("bentoml")

WATCH = """
import os, sys
for name in ("pandas", "sklearn", "mlflow", "pyarrow", "matplotlib"):
    sys.modules[name] = None
file = os.environ.get("WATCH_FILE")
root = os.environ.get("WATCH_WITHOUT")
if root:
    sys.path[:] = [place for place in sys.path if os.path.realpath(place or ".") != root]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in getattr(finder, "__module__", "")]
if file:
    def watch(event, args):
        if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"}:
            with open(file, "a") as out:
                out.write(f"{event} {args[1] if event in {'socket.connect', 'socket.sendto'} else args[0]}\\n")
    sys.addaudithook(watch)
"""
"""Runs first in every process of a server: takes away what only training installs, notes each look-up and
connection, and hides the sources on demand."""


@dataclass(frozen=True)
class Served:
    """A running server, and a key that opens everything of it but administration.

    `effort` is the processor time its start took, which a busy machine does not stretch.
    """

    url: str
    key: str
    process: subprocess.Popen[bytes]
    log: Path
    watched: Path
    effort: float

    def post(self, sent: object, *, path: str = "/v1/scores", **headers: str) -> httpx.Response:
        """Send a document or raw bytes."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        given = {
            **self.who,
            "Content-Type": "application/json",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        return httpx.post(self.url + path, content=body, headers=given, timeout=30, trust_env=False)

    def get(self, path: str) -> httpx.Response:
        """Fetch a path."""
        return httpx.get(self.url + path, headers=self.who, timeout=30, trust_env=False)

    @property
    def who(self) -> dict[str, str]:
        """The header that says who calls."""
        return {"Authorization": f"Bearer {self.key}"}

    def family(self) -> list[psutil.Process]:
        """Return the process and everything it has started."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def listening(self) -> set[tuple[str, int]]:
        """Return every TCP address the family listens on."""
        found = [one for process in self.family() for one in process.net_connections("tcp")]
        return {(one.laddr.ip, one.laddr.port) for one in found if one.status == psutil.CONN_LISTEN}

    @property
    def port(self) -> int:
        """The port of the service."""
        return int(self.url.rpartition(":")[2])


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return the variables of a server whose home is in the folder; nothing tells BentoML not to track."""
    hooks = folder / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("BENTOML", "FENLIU", "PYTHONPATH"))}
    own = {
        "FENLIU_HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join([str(hooks), str(ROOT)]),
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "WATCH_FILE": str(folder / "watched.txt"),
        "BENTOML_HOME": str(folder / "bentoml"),
    }
    return {**kept, **own, **variables}


@contextmanager
def running(
    command: Sequence[str], folder: Path, *, cwd: Path = ROOT, variables: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Yield the server that the command starts; `{port}` in it stands for the port."""
    port = free_port()
    folder.mkdir(exist_ok=True)
    log = folder / "log.txt"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [part.format(port=port) for part in command],
            cwd=cwd, env=environment(folder, **(variables or {})), stdout=out, stderr=out, start_new_session=True,
            preexec_fn=ends_with_us(signal.SIGTERM),  # noqa: PLW1509 - one system call, and no lock is taken
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait_ready(url, process, log)
        key = key_of({**environment(folder), **(variables or {})})
        yield Served(url, key, process, log, folder / "watched.txt", effort_of(process))
    finally:
        stop(process)


def key_of(variables: Mapping[str, str], *, client: str = "test") -> str:
    """Make a key on the store of a server with these variables, and return its text."""
    scope = Scope(actions=frozenset(Action) - ADMINISTRATION - OWN, courts=EVERY_COURT, lasts=timedelta(days=1))
    with bureau(Settings.read(variables)) as found:
        return found.api_keys.create(client, scope, origin=found.origin).text


def effort_of(process: subprocess.Popen[bytes]) -> float:
    """Return the processor seconds of a process and everything it has started."""
    parent = psutil.Process(process.pid)
    times = [one.cpu_times() for one in [parent, *parent.children(recursive=True)]]
    return sum(spent.user + spent.system for spent in times)


def wait_ready(url: str, process: subprocess.Popen[bytes], log: Path, *, seconds: float = 120) -> None:
    """Wait until the server is ready, or fail with what it said."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url + "/readyz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    message = f"not ready: {log.read_text(encoding='utf-8')[-3000:]}"
    raise AssertionError(message)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server as an operator would, and its family for certain."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=5)


def serve_command() -> list[str]:
    """Return the command of the plain way: uvicorn, no process manager with a control port."""
    return [sys.executable, "-m", "serving.cli", "serve", "--port", "{port}"]


def bentoml_command(service: str = "serving.service:TriageService") -> list[str]:
    """Return the command of BentoML's way."""
    return [str(BENTOML), "serve", service, "--port", "{port}"]
