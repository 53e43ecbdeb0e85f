"""One page of the applicant's form: drawn from the answers so far, and read into new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from serving.pages.applicant.questions import NAMES, Kind, Question, Step, steps
from serving.pages.language import Language
from serving.statement.answers import ASSETS, CHOICES, EARLIEST, LATEST, MOST_YUAN, Answers

UNKNOWN: Final = "_unknown"
"""What a date's or an amount's tick for 不清楚 is called after its field."""

FIELDS: Final = (
    "consent", *CHOICES, *(f"asset_{name}" for name in (*ASSETS, "unknown")), "due", "due" + UNKNOWN, "amount",
    "amount" + UNKNOWN, "expiry",
)  # fmt: skip
"""Every field that a form may send."""

SECONDS_A_STEP: Final = 22


@dataclass(frozen=True)
class Choice:
    """One answer of several: the field's name and value, its words, and whether it was given before."""

    name: str
    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One question on the page; `kind` says which kind of field is drawn."""

    name: str
    kind: Kind
    text: str
    hint: str
    value: str
    choices: tuple[Choice, ...]
    fault: str

    @property
    def is_radio(self) -> bool:
        """Whether one of several is chosen."""
        return self.kind == "choice"

    @property
    def is_ticks(self) -> bool:
        """Whether several may be ticked, or one has to be."""
        return self.kind in {"ticks", "consent"}

    @property
    def is_day(self) -> bool:
        """Whether a day is asked for."""
        return self.kind == "day"

    @property
    def unknown(self) -> Choice | None:
        """The tick for a date or an amount that is not known."""
        return self.choices[0] if self.kind in {"day", "yuan"} and self.choices else None


@dataclass(frozen=True, kw_only=True)
class StepPage:
    """Everything on the page."""

    address: str
    number: int
    of: int
    minutes: int
    heading: str
    notes: tuple[str, ...]
    why: str
    entries: tuple[Entry, ...]
    code: str
    back: str
    title: str

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """The questions whose answers cannot be taken."""
        return tuple(entry for entry in self.entries if entry.fault)


@dataclass(frozen=True)
class Filled:
    """What a form came to: the answers with its own among them, or what was wrong by question."""

    answers: Answers
    faults: Mapping[str, str]


def step_page(
    name: str,
    answers: Answers,
    code: str,
    say: Language,
    *,
    sent: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> StepPage:
    """Return the page of a step, filled with what was answered before or has just been sent."""
    place, step = NAMES.index(name), _step(name, say)
    before = f"/apply/{NAMES[place - 1]}?code={code}" if place else ""
    return StepPage(
        address=f"/apply/{name}",
        number=place + 1,
        of=len(NAMES),
        minutes=max(1, round((len(NAMES) - place) * SECONDS_A_STEP / 60)),
        heading=step.heading,
        notes=step.notes,
        why=step.why,
        entries=tuple(_entry(one, answers, say, sent, (faults or {}).get(one.name, "")) for one in step.questions),
        code=code,
        back=before,
        title=say("第 {number} 步，共 {of} 步", number=place + 1, of=len(NAMES)),
    )


def filled(name: str, sent: Mapping[str, str], answers: Answers, say: Language) -> Filled:
    """Read a step's form; every answer may be 不清楚, none may be left out but optional ones."""
    changes: dict[str, object] = {}
    faults: dict[str, str] = {}
    for question in _step(name, say).questions:
        try:
            changes |= _read(question, sent, say)
        except ValueError as error:
            faults[question.name] = str(error)
    return Filled(answers if faults else replace(answers, **changes), faults)  # type: ignore[arg-type] # by name


def _step(name: str, say: Language) -> Step:
    return next(step for step in steps(say) if step.name == name)


def _entry(question: Question, answers: Answers, say: Language, sent: Mapping[str, str] | None, fault: str) -> Entry:
    given = dict(sent) if sent is not None else dict(_given(question, answers))
    return Entry(
        name=question.name,
        kind=question.kind,
        text=question.text,
        hint=question.hint,
        value=given.get(question.name, ""),
        choices=tuple(_choices(question, given, say)),
        fault=fault,
    )


def _choices(question: Question, given: Mapping[str, str], say: Language) -> Iterator[Choice]:
    name = question.name
    if question.kind in {"day", "yuan"} and not question.optional:
        yield Choice(name + UNKNOWN, "yes", say("不清楚"), given.get(name + UNKNOWN) == "yes")
    for value, text in question.options:
        if question.kind == "ticks":
            yield Choice(f"asset_{value}", "yes", text, given.get(f"asset_{value}") == "yes")
        else:
            yield Choice(name, value, text, given.get(name) == value)


def _given(question: Question, answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield the form's fields as the answers so far would have sent them."""
    name = question.name
    if question.kind == "ticks" and answers.assets_asked:
        yield from ((f"asset_{asset}", "yes") for asset in answers.assets or {"unknown"})
    elif question.kind in {"choice", "day", "yuan"}:
        value = getattr(answers, name)
        yield name, "" if value is None else str(value)
        if value is None and _passed(name, answers):
            yield name + UNKNOWN, "yes"


def _passed(name: str, answers: Answers) -> bool:
    """Whether the page with this date or amount was answered before."""
    return bool({"due": answers.basis, "amount": answers.relief}.get(name))


def _read(question: Question, sent: Mapping[str, str], say: Language) -> dict[str, object]:
    """Return the answer to one question; ValueError holds what to tell the applicant."""
    name, text = question.name, sent.get(question.name, "").strip()
    if question.kind == "consent":
        if text != "yes":
            raise ValueError(say("请先勾选同意；不同意的，可以直接到法院申请执行。"))
        return {}
    if question.kind == "ticks":
        return _assets(sent, say)
    if question.kind == "choice":
        if text not in CHOICES[name]:
            raise ValueError(say("请选择一项；不清楚的，选“不清楚”或者最后一项。"))
        return {name: text}
    if not text and (question.optional or sent.get(name + UNKNOWN) == "yes"):
        return {name: None}
    if sent.get(name + UNKNOWN) == "yes":
        raise ValueError(say("已填写的，请不要同时勾选“不清楚”。"))
    return {name: _day(text, say) if question.kind == "day" else _yuan(text, say)}


def _assets(sent: Mapping[str, str], say: Language) -> dict[str, object]:
    known = frozenset(asset for asset in ASSETS if sent.get(f"asset_{asset}") == "yes")
    nothing = sent.get("asset_unknown") == "yes"
    if bool(known) == nothing:
        raise ValueError(say("请至少选择一项；选了“不清楚”的，不再选其他项。"))
    return {"assets": known, "assets_asked": True}


def _day(text: str, say: Language) -> date:
    try:
        day = date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        raise ValueError(say("日期请写成 2026-03-01 的样子；不清楚的，请勾选“不清楚”。")) from None
    if not EARLIEST <= day <= LATEST:
        raise ValueError(say("日期应在 2000 年至 2060 年之间，请核对。"))
    return day


def _yuan(text: str, say: Language) -> int:
    plain = text.replace(",", "").replace("，", "").removesuffix("元")
    if not plain.isascii() or not plain.isdigit() or not 0 < int(plain[:12]) <= MOST_YUAN or len(plain) > 10:
        raise ValueError(say("金额请写整数元，例：38600；不清楚的，请勾选“不清楚”。"))
    return int(plain)
