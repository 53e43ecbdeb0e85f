"""Checking a history before anything is learned from it: ranges, dates, duplicates, personal data and leaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features import history_tables as tables
from features.events import CLOSE_MODES, EVENT_KINDS
from features.identifiers import IdentityKind, identify
from features.known import Array
from features.register import Field
from training.history import History, HistoryError
from training.validation.findings import Finding, Marked, Severity, ValidationReport, keys
from training.validation.leaks import leaks
from training.validation.lists import of_lists
from training.validation.money import of_money
from training.validation.records import first_of, of_records
from training.validation.twins import of_twins

Flags = npt.NDArray[np.bool_]
Check = Callable[[History], Iterator[Finding | Marked]]

_ORDER = {Severity.ERROR: 0, Severity.WARN: 1, Severity.INFO: 2}
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_CARD = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")
_LIKELY = r"1[3-9][0-9]{9}|[1-9][0-9]{16}[0-9Xx]"
_RESULT = "已还清|已付清|已履行完毕|已全部履行|执行完毕|终本|终结本次|已结案"
_LEAST = {"count": 0.0, "person": 0.0, "0-1": 0.0, "ratio": 0.0, "year": 0.0, "1-5": 1.0, "1 = first": 1.0}
_MOST = {"0-1": 1.0, "1-5": 5.0, "year": 200.0}
_FOLLOWED_DAYS = 180
_ZHONGBEN_DAYS = 90
"""No 终本 within three months (终本规定第1条)."""


def validate(history: History) -> ValidationReport:
    """Return everything found, errors first.

    A finding names table, column, number of rows and a few case keys; it
    never repeats what stood in a cell. Checks that rest on the tables' keys
    and codes run only when those are sound.
    """
    found = list(_sound(history))
    if not any(finding.severity is Severity.ERROR for finding in found):
        found += [finding for check in CHECKS for item in check(history) for finding in _findings(item, history)]
    found.sort(key=lambda f: (_ORDER[f.severity], f.table, f.column, f.code))
    return ValidationReport(history.cases.num_rows, history.events.num_rows, tuple(found))


def _findings(item: Finding | Marked, history: History) -> Iterator[Finding]:
    if isinstance(item, Marked):
        yield from item.findings(history)
    else:
        yield item


def _sound(history: History) -> Iterator[Finding]:
    """Keys and codes: a duplicate case, a row of no case, a code that is not registered."""
    for table in ("events", "queries", "debtors", "decisions"):
        try:
            history.rows_of(getattr(history, table)["case_id"], table=table)
        except HistoryError as error:
            yield Finding(error.code, Severity.ERROR, table, "case_id", 1, error.zh, error.en)
    for table in ("cases", "queries"):
        whole = getattr(history, table)
        for name, field in tables.fields_of(table, history.register).items():
            if name in whole.column_names and field.codes:
                yield from _codes(table, field, whole[name])
    for name, codes in (("kind", EVENT_KINDS), ("mode", CLOSE_MODES)):
        if name in history.events.column_names:
            listed = Field(name=name, zh=name, en=name, type="enum", known_at="O", codes=codes)
            yield from _codes("events", listed, history.events[name])


def _codes(table: str, field: Field, values: pa.ChunkedArray) -> Iterator[Finding]:
    try:
        tables.columns_of_field(field, values)
    except tables.UnknownCodeError as error:
        zh, _, en = str(error).partition(" / ")
        yield Finding("DATA_UNKNOWN_CODE", Severity.ERROR, table, field.name, error.count, zh, en)


def _numbers(history: History) -> Iterator[Marked]:
    """Amounts below zero, counts below zero, shares above one, and numbers that are not finite."""
    for table in ("cases", "queries"):
        whole = getattr(history, table)
        for name, field in tables.fields_of(table, history.register).items():
            if name in whole.column_names and field.type in {"int", "float", "decimal", "ordinal"}:
                yield _range(history, table, field)
    amounts = history.log.amount
    bad = (amounts < 0) | np.isinf(amounts)
    yield Marked("events.amount", "OUT_OF_RANGE", bad, "金额小于 0", "an amount is below 0", rows=history.log.row)


def _range(history: History, table: str, field: Field) -> Marked:
    whole = getattr(history, table)
    values = tables.columns_of_field(field, whole[field.name])[field.name].astype(np.float64)
    least = 0.0 if field.type == "decimal" else _LEAST.get(field.unit, -np.inf)
    most = _MOST.get(field.unit, np.inf)
    bad = np.isinf(values) | (values < least) | (values > most)
    zh, en = f"{field.zh}不在 [{least:g}, {most:g}] 之内", f"{field.name} is outside [{least:g}, {most:g}]"
    place = history.rows_of(whole["case_id"], table=table)
    return Marked(f"{table}.{field.name}", "OUT_OF_RANGE", bad, zh, en, rows=place)


def _dates(history: History) -> Iterator[Marked]:
    """Dates that cannot all be true."""
    basis, due = _day(history, "basis_effective_date"), _day(history, "due_date")
    received = np.floor(history.received_at)
    filed, closed, zhongben = (first_of(history, kind) for kind in ("file", "close", "zhongben"))
    early = np.floor(zhongben) - np.floor(filed) < _ZHONGBEN_DAYS
    late = received > history.observed_until
    rash = np.floor(filed) < received
    yield Marked("cases.due_date", "DUE_BEFORE_BASIS", due < basis, "履行届满早于文书生效", "due before it took effect")
    yield Marked("events.at", "FILE_BEFORE_RECEIPT", rash, "立案日早于收到申请之日", "filed before receipt")
    yield Marked("events.at", "CLOSE_BEFORE_FILING", closed < filed, "结案早于立案", "closed before filing")
    yield Marked("events.at", "EARLY_ZHONGBEN", early, "立案不满三个月即终本", "终本 within 90 days of filing")
    zh, en = "收到申请晚于观察截止日", "received after follow-up ended"
    yield Marked("cases.received_at", "AFTER_FOLLOW_UP", late, zh, en)
    yield from _record_dates(history)


def _record_dates(history: History) -> Iterator[Marked]:
    """Find records older than what they record, and queries older than the filing."""
    log = history.log
    promise = EVENT_KINDS.index("promise")
    backwards = (log.recorded_at < log.at) & (log.kind != promise)
    zh, en = "记录时间早于发生时间", "recorded before it happened"
    yield Marked("events.recorded_at", "RECORDED_BEFORE_EVENT", backwards, zh, en, rows=log.row)
    queries = history.queries
    if "filed_at" in queries.column_names:
        early = np.floor(tables.days(queries["query_at"])) < np.floor(tables.days(queries["filed_at"]))
        place = history.rows_of(queries["case_id"], table="queries")
        zh, en = "查控早于立案", "the query precedes the filing"
        yield Marked("queries.query_at", "QUERY_BEFORE_FILING", early, zh, en, rows=place)


def _decided(history: History) -> Iterator[Marked]:
    """Tell decisions that cannot have been taken so: before the case was there, or to urge after it was filed."""
    decisions = history.decisions
    if not decisions.num_rows:
        return
    row = history.rows_of(decisions["case_id"], table="decisions")
    early = np.floor(tables.days(decisions["at"])) < np.floor(history.received_at[row])
    filed = pc.and_(pc.equal(decisions["stage"], "B"), pc.equal(decisions["lane"], "urge"))
    late = np.asarray(pc.fill_null(filed, fill_value=False).to_numpy())
    zh, en = "分流决定早于收到申请之日", "decided before the application was received"
    yield Marked("decisions.at", "DECISION_BEFORE_RECEIPT", early, zh, en, rows=row, severity=Severity.WARN)
    zh, en = "查控后的分流决定为执前督促", "a decision after the query to urge before filing"
    yield Marked("decisions.lane", "DECISION_URGES_LATE", late, zh, en, rows=row, severity=Severity.WARN)


def _follow_up(history: History) -> Iterator[Finding | Marked]:
    """Tell what a report's figures rest on: follow-up, later queries, resumed cases."""
    short = history.observed_until - history.received_at < _FOLLOWED_DAYS
    zh = f"观察不足 {_FOLLOWED_DAYS} 天，按删失处理"
    en = f"followed less than {_FOLLOWED_DAYS} days: censored, never zero"
    yield Marked("cases.received_at", "SHORT_FOLLOW_UP", short, zh, en, severity=Severity.INFO)
    if history.later_queries:
        zh, en = "同案有多次查控，只用第一次", "a case has several queries; only the first counts"
        yield Finding("QUERY_LATER", Severity.WARN, "queries", "query_at", history.later_queries, zh, en)
    if "basis_no" in history.cases.column_names:
        resumed = _matches(history.cases["basis_no"], "执恢")
        zh, en = "依据案号为恢复执行（执恢），基准率不同", "a resumed case (执恢): another base rate"
        yield Marked("cases.basis_no", "RESUMED", resumed, zh, en, severity=Severity.INFO)


