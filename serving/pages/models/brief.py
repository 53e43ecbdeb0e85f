"""领导一页: purpose, since when, what it is not for, how often right, for whom otherwise, what changed, who signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from features.register import Stage
from models.card import LIMIT, VERDICTS
from models.evidence import Compared
from serving.control.dossier import Dossier
from serving.pages.language import Language
from serving.pages.models.head import Head
from serving.pages.models.page import Looking, ScorePage, score_page

_SOON_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One question of the leadership and its answer, sentence by sentence."""

    question: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BriefPage:
    """The one page."""

    address: str
    title: str
    stage: str
    head: Head
    answers: tuple[Answer, ...]


def brief_page(found: Dossier, stage: Stage, name: str, looking: Looking) -> BriefPage | None:
    """Return the page; None where the bundle in use has no such score."""
    whole, say = score_page(found, stage, name, looking), looking.say
    if whole is None:
        return None
    purpose, law = whole.card[0], whole.card[1]
    answers = (
        Answer(question=say("做什么用"), sentences=(*purpose.points, *law.points)),
        Answer(question=say("自何时起，谁签批"), sentences=(_since(whole.head, say),)),
        Answer(
            question=say("不用于什么"),
            sentences=(say("不认定任何权利义务，不代替法官决定，不用于评价法官。"), say.pick(*LIMIT)),
        ),
        Answer(question=say("准不准"), sentences=(whole.quality.sentence, whole.calibration.sentence)),
        Answer(question=say("对谁不同"), sentences=(whole.fairness.sentence,)),
        Answer(
            question=say("变了什么"),
            sentences=(_changed(found.compared, f"{stage.value}.{name}", say), whole.drift.sentence),
        ),
        Answer(question=say("需要决定的事"), sentences=tuple(_decisions(found, whole, looking)) or (say("没有。"),)),
    )
    return BriefPage(address=whole.address, title=whole.title, stage=whole.stage, head=whole.head, answers=answers)


def _since(head: Head, say: Language) -> str:
    return say(
        "模型包 {name} 自 {since} 起现用，{signed} 签批，有效期至 {until}；状态：{state}。",
        name=head.name, since=head.since, signed=head.signed, until=head.valid_until, state=head.state,
    )  # fmt: skip


def _changed(compared: Compared | None, label: str, say: Language) -> str:
    if compared is None:
        return say("没有比较记录。用 fenliu compare 比较后显示。")
    verdicts = [held.verdict for held in compared.scores.get(label, ())]
    told = {word: verdicts.count(word) for word in VERDICTS}
    return say(
        "{new} 与 {old} 相比：{better} 项更好，{worse} 项更差，{same} 项无法区分；建议会改变 {changed}/{routed} 件。",
        new=compared.new, old=compared.old, better=told["better"], worse=told["worse"],
        same=told["indistinguishable"], changed=f"{compared.changed:,}", routed=f"{compared.routed:,}",
    )  # fmt: skip


def _decisions(found: Dossier, whole: ScorePage, looking: Looking) -> Iterator[str]:
    """Yield what the record calls for; never more than it shows."""
    paper, say = found.current.paper, looking.say
    left = 0 if paper is None else (paper.about.valid_until - looking.today).days
    if left < _SOON_DAYS:
        yield say("距有效期满 {days} 日，须安排重新训练。", days=max(left, 0))
    if whole.quality.failed:
        yield say("有关口未通过，须决定停用、退回或重新训练。")
    if found.requests:
        yield say("待签批的发布申请 {n} 件。", n=len(found.requests))
    if found.stopped:
        yield whole.stopped
    if whole.head.simulated:
        yield say("现用模型由模拟数据训练，不得用于办案；须以本院历史数据重新训练。")
