"""The stop switch: per court or everywhere, at once for every worker, with a reason, and it survives."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from serving.model_life.switchboard import Switchboard
from serving.repositories.switches import State, SwitchStore, Turn
from serving.store.faults import StoreUnavailableError
from serving.store.tables.audit import audit
from serving.store.tables.models import model_switches
from serving.store.transaction import Store
from tests.builders_serving import KEYS, NOW, ORIGIN
from tests.builders_store import Database

REASON = "抽查发现评分异常"


@pytest.fixture
def switches(database: Database) -> SwitchStore:
    """Return the switches of an empty store, on SQLite and on PostgreSQL."""
    return SwitchStore(database.open(), KEYS)


def turn(switches: SwitchStore, court: str, state: State) -> Turn:
    """Turn the switch of a court."""
    return switches.turn(Turn(court=court, state=state, reason=REASON), origin=ORIGIN, at=NOW)


def test_the_newest_turn_of_a_court_says_how_it_stands(switches: SwitchStore) -> None:
    """Stopping one court, then all, then letting one go on: each scope by itself."""
    assert switches.stopped() == frozenset()
    turn(switches, "浙1022", "stopped")
    turn(switches, "*", "stopped")
    assert switches.stopped() == {"浙1022", "*"}
    turn(switches, "*", "running")
    assert switches.stopped() == {"浙1022"}
    assert [(one.court, one.state) for one in switches.standing()] == [("*", "running"), ("浙1022", "stopped")]


def test_a_turn_is_audited_and_its_reason_sealed(switches: SwitchStore) -> None:
    """Who, which court, which row; the words of the reason are in no file and on no trail."""
    done = turn(switches, "浙1022", "stopped")
    assert (done.number, done.by, done.at) == (1, "account:wang", "2026-11-20T09:12:03+08:00")
    (row,) = switches.store.read(lambda connection: connection.execute(sa.select(audit)).all())
    assert (row.action, row.court, row.actor) == ("model.stop", "浙1022", "account:wang")
    assert "row_sha256" in json.loads(row.detail)
    sealed = switches.store.read(lambda connection: connection.scalar(sa.select(model_switches.c.reason)))
    assert sealed is not None
    assert REASON.encode() not in sealed
    assert [one.reason for one in switches.standing()] == [REASON]


def test_it_survives_a_restart(switches: SwitchStore, database: Database) -> None:
    """Another process opens the same store and finds the switch as it was left."""
    turn(switches, "*", "stopped")
    switches.store.close()
    assert SwitchStore(database.open(), KEYS).stopped() == {"*"}


def test_a_row_cannot_be_changed_or_removed(switches: SwitchStore) -> None:
    """What was switched stays on record."""
    turn(switches, "*", "stopped")
    for sql in ("UPDATE model_switches SET state = 'running'", "DELETE FROM model_switches"):
        with pytest.raises(StoreUnavailableError, match=r"kept as it was written|permission denied"):
            switches.store.write(lambda connection, sql=sql: connection.execute(sa.text(sql)))  # type: ignore[misc]


class Slow:
    """Something to read that counts how often it was read, and can break."""

    def __init__(self) -> None:
        self.scopes: frozenset[str] = frozenset()
        self.reads, self.now, self.broken = 0, 0.0, False

    def read(self) -> frozenset[str]:
        """Read."""
        self.reads += 1
        if self.broken:
            msg = "存储不可用"
            raise StoreUnavailableError(msg)
        return self.scopes

    def board(self) -> Switchboard:
        """Return a switchboard that asks here."""
        return Switchboard(self.read, timer=lambda: self.now)


def test_a_switch_is_known_to_every_worker_within_a_second() -> None:
    """What was read a second ago is read again before the next answer."""
    slow = Slow()
    workers = [slow.board() for _ in range(3)]
    assert not any(worker.stopped("浙1022") for worker in workers)
    slow.scopes = frozenset({"浙1022"})
    slow.now = 1.0
    assert all(worker.stopped("浙1022") for worker in workers)
    assert not any(worker.stopped("浙1021") for worker in workers)
    slow.scopes, slow.now = frozenset({"*"}), 2.0
    assert all(worker.stopped("浙1021") for worker in workers)


def test_a_thousand_answers_a_second_ask_once() -> None:
    """The switch costs an answer nothing."""
    slow = Slow()
    board = slow.board()
    for _ in range(1000):
        board.stopped("浙1022")
    assert slow.reads == 1


def test_where_nobody_can_say_nobody_gets_advice() -> None:
    """A store that cannot be asked is an error of the call, not a guess; an old reading is not gone by."""
    slow = Slow()
    board = slow.board()
    assert not board.stopped("浙1022")
    slow.broken, slow.now = True, 1.0
    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match="存储不可用"):
            board.stopped("浙1022")
    board.refresh()
    slow.broken = False
    assert not board.stopped("浙1022")


def test_a_store_keeps_turns_in_their_order(switches: SwitchStore) -> None:
    """Two writers cannot take one number."""
    store: Store = switches.store
    numbers = [turn(switches, "浙1022", state).number for state in ("stopped", "running", "stopped")]
    assert numbers == [1, 2, 3]
    assert store.read(lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(audit))) == 3
