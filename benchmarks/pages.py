"""How long a judge waits: the case page of a stored case, and a queue of fifty rows with a million cases on record.

Usage: python -m benchmarks.pages [--cases 1000000] [--calls 40]

Pages are made by the real handlers behind the real guard, in this process; the time includes the commit of the
reading's audit row. On a busy machine times of the clock mean little, those of the processor more. The million
cases all wait, which is the worst that a queue can be; their content is a copy of one.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from serving.access.roles import Role
from serving.record.comparison.reading import Reader
from serving.record.court_settings import ReviewMode
from serving.repositories.case_numbers import parts_of
from serving.repositories.comparison.similar import SimilarStore
from serving.store.engine import open_engine
from serving.store.tables import advice, closed_cases, open_case_parts, open_cases
from tests.builders_case import case_document
from tests.builders_pages import Courthouse, person, standing_in
from tests.builders_serving import KEYS, client, opened

TOGETHER = 20_000
JUDGE = person("li.ming", Role.JUDGE)


def main() -> None:
    """Build the court, call its pages, and print medians and slowest tenths."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases on record that wait")
    parser.add_argument("--calls", type=int, default=40, help="calls of each page")
    parser.add_argument("--closed", type=int, default=2_000, help="closed cases that a first look compares with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model").mkdir()
        standing = standing_in(Path(folder) / "model", model=True)
        court = Courthouse(Path(folder), opened(Path(folder)), standing)
        court.mode(ReviewMode.OPEN)
        case = court.score(case_document(explain={"reasons": 5, "flips": 3}))
        fresh = [court.score(case_document(application_id=f"NEW-{n}")) for n in range(asked.calls)]
        _close(court, case, asked.closed)
        asyncio.run(_first_looks(court, fresh))
        _multiply(Path(folder) / "fenliu.db", asked.cases)
        asyncio.run(_measure(court, case, asked.calls))


def _close(court: Courthouse, case: str, count: int) -> None:
    """Put copies of the one case on record as closed a month before, ready to be compared with."""
    keys, (year, month) = KEYS, ("2026", "10")
    records = SimilarStore(court.store, keys)
    row, reader = records.answer(case), Reader.of(court.standing)
    leaves = None if reader is None else reader.leaves(row)
    if leaves is None:
        raise SystemExit("no model to compare by")

    def work(connection: sa.Connection) -> None:
        kept = dict(connection.execute(sa.select(advice).where(advice.c.id == case)).mappings().one())
        for n in range(1, count + 1):
            own = {"id": f"SCR-20260901-{n:06d}", "application_id": f"OLD-{n}", "day": "2026-09-01", "number": n}
            sealed = {"input": keys.seal.close(row["input"], f"advice.input:{own['id']}"), "features": None}
            connection.execute(sa.insert(advice), {**kept, **own, **sealed})
            ready = {
                "advice_id": own["id"], "court_code": "浙1022", "application_id": own["application_id"], "stage": "A",
                "closed_on": f"{year}-{month}-{n % 28 + 1:02d}", "mode": "full", "recorded_at": "2026-11-01T00:00:00",
                "model_sha256": kept["model_sha256"],
                "leaves": keys.seal.close(leaves.tobytes(), f"closed_cases.leaves:{own['id']}"),
            }  # fmt: skip
            connection.execute(sa.insert(closed_cases), ready)

    court.store.write(work)


async def _first_looks(court: Courthouse, fresh: list[str]) -> None:
    """Open case pages for the first time, when similar cases are looked for, and then again."""
    async with client(court.app(JUDGE)) as caller:
        for name in ("case page, first look", "case page, later looks"):
            times = [await once(caller, f"/cases/{advice_id}") for advice_id in fresh]
            took, work = ([one[place] for one in times] for place in (0, 1))
            slow = sorted(took)[int(len(took) * 0.9)]
            shown = f"p50 {statistics.median(took):7.1f} ms   p90 {slow:7.1f} ms"
            print(f"{name:44s} {shown}   processor p50 {statistics.median(work):6.1f} ms   ({len(times)} calls)")


def _multiply(file: Path, cases: int) -> None:
    """Put copies of the one case on record, each with a number and a deadline of its own."""
    engine = open_engine(file, busy_timeout_ms=5000)
    with engine.begin() as connection:
        waiting = dict(connection.execute(sa.select(open_cases).limit(1)).mappings().one())
        row = dict(connection.execute(sa.select(advice).where(advice.c.id == waiting["advice_id"])).mappings().one())
        small = dict.fromkeys(("input", "features", "rules", "answer"), b"-")
        for start in range(1_000, cases + 1, TOGETHER):
            numbers = range(start, min(start + TOGETHER, cases + 1))
            connection.execute(sa.insert(advice), [{**row, **small, **_own(n), "number": n} for n in numbers])
            connection.execute(sa.insert(open_cases), [_waiting(waiting, n) for n in numbers])
            parts = [_part(n, part) for n in numbers for part in parts_of(str(_own(n)["application_id"]))]
            connection.execute(sa.insert(open_case_parts), parts)
    engine.dispose()


def _own(n: int) -> dict[str, Any]:
    return {"id": f"SCR-20261120-{n:07d}", "application_id": f"SQ20261120-{n:07d}"}


def _part(n: int, part: str) -> dict[str, Any]:
    return {"part": part, "court_code": "浙1022", "application_id": _own(n)["application_id"]}


def _waiting(row: dict[str, Any], n: int) -> dict[str, Any]:
    own = _own(n)
    due = f"2027-{n * 7 % 12 + 1:02d}-{n * 11 % 28 + 1:02d}"
    route = ("urge", "fast", "complex")[n % 3]
    return {**row, "application_id": own["application_id"], "advice_id": own["id"], "due_on": due, "route": route}


async def _measure(court: Courthouse, case: str, calls: int) -> None:
    pages = {
        "case page": f"/cases/{case}",
        "advice sheet": f"/cases/{case}/sheet",
        "queue, first page": "/queue",
        "queue, one lane": "/queue?lane=complex",
        "queue, free only": "/queue?free=true",
        "queue, part of a number that one case has": "/queue?number=0999999",
        "queue, beginning that all share": "/queue?number=SQ2026",
        "queue, part that no case has": "/queue?number=4711-08",
    }
    async with client(court.app(JUDGE)) as caller:
        for name, path in pages.items():
            few = calls if "number" not in path else max(3, calls // 10)
            times = [await once(caller, path) for _ in range(few)]
            took, work = ([one[place] for one in times] for place in (0, 1))
            slow = sorted(took)[int(len(took) * 0.9)]
            shown = f"p50 {statistics.median(took):7.1f} ms   p90 {slow:7.1f} ms"
            print(f"{name:44s} {shown}   processor p50 {statistics.median(work):6.1f} ms   ({few} calls)")


async def once(caller: httpx.AsyncClient, path: str) -> tuple[float, float]:
    """Return the milliseconds a call took by the clock and of the processor's time."""
    begun, worked = time.perf_counter(), time.process_time()
    answer = await caller.get(path)
    took, work = time.perf_counter() - begun, time.process_time() - worked
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(answer.text[:500])
    return took * 1000, work * 1000


if __name__ == "__main__":
    main()
