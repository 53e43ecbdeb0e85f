"""One application's records as rows of the history tables: what was known when, what was decided, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from features.events import told_once
from features.history_tables import fields_of
from features.known import OBSERVED
from features.lists import LISTS
from features.register import Field, Register
from serving.repositories.corrections import as_corrected
from serving.repositories.decisions import standing_acts

Row = dict[str, Any]
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Advised:
    """One recorded answer: the case as it was understood (the stored document), and what was advised.

    `corrects` is the id of the answer whose facts this one puts right; an
    answer that corrects nothing tells later facts, not better ones.
    """

    id: str
    document: Document
    stage: str
    as_of: str
    created_at: str
    decided_by: str
    route: str | None
    rule: str
    model: str
    ruleset: str
    simulated: bool = False
    corrects: str | None = None


@dataclass(frozen=True)
class Application:
    """Everything on record about one application: its answers, oldest first, its events, people's acts and marks."""

    case_id: str
    court_code: str
    advised: Sequence[Advised]
    events: Sequence[Mapping[str, Any]]
    acts: Sequence[Mapping[str, Any]] = ()
    marks: Sequence[Mapping[str, Any]] = ()

    def first(self, stage: str) -> Advised | None:
        """Return the first answer of one stage as it was corrected since; None where there is none."""
        found = next((one for one in self.advised if one.stage == stage), None)
        if found is None:
            return None
        newer = {one.corrects: one.id for one in self.advised if one.corrects is not None}
        right = as_corrected(found.id, newer)
        return next(one for one in self.advised if one.id == right)


def case_row(application: Application, register: Register) -> Row:
    """Return the row of `cases`: what was known on receipt.

    That is what the first answer was given on. A correction takes the place
    of what it corrects; what was learnt later does not. Where the case came
    in after filing only, its facts of that time serve, each with the instant
    at which its source was asked.
    """
    told = application.first("A") or application.advised[0]
    row = _facts(told, fields_of("cases", register))
    return {"case_id": application.case_id, "court_code": application.court_code, **row}


def query_row(application: Application, register: Register) -> Row | None:
    """Return the row of `queries`: the first network query; None for a case that was never scored after filing."""
    first = application.first("B")
    if first is None:
        return None
    row = _facts(first, fields_of("queries", register))
    return {"query_at": datetime.fromisoformat(first.as_of), **row, "case_id": application.case_id}


def event_rows(application: Application) -> Iterator[Row]:
    """Yield the rows of `events`: as reported, and filing and query where a stage-B case tells them.

    An event that a later report repeats counts once, from when it was first
    known: many systems send everything again each day. Two that are alike in
    one report are two.
    """
    for event in told_once(application.events):
        yield {
            "case_id": application.case_id,
            "at": datetime.fromisoformat(event["at"]),
            "recorded_at": datetime.fromisoformat(event["recorded_at"]),
            "kind": event["kind"],
            "amount": None if event["amount"] is None else float(event["amount"]),
            "source": event["source"],
            "mode": event["mode"],
        }
    yield from _told_by_query(application)


def decision_rows(application: Application) -> Iterator[Row]:
    """Yield the rows of `decisions`: what was advised by which rule or model, and what people decided.

    A decision that was taken back is none.
    """
    for one in application.advised:
        if one.decided_by in {"rule", "model"}:
            yield {
                "case_id": application.case_id, "at": datetime.fromisoformat(one.created_at), "stage": one.stage,
                "lane": one.route, "by": one.decided_by, "rule_ids": one.rule, "propensity": None, "model": one.model,
                "ruleset": one.ruleset,
            }  # fmt: skip
    for act in standing_acts(application.acts):
        yield {
            "case_id": application.case_id, "at": datetime.fromisoformat(act["decided_at"]), "stage": act["stage"],
            "lane": act["lane"], "by": "person", "rule_ids": "", "propensity": None, "model": "", "ruleset": "",
            "reason": act["reason"],
        }  # fmt: skip


def mark_rows(application: Application) -> Iterator[Row]:
    """Yield the rows of `marks`: reasons that somebody said do not fit the case, closed cases that are not alike.

    Who said so is left out; a mark that was taken back is none.
    """
    answers = {one.id: one for one in application.advised}
    for mark in application.marks:
        advised = answers[mark["advice_id"]]
        row: Row = {
            "case_id": application.case_id, "at": datetime.fromisoformat(mark["at"]),
            "advised_at": datetime.fromisoformat(advised.created_at), "stage": advised.stage, "model": advised.model,
            "kind": mark["kind"],
        }  # fmt: skip
        if mark["kind"] == "reason":
            yield row | dict(zip(("score", "reason", "feature"), mark["subject"].split("/", 2), strict=False))
        else:
            yield row | {"other_case_id": mark["other_case_id"]}


def debtor_rows(application: Application) -> Iterator[Row]:
    """Yield the row of `debtors`: the join token of the debtor, where one was given."""
    facts = application.advised[-1].document["case"]
    if "id_token" in facts:
        yield {"case_id": application.case_id, "id_token": facts["id_token"], "type": facts.get("debtor_type")}


def _told_by_query(application: Application) -> Iterator[Row]:
    """Yield filing and query of a case scored after filing, unless they were reported."""
    first = application.first("B")
    if first is None:
        return
    reported = {event["kind"] for event in application.events}
    facts = first.document["case"]
    told = (("file", facts.get("filed_at")), ("query", facts.get("query_at", first.as_of)))
    for kind, at in told:
        if at is not None and kind not in reported:
            yield {
                "case_id": application.case_id, "at": datetime.fromisoformat(at),
                "recorded_at": datetime.fromisoformat(at), "kind": kind, "amount": None, "source": None, "mode": None,
            }  # fmt: skip


def _facts(told: Advised, fields: Mapping[str, Field]) -> Row:
    """Return the registered facts of an answer's document, and when each was observed.

    What a list said without a day of its own was known at the answer's moment, for then it was recorded.
    """
    facts, observed = told.document["case"], told.document.get("observed_at", {})
    row: Row = {name: _typed(facts[name], fields[name]) for name in fields if name in facts}
    listed = {name: told.as_of for name in fields if name in LISTS and name in facts}
    row |= {name + OBSERVED: _instant(at) for name, at in (listed | observed).items() if name in fields}
    return row


def _typed(value: object, field: Field) -> object:
    """Return a value of the document in the type of its column."""
    if field.type == "set":
        return "/".join(str(code) for code in value) if isinstance(value, Iterable) else None
    kind = _KINDS.get(field.type)
    return value if kind is None else kind(str(value))


def _instant(text: str) -> datetime:
    """Return an instant; a bare day is its midnight, as it was when the case was scored."""
    return datetime.fromisoformat(text if len(text) > len("2026-11-20") else f"{text}T00:00:00+08:00")


_KINDS: Final[Mapping[str, Callable[[str], object]]] = {
    "decimal": float,
    "float": float,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
