"""The right to a person's review: whoever is concerned may refuse what a machine advised, and a judge looks again.

个人信息保护法 art. 24(3). An open review keeps the case from being erased.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from features.clock import SHANGHAI
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.door.strict_json import canonical
from serving.keys import KeyRing
from serving.people.masking import masked
from serving.repositories.advice import Call
from serving.repositories.reviews.requests import (
    TAKEN_BACK,
    AskedReview,
    MovedOnError,
    NotThereError,
    Reviewed,
    ReviewedError,
    ReviewStore,
    ReviewsWanted,
)
from serving.repositories.reviews.steps import NOTHING_DONE

ASKED: Final = ("wish", "channel", "received_on", "answer_by")
"""What is known of a request besides its words; empty where nobody said so."""

SCOPE: Final = "/v1/reviews"
PARTIES: Final = ("applicant", "debtor", "third_party", "agent")
"""Who asks: 申请执行人, 被执行人, 利害关系人, 代理人."""

WISHES: Final = {
    "explain": ("要求说明建议的理由", "wants the advice explained"),
    "refuse": (
        "不接受仅由系统作出的建议，要求由人重新判断",
        "refuses advice by a machine alone, wants a person to decide",
    ),
}
"""What a party may ask for by 个人信息保护法 art. 24(3)."""

CHANNELS: Final = {
    "counter": ("当面", "in person"),
    "post": ("邮寄", "by post"),
    "phone": ("电话", "by telephone"),
    "online": ("网上", "online"),
}
"""How a request came in, and how the party was told the answer."""

OUTCOMES: Final = {
    "kept": ("人工复核后维持", "kept after a person's review"),
    "changed": ("人工复核后改变", "changed after a person's review"),
    TAKEN_BACK: ("申请人撤回", "the request was taken back"),
}

ANSWER_DAYS: Final = 30
"""Days from receipt until the answer: the law sets none, GB/T 35273-2020 (8.7) sets it for requests about own data.

