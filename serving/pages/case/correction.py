"""The correction form: which fact is wrong, what is right, and from where that is known."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from features.register import Field, Register, Stage
from serving.door.problems import ProblemError
from serving.pages import formats
from serving.pages.case.decision import Fault
from serving.pages.case.known import correctable, fact_text
from serving.pages.intake import Entry, entry_of, with_cause_number
from serving.pages.language import Language
from serving.pages.typed import typed_of
from serving.record.case_files import CaseFile


@dataclass(frozen=True, kw_only=True)
class FieldLine:
    """One fact to choose, with its present content."""

    address: str
    name: str
    now: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class FieldGroup:
    """The facts of one part of the register, laid open where one was looked for."""

    heading: str
    lines: tuple[FieldLine, ...]
    opened: bool

    @property
    def count(self) -> str:
        """How many facts there are."""
        return formats.count(len(self.lines))


@dataclass(frozen=True, kw_only=True)
class CorrectionPage:
    """The form; without a chosen fact it asks for one first."""

    id: str
    application: str
    simulated: bool
    find: str
    groups: tuple[FieldGroup, ...]
    found: str
    computed: str
    entry: Entry | None
    field: str
    now: str
    source: str
    faults: tuple[Fault, ...]
    key: str
    newer: str


@dataclass(frozen=True)
class Asked:
    """What somebody looks for, has chosen and typed so far, and what was wrong with it."""

    field: str = ""
    find: str = ""
    value: str = ""
    source: str = ""
    problem: ProblemError | None = None


def correction_page(found: CaseFile, asked: Asked, *, key: str, register: Register, say: Language) -> CorrectionPage:
    """Return the form of a file; a value that is personal is not repeated on it."""
    stage = Stage(found.answer["stage"])
    chosen = next((one for one in register.fields if one.name == asked.field and correctable(one, stage)), None)
    groups = _groups(found, asked, register, say)
    faults = _faults(asked.problem, asked.field, say)
    wrong = faults[0].text if faults and faults[0].field != "source" else ""
    last = found.answers[-1]["id"] if found.answers else found.answer["id"]
    return CorrectionPage(
        id=found.answer["id"],
        application=found.answer["application_id"],
        simulated=found.answer["simulated"],
        find=asked.find,
        groups=groups,
        found=say("{count} 项", count=sum(len(group.lines) for group in groups)) if asked.find else "",
        computed=say.listed(
            say.pick(one.zh, one.en) for one in register.fields if one.computed and one.allowed_at(stage)
        ),
        entry=None if chosen is None else entry_of(chosen, asked.value, wrong, say),
        field="" if chosen is None else chosen.name,
        now="" if chosen is None else _now(found.facts, chosen.name, register, say),
        source=asked.source,
        faults=faults,
        key=key,
        newer="" if last == found.answer["id"] else str(last),
    )


def _groups(found: CaseFile, asked: Asked, register: Register, say: Language) -> tuple[FieldGroup, ...]:
    """Return what can be put right, by the parts of the register; with a search what has these words in its name."""
    stage, sought = Stage(found.answer["stage"]), unicodedata.normalize("NFKC", asked.find).strip().casefold()
    headings, groups = headings_of(say), dict[str, list[FieldLine]]()
    for field in register.fields:
        if correctable(field, stage) and sought in f"{field.zh}\n{field.en}".casefold():
            line = _field_line(found, field, asked, register, say)
            groups.setdefault(field.section, []).append(line)
    return tuple(
        FieldGroup(
            heading=headings.get(section, headings[""]),
            lines=tuple(lines),
            opened=bool(sought) or any(line.chosen for line in lines),
        )
        for section, lines in groups.items()
    )


def _field_line(found: CaseFile, field: Field, asked: Asked, register: Register, say: Language) -> FieldLine:
    address = urlencode({"field": field.name, **({"find": asked.find} if asked.find else {})})
    return FieldLine(
        address=f"/cases/{found.answer['id']}/correction?{address}",
        name=say.pick(field.zh, field.en),
        now=_now(found.facts, field.name, register, say),
        chosen=field.name == asked.field,
    )


def headings_of(say: Language) -> Mapping[str, str]:
    """Return what the parts of the register are called; a court's own fields stand under the empty name."""
    return {
        "A": say("执行依据和收案"), "B": say("请求和债务"), "C": say("申请人"), "D": say("被执行人"),
        "E": say("企业登记信息"), "F": say("涉执行历史"), "G": say("保全"), "H": say("财产线索"),
        "I": say("特殊情形"), "J": say("执前督促"), "K": say("查控结果"), "": say("本院自有数据"),
    }  # fmt: skip


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
