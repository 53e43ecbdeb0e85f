"""Where disputes come from: the trends kept with a batch, its example cases, and the draft of a recommendation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from features.register import Register
from serving.pages import formats
from serving.pages.batches.group_page import Example, example
from serving.pages.codes import code_words
from serving.pages.language import Language
from serving.record.court_settings import ReviewMode
from serving.repositories.batches.lists import Batch
from serving.sheets.letter import Heading, Paragraph, Part, Table

_LATEST: Final = 6
"""Months that a page shows beside the year on year; the draft has all of them."""


@dataclass(frozen=True, kw_only=True)
class TrendRow:
    """One kind: its latest months, the latest against the same a year before, and the change in words."""

    kind: str
    cells: tuple[str, ...]
    now: str
    before: str
    change: str


@dataclass(frozen=True, kw_only=True)
class TrendTable:
    """The kinds of one sort, by month."""

    id: str
    title: str
    kind: str
    months: tuple[str, ...]
    rows: tuple[TrendRow, ...]


@dataclass(frozen=True, kw_only=True)
class SourcePage:
    """Everything on the page."""

    id: str
    court: str
    basis: str
    tables: tuple[TrendTable, ...]
    examples: tuple[Example, ...]
    simulated: bool


def source_page(
    batch: Batch, groups: Sequence[Mapping[str, Any]], *, mode: ReviewMode, register: Register, say: Language
) -> SourcePage:
    """Return the page."""
    figures = batch.figures or {}
    stage = str(figures.get("stage", "A"))
    shown = [json.loads(one["figures"]) for one in groups]
    told = [one for one in shown if mode is not ReviewMode.COMMIT_FIRST or not one["by_model"]]
    return SourcePage(
        id=batch.id,
        court=batch.row["court_code"],
        basis=say(
            "依据本院 {day} 前登记的 {count} 件申请；少于 {small} 件的不显示具体数，以 <{small} 表示。",
            day=formats.instant(batch.row["grouped_at"]),
            count=formats.count(figures.get("counted", 0)),
            small=figures.get("small_cell", 5),
        ),
        tables=tuple(_tables(figures, register, say, latest=_LATEST)),
        examples=tuple(example(case, stage, say) for one in told for case in one["examples"]),
        simulated=bool(figures.get("simulated")),
    )


def draft(batch: Batch, *, register: Register, say: Language) -> tuple[str, list[Part]]:
    """Return title and parts of a recommendation's draft: figures by kind, and nothing about any person."""
    figures = batch.figures or {}
    tables = _tables(figures, register, say, latest=None)
    parts: list[Part] = [
        Paragraph(say("（底稿，供起草人核对、补充后使用；统计数据由系统生成，不含当事人信息）")),
        Paragraph(say("收件单位：________________")),
        Heading(say("一、基本情况")),
        Paragraph(
            say(
                "{court}于 {day} 统计：近两年登记执行申请 {count} 件。各月收案数及与上年同月的比较如下。",
                court=batch.row["court_code"],
                day=formats.instant(batch.row["grouped_at"])[:10],
                count=formats.count(figures.get("counted", 0)),
            )
        ),
    ]
    for table in tables:
        parts += [Heading(table.title), Table([["", *table.months, say("上年同月"), say("同比")], *_cells(table)])]
    parts += [
        Heading(say("二、发现的问题")),
        *(Paragraph(text) for table in tables for text in _rises(table, say)),
        Paragraph(say("（由起草人结合示范案件补充合同条款、催收和履约管理方面的问题）")),
        Heading(say("三、建议")),
        Paragraph("________________"),
        Paragraph(say("少于 {small} 件的以 <{small} 表示；基数小的不计同比。", small=figures.get("small_cell", 5))),
        *([Paragraph(say("模拟数据，不得用于办案"))] if figures.get("simulated") else []),
    ]
    return say("司法建议书（底稿）"), parts


def _tables(figures: Mapping[str, Any], register: Register, say: Language, *, latest: int | None) -> list[TrendTable]:
    words: dict[str, tuple[str, str, Callable[[str], str]]] = {
        "applicant": (say("按申请人类型"), say("申请人类型"), lambda code: _applicant(code, register, say)),
        "cause": (say("按案由"), say("案由"), lambda name: name),
    }
    found = []
    for name, (title, kind, word) in words.items():
        rows = figures.get("sources", {}).get(name, [])
        months = tuple(rows[0]["months"][-(latest or 0) :]) if rows else ()
        found.append(
            TrendTable(
                id=name,
                title=title,
                kind=kind,
                months=months,
                rows=tuple(_row(one, word, say, latest=latest) for one in rows),
            )
        )
    return found


def _row(one: Mapping[str, Any], word: Callable[[str], str], say: Language, *, latest: int | None) -> TrendRow:
    return TrendRow(
        kind=word(one["kind"]),
        cells=tuple(one["cells"][-(latest or 0) :]),
        now=one["now"],
        before=one["before"],
        change=say("基数小，不计") if one["change"] is None else formats.change(one["change"]),
    )


def _cells(table: TrendTable) -> list[list[str]]:
    return [[row.kind, *row.cells, row.before, row.change] for row in table.rows]


def _rises(table: TrendTable, say: Language) -> list[str]:
    """Return a sentence for each kind of which there are more than a year before."""
    return [
        say(
            "{kind}本月 {now} 件，上年同月 {before} 件，同比 {change}。",
            kind=row.kind, now=row.now, before=row.before, change=row.change,
        )
        for row in table.rows
        if row.change.startswith("+") and row.change != "+0%"
    ]  # fmt: skip


def _applicant(code: str, register: Register, say: Language) -> str:
    return code_words(register["applicant_type"], code, say)
