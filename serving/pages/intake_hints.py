"""Hints while an application is filled in: which rules already stop or steer it, and its dates, with their articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from features.register import Register
from serving.pages import formats
from serving.pages.case.decision import Fault
from serving.pages.intake import NAMES
from serving.pages.language import Language

Lines = Sequence[Mapping[str, Any]]

_STOPS: Final = ("hard_stop", "hard_lane", "hard_offer", "block_urge")
"""Kinds of rules that settle a lane or rule one out; they are named first."""

_ENTERED_AS: Final = {
    "limitation_days_left": "due_date",
    "performance_due": "due_date",
    "preservation_days_left": "pres_expiry",
    "unpaid": "claim_amount",
}
"""What is worked out -> the field of the form where it is put right."""


@dataclass(frozen=True, kw_only=True)
class Hint:
    """What a rule says now, its article, and the field that it rests on."""

    text: str
    basis: str
    stops: bool
    field: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Day:
    """A date the court must keep, and how far away it is."""

    text: str
    left: str
    basis: str
    note: str
    near: bool


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What is known of the application as far as it is filled in; `missing` keeps urging out until it is known."""

    hints: tuple[Hint, ...] = ()
    days: tuple[Day, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()
    judged: bool = True

    @property
    def quiet(self) -> bool:
        """Whether the rules were asked and none of them acts on what is filled in."""
        return self.judged and not (self.hints or self.missing or self.faults)


def hints_of(
    rules: Lines, deadlines: Lines, *, today: date, register: Register, faults: Iterable[Fault], say: Language
) -> Hints:
    """Return the hints from the rules and deadlines of an answer that nobody recorded."""
    met = [rule for rule in rules if rule["result"] == "met"]
    found = sorted((_hint(rule, register, say) for rule in met), key=lambda hint: not hint.stops)
    unknown = [rule for rule in rules if rule["result"] == "unknown" and rule["acts"]]
    names = {name for rule in unknown for name in rule["missing"]}
    return Hints(
        hints=tuple(found),
        days=tuple(_day(one, today, say) for one in deadlines if one["date"]),
        missing=tuple((name, _label(name, register, say)) for name in NAMES if name in names),
        faults=tuple(faults),
    )


def _hint(rule: Mapping[str, Any], register: Register, say: Language) -> Hint:
    field = _ENTERED_AS.get(rule["field"], rule["field"])
    known = field in NAMES
    return Hint(
        text=say.pick(rule["text"], rule["text_en"]),
        basis=rule["basis"],
        stops=rule["kind"] in _STOPS,
        field=field if known else "",
        label=_label(field, register, say) if known else "",
    )


def _day(one: Mapping[str, Any], today: date, say: Language) -> Day:
    due = date.fromisoformat(one["date"])
    return Day(
        text=say.pick(one["text"], one["text_en"]),
        left=formats.left(due, today, say),
        basis=one["basis"],
        note=say.pick(one["note"], one["note_en"]),
        near=(due - today).days <= 0,
    )


def _label(name: str, register: Register, say: Language) -> str:
    return say.pick(register[name].zh, register[name].en)
