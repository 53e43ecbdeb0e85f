"""The life of a running service: models exchanged, refused, switched off and compared under load, workers replaced."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.rules.table import RuleTable
from serving.access.origin import Origin
from serving.access.roles import Role
from serving.model_life.fleet import agreed, reports
from serving.opening import keys_of, now, open_store
from serving.record.urging.window import Asked, Step, Windows
from serving.repositories.urging.windows import WindowStore
from serving.settings import Settings
from tests.builders_case import case_document
from tests.builders_models import tiny_bundle
from tests.builders_pages import person
from tests.builders_servers import ROOT, Served, environment, running, serve_command

ADMIN, LEADER = person("he.yun", Role.SYSTEM_ADMIN), person("yuan.zhang", Role.LEADERSHIP)


@dataclass
class Load:
    """Callers that keep calling; a call that breaks off is repeated with its key, as the documented proxy does."""

    served: Served
    answers: list[dict[str, Any]] = field(default_factory=list)
    begun: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    repeated: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def call(self) -> None:
        """Make one call; give up after ten tries."""
        body = json.dumps(sent()).encode()
        key, begun = str(uuid.uuid4()), time.monotonic()
        for number in range(10):
            try:
                answer = self.served.post(body, Idempotency_Key=key)
            except httpx.TransportError:
                self.repeated += 1
                time.sleep(0.05 * number)
                continue
            if answer.status_code in {200, 201}:
                self.begun[answer.json()["id"]] = begun
                self.answers.append(answer.json())
            else:
                self.failed.append(answer.text)
            return
        self.failed.append("no answer")

    def _keep_calling(self) -> None:
        while not self._over.is_set():
            self.call()

    @contextmanager
    def going_on(self, *, callers: int = 3) -> Iterator[None]:
        """Call without a pause while something else is done."""
        threads = [threading.Thread(target=self._keep_calling) for _ in range(callers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()


def sent() -> dict[str, Any]:
    """Return a case whose instants lie in the past of any clock the test may run on."""
    document = case_document(explain={"reasons": 0, "flips": 0})
    text = json.dumps(document).replace("2026-", "2025-")
    return {**json.loads(text), "schema_version": document["schema_version"]}


def until(holds: Callable[[], bool], *, seconds: float = 90) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of a court with three bundles, the first promoted."""
    folder = tmp_path_factory.mktemp("life")
    bundles = folder / "home" / "bundles"
    tiny_bundle(bundles, "one", seed=1)
    tiny_bundle(bundles, "two", seed=2)
    shutil.copytree(bundles / "two", bundles / "bad")
    model = min((bundles / "bad").rglob("*.txt"))
    model.write_bytes(model.read_bytes()[:-10])
    point(folder / "home", "one")
    return folder / "home"


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    """Run two workers."""
    variables = {"FENLIU_WORKERS": "2", "FENLIU_DRAIN_SECONDS": "2"}
    with running(serve_command(), home.parent, variables=variables) as server:
        until(lambda: len(workers(home)) == 2)
        yield server


def point(home: Path, name: str, *, pointer: str = "current") -> None:
    """Let a pointer name a bundle, in one step."""
    draft = home / "bundles" / ".draft"
    draft.write_text(name, encoding="utf-8")
    draft.replace(home / "bundles" / pointer)


def workers(home: Path) -> list[Any]:
    """Return what the workers report."""
    return list(reports(home / "run" / "workers"))


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the same home."""
    return subprocess.run(
        [sys.executable, "-m", "serving.cli", *arguments], cwd=ROOT, env=environment(home.parent), check=False,
        capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip


def rows(home: Path) -> dict[str, str | None]:
    """Return the hash on record of every answer."""
    with sqlite3.connect(home / "fenliu.db") as connection:
        return dict(connection.execute("SELECT id, model_sha256 FROM advice"))


def test_a_promotion_under_load_fails_no_call(served: Served, home: Path) -> None:
    """Every answer comes from one of both models and says which; the record says the same."""
    load = Load(served)
    with load.going_on():
        until(lambda: len(load.answers) >= 10)
        point(home, "two")
        until(lambda: {report["model"] for report in workers(home)} == {"two"})
        exchanged = time.monotonic()

        def later() -> list[str]:
            return [one["versions"]["model"] for one in list(load.answers) if load.begun[one["id"]] > exchanged]

        until(lambda: len(later()) >= 20)
    assert load.failed == []
    assert {answer["versions"]["model"] for answer in load.answers} == {"one", "two"}
    # Calls that had begun when the workers reported may still carry the old one, and be answered last.
    assert set(later()) == {"two"}
    recorded = rows(home)
    assert all(recorded[answer["id"]] == answer["versions"]["model_sha256"] for answer in load.answers)
    assert agreed(workers(home))


def test_a_bad_bundle_changes_nothing_and_is_told(served: Served, home: Path) -> None:
    """The old one answers; description, readiness and log say why."""
    point(home, "bad")
    until(lambda: {report["refused"] for report in workers(home)} == {"DAMAGED_BUNDLE"})
    model = served.get("/v1/models/current").json()
    assert (model["mode"], model["name"], model["refused"]["code"]) == ("model", "two", "DAMAGED_BUNDLE")
    assert "MODEL_REFUSED" in [one["code"] for one in served.get("/readyz").json()["findings"]]
    assert '"event":"refused"' in served.log.read_text(encoding="utf-8")
    load = Load(served)
    load.call()
    assert load.answers[0]["versions"]["model"] == "two"
    point(home, "two")
    until(lambda: {report["refused"] for report in workers(home)} == {None})


def test_the_challenger_is_compared_and_not_shown(served: Served, home: Path) -> None:
    """Its scores are on record beside the answer's id; no answer holds its name."""
    point(home, "one", pointer="shadow")
    until(lambda: all(report["shadow_sha256"] for report in workers(home)))
    load = Load(served)
    for _ in range(5):
        load.call()

    def compared() -> int:
        with sqlite3.connect(home / "fenliu.db") as connection:
            return int(connection.execute("SELECT count(*) FROM shadow_scores").fetchone()[0])

    until(lambda: compared() == 5)
    assert {answer["versions"]["model"] for answer in load.answers} == {"two"}
    assert '"one"' not in json.dumps(load.answers)
    (home / "bundles" / "shadow").unlink()


