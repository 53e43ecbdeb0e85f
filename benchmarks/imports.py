"""A file of cases from upload to groups: how long each step takes for workbook, CSV and JSON lines.

python -m benchmarks.imports --rows 5000
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from rich.console import Console

from serving.access.origin import Origin
from serving.access.roles import Role
from serving.batches.reading import Asked, read_file
from serving.jobs.runner import Runner
from serving.repositories.jobs import JobStore
from tests.builders_case import NOW, case_document
from tests.builders_pages import Courthouse, person, standing_in
from tests.builders_serving import KEYS, opened
from tests.builders_sheets import HEADINGS, in_csv, in_excel, row

T = TypeVar("T")
CLERK = Origin(person("zhang.wei", Role.CLERK))


def main() -> None:
    """Print seconds by step."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=5_000)
    asked.add_argument("--model", action="store_true", help="score with a small model instead of rules alone")
    options = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), options.rows, console, model=options.model)


def _measure(folder: Path, n: int, console: Console, *, model: bool) -> None:
    lines = [row(f"SQ-{i:05d}", 申请执行标的额=f"{200 * i + 0.5:,.2f}") for i in range(n)]
    (folder / "model").mkdir()
    court = Courthouse(folder, opened(folder), standing_in(folder / "model", model=model))
    decider = court.decider()
    register = court.standing.register
    files = {
        "xlsx": in_excel(lines),
        "csv": in_csv(lines),
        "ndjson": b"\n".join(json.dumps(case_document(application_id=f"SQ-{i:05d}")).encode() for i in range(n)),
    }
    console.print(f"{n} rows of {len(HEADINGS)} columns")
    asked = Asked(CLERK.by.courts, NOW)
    for kind, body in files.items():
        seconds, found = _timed(partial(read_file, body, asked, register=register, parse=decider.parse))
        console.print(f"read and check {kind:8} {seconds}  {len(body) / 1e6:6.2f} MB  {len(found.ids)} good")
    office = court.office()
    importing = office.batches.importing
    body = files["xlsx"]
    found = importing.read(body, origin=CLERK)
    seconds, batch = _timed(lambda: importing.take_in(found, body, key="key-00000001", origin=CLERK))
    console.print(f"put on record as a draft {seconds}")
    importing.confirm(batch, again=False, origin=CLERK)
    runner = Runner(JobStore(court.store, KEYS), decider, "w1", lambda: True, court.clock)
    seconds, _ = _timed(runner.work_once)
    console.print(f"score all lines          {seconds}")
    seconds, _ = _timed(office.batches.grouping.work_once)
    console.print(f"group                    {seconds}")
    for group in office.batches.deciding.records.groups(batch):
        console.print(f"  {group['zh']}: {json.loads(group['figures'])['count']}")


def _timed(work: Callable[[], T]) -> tuple[str, T]:
    """Return seconds of the clock and of the processor, and what the work returned."""
    start, busy = time.perf_counter(), time.process_time()
    found = work()
    return f"{time.perf_counter() - start:7.2f} s  {time.process_time() - busy:7.2f} s CPU", found


if __name__ == "__main__":
    main()
