"""Human reviews on record: a party asks that a person look again, and a judge answers, once and with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from serving.access.origin import Origin
from serving.audit.chain import append
from serving.audit.event import event_of
from serving.keys import KeyRing
from serving.repositories.advice import Call
from serving.repositories.case_numbers import spellings
from serving.repositories.court_scope import within
from serving.repositories.recording import next_of_day, put
from serving.repositories.reviews.steps import put_step, steps_of
from serving.store.tables.advice import advice
from serving.store.tables.people import review_decisions, review_requests, review_steps
from serving.store.transaction import Store

TAKEN_BACK: Final = "no_longer_asked"
"""The outcome of a request that the party took back: there is no answer to be told."""


class NotThereError(LookupError):
    """There is no such advice or review in the caller's courts."""


class ReviewedError(RuntimeError):
    """The review is decided already."""


class MovedOnError(RuntimeError):
    """The review stands otherwise than whoever acts has seen it."""


@dataclass(frozen=True, kw_only=True)
class AskedReview:
    """A party's request: about which answer, who asks, in which words, for what, and how and when it came."""

    advice_id: str
    party: str
    reason: str
    answer_by: str
    wish: str | None = None
    channel: str | None = None
    received_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewsWanted:
    """Which reviews are asked for; without a filter all. `after` is day and number of the last row seen.

    `state` is `open` before an answer and `done` after it, `untold` where the party has still to be told of one.
    """

    advice_id: str = ""
    state: str = ""
    after: tuple[str, int] | None = None
    size: int = 50


@dataclass(frozen=True)
class Reviewed:
    """A review as it stands, with texts opened; `body_digest` is that of the call that wrote its newest part."""

    row: Mapping[str, Any]
    body_digest: str = ""
    replayed: bool = False