def test_a_stop_reaches_every_worker_and_ends(served: Served, home: Path) -> None:
    """Rules only with the reason, in this court and no other; models again after resuming."""
    court = sent()["court_code"]
    assert command(home, "stop", "--court", court, "--reason", "演练").returncode == 0
    load = Load(served)

    def stopped() -> bool:
        load.call()
        reasons = [answer["degraded_reason"] for answer in load.answers[-20:]]
        return len(reasons) == 20 and all(reason and reason["code"] == "MODEL_STOPPED" for reason in reasons)

    until(stopped)
    assert served.get("/v1/models/current").json()["stopped"] == [court]
    assert command(home, "resume", "--court", court, "--reason", "演练结束").returncode == 0

    def resumed() -> bool:
        load.call()
        modes = [answer["mode"] for answer in load.answers[-20:]]
        return modes == ["model"] * 20

    until(resumed)
    assert served.get("/v1/models/current").json()["stopped"] == []
    assert load.failed == []


def test_a_signed_window_reaches_every_worker(served: Served, home: Path) -> None:
    """Asked and signed in another process: each worker answers by the court's own table, without a restart."""
    settings = Settings.read(environment(home.parent))
    keys = keys_of(settings)
    store = open_store(settings, keys)
    windows = Windows(WindowStore(store, keys), RuleTable.load, now)
    day = (now().date() + timedelta(days=2)).isoformat()
    windows.ask(Asked(court="浙1022", days="20", day=day, reason="纪要"), origin=Origin(ADMIN))
    asked = windows.of("浙1022")[0].id
    windows.sign(Step(court="浙1022", request_id=asked, seen="ask", reason="同意"), origin=Origin(LEADER))
    store.close()
    until(lambda: all("浙1022" in one["courts_sha256"] for one in workers(home)))
    own = {one["courts_sha256"]["浙1022"] for one in workers(home)}
    load = Load(served)
    with load.going_on():
        until(lambda: len(load.answers) >= 10)
    assert load.failed == []
    assert {answer["versions"]["ruleset_sha256"] for answer in load.answers} == own
    assert agreed(workers(home))


def test_killed_and_exchanged_workers_lose_no_call(served: Served, home: Path) -> None:
    """A worker is killed, then all are exchanged, under load: repeated calls get their answers, none is lost."""
    load = Load(served)
    with load.going_on():
        until(lambda: len(load.answers) >= 10)
        before = {int(report["pid"]) for report in workers(home)}
        os.kill(min(before), signal.SIGKILL)
        until(lambda: len(workers(home)) == 2 and min(before) not in {int(one["pid"]) for one in workers(home)})
        served.process.send_signal(signal.SIGHUP)
        until(lambda: not before & {int(one["pid"]) for one in workers(home)} and len(workers(home)) == 2)
        after = len(load.answers)
        until(lambda: len(load.answers) >= after + 10)
    assert load.failed == []
    assert rows(home).keys() >= {answer["id"] for answer in load.answers}


def test_everything_that_was_answered_is_given_again(served: Served, home: Path) -> None:
    """Two models, a stop, killed workers: every answer of this service can be replayed."""
    done = command(home, "replay", "--all")
    assert (done.returncode, served.process.poll()) == (0, None), done.stdout + done.stderr
    assert f"共 {len(rows(home))} 件，一致 {len(rows(home))} 件" in done.stdout


def test_a_drain_says_so_before_it_ends(served: Served, home: Path) -> None:
    """Readiness turns to 503 while calls are still answered; then the service ends by itself, and nobody is left."""
    pids = {int(report["pid"]) for report in workers(home)}
    served.process.send_signal(signal.SIGTERM)
    until(lambda: served.get("/readyz").status_code == 503)
    assert served.get("/readyz").json()["errors"][0]["code"] == "DRAINING"
    load = Load(served)
    load.call()
    assert load.failed == []
    assert served.process.wait(timeout=60) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert workers(home) == []
