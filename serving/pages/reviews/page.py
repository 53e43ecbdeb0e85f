"""Human reviews as people see them: the list of a court, one request with its text, and the form of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from serving.access.actions import Action
from serving.access.principal import Principal
from serving.door.problems import ProblemError
from serving.pages import formats
from serving.pages.case.history import Named
from serving.pages.language import Language
from serving.pages.reviews.choices import ReviewChoice, ReviewFault, choices_of
from serving.pages.reviews.standing import Due, Step, due_of, party_text, state_words, steps_of
from serving.people.reviewing import CHANNELS, OUTCOMES, WISHES
from serving.repositories.reviews.requests import TAKEN_BACK

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
    came: str
    due: Due
    text: str
    state: str
    open: bool


@dataclass(frozen=True, kw_only=True)
class ReviewsPage:
    """The list; `onward` leads to the next page, `as_csv` and `as_json` to the same list for programs."""

    rows: tuple[ReviewLine, ...]
    states: tuple[ReviewChoice, ...]
    onward: str
    as_csv: str
    as_json: str


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """One request: what was asked, what was answered, and the form where this reader may answer."""

    id: str
    address: str
    case_address: str
    application: str
    court: str
    party: str
    wish: str
    asked: str
    due: Due
    steps: tuple[Step, ...]
    state: str
    answer: str
    answered: str
    reasons: str
    holder: str
    held_by: str
    may_take: bool
    may_answer: bool
    outcomes: tuple[ReviewChoice, ...]
    typed: str
    may_tell: bool
    channels: tuple[ReviewChoice, ...]
    told_on: str
    today: str
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
    """Who reads and when, in which language, how others are called, and the key of the form."""

    principal: Principal
    named: Named
    say: Language
    today: date
    key: str = ""


def reviews_page(
    rows: Sequence[Mapping[str, Any]], state: str, *, query: str, onward: str, reader: ReviewReader
) -> ReviewsPage:
    """Return the list; texts in `rows` have their numbers masked already."""
    say = reader.say
    states = {"": say("全部"), "open": say("待答复"), "done": say("已答复"), "untold": say("已答复，待告知当事人")}
    return ReviewsPage(
        rows=tuple(_line(row, reader) for row in rows),
        states=choices_of(states, state),
        onward=onward,
        as_csv=f"/reviews.csv{query}",
        as_json=f"/reviews.json{query}",
    )


def review_page(row: Mapping[str, Any], sent: SentAnswer, reader: ReviewReader) -> ReviewPage:
    """Return one request as this reader sees it."""
    say, done, today = reader.say, row["outcome"] is not None, reader.today.isoformat()
    answers = reader.principal.may(Action.REVIEW_DECIDE)
    return ReviewPage(
        id=row["id"],
        address=f"/reviews/{row['id']}",
        case_address=f"/cases/{row['advice_id']}" if reader.principal.may(Action.SCORE_READ) else "",
        application=row["application_id"],
        court=row["court_code"],
        party=party_text(row["party"], say),
        wish=say.pick(*WISHES[row["wish"]]) if row["wish"] else say("未记录"),
        asked=row["reason"] or "",
        due=due_of(row, reader.today, say),
        steps=tuple(steps_of(row, reader.named, say)),
        state=state_words(row, reader.named, say),
        answer=say.pick(*OUTCOMES[row["outcome"]]) if done else "",
        answered=f"{reader.named(row['decided_by'])}　{formats.instant(row['decided_at'])}" if done else "",
        reasons=row["reasons"] or "",
        holder=reader.named(row["taken_by"]) if row["taken_by"] else "",
        held_by=row["taken_by"] or "",
        may_take=not done and answers and row["taken_by"] != reader.principal.actor,
        may_answer=not done and answers,
        outcomes=choices_of({value: say.pick(*words) for value, words in OUTCOMES.items()}, sent.values.get("outcome")),
        typed=str(sent.values.get("reasons", "")),
        may_tell=done and row["outcome"] != TAKEN_BACK and not row["told_on"],
        channels=choices_of({name: say.pick(*words) for name, words in CHANNELS.items()}, sent.values.get("channel")),
        told_on=str(sent.values.get("told_on", today)),
        today=today,
        key=reader.key,
        faults=tuple(_faults(sent.problem, say)),
    )


def _line(row: Mapping[str, Any], reader: ReviewReader) -> ReviewLine:
    text, say = row["reason"] or "", reader.say
    return ReviewLine(
        address=f"/reviews/{row['id']}",
        id=row["id"],
        application=row["application_id"],
        court=row["court_code"],
        party=party_text(row["party"], say),
        came=row["received_on"] or formats.instant(row["requested_at"])[:10],
        due=due_of(row, reader.today, say),
        text=text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…",
        state=state_words(row, reader.named, say),
        open=row["outcome"] is None,
    )


def _faults(problem: ProblemError | None, say: Language) -> Iterator[ReviewFault]:
    if problem is None:
        return
    if problem.problem.code == "REVIEW_DECIDED":
        yield ReviewFault(field="answer", text=say("他人已经答复，见下；您写的理由没有入档。"))
        return
    if problem.problem.code == "REVIEW_MOVED_ON":
        yield ReviewFault(field="answer", text=say("办理情况已有变化，见下；您刚才的操作没有入档。"))
        return
    words = {
        "outcome": say("请选择复核结论"),
        "reasons": say("请写明复核理由，1 至 2000 字"),
        "channel": say("请选择告知方式"),
        "told_on": say("请填写告知日期，不晚于今天"),
    }
    wrong = [str(one["pointer"]).strip("/") for one in problem.errors]
    known = [ReviewFault(field=name, text=words[name]) for name in words if name in wrong]
    yield from known or [ReviewFault(field="reasons", text=say("提交的内容不完整，请重新填写"))]
