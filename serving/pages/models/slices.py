"""Parts of the test period that somebody may look at by themselves: courts, kinds of causes, years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.evidence import CALIBRATED_BY, Part, ScoreEvidence
from serving.access.principal import Courts
from serving.pages.codes import family_words
from serving.pages.language import Language


@dataclass(frozen=True, kw_only=True)
class PartChoice:
    """One part: how the address names it, what it is called, and whether it is the one that is shown."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PartGroup:
    """The parts of one kind."""

    name: str
    parts: tuple[PartChoice, ...]


@dataclass(frozen=True, kw_only=True)
class PartPicker:
    """What may be picked; `title` names what is shown, `missing` says why nothing may be picked."""

    groups: tuple[PartGroup, ...]
    title: str
    missing: str


def parts_of(evidence: ScoreEvidence | None, courts: Courts) -> tuple[Part, ...]:
    """Return the parts whose calibration was measured, but for courts that the reader has nothing to do with."""
    return tuple(
        one
        for one in (() if evidence is None else evidence.parts)
        if one.bins is not None and (one.by != "court" or one.part in courts)
    )


def picked(parts: Sequence[Part], asked: str) -> Part | None:
    """Return the part that an address names, such as `year:2026`; None for another one."""
    by, _, name = asked.partition(":")
    return next((one for one in parts if (one.by, one.part) == (by, name)), None)


def picker_of(parts: Sequence[Part], shown: Part | None, say: Language) -> PartPicker:
    """Return what may be picked, kind by kind."""
    missing = "" if parts else say("按法院、案由、年份的校准未随模型提供。用 fenliu evaluate 重新评估后显示。")
    title = say("全部案件") if shown is None else part_name(shown, say)
    return PartPicker(groups=tuple(_groups(parts, shown, say)), title=title, missing=missing)


def part_name(part: Part, say: Language) -> str:
    """Return what a part is called; courts and years stand for themselves."""
    return family_words(part.part, say) if part.by == "cause_family" else part.part


def _groups(parts: Sequence[Part], shown: Part | None, say: Language) -> Iterator[PartGroup]:
    names = {"court": say("法院"), "cause_family": say("案由"), "year": say("年份")}
    for by in CALIBRATED_BY:
        mine = tuple(
            PartChoice(
                value=f"{one.by}:{one.part}",
                text=say("{name}（{n} 件）", name=part_name(one, say), n=f"{one.n:,}"),
                chosen=one == shown,
            )
            for one in parts
            if one.by == by
        )
        if mine:
            yield PartGroup(name=names[by], parts=mine)
