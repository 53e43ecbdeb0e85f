"""The demonstration court at work: each step is done by the same use cases as online, by somebody of the court."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from features.clock import SHANGHAI
from models.lanes import Lane
from serving.access.origin import Origin
from serving.access.principal import EVERY_COURT, Principal
from serving.access.roles import Role
from serving.decide import Decider
from serving.demo import oddities
from serving.demo.course import Doing, Step
from serving.demo.people import MAIN, MODES, Person, of_court
from serving.model_life.standing import Standing
from serving.people.opening import People
from serving.record.court_settings import ReviewMode
from serving.record.decisions import ORDINARY
from serving.record.opening import Record

SYSTEM: Final = Origin(Principal(kind="key", id="demo-case-system", credential="demo", courts=EVERY_COURT))
"""The case system of the demonstration court: it reports what became of cases."""

_AGREES: Final = 0.8
_LOOKS: Final = 0.4
_DIFFERS: Final = 0.3


@dataclass
class Clock:
    """A clock that is set by hand: the demonstration court's, while its three months pass."""

    at: datetime

    def __call__(self) -> datetime:
        """Return the instant it is set to."""
        return self.at


@dataclass(frozen=True)
class Answered:
    """The newest answer about a case, and the newest decision about it."""

    id: str
    lane: str | None
    warned: bool
    decision: str = ""


