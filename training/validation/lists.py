"""Probes of public lists and registers: looked up too late, on an unknown day, or today's list on an old case."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features import history_tables as tables
from features.known import OBSERVED, Array
from features.lists import LISTS
from training.history import History
from training.validation.findings import Finding, Severity, keys

Rows = npt.NDArray[np.int64]

REST_ON_EARLIER = (
    "prior_full_n", "prior_zhongben_n", "open_enf_n", "dishonest_now", "dishonest_n", "restricted_now",
    "settle_default_n",
)  # fmt: skip
"""What nobody has against whom there was no enforcement case before."""

PAIRS = 30
"""Fewest cases from which the two probes of today's lists conclude anything."""


def of_lists(history: History) -> Iterator[Finding]:
    """Yield what is wrong with the lists of a history."""
    yield from _observed_late(history)
    yield from _undated(history)
    yield from _standing_still(history)
    yield from _without_an_earlier_case(history)


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


def _undated(history: History) -> Iterator[Finding]:
    """Tell the lists of which nobody knows the day; they are not learned from."""
    cases = history.cases
    for name in sorted(LISTS & set(cases.column_names)):
        undated = _valid(cases[name])
        if name + OBSERVED in cases.column_names:
            undated &= ~_valid(cases[name + OBSERVED])
        if undated.any():
            zh = f"{name} 有值而没有取得时间（{name}{OBSERVED}）：今天的名单不得用于旧案，按未知处理"
            en = f"{name} without the day of its look-up ({name}{OBSERVED}) may be today's list: it counts as unknown"
            rows = keys(history, np.flatnonzero(undated)[:5])
            yield Finding("LIST_UNDATED", Severity.WARN, "cases", name, int(undated.sum()), zh, en, cases=rows)


def _valid(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.array(column.is_valid().to_numpy(), dtype=np.bool_)


def _standing_still(history: History) -> Iterator[Finding]:
    """Warn of a register that does not count the debtor's earlier case when the next one comes in.

    Looked up on each receipt it must; one and the same number in both cases
    is the number of today.
    """
    count = _column(history, "prior_enf_n")
    if count is None:
        return
    earlier, later = _pairs(history)
    told = ~np.isnan(count[earlier]) & ~np.isnan(count[later])
    same = told & (count[later] <= count[earlier])
    if told.sum() >= PAIRS and same.sum() > told.sum() / 2:
        zh = f"同一被执行人先后两案 {int(told.sum())} 对中，{int(same.sum())} 对的 prior_enf_n 没有增加，疑似今天的名单"
        en = f"prior_enf_n does not grow in {int(same.sum())} of {int(told.sum())} later cases of one debtor: today's?"
        yield _of_today(history, "prior_enf_n", later[same], (zh, en))


def _pairs(history: History) -> tuple[Rows, Rows]:
    """Return the case rows of a debtor's neighbouring cases of which the first was filed before the next came in."""
    debtors = history.debtors
    rows = history.rows_of(debtors["case_id"], table="debtors")
    tokens = debtors["id_token"].cast(pa.string()).combine_chunks().dictionary_encode()
    code = np.asarray(pc.fill_null(tokens.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    rows, code = rows[code >= 0], code[code >= 0]
    order = np.lexsort((history.received_at[rows], code))
    rows, code = rows[order], code[order]
    filed = np.full(history.cases.num_rows, np.inf)
    log = history.log.of("file")
    filed[log.row[::-1]] = log.at[::-1]
    follows = (code[1:] == code[:-1]) & (filed[rows[:-1]] + 1 < history.received_at[rows[1:]])
    return rows[:-1][follows], rows[1:][follows]


def _without_an_earlier_case(history: History) -> Iterator[Finding]:
    """Warn of what only earlier cases bring, found where there was none: it came about through this case."""
    count = _column(history, "prior_enf_n")
    if count is None or (count == 0).sum() < PAIRS:
        return
    for name in REST_ON_EARLIER:
        value = _column(history, name)
        if value is None:
            continue
        strange = (count == 0) & (value > 0)
        if strange.sum() > (count == 0).sum() / 50:
            zh = f"{name} 有 {int(strange.sum())} 件，而当时没有任何在先执行案件（prior_enf_n = 0），疑似今天的名单"
            en = f"{name} in {int(strange.sum())} cases of debtors without an earlier case (prior_enf_n = 0): today's?"
            yield _of_today(history, name, np.flatnonzero(strange), (zh, en))


def _column(history: History, name: str) -> Array | None:
    if name not in history.cases.column_names:
        return None
    return tables.columns_of_field(history.register[name], history.cases[name])[name].astype(np.float64)


def _of_today(history: History, name: str, rows: Rows, words: tuple[str, str]) -> Finding:
    return Finding("LIST_OF_TODAY", Severity.WARN, "cases", name, len(rows), *words, cases=keys(history, rows[:5]))
