"""Probes of the record itself: what is missing, written down late, later than anybody watched, or of a later day."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from features import history_tables as tables
from features.events import MONEY
from features.known import Array
from training.history import History
from training.validation.findings import Finding, Marked, Severity, keys

OUTCOMES = ("close", "zhongben", *MONEY)
"""Events that tell how a case ended or what came in."""

LATE_DAYS = 30.0
"""Days after which a record is late: training waits two weeks for records, and calls a case unpaid until then."""

MANY = 0.05
"""Share of late records from which on recent cases look worse than they are."""

RIPE_DAYS = 180.0
FEWEST = 20
"""Cases watched for half a year, from which on a history without any outcome is no history."""


def of_records(history: History) -> Iterator[Finding | Marked]:
    """Yield what is wrong with when outcomes were written down."""
    log = history.log.of(*OUTCOMES)
    after = log.at > history.observed_until[log.row] + 1
    zh, en = "事件晚于观察截止日", "an event after follow-up ended"
    yield Marked("events.at", "AFTER_FOLLOW_UP", after, zh, en, rows=log.row, severity=Severity.WARN)
    yield from _without_outcomes(history)
    yield from _without_claims(history)
    yield from _queried_late(history)
    late = log.recorded_at - log.at > LATE_DAYS
    if late.sum() > MANY * len(late):
        share, n = float(late.mean()), int(late.sum())
        zh = f"{share:.1%} 的结案和到账在发生 {LATE_DAYS:g} 天以后才登记：较新的案件会被当作尚未履行，请核对登记时间"
        en = f"{share:.1%} of closings and payments were recorded more than {LATE_DAYS:g} days later: "
        en += "recent cases count as unpaid until then; check the times of recording"
        cases = keys(history, log.row[late])
        yield Finding("RECORDED_LATE", Severity.WARN, "events", "recorded_at", n, zh, en, cases=cases)


def _without_outcomes(history: History) -> Iterator[Finding]:
    """Refuse a history in which nothing ever came of any case: its outcomes were left out, not absent."""
    ripe = int(np.sum(history.observed_until - history.received_at >= RIPE_DAYS))
    if ripe >= FEWEST and not len(history.log.of(*OUTCOMES).row):
        zh = f"{ripe} 件观察满半年的案件没有任何结案或到账事件：缺少结果，无法学习"
        en = f"{ripe} cases were watched for half a year without any closing or payment: outcomes are missing"
        yield Finding("NO_OUTCOMES", Severity.ERROR, "events", "kind", ripe, zh, en)


def _without_claims(history: History) -> Iterator[Finding]:
    """Refuse a history that names no claim at all: neither full payment nor the share that came in can be told."""
    n = history.cases.num_rows
    stated = "claim_amount" in history.cases.column_names and pc.count(history.cases["claim_amount"]).as_py()
    if n >= FEWEST and not stated:
        zh = f"{n} 件案件都没有申请执行标的额：无法判断是否付清、到位几成"
        en = f"none of {n} cases states its claim: neither full payment nor the share that came in can be told"
        yield Finding("NO_CLAIM_AMOUNT", Severity.ERROR, "cases", "claim_amount", n, zh, en)


def _queried_late(history: History) -> Iterator[Finding | Marked]:
    """Suspect first queries that a later one has taken the place of: it knows what happened in between."""
    queries = history.queries
    row, at = history.rows_of(queries["case_id"], table="queries"), np.floor(tables.days(queries["query_at"]))
    zh, en = "首次查控在结案之后，疑似被后来的查控覆盖", "the first query follows the closing: replaced by a later one?"
    over = at > np.floor(first_of(history, "close"))[row]
    yield Marked("queries.query_at", "QUERY_AFTER_CLOSING", over, zh, en, rows=row, severity=Severity.WARN)
    late = (at - np.floor(first_of(history, "file"))[row] > LATE_DAYS) & ~over
    if late.sum() > MANY * max(len(late), FEWEST):
        zh = f"{late.mean():.1%} 的首次查控在立案 {LATE_DAYS:g} 天以后，疑似被后来的查控覆盖，请导入首次查控的结果"
        en = f"{late.mean():.1%} of first queries came more than {LATE_DAYS:g} days after filing: "
        en += "replaced by later ones? Import what the first one found"
        yield Marked("queries.query_at", "QUERY_LATE", late, zh, en, rows=row, severity=Severity.WARN)


def first_of(history: History, kind: str) -> Array:
    """Return the day of each case's first event of a kind, NaN where it has none."""
    log = history.log.of(kind)
    first = np.full(history.cases.num_rows, np.nan)
    first[log.row[::-1]] = log.at[::-1]
    return first
