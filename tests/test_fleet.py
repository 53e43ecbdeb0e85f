"""The workers' reports: they count while the worker lives, and show whether all answer alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from serving.model_life.fleet import Report, Reporter, agreed, reports, sweep
from tests.builders_servers import ROOT


def report(**changes: Any) -> Report:
    """Return a report of this process."""
    base: dict[str, Any] = {
        "pid": os.getpid(), "since": "2026-11-20T09:00:00+08:00", "mode": "model", "model": "v3",
        "model_sha256": "a" * 64, "ruleset_sha256": "b" * 64, "program": "0.1.0+1",
    }  # fmt: skip
    return Report(**{**base, **changes})


def test_a_report_is_there_as_long_as_its_worker(tmp_path: Path) -> None:
    """Told, replaced, taken away."""
    worker = Reporter(tmp_path)
    assert reports(tmp_path) == []
    worker.tell(report())
    worker.tell(report(model="v4"))
    assert [found["model"] for found in reports(tmp_path)] == ["v4"]
    worker.close()
    assert reports(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_killed_worker_does_not_count_and_is_swept_away(tmp_path: Path) -> None:
    """The system takes the lock with the process, so nothing need be said."""
    code = (
        "import sys, time; from pathlib import Path; from tests.test_fleet import *;"
        "Reporter(Path(sys.argv[1])).tell(report()); print('told', flush=True); time.sleep(60)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env=env) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"told\n"
        assert len(reports(tmp_path)) == 1
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert reports(tmp_path) == []
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_half_rolled_fleet_is_seen(tmp_path: Path) -> None:
    """Two workers with two models do not agree; with one they do."""
    first, second = Reporter(tmp_path), Reporter(tmp_path)
    first.tell(report())
    second.tell(report(model_sha256="c" * 64, since="2026-11-20T10:00:00+08:00"))
    assert not agreed(reports(tmp_path))
    second.tell(report(since="2026-11-20T10:00:00+08:00"))
    assert agreed(reports(tmp_path))
    first.close()
    second.close()
