"""The batch sheet for paper: totals, the record of the spot checks, decisions, a line to sign, and all cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pages import formats
from serving.pages.batches.batch_page import BatchPage
from serving.pages.batches.group_page import choice_words, done_words
from serving.pages.case.history import Named
from serving.pages.case.lanes import advised_words
from serving.pages.language import Language
from serving.record.court_settings import ReviewMode
from serving.repositories.batches.lists import Batch

ANNEX: Final = 5_000
"""Cases that the annex lists on paper; the sheet to download has all of them."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CheckRecord:
    """The spot check of one group: what was drawn, and who looked at how many of it and when last."""

    place: int
    name: str
    drawn: str
    looks: str


@dataclass(frozen=True, kw_only=True)
class DecisionRecord:
    """One decision about a group, and what became of it."""

    id: str
    name: str
    text: str
    by: str
    result: str


@dataclass(frozen=True, kw_only=True)
class AnnexRow:
    """One case of the annex."""

    line: int
    number: str
    amount: str
    lane: str
    place: int
    state: str


@dataclass(frozen=True, kw_only=True)
class SheetPage:
    """Everything on the paper beside the head and the table of groups, which are the batch page's own."""

    checks: tuple[CheckRecord, ...]
    decisions: tuple[DecisionRecord, ...]
    annex: tuple[AnnexRow, ...]
    more: str
    printed: str
    batch: BatchPage


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What the paper is made from."""

    batch: Batch
    groups: Sequence[Row]
    cases: Sequence[Row]
    looks: Sequence[Row]
    decisions: Sequence[Row]


def sheet_page(
    found: Sources, page: BatchPage, *, mode: ReviewMode, named: Named, printed: str, say: Language
) -> SheetPage:
    """Return the paper."""
    names = {one["code"]: one for one in found.groups}
    stage = str((found.batch.figures or {}).get("stage", "A"))
    rows = annex_rows(found, mode=mode, say=say)
    return SheetPage(
        checks=tuple(_check(one, found, named, say) for one in found.groups),
        decisions=tuple(_decision(one, names[one["code"]], stage, named, say) for one in found.decisions),
        annex=tuple(rows[:ANNEX]),
        more=say("其余案件见可下载的清单。") if len(rows) > ANNEX else "",
        printed=printed,
        batch=page,
    )


def annex_rows(found: Sources, *, mode: ReviewMode, say: Language) -> list[AnnexRow]:
    """Return all cases in the order of their lines."""
    place = {one["code"]: one["place"] for one in found.groups}
    stage = str((found.batch.figures or {}).get("stage", "A"))
    return [
        AnnexRow(
            line=case["line"],
            number=case["application_id"],
            amount=formats.amount(case["amount"]),
            lane=say("见案件页")
            if mode is ReviewMode.COMMIT_FIRST and case["decided_by"] == "model"
            else advised_words(case["route"], stage, say),
            place=place[case["code"]],
            state=_state(case, say),
        )
        for case in sorted(found.cases, key=lambda one: one["line"])
    ]


def _state(case: Row, say: Language) -> str:
    if case["waits"] is None:
        return say("已决定或另有新结果")
    return say("待决定") if case["until"] is None else say("已告知补正，至 {day}", day=case["until"])


def annex_cells(rows: Iterable[AnnexRow], say: Language) -> Iterable[list[object]]:
    """Yield the annex as a sheet."""
    yield [say("行号"), say("申请编号"), say("标的额（元）"), say("建议"), say("分组"), say("状态")]
    for row in rows:
        yield [row.line, row.number, row.amount, row.lane, row.place, row.state]


def _check(group: Row, found: Sources, named: Named, say: Language) -> CheckRecord:
    drawn = sorted(
        (case for case in found.cases if case["code"] == group["code"] and case["drawn"] is not None),
        key=lambda case: case["drawn"],
    )
    ids = {case["advice_id"] for case in drawn}
    looks: dict[str, list[Row]] = {}
    for one in found.looks:
        if one["advice_id"] in ids:
            looks.setdefault(one["by"], []).append(one)
    told = [
        say("{who}已看 {count} 件，最后于 {at}", who=named(by), count=len(seen), at=formats.instant(seen[-1]["at"]))
        for by, seen in looks.items()
    ]
    return CheckRecord(
        place=group["place"],
        name=say.pick(group["zh"], group["en"]),
        drawn=say.listed(case["application_id"] for case in drawn),
        looks=say.apart(told) or say("尚未抽查"),
    )


def _decision(one: Row, group: Row, stage: str, named: Named, say: Language) -> DecisionRecord:
    lane = choice_words(one["lane"], stage, say)
    if one["until"]:
        lane += say("（补正期限至 {day}）", day=one["until"])
    result = done_words(one, say)
    if one["refused"]:
        result += say("，未办理 {count} 件", count=formats.count(one["refused"]))
    return DecisionRecord(
        id=one["id"],
        name=say.pick(group["zh"], group["en"]),
        text=lane,
        by=f"{named(one['by'])} {formats.instant(one['at'])}",
        result=result,
    )
