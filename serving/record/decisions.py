"""Decisions: a person says which way a case goes, with one reason code where the advice said otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from models.lanes import Lane
from models.lifecycle import (
    OVERRIDE_TEXT,
    HumanDecision,
    MissingOverrideReasonError,
    OverrideReason,
    final_route,
)
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.door.strict_json import canonical
from serving.keys import KeyRing
from serving.record.court_settings import CourtSettings
from serving.record.sight import Sight
from serving.repositories.advice import Call
from serving.repositories.decisions import Act, Acted, DecisionStore, File
from serving.repositories.preferences import PreferenceStore
from serving.repositories.urging.conversions import ConversionStore

SCOPE: Final = "/v1/decisions"
ORDINARY: Final = "ordinary"
"""暂不采纳，按原流程: no lane of the advice's, the ordinary procedure."""

LANES: Final = (*(lane.value for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX)), ORDINARY, Lane.NONE.value)
"""Where a person may send a case; 暂不分流 comes last: it is offered where it is advised."""

REASONS: Final = tuple(reason.value for reason in OverrideReason)
WITHDRAW_WITHIN: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Decisions:
    """The use case with its collaborators."""

    records: DecisionStore
    settings: CourtSettings
    preferences: PreferenceStore
    conversions: ConversionStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def decide(self, asked: Mapping[str, Any], *, key: str, tags: Tags, origin: Origin) -> Acted:
        """Record a decision about one advice, or return what the key already led to.

        A decision that agrees with advice given with data warnings says that
        they were checked; one that differs names a reason code. The decision
        wins over the advice in any case (H16). Whoever has not seen what a
        model proposed can neither agree with it nor differ from it: then no
        reason is asked for, and none is said to have been advised.

        Raises
        ------
        ProblemError
            NOT_FOUND, DECISION_CONFLICT when somebody was faster, OPINION_FIRST
            where the court wants an opinion before the scores, VALIDATION_FAILED,
            IDEMPOTENCY_KEY_REUSED.
        """
        now = self.clock()
        act = Act(
            act="decide", lane=None if asked["lane"] == ORDINARY else asked["lane"], reason=asked.get("reason"),
            note=asked.get("note"), warnings_checked=bool(asked.get("warnings_checked", False)),
            unseen=self._unseen(asked["advice_id"], origin),
        )  # fmt: skip

        def check(file: File) -> None:
            _require_turn(file, tags)
            self._require_opinion(file, origin)
            _require_sense(file, act, now)

        return self._act(asked["advice_id"], act, asked, key=key, check=check, by=(origin, now))

    def withdraw(self, decision_id: str, *, key: str, tags: Tags, origin: Origin) -> Acted:
        """Take back one's own decision within a day; both stay on record.

        Raises
        ------
        ProblemError
            NOT_FOUND, DECISION_CONFLICT when it is not the last word any more,
            PERMISSION_DENIED for anybody else's, WITHDRAWAL_TOO_LATE.
        """
        now, advice_id = self.clock(), self.records.advice_of(decision_id)

        def check(file: File) -> None:
            _require_turn(file, tags)
            _require_own(file, decision_id, origin, now)

        act = Act(act="withdraw")
        return self._act(advice_id or "", act, {"withdraw": decision_id}, key=key, check=check, by=(origin, now))

    def conversion(self, advice_id: str) -> Mapping[str, Any] | None:
        """Return by what urging ended that was decided on an advice; None where it has not."""
        return self.conversions.of(advice_id)

    def file(self, advice_id: str, *, origin: Origin) -> File:
        """Return how things stand about one advice.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        found = self.records.file(advice_id, origin=origin)
        if found is None:
            raise ProblemError("NOT_FOUND")
        return found

    def _act(
        self,
        advice_id: str,
        act: Act,
        asked: Mapping[str, Any],
        *,
        key: str,
        check: Callable[[File], None],
        by: tuple[Origin, datetime],
    ) -> Acted:
        call = Call(SCOPE, key, self.keys.body(canonical(dict(asked))), by[0].by.owner)
        acted = self.records.act(advice_id, act, call=call, check=check, by=by)
        if acted is None:
            raise ProblemError("NOT_FOUND")
        if acted.body_digest != call.body_digest:
            raise ProblemError("IDEMPOTENCY_KEY_REUSED")
        return acted

    def _unseen(self, advice_id: str, origin: Origin) -> bool:
        """Whether a model proposed a lane that this person has not looked at; what he has seen once stays seen."""
        file = self.records.file(advice_id, origin=origin) if origin.by.kind == "account" else None
        if file is None or file.advice["decided_by"] != "model":
            return False
        mine = [view["kind"] for view in file.views if view["by"] == origin.by.actor]
        return not self._sight(file, origin).opened_by(mine)

    def _sight(self, file: File, origin: Origin) -> Sight:
        mode = self.settings.of(file.advice["court_code"]).review_mode
        return Sight(mode, off=self.preferences.off(origin.by.actor))

    def _require_opinion(self, file: File, origin: Origin) -> None:
        """Where the court wants an opinion before the scores, whoever decides has given one."""
        own = [view for view in file.views if view["by"] == origin.by.actor and view["kind"] == "opinion"]
        if origin.by.kind == "account" and not own and self._sight(file, origin).wants_opinion:
            raise ProblemError("OPINION_FIRST")


Tags = Callable[[str], bool]
"""Whether the caller's If-Match names this tag."""


