"""What the commands of `fenliu-serve audit` do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from serving.audit.trail import verify_export
from serving.audit.verify import Report
from serving.opening import keys_of, now, open_trail, operator
from serving.settings import Settings

Say = Callable[[str], None]


def verify(settings: Settings, *, file: Path | None, as_json: bool, say: Say) -> bool:
    """Check the trail, or an export of it, say what was found, and return whether it is whole."""
    report = open_trail(settings).verify() if file is None else verify_export(file, mac=keys_of(settings).mac)
    for line in [json.dumps(report.to_json(), ensure_ascii=False)] if as_json else _lines(report):
        say(line)
    return report.whole


def export(settings: Settings, file: Path, *, say: Say) -> None:
    """Export the trail."""
    head = open_trail(settings).export(file, origin=operator(), at=now())
    say(f"已导出至第 #{head.seq} 行 / exported up to row #{head.seq}: {file}")


def head(settings: Settings, *, say: Say) -> None:
    """Write the newest head into the second place."""
    trail = open_trail(settings)
    found = trail.export_head(at=now())
    say(f"#{found.seq} {found.mac} {found.at} → {trail.place.folder}")


def accept(settings: Settings, reason: str, *, say: Say) -> None:
    """Begin a new second place."""
    trail = open_trail(settings)
    found = trail.accept(reason, origin=operator(), at=now())
    say(f"自第 #{found.seq} 行起另立链头，旧链头留在 {trail.place.folder} / new heads from row #{found.seq} on")


def _lines(report: Report) -> list[str]:
    """Return the report as lines: the verdict first, then every finding."""
    verdict = "完好 / whole" if report.whole else f"发现 {report.total} 处问题 / {report.total} findings"
    lines = [f"{'✓' if report.whole else '✗'} 审计 {report.rows} 行 / rows，链头 / head #{report.head.seq}：{verdict}"]
    lines += [f"  [{finding.kind}] {finding.zh} / {finding.en}" for finding in report.findings]
    hidden = report.total - len(report.findings)
    return [*lines, f"  另有 {hidden} 处 / {hidden} more"] if hidden else lines
