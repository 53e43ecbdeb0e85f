"""A real PostgreSQL server for tests: its own data folder and socket, stopped and removed at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.builders_orphans import ends_with_us

OWNER, SERVICE, ADMIN = "fenliu_owner", "fenliu_service", "postgres"


def binaries() -> Path | None:
    """Return the folder of the newest installed server's programs."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    if places:
        return places[-1].parent
    found = shutil.which("postgres")
    return Path(found).parent if found else None


@dataclass
class Server:
    """A running server with two roles of ours; each database in it is for one test."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, role: str, database: str) -> str:
        """Return an address as an operator would write it."""
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def admin(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection that may do everything."""
        return psycopg.connect(f"host={self.folder} user={ADMIN} dbname={database}", autocommit=True)

    def create(self, *, template: str = "template1") -> str:
        """Return the name of a new database that the owner's role owns."""
        name = f"fenliu_{next(self._numbers)}"
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}".encode())
        return name

    def drop(self, name: str) -> None:
        """Remove a database with whoever is still connected."""
        with self.admin() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def postgres_server(bin_folder: Path) -> Iterator[Server]:
    """Run a server until the block ends; as root it runs as user postgres, whom it wants to be."""
    folder = Path(tempfile.mkdtemp(prefix="fenliu-pg-", dir="/tmp"))
    who = _as_postgres(folder)
    subprocess.run(
        [bin_folder / "initdb", "-D", folder / "data", "-U", ADMIN, "--auth=trust", "--encoding=UTF8", "--no-sync",
         "--locale=C.UTF-8"],
        check=True, capture_output=True, cwd=folder, **who,
    )  # fmt: skip
    options = {"unix_socket_directories": folder, "listen_addresses": "", "synchronous_commit": "on", "fsync": "on"}
    command = [bin_folder / "postgres", "-D", folder / "data"]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, **who,
            preexec_fn=ends_with_us(signal.SIGQUIT),  # noqa: PLW1509 - one system call, and no lock is taken
        )  # fmt: skip
    server = Server(folder)
    try:
        _wait(server, process)
        with server.admin() as connection:
            for role in (OWNER, SERVICE):
                connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        yield server
    finally:
        process.terminate()
        process.send_signal(3)  # immediate shutdown: nothing of it is kept
        process.wait(timeout=30)
        shutil.rmtree(folder)


def _as_postgres(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(ADMIN)
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o755)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.admin().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    message = f"PostgreSQL did not start: {(server.folder / 'log').read_text(encoding='utf-8')[-2000:]}"
    raise AssertionError(message)
