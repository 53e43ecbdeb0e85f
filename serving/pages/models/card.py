"""The model card of a score, under the headings of the Dutch algorithm register, made from what the bundle says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from features.feature import Feature, Group
from features.register import Field, Stage
from models.abstention import WORDS
from models.bundle.paper import Paper, ScorePaper, StagePaper
from models.card import (
    CONTROL,
    EFFECT,
    LAW,
    LIMIT,
    PREDICTS,
    PURPOSE,
    RISKS,
    SIMULATED_LIMIT,
    TECHNIQUE,
    barred_fields,
    read_fields,
)
from serving.pages.language import Language

_PERIODS: Final = ("train", "calibrate", "test")


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One heading of the card: what it says, point by point; `chinese` marks words that stay Chinese."""

    title: str
    points: tuple[str, ...]
    chinese: bool = False


def card_of(paper: Paper, stage: Stage, name: str, say: Language) -> tuple[Heading, ...]:
    """Return the card of one score of a bundle."""
    models = paper.stages[stage]

    def pick(zh: str, en: str) -> str:
        return say.pick(f"{zh.removesuffix('。')}。", f"{en.removesuffix('.')}.")

    return (
        Heading(
            title=say("目标"), points=(_target(stage, name, models.scores[name], say), pick(*PURPOSE), pick(*EFFECT))
        ),
        Heading(title=say("法律依据"), points=(pick(*LAW),)),
        Heading(title=say("考虑的信息"), points=tuple(_considered(paper, models, say)), chinese=True),
        Heading(title=say("数据"), points=tuple(_data(paper, models, say))),
        Heading(title=say("不用的信息"), points=(_names(barred_fields(paper.register), say),)),
        Heading(title=say("人工决定"), points=(pick(*CONTROL),)),
        Heading(title=say("风险与限制"), points=tuple(_limits(paper, say))),
        Heading(title=say("有效期至"), points=(paper.about.valid_until.isoformat(),)),
    )


def _target(stage: Stage, name: str, score: ScorePaper, say: Language) -> str:
    words = PREDICTS.get(name)
    what = name if words is None else say.pick(*words)
    when = say("立案前") if stage is Stage.A else say("首次查控后")
    return say("{when}预测：{what}（{days} 日）。", when=when, what=what, days=f"{score.day:g}")


def _considered(paper: Paper, models: StagePaper, say: Language) -> Iterator[str]:
    """Yield for every group of reasons the facts that its features read."""
    for group in Group:
        mine = [feature for feature in models.features if feature.group is group]
        if mine:
            named = {
                Group.WILLINGNESS: say("履行意愿"),
                Group.ASSETS: say("财产"),
                Group.DEBTS: say("债务"),
                Group.PROCEDURE: say("程序"),
                Group.CASE: say("案件"),
            }[group]
            yield say("{group}：{names}", group=named, names=_names(_fields(paper, mine), say))


def _fields(paper: Paper, features: Iterable[Feature]) -> tuple[Field, ...]:
    return read_fields(features, paper.register)


def _names(fields: Iterable[Field], say: Language) -> str:
    return say.listed(say.pick(field.zh, field.en) for field in fields)


def _data(paper: Paper, models: StagePaper, say: Language) -> Iterator[str]:
    about = paper.about
    words = {"train": say("训练"), "calibrate": say("校准"), "test": say("测试")}
    spans = [
        f"{words[name]} {about.periods[name][0]} – {about.periods[name][1]}"
        for name in _PERIODS
        if name in about.periods
    ]
    yield say.apart(spans) or say("期间未随模型提供。")
    yield say("学过的法院：{courts}", courts=say.listed(about.courts))
    yield say("特征 {count} 项；{technique}", count=len(models.features), technique=say.pick(*TECHNIQUE))
    yield say("程序 {program}，数据指纹 {data}", program=about.code_version, data=about.data_sha256[:12])


def _limits(paper: Paper, say: Language) -> Iterator[str]:
    if paper.about.simulated:
        yield say.pick(*SIMULATED_LIMIT)
    yield say.pick(*LIMIT)
    for risk in RISKS:
        yield say.pick(f"{risk.zh}。", f"{risk.en}.")
    yield say("下列情形不评分：{reasons}。", reasons=say.apart(say.pick(*words) for words in WORDS.values()))
