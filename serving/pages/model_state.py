"""What a page says at its top where no model answers: switched off, none there, or past its date; the law goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from models.abstention import Abstain
from serving.model_life.downgrade import DEGRADED_CODES, degraded_for
from serving.pages.language import Language

_EVERYWHERE: Final = "*"


@dataclass(frozen=True)
class ModelState:
    """What the service says of its model now, as at `/v1/models/current`, and which day it is."""

    said: Mapping[str, Any]
    today: date

    @property
    def stopped(self) -> frozenset[str]:
        """The courts whose models are switched off, `*` among them if every one is."""
        return frozenset(self.said.get("stopped", ()))

    @property
    def simulated(self) -> bool:
        """Whether the model in use learned from simulated cases."""
        return "notice" in self.said

    @property
    def valid_until(self) -> str:
        """The last day of the model in use; empty without one."""
        return str(self.said.get("valid_until", ""))

    def off_for(self, courts: Collection[str]) -> bool:
        """Whether the models of one of these courts are switched off."""
        return _EVERYWHERE in self.stopped or not self.stopped.isdisjoint(courts)


def banner_now(state: ModelState, courts: Collection[str], say: Language) -> str:
    """Return why new cases of these courts are answered by rules alone; empty where a model answers."""
    if state.off_for(courts):
        return say("模型暂不可用（已停用），新收案件仅按规则判断，不影响立案。")
    why = state.said.get("degraded_reason")
    if why is not None:
        return say("模型暂不可用，新收案件仅按规则判断，不影响立案。") + " " + cause_words(why, say)
    if state.valid_until and state.today.isoformat() > state.valid_until:
        return say("模型已过有效期（{day}），停止评分，新收案件仅按规则判断，不影响立案。", day=state.valid_until)
    return ""


def cause_words(why: Mapping[str, Any], say: Language) -> str:
    """Return why no model answers, in the words of answers: commands and files are for whoever operates the service."""
    if why.get("code") not in DEGRADED_CODES:
        return say.pick(why["text"], why["text_en"])
    plain = degraded_for(why["code"])
    return say.pick(plain.text, plain.text_en)


def banner_of(answer: Mapping[str, Any], state: ModelState, say: Language) -> str:
    """Return why this answer holds no prediction, or that the model it rests on is switched off since.

    That the answer had no model says nothing of its scores, so it is told in every mode of review.
    """
    why = answer["degraded_reason"]
    if why is not None:
        return say("模型暂不可用，以下仅为规则判断，不影响立案。") + " " + say.pick(why["text"], why["text_en"])
    if answer["mode"] == "rules":
        return say("模型未参与，以下仅为规则判断，不影响立案。")
    if Abstain.MODEL_EXPIRED in {one["code"] for one in answer.get("abstain_reasons", ())}:
        same = answer["versions"]["model_sha256"] == state.said.get("sha256") and state.valid_until
        until = say("（{day}）", day=state.valid_until) if same else ""
        return say("模型已过有效期{until}，停止评分，以下仅为规则判断，不影响立案。", until=until)
    if state.off_for((answer["court_code"],)):
        return say("模型现已停用；以下预测作于停用之前，仅供参考，不影响立案。")
    return ""
