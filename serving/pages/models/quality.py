"""How good a score is: one sentence for everybody, every measure with its interval, and the gates it had to pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from features.register import load_register
from models.card import MEASURE_NAMES
from models.evidence import Evidence, Figure, Gate, Part, ScoreEvidence
from models.explain.reasons import per_hundred
from serving.pages import formats
from serving.pages.codes import code_words, family_words
from serving.pages.language import Language

_LOSS: Final = ("log_loss", "mse")
_WORST: Final = 3


@dataclass(frozen=True, kw_only=True)
class MeasureLine:
    """One measure of the score, its interval, and what always saying the mean would reach."""

    name: str
    value: str
    interval: str
    constant: str


@dataclass(frozen=True, kw_only=True)
class GateLine:
    """One gate and whether it was passed."""

    gate: str
    found: str
    asked: str
    verdict: str
    failed: bool


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """A part of the test period in which the score does worst."""

    name: str
    cases: str
    value: str
    overall: str


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The block; without measures the sentence says why there are none."""

    sentence: str
    tested: str
    unripe: str
    measures: tuple[MeasureLine, ...] = ()
    gates: tuple[GateLine, ...] = ()
    weakest: tuple[PartLine, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether anything was measured."""
        return bool(self.measures)

    @property
    def failed(self) -> bool:
        """Whether a gate was failed."""
        return any(gate.failed for gate in self.gates)


def quality_of(evidence: Evidence | None, label: str, say: Language) -> Quality:
    """Return the block of one score, named as `A.ability`."""
    score = None if evidence is None else evidence.scores.get(label)
    if evidence is None or score is None:
        return Quality(sentence=say("没有评估记录。"), tested="", unripe="")
    return Quality(
        sentence=sentence_of(score, say),
        tested=_tested(evidence, score, say),
        unripe=_unripe(score, say),
        measures=tuple(_measures(score, say)),
        gates=tuple(_gates(evidence, label, say)),
        weakest=tuple(_weakest(score, say)),
    )


def sentence_of(score: ScoreEvidence, say: Language) -> str:
    """Return how often the score is right, in counts of a hundred."""
    rate, mean = score.figures.get("rate"), score.figures.get("mean_score")
    if rate is None or mean is None:
        return say("没有评估记录。")
    values = {"predicted": per_hundred(mean), "observed": per_hundred(rate)}
    auc = score.own.get("auc")
    if auc is None or auc.value is None:
        return say("每 100 元标的额，平均预测到位 {predicted} 元，实际到位 {observed} 元。", **values)
    said = say("每 100 件，平均预测 {predicted} 件，实际 {observed} 件。", **values)
    ranked = say(
        "任取发生与未发生的案件各一件，100 次中约 {auc} 次把发生的排在前面（随机排列为 50 次）。",
        auc=per_hundred(auc.value),
    )
    return say.pick("", " ").join((said, ranked))


def _tested(evidence: Evidence, score: ScoreEvidence, say: Language) -> str:
    return say(
        "测试期 {since} 至 {until}，结果已定 {n} 件，均未参与训练和校准。",
        since=evidence.periods.get("test_from", "--"),
        until=evidence.periods.get("test_until", "--"),
        n=f"{_known(score):,}",
    )


def _unripe(score: ScoreEvidence, say: Language) -> str:
    """Say how many cases of the test period have no outcome yet."""
    left = score.sizes.get("test", 0) - _known(score)
    return say("{days} 日未到、结果未定：{n} 件，未计入。", days=f"{score.day:g}", n=f"{left:,}") if left > 0 else ""


def _known(score: ScoreEvidence) -> int:
    return int(score.figures.get("n") or 0)


def _measures(score: ScoreEvidence, say: Language) -> Iterator[MeasureLine]:
    constant = score.methods.get("constant", {})
    for name, found in score.own.items():
        if name in MEASURE_NAMES:
            yield MeasureLine(
                name=say.pick(*MEASURE_NAMES[name]),
                value=formats.figure(found.value),
                interval=f"{formats.figure(found.lower)} – {formats.figure(found.upper)}",
                constant=formats.figure(constant.get(name, Figure(None)).value),
            )


def _gates(evidence: Evidence, label: str, say: Language) -> Iterator[GateLine]:
    for gate in evidence.gates:
        if gate.score == label:
            yield GateLine(
                gate=gate_name(gate, say),
                found=formats.figure(gate.found),
                asked=gate.asked.replace("constant", say("一律取平均")),
                verdict=say("通过") if gate.passed else say("未通过"),
                failed=not gate.passed,
            )


def gate_name(gate: Gate, say: Language) -> str:
    """Return what a gate is called; a court's own may have one name only."""
    zh, _, en = gate.gate.partition(" / ")
    return say.pick(zh, en or zh)


def _part(part: Part, say: Language) -> str:
    """Return what a part is called; courts, quarters and amounts stand for themselves."""
    register = load_register()
    if part.by in register and part.part in register[part.by].codes:
        return code_words(register[part.by], part.part, say)
    return family_words(part.part, say)


def _weakest(score: ScoreEvidence, say: Language) -> Iterator[PartLine]:
    measure = next((name for name in _LOSS if name in score.own), None)
    if measure is None:
        return
    by = {
        "court": say("法院"),
        "cause_family": say("案由"),
        "quarter": say("季度"),
        "debtor_type": say("被执行人类型"),
        "applicant_type": say("申请人类型"),
        "amount": say("标的额（元）"),
    }
    known = [(part, part.measures[measure].value) for part in score.parts if measure in part.measures and part.by in by]
    told = [(part, value) for part, value in known if value is not None]
    for part, value in sorted(told, key=lambda pair: -pair[1])[:_WORST]:
        yield PartLine(
            name=f"{by[part.by]} {_part(part, say)}",
            cases=say("{count} 件", count=formats.count(part.n)),
            value=formats.figure(value),
            overall=formats.figure(score.own[measure].value),
        )
