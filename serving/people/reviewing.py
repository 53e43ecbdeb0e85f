"""The right to a person's review: whoever is concerned may refuse what a machine advised, and a judge looks again.

个人信息保护法 art. 24(3). An open review keeps the case from being erased.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.door.strict_json import canonical
from serving.keys import KeyRing
from serving.people.masking import masked
from serving.repositories.advice import Call
from serving.repositories.human_reviews import NotThereError, Reviewed, ReviewedError, ReviewStore, ReviewsWanted

SCOPE: Final = "/v1/reviews"
PARTIES: Final = ("applicant", "debtor", "third_party", "agent")
"""Who asks: 申请执行人, 被执行人, 利害关系人, 代理人."""

OUTCOMES: Final = {
    "kept": ("人工复核后维持", "kept after a person's review"),
    "changed": ("人工复核后改变", "changed after a person's review"),
    "no_longer_asked": ("申请人撤回", "the request was taken back"),
}


@dataclass(frozen=True)
class Reviewing:
    """The use case with its collaborators."""

    records: ReviewStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def request(self, asked: Mapping[str, Any], *, key: str, origin: Origin) -> Reviewed:
        """Take in a request, or return the one that this key already led to.

        Raises
        ------
        ProblemError
            NOT_FOUND, IDEMPOTENCY_KEY_REUSED.
        """
        call = self._call(SCOPE, key, dict(asked), origin)
        by = (origin, self.clock())
        return self._told(
            lambda: self.records.request(asked["advice_id"], asked["party"], asked["reason"], call=call, by=by), call
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
        "requested_by": row["requested_by"],
        "requested_at": row["requested_at"],
        "outcome": outcome,
        "outcome_text": None if outcome is None else OUTCOMES[outcome][0],
        "outcome_text_en": None if outcome is None else OUTCOMES[outcome][1],
        "reasons": row["reasons"],
        "decided_by": row["decided_by"],
        "decided_at": row["decided_at"],
    }


def _shown(text: str | None) -> str | None:
    return None if text is None else masked(text)
