"""How long the page of indicators takes on a court of a million cases, beside one of ten thousand, and the counting.

    python -m benchmarks.indicators_page [--cases 1000000] [--folder /tmp/x]

On a busy machine times of the clock mean little, those of the processor more.
Courses are drawn at random (simulated) and put straight into their table; the
answers that they would come from are not made. Page times are medians of
thirty, through the guard and the whole application, without a network.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from features.clock import days_of
from serving.store.tables.indicators import case_courses, indicator_state
from tests.builders_indicators import COURT, Court
from tests.builders_serving import client, guarded
from tests.test_team_loads import LEAD, TEAMS

TOGETHER = 50_000
NAMES = ("received", "filed", "ended", "closed", "claim", "recovered", "money_at", "urged", "filed_due", "late_from")


def drawn(n: int, today: float) -> list[dict[str, object]]:
    """Return n courses of the last three years."""
    rng = np.random.default_rng(7)
    received = today - rng.uniform(1.0, 1000.0, n)
    filed = received + np.where(rng.random(n) < 0.97, rng.uniform(0, 7, n), rng.uniform(8, 40, n))
    open_, urged = rng.random(n) < 0.03, rng.random(n) < 0.2
    closed = np.where(open_, np.nan, filed + rng.gamma(2.0, 40.0, n))
    closed = np.where(closed > today, np.nan, closed)
    state = np.where(np.isnan(closed), 0, rng.choice([2, 3, 4], n, p=[0.42, 0.38, 0.2]))
    claim = rng.lognormal(10.5, 1.2, n)
    due = np.floor(received) + 7
    columns = {
        "received": received, "filed": filed, "ended": closed, "closed": closed, "claim": claim,
        "recovered": claim * rng.random(n), "money_at": closed, "urged": np.where(urged, received + 1, np.nan),
        "filed_due": due, "late_from": np.where(filed >= due + 1, due, np.nan),
    }  # fmt: skip
    team = rng.choice(["kz1", "jb1"], n)
    known = {name: [None if np.isnan(one) else float(one) for one in values] for name, values in columns.items()}
    return [
        {
            **{name: known[name][i] for name in NAMES},
            "court_code": COURT, "application_id": f"SQ{i:08d}", "advice_id": f"SCR-20261120-{i:06d}",
            "state": int(state[i]), "resumed": 0, "simulated": 1, "family": i % 18, "lane": "fast",
            "decided": float(received[i]), "next_due": float(due[i] + 180), "team": str(team[i]) if i % 10 else None,
            "assigned": float(received[i]),
        }
        for i in range(n)
    ]  # fmt: skip


def filled(folder: Path, n: int) -> Court:
    """Return a court with n courses and two teams."""
    court = Court.empty(folder)
    court.set(teams=TEAMS)
    rows = drawn(n, days_of(court.now))
    for first in range(0, n, TOGETHER):
        part = rows[first : first + TOGETHER]
        court.store.write(lambda connection, part=part: connection.execute(insert(case_courses), part))
    stamp = court.now.isoformat(timespec="seconds")
    state = [{"court_code": code, "seq": 1_000_000, "read_at": stamp, "cases": 0} for code in (COURT, "*")]
    court.store.write(lambda connection: connection.execute(insert(indicator_state), state))
    return court


async def median_of(court: Court, path: str, times: int = 30) -> tuple[float, float]:
    """Return the medians of one page in milliseconds: on the clock, and of the processor."""
    app, found = guarded(court.folder, principal=LEAD, store=court.store, clock=lambda: court.now), []
    async with client(app) as caller:
        for _ in range(times):
            began, busy = time.perf_counter(), time.process_time()
            answer = await caller.get(path)
            found.append(((time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000))
            assert answer.status_code == 200, answer.text[:300]
    clock, processor = zip(*found, strict=True)
    return statistics.median(clock), statistics.median(processor)


def main() -> None:
    """Measure and print."""
    told = argparse.ArgumentParser()
    told.add_argument("--cases", type=int, default=1_000_000)
    told.add_argument("--folder", type=Path)
    asked = told.parse_args()
    for n in (10_000, asked.cases):
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            court = filled(Path(folder), n)
            began, busy = time.perf_counter(), time.process_time()
            court.keeping.figures.count(COURT, base=court.record.settings.of(COURT).over_12_base, at=court.now)
            counting = f"{time.perf_counter() - began:.1f} s ({time.process_time() - busy:.1f} s of the processor)"
            pages = ("/kpi", "/kpi/trend", "/kpi/late", "/teams", "/teams/kz1")
            times = {path: asyncio.run(median_of(court, path)) for path in pages}
            shown = "  ".join(f"{path} {ms:.1f} ({own:.1f}) ms" for path, (ms, own) in times.items())
            print(f"{n:>9,} cases: counted in {counting}; {shown}")


if __name__ == "__main__":
    main()