def tag_of(file: File) -> str:
    """Return the tag of how things stand about an advice: it changes with every act."""
    return state_tag(str(file.advice["id"]), file.turn)


def state_tag(advice_id: str, turn: int) -> str:
    """Return the tag of an advice after so many acts; before the first it is the tag of the advice itself."""
    return f'"{advice_id.lower()}-{turn + 1}"'


def decision_json(row: Mapping[str, Any]) -> dict[str, object]:
    """Return an act as the API shows it."""
    reason = None if row["reason"] is None else OVERRIDE_TEXT[OverrideReason(row["reason"])]
    decided = row["act"] == "decide"
    return {
        "id": row["id"],
        "advice_id": row["advice_id"],
        "application_id": row["application_id"],
        "court_code": row["court_code"],
        "stage": row["stage"],
        "act": row["act"],
        "lane": (row["lane"] or ORDINARY) if decided else None,
        "advised_lane": row["advised"],
        "overridden": decided and row["advised"] is not None and row["lane"] != row["advised"],
        "reason": row["reason"],
        "reason_text": None if reason is None else reason[0],
        "reason_text_en": None if reason is None else reason[1],
        "note": row["note"],
        "warnings_checked": bool(row["warnings_checked"]),
        "decided_by": row["decided_by"],
        "decided_at": row["decided_at"],
        "turn": row["turn"],
    }


def _require_turn(file: File, tags: Tags) -> None:
    if not tags(tag_of(file)):
        raise ProblemError("DECISION_CONFLICT", headers={"ETag": tag_of(file)})


def _require_sense(file: File, act: Act, now: datetime) -> None:
    if file.standing is not None:
        raise ProblemError("DECISION_CONFLICT", headers={"ETag": tag_of(file)})
    errors = []
    if file.advice["stage"] == "B" and act.lane == Lane.URGE.value:
        errors.append(_error("lane", "STAGE", "已立案，不再适用执前督促", "the case is filed; urging is over"))
    if file.closed and act.lane == Lane.URGE.value:
        errors.append(
            _error("lane", "CLOSED", "本案已报告结案，不能再转执前督促", "the case is closed; nobody is urged")
        )
    advised = None if file.advice["route"] is None or act.unseen else Lane(file.advice["route"])
    lane = None if act.lane is None else Lane(act.lane)
    reason = None if act.reason is None else OverrideReason(act.reason)
    try:
        final = final_route(advised, HumanDecision(lane=lane, decided_at=now, reason=reason))
    except MissingOverrideReasonError as error:
        zh, _, en = str(error).partition(" / ")
        errors.append(_error("reason", "MISSING", zh, en))
    else:
        warned = bool(json.loads(file.advice["answer"])["warnings"])
        if warned and not final.overridden and not act.warnings_checked:
            zh = "本建议附有数据提示，同意前须核对并勾选已核对"
            errors.append(_error("warnings_checked", "REQUIRED", zh, "the advice has data warnings; check them first"))
    if errors:
        raise ProblemError("VALIDATION_FAILED", errors=errors)


def _require_own(file: File, decision_id: str, origin: Origin, now: datetime) -> None:
    standing = file.standing
    if standing is None or standing["id"] != decision_id:
        raise ProblemError("DECISION_CONFLICT", headers={"ETag": tag_of(file)})
    if standing["decided_by"].partition("/")[0] != origin.by.owner:  # a system may have changed its key since
        raise ProblemError("PERMISSION_DENIED")
    if now - datetime.fromisoformat(standing["decided_at"]) > WITHDRAW_WITHIN:
        raise ProblemError("WITHDRAWAL_TOO_LATE")


def _error(field: str, code: str, zh: str, en: str) -> dict[str, object]:
    return {"pointer": f"/{field}", "code": code, "message": zh, "message_en": en}
