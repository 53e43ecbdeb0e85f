"""Probes for leaks: columns that know the outcome, or that were filled in too late to be known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from features import history_tables as tables
from features.events import CLOSE_MODES
from features.known import OBSERVED, Array
from features.register import Stage
from training.history import History
from training.validation.findings import Finding, Severity, keys

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TELLING = 0.98
"""A column that alone tells the outcomes apart this well (AUC, either way round) knows them."""

FEWEST = 20
"""Fewest cases of each outcome, and of filled cells, from which a probe concludes anything."""

LISTS = (
    "dishonest_now", "dishonest_n", "restricted_now", "prior_enf_n", "open_enf_n", "prior_full_n", "prior_zhongben_n",
    "last_zhongben_days", "prior_recovery_rate", "reg_status", "bankruptcy_case",
)  # fmt: skip
"""Public lists and own registers whose state of today must not stand in an old case."""


def leaks(history: History) -> Iterator[Finding]:
    """Yield every suspicion that a column holds what nobody could know at the time."""
    performed = _performed(history)
    for stage in Stage:
        yield from _telling(history, stage, performed)
    yield from _observed_late(history)
    yield from _undated_lists(history)


def auc(values: Array, event: Flags) -> float:
    """Return how well a column alone tells the outcomes apart, 0.5 for not at all."""
    ones = int(event.sum())
    ranks = rankdata(values)[event].sum()
    return float((ranks - ones * (ones + 1) / 2) / (ones * (len(event) - ones)))


def _performed(history: History) -> Array:
    """Return 1 for cases that ended fully performed, 0 for other ends, NaN for cases still open."""
    closings = history.log.of("close")
    performed = np.full(history.cases.num_rows, np.nan)
    full = CLOSE_MODES.index("full")
    performed[closings.row[::-1]] = (closings.mode[::-1] == full).astype(np.float64)
    return performed


def _telling(history: History, stage: Stage, performed: Array) -> Iterator[Finding]:
    _, columns, rows = history.known(stage)
    event = performed[rows]
    closed = ~np.isnan(event)
    tables_of = ("cases",) if stage is Stage.A else ("queries",)
    own = {name for table in tables_of for name in tables.fields_of(table, history.register)}
    for name, column in columns.items():
        if name.partition(".")[0] not in own or name.endswith(OBSERVED):
            continue
        filled = np.array([value is not None for value in column]) if column.dtype == object else ~np.isnan(column)
        yield from _presence(history, name, filled[closed], event[closed] == 1, rows[closed])
        if column.dtype == np.float64:
            used = filled & closed
            yield from _value(history, name, column[used].astype(np.float64), event[used] == 1, rows[used])


def _value(history: History, name: str, values: Array, event: Flags, rows: Rows) -> Iterator[Finding]:
    if min(event.sum(), (~event).sum()) < FEWEST or values.min() == values.max():
        return
    found = auc(values, event)
    if max(found, 1 - found) > TELLING:
        zh = f"{name} 单独就能分辨结果（AUC {max(found, 1 - found):.3f}），疑似事后信息"
        en = f"{name} alone tells the outcome (AUC {max(found, 1 - found):.3f}): it may have been written afterwards"
        yield _suspect(history, name, len(values), (zh, en), rows)


def _presence(history: History, name: str, filled: Flags, event: Flags, rows: Rows) -> Iterator[Finding]:
    """Suspect a column that is filled only where the case ended one way."""
    n = int(filled.sum())
    if n < FEWEST or n > 0.95 * len(filled) or min(event.sum(), (~event).sum()) < FEWEST:
        return
    share, base = float(event[filled].mean()), float(event.mean())
    if max(share, 1 - share) > 0.99 and 0.02 < base < 0.98 and _surprising(share, base, n):
        how, how_en = ("执行完毕", "were performed") if share > 0.5 else ("未执行完毕", "were not performed")
        zh = f"{name} 只在{how}的案件中有值（{n} 件），疑似事后填写"
        en = f"{name} is filled only in cases that {how_en} ({n}): it may have been filled in afterwards"
        yield _suspect(history, name, n, (zh, en), rows[filled])


def _surprising(share: float, base: float, n: int) -> bool:
    """Whether so pure a group of n would come about by chance less than once in a million columns."""
    purity = base if share > 0.5 else 1 - base
    return bool(n * np.log(purity) < np.log(1e-6))


def _suspect(history: History, name: str, count: int, words: tuple[str, str], rows: Rows) -> Finding:
    table = "cases" if history.register[name.partition(".")[0]].known_at in "PAL" else "queries"
    return Finding("LEAK_SUSPECT", Severity.ERROR, table, name, count, *words, cases=keys(history, rows[:5]))


def _observed_late(history: History) -> Iterator[Finding]:
    """Tell the share of values observed after the moment at which the case is scored; they are blanked."""
    for table, moment in (("cases", "received_at"), ("queries", "query_at")):
        whole = history.cases if table == "cases" else history.queries
        as_of = tables.days(whole[moment])
        place = np.arange(len(as_of)) if table == "cases" else history.rows_of(whole["case_id"], table=table)
        for name in (column for column in whole.column_names if column.endswith(OBSERVED)):
            late = tables.days(whole[name]) > as_of
            field, share = name.removesuffix(OBSERVED), float(late.mean()) if len(late) else 0.0
            if share > 0:
                zh = f"{field} 有 {share:.1%} 的值在评分时点之后才取得，训练时按缺失处理"
                en = f"{share:.1%} of {field} was observed after the moment of scoring and counts as missing"
                severity = Severity.WARN if share > 0.05 else Severity.INFO
                cases = keys(history, place[late][:5])
                yield Finding("OBSERVED_LATE", severity, table, field, int(late.sum()), zh, en, cases=cases)


def _undated_lists(history: History) -> Iterator[Finding]:
    names = history.cases.column_names
    for name in LISTS:
        if name in names and name + OBSERVED not in names and history.cases[name].null_count < history.cases.num_rows:
            zh = f"{name} 没有取得时间（{name}{OBSERVED}）：今天的名单不得用于旧案"
            en = f"{name} has no observation date ({name}{OBSERVED}): a list of today must not stand in an old case"
            yield Finding("LIST_UNDATED", Severity.WARN, "cases", name, history.cases.num_rows, zh, en)
