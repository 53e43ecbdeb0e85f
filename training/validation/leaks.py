"""Probes for leaks: columns that know the outcome, or that were filled in too late to be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from features import history_tables as tables
from features.events import CLOSE_MODES
from features.known import OBSERVED, Array
from features.register import Stage
from training.history import History
from training.history.history import URGING
from training.validation.findings import Finding, Severity, keys

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TELLING = 0.98
"""A column that alone tells the outcomes apart this well (AUC, either way round) knows them."""

ORDERING = 0.95
"""Rank correlation with the days to closing from which on a column knows them."""

HALF, HARDLY = 0.5, 0.02
"""From which share on most of the closed cases hold a value, and below which the open ones hold none."""

QUARTER = 91.3125
"""Days; cases of one quarter are compared, because what is recorded changes over the years."""

FEWEST = 20
"""Fewest cases of each outcome, and of filled cells, from which a probe concludes anything."""


def leaks(history: History) -> Iterator[Finding]:
    """Yield every suspicion that a column holds what nobody could know at the time."""
    performed, took = _performed(history), _days_to_closing(history)
    for stage in Stage:
        yield from _telling(history, stage, performed, took)


def auc(values: Array, event: Flags) -> float:
    """Return how well a column alone tells the outcomes apart, 0.5 for not at all."""
    ones = int(event.sum())
    ranks = rankdata(values)[event].sum()
    return float((ranks - ones * (ones + 1) / 2) / (ones * (len(event) - ones)))


def _days_to_closing(history: History) -> Array:
    """Return the days from receipt to the first closing; NaN for cases still open."""
    closings = history.log.of("close")
    closed_at = np.full(history.cases.num_rows, np.nan)
    closed_at[closings.row[::-1]] = closings.at[::-1]
    return closed_at - history.received_at


def _performed(history: History) -> Array:
    """Return 1 for cases that ended fully performed, 0 for other ends, NaN for cases still open."""
    closings = history.log.of("close")
    performed = np.full(history.cases.num_rows, np.nan)
    full = CLOSE_MODES.index("full")
    performed[closings.row[::-1]] = (closings.mode[::-1] == full).astype(np.float64)
    return performed


def _telling(history: History, stage: Stage, performed: Array, took: Array) -> Iterator[Finding]:
    _, columns, rows = history.known(stage)
    if not len(rows):
        return
    event = performed[rows]
    closed = ~np.isnan(event)
    tables_of = ("cases",) if stage is Stage.A else ("queries",)
    own = {name for table in tables_of for name in tables.fields_of(table, history.register)} - set(URGING)
    for name, column in columns.items():
        if name.partition(".")[0] not in own or name.endswith(OBSERVED):
            continue
        filled = np.array([value is not None for value in column]) if column.dtype == object else ~np.isnan(column)
        yield from _presence(history, name, filled[closed], event[closed] == 1, rows[closed])
        yield from _at_closing(history, name, filled, closed, rows)
        yield from _codes(history, name, column[closed], event[closed] == 1, rows[closed])
        if column.dtype == np.float64:
            used = filled & closed
            yield from _value(history, name, column[used].astype(np.float64), event[used] == 1, rows[used])
            yield from _time(history, name, column[used].astype(np.float64), took[rows[used]], rows[used])


def _value(history: History, name: str, values: Array, event: Flags, rows: Rows) -> Iterator[Finding]:
    if min(event.sum(), (~event).sum()) < FEWEST or values.min() == values.max():
        return
    found = auc(values, event)
    if max(found, 1 - found) > TELLING:
        zh = f"{name} 单独就能分辨结果（AUC {max(found, 1 - found):.3f}），疑似事后信息"
        en = f"{name} alone tells the outcome (AUC {max(found, 1 - found):.3f}): it may have been written afterwards"
        yield _suspect(history, name, len(values), (zh, en), rows)


def _time(history: History, name: str, values: Array, took: Array, rows: Rows) -> Iterator[Finding]:
    """Suspect a column that orders cases as their duration does."""
    if len(values) < FEWEST or values.min() == values.max() or took.min() == took.max():
        return
    found = float(abs(np.corrcoef(rankdata(values), rankdata(took))[0, 1]))
    if found > ORDERING:
        zh = f"{name} 与办理天数几乎同序（等级相关 {found:.3f}），疑似事后信息"
        en = f"{name} orders cases as their days to closing do (rank correlation {found:.3f}): written afterwards?"
        yield _suspect(history, name, len(values), (zh, en), rows)


def _presence(history: History, name: str, filled: Flags, event: Flags, rows: Rows) -> Iterator[Finding]:
    """Suspect a column that is filled only where the case ended one way."""
    told = _one_end(filled, event)
    if told is not None:
        n, (how, how_en) = int(filled.sum()), told
        zh = f"{name} 只在{how}的案件中有值（{n} 件），疑似事后填写"
        en = f"{name} is filled only in cases that {how_en} ({n}): it may have been filled in afterwards"
        yield _suspect(history, name, n, (zh, en), rows[filled])


def _codes(history: History, name: str, column: npt.NDArray[np.generic], event: Flags, rows: Rows) -> Iterator[Finding]:
    """Warn of a code that occurs only where the case ended one way; a hopeless debtor's honest code may do so too."""
    field = history.register[name.partition(".")[0]]
    if column.dtype != np.float64 or field.type not in {"enum", "bool", "ordinal", "set"}:
        return
    for code in np.unique(column[~np.isnan(column.astype(np.float64))]):
        told = _one_end(column == code, event)
        if told is not None:
            n, (how, how_en) = int((column == code).sum()), told
            zh = f"{name} 的一个取值只出现在{how}的案件中（{n} 件），疑似事后信息，请核对其来源"
            en = f"one code of {name} occurs only in cases that {how_en} ({n}): check whether it was written afterwards"
            yield replace(_suspect(history, name, n, (zh, en), rows[column == code]), severity=Severity.WARN)


