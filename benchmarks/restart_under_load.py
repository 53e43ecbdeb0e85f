"""Restarts the service under load behind the documented nginx, and counts the calls that were lost.

    python -m benchmarks.restart_under_load --calls 4

The nginx of docs/deploy/nginx.conf stands in front, its ports and certificate replaced; a socket that nobody closes
stands for systemd's. Callers make keyed writes, each on a new connection, and never repeat one. While they do, the
workers are exchanged (SIGHUP), the whole service is stopped (SIGTERM) and started anew on the same socket, and a worker
is killed. Printed: calls, calls lost, and how soon a killed worker was back. Needs nginx and openssl.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from serving.model_life.fleet import reports
from tests.builders_models import tiny_bundle
from tests.builders_servers import ROOT, environment, free_port, key_of, wait_ready
from tests.test_service_life import sent

BODY = json.dumps(sent()).encode()


@dataclass
class Callers:
    """Callers of the proxy; a call without a good answer is lost."""

    url: str
    key: str
    done: int = 0
    lost: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def _call(self, trust: ssl.SSLContext) -> None:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
            "Host": "fenliu.court.example",
        }
        try:
            answer = httpx.post(
                self.url + "/v1/scores", content=BODY, headers=headers, timeout=180, verify=trust, trust_env=False
            )
        except httpx.HTTPError as error:
            self.lost.append(type(error).__name__)
            return
        self.done += 1
        if answer.status_code not in {200, 201}:
            self.lost.append(f"{answer.status_code} {answer.text[:80]}")

    def _keep_calling(self) -> None:
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        while not self._over.is_set():
            self._call(trust)

    @contextmanager
    def calling(self, callers: int) -> Iterator[None]:
        """Call without a pause."""
        threads = [threading.Thread(target=self._keep_calling) for _ in range(callers)]
        for thread in threads:
            thread.start()
        yield
        self._over.set()
        for thread in threads:
            thread.join()


def serve(listener: socket.socket, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the service on a socket that is passed on to it as systemd does."""
    os.dup2(listener.fileno(), 3, inheritable=True)
    variables = {
        "FENLIU_PORT": str(port), "FENLIU_WORKERS": "2", "FENLIU_HOSTS": "fenliu.court.example",
        "FENLIU_TRUSTED_PROXIES": "127.0.0.1", "FENLIU_DRAIN_SECONDS": "1", "LISTEN_FDS": "1",
    }  # fmt: skip
    command = f"export LISTEN_PID=$$; exec {sys.executable} -m serving.cli serve"
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", command], cwd=ROOT, env=environment(folder, **variables), pass_fds=[3], stderr=log
        )


@contextmanager
def proxy(folder: Path, port: int) -> Iterator[str]:
    """Run the documented nginx in front of the port, and yield its address."""
    own = free_port()
    subject = ["-subj", "/CN=fenliu.court.example", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    files = ["-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    openssl = shutil.which("openssl") or "/usr/bin/openssl"
    subprocess.run([openssl, "req", "-x509", *subject, *files], check=True, capture_output=True)
    text = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:3000", f"127.0.0.1:{port}").replace("listen 443 ssl", f"listen 127.0.0.1:{own} ssl")
    text = re.sub(r"/etc/nginx/fenliu\.(crt|key)", rf"{folder}/tls.\1", text)
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\nevents {{}}\nhttp {{\n{paths}"
    (folder / "nginx.conf").write_text(f"{head}{text}\n}}\n", encoding="utf-8")
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    with subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as process:
        time.sleep(1)
        yield f"https://127.0.0.1:{own}"
        process.send_signal(signal.SIGTERM)


def main(callers: int, kills: int) -> int:
    """Run everything once; return 1 if a call was lost."""
    with tempfile.TemporaryDirectory() as place, socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        folder, port = Path(place), listener.getsockname()[1]
        workers = folder / "home" / "run" / "workers"
        tiny_bundle(folder / "home" / "bundles")
        (folder / "home" / "bundles" / "current").write_text("tiny-1", encoding="utf-8")
        process = serve(listener, folder, port)
        wait_ready(f"http://127.0.0.1:{port}", process, folder / "log.txt")
        load = Callers("", key_of(environment(folder)))
        with proxy(folder, port) as load.url, load.calling(callers):
            time.sleep(3)
            backs = [_kill(workers) for _ in range(kills)]
            _told("killed workers", load)
            before = _pids(workers)
            process.send_signal(signal.SIGHUP)
            while before & _pids(workers) or len(_pids(workers)) < 2:
                time.sleep(0.1)
            _told("exchanged workers", load)
            process.send_signal(signal.SIGTERM)
            process.wait()
            process = serve(listener, folder, port)
            while len(_pids(workers)) < 2:
                time.sleep(0.1)
            time.sleep(3)
            _told("whole service restarted", load)
        process.send_signal(signal.SIGINT)
        process.wait()
    print(f"killed worker answers again after (s): median {statistics.median(backs):.2f}, worst {max(backs):.2f}")
    return 1 if load.lost else 0


def _kill(workers: Path) -> float:
    """Kill one worker and return the seconds until another one has taken its place."""
    victim = min(_pids(workers))
    os.kill(victim, signal.SIGKILL)
    started = time.monotonic()
    while victim in _pids(workers) or len(_pids(workers)) < 2:
        time.sleep(0.02)
    seconds = time.monotonic() - started
    time.sleep(1)
    return seconds


def _pids(workers: Path) -> set[int]:
    return {int(str(report["pid"])) for report in reports(workers)}


def _told(what: str, load: Callers) -> None:
    print(f"{what}: {load.done} calls so far, {len(load.lost)} lost {sorted(set(load.lost))[:5]}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=4, help="callers at once")
    parser.add_argument("--kills", type=int, default=5)
    given = parser.parse_args()
    sys.exit(main(given.calls, given.kills))
