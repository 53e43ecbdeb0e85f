"""Measures how soon the stop switch has reached every worker, by the wall clock of a caller, on both databases.

    python -m benchmarks.stop_switch --workers 4 --turns 10

Callers keep asking for advice while the switch of their court is turned over the API. Printed: seconds from the sending
of the turn until the last answer that a model had part in was sent for, and the same for switching on again, as median
and worst; and calls without an answer. PostgreSQL is left out where no server is installed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from serving.model_life.fleet import reports
from tests.builders_house import House, houses
from tests.builders_models import tiny_bundle
from tests.builders_postgres import binaries, postgres_server
from tests.builders_servers import Served, running, serve_command
from tests.test_service_life import sent

BODY = json.dumps(sent()).encode()
SETTLE = 3.0
"""Seconds that are watched after a turn."""


@dataclass
class Callers:
    """Callers that keep asking; each answer with the instant it was asked for and whether the rules answered alone."""

    served: Served
    answers: list[tuple[float, bool]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def _keep_calling(self) -> None:
        with httpx.Client(trust_env=False, timeout=60, headers=self.served.who) as client:
            while not self._over.is_set():
                self._call(client)

    def _call(self, client: httpx.Client) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        asked = time.monotonic()
        try:
            answer = client.post(self.served.url + "/v1/scores", content=BODY, headers=headers)
        except httpx.HTTPError as error:
            self.lost.append(type(error).__name__)
            return
        if answer.status_code == 201:
            self.answers.append((asked, answer.json()["status"] == "rules_only"))
        else:
            self.lost.append(answer.text[:80])

    @contextmanager
    def calling(self, callers: int) -> Iterator[None]:
        """Call without a pause."""
        threads = [threading.Thread(target=self._keep_calling) for _ in range(callers)]
        for thread in threads:
            thread.start()
        yield
        self._over.set()
        for thread in threads:
            thread.join()


def turn(callers: Callers, state: str) -> float:
    """Turn the switch; return the seconds until the last answer of the kind that should be over was asked for."""
    wrong = state == "running"
    sent_at = time.monotonic()
    body = {"court_code": sent()["court_code"], "state": state, "reason": "测量 / measured"}
    answer = callers.served.post(body, path="/v1/model-switches")
    if answer.status_code != 201:
        raise SystemExit(answer.text)
    time.sleep(SETTLE)
    return max(
        (asked - sent_at for asked, rules in [*callers.answers] if asked > sent_at and rules == wrong), default=0
    )


def measure(house: House, *, workers: int, turns: int, callers: int) -> int:
    """Measure on one database and print; return the calls lost."""
    bundles = house.settings.home / "bundles"
    tiny_bundle(bundles)
    (bundles / "current").write_text("tiny-1", encoding="utf-8")
    variables = {**house.variables, "FENLIU_WORKERS": str(workers), "FENLIU_RATE_PRINCIPAL": "100000"}
    variables |= {"FENLIU_HOME": str(house.settings.home), "FENLIU_RATE_ADDRESS": "100000"}
    with running(serve_command(), house.folder, variables=variables) as served:
        while len(reports(house.settings.workers_folder)) < workers:
            time.sleep(0.1)
        load = Callers(served)
        with load.calling(callers):
            time.sleep(2)
            pairs = [(turn(load, "stopped"), turn(load, "running")) for _ in range(turns)]
    for name, seconds in zip(("stopped", "resumed"), zip(*pairs, strict=True), strict=True):
        print(
            f"{house.database.kind}, {workers} workers, {turns} turns, {name} everywhere after (s): "
            f"median {statistics.median(seconds):.2f}, worst {max(seconds):.2f}"
        )
    print(f"  {len(load.answers)} calls answered, {len(load.lost)} lost {sorted(set(load.lost))[:3]}", flush=True)
    return len(load.lost)


def main() -> int:
    """Measure on each database; return 1 if a call was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--callers", type=int, default=4)
    given = parser.parse_args()
    lost = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fenliu-stop-")))
        place = binaries()
        server = None if place is None else stack.enter_context(postgres_server(place))
        for kind in ["sqlite", *(["postgresql"] if server else [])]:
            with houses(folder / kind, kind, server=server) as (house,):
                lost += measure(house, workers=given.workers, turns=given.turns, callers=given.callers)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
