"""Kills the service a thousand times while it writes, asks a thousand times with one key, lets three write one chain.

Run: python -m benchmarks.crash --cycles 1000 --database sqlite
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.builders_crash import Reckoning, ask_together, live_and_die, reckon, write_together
from tests.builders_house import House, houses
from tests.builders_postgres import binaries, postgres_server

TOLD_EVERY = 50


def main() -> None:
    """Do all three and print what was found; the exit code is 1 unless everything is as it should be."""
    chosen = _chosen()
    with _house(chosen.database) as house:
        started = time.monotonic()
        crowd = live_and_die(house, chosen.cycles, seed=chosen.seed, tell=_tell)
        lives = reckon(house, crowd.acknowledged)
        print(f"\n{chosen.database}: {chosen.cycles} kill -9 in {time.monotonic() - started:.0f} s")
        print(f"  calls that found nobody or were cut off: {crowd.failures}")
        _show(lives)
    with _house(chosen.database) as house:
        answers = ask_together(house, chosen.duplicates)
        told = {"one": answers[0][1]}
        duplicates = reckon(house, told)
        same = len({body for _, body in answers}) == 1 and duplicates.rows == 1
        print(f"{chosen.duplicates} parallel calls with one key: {duplicates.rows} row, one answer: {same}")
    with _house(chosen.database) as house:
        codes = write_together(house, chosen.actions)
        chain = reckon(house, {})
        expected = 3 * chosen.actions
        print(f"3 writers x {chosen.actions} audited actions: {house.database.rows('audit')} rows of {expected}")
        _show(chain)
    whole = all((lives.clean, duplicates.clean, same, chain.clean, codes == [0, 0, 0]))
    raise SystemExit(0 if whole else 1)


def _tell(cycle: int, acknowledged: int) -> None:
    if cycle % TOLD_EVERY == 0:
        print(f"  {cycle} lives, {acknowledged} calls acknowledged", flush=True)


def _show(found: Reckoning) -> None:
    print(f"  acknowledged {found.acknowledged}, lost {found.lost}, changed {found.changed}, rows {found.rows}")
    print(
        f"  chain, triggers and records against each other: {len(found.findings)} findings; pages sound: {found.sound}"
    )
    for finding in found.findings[:10]:
        print(f"    {finding}")


@contextmanager
def _house(kind: str) -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="fenliu-crash-") as folder:
        place = binaries()
        if kind == "sqlite":
            with houses(Path(folder), kind) as (one,):
                yield one
            return
        if place is None:
            msg = "没有 PostgreSQL 服务器程序 / no PostgreSQL server is installed"
            raise SystemExit(msg)
        with postgres_server(place) as server, houses(Path(folder), kind, server=server) as (one,):
            yield one


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--duplicates", type=int, default=1000)
    parser.add_argument("--actions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
