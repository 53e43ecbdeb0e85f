"""Starting a service of our own, to call it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from serving.client import Client, UnreachableError

_START_SECONDS: Final = 180.0


@contextmanager
def own_service(url: str, log: Path, *, command: Sequence[str] = ("serve",), alive: str = "/livez") -> Iterator[None]:
    """Run a service of our own at the address, with what it says in the log file; it is up once `alive` answers.

    Raises
    ------
    UnreachableError
        It did not start.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        # Nobody stands before this service that would have to be told that it drains.
        env = {**os.environ, "FENLIU_DRAIN_SECONDS": "0"}
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "serving.cli", *command], stdout=out, stderr=out, env=env
        )
    try:
        _wait(url + alive, process, log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _alive(address):
        if process.poll() is not None or time.monotonic() > deadline:
            msg = f"服务未能启动：{address}，原因见 {log} / the service did not start; see {log}"
            raise UnreachableError(msg)
        time.sleep(0.2)


def _alive(address: str) -> bool:
    host, _, path = address.removeprefix("http://").partition("/")
    try:
        return Client(f"http://{host}").once("GET", f"/{path}", None, {}).status == http.client.OK
    except UnreachableError:
        return False
