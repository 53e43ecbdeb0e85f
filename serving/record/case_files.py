"""The whole file of one answer, for the page on which somebody decides: what was advised, on which facts, and since."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.record.comparison.finding import NOTHING, Finding, Similar
from serving.record.comparison.marking import Marking
from serving.record.viewing import Viewing
from serving.repositories.batches.completions import CompletionStore
from serving.repositories.case_files import CaseFileStore
from serving.repositories.closings import closing_in
from serving.repositories.decisions import DecisionStore, File
from serving.repositories.queue import Beside, QueueStore
from serving.repositories.reviews.requests import ReviewStore
from serving.repositories.urging.conversions import ConversionStore


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """One answer as this reader may see it (`whole`: with its scores), and everything that belongs to it.

    `document` is the case as it was understood, `answers` all answers about the case, oldest first, `events`
    what was reported of it, `holder`
    who has taken the case and until when, `beside` the cases that wait before
    and after it, `conversion` by what urging ended, `completion` what was asked for,
    `reviews` the human reviews that parties asked for, without their texts.
    `court_name` is how the court is called on papers.
    `similar` is empty until the reader may see the scores: how others ended says as much. `marks` are everybody's.
    """

    answer: Mapping[str, Any]
    whole: bool
    document: Mapping[str, Any]
    answers: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    file: File
    holder: Mapping[str, Any] | None
    conversion: Mapping[str, Any] | None
    completion: Mapping[str, Any] | None
    reviews: Sequence[Mapping[str, Any]]
    waits_for_filing: bool
    court_name: str
    beside: Beside
    similar: Similar
    marks: Sequence[Mapping[str, Any]]
    at: datetime

    @property
    def facts(self) -> Mapping[str, Any]:
        """The case's fields as they were understood."""
        facts: Mapping[str, Any] = self.document["case"]
        return facts

    @property
    def closing(self) -> Mapping[str, Any] | None:
        """The reported closing that stands; None while the case is open."""
        return closing_in(self.events)

    @property
    def missing(self) -> Mapping[str, str]:
        """Why other fields are not there, where that was said."""
        missing: Mapping[str, str] = self.document.get("missing", {})
        return missing


@dataclass(frozen=True, kw_only=True)
class CaseFiles:
    """The use case with its collaborators."""

    viewing: Viewing
    decisions: DecisionStore
    records: CaseFileStore
    queue: QueueStore
    conversions: ConversionStore
    completions: CompletionStore
    reviews: ReviewStore
    finding: Finding
    marking: Marking
    clock: Callable[[], datetime]

    def open(self, advice_id: str, *, origin: Origin) -> CaseFile:
        """Return the file of an answer; that it was read is on record before anybody sees it.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        ErasedError
            The answer was erased.
        """
        seen = self.viewing.read(advice_id, origin=origin)
        around, file = self.records.around(advice_id, origin=origin), self.decisions.file(advice_id, origin=origin)
        if around is None or file is None:
            raise ProblemError("NOT_FOUND")
        answer = json.loads(seen.stored.answer)
        return CaseFile(
            answer=answer,
            whole=seen.whole or seen.bare,
            document=around.document,
            answers=around.answers,
            events=around.events,
            file=file,
            waits_for_filing=self.queue.waits_for_filing(advice_id),
            holder=self.queue.holder(advice_id, at=self.clock()),
            conversion=self.conversions.of(advice_id),
            completion=self.completions.of(advice_id, origin=origin),
            reviews=self.reviews.about([row["id"] for row in around.answers], origin=origin),
            court_name=self.viewing.settings.of(answer["court_code"]).named(answer["court_code"]),
            beside=self.queue.beside(answer, origin=origin, at=self.clock()),
            similar=self.finding.of(answer, origin=origin) if seen.whole or seen.bare else NOTHING,
            marks=self.marking.of(advice_id),
            at=self.clock(),
        )

    def reveal(self, advice_id: str, why: str, *, origin: Origin) -> CaseFile:
        """Return the file for somebody who wants to see its personal facts; that, and why, is on record first.

        Raises
        ------
        ProblemError
            NOT_FOUND.
        ErasedError
            The answer was erased.
        """
        found = self.open(advice_id, origin=origin)
        self.records.note_reveal(advice_id, found.answer["court_code"], why, by=(origin, self.clock()))
        return found
