"""A service that is killed again and again while it writes, callers that remember what they heard, and the reckoning.

The service is the one that operators run: its supervisor puts another worker in the place of the killed one.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from serving.keys import key_ring
from serving.opening import open_trail
from tests.builders_house import House
from tests.builders_servers import ROOT, Served, environment, running, serve_command
from tests.builders_serving import document

BODY = json.dumps(
    document(as_of="2025-11-20T09:12:00+08:00", case={"received_at": "2025-11-20T09:12:00+08:00"})
).encode()
"""A request whose instants lie in the past of any clock the test may run on."""


@dataclass
class Callers:
    """Intake systems that repeat each call under its key until it is acknowledged, and remember what they heard."""

    server: Served
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    failures: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self) -> None:
        """Call until told to stop, each call under a new key."""
        while not self._ended.is_set():
            self.insist(str(uuid.uuid4()))

    def insist(self, key: str) -> None:
        """Repeat one call until it is acknowledged, or until everything is over."""
        while not self._ended.is_set():
            try:
                status, answer = ask(self.server, key)
            except (OSError, http.client.HTTPException):
                self.failures += 1
                time.sleep(0.02)
                continue
            if status in {200, 201}:
                with self._lock:
                    self.acknowledged.setdefault(key, answer)
                return
            time.sleep(0.01)

    @contextmanager
    def at_work(self, count: int) -> Iterator[None]:
        """Let so many call at once until the block ends."""
        threads = [threading.Thread(target=self.call) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    def wait_for_more(self, *, seconds: float = 60) -> None:
        """Wait until one more call is acknowledged."""
        before, deadline = len(self.acknowledged), time.monotonic() + seconds
        while len(self.acknowledged) == before:
            if time.monotonic() > deadline:
                message = f"nothing was acknowledged for {seconds} s"
                raise AssertionError(message)
            time.sleep(0.004)


def ask(server: Served, key: str) -> tuple[int, bytes]:
    """Make one call on a connection of its own and return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        headers = {**server.who, "Content-Type": "application/json", "Idempotency-Key": key}
        connection.request("POST", "/v1/scores", body=BODY, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def serving(house: House, **variables: str) -> Iterator[Served]:
    """Run the service on the house's database, with room for whatever the callers do."""
    roomy = {"FENLIU_QUEUE": "1000", "FENLIU_RATE_PRINCIPAL": "100000", "FENLIU_RATE_ADDRESS": "100000"}
    quiet = {"FENLIU_LOG_LEVEL": "error", "FENLIU_BUSY_TIMEOUT_MS": "20000"}
    with running(serve_command(), house.folder, variables={**house.variables, **roomy, **quiet, **variables}) as server:
        yield server


def workers_of(server: Served) -> list[int]:
    """Return the process ids of the workers."""
    return [child.pid for child in psutil.Process(server.process.pid).children()]


def live_and_die(
    house: House, cycles: int, *, callers: int = 4, seed: int = 1, tell: Callable[[int, int], None] = lambda *_: None
) -> Callers:
    """Kill the service so many times at random moments while it writes; afterwards nobody calls any more.

    `tell` hears after each death how many there were, and how many calls were acknowledged.
    """
    dice = random.Random(seed)
    with serving(house) as server:
        crowd = Callers(server)
        with crowd.at_work(callers):
            for cycle in range(cycles):
                crowd.wait_for_more()
                time.sleep(dice.uniform(0, 0.15))
                for worker in workers_of(server):
                    os.kill(worker, signal.SIGKILL)
                tell(cycle + 1, len(crowd.acknowledged))
            crowd.wait_for_more()
    return crowd


WRITER = """
import os, sys
from serving.audit.chain import append
from serving.audit.event import Event
from serving.opening import keys_of, now, open_store
from serving.settings import Settings
settings = Settings.read(os.environ)
keys = keys_of(settings)
store = open_store(settings, keys)
for n in range(int(sys.argv[1])):
    event = Event(action="test.act", actor=f"cli:{os.getpid()}", object_id=str(n))
    store.write(lambda connection: append(connection, event, mac=keys.mac, at=now()))
"""
"""Puts so many actions on the chain, one transaction each."""


def write_together(house: House, actions: int, *, writers: int = 3) -> list[int]:
    """Let several processes put actions on the chain at once, and return their exit codes."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(actions)], cwd=ROOT, env=environment(house.folder, **house.variables)
        )
        for _ in range(writers)
    ]
    return [process.wait(timeout=600) for process in processes]


def ask_together(house: House, count: int, *, at_once: int = 100) -> list[tuple[int, bytes]]:
    """Make so many calls with one key through two workers, and return what was answered."""
    with serving(house, FENLIU_WORKERS="2") as server, ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda _: ask(server, "one-key-for-all"), range(count)))


@dataclass(frozen=True)
class Reckoning:
    """What a record lacks of what was acknowledged, and what is wrong with it by itself."""

    acknowledged: int
    lost: int
    changed: int
    findings: list[str]
    sound: bool
    rows: int

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, changed or found."""
        return (self.lost, self.changed, self.findings, self.sound) == (0, 0, [], True)


def reckon(house: House, acknowledged: dict[str, bytes]) -> Reckoning:
    """Hold what callers were told against what is on record; the chain proves the rest of the record."""
    seal = key_ring(house.settings.key_folder).seal
    kept = {row["id"]: row["answer"] for row in house.database.all("SELECT id, answer FROM advice")}
    told = {str(json.loads(answer)["id"]): answer for answer in acknowledged.values()}
    opened = {one: seal.open(bytes(kept[one]), f"advice.answer:{one}") for one in told if one in kept}
    trail = open_trail(house.settings)
    report = trail.verify()
    trail.store.close()
    return Reckoning(
        acknowledged=len(acknowledged),
        lost=len(acknowledged) - len(opened),
        changed=sum(told[one] != answer for one, answer in opened.items()),
        findings=[finding.zh for finding in report.findings],
        sound=_sound(house),
        rows=len(kept),
    )


def _sound(house: House) -> bool:
    if house.database.kind == "sqlite":
        return house.database.all("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    house.database.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
    checked = "SELECT bt_index_check(indexrelid, true) FROM pg_index JOIN pg_class c ON c.oid = indrelid "
    house.database.all(checked + "WHERE relnamespace = 'public'::regnamespace")
    return True
