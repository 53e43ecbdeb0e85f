"""The pages of the models as values: the list, one score in full, and the same on one page for the leadership."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from features.register import Stage
from models.bundle.paper import Paper
from models.card import PREDICTS, SCORE_NAMES
from models.promotion.court_policy import CourtPolicy
from serving.access.principal import Principal
from serving.control.dossier import Dossier
from serving.control.promotable import Promotable
from serving.pages.case.history import Named
from serving.pages.language import Language
from serving.pages.models.calibration import Calibration, calibration_of
from serving.pages.models.card import Heading, card_of
from serving.pages.models.challenger import ChallengerBlock, challenger_of
from serving.pages.models.drift import DriftBlock, drift_of
from serving.pages.models.fairness import Fairness, fairness_of
from serving.pages.models.head import Head, head_of
from serving.pages.models.ledger import RequestLine, TenureLine, ledger_of, requests_of
from serving.pages.models.promotion import NOTHING_ASKED, PromotionBlock, SentStep, Viewer, promotion_of
from serving.pages.models.quality import Quality, quality_of
from serving.pages.models.slices import PartPicker, parts_of, picked, picker_of
from serving.pages.models.switch import NOTHING_SENT, SentTurn, SwitchBlock, switch_of


@dataclass(frozen=True, kw_only=True)
class Looking:
    """Who looks at the models, when, in which language, and how others are called."""

    principal: Principal
    named: Named
    today: date
    say: Language
    now: datetime


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """One score of the bundle in use."""

    address: str
    name: str
    stage: str
    predicts: str
    quality: str
    gates: str
    failed: bool


@dataclass(frozen=True, kw_only=True)
class ModelsPage:
    """The list page."""

    head: Head
    scores: tuple[ScoreLine, ...]
    switch: SwitchBlock
    promotion: PromotionBlock
    ledger: tuple[TenureLine, ...]

    @property
    def wrong(self) -> bool:
        """Whether something that was sent in has to be put right."""
        return bool(self.switch.faults or self.promotion.faults)


@dataclass(frozen=True, kw_only=True)
class ScorePage:
    """One score in full."""

    address: str
    title: str
    stage: str
    head: Head
    card: tuple[Heading, ...]
    quality: Quality
    calibration: Calibration
    picker: PartPicker
    fairness: Fairness
    drift: DriftBlock
    challenger: ChallengerBlock
    ledger: tuple[TenureLine, ...]
    requests: tuple[RequestLine, ...]
    stopped: str


def models_page(
    found: Dossier, looking: Looking, *, turn: SentTurn = NOTHING_SENT, step: SentStep = NOTHING_ASKED
) -> ModelsPage:
    """Return the list page."""
    say = looking.say
    return ModelsPage(
        head=head_of(found, today=looking.today, say=say),
        scores=tuple(_scores(found, say)),
        switch=switch_of(found.turns, found.stopped, turn, reader=looking.principal, named=looking.named, say=say),
        promotion=promotion_of(
            found.promotable or Promotable(base=found.current.name, policy=CourtPolicy()),
            found.requests,
            step,
            Viewer(looking.principal, looking.now, say),
        ),
        ledger=ledger_of(found.tenures, say),
    )


def score_page(found: Dossier, stage: Stage, name: str, looking: Looking, *, part: str = "") -> ScorePage | None:
    """Return the page of a score, calibration in one `part` if asked; None where there is no such score or part."""
    paper, say = found.current.paper, looking.say
    if paper is None or stage not in paper.stages or name not in paper.stages[stage].scores:
        return None
    label = f"{stage.value}.{name}"
    evidence = None if found.evidence is None else found.evidence.scores.get(label)
    parts = parts_of(evidence, looking.principal.courts)
    shown = picked(parts, part)
    if part and shown is None:
        return None
    switch = switch_of((), found.stopped, NOTHING_SENT, reader=looking.principal, named=looking.named, say=say)
    return ScorePage(
        address=f"/models/{label}",
        title=score_name(name, say),
        stage=stage_name(stage, say),
        head=head_of(found, today=looking.today, say=say),
        card=card_of(paper, stage, name, say),
        quality=quality_of(found.evidence, label, say),
        calibration=calibration_of(shown or evidence, share=name == "recovery", say=say),
        picker=picker_of(parts, shown, say),
        fairness=fairness_of(evidence, urged=stage is Stage.A and name != "willingness", say=say),
        drift=drift_of(paper.stages[stage], found.drift, learned_until=_learned_until(paper), say=say),
        challenger=challenger_of(found, stage, name, say),
        ledger=ledger_of(found.tenures, say),
        requests=requests_of(found.requests, say),
        stopped=switch.sentence,
    )


def _learned_until(paper: Paper) -> date | None:
    """Return the day after the last one that the bundle learned from; None where it names no periods."""
    span = paper.about.periods.get("calibrate")
    return None if span is None else span[1]


def score_name(name: str, say: Language) -> str:
    """Return what a score is called."""
    return say.pick(*SCORE_NAMES[name]).capitalize() if name in SCORE_NAMES else name


def stage_name(stage: Stage, say: Language) -> str:
    """Return what a stage is called."""
    return say("立案前") if stage is Stage.A else say("首次查控后")


def _scores(found: Dossier, say: Language) -> Iterator[ScoreLine]:
    paper = found.current.paper
    for stage, models in () if paper is None else paper.stages.items():
        for name in models.scores:
            label = f"{stage.value}.{name}"
            quality = quality_of(found.evidence, label, say)
            yield ScoreLine(
                address=f"/models/{label}",
                name=score_name(name, say),
                stage=stage_name(stage, say),
                predicts=say.pick(*PREDICTS[name]) if name in PREDICTS else name,
                quality=quality.sentence,
                gates=_gates(quality, say),
                failed=quality.failed,
            )


def _gates(quality: Quality, say: Language) -> str:
    if not quality.gates:
        return "--"
    failed = [gate.gate for gate in quality.gates if gate.failed]
    return say("未通过：{gates}", gates=say.listed(failed)) if failed else say("{n} 项均通过", n=len(quality.gates))
