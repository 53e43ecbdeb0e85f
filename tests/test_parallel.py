"""Several processes at once: whoever stops the work stops all of it, and nothing is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training.parallel import Workers

PROGRAM = "import sys, pathlib; from tests.builders_workers import main; main(pathlib.Path(sys.argv[1]))"


def begun(folder: Path) -> subprocess.Popen[bytes]:
    """Return a program of its own group whose two workers are in the middle of their tasks."""
    found = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], start_new_session=True, stderr=-1)
    while len(list(folder.iterdir())) < 2:
        assert found.poll() is None
        time.sleep(0.02)
    return found


def gone(folder: Path) -> bool:
    """Wait until no worker is left; a test that hangs here has failed."""
    for file in folder.iterdir():
        while Path(f"/proc/{file.name}/stat").exists() and " Z " not in Path(f"/proc/{file.name}/stat").read_text():
            time.sleep(0.02)
    return True


def test_ctrl_c_ends_the_work_in_the_middle(tmp_path: Path) -> None:
    """The signal reaches the whole group, as at a terminal: the parent alone says so; the third task never begins."""
    program = begun(tmp_path)
    os.killpg(program.pid, signal.SIGINT)
    _, told = program.communicate(timeout=60)
    assert told.count(b"Traceback") == told.count(b"KeyboardInterrupt") == 1
    assert (gone(tmp_path), len(list(tmp_path.iterdir()))) == (True, 2)


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    """After kill -9 nobody can tell them to stop; the pipe that closes does."""
    program = begun(tmp_path)
    program.kill()
    program.communicate(timeout=60)
    assert gone(tmp_path)


def test_results_come_with_their_place() -> None:
    """Whatever order the tasks end in."""
    with Workers(2) as workers:
        assert sorted(workers.each([(pow, (2, n)) for n in range(5)])) == [(n, 2**n) for n in range(5)]


def test_the_first_failure_ends_the_work() -> None:
    """What the task raised comes back, from a worker as from this process."""
    for jobs in (1, 2):
        with pytest.raises(ZeroDivisionError, match="zero"), Workers(jobs) as workers:
            list(workers.each([(divmod, (1, 0)), (pow, (2, 2))]))
