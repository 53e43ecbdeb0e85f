"""Results of the commands as tables for people and documents for programs; simulated figures always say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from models.bundle import Bundle
from training.console import Column, Result
from training.errors import Refusal
from training.importing import ImportReport
from training.learning.train import Trained
from training.scoring.input import Reject
from training.simulate import Summary
from training.validation.findings import ValidationReport

_VALUE = (Column("name", "项目", "item"), Column("value", "值", "value"))


def of_summary(summary: Summary, out: Path) -> Result:
    """Show what the simulator wrote."""
    document = {"out": str(out), "data": "模拟 / simulated", **asdict(summary)}
    return _pairs(document, "模拟数据，不得用于办案", "simulated data: not for real cases")


def of_import(report: ImportReport, out: Path) -> Result:
    """Show what an import made of its sources."""
    plain = report.to_json()
    rows = {"out": str(out), "source_lines": report.source_lines, **{f"rows.{k}": v for k, v in report.tables.items()}}
    rows |= {"refused_cases": report.refused_cases, "refused_lines": report.refused_lines}
    shown = _pairs(rows, "详见 report.json 与 report.csv", "see report.json and report.csv")
    return Result(shown.columns, shown.rows, plain | {"out": str(out)}, shown.zh, shown.en)


def of_validation(report: ValidationReport) -> Result:
    """Show every finding about a history."""
    columns = (
        Column("severity", "级别", "severity"), Column("code", "代码", "code"), Column("place", "位置", "place"),
        Column("count", "行数", "rows"), Column("what", "问题", "finding"), Column("cases", "案件", "cases"),
    )  # fmt: skip
    rows = [
        {
            "severity": str(f.severity), "code": f.code, "place": f"{f.table}.{f.column}", "count": f.count,
            "what": f"{f.zh} / {f.en}", "cases": " ".join(f.cases),
        }
        for f in report.findings
    ]  # fmt: skip
    zh, en = f"{report.cases} 件，{report.events} 个事件", f"{report.cases} cases, {report.events} events"
    return Result(columns, rows, report.to_json(), zh, en)


def document_of_training(trained: Trained, sha256: str) -> dict[str, object]:
    """Return the figures of a training run as plain values."""
    about = trained.bundle.about
    return {
        "bundle": about.name,
        "bundle_sha256": sha256,
        "data_sha256": about.data_sha256,
        "code_version": about.code_version,
        "simulated": about.simulated,
        "data": _data(simulated=about.simulated),
        "periods": trained.periods.dates(),
        "sizes": {name: dict(sizes) for name, sizes in trained.sizes.items()},
        "fit_seconds": {name: round(seconds, 2) for name, seconds in trained.seconds.items()},
        "freed": {name: list(features) for name, features in trained.freed.items()},
    }


def of_training(trained: Trained, sha256: str, folder: Path) -> Result:
    """Show cases by period, the time of each fit, and how many features cases freed of their pull."""
    columns = (
        Column("score", "分数", "score"), Column("train", "训练", "train"), Column("calibrate", "校准", "calibrate"),
        Column("test", "测试", "test"), Column("dropped", "剔除", "dropped"), Column("seconds", "拟合秒", "seconds"),
        Column("freed", "放开方向", "freed"), Column("data", "数据", "data"),
    )  # fmt: skip
    data = _data(simulated=trained.bundle.about.simulated)
    rows = [
        {
            "score": name, **sizes, "seconds": round(trained.seconds[name], 1),
            "freed": len(trained.freed[name]), "data": data,
        }
        for name, sizes in trained.sizes.items()
    ]  # fmt: skip
    document = document_of_training(trained, sha256) | {"path": str(folder)}
    return Result(columns, rows, document, f"模型包 {folder}", f"bundle {folder}")


def of_scoring(count: int, rejects: Sequence[Reject], out: Path, bundle: Bundle | None, *, simulated: bool) -> Result:
    """Show how many cases were scored, or routed by rules alone, and where they are."""
    document = {
        "out": str(out),
        "scored": count,
        "rejected": len(rejects),
        "bundle": "none" if bundle is None else bundle.about.name,
        "bundle_sha256": "" if bundle is None else bundle.sha256,
        "data": _data(simulated=simulated or (bundle is not None and bundle.about.simulated)),
    }
    return _pairs(document, "", "")


def of_refusal(refusal: Refusal) -> Result:
    """Show what a code means and the way out."""
    document = {
        "code": refusal.code,
        "exit": refusal.exit,
        "zh": refusal.zh,
        "en": refusal.en,
        "hint_zh": refusal.hint_zh,
        "hint_en": refusal.hint_en,
    }
    return _pairs(document, "", "")


def _pairs(document: Mapping[str, object], zh: str, en: str) -> Result:
    rows = [{"name": name, "value": str(value)} for name, value in document.items()]
    return Result(_VALUE, rows, document, zh, en)


def _data(*, simulated: bool) -> str:
    return "模拟 / simulated" if simulated else "实际 / real"
