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
from features.clock import days_of
from features.columns import columns_of
from features.known import Array, Known
from features.register import Register, Stage
from training.errors import CommandError
from training.history import History, parts

Column = npt.NDArray[np.generic]
Rows = npt.NDArray[np.int64]

BATCH = 20_000
"""Rows of a history scored at a time: bounds memory, and is large enough to cost nothing."""

LINES = 2_000
"""Envelopes scored at a time."""


@dataclass(frozen=True)
class Batch:
    """Cases of one stage: their ids and courts, the moment of each in days, and all their columns."""

    stage: Stage
    ids: Sequence[str]
    courts: Sequence[str]
    as_of: Array
    columns: Mapping[str, Column]
    register: Register

    @property
    def known(self) -> Known:
        """What features of the stage may see."""
        return Known.cut(self.columns, as_of=self.as_of, stage=self.stage, register=self.register)

    def where(self, rows: Rows) -> Batch:
        """Return some of the cases."""
        return Batch(
            stage=self.stage,
            ids=[self.ids[i] for i in rows],
            courts=[self.courts[i] for i in rows],
            as_of=self.as_of[rows],
            columns={name: column[rows] for name, column in self.columns.items()},
            register=self.register,
        )


@dataclass(frozen=True)
class Reject:
    """A line that is no case: its number, and codes with the fields they concern; never a value."""

    line: int
    reasons: tuple[str, ...]


def batches_of_history(path: Path, *stages: Stage) -> Iterator[Batch]:
    """Yield the cases of a history as they were known at these stages, part by part."""
    for part in parts(History.open(path), size=BATCH):
        for stage in stages:
            known, columns, found = part.known(stage)
            if len(found):
                ids, courts = part.case_ids[found].tolist(), part.courts[found].tolist()
                yield Batch(stage, ids, courts, known.as_of, columns, part.register)


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
    as_of = np.array([days_of(case.as_of) for case in cases])
    return Batch(stage, [c.application_id for c in cases], [c.court_code for c in cases], as_of, columns, register)


def _column(columns: Mapping[str, Column], name: str) -> Column:
    """Return a column of one case; an observation instant that it did not send is missing."""
    return columns[name] if name in columns else np.array([np.nan])
