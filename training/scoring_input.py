"""Cases to be scored, batch by batch: a history directory, or a file with one API envelope a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from features.case import Case, InvalidCaseError, parse_case
from features.columns import columns_of
from features.known import Known
from features.register import Register, Stage
from training.errors import CommandError
from training.history import History

Column = npt.NDArray[np.generic]

BATCH = 100_000
"""Rows of a history scored at a time: bounds memory, and is large enough to cost nothing."""

LINES = 2_000
"""Envelopes scored at a time."""


@dataclass(frozen=True)
class Batch:
    """Cases of one stage: their ids and courts, what features may see, and all columns for the rules."""

    stage: Stage
    ids: Sequence[str]
    courts: Sequence[str]
    known: Known
    columns: Mapping[str, Column]


@dataclass(frozen=True)
class Reject:
    """A line that is no case: its number, and codes with the fields they concern; never a value."""

    line: int
    reasons: tuple[str, ...]


def batches_of_history(path: Path, stage: Stage) -> Iterator[Batch]:
    """Yield the cases of a history as they were known at their stage."""
    history = History.open(path)
    for start in range(0, history.cases.num_rows, BATCH):
        rows = np.arange(start, min(start + BATCH, history.cases.num_rows), dtype=np.int64)
        known, columns, found = history.known(stage, rows)
        if len(found):
            yield Batch(stage, history.case_ids[found].tolist(), history.courts[found].tolist(), known, columns)


def batches_of_lines(path: Path, *, register: Register, now: datetime, rejects: list[Reject]) -> Iterator[Batch]:
    """Yield the envelopes of a file, those of one stage together; what is no case is added to `rejects`."""
    waiting: dict[Stage, list[Case]] = {stage: [] for stage in Stage}
    for number, document in _documents(path):
        try:
            case = parse_case(document, now=now, register=register)
        except InvalidCaseError as error:
            rejects.append(Reject(number, tuple(f"{e.code} {e.pointer}" for e in error.errors)))
            continue
        waiting[case.stage].append(case)
        if len(waiting[case.stage]) >= LINES:
            yield _batch(waiting[case.stage], register)
            waiting[case.stage] = []
    yield from (_batch(cases, register) for cases in waiting.values() if cases)


def _documents(path: Path) -> Iterator[tuple[int, object]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except ValueError as error:
                zh, en = f"{path.name} 第 {number} 行不是 JSON", f"line {number} of {path.name} is not JSON"
                raise CommandError("DATA_REJECTED", zh, en) from error


def _batch(cases: Sequence[Case], register: Register) -> Batch:
    single = [columns_of(case, register) for case in cases]
    names = set[str]().union(*single)
    columns = {name: np.concatenate([_column(one, name) for one in single]) for name in names}
    stage = cases[0].stage
    as_of = np.array([_days(case.as_of) for case in cases])
    known = Known.cut(columns, as_of=as_of, stage=stage, register=register)
    return Batch(stage, [c.application_id for c in cases], [c.court_code for c in cases], known, columns)


def _column(columns: Mapping[str, Column], name: str) -> Column:
    """Return a column of one case; an observation instant that it did not send is missing."""
    return columns[name] if name in columns else np.array([np.nan])


def _days(instant: datetime) -> float:
    """Return days since 1970-01-01 00:00 Shanghai."""
    return (instant.timestamp() + 8 * 3600) / 86_400
