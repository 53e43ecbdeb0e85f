"""The course of a case on the page: answers, opinions, looks at the predictions and decisions, each with its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.explain.endings import MODE_TEXT
from models.lifecycle import CONVERSION_TEXT, OVERRIDE_TEXT, ConversionCause, OverrideReason
from serving.pages import formats
from serving.pages.case.lanes import lane_words
from serving.pages.language import Language
from serving.people.reviewing import OUTCOMES
from serving.record.case_files import CaseFile
from serving.repositories.closings import CLOSED

Named = Callable[[str | None], str]
"""Returns how whoever did something is called."""


@dataclass(frozen=True)
class Event:
    """One thing that happened; `address` leads to the answer it is about, if that is another page."""

    at: str
    when: str
    who: str
    text: str
    address: str = ""


def history_of(found: CaseFile, named: Named, say: Language) -> tuple[Event, ...]:
    """Return what happened, oldest first."""
    own, stage = found.answer["id"], found.answer["stage"]
    answers = [_answered(row, own, named, say) for row in found.answers]
    looks = [_looked(row, stage, named, say) for row in found.file.views]
    acts = [_acted(row, named, say) for row in found.file.acts]
    ended = [] if found.conversion is None else [_ended(found.conversion, say)]
    happened = [_happened(row, named, say) for row in found.events if row["kind"] != "convert"]
    asked = [] if found.completion is None else [_asked(found.completion, named, say)]
    reviews = [event for row in found.reviews for event in _reviewed(row, named, say)]
    return tuple(sorted([*answers, *looks, *acts, *ended, *happened, *asked, *reviews], key=lambda event: event.at))


def closing_words(row: Mapping[str, Any], say: Language) -> str:
    """Return how and when a case was closed, as it was reported."""
    return say("{day} 结案（{mode}）", day=formats.instant(row["at"])[:10], mode=say.pick(*MODE_TEXT[row["mode"]]))


def _happened(row: Mapping[str, Any], named: Named, say: Language) -> Event:
    """Return an event as it was reported, at the time of the report: before it nobody here knew."""
    closed, day = row["kind"] == CLOSED, formats.instant(row["at"])[:10]
    text = closing_words(row, say) if closed else f"{day} {kind_words(row['kind'], say)}"
    if row["amount"] is not None:
        text += say("，{amount}", amount=formats.money(row["amount"], say))
    told = say("报告：{what}", what=text)
    return Event(row["recorded_at"], formats.instant(row["recorded_at"]), named(row["reported_by"]), told)


def kind_words(kind: str, say: Language) -> str:
    """Return what kind of event was reported."""
    words = {
        "urge_start": say("开始督促"), "contact": say("联系当事人"), "promise": say("承诺履行"),
        "payment": say("自动履行到款"), "deduction": say("扣划到款"), "auction": say("拍卖变卖到款"),
        "settle": say("达成和解"), "settle_default": say("未履行和解或承诺"), "withdraw": say("申请人撤回对督促的同意"),
        "file": say("已立案"), "query": say("首次查控"), "to_complex": say("转入精办"),
        "clue": say("新的财产线索"), "zhongben": say("终结本次执行程序"), "resume": say("恢复执行"),
    }  # fmt: skip
    return words[kind]


def _ended(row: Mapping[str, Any], say: Language) -> Event:
    why = say.pick(*CONVERSION_TEXT[ConversionCause(row["cause"])])
    text = say("督促终止，自动转立案：{why}（{rule}）", why=why, rule=row["rule"])
    return Event(row["at"], formats.instant(row["at"]), say("系统"), text)


def _asked(row: Mapping[str, Any], named: Named, say: Language) -> Event:
    text = say(
        "告知补正 {count} 项，补正期限至 {day}",
        count=len(row["missing"]) + len(row.get("papers", ())),
        day=row["until"],
    )
    address = f"/cases/{row['advice_id']}/completion"
    return Event(row["at"], formats.instant(row["at"]), named(row["by"]), text, address)


def _reviewed(row: Mapping[str, Any], named: Named, say: Language) -> Iterator[Event]:
    """Yield what became of a party's request for a human review; its words stand on its own page."""
    address, asked, answered = f"/reviews/{row['id']}", row["requested_at"], row["decided_at"]
    text = say("登记人工复核请求 {id}", id=row["id"])
    yield Event(asked, formats.instant(asked), named(row["requested_by"]), text, address)
    if answered:
        text = say("答复人工复核：{outcome}", outcome=say.pick(*OUTCOMES[row["outcome"]]))
        yield Event(answered, formats.instant(answered), named(row["decided_by"]), text, address)
    if row["told_at"]:
        text = say("告知当事人复核结论，{day}", day=row["told_on"])
        yield Event(row["told_at"], formats.instant(row["told_at"]), named(row["told_by"]), text, address)


def _answered(row: Mapping[str, Any], own: str, named: Named, say: Language) -> Event:
    corrected = row["corrects"]
    stage = say("立案前") if row["stage"] == "A" else say("首次查控后")
    text = (
        say("更正后重新评分 {id}（更正 {old}）", id=row["id"], old=corrected)
        if corrected
        else say("收到评分请求，{stage}，建议 {id}", stage=stage, id=row["id"])
    )
    address = "" if row["id"] == own else f"/cases/{row['id']}"
    return Event(row["created_at"], formats.instant(row["created_at"]), named(row["created_by"]), text, address)


def _looked(row: Mapping[str, Any], stage: str, named: Named, say: Language) -> Event:
    if row["kind"] == "opinion":
        text = say("写下初步意见：{lane}", lane=lane_words(row["lane"], stage, say))
    else:
        text = say("查看了预测")
    return Event(row["at"], formats.instant(row["at"]), named(row["by"]), text)


def _acted(row: Mapping[str, Any], named: Named, say: Language) -> Event:
    if row["act"] == "withdraw":
        text = say("撤回决定")
    else:
        text = say("作出决定：{lane}", lane=lane_words(row["lane"], row["stage"], say))
        if row["reason"]:
            text += say("（理由：{reason}）", reason=say.pick(*OVERRIDE_TEXT[OverrideReason(row["reason"])]))
    return Event(row["decided_at"], formats.instant(row["decided_at"]), named(row["decided_by"]), text)
