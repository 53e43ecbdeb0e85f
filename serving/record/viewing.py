"""Seeing the scores: people get rules and warnings at once, scores as the court has set it; each look is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.record.court_settings import CourtSettings, ReviewMode
from serving.record.decisions import ORDINARY
from serving.repositories.advice import AdviceStore, Stored
from serving.repositories.views import ViewStore

HIDDEN: Final = ("scores", "reasons", "reasons_rest_per_100", "explanations", "abstain_reasons")
"""Parts of an answer that are predictions; rules, deadlines and data warnings are never hidden."""

_SCORE: Final = "score."
"""How the fields of a rule are called that are scores."""

_WAYS: Final = {
    ReviewMode.ON_REQUEST: ("需要时可查看预测（记录在案）", "the scores are shown on request, which is recorded"),
    ReviewMode.COMMIT_FIRST: ("先写初步意见，再看预测", "give your own opinion first, then the scores are shown"),
}


@dataclass(frozen=True)
class Seen:
    """An answer as somebody may see it, and whether all of it is there."""

    stored: Stored
    whole: bool


@dataclass(frozen=True)
class Viewing:
    """The use case with its collaborators."""

    advice: AdviceStore
    views: ViewStore
    settings: CourtSettings
    clock: Callable[[], datetime]

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
        mode = self.settings.of(answer["court_code"]).review_mode
        if origin.by.kind != "account" or mode is ReviewMode.OPEN or self._may_see(advice_id, mode, origin):
            return Seen(stored, whole=True)
        return Seen(Stored(stored.id, written(_without_scores(answer, mode))), whole=False)

    def given(self, stored: Stored, *, origin: Origin) -> Seen:
        """Return an answer that was just given: whoever owes an opinion does not get round it by scoring again."""
        if origin.by.kind == "account":
            answer = json.loads(stored.answer)
            if self._owes_opinion(stored.id, answer["court_code"], origin):
                return Seen(
                    replace(stored, answer=written(_without_scores(answer, ReviewMode.COMMIT_FIRST))), whole=False
                )
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
            if self._wants_opinions(found["court_code"], origin):
                return written(_without_scores(found, ReviewMode.COMMIT_FIRST))
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
        mode = self.settings.of(court).review_mode
        if mode is ReviewMode.COMMIT_FIRST and not self._may_see(advice_id, mode, origin):
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
        if self._owes_opinion(advice_id, court, origin):
            raise ProblemError("OPINION_FIRST")

    def listed(self, rows: Sequence[Mapping[str, Any]], *, origin: Origin) -> list[dict[str, Any]]:
        """Return rows of a list without the lanes that a model proposed, where the caller owes an opinion first."""
        courts = {row["court_code"] for row in rows if row["decided_by"] == "model"}
        strict = {court for court in courts if self._wants_opinions(court, origin)}
        return [{**row, "route": None} if self._keeps_lane(row, strict, origin) else dict(row) for row in rows]

    def _keeps_lane(self, row: Mapping[str, Any], strict: set[str], origin: Origin) -> bool:
        if row["decided_by"] != "model" or row["court_code"] not in strict:
            return False
        return not self._may_see(row["id"], ReviewMode.COMMIT_FIRST, origin)

    def _owes_opinion(self, advice_id: str, court: str, origin: Origin) -> bool:
        if not self._wants_opinions(court, origin):
            return False
        return not self._may_see(advice_id, ReviewMode.COMMIT_FIRST, origin)

    def _wants_opinions(self, court: str, origin: Origin) -> bool:
        return origin.by.kind == "account" and self.settings.of(court).review_mode is ReviewMode.COMMIT_FIRST

    def _stored(self, advice_id: str, origin: Origin) -> Stored:
        found = self.advice.get(advice_id, origin=origin, at=self.clock())
        if found is None:
            raise ProblemError("NOT_FOUND")
        return found

    def _may_see(self, advice_id: str, mode: ReviewMode, origin: Origin) -> bool:
        enough = {"opinion"} if mode is ReviewMode.COMMIT_FIRST else {"opinion", "reveal"}
        return any(view["kind"] in enough for view in self.views.own(advice_id, origin=origin))


def _tells_a_score(rule: Mapping[str, Any]) -> bool:
    """Whether the line of a rule says what a model predicts: as a rule on scores, or as a notice that rests on one."""
    lines = (rule, *rule.get("conditions", ()))
    return rule.get("kind") == "model" or any(str(line.get("field", "")).startswith(_SCORE) for line in lines)


def _without_scores(answer: dict[str, Any], mode: ReviewMode) -> dict[str, Any]:
    """Return the answer without its predictions; where an opinion comes first, without what a model proposed, too."""
    shown = {name: value for name, value in answer.items() if name not in HIDDEN}
    shown["flips"] = [flip for flip in answer.get("flips", []) if flip["kind"] == "rule"]
    shown["rules"] = [rule for rule in answer["rules"] if not _tells_a_score(rule)]
    by_model = answer["advice"]["decided_by"] == "model"
    if mode is ReviewMode.COMMIT_FIRST and by_model:
        shown["advice"] = {"requires_human_decision": True, "decided_by": "model"}
    zh, en = _WAYS[mode]
    shown["hidden"] = {"mode": mode.value, "parts": [*HIDDEN], "text": zh, "text_en": en}
    return shown
