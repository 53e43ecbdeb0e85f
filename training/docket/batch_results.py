"""Batches on the way out: groups with their figures, links, and where cases come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.batches import BatchSettings, Group, Links, Trend
from models.lanes import Lane, lane_text
from training.console import Column, Lang, Result
from training.docket.wording import data_of, marked, notes_of, plain_notes, say, texts, used

Columns = Mapping[str, npt.NDArray[np.generic]]
_LANES = (Lane.URGE, Lane.FAST, Lane.COMPLEX)


def columns_of_batch(ids: Sequence[str], groups: Sequence[Group], links: Links, lang: Lang) -> Columns:
    """Return one row for each case: its group, its links, and whether it is in the spot check or an example."""
    group, name = np.empty(len(ids), dtype=object), np.empty(len(ids), dtype=object)
    checked = {case for one in groups for case in one.check.cases}
    shown = {example.case for one in groups for example in one.examples}
    for one in groups:
        group[one.rows], name[one.rows] = one.code, say(lang, one.zh, one.en)
    return {
        "case_id": texts(ids),
        "group": group,
        "group_name": name,
        "debtor_link": texts(links.debtor),
        "serial_link": texts(links.serial),
        "group_case": links.group_case,
        "spot_check": np.array([one in checked for one in ids], dtype=np.bool_),
        "example": np.array([one in shown for one in ids], dtype=np.bool_),
    }


def of_batches(
    groups: Sequence[Group], links: Links, settings: BatchSettings, lang: Lang, *, seed: int, simulated: bool
) -> Result:
    """Show the groups of a batch with their figures, and what was linked."""
    columns = (
        Column("number", "组", "group"),
        Column("name", "分组（先规则，后相近）", "what they have in common"),
        Column("count", "件数", "cases"),
        Column("amount", "标的额(元)", "claims (yuan)"),
        *(Column(str(lane), *lane_text(lane, Stage.B)) for lane in _LANES),
        Column("undecided", "未定", "undecided"),
        Column("doubtful", "把握低", "doubtful"),
        Column("check", "抽查", "spot check"),
        Column("examples", "示范案件", "examples"),
    )
    rows = [_row(number, one, lang) for number, one in enumerate(groups, 1)]
    linked = _linked(links)
    count = sum(one.count for one in groups)
    zh = (
        f"{count} 件，{len(groups)} 组；同一被执行人 {linked['debtor_groups']} 组，系列案 {linked['serial_batches']} 批"
    )
    en = f"{count} cases, {len(groups)} groups; {linked['debtor_groups']} debtors with several cases"
    zh += f"，群体性案件 {linked['group_cases']} 件；抽查种子 {seed}"
    en += f", {linked['serial_batches']} serial batches, {linked['group_cases']} group cases; spot check seed {seed}"
    document = {
        "data": data_of(simulated=simulated),
        "seed": seed,
        "groups": [_plain(one) for one in groups],
        **linked,
        "notes": plain_notes(links.notes),
        "settings": {"version": settings.figures.version, "sha256": settings.figures.sha256},
    }
    figures = used(settings.table(), settings.figures.set_by, lang)
    more = (*notes_of(links.notes, lang), *_examples(groups, lang), figures)
    return Result(columns, rows, document, *marked(zh, en, simulated=simulated), more=more)


def of_trends(found: Sequence[Trend], name: tuple[str, str], lang: Lang, *, simulated: bool) -> Result:
    """Show large kinds month by month, by applicant or another name; small counts stay unshown."""
    months = found[0].months if found else ()
    columns = (
        Column("kind", *name),
        *(Column(month, month, month) for month in months),
        Column("now", "本月", "latest"),
        Column("before", "上年同月", "a year before"),
        Column("change", "同比", "change"),
    )
    rows = [
        {
            "kind": one.kind,
            **{month: str(cell) for month, cell in zip(one.months, one.cells, strict=True)},
            "now": str(one.now),
            "before": str(one.before),
            "change": say(lang, "基数小，不计", "base too small") if one.change is None else f"{one.change:+.0%}",
        }
        for one in found
    ]
    zh, en = f"{len(rows)} 类（{name[0]}）；小数不显示", f"{len(rows)} kinds ({name[1]}); small counts are not shown"
    document = {"data": data_of(simulated=simulated), "by": name[1], "rows": rows}
    return Result(columns, rows, document, *marked(zh, en, simulated=simulated))


def _examples(groups: Sequence[Group], lang: Lang) -> tuple[Result, ...]:
    """Return the table of the cases that stand for others, and why; none where no group has one."""
    rows = [
        {"number": number, "what": say(lang, *example.words(Stage.B))}
        for number, one in enumerate(groups, 1)
        for example in one.examples
    ]
    columns = (Column("number", "组", "group"), Column("what", "示范案件", "example"))
    return (Result(columns, rows, title=("示范案件", "examples")),) if rows else ()


def _linked(links: Links) -> dict[str, int]:
    debtors, serial = (len({name for name in names if name}) for names in (links.debtor, links.serial))
    return {"debtor_groups": debtors, "serial_batches": serial, "group_cases": int(links.group_case.sum())}


def _row(number: int, one: Group, lang: Lang) -> dict[str, object]:
    unknown = say(lang, f"，{one.unknown} 件不详", f", {one.unknown} unknown") if one.unknown else ""
    return {
        "number": number,
        "name": say(lang, one.zh, one.en),
        "count": one.count,
        "amount": f"{one.amount:,.2f}{unknown}",
        **{str(lane): one.lanes.get(str(lane), 0) for lane in _LANES},
        "undecided": one.lanes.get(None, 0) + one.lanes.get(str(Lane.NONE), 0),
        "doubtful": one.doubtful,
        "check": len(one.check.cases),
        "examples": len(one.examples),
    }


def _plain(one: Group) -> dict[str, object]:
    return {
        "code": one.code,
        "by": one.by,
        "zh": one.zh,
        "en": one.en,
        "count": one.count,
        "amount": round(one.amount, 2),
        "amount_unknown": one.unknown,
        "lanes": {"undecided" if lane is None else lane: count for lane, count in one.lanes.items()},
        "doubtful": one.doubtful,
        "spot_check": list(one.check.cases),
        "examples": [
            asdict(example) | dict(zip(("zh", "en"), example.words(Stage.B), strict=True)) for example in one.examples
        ],
    }
