"""Probes for leaks: columns that know the outcome, or that were filled in too late to be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

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

STRONG = 0.92
"""From here on it may know them: no fact on record at receipt or query is that good, so a person looks."""

ORDERING = 0.95
"""Rank correlation with the days to closing from which on a column knows them."""

HALF, HARDLY = 0.5, 0.02
"""From which share on most of the closed cases hold a value, and below which the open ones hold none."""

QUARTER = 91.3125
"""Days; cases of one quarter are compared, because what is recorded changes over the years."""

FEWEST = 20
"""Fewest cases of each outcome, and of filled cells, from which a probe concludes anything."""


@dataclass(frozen=True)
class Seen:
    """One column of the cases that have closed: where it is filled, how they ended, and how long they took.

    `ends` holds an array for each way to tell the end, True for fully performed.
    """

    name: str
    column: npt.NDArray[np.generic]
    filled: Flags
    ends: tuple[Flags, ...]
    took: Array
    rows: Rows

    def in_use(self) -> Seen:
        """Return the cases that hold a value."""
        keep, ends = self.filled, tuple(end[self.filled] for end in self.ends)
        return Seen(self.name, self.column[keep], keep[keep], ends, self.took[keep], self.rows[keep])


def leaks(history: History) -> Iterator[Finding]:
    """Yield every suspicion that a column holds what nobody could know at the time."""
    ends = (_performed(history, last=False), _performed(history, last=True))
    took = _days_to_closing(history)
    for stage in Stage:
        yield from _telling(history, stage, ends, took)


def auc(values: Array, event: Flags) -> float:
    """Return how well a column alone tells the outcomes apart, 0.5 for not at all."""
    return _auc(rankdata(values), event)


def _auc(ranks: Array, event: Flags) -> float:
    ones = int(event.sum())
    return float((ranks[event].sum() - ones * (ones + 1) / 2) / (ones * (len(event) - ones)))


def _days_to_closing(history: History) -> Array:
    """Return the days from receipt to the first closing; NaN for cases still open."""
    closings = history.log.of("close")
    closed_at = np.full(history.cases.num_rows, np.nan)
    closed_at[closings.row[::-1]] = closings.at[::-1]
    return closed_at - history.received_at


def _performed(history: History, *, last: bool) -> Array:
    """Return 1 for cases that ended fully performed, 0 for other ends, NaN for cases still open.

    A case that was closed, resumed and closed again ended twice: the first
    closing tells what models learn, the last one what a column of today knows.
    """
    closings = history.log.of("close")
    order = slice(None) if last else slice(None, None, -1)
    performed = np.full(history.cases.num_rows, np.nan)
    performed[closings.row[order]] = (closings.mode[order] == CLOSE_MODES.index("full")).astype(np.float64)
    return performed


def _telling(history: History, stage: Stage, ends: tuple[Array, ...], took: Array) -> Iterator[Finding]:
    _, columns, rows = history.known(stage)
    if not len(rows):
        return
    closed = ~np.isnan(ends[0][rows])
    ended = tuple(end[rows][closed] == 1 for end in ends)
    tables_of = ("cases",) if stage is Stage.A else ("queries",)
    own = {name for table in tables_of for name in tables.fields_of(table, history.register)} - set(URGING)
    for name, column in columns.items():
        if name.partition(".")[0] not in own or name.endswith(OBSERVED):
            continue
        filled = np.array([value is not None for value in column]) if column.dtype == object else ~np.isnan(column)
        seen = Seen(name, column[closed], filled[closed], ended, took[rows][closed], rows[closed])
        yield from _presence(history, seen)
        yield from _at_closing(history, name, filled, closed, rows)
        if column.dtype == np.float64:
            yield from _codes(history, seen)
            yield from _value(history, seen.in_use())
            yield from _time(history, seen.in_use())


def _value(history: History, seen: Seen) -> Iterator[Finding]:
    """Suspect a column that alone tells how cases ended; warn of one that nearly does."""
    if not len(seen.rows) or seen.column.min() == seen.column.max():
        return
    ranks = rankdata(seen.column)
    mixed = [end for end in seen.ends if min(end.sum(), (~end).sum()) >= FEWEST]
    found = max((abs(_auc(ranks, end) - 0.5) + 0.5 for end in mixed), default=0.5)
    name, n = seen.name, len(seen.rows)
    if found > TELLING:
        zh = f"{name} 单独就能分辨结果（AUC {found:.3f}），疑似事后信息"
        en = f"{name} alone tells the outcome (AUC {found:.3f}): it may have been written afterwards"
        yield _suspect(history, name, n, (zh, en), seen.rows)
    elif found > STRONG:
        zh = f"{name} 单独分辨结果的能力异常强（AUC {found:.3f}），请核对其来源和填写时间"
        en = f"{name} alone tells the outcome unusually well (AUC {found:.3f}): check where and when it was written"
        yield replace(_suspect(history, name, n, (zh, en), seen.rows), severity=Severity.WARN)


def _time(history: History, seen: Seen) -> Iterator[Finding]:
    """Suspect a column that orders cases as their duration does."""
    values, took = seen.column.astype(np.float64), seen.took
    if len(values) < FEWEST or values.min() == values.max() or took.min() == took.max():
        return
    found = float(abs(np.corrcoef(rankdata(values), rankdata(took))[0, 1]))
    if found > ORDERING:
        zh = f"{seen.name} 与办理天数几乎同序（等级相关 {found:.3f}），疑似事后信息"
        en = f"{seen.name} orders cases as their days to closing do (rank correlation {found:.3f}): written afterwards?"
        yield _suspect(history, seen.name, len(values), (zh, en), seen.rows)


def _presence(history: History, seen: Seen) -> Iterator[Finding]:
    """Suspect a column that is filled only where the case ended one way."""
    told = _one_end(seen.filled, seen.ends)
    if told is not None:
        n, (how, how_en) = int(seen.filled.sum()), told
        zh = f"{seen.name} 只在{how}的案件中有值（{n} 件），疑似事后填写"
        en = f"{seen.name} is filled only in cases that {how_en} ({n}): it may have been filled in afterwards"
        yield _suspect(history, seen.name, n, (zh, en), seen.rows[seen.filled])


def _codes(history: History, seen: Seen) -> Iterator[Finding]:
    """Warn of a code that occurs only where the case ended one way; a hopeless debtor's honest code may do so too."""
    name, column = seen.name, seen.column.astype(np.float64)
    if history.register[name.partition(".")[0]].type not in {"enum", "bool", "ordinal", "set"}:
        return
    for code in np.unique(column[~np.isnan(column)]):
        told = _one_end(column == code, seen.ends)
        if told is not None:
            n, (how, how_en) = int((column == code).sum()), told
            zh = f"{name} 的一个取值只出现在{how}的案件中（{n} 件），疑似事后信息，请核对其来源"
            en = f"one code of {name} occurs only in cases that {how_en} ({n}): check whether it was written afterwards"
            yield replace(_suspect(history, name, n, (zh, en), seen.rows[column == code]), severity=Severity.WARN)


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


