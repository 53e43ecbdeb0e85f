"""Killed in the middle of its work, out of disk, or asked again and again: what was acknowledged is on record, once."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders_crash import (
    Callers,
    ask,
    ask_together,
    live_and_die,
    reckon,
    serving,
    workers_of,
    write_together,
)
from tests.builders_house import House, houses


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Yield an empty house."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with houses(tmp_path, request.param, server=server) as (one,):
        yield one


def test_nothing_acknowledged_is_lost_in_a_dozen_lives(house: House) -> None:
    """Kill -9 at random moments while four callers write: all is there, byte for byte, once, and the chain is whole."""
    crowd = live_and_die(house, cycles=12)
    found = reckon(house, crowd.acknowledged)
    assert found.acknowledged > 12
    assert found.clean, found
    assert crowd.failures > 0
    # A call whose answer was lost may be on record without an acknowledgement, one for each caller at most.
    assert found.rows - found.acknowledged <= 4


def test_many_at_once_with_one_key_are_one_record(house: House) -> None:
    """Three hundred parallel duplicates through two workers: one row, one answer."""
    answers = ask_together(house, 300)
    assert sorted(status for status, _ in answers) == [200] * 299 + [201]
    assert len({body for _, body in answers}) == 1
    assert (house.database.rows("advice"), house.database.rows("idempotency")) == (1, 1)
    assert reckon(house, {"one-key-for-all": answers[0][1]}).clean


def test_three_writers_make_one_chain(house: House) -> None:
    """Three processes, a hundred audited actions each: no fork, no gap, nobody's action missing."""
    assert write_together(house, 100) == [0, 0, 0]
    rows = house.database.all("SELECT seq, actor, prev_mac FROM audit ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, 301))
    assert len({row["prev_mac"] for row in rows}) == 300
    assert sorted(sum(row["actor"] == actor for row in rows) for actor in {row["actor"] for row in rows}) == [100] * 3
    assert reckon(house, {}).clean


def test_a_full_disk_is_told_and_passes(tmp_path: Path) -> None:
    """Nothing is acknowledged that is not on disk; with room again, the same keys lead to advice."""
    with houses(tmp_path, "sqlite") as (house,), serving(house) as server:
        crowd = Callers(server)
        crowd.insist("before-it-was-full")
        written, workers = (house.settings.home / "fenliu.db-wal").stat().st_size, workers_of(server)
        _limit(workers, written)
        refused = [ask(server, f"while-it-was-full-{n}") for n in range(3)]
        assert {(status, json.loads(body)["code"]) for status, body in refused} == {(503, "STORE_UNAVAILABLE")}
        assert house.database.rows("advice") == 1
        _limit(workers, resource.RLIM_INFINITY)
        for n in range(3):
            crowd.insist(f"while-it-was-full-{n}")
        assert reckon(house, crowd.acknowledged).clean
        assert house.database.rows("advice") == 4


def _limit(processes: list[int], size: int) -> None:
    """Let no file of the processes grow beyond a size, as a full disk would."""
    for process in processes:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
