"""Probes of the record itself: outcomes that are missing, written down late, or later than anybody watched."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.events import MONEY
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
