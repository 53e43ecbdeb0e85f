"""The batches of a court as a list, and one batch: its head, its progress, and its groups with their figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from features.register import Register
from serving.pages import formats
from serving.pages.case.lanes import lane_words
from serving.pages.codes import code_words
from serving.pages.language import Language
from serving.record.court_settings import ReviewMode
from serving.repositories.batches.lists import Batch

LANES: Final = ("urge", "fast", "complex")
_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class BatchRow:
    """One batch of the list."""

    address: str
    id: str
    court: str
    when: str
    cases: str
    state: str


@dataclass(frozen=True)
class BatchList:
    """The list; `onward` is the address of the next page, empty on the last one."""

    rows: tuple[BatchRow, ...]
    onward: str
    first: bool
    may_import: bool


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the scoring of a batch is; `over` when there is nothing to wait for."""

    address: str
    refresh: str
    done: int
    total: int
    text: str
    over: bool


@dataclass(frozen=True)
class LaneCount:
    """A figure and what it is called, such as a lane and its cases; a dash where it is not shown."""

    name: str
    count: str


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """One group with its figures; `kept_back` where lanes are not shown before an opinion."""

    address: str
    place: int
    name: str
    count: str
    amount: str
    unknown: str
    lanes: tuple[LaneCount, ...]
    kept_back: bool
    not_scored: str
    doubtful: str
    left: str
    examples: int


@dataclass(frozen=True, kw_only=True)
class BatchPage:
    """Everything on the page of a batch."""

    id: str
    court: str
    applicants: str
    causes: str
    cases: str
    amount: str
    state: str
    sent: str
    failed: str
    failed_address: str
    scored: str
    seconds: str
    rules: str
    models: str
    seed: str
    progress: Progress
    groups: tuple[GroupRow, ...]
    lane_names: tuple[str, ...]
    totals: tuple[LaneCount, ...]
    simulated: bool
    ready: bool


def batch_list(batches: Sequence[Batch], *, onward: str, first: bool, may_import: bool, say: Language) -> BatchList:
    """Return the list."""
    rows = tuple(
        BatchRow(
            address=f"/intake/import/{one.id}" if one.state == "draft" else f"/batches/{one.id}",
            id=one.id,
            court=one.row["court_code"],
            when=formats.instant(one.row["created_at"]),
            cases=formats.count(one.job["rows"] - one.job["failed"]),
            state=state_words(one, say),
        )
        for one in batches
    )
    return BatchList(rows, onward, first, may_import)


def state_words(batch: Batch, say: Language) -> str:
    """Return where a batch is."""
    return {
        "draft": say("待确认"),
        "cancelled": say("已放弃"),
        "scoring": say("评分中"),
        "grouping": say("分组中"),
        "ready": say("可以办理"),
    }[batch.state]


def progress_of(batch: Batch, say: Language) -> Progress:
    """Return how far a batch is."""
    # Lines that failed when they were read count as done for the job, and were never scored.
    failed = int(batch.job["failed"])
    done, total = int(batch.job["done"]) - failed, int(batch.job["rows"]) - failed
    text = say("已评分 {done}/{total} 件", done=formats.count(done), total=formats.count(total))
    if batch.state == "grouping":
        text = say("评分完成，正在分组…")
    return Progress(
        address=f"/batches/{batch.id}/progress",
        refresh=f"/batches/{batch.id}",
        done=done,
        total=total,
        text=text,
        over=batch.state == "ready",
    )


