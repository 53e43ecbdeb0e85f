"""Does any score ever break a hard rule? Random cases at the edges, judged by the program and by hand.

Run: python -m benchmarks.hard_rules --n 1000000
"""

from __future__ import annotations

import argparse
import time

from tests.second_opinion import SEED, measure


def main() -> None:
    """Read the number of cases, judge them, and print what was found."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--n", type=int, default=1_000_000)
    reader.add_argument("--seed", type=int, default=SEED)
    asked = reader.parse_args()
    start = time.perf_counter()
    tally = measure(asked.n, seed=asked.seed)
    print(f"{tally.rows:,} random cases, seed {asked.seed}, {time.perf_counter() - start:.0f} s")
    print("lanes: " + ", ".join(f"{name} {count:,}" for name, count in sorted(tally.lanes.items())))
    print(f"hard rules broken: {sum(tally.broken.values()):,}")
    for what, count in tally.broken.most_common():
        print(f"  {what}: {count:,}")


if __name__ == "__main__":
    main()
