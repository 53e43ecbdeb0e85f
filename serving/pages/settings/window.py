"""The urging window among a court's settings: what holds, what was asked for and signed, and every step about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from features.clock import SHANGHAI
from models.rules.windows import PARAMETER, Windowed
from serving.access.actions import Action
from serving.access.principal import Principal
from serving.pages import formats
from serving.pages.language import Language
from serving.record.urging.window import is_open
from serving.repositories.urging.windows import Act, WindowRequest

Named = Callable[[str | None], str]


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One step: what was done, by whom, when, and why."""

    what: str
    who: str
    when: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One window that was asked for: how many days from when on, how it stands, and its steps.

    `seen` is the step that stands now; what this reader may do about it is
    `may_sign`, and `ends_at` with `ends` in words, empty where he may end nothing.
    """

    id: str
    title: str
    state: str
    seen: str
    steps: tuple[StepLine, ...]
    may_sign: bool
    ends_at: str
    ends: str
    note: str


@dataclass(frozen=True, kw_only=True)
class WindowBlock:
    """Everything that is said of the window on the page.

    `days`, `day` and `reason` are what was typed in to ask for another one.
    """

    now: str
    warnings: tuple[str, ...]
    items: tuple[Item, ...]
    may_ask: bool
    days: str
    day: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads, on which day, in which language, and how people are called."""

    principal: Principal
    now: datetime
    say: Language
    named: Named

    @property
    def today(self) -> date:
        """The day at the court."""
        return self.now.astimezone(SHANGHAI).date()


def window_block(
    found: Windowed, requests: Sequence[WindowRequest], *, court: str, reader: Reader, fields: Mapping[str, Any]
) -> WindowBlock:
    """Return what holds, what warns, and what is under way: requests that wait, and windows that have not begun."""
    say, today = reader.say, reader.today
    under_way = [one for one in requests if is_open(one, today) or (one.last is Act.SIGN and one.first_day > today)]
    may = reader.principal.may(Action.COURT_CONFIGURE, court) and found.table.urges
    return WindowBlock(
        now=_now(found, today, say),
        warnings=tuple(_warnings(found, say)),
        items=tuple(item_of(one, reader=reader) for one in under_way),
        may_ask=may and not any(is_open(one, today) for one in under_way),
        days=str(fields.get("window_days", "")),
        day=str(fields.get("window_from", "")),
        reason=str(fields.get("window_reason", "")) if "window_days" in fields else "",
    )


def item_of(request: WindowRequest, *, reader: Reader) -> Item:
    """Return one request as this reader sees it."""
    say, may = reader.say, reader.principal.may
    waits, signed = is_open(request, reader.today), request.last is Act.SIGN and request.first_day > reader.today
    own = request.asked_by == reader.principal.actor
    signs, asks = may(Action.COURT_SIGN, request.court), may(Action.COURT_CONFIGURE, request.court)
    return Item(
        id=request.id,
        title=say("自 {day} 起 {days} 日", day=formats.day(request.first_day, say), days=request.days),
        state=_state(request, reader.today, say),
        seen=request.last.value,
        steps=tuple(_line(row, reader) for row in request.steps),
        may_sign=waits and signs and not own,
        ends_at=_ends_at(signs=signs, asks=asks) if waits or signed else "",
        ends=say("撤回（尚未施行）") if signed else say("退回申请") if signs else say("撤回申请"),
        note=say("须由另一名有签署权限的人（院领导）签署。") if waits and not (signs and not own) else "",
    )


def _ends_at(*, signs: bool, asks: bool) -> str:
    return "decline" if signs else "withdraw" if asks else ""


def _now(found: Windowed, today: date, say: Language) -> str:
    if not found.table.urges:
        return say("现行规则表不开展执前督促。")
    rules = found.table.on(today)
    return say(
        "今日收到的申请，督促期 {days} 日（规则表 {version}）。",
        days=f"{rules.number(PARAMETER):g}",
        version=rules.version,
    )


def _warnings(found: Windowed, say: Language) -> Iterator[str]:
    for one in found.refused:
        yield say(
            "已签署的督促期（自 {day} 起 {days} 日）未采用，仍按此前的督促期：{why}",
            day=formats.day(one.window.day, say), days=one.window.days, why=say.pick(one.why.zh, one.why.en),
        )  # fmt: skip
    for over in found.overruled:
        yield say(
            "规则表另写明自 {day} 起督促期 {days} 日，与本院签署的不一致；仍按签署的 {signed} 日，改用须在本页申请。",
            day=formats.day(over.day, say), days=f"{over.days:g}", signed=over.by.days,
        )  # fmt: skip


def _state(request: WindowRequest, today: date, say: Language) -> str:
    if request.last is Act.ASK:
        return say("待签署") if request.first_day > today else say("施行日前未签署，申请失效")
    if request.last is Act.SIGN:
        return say("已签署，待施行") if request.first_day > today else say("已施行")
    return _ACTS[request.last](say)


def _line(row: Mapping[str, Any], reader: Reader) -> StepLine:
    return StepLine(
        what=_ACTS[Act(row["act"])](reader.say),
        who=reader.named(row["by"]),
        when=formats.instant(row["at"]),
        reason=row["reason"],
    )


_ACTS: Final[Mapping[Act, Callable[[Language], str]]] = {
    Act.ASK: lambda say: say("提出变更"),
    Act.SIGN: lambda say: say("已签署"),
    Act.DECLINE: lambda say: say("已退回"),
    Act.WITHDRAW: lambda say: say("已撤回申请"),
    Act.TAKE_BACK: lambda say: say("施行前已撤回"),
}
