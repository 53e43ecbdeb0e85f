"""A supervisor of workers that do nothing but live, for tests: run as a program of its own, because it forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from serving.logs import configure
from serving.supervisor import policy
from serving.supervisor.supervisor import Plan, Supervisor
from tests.builders_servers import ROOT


@dataclass(frozen=True)
class Supervised:
    """A running supervisor; every worker leaves its process id in `pids`, in the order of their starts."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def started(self) -> list[int]:
        """Process ids of all workers that ever began."""
        file = self.folder / "pids"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    @property
    def living(self) -> list[int]:
        """Process ids of the workers that live."""
        return [pid for pid in self.started if alive(pid)]

    def said(self) -> str:
        """Return what it has said so far."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def wait(self, what: str) -> None:
        """Wait until a condition on `self` holds; fail with the log if it never does."""
        deadline = time.monotonic() + 60
        while not eval(what, {}, {"s": self}):  # noqa: S307 - a test's own words
            if time.monotonic() > deadline:
                message = f"never: {what}\n{self.said()}\n{self.started}"
                raise AssertionError(message)
            time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process lives and is more than a memory."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def supervised(folder: Path, *, workers: int = 2, drain: float = 0.0, mode: str = "live") -> Iterator[Supervised]:
    """Yield a running supervisor."""
    command = [sys.executable, "-m", "tests.builders_supervisor", str(folder), str(workers), str(drain), mode]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)})
    found = Supervised(process, folder)
    try:
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        finally:
            for pid in found.living:
                os.kill(pid, signal.SIGKILL)


def role(folder: Path, mode: str, beat: int) -> int:
    """Be a worker of a kind: one that lives, fails, fails once the first is up, hangs, or will not end."""
    first = not (folder / "pids").exists()
    with (folder / "pids").open("a") as out:
        out.write(f"{os.getpid()}\n")
    if mode == "fail" or (mode == "fail later" and not first):
        return 3
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in range(10_000):
        if mode != "hang" or number == 0:
            os.write(beat, b".")
        time.sleep(0.02)
    return 0


def main(place: str, workers: str, drain: str, mode: str) -> int:
    """Supervise with short patience."""
    folder = Path(place)
    configure("info")
    policy.SILENT_SECONDS = policy.LEAVE_SECONDS = 0.5  # type: ignore[misc]
    plan = Plan(workers=int(workers), drain_seconds=float(drain), draining=folder / "run" / "draining")
    fell = lambda: sys.stderr.write("fell\n")  # noqa: E731 - one word
    done = Supervisor(lambda beat: role(folder, mode, beat), plan, fell=fell).run()
    return 0 if done else 6


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