A duty of the court: the last day is not moved by holidays.
"""


@dataclass(frozen=True)
class Reviewing:
    """The use case with its collaborators."""

    records: ReviewStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def request(self, asked: Mapping[str, Any], *, key: str, origin: Origin) -> Reviewed:
        """Take in a request, or return the one that this key already led to.

        `received_on` is the day on which it came in; without it the time for the answer runs from today.

        Raises
        ------
        ProblemError
            NOT_FOUND, IDEMPOTENCY_KEY_REUSED; VALIDATION_FAILED where the day is still to come.
        """
        said = {name: str(value) for name, value in asked.items()}
        now = self.clock()
        since = _past("received_on", asked.get("received_on"), now)
        new = AskedReview(**said, answer_by=(since + timedelta(days=ANSWER_DAYS)).isoformat())
        call = self._call(SCOPE, key, said, origin)
        return self._told(lambda: self.records.request(new, call=call, by=(origin, now)), call)

    def take(self, review_id: str, held_by: str | None, *, key: str, origin: Origin) -> Reviewed:
        """Note who has a request in hand; `held_by` is who had it when whoever takes it over looked.

        Raises
        ------
        ProblemError
            NOT_FOUND, REVIEW_DECIDED, REVIEW_MOVED_ON, IDEMPOTENCY_KEY_REUSED.
        """
        call = self._call(f"{SCOPE}:take", key, {"id": review_id, "held_by": held_by}, origin)
        by = (origin, self.clock())
        return self._told(lambda: self.records.take(review_id, held_by, call=call, by=by), call)

    def tell(self, review_id: str, asked: Mapping[str, Any], *, key: str, origin: Origin) -> Reviewed:
        """Note that the party was told the answer: how, and on which day.

        Raises
        ------
        ProblemError
            NOT_FOUND, REVIEW_MOVED_ON, IDEMPOTENCY_KEY_REUSED; VALIDATION_FAILED where the day is still to come.
        """
        now = self.clock()
        told_on = _past("told_on", asked["told_on"], now).isoformat()
        call = self._call(f"{SCOPE}:tell", key, {"id": review_id, "channel": asked["channel"], "on": told_on}, origin)
        return self._told(
            lambda: self.records.tell(review_id, asked["channel"], told_on, call=call, by=(origin, now)), call
        )

    def decide(self, review_id: str, asked: Mapping[str, Any], *, key: str, origin: Origin) -> Reviewed:
        """Answer a request, once, with reasons.

        Raises
        ------
        ProblemError
            NOT_FOUND, REVIEW_DECIDED, IDEMPOTENCY_KEY_REUSED.
        """
        call = self._call(f"{SCOPE}:decide", key, {**asked, "id": review_id}, origin)
        by = (origin, self.clock())
        return self._told(
            lambda: self.records.decide(review_id, asked["outcome"], asked["reasons"], call=call, by=by), call
        )

    def answers_about(self, typed: str, *, origin: Origin) -> Sequence[Mapping[str, Any]]:
        """Return the newest answer of every case that a number typed by hand may mean, in the caller's courts."""
        return self.records.answers_about(typed, origin=origin)

    def read(self, review_id: str, *, origin: Origin) -> Mapping[str, Any]:
        """Return one review with its texts.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        """
        try:
            return self.records.get(review_id, origin=origin, at=self.clock()).row
        except NotThereError:
            raise ProblemError("NOT_FOUND") from None

    def page(self, wanted: ReviewsWanted, *, origin: Origin) -> list[Mapping[str, Any]]:
        """Return one page, with the numbers of people masked in the texts, and one row more where there is one."""
        rows = self.records.page(wanted, origin=origin, at=self.clock())
        return [{**row, **{name: _shown(row[name]) for name in ("reason", "reasons")}} for row in rows]

    def _call(self, scope: str, key: str, said: Mapping[str, Any], origin: Origin) -> Call:
        return Call(scope, key, self.keys.body(canonical(dict(said))), origin.by.owner)

    def _told(self, work: Callable[[], Reviewed], call: Call) -> Reviewed:
        try:
            found = work()
        except NotThereError:
            raise ProblemError("NOT_FOUND") from None
        except ReviewedError:
            raise ProblemError("REVIEW_DECIDED") from None
        except MovedOnError:
            raise ProblemError("REVIEW_MOVED_ON") from None
        if found.body_digest != call.body_digest:
            raise ProblemError("IDEMPOTENCY_KEY_REUSED")
        return found


def review_json(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a review as the API shows it."""
    outcome = row["outcome"]
    return {
        "id": row["id"],
        "advice_id": row["advice_id"],
        "application_id": row["application_id"],
        "court_code": row["court_code"],
        "state": "open" if outcome is None else "done",
        "party": row["party"],
        "reason": row["reason"],
        **{name: row[name] for name in ASKED},
        "requested_by": row["requested_by"],
        "requested_at": row["requested_at"],
        "outcome": outcome,
        "outcome_text": None if outcome is None else OUTCOMES[outcome][0],
        "outcome_text_en": None if outcome is None else OUTCOMES[outcome][1],
        "reasons": row["reasons"],
        "decided_by": row["decided_by"],
        "decided_at": row["decided_at"],
        **{name: row[name] for name in NOTHING_DONE},
    }


def _shown(text: str | None) -> str | None:
    return None if text is None else masked(text)


def _past(name: str, day: date | None, now: datetime) -> date:
    """Return a day that has come, today without one."""
    today = now.astimezone(SHANGHAI).date()
    if day is not None and day > today:
        raise ProblemError("VALIDATION_FAILED", errors=[{"pointer": f"/{name}", **_STILL_TO_COME}])
    return day or today


_STILL_TO_COME: Final = {
    "code": "INVALID",
    "message": "不得晚于今天",
    "message_en": "cannot be later than today",
}
