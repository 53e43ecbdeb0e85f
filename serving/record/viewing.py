"""Seeing the scores: people get rules and warnings at once, scores as the court has set it; each look is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.record.court_settings import CourtSettings, ReviewMode
from serving.record.decisions import ORDINARY
from serving.record.sight import Sight
from serving.repositories.advice import AdviceStore, Stored
from serving.repositories.preferences import PreferenceStore
from serving.repositories.views import ViewStore

HIDDEN: Final = ("scores", "reasons", "reasons_rest_per_100", "explanations", "abstain_reasons")
"""Parts of an answer that are predictions; rules, deadlines and data warnings are never hidden."""

_SCORE: Final = "score."
"""How the fields of a rule are called that are scores."""

_WAYS: Final = {
    "on_request": ("需要时可查看预测（记录在案）", "the scores are shown on request, which is recorded"),
    "commit_first": ("先写初步意见，再看预测", "give your own opinion first, then the scores are shown"),
    "off": (
        "您已关闭预测显示，可在“我的设置”中恢复",
        "you have switched predictions off (see your settings)",
    ),
}


@dataclass(frozen=True)
class Seen:
    """An answer as somebody may see it, whether all of it is there, and whether there is no prediction to ask for."""

    stored: Stored
    whole: bool
    bare: bool = False


@dataclass(frozen=True)
class Viewing:
    """The use case with its collaborators."""

    advice: AdviceStore
    views: ViewStore
    settings: CourtSettings
    clock: Callable[[], datetime]
    preferences: PreferenceStore

    def read(self, advice_id: str, *, origin: Origin) -> Seen:
        """Return an answer as this caller may see it: systems see all of it, people what the court's mode allows.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        ErasedError
            The answer was erased.
        """
        stored = self._stored(advice_id, origin)
        answer = json.loads(stored.answer)
        sight = self.sight(answer["court_code"], origin=origin)
        if sight is None or self._opened(advice_id, sight, origin):
            return Seen(stored, whole=True)
        hidden = _without_scores(answer, sight, lane_too=_keeps_lanes(sight, origin))
        return Seen(Stored(stored.id, written(hidden)), whole=False, bare=_nothing_to_hide(answer, sight))

    def sight(self, court: str, *, origin: Origin) -> Sight | None:
        """Return how a person sees predictions at a court; None for a system, which sees all of them."""
        if origin.by.kind != "account":
            return None
        return Sight(self.settings.of(court).review_mode, off=self.preferences.off(origin.by.actor))

    def given(self, stored: Stored, *, origin: Origin) -> Seen:
        """Return an answer that was just given: whoever owes an opinion does not get round it by scoring again."""
        if origin.by.kind == "account":
            answer = json.loads(stored.answer)
            sight = self.sight(answer["court_code"], origin=origin)
            if sight is not None and _strict(sight) and not self._opened(stored.id, sight, origin):
                return Seen(replace(stored, answer=written(_without_scores(answer, sight, lane_too=True))), whole=False)
        return Seen(stored, whole=True)

    def of_job(self, rows: Iterable[Mapping[str, Any]], *, origin: Origin) -> Iterator[Mapping[str, Any]]:
        """Yield results of a job with their answers as this caller may see them."""
        for row in rows:
            if row["answer"] is None:
                yield row
            else:
                seen = self.given(Stored(row["advice_id"], row["answer"]), origin=origin)
                yield {**row, "answer": seen.stored.answer}

    def previewed(self, answer: bytes, *, origin: Origin) -> bytes:
        """Return an answer that is not on record: people see no prediction in it where an opinion comes first."""
        if origin.by.kind == "account":
            found = json.loads(answer)
            sight = self.sight(found["court_code"], origin=origin)
            if sight is not None and _strict(sight):
                return written(_without_scores(found, sight, lane_too=True))
        return answer

    def opinion(self, advice_id: str, lane: str, *, origin: Origin) -> Seen:
        """Put down what somebody thinks before seeing the scores, and return the answer with them.

        Raises
        ------
        ProblemError
            NOT_FOUND; OPINION_GIVEN where another opinion is on record, which stays.
        """
        stored = self._stored(advice_id, origin)
        court = json.loads(stored.answer)["court_code"]
        chosen = None if lane == ORDINARY else lane
        row = self.views.put(advice_id, court, "opinion", lane=chosen, by=(origin, self.clock()))
        if row["lane"] != chosen:
            raise ProblemError("OPINION_GIVEN")
        return Seen(stored, whole=True)

    def reveal(self, advice_id: str, *, origin: Origin) -> Seen:
        """Note that somebody asks for the scores, and return the answer with them.

        Raises
        ------
        ProblemError
            NOT_FOUND; OPINION_FIRST where the court wants an opinion before the scores.
        """
        stored = self._stored(advice_id, origin)
        court = json.loads(stored.answer)["court_code"]
        sight = self.sight(court, origin=origin)
        if sight is not None and sight.wants_opinion and not self._opened(advice_id, sight, origin):
            raise ProblemError("OPINION_FIRST")
        self.views.put(advice_id, court, "reveal", lane=None, by=(origin, self.clock()))
        return Seen(stored, whole=True)

    def require_sight(self, advice_id: str, court: str, *, origin: Origin) -> None:
        """Refuse what tells the model's lane to people who owe an opinion first.

        Raises
        ------
        ProblemError
            OPINION_FIRST.
        """
        sight = self.sight(court, origin=origin)
        if sight is not None and sight.wants_opinion and not self._opened(advice_id, sight, origin):
            raise ProblemError("OPINION_FIRST")

    def listed(self, rows: Sequence[Mapping[str, Any]], *, origin: Origin) -> list[dict[str, Any]]:
        """Return rows of a list without the lanes that a model proposed, where the caller is not to see them yet."""
        courts = {row["court_code"] for row in rows if row["decided_by"] == "model"}
        sights = {court: sight for court in courts if (sight := self.keeping(court, origin=origin)) is not None}
        asked = [row["id"] for row in rows if row["decided_by"] == "model" and row["court_code"] in sights]
        put_down = self.views.own_of(asked, origin=origin) if asked else {}
        closed = {
            row["id"]
            for row in rows
            if row["decided_by"] == "model"
            and row["court_code"] in sights
            and not sights[row["court_code"]].opened_by(put_down.get(row["id"], ()))
        }
        return [{**row, "route": None} if row["id"] in closed else dict(row) for row in rows]

    def keeping(self, court: str, *, origin: Origin) -> Sight | None:
        """Return how a person sees predictions at a court, where lanes of models are kept from him until he asks."""
        sight = self.sight(court, origin=origin)
        return sight if sight is not None and _keeps_lanes(sight, origin) else None

    def _stored(self, advice_id: str, origin: Origin) -> Stored:
        found = self.advice.get(advice_id, origin=origin, at=self.clock())
        if found is None:
            raise ProblemError("NOT_FOUND")
        return found

    def _opened(self, advice_id: str, sight: Sight, origin: Origin) -> bool:
        if sight.off or sight.opened_by(()):
            return not sight.off
        return sight.opened_by([view["kind"] for view in self.views.own(advice_id, origin=origin)])


def _strict(sight: Sight) -> bool:
    """Whether predictions stay hidden even in an answer that the reader has just asked for."""
    return sight.wants_opinion or sight.off


def _keeps_lanes(sight: Sight, origin: Origin) -> bool:
    """Whether a lane that a model proposed is hidden, too; clerks need it to hand cases on."""
    if _strict(sight):
        return True
    return sight.mode is ReviewMode.ON_REQUEST and origin.by.may(Action.DECISION_CREATE)


def tells_a_score(rule: Mapping[str, Any]) -> bool:
    """Whether the line of a rule says what a model predicts: as a rule on scores, or as a notice that rests on one."""
    lines = (rule, *rule.get("conditions", ()))
    return rule.get("kind") == "model" or any(str(line.get("field", "")).startswith(_SCORE) for line in lines)


def _without_scores(answer: dict[str, Any], sight: Sight, *, lane_too: bool) -> dict[str, Any]:
    """Return the answer without its predictions, and with `lane_too` without what a model proposed."""
    parts = [name for name in HIDDEN if name != "abstain_reasons" or _scored(answer)]
    shown = {name: value for name, value in answer.items() if name not in parts}
    shown["flips"] = [flip for flip in answer.get("flips", []) if flip["kind"] == "rule"]
    shown["rules"] = [rule for rule in answer["rules"] if not tells_a_score(rule)]
    by_model = answer["advice"]["decided_by"] == "model"
    if lane_too and by_model:
        shown["advice"] = {"requires_human_decision": True, "decided_by": "model"}
    zh, en = _WAYS[sight.name]
    shown["hidden"] = {"mode": sight.name, "parts": parts, "text": zh, "text_en": en}
    return shown


def _nothing_to_hide(answer: Mapping[str, Any], sight: Sight) -> bool:
    """Whether there is nothing that could be asked for: no prediction, and no lane that a model proposed."""
    unasked = sight.mode is ReviewMode.ON_REQUEST and not sight.off
    return unasked and not _scored(answer) and answer["advice"]["decided_by"] != "model"


def _scored(answer: Mapping[str, Any]) -> bool:
    """Whether there is any prediction; where there is none, that it was withheld and why hides nothing."""
    return any(score.get("p", score.get("value")) is not None for score in answer.get("scores", {}).values())
