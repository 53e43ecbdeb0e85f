"""The intake form: one page of four groups, drawn from the field register, with what was wrong beside each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from features.causes import causes_on
from features.register import Field, Register
from features.spellings import SpellingError, cause_number
from serving.door.problems import ProblemError
from serving.pages.case.decision import Fault
from serving.pages.codes import code_words
from serving.pages.language import Language
from serving.pages.typed import typed_of

Kind = Literal["text", "date", "choice"]

APPLICATION: Final = ("application_id", "court_code")
"""What stands beside the case in a request."""

GROUPS: Final = (
    ("basis_no", "basis_type", "basis_effective_date", "due_date", "cause_code", "relief_type", "basis_clear",
     "default_judgment", "served_by_notice"),
    ("applicant_type", "debtor_type", "n_debtors", "in_jurisdiction", "livelihood"),
    ("claim_amount", "paid_before", "preserved", "pres_stage", "pres_expiry", "collateral_type"),
    ("consent_urge", "phone_provided", "address_confirmed"),
)  # fmt: skip
"""The fields of the form by group; a field left empty is unknown, never nought and never `no`."""

_NOT_TYPED: Final = frozenset({"TYPE", "MONEY_FORMAT", "DATE_FORMAT"})
"""Errors about how a value is written; the words of the interface are of no use to whoever typed it."""

NAMES: Final = (*APPLICATION, *(name for group in GROUPS for name in group))


@dataclass(frozen=True)
class Option:
    """One value to choose."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One field of the form; a `choice` has options, the first of them `not known`."""

    name: str
    label: str
    kind: Kind
    value: str = ""
    options: tuple[Option, ...] = ()
    fault: str = ""
    required: bool = False
    proposed: tuple[Option, ...] = ()

    @property
    def is_choice(self) -> bool:
        """Whether one of several values is chosen."""
        return self.kind == "choice"


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Hidden:
    """What the form carries unseen: a key that makes a second click the same registration, and when it was opened.

    A form that is a draft names it, and the version that was seen; `draft` is empty where nothing was saved.
    """

    key: str
    opened: str
    draft: str = ""
    version: int = 0

    def apart(self, key: str) -> Hidden:
        """Return the same as no draft yet, under another key: saved again it becomes one of its own."""
        return Hidden(key, self.opened)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A draft in the list of one's own."""

    id: str
    number: str
    saved_at: str
    address: str


@dataclass(frozen=True, kw_only=True)
class IntakePage:
    """Everything on the page."""

    groups: tuple[Group, ...]
    faults: tuple[Fault, ...]
    hidden: Hidden
    saved_at: str = ""
    drafts: tuple[Kept, ...] = ()
    twin: str = ""


def intake_page(
    sent: Mapping[str, str], problem: ProblemError | None, *, register: Register, hidden: Hidden, say: Language
) -> IntakePage:
    """Return the form, empty or as it was sent, with every fault at the top and beside its field."""
    faults = () if problem is None else faults_of(problem, register, say)
    by_field = {fault.field: fault.text for fault in faults}
    headings = (say("申请"), say("一、执行依据"), say("二、当事人"), say("三、请求和保全"), say("四、督促意愿和联系"))
    return IntakePage(
        groups=tuple(
            Group(
                heading,
                tuple(entry_of(register[name], sent.get(name, ""), by_field.get(name, ""), say) for name in names),
            )
            for heading, names in zip(headings, (APPLICATION, *GROUPS), strict=True)
        ),
        faults=faults,
        hidden=hidden,
    )


def document_of_form(sent: Mapping[str, str], register: Register, *, now: str) -> dict[str, object]:
    """Return the request that the form stands for: received now, at the counter, empty fields left out."""
    typed = {name: typed_of(register[name], sent[name]) for group in GROUPS for name in group if sent.get(name)}
    case = with_cause_number(typed, today=date.fromisoformat(now[:10]))
    return {
        **{name: sent.get(name, "") for name in APPLICATION},
        "stage": "A",
        "as_of": now,
        "case": {**case, "received_at": now, "intake_channel": "counter"},
        "explain": {"reasons": 5, "flips": 3},
    }


def with_cause_number(case: Mapping[str, object], *, today: date) -> Mapping[str, object]:
    """Return a case whose cause, where its name was typed, is its number.

    Raises
    ------
    ProblemError
        VALIDATION_FAILED where the list has not exactly one such cause.
    """
    typed = case.get("cause_code")
    if not isinstance(typed, str):
        return case
    try:
        return {**case, "cause_code": cause_number(typed, case, today=today)}
    except SpellingError as error:
        told = {"pointer": "/case/cause_code", "code": error.code, "message": error.zh, "message_en": error.en}
        raise ProblemError("VALIDATION_FAILED", errors=[told]) from None


def _how_to_write(field: Field, say: Language) -> str:
    return {
        "decimal": say("请填写金额，最多两位小数，如 38600.00 或者 3.86万"),
        "int": say("请填写整数，如 2"),
        "date": say("请填写日期，如 2025-07-30"),
    }.get(field.type, "")


def entry_of(field: Field, value: str, fault: str, say: Language) -> Entry:
    """Return the entry for a field of the register, with what was typed and what is wrong with it."""
    label, required = _label(field, say), field.name in APPLICATION
    if field.type == "date":
        return Entry(name=field.name, label=label, kind="date", value=value, fault=fault)
    options = _options(field, say)
    if not options:
        return Entry(
            name=field.name, label=label, kind="text", value=value, fault=fault, required=required,
            proposed=_causes() if field.name == "cause_code" else (),
        )  # fmt: skip
    every = (("", say("不清楚")), *options)
    chosen = tuple(Option(code, text, code == value) for code, text in every)
    return Entry(name=field.name, label=label, kind="choice", options=chosen, fault=fault)


def _causes() -> tuple[Option, ...]:
    """Return the causes of the newest list by number; those of earlier ones can be typed all the same."""
    return tuple(Option(number, f"{number} {name}", chosen=False) for number, name in causes_on(date.max).items())


def _label(field: Field, say: Language) -> str:
    """Return what a field is called, an amount with its unit."""
    label = say("案由（代码或名称）") if field.name == "cause_code" else say.pick(field.zh, field.en)
    return say("{label}（元）", label=label) if field.unit == "CNY" else label


def _options(field: Field, say: Language) -> tuple[tuple[str, str], ...]:
    if field.type == "bool":
        return (("true", say("是")), ("false", say("否")))
    return tuple((code, code_words(field, code, say)) for code in field.codes)


def faults_of(problem: ProblemError, register: Register, say: Language) -> tuple[Fault, ...]:
    """Return what is wrong, each with the field beside which it is said."""
    if not problem.errors:
        foreign = problem.problem.code == "PERMISSION_DENIED"
        text = say("您没有为该法院登记申请的权限") if foreign else say.pick(problem.problem.zh, problem.problem.en)
        return (Fault("court_code" if foreign else "application_id", text),)
    return tuple(_fault(str(one["pointer"]).rpartition("/")[2], one, register, say) for one in problem.errors)


def _fault(name: str, error: Mapping[str, object], register: Register, say: Language) -> Fault:
    """Return one fault in the words of the form: which field, and what to write there."""
    text = str(error[say.pick("message", "message_en")])
    if name not in NAMES:
        return Fault("application_id", text)
    field = register[name]
    if error["code"] in _NOT_TYPED:
        text = _how_to_write(field, say) or text
    return Fault(name, say("{label}：{text}", label=say.pick(field.zh, field.en), text=text))
