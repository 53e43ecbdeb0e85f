"""The correction form: which fact is wrong, what is right, and from where that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.register import Register, Stage
from serving.door.problems import ProblemError
from serving.pages.case.decision import Fault
from serving.pages.case.known import correctable, fact_text
from serving.pages.intake import Entry, Option, entry_of, with_cause_number
from serving.pages.language import Language
from serving.pages.typed import typed_of
from serving.record.case_files import CaseFile


@dataclass(frozen=True, kw_only=True)
class CorrectionPage:
    """The form; without a chosen fact it asks for one first."""

    id: str
    application: str
    fields: tuple[Option, ...]
    entry: Entry | None
    field: str
    now: str
    source: str
    faults: tuple[Fault, ...]
    key: str
    newer: str


@dataclass(frozen=True)
class Asked:
    """What somebody has chosen and typed so far, and what was wrong with it."""

    field: str = ""
    value: str = ""
    source: str = ""
    problem: ProblemError | None = None


def correction_page(found: CaseFile, asked: Asked, *, key: str, register: Register, say: Language) -> CorrectionPage:
    """Return the form of a file; a value that is personal is not repeated on it."""
    stage = Stage(found.answer["stage"])
    fields = [field for field in register.fields if correctable(field, stage)]
    chosen = next((field for field in fields if field.name == asked.field), None)
    faults = _faults(asked.problem, asked.field, say)
    wrong = faults[0].text if faults and faults[0].field != "source" else ""
    last = found.answers[-1]["id"] if found.answers else found.answer["id"]
    return CorrectionPage(
        id=found.answer["id"],
        application=found.answer["application_id"],
        fields=tuple(Option(one.name, say.pick(one.zh, one.en), chosen=one.name == asked.field) for one in fields),
        entry=None if chosen is None else entry_of(chosen, asked.value, wrong, say),
        field="" if chosen is None else chosen.name,
        now="" if chosen is None else _now(found.facts, chosen.name, register, say),
        source=asked.source,
        faults=faults,
        key=key,
        newer="" if last == found.answer["id"] else str(last),
    )


def corrected(found: CaseFile, field: str, value: str, register: Register) -> dict[str, object]:
    """Return the request that the case would have been, had the fact been right; left empty it is unknown.

    Raises
    ------
    ProblemError
        VALIDATION_FAILED where a cause is named that is not exactly one of the list.
    """
    document = dict(found.document)
    facts, missing, observed = (dict(document.get(name, {})) for name in ("case", "missing", "observed_at"))
    for one in (facts, missing, observed):
        one.pop(field, None)
    if value:
        facts[field] = typed_of(register[field], value)
        if field == "cause_code":
            facts = dict(with_cause_number(facts, today=found.at.date()))
    return {**document, "case": facts, "missing": missing, "observed_at": observed}


def _now(facts: Mapping[str, object], name: str, register: Register, say: Language) -> str:
    if name not in facts:
        return say("未知")
    field = register[name]
    return fact_text(field, facts[name], say) if field.privacy.value == "N" else say("个人信息，不在此显示")


def _faults(problem: ProblemError | None, field: str, say: Language) -> tuple[Fault, ...]:
    if problem is None:
        return ()
    if not problem.errors:
        return (Fault(field, say.pick(problem.problem.zh, problem.problem.en)),)
    return tuple(
        Fault(_place(str(one["pointer"]), field), str(one[say.pick("message", "message_en")])) for one in problem.errors
    )


def _place(pointer: str, field: str) -> str:
    return "source" if pointer.endswith("/source") else field
