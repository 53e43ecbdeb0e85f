"""The champion and its challenger: differences on the same cases, and the cases whose lane would be another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from features.register import Stage
from models.card import MEASURE_NAMES, VERDICTS
from models.evidence import Compared, Difference
from serving.control.dossier import Dossier
from serving.pages import formats
from serving.pages.case.lanes import advised_words
from serving.pages.language import Language
from serving.pages.models.quality import gate_name
from serving.repositories.models.differing import Differing, DifferingCase

SMALL: Final = 5
"""Below this many cases a count of a table is not told: it would tell of single cases."""


@dataclass(frozen=True, kw_only=True)
class DifferenceLine:
    """One measure of both bundles on the same cases."""

    name: str
    old: str
    new: str
    difference: str
    interval: str
    verdict: str


@dataclass(frozen=True, kw_only=True)
class MoveLine:
    """How many cases would go from one lane to another."""

    before: str
    after: str
    count: str


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One case to be opened; its lanes stay untold while it waits for a decision."""

    address: str
    number: str
    court: str
    when: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChallengerBlock:
    """The block; every sentence and table that is empty is left out."""

    sentence: str
    compared: str
    lines: tuple[DifferenceLine, ...]
    failed: tuple[str, ...]
    differing: str
    moves: tuple[MoveLine, ...]
    cases: tuple[CaseLine, ...]


def challenger_of(found: Dossier, stage: Stage, name: str, say: Language) -> ChallengerBlock:
    """Return the block of one score; single cases are listed for whoever may open them."""
    label = f"{stage.value}.{name}"
    differing = found.differing
    return ChallengerBlock(
        sentence=_sentence(found, say),
        compared=_compared(found.compared, label, say),
        lines=() if found.compared is None else tuple(_lines(found.compared, label, say)),
        failed=tuple(_failed(found, label, say)),
        differing="" if differing is None else _differing(differing, say),
        moves=() if differing is None else tuple(_moves(differing, stage, say)),
        cases=() if differing is None else tuple(_cases(differing, say)),
    )


def _sentence(found: Dossier, say: Language) -> str:
    challenger = found.challenger
    if challenger.fault is not None:
        return say("候选模型 {name} 未通过核验，未作对照。", name=challenger.name or "--")
    if challenger.paper is None:
        return say("没有候选模型。")
    mark = say("（模拟数据训练）") if challenger.paper.about.simulated else ""
    return say(
        "候选模型 {name}（{sha}）{mark}对同一批案件并行评分，只作对照，不影响任何建议。",
        name=challenger.name, sha=challenger.paper.sha256[:12], mark=mark,
    )  # fmt: skip


def _compared(compared: Compared | None, label: str, say: Language) -> str:
    if compared is None:
        return say("没有比较记录。用 fenliu compare 比较后显示。")
    return say(
        "{new} 与 {old} 的比较，{when}，同一批案件 {n} 件（两者都未学过），其中建议会改变 {changed}/{routed} 件。",
        new=compared.new, old=compared.old, when=formats.instant(compared.at), n=f"{compared.cases.get(label, 0):,}",
        changed=f"{compared.changed:,}", routed=f"{compared.routed:,}",
    )  # fmt: skip


def _lines(compared: Compared, label: str, say: Language) -> Iterator[DifferenceLine]:
    for held in compared.scores.get(label, ()):
        if held.measure in MEASURE_NAMES:
            yield _line(held, say)


def _line(held: Difference, say: Language) -> DifferenceLine:
    return DifferenceLine(
        name=say.pick(*MEASURE_NAMES[held.measure]),
        old=formats.figure(held.old),
        new=formats.figure(held.new),
        difference=formats.difference(held.difference),
        interval=f"[{formats.difference(held.lower)}, {formats.difference(held.upper)}]",
        verdict=say.pick(*VERDICTS[held.verdict]) if held.verdict in VERDICTS else held.verdict,
    )


def _failed(found: Dossier, label: str, say: Language) -> Iterator[str]:
    """Yield the gates that the challenger's score did not keep."""
    evidence = found.challenger_evidence
    for gate in () if evidence is None else evidence.failed(label):
        yield say(
            "候选未通过：{gate}，实测 {found}，要求 {asked}",
            gate=gate_name(gate, say),
            found=formats.figure(gate.found),
            asked=gate.asked,
        )


def _differing(differing: Differing, say: Language) -> str:
    if not differing.cases:
        return say("候选模型尚未对任何案件评分。")
    return say(
        "在线对照：两者都评过 {cases} 件，建议不同 {count} 件。",
        cases=f"{differing.cases:,}",
        count=f"{differing.differing:,}",
    )


def _moves(differing: Differing, stage: Stage, say: Language) -> Iterator[MoveLine]:
    for before, after, count in differing.moves:
        yield MoveLine(
            before=advised_words(before, stage.value, say),
            after=advised_words(after, stage.value, say),
            count=say("不足 {small}", small=SMALL) if count < SMALL else str(count),
        )


def _cases(differing: Differing, say: Language) -> Iterator[CaseLine]:
    for one in differing.newest:
        yield CaseLine(
            address=f"/cases/{one.advice_id}",
            number=one.application_id,
            court=one.court,
            when=formats.instant(one.created_at),
            before=_lane(one, one.proposed, say),
            after=_lane(one, one.other, say),
        )


def _lane(one: DifferingCase, route: str | None, say: Language) -> str:
    return say("未决定，暂不显示") if one.waits else advised_words(route, one.stage, say)
