"""Dates of a case against each other, against the instant of scoring, and against now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from features.case.errors import CaseError, case_error
from features.clock import days_of
from features.register import Stage

_ORDER = (
    ("due_date", "basis_effective_date", "文书生效日"),
    ("filed_at", "received_at", "收到申请时间"),
    ("query_at", "filed_at", "立案时间"),
)
"""A moment, the one it may not precede, and that one's Chinese name. A basis that is not yet effective, or a
debt not yet due, is no mistake of the form: rule H01 answers it."""

_HAPPENED = ("received_at", "filed_at", "query_at", "urge_start")
"""Moments that have passed when a case is scored."""


def as_of_of(sent: Mapping[str, Any], values: Mapping[str, Any], stage: Stage) -> datetime | None:
    """Return the instant of scoring: as sent, else receipt at stage A and the query's return at stage B."""
    instant: datetime | None = sent.get("as_of") or values.get("query_at" if stage is Stage.B else "received_at")
    return instant


def check_dates(
    sent: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    as_of: datetime | None,
    now: datetime,
    stage: Stage,
) -> Iterator[CaseError]:
    """Yield every contradiction between dates."""
    yield from _absent(sent, values, stage)
    yield from _disordered(values)
    yield from _future(sent, values, now)
    if as_of is not None:
        yield from _unknown_yet(sent, values, as_of)


def _absent(sent: Mapping[str, Any], values: Mapping[str, Any], stage: Stage) -> Iterator[CaseError]:
    if "received_at" not in values and (stage is Stage.B or "as_of" not in sent):
        yield case_error("/case/received_at", "MISSING")
    if stage is Stage.B and "query_at" not in values and "as_of" not in sent:
        yield case_error("/case/query_at", "MISSING")


def _disordered(values: Mapping[str, Any]) -> Iterator[CaseError]:
    for name, earlier, zh in _ORDER:
        if name in values and earlier in values and values[name] < values[earlier]:
            yield case_error(f"/case/{name}", "DATE_BEFORE", other=earlier, other_zh=zh)
    last, due = values.get("last_instalment_due"), values.get("due_date")
    if values.get("instalment") and last is not None and due is not None and last < due:
        yield case_error("/case/last_instalment_due", "DATE_BEFORE", other="due_date", other_zh="履行期限届满日")


def _future(sent: Mapping[str, Any], values: Mapping[str, Any], now: datetime) -> Iterator[CaseError]:
    if "as_of" in sent and sent["as_of"] > now:
        yield case_error("/as_of", "FUTURE")
    for name in _HAPPENED:
        if name in values and values[name] > now:
            yield case_error(f"/case/{name}", "FUTURE")


def _unknown_yet(sent: Mapping[str, Any], values: Mapping[str, Any], as_of: datetime) -> Iterator[CaseError]:
    """Nothing may be used that came to be, or was looked up, after the instant of scoring."""
    if "as_of" in sent and "received_at" in values and as_of < values["received_at"]:
        yield case_error("/as_of", "DATE_BEFORE", other="received_at", other_zh="收到申请时间")
    for name in _HAPPENED[1:]:
        if name in values and values[name] > as_of:
            yield case_error(f"/case/{name}", "OBSERVED_AFTER_AS_OF")
    limit = days_of(as_of)
    for name, seen in sent.get("observed_at", {}).items():
        if days_of(seen) > limit:
            yield case_error(f"/observed_at/{name}", "OBSERVED_AFTER_AS_OF")
