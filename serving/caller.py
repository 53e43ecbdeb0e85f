"""Calling a service as an intake system does, and starting one of our own to call."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_START_SECONDS: Final = 60.0

Answer = Mapping[str, Any]
Ask = Callable[[str, str, Mapping[str, object] | None], tuple[int, Answer]]


class UnreachableError(RuntimeError):
    """The service does not answer."""


@dataclass(frozen=True)
class Client:
    """Speaks to one service over plain HTTP, never through a proxy, and says by a key who it is."""

    url: str
    key: str = field(default="", repr=False)

    def __call__(self, method: str, path: str, document: Mapping[str, object] | None) -> tuple[int, Answer]:
        """Send one request and return status and decoded body."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=30)
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())} if document else {}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        body = None if document is None else json.dumps(document, ensure_ascii=False).encode()
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            msg = f"服务不可达：{self.url}（{type(error).__name__}）/ the service at {self.url} does not answer"
            raise UnreachableError(msg) from error
        finally:
            connection.close()
        return response.status, json.loads(text) if text.strip() else {}


@contextmanager
def own_service(url: str, log: Path) -> Iterator[None]:
    """Run a service of our own at the address, with what it says in the log file.

    Raises
    ------
    UnreachableError
        It did not start.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "serving.cli", "serve"]
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        # Nobody stands before this service that would have to be told that it drains.
        env = {**os.environ, "FENLIU_DRAIN_SECONDS": "0"}
        process = subprocess.Popen(command, stdout=out, stderr=out, env=env)  # noqa: S603 - our own command
    try:
        _wait(url, process, log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _alive(url):
        if process.poll() is not None or time.monotonic() > deadline:
            msg = f"服务未能启动：{url}，原因见 {log} / the service did not start; see {log}"
            raise UnreachableError(msg)
        time.sleep(0.2)


def _alive(url: str) -> bool:
    try:
        status, _ = Client(url)("GET", "/livez", None)
    except (UnreachableError, ValueError):
        return False
    return status == 200
