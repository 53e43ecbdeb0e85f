"""A finding about a history: how serious, where, how often, and a few case keys to look at; never a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from training.history import History

SHOWN = 5
"""How many case keys a finding names."""


class Severity(StrEnum):
    """An error makes training wrong, a warning may; information explains figures."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One thing found in one column or table, with the number of rows and the keys of a few cases."""

    code: str
    severity: Severity
    table: str
    column: str
    count: int
    zh: str
    en: str
    cases: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the finding as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class ValidationReport:
    """All findings about a history, the serious ones first."""

    cases: int
    events: int
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def exit_code(self, *, fail_on: Severity = Severity.ERROR) -> int:
        """Return 3 where an error was found, 1 where only warnings were and they count, else 0."""
        if self.count(Severity.ERROR):
            return 3
        return 1 if fail_on is Severity.WARN and self.count(Severity.WARN) else 0

    def to_json(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        found = [finding.to_json() for finding in self.findings]
        return {"format": "fenliu-validation/1", "cases": self.cases, "events": self.events, "findings": found}


@dataclass(frozen=True)
class Marked:
    """Rows of a column for which a check holds; `rows` are their case rows, by default the rows of the cases table."""

    place: str
    code: str
    bad: npt.NDArray[np.bool_]
    zh: str
    en: str
    rows: npt.NDArray[np.int64] | None = None
    severity: Severity = Severity.ERROR

    def findings(self, history: History) -> Iterator[Finding]:
        """Yield one finding where any row is marked."""
        if not self.bad.any():
            return
        table, _, column = self.place.partition(".")
        rows = np.flatnonzero(self.bad) if self.rows is None else self.rows[self.bad]
        cases, count = keys(history, rows), int(self.bad.sum())
        yield Finding(self.code, self.severity, table, column, count, self.zh, self.en, cases=cases)


def keys(history: History, rows: npt.NDArray[np.integer] | Iterable[int]) -> tuple[str, ...]:
    """Return the keys of the first few case rows; a key that may be a person's number is shown by its ends only."""
    chosen = np.unique(np.fromiter(rows, dtype=np.int64))[:SHOWN]
    return tuple(_masked(str(key)) for key in history.case_ids[chosen])


def _masked(key: str) -> str:
    """Return the key, its middle hidden where it holds as many digits in a row as a telephone number."""
    return re.sub(r"(?<!\d)(\d{3})\d{4,}(\d{4}|\d{3}[\dXx])(?![\dXx])", r"\1****\2", key)
