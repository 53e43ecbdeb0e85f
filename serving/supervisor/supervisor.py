"""The supervisor: forks workers from itself, so that a new one needs no second to be there when another has died."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from serving.logs import logger, where
from serving.supervisor.policy import Pace, Worker, missing

Role = Callable[[int], int]
"""What a forked process does: takes the writing end of its pipe, returns the exit code."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
_LOOK_EVERY: Final = 0.5

Phase = Literal["running", "draining", "ending"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many workers, how long to drain before they end, and the file that says that they drain."""

    workers: int
    drain_seconds: float
    draining: Path


@dataclass
class Supervisor:
    """Keeps the workers running until told to stop.

    SIGTERM drains: readiness turns to 503 first, so that a proxy sends nobody
    here any more, then the workers end; a second one, or SIGINT, ends them at
    once. SIGHUP exchanges the workers one by one, the new before the old.
    `told` passes words on to whoever started us, `buried` hears of every
    worker that has ended, and `fell` of one that ended before it came up.
    """

    role: Role
    plan: Plan
    told: Callable[[str], None] = lambda _: None
    buried: Callable[[int], None] = lambda _: None
    fell: Callable[[], None] = lambda: None
    timer: Callable[[], float] = time.monotonic
    _workers: dict[int, Worker] = field(default_factory=dict)
    _pace: Pace = field(default_factory=Pace)
    _phase: Phase = "running"
    _until: float = 0.0
    _rolling: list[int] = field(default_factory=list)
    _ever_up: bool = False
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> bool:
        """Return when everything has ended; False when no worker ever came up."""
        self.plan.draining.unlink(missing_ok=True)
        with self._selector, _signals() as wake:
            self._selector.register(wake, selectors.EVENT_READ, self._signalled)
            while self._phase != "ending" or self._workers:
                self._keep()
                for key, _ in self._selector.select(self._wait()):
                    key.data(key.fd)
        self.plan.draining.unlink(missing_ok=True)
        return self._ever_up

    def _wait(self) -> float:
        pending = [self._until] if self._phase == "draining" else []
        pending += [self._pace.not_before] if self._phase == "running" and self._pace.failures else []
        return max(0.0, min([_LOOK_EVERY, *(at - self.timer() for at in pending)]))

    def _keep(self) -> None:
        """Do whatever is due: start, kill, end."""
        now = self.timer()
        for worker in self._workers.values():
            if worker.overdue(now):
                logger().error("worker_killed", pid=worker.pid, up=worker.up)
                _send(worker.pid, signal.SIGKILL)
        if self._phase == "draining" and now >= self._until:
            self._end()
        if self._phase == "ending":
            return
        self._roll(now)
        if now >= self._pace.not_before:
            for _ in range(missing(self._workers.values(), wanted=self.plan.workers)):
                self._start()

    def _start(self) -> None:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become(reading, writing)
        os.close(writing)
        now = self.timer()
        self._workers[reading] = Worker(pid, now, now)
        self._selector.register(reading, selectors.EVENT_READ, self._heard)

    def _become(self, reading: int, writing: int) -> None:
        """Be the worker, in the forked process; never return."""
        status = 70
        try:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            for pipe in (reading, *self._workers):
                os.close(pipe)
            self._selector.close()
            status = self.role(writing)
        except BaseException as error:  # noqa: BLE001 - the edge of a process: nobody above could say it
            logger().error("worker_failed", **where(error))
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _heard(self, pipe: int) -> None:
        """Take a sign of life, or notice the end: the system closes the pipe with the process."""
        worker = self._workers[pipe]
        if os.read(pipe, 4096):
            if not worker.up:
                self._pace.came_up()
                self._first_up()
            worker.hears(self.timer())
            return
        self._selector.unregister(pipe)
        os.close(pipe)
        del self._workers[pipe]
        self._buried(worker)

    def _first_up(self) -> None:
        if not self._ever_up:
            self.told("READY=1")
        self._ever_up = True

    def _buried(self, worker: Worker) -> None:
        _, status = os.waitpid(worker.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        self.buried(worker.pid)
        expected = worker.leaving_since is not None
        note = logger().info if expected else logger().error
        note("worker_ended", pid=worker.pid, code=code, up=worker.up)
        if worker.up or expected:
            return
        self.fell()
        self._pace.failed(self.timer())
        self._rolling.clear()
        if not self._ever_up:
            self._end()

    def _signalled(self, wake: int) -> None:
        for number in os.read(wake, 4096):
            if number == signal.SIGHUP and self._phase == "running":
                logger().info("exchanging_workers")
                self._rolling = [pipe for pipe, worker in self._workers.items() if worker.leaving_since is None]
            elif number == signal.SIGTERM and self._phase == "running" and self.plan.drain_seconds > 0:
                self._drain()
            elif number in {signal.SIGTERM, signal.SIGINT}:
                self._end()

    def _roll(self, now: float) -> None:
        """Exchange one worker at a time: first another one comes up, then the old one is told to end."""
        self._rolling = [pipe for pipe in self._rolling if pipe in self._workers]
        staying = [worker for worker in self._workers.values() if worker.leaving_since is None]
        if not self._rolling or not all(worker.up for worker in staying):
            return
        if len(staying) <= self.plan.workers:
            self._start()
            return
        self._dismiss(self._workers[self._rolling.pop(0)], now)

    def _drain(self) -> None:
        logger().info("draining", seconds=self.plan.drain_seconds)
        self.told("STOPPING=1")
        self._phase, self._until = "draining", self.timer() + self.plan.drain_seconds
        self.plan.draining.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.plan.draining.touch(mode=0o600)

    def _end(self) -> None:
        self._phase = "ending"
        for worker in self._workers.values():
            self._dismiss(worker, self.timer())

    def _dismiss(self, worker: Worker, now: float) -> None:
        if worker.leaving_since is None:
            worker.leaving_since = now
        _send(worker.pid, signal.SIGTERM)


class _signals:  # noqa: N801 - reads as what it does where it is used
    """Turn signals into bytes of a socket while the supervisor runs, and put everything back afterwards."""

    def __enter__(self) -> socket.socket:
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.settimeout(0)
        self._before = [(number, signal.signal(number, lambda *_: None)) for number in _SIGNALS]
        self._wake = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        return self._reading

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._wake)
        for number, handler in self._before:
            signal.signal(number, handler)
        self._reading.close()
        self._writing.close()


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
