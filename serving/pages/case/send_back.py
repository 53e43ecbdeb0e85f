"""Sending one case back for completion: what it lacks, which papers are to be brought, and until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from features.register import Register
from serving.batches.completing import LONGEST, PAPERS
from serving.door.problems import ProblemError
from serving.pages.case.decision import Choice, Fault
from serving.pages.language import Language
from serving.record.case_files import CaseFile
from serving.record.decisions import tag_of


@dataclass(frozen=True, kw_only=True)
class SendBackPage:
    """The form; `barred` says why the case cannot be sent back, `lacking` what the letter asks for in any case.

    `days` are the first and the last day until which something may be brought.
    """

    id: str
    application: str
    barred: str
    lacking: tuple[str, ...]
    papers: tuple[Choice, ...]
    until: str
    days: tuple[str, str]
    tag: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What was ticked and typed in, and what was wrong with it."""

    papers: Collection[str] = ()
    until: str = ""
    problem: ProblemError | None = None


def send_back_page(
    found: CaseFile, lacking: Sequence[str], typed: Typed, *, register: Register, say: Language
) -> SendBackPage:
    """Return the form of a file."""
    today = found.at.date()
    return SendBackPage(
        id=found.answer["id"],
        application=found.answer["application_id"],
        barred=barred_of(found, say),
        lacking=tuple(say.pick(register[name].zh, register[name].en) for name in lacking if name in register),
        papers=tuple(Choice(code, say.pick(*words), ticked=code in typed.papers) for code, words in PAPERS.items()),
        until=typed.until,
        days=_days(today),
        tag=tag_of(found.file),
        faults=_faults(typed.problem, say),
    )


def barred_of(found: CaseFile, say: Language) -> str:
    """Return why a case cannot be sent back now; empty if it can."""
    last = found.answers[-1]["id"] if found.answers else found.answer["id"]
    if last != found.answer["id"]:
        return say("本案已有较新的建议。")
    if found.completion is not None:
        return say("已告知补正；补正事项只告知一次")
    if found.file.standing is not None or found.conversion is not None or found.file.closed or found.closing:
        return say("本案已不待分流决定，不能退回补正。")
    return ""


def _days(today: date) -> tuple[str, str]:
    return (today + timedelta(days=1)).isoformat(), (today + LONGEST).isoformat()


def _faults(problem: ProblemError | None, say: Language) -> tuple[Fault, ...]:
    if problem is None:
        return ()
    if not problem.errors:
        return (Fault("until", say.pick(problem.problem.zh, problem.problem.en)),)
    return tuple(
        Fault(str(one["pointer"]).lstrip("/"), str(one[say.pick("message", "message_en")])) for one in problem.errors
    )
