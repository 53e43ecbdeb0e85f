"""The notice of what to complete, for paper: for one case, or one letter with a table for all cases of a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from features.register import Register
from serving.batches.completing import PAPERS
from serving.pages import formats
from serving.pages.language import Language
from serving.record.court_settings import Settings

PAPERS_BASIS: Final = "《最高人民法院关于人民法院执行工作若干问题的规定（试行）》（2020年修正）第18条、第20条"
BASIS: Final = "《最高人民法院关于人民法院登记立案若干问题的规定》（法释〔2015〕8号）第七条、第十八条"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one case lacks, one line for each paper that it comes from."""

    line: str
    number: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CompletionPage:
    """The notice; `back` is where it was opened from, `one` the case where it is about a single one.

    `alike` says what is missing where all cases lack the same; then `numbers`
    are enough to tell them. Otherwise `cases` lists each with what it lacks.
    """

    back: str
    back_text: str
    court: str
    contact: str
    one: Wanted | None
    alike: tuple[str, ...]
    numbers: str
    cases: tuple[Wanted, ...]
    asking: str
    basis: str
    asked: str
    simulated: bool


def completion_page(
    rows: Sequence[Mapping[str, Any]], *, settings: Settings, back: tuple[str, str], simulated: bool,
    register: Register, say: Language,
) -> CompletionPage:  # fmt: skip
    """Return the notice about these cases, of which there is one at least."""
    cases = tuple(
        Wanted(line=str(row.get("line", "")), number=row["application_id"], lines=_lines(row, register, say))
        for row in rows
    )
    alike = cases[0].lines if len({one.lines for one in cases}) == 1 else ()
    return CompletionPage(
        back=back[0],
        back_text=back[1],
        court=settings.named(rows[0]["court_code"]),
        contact=settings.contact,
        one=cases[0] if "line" not in rows[0] else None,
        alike=alike,
        numbers=say.listed(one.number for one in cases),
        cases=cases,
        asking=_asking(cases, rows[0], alike=bool(alike), say=say),
        basis=f"{BASIS}；{PAPERS_BASIS}" if any(row.get("papers") for row in rows) else BASIS,
        asked=formats.instant(rows[0]["at"]),
        simulated=simulated,
    )


def _asking(cases: Sequence[Wanted], first: Mapping[str, Any], *, alike: bool, say: Language) -> str:
    until, count = first["until"], formats.count(len(cases))
    if "line" not in first:
        return say(
            "您（单位）提交的执行申请（申请编号 {number}）缺少下列材料或者事项，请在 {until} 前（含当日）补正：",
            number=cases[0].number,
            until=until,
        )
    if alike:
        return say(
            "您（单位）提交的执行申请共 {count} 件（编号附后）均缺少下列材料或者事项，请在 {until} 前（含当日）补正：",
            count=count,
            until=until,
        )
    return say(
        "您（单位）提交的执行申请共 {count} 件缺少材料或者事项，逐件列于附表，请在 {until} 前（含当日）补正。",
        count=count,
        until=until,
    )


def _lines(row: Mapping[str, Any], register: Register, say: Language) -> tuple[str, ...]:
    """Return what is missing by where it stands: 执行依据：文书生效日、给付类型."""
    found: dict[str, list[str]] = {}
    for field in (register[name] for name in row["missing"] if name in register):
        found.setdefault(say.pick(field.source_zh, field.source), []).append(say.pick(field.zh, field.en))
    facts = (say.pick("{}：{}", "{}: {}").format(source, say.listed(names)) for source, names in found.items())
    return (*facts, *(say.pick(*PAPERS[code]) for code in row.get("papers", ()) if code in PAPERS))
