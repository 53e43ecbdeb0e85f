"""The one use case: a document becomes a case, the case gets advice, and both are on record before anyone hears it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from features.case import Case, CaseError, InvalidCaseError
from features.case.document import case_document
from models.advice import Advice
from models.advise import Judged
from models.bundle.manifest import canonical as spelt
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door.strict_json import canonical, written
from serving.keys import KeyRing
from serving.repositories.advice import AdviceRow, AdviceStore, Beside, Call, CourtDeniedError, Entry, Stored
from serving.repositories.denials import DenialStore
from serving.repositories.open_cases import row_of

_A_MOMENT: Final = timedelta(seconds=1)
"""Recorded instants are cut to the second; the case may have been known within it."""
BATCH: Final = "/v1/scores:batch"
SCOPE: Final = "/v1/scores"
"""Keys of both doors, REST and BentoML's own, live in one room: the same call through either is one advice."""


class KeyReusedError(ValueError):
    """The idempotency key belongs to another request."""


class Answering(Protocol):
    """What reads documents and judges cases: models, rules and fields that belong together."""

    def parse(self, document: object, at: datetime, *, tokenise: Callable[[str], str]) -> Case:
        """Return the document as a case, or raise InvalidCaseError."""

    def judge(self, case: Case, *, on: date, stopped: bool = False) -> Judged:
        """Return advice given on this day; without models where they are switched off."""


S = TypeVar("S", bound=Answering)


def never(_: str) -> bool:
    """Say of every court that its models are not switched off."""
    return False


@dataclass(frozen=True)
class Given(Generic[S]):
    """An answer that is on record: its id, the case, the advice, the day it was given, and what stood."""

    id: str
    case: Case
    advice: Advice
    on: date
    standing: S


@dataclass(frozen=True, kw_only=True)
class Decider(Generic[S]):
    """The use case with its collaborators, handed in once.

    `standing` returns what answers now. It is asked once for a call, so that
    an exchange of models in the middle of it changes nothing. `stopped` says
    whether a court's models are switched off. `settled` is told, once an
    answer is on record, everything about it.
    """

    standing: Callable[[], S]
    records: AdviceStore
    keys: KeyRing
    clock: Callable[[], datetime]
    advice_days: int = 30
    stopped: Callable[[str], bool] = never
    settled: Callable[[Given[S]], object] = lambda *_: None

    def score(self, document: object, *, key: str, origin: Origin, beside: Beside | None = None) -> Stored:
        """Return stored advice on the document: a new one, or the one this key already led to.

        What is said `beside` the document belongs to the call and is written with the advice.

        Raises
        ------
        InvalidCaseError
            The document is not a case.
        KeyReusedError
            The key was used for a document of other content.
        CourtDeniedError
            The case is of another court.
        ErasedError
            What the key led to was erased since.
        StoreUnavailableError
            Nothing was recorded.
        """
        now = self.clock()
        said = document if beside is None else [document, dict(beside.said)]
        call = Call(SCOPE, key, self.keys.body(canonical(said)), origin.by.owner)
        asking = _Asking(Action.SCORE_CREATE, origin, now)
        stored = self.records.find(call, origin=origin, at=now) or self._decide(document, call, asking, beside)
        if stored.body_digest != call.body_digest:
            msg = "幂等键已用于内容不同的请求 / the idempotency key was used for a request of other content"
            raise KeyReusedError(msg)
        return stored

    def parse(self, document: object, at: datetime) -> Case:
        """Return the document as a case of now's fields, and record nothing.

        Raises
        ------
        InvalidCaseError
            It is none.
        """
        return self.standing().parse(document, at, tokenise=self.keys.token)

    def parse_kept(self, document: object, at: datetime) -> Case:
        """Return the case of a document that is on record, whose identity numbers are tokens already."""
        return self.standing().parse(document, at + _A_MOMENT, tokenise=str)

    def preview(self, document: object, *, origin: Origin) -> bytes:
        """Return the advice as an answer's body, and record nothing.

        Raises
        ------
        InvalidCaseError
            The document is not a case.
        CourtDeniedError
            The case is of another court.
        """
        asking = _Asking(Action.SCORE_PREVIEW, origin, self.clock())
        return written(self._judged(self.standing(), document, asking)[1].advice.to_json())

    def score_all(self, documents: Sequence[object], *, key: str, origin: Origin) -> list[Stored]:
        """Return stored advice on every document, in their order: all of it is put on record, or nothing.

        Raises
        ------
        InvalidCaseError
            Some document is not a case; the errors of all of them, each under its place.
        KeyReusedError, CourtDeniedError, ErasedError, StoreUnavailableError
            As for one document.
        """
        now, digest = self.clock(), self.keys.body(canonical(list(documents)))
        calls = [Call(BATCH, f"{key}/{place}", digest, origin.by.owner) for place in range(len(documents))]
        known = self.records.find(calls[0], origin=origin, at=now)
        if known is not None and known.body_digest != digest:
            msg = "幂等键已用于内容不同的请求 / the idempotency key was used for a request of other content"
            raise KeyReusedError(msg)
        asking = _Asking(Action.SCORE_CREATE, origin, now)
        return self.record_all(self._prepared_all(documents, calls, asking), origin=origin, at=now)

    def prepare(self, document: object, call: Call, *, origin: Origin, at: datetime) -> Prepared[S]:
        """Judge a document, and return what is to be put on record.

        Raises
        ------
        InvalidCaseError, CourtDeniedError
            As for `score`.
        """
        return self._prepared(document, call, _Asking(Action.SCORE_CREATE, origin, at))

    def record_all(self, prepared: Sequence[Prepared[S]], *, origin: Origin, at: datetime) -> list[Stored]:
        """Put prepared advice on record in one transaction, and tell whoever waits for it."""
        stored = self.records.record_all([one.entry(self.advice_days, at) for one in prepared], origin=origin, at=at)
        for one, found in zip(prepared, stored, strict=True):
            if not found.replayed:
                self.settled(Given(found.id, one.case, one.judged.advice, at.date(), one.standing))
        return stored

    def _decide(self, document: object, call: Call, asking: _Asking, beside: Beside | None) -> Stored:
        prepared = replace(self._prepared(document, call, asking), beside=beside)
        return self.record_all([prepared], origin=asking.origin, at=asking.at)[0]

    def _prepared_all(self, documents: Sequence[object], calls: Sequence[Call], asking: _Asking) -> list[Prepared[S]]:
        found: list[Prepared[S]] = []
        errors: list[CaseError] = []
        for place, (document, call) in enumerate(zip(documents, calls, strict=True)):
            try:
                found.append(self._prepared(document, call, asking))
            except InvalidCaseError as error:
                errors += [replace(one, pointer=f"/items/{place}{one.pointer}") for one in error.errors]
        if errors:
            raise InvalidCaseError(errors)
        return found

    def _prepared(self, document: object, call: Call, asking: _Asking) -> Prepared[S]:
        standing = self.standing()
        case, judged = self._judged(standing, document, asking)
        return Prepared(call, case, judged, standing)

    def _judged(self, standing: S, document: object, asking: _Asking) -> tuple[Case, Judged]:
        case = standing.parse(document, asking.at, tokenise=self.keys.token)
        if case.court_code not in asking.origin.by.courts:
            denials = DenialStore(self.records.store, self.keys)
            denials.note_court(asking.origin, asking.action, case.court_code, at=asking.at)
            raise CourtDeniedError(case.court_code)
        return case, standing.judge(case, on=asking.at.date(), stopped=self.stopped(case.court_code))


