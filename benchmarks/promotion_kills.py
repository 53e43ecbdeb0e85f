"""Promotions killed at any instant: what answers must be whole, and the ledger must say who it is.

    python -m benchmarks.promotion_kills --cycles 300

A child promotes two bundles in turn, without end, and is killed (SIGKILL)
after a random time. After each kill the pointer must name
a bundle whose every hash is right; after the next promotion, which needs no
help to get past what the killed one left, the ledger's last tenure must be
what the pointer names, and its tenures must follow each other without a gap.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from models.bundle import promotions
from models.bundle.manifest import read_bundle
from models.promotion.plan import Plan, Request, champion
from models.promotion.switching import promote
from tests.builders_models import tiny_bundle
from training.provenance import Home

GATE = {"gate": "g", "score": "A.ability", "asked": "", "passed": True}


def asked(bundle: Path) -> Request:
    """Return a request of this moment."""
    return Request(bundle, "benchmark", "kill", datetime.now(UTC), demo=True)


def one_round(home: Home, made: Path) -> None:
    """Promote each bundle and go back to the first."""
    for bundle in sorted(made.iterdir()):
        plan = Plan(bundle.name, read_bundle(bundle)[2], champion(home.path), (GATE,))
        promote(home.path, asked(bundle), plan)


def killed(home: Home, made: Path, seconds: float) -> None:
    """Let a child promote in turn, and kill it."""
    pid = os.fork()
    if pid == 0:
        while True:
            one_round(home, made)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def faults(home: Home, made: Path) -> list[str]:
    """Return what is wrong after a kill, and after the promotion that follows it."""
    found = []
    name = champion(home.path)
    if name is not None and not (home.bundles / name / "manifest.json").is_file():
        found.append("the pointer names no bundle")
    if name is not None:
        read_bundle(home.bundles / name)
    one_round(home, made)
    tenures = promotions.tenures(home.path, current=champion(home.path))
    if tenures[-1].bundle != champion(home.path):
        found.append("the ledger does not say who answers")
    gaps = sum(a.until != b.since or b.entry["before"] != a.bundle for a, b in pairwise(tenures))
    if gaps:
        found.append(f"{gaps} gaps between tenures")
    if list(home.bundles.glob(".*.unfinished")):
        found.append("an unfinished copy was left")
    return found


def main() -> None:
    """Run the cycles and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, bad, killed_between = random.Random(options.seed), [], 0  # noqa: S311 - instants of kills
    with tempfile.TemporaryDirectory() as place:
        home, made = Home(Path(place) / "home"), Path(place) / "made"
        for number, name in enumerate(("one", "two"), start=1):
            tiny_bundle(made, name, seed=number)
        for cycle in range(options.cycles):
            killed(home, made, rng.uniform(0.0, 0.05))
            before = len(promotions.noted(home.path))
            bad += [f"cycle {cycle}: {fault}" for fault in faults(home, made)]
            added = promotions.noted(home.path)[before:]
            killed_between += any(entry["action"] == promotions.VOID for entry in added)
        entries = len(promotions.noted(home.path))
    print(f"{options.cycles} kills, {entries} ledger lines, {killed_between} kills between ledger and pointer")
    print(f"faults: {len(bad)}")
    for line in bad[:20]:
        print(line)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
