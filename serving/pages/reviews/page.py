"""Human reviews as people see them: the list of a court, one request with its text, and the form of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.access.actions import Action
from serving.access.principal import Principal
from serving.door.problems import ProblemError
from serving.pages import formats
from serving.pages.case.history import Named
from serving.pages.language import Language
from serving.people.reviewing import OUTCOMES, PARTIES

_MOST_SHOWN: Final = 60
"""Characters of a request that the list shows."""


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """One request in the list."""

    address: str
    id: str
    application: str
    court: str
    party: str
    when: str
    text: str
    state: str
    open: bool


@dataclass(frozen=True, kw_only=True)
class StateChoice:
    """Which requests are listed, as an address names them."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class ReviewsPage:
    """The list; `onward` leads to the next page, `as_csv` and `as_json` to the same list for programs."""

    rows: tuple[ReviewLine, ...]
    states: tuple[StateChoice, ...]
    onward: str
    as_csv: str
    as_json: str


@dataclass(frozen=True, kw_only=True)
class OutcomeChoice:
    """One way to answer, and whether the reader has ticked it."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class ReviewFault:
    """Something wrong with what was sent in: the field, and what to do."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """One request: what was asked, what was answered, and the form where this reader may answer."""

    id: str
    address: str
    case_address: str
    application: str
    court: str
    party: str
    asked: str
    by: str
    when: str
    state: str
    answer: str
    answered: str
    reasons: str
    may_answer: bool
    outcomes: tuple[OutcomeChoice, ...]
    typed: str
    key: str
    faults: tuple[ReviewFault, ...]


@dataclass(frozen=True, kw_only=True)
class SentAnswer:
    """What somebody sent in, to be shown again with what is wrong; nothing at first."""

    values: Mapping[str, object]
    problem: ProblemError | None = None


NOT_ANSWERED: Final = SentAnswer(values={})


@dataclass(frozen=True, kw_only=True)
class ReviewReader:
    """Who reads, in which language, how others are called, and the key of the form."""

    principal: Principal
    named: Named
    say: Language
    key: str


def reviews_page(
    rows: Sequence[Mapping[str, Any]], state: str, *, query: str, onward: str, say: Language
) -> ReviewsPage:
    """Return the list; texts in `rows` have their numbers masked already."""
    states = {"": say("全部"), "open": say("待答复"), "done": say("已答复")}
    return ReviewsPage(
        rows=tuple(_line(row, say) for row in rows),
        states=tuple(StateChoice(value=value, text=text, chosen=value == state) for value, text in states.items()),
        onward=onward,
        as_csv=f"/reviews.csv{query}",
        as_json=f"/reviews.json{query}",
    )


def review_page(row: Mapping[str, Any], sent: SentAnswer, reader: ReviewReader) -> ReviewPage:
    """Return one request as this reader sees it."""
    say, done = reader.say, row["outcome"] is not None
    return ReviewPage(
        id=row["id"],
        address=f"/reviews/{row['id']}",
        case_address=f"/cases/{row['advice_id']}" if reader.principal.may(Action.SCORE_READ) else "",
        application=row["application_id"],
        court=row["court_code"],
        party=party_text(row["party"], say),
        asked=row["reason"] or "",
        by=reader.named(row["requested_by"]),
        when=formats.instant(row["requested_at"]),
        state=say("已答复") if done else say("待答复"),
        answer=say.pick(*OUTCOMES[row["outcome"]]) if done else "",
        answered=f"{reader.named(row['decided_by'])}　{formats.instant(row['decided_at'])}" if done else "",
        reasons=row["reasons"] or "",
        may_answer=not done and reader.principal.may(Action.REVIEW_DECIDE),
        outcomes=tuple(
            OutcomeChoice(value=value, text=say.pick(*words), chosen=sent.values.get("outcome") == value)
            for value, words in OUTCOMES.items()
        ),
        typed=str(sent.values.get("reasons", "")),
        key=reader.key,
        faults=tuple(_faults(sent.problem, say)),
    )


def party_text(party: str, say: Language) -> str:
    """Return who asks."""
    words = (say("申请执行人"), say("被执行人"), say("利害关系人"), say("代理人"))
    return dict(zip(PARTIES, words, strict=True))[party]


def _line(row: Mapping[str, Any], say: Language) -> ReviewLine:
    text, done = row["reason"] or "", row["outcome"] is not None
    return ReviewLine(
        address=f"/reviews/{row['id']}",
        id=row["id"],
        application=row["application_id"],
        court=row["court_code"],
        party=party_text(row["party"], say),
        when=formats.instant(row["requested_at"]),
        text=text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…",
        state=say.pick(*OUTCOMES[row["outcome"]]) if done else say("待答复"),
        open=not done,
    )


def _faults(problem: ProblemError | None, say: Language) -> Iterator[ReviewFault]:
    if problem is None:
        return
    if problem.problem.code == "REVIEW_DECIDED":
        yield ReviewFault(field="answer", text=say("他人已经答复，见下；您写的理由没有入档。"))
        return
    words = {"outcome": say("请选择复核结论"), "reasons": say("请写明复核理由，1 至 2000 字")}
    wrong = [str(one["pointer"]).strip("/") for one in problem.errors]
    known = [ReviewFault(field=name, text=words[name]) for name in words if name in wrong]
    yield from known or [ReviewFault(field="reasons", text=say("提交的内容不完整，请重新填写"))]
