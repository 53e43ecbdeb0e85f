"""How much work the pages of the models are, with two thousand stored cases to count the drift over.

Usage: python -m benchmarks.model_pages [--cases 2000] [--calls 20]

Pages are made by the real handlers behind the real guard, in this process, with a real small bundle, its
evaluation and a challenger. Times of the processor, so that a busy machine does not matter much; the first call
of a page stands apart from the later ones.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

import sqlalchemy as sa

from benchmarks.pages import once
from serving.access.roles import Role
from serving.store.tables import advice
from tests.builders_case import NOW, case_document
from tests.builders_model_page import ModelHome, evaluation
from tests.builders_pages import Courthouse, person
from tests.builders_replay import Answered
from tests.builders_serving import KEYS, client, guarded, opened

LEADER = person("zhao.ying", Role.LEADERSHIP)
PATHS = ("/models", "/models/A.ability", "/models/A.ability/brief")


def main() -> None:
    """Build the home, call its pages, and print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2_000, help="stored cases that the bundle has seen")
    parser.add_argument("--calls", type=int, default=20, help="calls of each page")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = ModelHome(Path(folder))
        (home.folder / "bundles").mkdir()
        home.measured(home.promote(), evaluation())
        home.measured(home.challenge(), evaluation())
        store = opened(home.folder)
        court = Courthouse(home.folder, store, Answered(home.folder, store).standing())
        _multiply(court, court.score(case_document()), asked.cases)
        asyncio.run(_measure(home, asked.calls))


def _multiply(court: Courthouse, case: str, cases: int) -> None:
    """Put copies of the one case on record, each with its features sealed for itself."""

    def work(connection: sa.Connection) -> None:
        kept = dict(connection.execute(sa.select(advice).where(advice.c.id == case)).mappings().one())
        features = KEYS.seal.open(kept["features"], f"advice.features:{case}")
        rows = []
        for n in range(2, cases + 1):
            own = {"id": f"SCR-20261120-{n:06d}", "application_id": f"SQ-{n}", "number": n}
            rows.append({**kept, **own, "features": KEYS.seal.close(features, f"advice.features:{own['id']}")})
        connection.execute(sa.insert(advice), rows)

    court.store.write(work)


async def _measure(home: ModelHome, calls: int) -> None:
    async with client(guarded(home.folder, principal=LEADER, clock=lambda: NOW)) as caller:
        for path in PATHS:
            first = await once(caller, path)
            times = [await once(caller, path) for _ in range(calls)]
            took, work = (statistics.median(one[place] for one in times) for place in (0, 1))
            shown = f"processor, first call {first[1]:7.1f} ms   later p50 {work:7.1f} ms"
            print(f"{path:28s} {shown}   clock p50 {took:7.1f} ms   ({calls} calls)")


if __name__ == "__main__":
    main()