@dataclass(frozen=True)
class Prepared(Generic[S]):
    """A case that was judged and is not on record yet."""

    call: Call
    case: Case
    judged: Judged
    standing: S
    beside: Beside | None = None

    def entry(self, days: int, at: datetime) -> Entry:
        """Return what is to be written."""
        row = advice_row(self.case, self.judged, now=at, days=days)

        def answer_of(new_id: str) -> bytes:
            return answer_body(self.judged.advice, new_id, row.created_at, row.expires_at)

        return Entry(self.call, row, answer_of, self.beside)


@dataclass(frozen=True)
class _Asking:
    """Who asks for what, and when."""

    action: Action
    origin: Origin
    at: datetime


def answer_body(advice: Advice, advice_id: str, created_at: str, expires_at: str) -> bytes:
    """Return the body of a recorded answer: the same advice, id and instants always make the same bytes."""
    return written({"id": advice_id, "created_at": created_at, "expires_at": expires_at, **advice.to_json()})


def advice_row(case: Case, judged: Judged, *, now: datetime, days: int) -> AdviceRow:
    """Return what is put on record of a case that was judged now; the answer is good for so many days."""
    advice = judged.advice
    route, document = advice.proposal.route, case_document(case)
    return AdviceRow(
        application_id=case.application_id,
        court_code=case.court_code,
        stage=case.stage.value,
        as_of=case.as_of.isoformat(),
        created_at=now.isoformat(timespec="seconds"),
        expires_at=(now + timedelta(days=days)).isoformat(timespec="seconds"),
        status=advice.proposal.status,
        route=None if route is None else route.value,
        decided_by=advice.proposal.decided_by,
        model_sha256=advice.versions.model_sha256,
        ruleset_sha256=advice.versions.ruleset_sha256,
        input=spelt(document),
        input_sha256=advice.input_sha256,
        features=judged.features,
        features_sha256=None if judged.features is None else hashlib.sha256(judged.features).hexdigest(),
        versions=written(advice.versions.to_json()).decode("utf-8"),
        rules=written([rule.to_json() for rule in advice.rules]),
        waits=row_of(advice.to_json(), document),
    )
