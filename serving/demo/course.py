"""What happened at the demonstration court and when: three months of simulated cases as steps, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from itertools import groupby
from typing import Any, Final

import numpy as np

from serving.demo import oddities
from serving.demo.people import MAIN
from serving.history.reading import PastCase
from serving.record.outcomes import KINDS

Rng = np.random.Generator

KEPT: Final = {MAIN: 1.0, "浙1002": 0.22, "闽0602": 0.22}
"""How much of each court's simulated work is shown: most of it stands in the court that most log-ins belong to."""

WAITING: Final = (0.9, 0.7, 0.55, 0.45, 0.35, 0.25, 0.15, 0.06, 0.03)
"""How many of the cases that came in so many days ago still wait for a decision."""

_HALF_HOUR: Final = timedelta(minutes=30)
_OPENS: Final = time(8, 40)
_CLOSES: Final = time(17, 40)
_NIGHT: Final = time(0, 5)


class Doing(IntEnum):
    """What is done in a step; of steps at one instant the smaller comes first."""

    RECEIVE = 0
    CORRECT = 1
    DECIDE = 2
    WITHDRAW = 3
    QUERY = 4
    REPORT = 5
    ASK_REVIEW = 6
    ANSWER_REVIEW = 7


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing done at an instant about a case (`number`, none for reports), with what is needed for it.

    `keep` below 1 lets a case be left out whose course the advice contradicts.
    """

    at: datetime
    doing: Doing
    court: str
    number: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    keep: float = 1.0


def steps_of(cases: Iterable[PastCase], *, now: datetime, rng: Rng) -> list[Step]:
    """Return everything that was done before `now`, in its order: the same cases and seed give the same steps."""
    shown = [case for case in cases if _is_shown(case, now, rng)]
    found = [step for numbered in _numbered(shown) for step in _of_case(*numbered, now=now, rng=rng)]
    found += _oddities_of(now)
    told = [step for step in found if step.doing is not Doing.REPORT]
    return sorted(
        [*(step for step in told if step.at < now), *_reports(found, now)],
        key=lambda step: (step.at, step.doing, step.court, step.number),
    )


def _is_shown(case: PastCase, now: datetime, rng: Rng) -> bool:
    return bool(rng.random() < KEPT.get(case.court_code, 0.0)) and case.received_at < now


def _numbered(cases: Iterable[PastCase]) -> Iterator[tuple[PastCase, str]]:
    """Give the cases of each day their numbers, as an intake system would."""
    for day, of_day in groupby(cases, key=lambda case: case.received_at.date()):
        for place, case in enumerate(of_day, start=1):
            yield case, f"SQ{day:%Y%m%d}-{place:04d}"


def _of_case(case: PastCase, number: str, *, now: datetime, rng: Rng) -> Iterator[Step]:
    """Yield the steps of one case; one that still waits has come in and nothing else."""
    here = Step(at=case.received_at, doing=Doing.RECEIVE, court=case.court_code, number=number)
    document = document_of(case, number, "A", case.received_at)
    if rng.random() < oddities.WITHOUT_KEY_FACTS:
        document = oddities.without_key_facts(document)
    urged = any(event["kind"] == "urge_start" for event in case.events)
    age = (now.date() - case.received_at.date()).days
    yield replace(here, said=document, keep=float(rng.random()) if urged else 1.0)
    if rng.random() < (WAITING[age] if age < len(WAITING) else 0.0) or "A" not in case.lanes:
        return
    if rng.random() < oddities.CORRECTED:
        said = {"request": oddities.corrected(document), "reason": oddities.a_reason(rng)}
        yield replace(here, at=case.received_at + timedelta(minutes=6), doing=Doing.CORRECT, said=said)
    decided = _in_hours(case.lanes["A"][0], after=case.received_at + timedelta(minutes=12))
    said = {"stage": "A", "lane": "urge" if urged else "", "course": case.lanes["A"][1]}
    yield from _decided(replace(here, at=decided, doing=Doing.DECIDE, said=said), rng)
    yield from _after_filing(case, here, now, rng)
    yield from _events(case, here)


def _after_filing(case: PastCase, here: Step, now: datetime, rng: Rng) -> Iterator[Step]:
    """Yield the second stage: the query is scored, and decided on unless it is too fresh."""
    if case.queried_at is None:
        return
    document = document_of(case, here.number, "B", case.queried_at, case.queried)
    yield replace(here, at=case.queried_at, doing=Doing.QUERY, said=document)
    age = (now.date() - case.queried_at.date()).days
    if "B" not in case.lanes or rng.random() < (WAITING[age] if age < len(WAITING) else 0.0):
        return
    decided = _in_hours(case.lanes["B"][0], after=case.queried_at + timedelta(minutes=12))
    said = {"stage": "B", "lane": "", "course": case.lanes["B"][1]}
    yield from _decided(replace(here, at=decided, doing=Doing.DECIDE, said=said), rng)


def _decided(step: Step, rng: Rng) -> Iterator[Step]:
    """Yield a decision; a few are taken back and made anew, a few lead to a party asking for a person's review."""
    said = {**step.said, "chance": float(rng.random()), "note": oddities.a_note(rng)}
    yield replace(step, said=said)
    fate = rng.random()
    if fate < oddities.WITHDRAWN:
        yield replace(step, at=step.at + _HALF_HOUR, doing=Doing.WITHDRAW, said={})
        again = {**said, "chance": float(rng.random())}
        yield replace(step, at=step.at + 2 * _HALF_HOUR, said=again)
    elif fate > 1.0 - oddities.REVIEWED:
        asked = step.at + timedelta(days=1)
        yield replace(step, at=asked, doing=Doing.ASK_REVIEW, said=oddities.a_review(rng))
        if rng.random() < oddities.ANSWERED:
            yield replace(step, at=asked + timedelta(days=2), doing=Doing.ANSWER_REVIEW, said=oddities.an_answer(rng))


