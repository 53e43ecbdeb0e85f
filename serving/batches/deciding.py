"""Deciding a group at once: after a spot check, on what was shown, and each case as a decision of its own."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final, Protocol

from features.clock import SHANGHAI
from models.lanes import Lane
from models.lifecycle import OverrideReason
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.batches.completing import COMPLETION, Completing
from serving.door.problems import ProblemError
from serving.door.strict_json import canonical
from serving.keys import KeyRing
from serving.record.court_settings import CourtSettings, ReviewMode
from serving.record.decisions import ORDINARY, Decisions, state_tag
from serving.repositories.advice import Call, ErasedError
from serving.repositories.batches.acts import ActStore, MarkKind, Turn
from serving.repositories.batches.lists import Batch, BatchStore
from serving.repositories.jobs import origin_of

SCOPE: Final = "/batches"
ADVISED: Final = "advised"
"""Each case goes where its own advice says."""
CHOICES: Final = (ADVISED, Lane.FAST.value, Lane.COMPLEX.value, Lane.URGE.value, ORDINARY, COMPLETION)
REASONS: Final = tuple(reason.value for reason in OverrideReason)
TOGETHER: Final = 20

Row = Mapping[str, Any]


class UrgingEnds(Protocol):
    """Says until when urging lasts that begins today."""

    def __call__(self, court: str, received_on: date, *, today: date) -> date:
        """Return the last day for an application that a court received on a day."""


@dataclass(frozen=True, kw_only=True)
class GroupFile:
    """One group as it stands for one reader.

    `drawn` are the cases of the spot check, `looked` those of them that this
    reader has opened or that are decided already; `apart` the cases set apart.
    """

    batch: Batch
    group: Row
    mode: ReviewMode
    drawn: Sequence[Row]
    looked: frozenset[str]
    apart: frozenset[str]
    looks: Sequence[Row]
    decisions: Sequence[Row]

    @property
    def unseen(self) -> int:
        """How many cases of the spot check have to be looked at before anything is decided."""
        return sum(case["advice_id"] not in self.looked for case in self.drawn)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a decision would do: which cases go where, and who is left out and why.

    `urging_ends` are the last days of urging, of which there are several where
    cases came in under several windows. `lacking` counts, where cases are sent
    back, how many lack which field.
    """

    turns: Sequence[Turn]
    lanes: Mapping[str, int]
    overridden: int
    warned: int
    left_out: Mapping[str, Sequence[str]]
    urging_ends: tuple[date, ...]
    seal: str
    lacking: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """The use case with its collaborators; `urging_ends` says until when urging that begins today lasts."""

    lists: BatchStore
    records: ActStore
    decisions: Decisions
    completing: Completing
    settings: CourtSettings
    keys: KeyRing
    clock: Callable[[], datetime]
    urging_ends: UrgingEnds
    wake: Callable[[], None] = lambda: None

    def batch(self, batch_id: str, *, origin: Origin) -> Batch:
        """Return a batch that is no draft, and note that it was opened.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        found = self.lists.open(batch_id, origin=origin, at=self.clock())
        if found is None or found.row["confirmed_at"] is None:
            raise ProblemError("NOT_FOUND")
        return found

    def group(self, batch_id: str, code: str, *, origin: Origin) -> GroupFile:
        """Return one group.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        batch = self.batch(batch_id, origin=origin)
        group = next((one for one in self.records.groups(batch_id) if one["code"] == code), None)
        if group is None:
            raise ProblemError("NOT_FOUND")
        marks, drawn = self.records.marks(batch_id), self.records.cases(batch_id, code, drawn=True)
        looks = [one for one in marks if one["kind"] == "look"]
        mine = {one["advice_id"] for one in looks if one["by"] == origin.by.actor}
        over = {case["advice_id"] for case in drawn if case["waits"] is None}
        return GroupFile(
            batch=batch,
            group=group,
            mode=self.settings.of(batch.row["court_code"]).review_mode,
            drawn=drawn,
            looked=frozenset(mine | over),
            apart=_apart(marks),
            looks=looks,
            decisions=self.records.decided(batch_id, code),
        )

    def mark(self, batch_id: str, advice_id: str, kind: MarkKind, *, origin: Origin) -> Row:
        """Note a look at a case, or set it apart or back; return the case.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        self.batch(batch_id, origin=origin)
        case = self.records.case(batch_id, advice_id)
        if case is None:
            raise ProblemError("NOT_FOUND")
        self.records.mark(case, kind, origin=origin, at=self.clock())
        return case

    def plan(self, file: GroupFile, lane: str, *, origin: Origin) -> Plan:
        """Return what a decision would do now.

        Raises
        ------
        ProblemError
            ONE_BY_ONE where the group only lists its cases; OPINION_FIRST where
            the court wants an opinion on each case first, unless cases are sent
            back, which takes no opinion; SPOT_CHECK_OPEN while drawn cases were
            not looked at.
        """
        if file.group["by"] == "list":
            raise ProblemError("ONE_BY_ONE")
        if file.mode is ReviewMode.COMMIT_FIRST and lane != COMPLETION:
            raise ProblemError("OPINION_FIRST")
        if file.unseen:
            raise ProblemError("SPOT_CHECK_OPEN")
        cases = self.records.cases(file.batch.id, file.group["code"])
        now, going, left = self.clock(), list[Row](), dict[str, list[str]]()
        lacking = self._lacking(cases) if lane == COMPLETION else {}
        for case in cases:
            why = _left_out(case, lane, file.apart, origin, now) or _not_sent_back(case, lane, lacking)
            if why:
                left.setdefault(why, []).append(case["application_id"])
            else:
                going.append(case)
        acts = self.records.acts([case["advice_id"] for case in going])
        turns = [_turn(case, lane, acts.get(case["advice_id"], 0)) for case in going]
        decides = lane != COMPLETION
        return Plan(
            turns=turns,
            lanes=Counter(turn.lane for turn in turns),
            overridden=sum(
                decides and case["route"] is not None and turn.lane != case["route"]
                for case, turn in zip(going, turns, strict=True)
            ),
            warned=sum(decides and case["warnings"] > 0 for case in going),
            left_out=left,
            urging_ends=self._urging_ends(going, turns, today=now.date()),
            seal=self.keys.body(canonical([list(vars(turn).values()) for turn in turns])),
            lacking=Counter(name for turn in turns for name in lacking.get(turn.advice_id, ())),
        )

    def _urging_ends(self, going: Sequence[Row], turns: Sequence[Turn], *, today: date) -> tuple[date, ...]:
        """Return the last days of urging of the cases that go there: by the window of the day each was received on."""
        urged = [case for case, turn in zip(going, turns, strict=True) if turn.lane == Lane.URGE.value]
        received = {(case["court_code"], _day(case["received_at"]) or today) for case in urged}
        return tuple(sorted({self.urging_ends(court, day, today=today) for court, day in received}))

    def _lacking(self, cases: Sequence[Row]) -> Mapping[str, tuple[str, ...]]:
        """Return what cases can be sent back for; those that were sent back once are not among them."""
        waiting = [case["advice_id"] for case in cases if case["waits"] is not None and case["until"] is None]
        return self.completing.lacking(waiting)

    def decide(self, file: GroupFile, asked: Mapping[str, str], *, key: str, origin: Origin) -> str:
        """Put a decision on record, to be carried out case by case; return its id, the same for the same key.

        `asked` holds lane, seal, and reason, warnings_checked and until where they were given.

        Raises
        ------
        ProblemError
            As for `plan`; DECISION_CONFLICT where what would be done is not
            what was shown; VALIDATION_FAILED; IDEMPOTENCY_KEY_REUSED.
        """
        call = Call(SCOPE, key, self.keys.body(canonical(dict(asked))), origin.by.owner)
        plan = self.plan(file, asked["lane"], origin=origin)
        known = self.records.known(call)
        if known is None:
            if plan.seal != asked["seal"]:
                raise ProblemError("DECISION_CONFLICT")
            _require_sense(plan, asked, self._day_problem(asked))
        row = {
            "batch_id": file.batch.id, "code": file.group["code"], "court_code": file.batch.row["court_code"],
            "lane": asked["lane"], "reason": asked.get("reason") or None, "looked": len(file.drawn),
            "until": asked.get("until") if asked["lane"] == COMPLETION else None,
        }  # fmt: skip
        decision_id, digest = known or self.records.decide(row, plan.turns, call=call, by=(origin, self.clock()))
        if digest != call.body_digest:
            raise ProblemError("IDEMPOTENCY_KEY_REUSED")
        self.wake()
        return decision_id

    def _day_problem(self, asked: Mapping[str, str]) -> tuple[str, str] | None:
        return self.completing.day_problem(asked.get("until", "")) if asked["lane"] == COMPLETION else None

    def work_once(self) -> bool:
        """Carry decisions out on some cases; False when none waits.

        Each case is decided under a key of its own: whoever dies in the
        middle, and whoever takes over, decides it once.

        Raises
        ------
        StoreUnavailableError
            What is done is on record; the rest waits.
        """
        turns = self.records.turns(TOGETHER)
        if turns:
            self.records.settle([(turn, self._carried_out(turn)) for turn in turns])
        return bool(turns)

    def _carried_out(self, turn: Row) -> str | None:
        """Decide one case; return the problem that stands against it."""
        origin = origin_of(turn["by"], turn["courts"], Action.DECISION_CREATE)
        key = f"{turn['decision_id']}/{turn['advice_id']}"
        asked: dict[str, Any] = {"advice_id": turn["advice_id"], "lane": turn["lane"], "warnings_checked": True}
        if turn["reason"] is not None and turn["lane"] != turn["route"]:
            asked["reason"] = turn["reason"]
        try:
            if turn["waits"] is not None and _is_taken(turn, origin, self.clock()):
                return "CASE_TAKEN"
            if turn["lane"] == COMPLETION:
                return self.completing.send_back(turn, origin=origin)
            self.decisions.decide(asked, key=key, tags=_unless_over(turn), origin=origin)
        except ProblemError as error:
            return error.problem.code
        except ErasedError:
            return "GONE"
        return None


def _unless_over(turn: Row) -> Callable[[str], bool]:
    """Return what tells that a case still stands as it was shown.

    One that waits no more was decided, or has a newer answer: then only what
    this very decision has led to before is found again.
    """
    if turn["waits"] is None:
        return lambda _: False
    return partial(operator.eq, turn["tag"])


def _require_sense(plan: Plan, asked: Mapping[str, str], day: tuple[str, str] | None) -> None:
    errors = [] if day is None else [_error("until", "INVALID", *day)]
    if not plan.turns:
        errors.append(_error("lane", "EMPTY", "没有可以成批决定的案件", "no case is left to decide"))
    if plan.overridden and not asked.get("reason"):
        zh = f"有 {plan.overridden} 件与建议不一致，请选择一项理由"
        errors.append(
            _error("reason", "MISSING", zh, f"{plan.overridden} cases differ from their advice; give a reason")
        )
    if plan.warned and not asked.get("warnings_checked"):
        zh = f"有 {plan.warned} 件附有数据提示，请核对并勾选"
        errors.append(_error("warnings_checked", "REQUIRED", zh, f"{plan.warned} cases have data warnings; check them"))
    if errors:
        raise ProblemError("VALIDATION_FAILED", errors=errors)


def _left_out(case: Row, lane: str, apart: frozenset[str], origin: Origin, now: datetime) -> str:
    """Return why a case is not decided with the others; empty if it is."""
    if case["waits"] is None:
        return "over"
    if case["advice_id"] in apart:
        return "apart"
    if _is_taken(case, origin, now):
        return "taken"
    return "no_lane" if lane == ADVISED and case["route"] not in _LANES else ""


def _not_sent_back(case: Row, lane: str, lacking: Mapping[str, tuple[str, ...]]) -> str:
    """Return why a case is not sent back with the others; empty if it is, or is to go somewhere."""
    if lane != COMPLETION:
        return ""
    if case["until"] is not None:
        return "told"
    return "" if lacking.get(case["advice_id"]) else "whole"


_LANES: Final = frozenset({Lane.URGE.value, Lane.FAST.value, Lane.COMPLEX.value})


def _is_taken(case: Row, origin: Origin, now: datetime) -> bool:
    held = case["claimed_until"] is not None and case["claimed_until"] > now.isoformat(timespec="seconds")
    return held and case["claimed_by"] != origin.by.actor


def _turn(case: Row, lane: str, acts: int) -> Turn:
    going = str(case["route"]) if lane == ADVISED else lane
    return Turn(advice_id=case["advice_id"], lane=going, tag=state_tag(case["advice_id"], acts))


def _day(instant: str | None) -> date | None:
    return None if instant is None else datetime.fromisoformat(instant).astimezone(SHANGHAI).date()


def _apart(marks: Sequence[Row]) -> frozenset[str]:
    """Return the cases that are set apart: the last word about each counts."""
    last = {one["advice_id"]: one["kind"] for one in marks if one["kind"] != "look"}
    return frozenset(case for case, kind in last.items() if kind == "except")


def _error(field: str, code: str, zh: str, en: str) -> dict[str, object]:
    return {"pointer": f"/{field}", "code": code, "message": zh, "message_en": en}