@dataclass
class Working:
    """Does the steps; `done` counts them by kind, and `answers` knows the newest answer about each case."""

    decider: Decider[Standing]
    record: Record
    people: People
    clock: Clock
    done: dict[Doing, int] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answered] = field(default_factory=dict)
    reviews: dict[tuple[str, str], str] = field(default_factory=dict)
    left_out: set[tuple[str, str]] = field(default_factory=set)

    def do(self, step: Step) -> None:
        """Do one step at its own time, unless its case is left out."""
        self.clock.at = step.at
        if step.doing is Doing.RECEIVE and self._contradicts(step):
            self.left_out.add((step.court, step.number))
        if (step.court, step.number) in self.left_out:
            return
        hands: Mapping[Doing, Callable[[Step], None]] = {
            Doing.RECEIVE: self._score, Doing.QUERY: self._score, Doing.CORRECT: self._correct,
            Doing.DECIDE: self._decide, Doing.WITHDRAW: self._withdraw, Doing.REPORT: self._report,
            Doing.ASK_REVIEW: self._ask, Doing.ANSWER_REVIEW: self._answer,
        }  # fmt: skip
        hands[step.doing](step)
        self.done[step.doing] = self.done.get(step.doing, 0) + 1

    def _contradicts(self, step: Step) -> bool:
        """Whether the simulated habit urged what is not advised: of these cases only some are shown.

        The simulated court urges by habit, this one with advice; with all of
        them, people would seem to differ from the advice far too often.
        """
        if step.keep >= _DIFFERS:
            return False
        asked = {**step.said, "explain": {"reasons": 0, "flips": 0}}
        told = json.loads(self.decider.preview(asked, origin=of_court(step.court, Role.CLERK)[0].origin))
        return bool(told["advice"]["route"] != Lane.URGE)

    def _score(self, step: Step) -> None:
        by = SYSTEM if step.doing is Doing.QUERY else of_court(step.court, Role.CLERK)[0].origin
        stored = self.decider.score(step.said, key=self._key(step), origin=by)
        self._answered(step, stored.id, stored.answer)

    def _correct(self, step: Step) -> None:
        before, by = self._about(step), of_court(step.court, Role.CLERK)[0].origin
        request, reason = step.said["request"], step.said["reason"]
        stored = self.record.correcting.correct(before.id, request, reason, key=self._key(step), origin=by)
        self._answered(step, stored.id, stored.answer)

    def _decide(self, step: Step) -> None:
        about, judge = self._about(step), self._judge(step)
        lane = _lane_of(step.said, about.lane)
        self._look(step, about, judge, lane)
        asked: dict[str, Any] = {"advice_id": about.id, "lane": lane, "warnings_checked": True}
        if about.lane not in {None, lane}:
            asked["reason"] = oddities.an_override(step.said["chance"])
        if step.said["note"]:
            asked["note"] = step.said["note"]
        acted = self.record.decisions.decide(asked, key=self._key(step), tags=_any, origin=judge.origin)
        known = Answered(about.id, about.lane, about.warned, str(acted.row["id"]))
        self.answers[step.court, step.number] = known

    def _look(self, step: Step, about: Answered, judge: Person, lane: str) -> None:
        """See the predictions as the court has set it, before deciding."""
        mode, by = self.record.settings.of(step.court).review_mode, judge.origin
        if mode is ReviewMode.COMMIT_FIRST:
            first = lane if step.said["chance"] < _AGREES or about.lane is None else about.lane
            self.record.viewing.opinion(about.id, ORDINARY if first == Lane.NONE else first, origin=by)
        elif mode is ReviewMode.ON_REQUEST and step.said["chance"] < _LOOKS:
            self.record.viewing.reveal(about.id, origin=by)

    def _withdraw(self, step: Step) -> None:
        about, judge = self._about(step), self._judge(step)
        self.record.decisions.withdraw(about.decision, key=self._key(step), tags=_any, origin=judge.origin)

    def _report(self, step: Step) -> None:
        events = [one for one in step.said["events"] if (step.court, one["application_id"]) not in self.left_out]
        if events:
            self.record.outcomes.report(events, key=self._key(step), origin=SYSTEM)

    def _ask(self, step: Step) -> None:
        asked = {"advice_id": self._about(step).id, **step.said, "received_on": step.at.astimezone(SHANGHAI).date()}
        by = of_court(step.court, Role.CLERK)[0].origin
        found = self.people.reviewing.request(asked, key=self._key(step), origin=by)
        self.reviews[step.court, step.number] = str(found.row["id"])

    def _answer(self, step: Step) -> None:
        """Take a request in hand and answer it; of what stays as it was the party is told on the same day."""
        review, by, key = self.reviews[step.court, step.number], self._judge(step).origin, self._key(step)
        self.people.reviewing.take(review, None, key=key, origin=by)
        self.people.reviewing.decide(review, step.said, key=key, origin=by)
        if step.said["outcome"] == "kept":
            told = {"channel": "phone", "told_on": step.at.astimezone(SHANGHAI).date()}
            clerk = of_court(step.court, Role.CLERK)[0].origin
            self.people.reviewing.tell(review, told, key=key, origin=clerk)

    def _about(self, step: Step) -> Answered:
        return self.answers[step.court, step.number]

    def _answered(self, step: Step, advice_id: str, answer: bytes) -> None:
        told = json.loads(answer)
        lane = told["advice"]["route"]
        self.answers[step.court, step.number] = Answered(advice_id, lane, bool(told["warnings"]))

    def _judge(self, step: Step) -> Person:
        """Return who decides: the same person for a case throughout."""
        judges = of_court(step.court, Role.JUDGE)
        return judges[sum(step.number.encode()) % len(judges)]

    def _key(self, step: Step) -> str:
        """Return the idempotency key: a step done twice is done once."""
        return f"demo-{step.doing.name.lower()}-{step.court}-{step.number}-{step.at.isoformat()}"


def settle(record: Record, *, by: Origin) -> None:
    """Set how predictions are shown at each court, where not as shipped, and the teams of the main one."""
    teams = files("serving.demo").joinpath("teams.toml").read_text(encoding="utf-8")
    record.settings.set(MAIN, {"teams": teams}, "演示：登记三个团队", unchanged=_any, origin=by)
    for court, mode in MODES.items():
        if record.settings.of(court).review_mode is not mode:
            record.settings.set(court, {"review_mode": mode.value}, "演示：展示三种查看方式", unchanged=_any, origin=by)


def _lane_of(said: Mapping[str, Any], advised: str | None) -> str:
    """Return what the judge chooses: what the case's course asks for, else the advice, now and then neither."""
    if said["chance"] > 1.0 - oddities.ORDINARY:
        return ORDINARY
    if said["lane"]:
        return str(said["lane"])
    course = str(said["course"])
    agrees = advised in {Lane.FAST, Lane.COMPLEX} and (said["stage"] == "A" or said["chance"] < _AGREES)
    return str(advised) if agrees else course


def _any(_: object) -> bool:
    return True
