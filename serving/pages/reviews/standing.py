"""How a human review stands, in words: whether it waits, who has it, until when to answer, and what has been done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from serving.pages import formats
from serving.pages.case.deadlines import Nearness, nearness
from serving.pages.case.history import Named
from serving.pages.language import Language
from serving.people.reviewing import CHANNELS, OUTCOMES, PARTIES
from serving.repositories.reviews.requests import TAKEN_BACK


@dataclass(frozen=True, kw_only=True)
class Due:
    """Until when a request is to be answered, and how near that is; without words once it is answered."""

    day: str
    left: str
    nearness: Nearness


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that was done about a request."""

    when: str
    who: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ReviewNote:
    """What the page of a case says of a request: that it is there, how it stands, and until when to answer."""

    address: str
    id: str
    text: str


def is_over(row: Mapping[str, Any]) -> bool:
    """Whether nothing is left to be done about a request."""
    return row["outcome"] == TAKEN_BACK or row["told_on"] is not None


def note_of(row: Mapping[str, Any], today: date, named: Named, say: Language) -> ReviewNote:
    """Return what the page of its case says of a request."""
    due = due_of(row, today, say)
    text = say("{party}申请人工复核，{state}", party=party_text(row["party"], say), state=state_words(row, named, say))
    if due.left:
        text = say("{text}；答复期限 {day}，{left}", text=text, day=due.day, left=due.left)
    return ReviewNote(address=f"/reviews/{row['id']}", id=row["id"], text=text)


def state_words(row: Mapping[str, Any], named: Named, say: Language) -> str:
    """Return how a request stands."""
    if row["outcome"] is None:
        return say("办理中：{who}", who=named(row["taken_by"])) if row["taken_by"] else say("待答复")
    outcome = say.pick(*OUTCOMES[row["outcome"]])
    if row["outcome"] == TAKEN_BACK:
        return outcome
    return say("{outcome}，已告知", outcome=outcome) if row["told_on"] else say("{outcome}，待告知", outcome=outcome)


def due_of(row: Mapping[str, Any], today: date, say: Language) -> Due:
    """Return until when a request is to be answered."""
    if row["answer_by"] is None:
        return Due(day=say("未记录"), left="", nearness="unknown")
    due = date.fromisoformat(row["answer_by"])
    if row["outcome"] is not None:
        return Due(day=formats.day(due, say), left="", nearness="far")
    return Due(day=formats.day(due, say), left=formats.left(due, today, say), nearness=nearness((due - today).days))


def party_text(party: str, say: Language) -> str:
    """Return who asks."""
    words = (say("申请执行人"), say("被执行人"), say("利害关系人"), say("代理人"))
    return dict(zip(PARTIES, words, strict=True))[party]


def steps_of(row: Mapping[str, Any], named: Named, say: Language) -> Iterator[Step]:
    """Yield what was done about a request, in order."""
    came = ""
    if row["received_on"]:
        way = say.pick(*CHANNELS[row["channel"]]) if row["channel"] else say("方式未记录")
        came = say("，{day} 收到（{way}）", day=row["received_on"], way=way)
    registered = say("登记{party}的请求{came}", party=party_text(row["party"], say), came=came)
    yield Step(when=formats.instant(row["requested_at"]), who=named(row["requested_by"]), text=registered)
    if row["taken_by"]:
        yield Step(when=formats.instant(row["taken_at"]), who=named(row["taken_by"]), text=say("接办"))
    if row["outcome"] is not None:
        text = say("答复：{outcome}", outcome=say.pick(*OUTCOMES[row["outcome"]]))
        yield Step(when=formats.instant(row["decided_at"]), who=named(row["decided_by"]), text=text)
    if row["told_on"]:
        way = say.pick(*CHANNELS[row["told_channel"]])
        text = say("{day} 已告知当事人（{way}）", day=row["told_on"], way=way)
        yield Step(when=formats.instant(row["told_at"]), who=named(row["told_by"]), text=text)
