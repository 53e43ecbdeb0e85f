"""Probes of twins: one case that was entered twice, and cases that share a debtor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from training.history import History
from training.validation.findings import Marked, Severity

Flags = npt.NDArray[np.bool_]

_HEX = r"^[0-9a-f]{64}$"


def of_twins(history: History) -> Iterator[Marked]:
    """Yield cases that share a debtor, cases that are probably one, and debtors that are no tokens."""
    place = history.rows_of(history.debtors["case_id"], table="debtors")
    tokens = history.debtors["id_token"].cast(pa.string()).combine_chunks().dictionary_encode()
    code = np.asarray(pc.fill_null(tokens.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    shared = (code >= 0) & (np.bincount(code[code >= 0], minlength=len(tokens.dictionary) + 1)[code] > 1)
    zh, en = "与他案有共同被执行人，切分时放在同一侧", "shares a debtor with another case: kept on one side of a split"
    yield Marked("debtors.id_token", "SHARED_DEBTOR", shared, zh, en, rows=place, severity=Severity.INFO)
    right = pc.fill_null(pc.match_substring_regex(history.debtors["id_token"].cast(pa.string()), _HEX), False)  # noqa: FBT003
    zh, en = "不是令牌，可能是证件号原文", "is not a token: it may be a raw identity number"
    yield Marked("debtors.id_token", "RAW_ID", ~np.asarray(right.to_numpy()), zh, en, rows=place)
    yield from _entered_twice(history)
    yield from _alike(history, place, code)


def _entered_twice(history: History) -> Iterator[Marked]:
    """Applications on the same basis for the same amount."""
    cases = history.cases
    if {"basis_no", "claim_amount"} <= set(cases.column_names):
        bad = _repeated(cases, ("basis_no", "claim_amount"), needed="basis_no")
        zh, en = "依据案号与标的相同，可能重复录入", "same basis and claim: perhaps entered twice"
        yield Marked("cases.basis_no", "DUPLICATE_CASE", bad, zh, en, severity=Severity.WARN)


def _alike(history: History, place: npt.NDArray[np.int64], code: npt.NDArray[np.int64]) -> Iterator[Marked]:
    """Applications against the same debtor for the same amount, due and received on the same days."""
    cases = history.cases
    if not {"claim_amount", "due_date"} <= set(cases.column_names):
        return
    debtor = np.full(cases.num_rows, -1, dtype=np.int64)
    debtor[place[::-1]] = code[::-1]
    day = np.floor(history.received_at)
    known = cases.select(["claim_amount", "due_date"]).append_column("day", pa.array(day))
    bad = _repeated(
        known.append_column("debtor", pa.array(debtor, mask=debtor < 0)), known.column_names, needed="debtor"
    )
    zh = "被执行人、标的、履行届满日和收到日都相同，可能重复录入"
    en = "same debtor, claim, due day and day of receipt: perhaps entered twice"
    yield Marked("cases.claim_amount", "DUPLICATE_CASE", bad, zh, en, severity=Severity.WARN)


def _repeated(table: pa.Table, names: Sequence[str], *, needed: str) -> Flags:
    """Mark the last of the rows that agree in the named columns and in the needed one, where that has a value."""
    columns = list(dict.fromkeys([*names, needed]))
    alike = table.select(columns).append_column("row", pa.array(np.arange(table.num_rows)))
    counted = alike.group_by(columns).aggregate([("row", "count"), ("row", "max")])
    twice = counted.filter(pc.and_(pc.greater(counted["row_count"], 1), pc.is_valid(counted[needed])))
    bad = np.zeros(table.num_rows, dtype=np.bool_)
    bad[twice["row_max"].to_numpy()] = True
    return bad