def _at_closing(history: History, name: str, filled: Flags, closed: Flags, rows: Rows) -> Iterator[Finding]:
    """Suspect a column that is filled when a case is closed: cases of the same quarter that are open lack it."""
    quarter = np.floor(history.received_at[rows] / QUARTER).astype(np.int64)
    quarter -= quarter.min()
    among_closed = np.bincount(quarter[closed], minlength=int(quarter.max()) + 1)
    share = np.bincount(quarter[closed & filled], minlength=len(among_closed)) / np.maximum(among_closed, 1)
    waiting = ~closed & (among_closed[quarter] >= FEWEST)
    if waiting.sum() >= FEWEST and share[quarter[waiting]].mean() > HALF and filled[waiting].mean() < HARDLY:
        n = int((filled & closed).sum())
        zh = f"{name} 只在已结案件中有值（{n} 件），同期未结案件没有，疑似结案时填写"
        en = f"{name} is filled in closed cases only ({n}), not in open ones of the same time: written at closing?"
        yield _suspect(history, name, n, (zh, en), rows[filled & closed])


def _one_end(group: Flags, event: Flags) -> tuple[str, str] | None:
    """Return how a group's cases ended where nearly all ended alike and chance does not explain it, in both words."""
    n = int(group.sum())
    if n < FEWEST or n > 0.95 * len(group) or min(event.sum(), (~event).sum()) < FEWEST:
        return None
    share, base = float(event[group].mean()), float(event.mean())
    if max(share, 1 - share) <= 0.99 or not 0.02 < base < 0.98 or not _surprising(share, base, n):
        return None
    return ("执行完毕", "were performed") if share > HALF else ("未执行完毕", "were not performed")


def _surprising(share: float, base: float, n: int) -> bool:
    """Whether so pure a group of n would come about by chance less than once in a million columns."""
    purity = base if share > 0.5 else 1 - base
    return bool(n * np.log(purity) < np.log(1e-6))


def _suspect(history: History, name: str, count: int, words: tuple[str, str], rows: Rows) -> Finding:
    table = "cases" if history.register[name.partition(".")[0]].known_at in "PAL" else "queries"
    return Finding("LEAK_SUSPECT", Severity.ERROR, table, name, count, *words, cases=keys(history, rows[:5]))