def _one_end(group: Flags, ends: tuple[Flags, ...]) -> tuple[str, str] | None:
    """Return how a group's cases ended where nearly all ended alike and chance does not explain it, in both words."""
    for event in ends:
        share = _alike(group, event)
        if share is not None:
            return ("执行完毕", "were performed") if share > HALF else ("未执行完毕", "were not performed")
    return None


def _alike(group: Flags, event: Flags) -> float | None:
    """Return the share of a group's cases that were performed where that is as good as all or none of them."""
    n = int(group.sum())
    if n < FEWEST or n > 0.95 * len(group) or min(event.sum(), (~event).sum()) < FEWEST:
        return None
    share, base = float(event[group].mean()), float(event.mean())
    pure = max(share, 1 - share) > 0.99 and 0.02 < base < 0.98 and _surprising(share, base, n)
    return share if pure else None


def _surprising(share: float, base: float, n: int) -> bool:
    """Whether so pure a group of n would come about by chance less than once in a million columns."""
    purity = base if share > 0.5 else 1 - base
    return bool(n * np.log(purity) < np.log(1e-6))


def _suspect(history: History, name: str, count: int, words: tuple[str, str], rows: Rows) -> Finding:
    table = "cases" if history.register[name.partition(".")[0]].known_at in "PAL" else "queries"
    return Finding("LEAK_SUSPECT", Severity.ERROR, table, name, count, *words, cases=keys(history, rows[:5]))
