"""The audit trail as the auditor reads it: who did what to which record, newest first, never the content of a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.access.action_words import ACTION_TEXT, action_text
from serving.audit.verify import Report
from serving.pages import formats
from serving.pages.language import Language
from serving.pages.queue import Option


@dataclass(frozen=True)
class Verifying:
    """Whether the reader may have the trail verified, and what was found if he just did."""

    allowed: bool
    at: datetime
    report: Report | None = None


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One event; `action` as it is written, `done` in words."""

    number: int
    when: str
    actor: str
    role: str
    court: str
    action: str
    done: str
    record: str
    outcome: str
    failed: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a verification found, in words; `findings` one by one, `more` how many others there are."""

    whole: bool
    text: str
    at: str
    findings: tuple[str, ...]
    more: str


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """Everything on the page; `onward` is the address of older rows, empty at the end."""

    rows: tuple[AuditRow, ...]
    actions: tuple[Option, ...]
    actor: str
    object_id: str
    filtered: bool
    onward: str
    may_verify: bool
    verified: Verified | None = None


def audit_page(
    rows: Sequence[Mapping[str, Any]], asked: Mapping[str, str], *, onward: str, verifying: Verifying, say: Language
) -> AuditPage:
    """Return the page of these rows."""
    return AuditPage(
        rows=tuple(_row(row, say) for row in rows),
        actions=tuple(_actions(asked["action"], say)),
        actor=asked["actor"],
        object_id=asked["object_id"],
        filtered=any(asked.values()),
        onward=onward,
        may_verify=verifying.allowed,
        verified=None if verifying.report is None else _verified(verifying.report, verifying.at, say),
    )


def _actions(chosen: str, say: Language) -> Iterator[Option]:
    """Yield what can be asked for; an action of another version stays chosen as it is written."""
    yield Option("", say("全部"), not chosen)
    for action in sorted({*ACTION_TEXT, *([chosen] if chosen else [])}):
        yield Option(action, f"{say.pick(*action_text(action))}　{action}", action == chosen)


def _verified(report: Report, at: datetime, say: Language) -> Verified:
    if report.whole:
        text = say("完好：已核验 {rows} 行及其全部记录，未发现改动", rows=report.rows)
    else:
        text = say("发现 {count} 处问题：已核验 {rows} 行", count=report.total, rows=report.rows)
    hidden = report.total - len(report.findings)
    return Verified(
        whole=report.whole,
        text=text,
        at=formats.instant(at),
        findings=tuple(say.pick(finding.zh, finding.en) for finding in report.findings),
        more=say("另有 {count} 处", count=hidden) if hidden else "",
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
        done=say.pick(*action_text(row["action"])),
        record=f"{row['kind']} {row['object_id']}".strip(),
        outcome=outcomes.get(row["outcome"], row["outcome"]),
        failed=row["outcome"] != "done",
        detail=say.apart(f"{name} {value}" for name, value in sorted(row["detail"].items()) if "sha256" not in name),
    )
