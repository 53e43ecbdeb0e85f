"""The matrix: rows a second for a million cases, and microseconds for one.

Run: python -m benchmarks.matrix
"""

from __future__ import annotations

import time

import numpy as np

from features.catalogue import catalogue
from features.known import Known
from features.matrix import matrix
from features.register import Stage
from tests.builders_models import random_known

MANY = 1_000_000
DRAWN = 20_000
ROUNDS = 2_000


def many(stage: Stage) -> Known:
    """Return a million cases: random ones, over and over."""
    drawn = random_known(stage, DRAWN)
    columns = {name: np.tile(column, MANY // DRAWN) for name, column in drawn.columns.items()}
    return Known(stage, np.tile(drawn.as_of, MANY // DRAWN), columns)


def main() -> None:
    """Measure both stages and print one line each."""
    print(f"{'stage':6s}{'features':>9s}{'rows/s':>12s}{'one case, µs':>14s}")
    for stage in Stage:
        features, known, one = catalogue(stage), many(stage), random_known(stage, 1)
        start = time.process_time()
        matrix(known, features)
        rate = MANY / (time.process_time() - start)
        spent = []
        for _ in range(ROUNDS):
            start = time.process_time()
            matrix(one, features)
            spent.append(time.process_time() - start)
        print(f"{stage:6s}{len(features):9d}{rate:12,.0f}{1e6 * float(np.median(spent)):14.0f}")


if __name__ == "__main__":
    main()