@dataclass(frozen=True)
class ReviewStore:
    """Reads and writes reviews."""

    store: Store
    keys: KeyRing

    def request(self, asked: AskedReview, *, call: Call, by: tuple[Origin, datetime]) -> Reviewed:
        """Put a request on record, or return the one that the key already led to.

        Raises
        ------
        NotThereError
            There is no such advice.
        StoreUnavailableError
            Nothing was written.
        """
        origin, at = by

        def work(connection: Connection) -> Reviewed:
            known = self._known(connection, review_requests, call)
            if known is not None:
                return known
            about = select(advice).where(advice.c.id == asked.advice_id, within(advice.c.court_code, origin.by.courts))
            found = connection.execute(about).mappings().first()
            if found is None:
                raise NotThereError
            numbered = next_of_day(connection, review_requests, "REV", at)
            row = {
                **numbered, **vars(asked), "application_id": found["application_id"],
                "court_code": found["court_code"], "reason": self._sealed("reason", numbered, asked.reason),
                "requested_by": origin.by.actor, "requested_at": at.isoformat(timespec="seconds"),
                "key_sha256": call.key_sha256, "body_digest": call.body_digest,
            }  # fmt: skip
            put(connection, review_requests, row, action="review.request", by=(origin, at, self.keys))
            return Reviewed(self._one(connection, row["id"], origin), call.body_digest)

        return self.store.write(work)

    def decide(
        self, review_id: str, outcome: str, reasons: str, *, call: Call, by: tuple[Origin, datetime]
    ) -> Reviewed:
        """Put the answer to a request on record, or return what the key already led to.

        Raises
        ------
        NotThereError
            There is no such request.
        ReviewedError
            Somebody has answered it.
        StoreUnavailableError
            Nothing was written.
        """
        origin, at = by

        def work(connection: Connection) -> Reviewed:
            known = self._known(connection, review_decisions, call)
            if known is not None:
                return known
            found = self._one(connection, review_id, origin)
            if found["outcome"] is not None:
                raise ReviewedError(review_id)
            row = {
                "id": review_id, "court_code": found["court_code"], "outcome": outcome,
                "reasons": self._sealed("reasons", found, reasons), "decided_by": origin.by.actor,
                "decided_at": at.isoformat(timespec="seconds"), "key_sha256": call.key_sha256,
                "body_digest": call.body_digest,
            }  # fmt: skip
            put(connection, review_decisions, row, action="review.decide", by=(origin, at, self.keys))
            return Reviewed(self._one(connection, review_id, origin), call.body_digest)

        return self.store.write(work)

    def take(self, review_id: str, held_by: str | None, *, call: Call, by: tuple[Origin, datetime]) -> Reviewed:
        """Note that whoever asks has a request in hand; from somebody else only if it is named who had it.

        Raises
        ------
        NotThereError
            There is no such request.
        ReviewedError
            Somebody has answered it.
        MovedOnError
            Somebody else has it.
        StoreUnavailableError
            Nothing was written.
        """
        origin, at = by

        def work(connection: Connection) -> Reviewed:
            found = self._known(connection, review_steps, call)
            if found is not None:
                return found
            review = self._one(connection, review_id, origin)
            if review["outcome"] is not None:
                raise ReviewedError(review_id)
            if review["taken_by"] == origin.by.actor:
                return Reviewed(review, call.body_digest, replayed=True)
            if review["taken_by"] != held_by:
                raise MovedOnError(review_id)
            put_step(connection, review, {"act": "take"}, call=call, by=(origin, at, self.keys))
            return Reviewed(self._one(connection, review_id, origin), call.body_digest)

        return self.store.write(work)

    def tell(self, review_id: str, channel: str, told_on: str, *, call: Call, by: tuple[Origin, datetime]) -> Reviewed:
        """Note, once, how and on which day the party was told the answer.

        Raises
        ------
        NotThereError
            There is no such request.
        MovedOnError
            There is no answer to be told, or it has been told.
        StoreUnavailableError
            Nothing was written.
        """
        origin, at = by

        def work(connection: Connection) -> Reviewed:
            found = self._known(connection, review_steps, call)
            if found is not None:
                return found
            review = self._one(connection, review_id, origin)
            if review["outcome"] in {None, TAKEN_BACK} or review["told_on"] is not None:
                raise MovedOnError(review_id)
            step = {"act": "tell", "channel": channel, "told_on": told_on}
            put_step(connection, review, step, call=call, by=(origin, at, self.keys))
            return Reviewed(self._one(connection, review_id, origin), call.body_digest)

        return self.store.write(work)

    def answers_about(self, typed: str, *, origin: Origin) -> list[Mapping[str, Any]]:
        """Return the newest answer of every case with this number, in the caller's courts; or the answer of this id."""
        about = (advice.c.id == typed) | advice.c.application_id.in_(spellings(typed))
        columns = (advice.c.id, advice.c.application_id, advice.c.court_code)
        query = select(*columns).where(about, within(advice.c.court_code, origin.by.courts))
        order = query.order_by(advice.c.day, advice.c.number)
        rows = self.store.read(lambda connection: [dict(row) for row in connection.execute(order).mappings()])
        return list({(row["court_code"], row["application_id"]): row for row in rows}.values())

    def about(self, ids: Sequence[str], *, origin: Origin) -> list[Mapping[str, Any]]:
        """Return the requests about these answers, oldest first and without their texts."""
        query = _reviews(origin).where(review_requests.c.advice_id.in_(ids))
        order = query.order_by(review_requests.c.day, review_requests.c.number)

        def work(connection: Connection) -> list[Mapping[str, Any]]:
            rows = [dict(row) for row in connection.execute(order).mappings()]
            steps = steps_of(connection, [row["id"] for row in rows])
            return [{**row, **steps[row["id"]], "reason": None, "reasons": None} for row in rows]

        return self.store.read(work)

    def get(self, review_id: str, *, origin: Origin, at: datetime) -> Reviewed:
        """Return one review, and note who read it.

        Raises
        ------
        NotThereError
            There is no such request.
        """

        def work(connection: Connection) -> Reviewed:
            row = self._one(connection, review_id, origin)
            event = event_of(
                origin, "review.read", kind="review_requests", object_id=review_id, court=str(row["court_code"])
            )
            append(connection, event, mac=self.keys.mac, at=at)
            return Reviewed(row)

        return self.store.write(work)

    def page(self, wanted: ReviewsWanted, *, origin: Origin, at: datetime) -> list[Mapping[str, Any]]:
        """Return one page and one row more where there is one, newest first, and note who looked."""

        def work(connection: Connection) -> list[Mapping[str, Any]]:
            query = _reviews(origin).order_by(review_requests.c.day.desc(), review_requests.c.number.desc())
            rows = connection.execute(_filtered(query, wanted).limit(wanted.size + 1)).mappings().all()
            steps = steps_of(connection, [row["id"] for row in rows])
            found: list[Mapping[str, Any]] = [self._opened({**row, **steps[row["id"]]}) for row in rows]
            event = event_of(
                origin, "review.list", kind="list", object_id=wanted.advice_id, rows=str(min(len(found), wanted.size))
            )
            append(connection, event, mac=self.keys.mac, at=at)
            return found

        return self.store.write(work)

    def _known(self, connection: Connection, table: Table, call: Call) -> Reviewed | None:
        row = connection.execute(select(table).where(table.c.key_sha256 == call.key_sha256)).mappings().first()
        if row is None:
            return None
        about = row["review_id"] if table is review_steps else row["id"]
        review = connection.execute(_joined().where(review_requests.c.id == about)).mappings().one()
        return Reviewed(self._whole(connection, dict(review)), row["body_digest"], replayed=True)

    def _one(self, connection: Connection, review_id: str, origin: Origin) -> Mapping[str, Any]:
        query = _reviews(origin).where(review_requests.c.id == review_id)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotThereError
        return self._whole(connection, dict(row))

    def _whole(self, connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
        return self._opened({**row, **steps_of(connection, [row["id"]])[row["id"]]})

    def _sealed(self, column: str, row: Mapping[str, Any], text: str) -> bytes:
        return self.keys.seal.close(text.encode("utf-8"), place(column, row["id"]))

    def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        texts = {
            name: None if row[name] is None else self.keys.seal.open(row[name], place(name, row["id"])).decode()
            for name in ("reason", "reasons")
        }
        return {**row, **texts}


def place(column: str, review_id: str) -> str:
    """Return the place that a sealed text of a review is bound to."""
    table = review_requests if column == "reason" else review_decisions
    return f"{table.name}.{column}:{review_id}"


_ANSWER: Final = ("outcome", "reasons", "decided_by", "decided_at")


def _joined() -> Select[Any]:
    return select(review_requests, *(review_decisions.c[name] for name in _ANSWER)).join(
        review_decisions, review_decisions.c.id == review_requests.c.id, isouter=True
    )


def _reviews(origin: Origin) -> Select[Any]:
    return _joined().where(within(review_requests.c.court_code, origin.by.courts))


def standing_at(state: str) -> ColumnElement[bool]:
    """Return the condition for requests that are `open` or `done`, or whose party has still to be told (`untold`)."""
    answers = review_decisions.alias()
    answer = select(answers.c.id).where(answers.c.id == review_requests.c.id)
    if state != "untold":
        return answer.exists() if state == "done" else ~answer.exists()
    steps = review_steps.c
    told = select(steps.id).where(steps.review_id == review_requests.c.id, steps.act == "tell")
    return answer.where(answers.c.outcome != TAKEN_BACK).exists() & ~told.exists()


def _filtered(query: Select[Any], wanted: ReviewsWanted) -> Select[Any]:
    if wanted.advice_id:
        query = query.where(review_requests.c.advice_id == wanted.advice_id)
    if wanted.state:
        query = query.where(standing_at(wanted.state))
    if wanted.after is not None:
        day, number = wanted.after
        row = review_requests.c
        query = query.where((row.day < day) | ((row.day == day) & (row.number < number)))
    return query
