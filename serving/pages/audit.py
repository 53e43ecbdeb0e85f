"""The audit trail as the auditor reads it: who did what to which record, newest first, never the content of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.pages import formats
from serving.pages.language import Language


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One event."""

    number: int
    when: str
    actor: str
    role: str
    court: str
    action: str
    record: str
    outcome: str
    failed: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """Everything on the page; `onward` is the address of older rows, empty at the end."""

    rows: tuple[AuditRow, ...]
    action: str
    actor: str
    object_id: str
    filtered: bool
    onward: str


def audit_page(rows: Sequence[Mapping[str, Any]], asked: Mapping[str, str], *, onward: str, say: Language) -> AuditPage:
    """Return the page of these rows."""
    return AuditPage(
        rows=tuple(_row(row, say) for row in rows),
        action=asked["action"],
        actor=asked["actor"],
        object_id=asked["object_id"],
        filtered=any(asked.values()),
        onward=onward,
    )


def _row(row: Mapping[str, Any], say: Language) -> AuditRow:
    outcomes = {"done": say("完成"), "denied": say("拒绝"), "failed": say("未成")}
    return AuditRow(
        number=row["seq"],
        when=formats.instant(row["at"]),
        actor=row["actor"],
        role=row["role"],
        court=row["court"],
        action=row["action"],
        record=f"{row['kind']} {row['object_id']}".strip(),
        outcome=outcomes.get(row["outcome"], row["outcome"]),
        failed=row["outcome"] != "done",
        detail="；".join(f"{name} {value}" for name, value in sorted(row["detail"].items()) if "sha256" not in name),
    )
