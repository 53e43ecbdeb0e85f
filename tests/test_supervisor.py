"""The supervisor: workers that die are replaced at once, exchanged one by one, drained, and never left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from serving.supervisor.listening import own, passed_on, tell_systemd
from serving.supervisor.policy import LEAVE_SECONDS, SILENT_SECONDS, START_SECONDS, Pace, Worker, missing
from tests.builders_supervisor import supervised


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    """Another one is there, the others are not touched."""
    with supervised(tmp_path) as running:
        running.wait("len(s.living) == 2")
        dead, other = running.started
        os.kill(dead, signal.SIGKILL)
        running.wait("len(s.started) == 3 and len(s.living) == 2")
        assert other in running.living


def test_a_worker_that_hangs_is_killed_and_replaced(tmp_path: Path) -> None:
    """A process that lives and does nothing is worse than a dead one."""
    with supervised(tmp_path, workers=1, mode="hang") as running:
        running.wait("len(s.started) >= 2")
        assert "worker_killed" in running.said()


def test_a_service_that_cannot_start_ends(tmp_path: Path) -> None:
    """Nobody waits for a port that never answers: the first failure of the first worker ends everything."""
    with supervised(tmp_path, mode="fail") as running:
        assert running.process.wait(timeout=60) == 6


def test_a_worker_that_cannot_come_back_is_tried_again_ever_more_slowly(tmp_path: Path) -> None:
    """A database that is away for a minute must not end the service."""
    with supervised(tmp_path, workers=1, mode="fail later") as running:
        running.wait("len(s.living) == 1")
        os.kill(running.started[0], signal.SIGKILL)
        running.wait("len(s.started) >= 3")
        assert running.process.poll() is None
        assert "fell" in running.said()  # what was taken on trust no longer is


def test_hup_exchanges_workers_the_new_before_the_old(tmp_path: Path) -> None:
    """At no moment are there fewer than were asked for."""
    with supervised(tmp_path) as running:
        running.wait("len(s.living) == 2")
        old = set(running.started)
        running.process.send_signal(signal.SIGHUP)
        fewest = 2
        while old & set(running.living):
            before, living = running.started, len(running.living)
            # Who began while we counted would be missing from the count.
            fewest = min(fewest, living) if running.started == before else fewest
        running.wait("len(s.living) == 2")
        assert fewest == 2
        assert not old & set(running.living)


def test_term_drains_before_anything_ends(tmp_path: Path) -> None:
    """The mark by which readiness turns to 503 is there while the workers still work; afterwards it is gone."""
    with supervised(tmp_path, drain=0.5) as running:
        running.wait("len(s.living) == 2")
        running.process.send_signal(signal.SIGTERM)
        running.wait("(s.folder / 'run' / 'draining').exists()")
        assert len(running.living) == 2
        assert running.process.wait(timeout=60) == 0
        assert (running.living, (tmp_path / "run" / "draining").exists()) == ([], False)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_cuts_the_drain_short(tmp_path: Path, second: signal.Signals) -> None:
    """Who insists is obeyed."""
    with supervised(tmp_path, drain=10_000) as running:
        running.wait("len(s.living) == 2")
        running.process.send_signal(signal.SIGTERM)
        running.wait("(s.folder / 'run' / 'draining').exists()")
        running.process.send_signal(second)
        assert running.process.wait(timeout=60) == 0


def test_who_will_not_end_is_killed(tmp_path: Path) -> None:
    """Ending is bounded."""
    with supervised(tmp_path, mode="stubborn") as running:
        running.wait("len(s.living) == 2")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=60) == 0
        assert running.living == []


def test_each_kind_of_lateness_has_its_patience() -> None:
    """Coming up, being silent, leaving."""
    worker = Worker(1, started_at=0.0, heard_at=0.0)
    assert (worker.overdue(START_SECONDS), worker.overdue(START_SECONDS + 1)) == (False, True)
    worker.hears(100.0)
    assert (worker.overdue(100 + SILENT_SECONDS), worker.overdue(101 + SILENT_SECONDS)) == (False, True)
    worker.leaving_since = 200.0
    assert (worker.overdue(200 + LEAVE_SECONDS), worker.overdue(201 + LEAVE_SECONDS)) == (False, True)


def test_who_leaves_is_not_counted() -> None:
    """A worker on its way out needs a successor at once."""
    staying, leaving = Worker(1, 0.0, 0.0), Worker(2, 0.0, 0.0, leaving_since=1.0)
    assert [missing(found, wanted=2) for found in ([], [staying], [staying, leaving], [staying] * 3)] == [2, 1, 1, 0]


def test_failures_in_a_row_slow_down_and_a_success_forgives() -> None:
    """Half a second, one, two, five, then every ten."""
    pace = Pace()
    waits = []
    for _ in range(7):
        pace.failed(0.0)
        waits.append(pace.not_before)
    assert waits == [0.5, 1.0, 2.0, 5.0, 10.0, 10.0, 10.0]
    pace.came_up()
    assert (pace.failures, pace.not_before) == (0, 0.0)


def test_a_socket_of_systemd_is_taken(tmp_path: Path) -> None:
    """Connections made before the service started are answered; a socket meant for another process is not ours."""
    with own("127.0.0.1", 0) as listener:
        given = listener.fileno()
        # Only the child may move it to 3: in this process 3 may be somebody else's, such as the pipe of a test runner.
        code = (
            "import os, sys; from serving.supervisor.listening import passed_on; os.dup2(int(sys.argv[1]), 3);"
            "os.environ['LISTEN_PID'] = str(os.getpid()); found = passed_on(os.environ, pid=os.getpid());"
            "found.settimeout(10); client, _ = found.accept(); client.sendall(b'taken')"
        )
        with socket.create_connection(listener.getsockname()) as caller:
            caller.settimeout(20)
            env = {**os.environ, "LISTEN_FDS": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
            with subprocess.Popen([sys.executable, "-c", code, str(given)], pass_fds=[given], env=env):
                assert caller.recv(10) == b"taken"
    assert passed_on({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, pid=2) is None
    assert passed_on({}, pid=2) is None


def test_systemd_is_told(tmp_path: Path) -> None:
    """READY=1 on its socket; without one, or with a dead one, nothing happens."""
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearing:
        hearing.bind(str(place))
        tell_systemd("READY=1", {"NOTIFY_SOCKET": str(place)})
        assert hearing.recv(100) == b"READY=1"
    place.unlink()
    tell_systemd("READY=1", {"NOTIFY_SOCKET": str(place)})
    tell_systemd("READY=1", {})
