"""The whole simulation: courts side by side, written one after the other, so that bytes do not depend on timing."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.history_tables import FORMAT
from training.simulate.course.curves import curves
from training.simulate.court import court_sizes, simulate_court
from training.simulate.settings import CourtSettings, Summary, load_margins

NOTICE = "模拟数据，不得用于办案 / simulated data reproduce published margins, not any court's cases"

Progress = Callable[[int, int], None]

ROW_GROUP = 1 << 17
META = "meta.json"
"""What makes a folder of tables a history."""


def simulate(out: Path, settings: CourtSettings, *, progress: Progress | None = None) -> Summary:
    """Write a synthetic history into a directory: the tables of the history format, `truth.parquet` and `meta.json`.

    The same settings write the same bytes, whatever the number of workers.
    `progress` is told how many cases are done, of how many. Where it is broken
    off, or the disk is full, nothing is left of it and what was there stays.
    """
    sizes = court_sizes(settings)
    for court in load_margins().courts[: settings.courts]:
        curves(court.window)
    counts: Counter[str] = Counter()
    with _put_when_whole(out) as work, ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for number, tables in _courts(settings, sizes):
            for name, table in tables.items():
                if name not in writers:
                    writers[name] = stack.enter_context(_writer(work / f"{name}.parquet", table.schema))
                writers[name].write_table(table, row_group_size=ROW_GROUP)
            counts.update({name: table.num_rows for name, table in tables.items()})
            counts["urged"] += _urged(tables["decisions"])
            if progress is not None:
                progress(sum(sizes[done] for done in range(number + 1)), settings.n)
        text = json.dumps(_meta(settings), ensure_ascii=False, indent=1) + "\n"
        (work / META).write_text(text, encoding="utf-8")
    return _summary(counts, settings)


@contextmanager
def _put_when_whole(out: Path) -> Iterator[Path]:
    """Yield a folder inside `out` whose files move up when all are written, last the one that makes them a history."""
    new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".unfinished.", dir=out))
    try:
        yield work
        (out / META).unlink(missing_ok=True)
        for file in sorted(work.iterdir(), key=lambda one: one.name == META):
            file.replace(out / file.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if new and not any(out.iterdir()):
            out.rmdir()


def _summary(counts: Mapping[str, int], settings: CourtSettings) -> Summary:
    return Summary(
        cases=counts["cases"], filed=counts["queries"], urged=counts["urged"], events=counts["events"],
        debtors=counts["debtors"], observed_until=settings.observed_until,
    )  # fmt: skip


def _courts(settings: CourtSettings, sizes: dict[int, int]) -> Iterator[tuple[int, dict[str, pa.Table]]]:
    """Yield each court's tables in the order of the courts, simulating a few at the same time."""
    seeds = np.random.SeedSequence(settings.seed).spawn(len(sizes))
    waiting: list[tuple[int, Future[dict[str, pa.Table]]]] = []
    with ThreadPoolExecutor(max_workers=settings.workers) as pool:
        for number, n in sizes.items():
            waiting.append((number, pool.submit(simulate_court, number, n, seeds[number], settings)))
            if len(waiting) > settings.workers:
                first, future = waiting.pop(0)
                yield first, future.result()
        for number, future in waiting:
            yield number, future.result()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    few = [field.name for field in schema if pa.types.is_dictionary(field.type) or field.name in _REPEATED]
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=few)


_REPEATED = (
    "court_code", "cause_code", "currency", "watermark", "basis_authority", "industry_code", "huji_region", "clerk",
    "applicant_token", "batch_id", "source", "stage", "lane", "by", "rule_ids", "ruleset", "model", "type", "reason",
)  # fmt: skip
"""Columns of plain strings with few values, stored as a dictionary."""


def _urged(decisions: pa.Table) -> int:
    urge, person = (decisions[name].to_numpy() == word for name, word in (("lane", "urge"), ("by", "person")))
    return int(np.sum(urge & person))


def _meta(settings: CourtSettings) -> dict[str, object]:
    courts = load_margins().courts[: settings.courts]
    return {
        "format": FORMAT,
        "simulated": True,
        "notice": NOTICE,
        "observed_until": {court.code: settings.observed_until.isoformat() for court in courts},
        "seed": settings.seed,
        "n": settings.n,
        "scenario": settings.scenario,
        "start": settings.start.isoformat(),
        "end": settings.end.isoformat(),
        "extensions": [],
    }
