"""The queue page: cases by deadline, each with its lane in words; no score, and nobody ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from serving.pages import formats
from serving.pages.case.deadlines import Nearness, nearness
from serving.pages.case.history import Named
from serving.pages.case.lanes import advised_words
from serving.pages.flag_words import FlagWord, flag_words
from serving.pages.language import Language
from serving.repositories.queue import MOST_COUNTED, Page, Sought
from serving.repositories.queue_flags import read
from serving.repositories.urging.watching import CONVERTED
from serving.store.tables.queue import WITHOUT_DAY


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One case that waits."""

    id: str
    field: str
    address: str
    number: str
    stage: str
    cause: str
    amount: str
    lane: str
    lane_text: str
    certainty: str
    flags: tuple[FlagWord, ...]
    left: str
    due: str
    nearness: Nearness
    holder: str
    simulated: bool


@dataclass(frozen=True)
class Option:
    """One word of a list to choose from."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """Everything on the page; `onward` is the address of the next page, empty on the last one."""

    rows: tuple[QueueRow, ...]
    total: str
    today: str
    late: str
    number: str
    lanes: tuple[Option, ...]
    stages: tuple[Option, ...]
    free_only: bool
    mine_only: bool
    no_model: str
    filtered: bool
    onward: str
    first: bool
    may_decide: bool
    seen: int
    opened: int
    query: str
    told: str

    @property
    def simulated(self) -> bool:
        """Whether any of the cases was scored by a model that learned from simulated ones."""
        return any(row.simulated for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class Looker:
    """Who looks at the queue, and when; `told` how many of how many cases he has just taken, `query` his filters.

    `no_model` says why no model answers, where none does.
    """

    say: Language
    named: Named
    now: datetime
    me: str
    told: tuple[int, int] | None
    query: str
    may_decide: bool
    no_model: str

    @property
    def today(self) -> date:
        """The day on which he looks."""
        return self.now.date()


def queue_page(found: Page, sought: Sought, *, onward: str, looker: Looker) -> QueuePage:
    """Return the page of these rows."""
    say = looker.say
    return QueuePage(
        rows=tuple(_row(row, place, looker) for place, row in enumerate(found.rows, start=1)),
        total=_counted(found.matching, say),
        today=_counted(found.today, say) if found.today else "",
        late=_counted(found.late, say) if found.late else "",
        number=sought.number,
        lanes=_lanes(sought.route, say),
        stages=_stages(sought.stage, say),
        free_only=sought.free_only,
        mine_only=sought.mine_only,
        no_model=looker.no_model,
        filtered=bool(sought.number or sought.route or sought.stage or sought.free_only or sought.mine_only),
        onward=onward,
        first=sought.after is None,
        may_decide=looker.may_decide,
        seen=found.matching,
        opened=int(looker.now.timestamp()),
        query=looker.query,
        told=_told(looker),
    )


def sheet_of(found: Page, looker: Looker) -> list[list[object]]:
    """Return these rows as a sheet in the words of the page, its headings first; amounts are numbers."""
    say = looker.say
    headings = (
        say("申请编号、案号"), say("建议编号"), say("法院"), say("阶段"), say("期限"), say("距期限"), say("建议"),
        say("把握程度"), say("案由"), say("标的额（元）"), say("提示"), say("收到申请"), say("领取"), say("模拟数据"),
    )  # fmt: skip
    return [list(headings), *([*_sheet_row(row, looker)] for row in found.rows)]


def _sheet_row(row: Mapping[str, Any], looker: Looker) -> tuple[object, ...]:
    say, shown = looker.say, _row(row, 0, looker)
    received = row["received_at"]
    return (
        shown.number, shown.id, row["court_code"], shown.stage, shown.due, shown.left, shown.lane_text,
        shown.certainty, shown.cause, row["amount"], say.apart(one.text for one in shown.flags),
        formats.instant(received) if received else say("未知"), shown.holder,
        say("是") if shown.simulated else say("否"),
    )  # fmt: skip


def _told(looker: Looker) -> str:
    if looker.told is None:
        return ""
    taken, chosen = looker.told
    if taken < chosen:
        return looker.say("已领取 {taken} 件，另 {rest} 件他人正在办理或已不在列。", taken=taken, rest=chosen - taken)
    return looker.say("已领取 {taken} 件，30 分钟内有效。", taken=taken)


def _row(row: Mapping[str, Any], place: int, looker: Looker) -> QueueRow:
    say, due = looker.say, row["due_on"]
    unknown = due == WITHOUT_DAY
    hidden = row["decided_by"] == "model" and row["route"] is None
    data = say("数据 {count}", count=row["warnings"])
    warned = [FlagWord(data, say("数据提示 {count} 条，见案件页", count=row["warnings"]))] if row["warnings"] else []
    return QueueRow(
        id=row["advice_id"],
        field=f"case-{place}",
        address=f"/cases/{row['advice_id']}",
        number=row["application_id"],
        stage=say("立案前") if row["stage"] == "A" else say("首次查控后"),
        cause=row["cause"] or say("未知"),
        amount=formats.amount(row["amount"]),
        lane="none" if hidden else row["route"] or "none",
        lane_text=say("见案件页") if hidden else _lane_words(row, say),
        certainty=_certainty(row, say),
        flags=(*flag_words(read(row["notices"]), say), *warned),
        left=say("未知，请补正") if unknown else formats.left(date.fromisoformat(due), looker.today, say),
        due="" if unknown else due,
        nearness="unknown" if unknown else nearness((date.fromisoformat(due) - looker.today).days),
        holder=_holder(row, looker),
        simulated=bool(row["simulated"]),
    )


def _lane_words(row: Mapping[str, Any], say: Language) -> str:
    """Return what is to be done: a case whose urging has ended waits for nobody's choice of a lane, but for filing."""
    if row["due_kind"] == CONVERTED:
        return say("督促终止，应立案")
    return advised_words(row["route"], row["stage"], say)


def _certainty(row: Mapping[str, Any], say: Language) -> str:
    if row["decided_by"] == "rule":
        return say("规则")
    if row["status"] == "abstained":
        return say("不评分")
    return {"high": say("较高"), "medium": say("中等"), "low": say("较低")}[row["confidence"]]


def _holder(row: Mapping[str, Any], looker: Looker) -> str:
    until = row["claimed_until"]
    if until is None or datetime.fromisoformat(until) <= looker.now:
        return ""
    if row["claimed_by"] == looker.me:
        return looker.say("您已领取，至 {until} 有效。", until=formats.instant(until)[-5:])
    return looker.say("{who}办理中，至 {until}", who=looker.named(row["claimed_by"]), until=formats.instant(until)[-5:])


def _counted(count: int, say: Language) -> str:
    return say("{count} 件以上", count=MOST_COUNTED) if count > MOST_COUNTED else say("{count} 件", count=count)


def _lanes(chosen: str, say: Language) -> tuple[Option, ...]:
    words = {
        "": say("全部"),
        "urge": say("执前督促"),
        "fast": say("快执"),
        "complex": say("精办"),
        "none": say("暂不分流"),
    }
    return tuple(Option(value, text, value == chosen) for value, text in words.items())


def _stages(chosen: str, say: Language) -> tuple[Option, ...]:
    words = {"": say("全部"), "A": say("立案前"), "B": say("首次查控后")}
    return tuple(Option(value, text, value == chosen) for value, text in words.items())
