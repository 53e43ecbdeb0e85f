"""Checking the chain by itself: whether it is whole, and whether it matches the heads in the second place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from serving.audit.chain import START, Head, signed
from serving.audit.heads import HeadFileError, Kept, SecondPlace
from serving.ciphers import Mac

MOST_SHOWN: Final = 100
"""Findings that are kept one by one; beyond that they are only counted."""

Row = Mapping[str, Any]


class Tampering(StrEnum):
    """What can be found, by kind."""

    CHANGED = "changed"
    MISSING = "missing"
    MISPLACED = "misplaced"
    CUT = "cut"
    REWRITTEN = "rewritten"
    HEADS = "heads"
    TRIGGER = "trigger"
    RECORD_CHANGED = "record_changed"
    RECORD_MISSING = "record_missing"
    RECORD_UNKNOWN = "record_unknown"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its kind, where it is, and what that means in both languages."""

    kind: Tampering
    where: str
    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        """Return the finding as `--format json` prints it."""
        return {"kind": self.kind.value, "where": self.where, "text": self.zh, "text_en": self.en}


@dataclass
class Report:
    """What a check has found: rows read, the last head, and the findings."""

    rows: int = 0
    head: Head = START
    total: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return self.total == 0

    def to_json(self) -> dict[str, object]:
        """Return the report as `--json` prints it."""
        return {
            "whole": self.whole,
            "rows": self.rows,
            "head": {"seq": self.head.seq, "mac": self.head.mac},
            "findings_total": self.total,
            "findings": [finding.to_json() for finding in self.findings],
        }

    def add(self, found: Iterable[Finding]) -> None:
        """Count findings, and keep the first ones."""
        for finding in found:
            self.total += 1
            if len(self.findings) < MOST_SHOWN:
                self.findings.append(finding)


def check_chain(rows: Iterable[Row], report: Report, *, mac: Mac, heads: Mapping[int, str] | None = None) -> None:
    """Walk the rows in their order, oldest first, and add to the report what breaks the chain.

    `heads` are codes that rows must have by the second place, by number.
    After a broken row the walk goes on from what is stored, so that each
    row is named for its own fault only.
    """
    awaited = dict(heads or {})
    for row in rows:
        seq = int(row["seq"])
        report.add(_order(report.head.seq, seq))
        report.add(_own(row, seq, report.head, mac))
        known = awaited.pop(seq, None)
        if known is not None and known != row["mac"]:
            report.add([_rewritten(seq)])
        report.head = Head(seq, str(row["mac"]))
        report.rows += 1


def check_end(report: Report, witnessed: Kept | None, exported: Iterable[Kept]) -> None:
    """Add what the second place knows of rows beyond the end of the chain, and whether it knows anything at all."""
    newest = max((kept.head.seq for kept in (*exported, *([witnessed] if witnessed else []))), default=0)
    if newest > report.head.seq:
        report.add([_cut(report.head.seq, newest)])
    if witnessed is None and report.rows:
        report.add([_no_witness()])


def heads_of(place: SecondPlace, report: Report) -> tuple[Kept | None, list[Kept]]:
    """Return the witness and the ledger, adding to the report what of them cannot be trusted."""
    return _read_witness(place, report), list(_read_ledger(place, report))


def _read_witness(place: SecondPlace, report: Report) -> Kept | None:
    try:
        return place.witnessed()
    except HeadFileError as error:
        report.add([_heads(error)])
        return None


def _read_ledger(place: SecondPlace, report: Report) -> Iterator[Kept]:
    try:
        yield from place.exported()
    except HeadFileError as error:
        report.add([_heads(error)])


def _order(before: int, seq: int) -> Iterator[Finding]:
    """Check that the numbers go up one by one; in a file, unlike in a database, a row may come twice."""
    if seq <= before:
        zh, en = f"第 #{seq} 行重复或次序颠倒", f"row #{seq} comes twice or out of order"
        yield Finding(Tampering.MISPLACED, f"#{seq}", zh, en)
    if seq <= before + 1:
        return
    first, last = before + 1, seq - 1
    span = f"#{first}" if first == last else f"#{first}-#{last}"
    yield Finding(Tampering.MISSING, span, f"第 {span} 行缺失（被删除）", f"row {span} is missing, deleted")


def _own(row: Row, seq: int, before: Head, mac: Mac) -> Iterator[Finding]:
    """Check a row's own code, and, where no row is missing before it, that it follows the row before."""
    if not mac.matches(str(row["mac"]), signed(row)):
        zh = f"第 #{seq} 行内容与其验证码不符（被改动或调换）"
        yield Finding(Tampering.CHANGED, f"#{seq}", zh, f"row #{seq} does not match its code: changed or swapped")
    elif seq == before.seq + 1 and row["prev_mac"] != before.mac:
        zh = f"第 #{seq} 行不接前一行（前一行被替换）"
        yield Finding(Tampering.MISPLACED, f"#{seq}", zh, f"row #{seq} does not follow the row before it: replaced")


def _rewritten(seq: int) -> Finding:
    zh = f"第 #{seq} 行与另处保存的链头不符：此行或更早的行被重写"
    return Finding(Tampering.REWRITTEN, f"#{seq}", zh, f"row #{seq} is not the one kept in the second place: rewritten")


def _cut(last: int, newest: int) -> Finding:
    zh = f"第 #{last + 1} 至 #{newest} 行不在库中：尾部被截去，或恢复了旧库"
    en = f"rows #{last + 1} to #{newest} are gone: the tail was cut off, or an old copy was restored"
    return Finding(Tampering.CUT, f"#{last + 1}-#{newest}", zh, en)


def _no_witness() -> Finding:
    zh, en = "另处没有链头，无法排除尾部被截去", "no head in the second place: a cut tail cannot be ruled out"
    return Finding(Tampering.HEADS, "witness.json", zh, en)


def _heads(error: HeadFileError) -> Finding:
    zh, _, en = str(error).partition(" / ")
    return Finding(Tampering.HEADS, str(error).split(" ", 1)[0], zh, en)
