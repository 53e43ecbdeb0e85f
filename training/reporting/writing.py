"""Writing a report: one page that opens anywhere, and the record it was made from beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from models.rules.rule import Text
from training.console import Column, Lang, Result
from training.page import SIMULATED, page
from training.provenance import write_whole
from training.reporting.brief import brief
from training.reporting.card import card
from training.reporting.filing import filing
from training.reporting.record import Record
from training.reporting.section import Grid, Section, still_open

Kind = tuple[Text, Callable[[Record], list[Section]]]
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "card": (Text("模型卡", "model card"), card),
        "brief": (Text("模型情况一页", "the model on one page"), brief),
        "filing": (Text("备案材料", "filing pack"), filing),
    }
)


def written(record: Record, kind: str, file: Path, lang: Lang) -> Result:
    """Write a report and return what is shown of it: its parts, and how many places wait for the court."""
    title, make = KINDS[kind]
    sections = make(record)
    head = f"{lang.say(*title)} · {record.bundle.about.name}"
    made = lang.say(f"生成于 {record.at.isoformat()}", f"made at {record.at.isoformat()}")
    parts = [f"<p><small>{made} · {record.bundle.sha256[:16]}</small></p>"]
    numbers = [sum(one.numbered for one in sections[: i + 1]) - 1 for i in range(len(sections))]
    for number, section in zip(numbers, sections, strict=True):
        parts += section.html(lang, number)
    mark = lang.say(*SIMULATED) if record.bundle.about.simulated else ""
    write_whole(file, page(head, parts, lang=lang, mark=mark))
    return _result(record, kind, sections, file, lang)


def _result(record: Record, kind: str, sections: Sequence[Section], file: Path, lang: Lang) -> Result:
    columns = (
        Column("part", "部分", "part"), Column("tables", "表", "tables"), Column("open", "待填", "open"),
    )  # fmt: skip
    rows = [
        {
            "part": lang.say(*one.title),
            "tables": sum(isinstance(part, Grid) for part in one.parts),
            "open": still_open([one]) or None,
        }
        for one in sections
    ]
    waiting = still_open(sections)
    document = {"kind": kind, "file": str(file), "open": waiting, "sources": record.sources()}
    zh = f"{KINDS[kind][0].zh}：{file}" + (f"（{waiting} 处待本院在 report.toml 填写）" if waiting else "")
    en = f"{KINDS[kind][0].en}: {file}" + (f" ({waiting} places wait for report.toml)" if waiting else "")
    return Result(columns, rows, document, zh, en)