def _personal(history: History) -> Iterator[Finding | Marked]:
    """Identity numbers and telephones where none belongs, and free text that tells the result."""
    for table in tables.TABLES:
        whole = getattr(history, table)
        for name in whole.column_names:
            kind = whole.schema.field(name).type
            if name != "id_token" and (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
                yield from _personal_column(history, table, name)
    if "clue_text" in history.cases.column_names:
        telling = _matches(history.cases["clue_text"], _RESULT)
        zh, en = "文本含有结果，不得进入模型", "the text tells the result and must not reach a model"
        yield Marked("cases.clue_text", "TEXT_HOLDS_RESULT", telling, zh, en, severity=Severity.WARN)


def _personal_column(history: History, table: str, name: str) -> Iterator[Finding]:
    column = getattr(history, table)[name].cast(pa.string())
    likely = _matches(column, _LIKELY)
    held = [place for place in np.flatnonzero(likely) if _is_personal(str(column[int(place)]))]
    if not held:
        return
    free = name == "clue_text"
    zh = f"{name} 含有证件号或手机号" + ("（文本，不入模型）" if free else "")
    en = f"{name} holds identity or telephone numbers" + (" (free text, not in the model)" if free else "")
    case_ids = getattr(history, table)["case_id"].take(pa.array(held))
    cases = () if name == "case_id" else keys(history, history.rows_of(case_ids, table=table))
    severity = Severity.WARN if free else Severity.ERROR
    yield Finding("PERSONAL_DATA", severity, table, name, len(held), zh, en, cases=cases)


def _is_personal(text: str) -> bool:
    """Whether a text holds a mobile number, or an identity number whose check digit is right."""
    cards = (identify(number) for number in _CARD.findall(text))
    return bool(_PHONE.search(text)) or any(c.kind is IdentityKind.ID_CARD and c.checksum_ok for c in cards)


def _matches(column: pa.ChunkedArray, pattern: str) -> Flags:
    found = pc.fill_null(pc.match_substring_regex(column.cast(pa.string()), pattern), False)  # noqa: FBT003
    return np.asarray(found.to_numpy(), dtype=np.bool_)


def _day(history: History, name: str) -> Array:
    if name not in history.cases.column_names:
        return np.full(history.cases.num_rows, np.nan)
    return np.floor(tables.days(history.cases[name]))


CHECKS: tuple[Check, ...] = (
    _numbers, _dates, _decided, _follow_up, _personal, of_twins, of_records, leaks, of_lists, of_money,
)  # fmt: skip
"""Everything that is looked at once keys and codes are sound."""
