"""Ten times the load that one worker can serve: how much of its best it still does, and how the rest is sent away.

Run: python -m benchmarks.overload
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.http import SERVE, running
from serving.samples import sample
from tests.builders_models import tiny_bundle
from tests.builders_servers import free_port, key_of

SECONDS = 8.0
FEW, MANY = 8, 240
"""Connections at once: enough to find the best rate, and enough to ask for ten times of it."""

WINDOW = 0.5


@dataclass
class Tally:
    """What became of the calls of one phase."""

    began: float
    statuses: Counter[int] = field(default_factory=Counter)
    good_at: list[float] = field(default_factory=list)
    without_retry_after: int = 0
    broken: int = 0
    slowest: float = 0.0

    def note(self, status: int, head: bytes, started: float) -> None:
        """Count one answer."""
        now = time.perf_counter()
        self.statuses[status] += 1
        self.slowest = max(self.slowest, now - started)
        if status == 201:
            self.good_at.append(now - self.began)
        elif status == 429 and b"retry-after" not in head:
            self.without_retry_after += 1

    @property
    def goodput(self) -> float:
        """Answers on record a second."""
        return len(self.good_at) / SECONDS

    @property
    def offered(self) -> float:
        """Calls a second."""
        return sum(self.statuses.values()) / SECONDS


@dataclass
class Caller:
    """Somebody who asks over one connection, again and again."""

    port: int
    key: str
    body: bytes

    async def ask(self, tally: Tally, *, until: float, pause: float) -> None:
        """Ask until the time is up, waiting at least `pause` between the beginnings of two calls."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        due = time.perf_counter()
        while (now := time.perf_counter()) < until:
            if now < due:
                await asyncio.sleep(min(due - now, max(0.0, until - now)))
                continue
            due = max(due + pause, now - pause)
            try:
                await self._once(reader, writer, tally)
            except (OSError, asyncio.IncompleteReadError):
                tally.broken += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.close()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tally: Tally) -> None:
        started = time.perf_counter()
        head = (
            f"POST /v1/scores HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        writer.write(head.encode() + self.body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        tally.note(int(answer[9:12]), answer, started)


async def phase(caller: Caller, *, connections: int, rate: float = 0.0) -> Tally:
    """Ask over so many connections; `rate` is how many calls a second they offer together, 0 for as many as go."""
    began = time.perf_counter()
    tally = Tally(began)
    pause = connections / rate if rate else 0.0
    await asyncio.gather(*(caller.ask(tally, until=began + SECONDS, pause=pause) for _ in range(connections)))
    return tally


def recovered_after(tally: Tally, best: float) -> float | None:
    """Return the seconds until half a second brought nine tenths of the best again."""
    for number in range(int(SECONDS / WINDOW)):
        begin = number * WINDOW
        if sum(begin <= at < begin + WINDOW for at in tally.good_at) >= 0.9 * best * WINDOW:
            return begin
    return None


async def measure(caller: Caller) -> None:
    """Find the best rate, offer ten times of it, and watch the service come back."""
    await phase(caller, connections=FEW)
    best = await phase(caller, connections=FEW)
    flood = await phase(caller, connections=MANY, rate=10 * best.goodput)
    after = await phase(caller, connections=FEW)
    share, times = flood.goodput / best.goodput, flood.offered / best.goodput
    back = recovered_after(after, best.goodput)
    print(f"best              {best.goodput:6.0f} good/s   slowest {best.slowest * 1e3:5.0f} ms")
    print(f"ten times of it   {flood.goodput:6.0f} good/s   slowest {flood.slowest * 1e3:5.0f} ms   {share:.0%} of it")
    print(f"  offered {flood.offered:.0f}/s ({times:.1f} times the best); statuses {dict(flood.statuses)}")
    print(f"  429 without Retry-After {flood.without_retry_after}, broken connections {flood.broken}")
    print(f"after it          {after.goodput:6.0f} good/s   nine tenths of the best after {back} s")


def main() -> None:
    """Start a service with a small model and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        tiny_bundle(home / "bundles", "bench-1")
        (home / "bundles" / "current").write_text("bench-1", encoding="utf-8")
        with running([*SERVE, str(port)], home, port):
            key = key_of({"FENLIU_HOME": str(home)}, client="bench")
            body = orjson.dumps({**sample("fast"), "explain": {"reasons": 5, "flips": 3}})
            asyncio.run(measure(Caller(port, key, body)))


if __name__ == "__main__":
    main()