def _events(case: PastCase, here: Step) -> Iterator[Step]:
    """Yield what became of the case, each event when it was recorded; they are reported together later."""
    for event in case.events:
        if event["kind"] in KINDS:
            said = {
                "application_id": here.number, "court_code": here.court,
                "at": event["at"].isoformat(timespec="seconds"), "kind": event["kind"],
                **{name: event[name] for name in ("amount", "source", "mode") if event[name] is not None},
            }  # fmt: skip
            yield replace(here, at=event["recorded_at"], doing=Doing.REPORT, said=said)


def _reports(found: Iterable[Step], now: datetime) -> Iterator[Step]:
    """Yield one report a day and court, in the night after it, with everything that was recorded that day."""
    events = [step for step in found if step.doing is Doing.REPORT]
    for (day, court), of_day in groupby(sorted(events, key=_day), key=lambda step: _day(step)[:2]):
        at = datetime.combine(day + timedelta(days=1), _NIGHT, tzinfo=now.tzinfo)
        if at < now:
            yield Step(at=at, doing=Doing.REPORT, court=court, said={"events": [step.said for step in of_day]})


def _day(step: Step) -> tuple[date, str, datetime, str]:
    return step.at.date(), step.court, step.at, step.number


def _oddities_of(now: datetime) -> Iterator[Step]:
    """Yield the made-up cases that every clerk should have seen once; they wait in the main court."""
    for document in oddities.waiting_cases(now, court=MAIN):
        at = datetime.fromisoformat(document["as_of"])
        yield Step(at=at, doing=Doing.RECEIVE, court=MAIN, number=document["application_id"], said=document)


def document_of(
    case: PastCase, number: str, stage: str, at: datetime, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a system would send at this instant: what a source had not told yet is left out."""
    late = {name for name, day in case.observed_at.items() if day > at.date().isoformat()}
    facts = {name: value for name, value in case.received.items() if name not in late}
    return {
        "application_id": number,
        "court_code": case.court_code,
        "stage": stage,
        "as_of": at.isoformat(timespec="seconds"),
        "schema_version": "2026-11",
        "case": {**facts, **(more or {})},
        "observed_at": {name: day for name, day in case.observed_at.items() if name not in late},
        "explain": {"reasons": 5, "flips": 3},
    }


def _in_hours(at: datetime, *, after: datetime) -> datetime:
    """Return the instant itself, or the end of the court's day before it, where that is not too early."""
    opens, closes = (datetime.combine(at.date(), hour, tzinfo=at.tzinfo) for hour in (_OPENS, _CLOSES))
    return max(min(max(at, opens), closes), after)