def batch_page(
    batch: Batch,
    groups: Sequence[Mapping[str, Any]],
    *,
    mode: ReviewMode,
    mine: bool,
    register: Register,
    say: Language,
) -> BatchPage:
    """Return the page of a batch; `mine` is whether the reader sent it, who alone may fetch its failed lines."""
    figures, failed = batch.figures or {}, int(batch.job["failed"])
    rows = tuple(group_row(batch, one, mode=mode, say=say) for one in groups)
    found = [json.loads(one["figures"]) for one in groups]
    amount = sum((formats.exact(one["amount"]) for one in found), formats.exact("0"))
    return BatchPage(
        id=batch.id,
        court=batch.row["court_code"],
        applicants=_named(figures.get("applicants", {}), lambda code: _applicant(code, register, say), say),
        causes=_named(figures.get("causes", {}), lambda name: name or say("未知"), say),
        cases=formats.count(sum(one["count"] for one in found) if groups else batch.job["rows"] - failed),
        amount=formats.money(amount, say),
        state=state_words(batch, say),
        sent=formats.instant(batch.row["created_at"]),
        failed=formats.count(failed) if failed else "",
        failed_address=f"/intake/import/{batch.id}/failed" if failed and mine else "",
        scored=formats.instant(batch.job["finished_at"]) if batch.job["finished_at"] else "",
        seconds=say("用时 {seconds} 秒", seconds=figures["seconds"]) if "seconds" in figures else "",
        rules="、".join(figures.get("versions", ())),
        models="、".join(name for name in figures.get("models", ()) if name) or say("仅规则"),
        seed=str(batch.row["seed"]),
        progress=progress_of(batch, say),
        groups=rows,
        lane_names=lane_names(batch, say),
        totals=_totals(found, mode, lane_names(batch, say), say),
        simulated=bool(figures.get("simulated")),
        ready=batch.state == "ready",
    )


def group_row(batch: Batch, group: Mapping[str, Any], *, mode: ReviewMode, say: Language) -> GroupRow:
    """Return one group of the table."""
    figures = json.loads(group["figures"])
    kept_back = mode is ReviewMode.COMMIT_FIRST and figures["by_model"] > 0
    unknown = figures["unknown"]
    left = int(group["waits"])
    return GroupRow(
        address=f"/batches/{batch.id}/groups/{group['code']}",
        place=group["place"],
        name=say.pick(group["zh"], group["en"]),
        count=formats.count(figures["count"]),
        amount=formats.amount(figures["amount"]),
        unknown=say("另有 {count} 件金额不详", count=unknown) if unknown else "",
        lanes=tuple(
            LaneCount(name, "—" if kept_back else formats.count(figures["lanes"].get(lane, 0)))
            for lane, name in zip(LANES, lane_names(batch, say), strict=True)
        ),
        kept_back=kept_back,
        not_scored=formats.count(figures["not_scored"]),
        doubtful=formats.count(figures["doubtful"]),
        left=say("{count} 件待决定", count=formats.count(left)) if left else say("已办结"),
        examples=len(figures["examples"]),
    )


def lane_names(batch: Batch, say: Language) -> tuple[str, ...]:
    """Return what the lanes are called in the stage of the batch."""
    stage = str((batch.figures or {}).get("stage", "A"))
    return tuple(lane_words(lane, stage, say) for lane in LANES)


def _totals(
    found: Sequence[Mapping[str, Any]], mode: ReviewMode, names: Sequence[str], say: Language
) -> tuple[LaneCount, ...]:
    """Return the last line of the table: count, amount, lanes, not scored, doubtful."""
    hidden = mode is ReviewMode.COMMIT_FIRST and any(one["by_model"] for one in found)
    amount = sum((formats.exact(one["amount"]) for one in found), formats.exact("0"))
    lanes = [sum(one["lanes"].get(lane, 0) for one in found) for lane in LANES]
    return (
        LaneCount(say("件数"), formats.count(sum(one["count"] for one in found))),
        LaneCount(say("标的额（元）"), formats.amount(amount)),
        *(LaneCount(name, "—" if hidden else formats.count(n)) for name, n in zip(names, lanes, strict=True)),
        LaneCount(say("不评分"), formats.count(sum(one["not_scored"] for one in found))),
        LaneCount(say("把握低"), formats.count(sum(one["doubtful"] for one in found))),
    )


def _applicant(code: str, register: Register, say: Language) -> str:
    field = register["applicant_type"]
    return code_words(field, code, say) if code in field.codes else say("未知")


def _named(counts: Mapping[str, int], words: Callable[[str], str], say: Language) -> str:
    """Return the commonest kinds with their counts; one kind alone needs no count."""
    parts = list(counts.items())
    if len(parts) == 1:
        return words(parts[0][0])
    shown = say.listed(f"{words(kind)} {formats.count(n)}" for kind, n in parts[:_MOST_NAMED])
    rest = sum(n for _, n in parts[_MOST_NAMED:])
    return shown + (say("，其他 {count}", count=formats.count(rest)) if rest else "")
