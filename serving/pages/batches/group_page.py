"""One group: its spot check, its cases, the form that decides it, what a decision would do, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from features.register import Register
from models.lifecycle import OVERRIDE_TEXT, OverrideReason
from serving.batches.completing import COMPLETION, LONGEST
from serving.batches.deciding import ADVISED, CHOICES, GroupFile, Plan
from serving.door.problems import PROBLEMS, ProblemError
from serving.pages import formats
from serving.pages.batches.batch_page import GroupRow, group_row
from serving.pages.case.decision import Choice, Fault
from serving.pages.case.history import Named
from serving.pages.case.lanes import advised_words, lane_words
from serving.pages.language import Language
from serving.record.court_settings import ReviewMode

CASES: Final = 100
"""Cases on one page."""
_MOST_NAMED: Final = 50

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case of the group; `apart` when it is set apart, `free` while it can be."""

    advice_id: str
    address: str
    line: int
    number: str
    amount: str
    lane: str
    lane_text: str
    certainty: str
    warnings: str
    state: str
    seen: str
    apart: bool
    free: bool


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One decision about the group, and how far it is carried out; `notice` is where its letter is, if it has one."""

    id: str
    text: str
    by: str
    when: str
    done: str
    waiting: str
    refused: tuple[tuple[str, str, str], ...]
    notice: str


@dataclass(frozen=True, kw_only=True)
class Example:
    """A case that stands for others of its lane."""

    address: str
    number: str
    text: str


@dataclass(frozen=True, kw_only=True)
class GroupPage:
    """Everything on the page of a group."""

    batch_id: str
    code: str
    row: GroupRow
    seed: str
    drawn: tuple[CaseRow, ...]
    unseen: int
    check_text: str
    cases: tuple[CaseRow, ...]
    onward: str
    examples: tuple[Example, ...]
    carried: tuple[Carried, ...]
    running: bool
    may_decide: bool
    barred: str
    one_by_one: str
    lanes: tuple[Choice, ...]
    faults: tuple[Fault, ...]
    simulated: bool

    @property
    def open(self) -> bool:
        """Whether the form to decide is shown."""
        return self.may_decide and not self.barred


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One line of what would happen: what, and how many."""

    text: str
    count: str


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Cases that would not be decided, and why."""

    why: str
    count: str
    numbers: str


@dataclass(frozen=True, kw_only=True)
class DecisionPage:
    """What a decision would do, with the form that sends it.

    `lacking` counts what cases that are sent back lack, `days` are the first
    and the last day until which it may be brought.
    """

    batch_id: str
    code: str
    name: str
    lane: str
    lane_text: str
    total: str
    outcomes: tuple[Outcome, ...]
    left_out: tuple[LeftOut, ...]
    overridden: str
    warned: str
    warnings_checked: bool
    reasons: tuple[Choice, ...]
    look_text: str
    lacking: tuple[Outcome, ...]
    completing: bool
    until: str
    days: tuple[str, str]
    seal: str
    key: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True)
class Looker:
    """Who reads: language, how people are called, whether he may decide, and the present instant."""

    say: Language
    named: Named
    may_decide: bool
    me: str
    now: datetime


@dataclass(frozen=True)
class Sight:
    """In which language a decision is shown, on which day, and what fields are called."""

    say: Language
    today: date
    register: Register


def group_page(
    file: GroupFile,
    cases: Sequence[Row],
    refused: Mapping[str, Sequence[Row]],
    *,
    onward: str,
    problem: ProblemError | None,
    looker: Looker,
) -> GroupPage:
    """Return the page of a group."""
    say, figures = looker.say, json.loads(file.group["figures"])
    row = group_row(file.batch, file.group, mode=file.mode, say=say)
    carried = tuple(_carried(one, refused.get(one["id"], ()), file, looker) for one in file.decisions)
    stage = str((file.batch.figures or {}).get("stage", "A"))
    return GroupPage(
        batch_id=file.batch.id,
        code=file.group["code"],
        row=row,
        seed=str(file.batch.row["seed"]),
        drawn=tuple(_case(one, file, looker) for one in file.drawn),
        unseen=file.unseen,
        check_text=_check_text(file, say),
        cases=tuple(_case(one, file, looker) for one in cases),
        onward=onward,
        examples=() if row.kept_back else tuple(example(one, stage, say) for one in figures["examples"]),
        carried=carried,
        running=any(one.waiting for one in carried),
        may_decide=looker.may_decide,
        barred=_barred(file, say),
        lanes=_choices(file, stage, say),
        one_by_one=_one_by_one(file, say),
        faults=() if problem is None else (Fault("lane", say.pick(problem.problem.zh, problem.problem.en)),),
        simulated=bool((file.batch.figures or {}).get("simulated")),
    )


def decision_page(
    file: GroupFile,
    plan: Plan,
    sent: Mapping[str, str],
    *,
    key: str,
    problem: ProblemError | None,
    sight: Sight,
) -> DecisionPage:
    """Return what a decision would do."""
    say = sight.say
    stage, lane = str((file.batch.figures or {}).get("stage", "A")), sent["lane"]
    return DecisionPage(
        batch_id=file.batch.id,
        code=file.group["code"],
        name=say.pick(file.group["zh"], file.group["en"]),
        lane=lane,
        lane_text=choice_words(lane, stage, say),
        total=formats.count(len(plan.turns)),
        outcomes=tuple(_outcomes(plan, stage, say)),
        left_out=tuple(_left(why, numbers, say) for why, numbers in plan.left_out.items()),
        overridden=formats.count(plan.overridden) if plan.overridden else "",
        warned=formats.count(plan.warned) if plan.warned else "",
        warnings_checked=bool(sent.get("warnings_checked")),
        reasons=tuple(
            Choice(code.value, say.pick(*OVERRIDE_TEXT[code]), ticked=sent.get("reason") == code.value)
            for code in OverrideReason
        ),
        look_text=_check_text(file, say),
        lacking=tuple(_lacks(plan, sight)),
        completing=lane == COMPLETION,
        until=sent.get("until", ""),
        days=((sight.today + timedelta(days=1)).isoformat(), (sight.today + LONGEST).isoformat()),
        seal=plan.seal,
        key=key,
        faults=_faults(problem, say),
    )


def _case(case: Row, file: GroupFile, looker: Looker) -> CaseRow:
    say = looker.say
    hidden = file.mode is ReviewMode.COMMIT_FIRST and case["decided_by"] == "model"
    apart = case["advice_id"] in file.apart
    looks = [one for one in file.looks if one["advice_id"] == case["advice_id"]]
    return CaseRow(
        advice_id=case["advice_id"],
        address=f"/cases/{case['advice_id']}",
        line=case["line"],
        number=case["application_id"],
        amount=formats.amount(case["amount"]),
        lane="none" if hidden else case["route"] or "none",
        lane_text=say("见案件页")
        if hidden
        else advised_words(case["route"], str((file.batch.figures or {}).get("stage", "A")), say),
        certainty=_certainty(case, say),
        warnings=say("数据 {count}", count=case["warnings"]) if case["warnings"] else "",
        state=_state(case, looker, apart=apart),
        seen=looker.say.apart(f"{looker.named(one['by'])} {formats.instant(one['at'])}" for one in looks),
        apart=apart,
        free=case["waits"] is not None and looker.may_decide,
    )


def _certainty(case: Row, say: Language) -> str:
    if case["status"] == "abstained":
        return say("不评分")
    if case["doubtful"]:
        return say("较低")
    return say("规则") if case["decided_by"] == "rule" else "—"


def _state(case: Row, looker: Looker, *, apart: bool) -> str:
    say = looker.say
    if case["waits"] is None:
        return say("已决定或另有新结果")
    until = case["claimed_until"]
    if until is not None and until > looker.now.isoformat(timespec="seconds") and case["claimed_by"] != looker.me:
        return say("{who}办理中，至 {until}", who=looker.named(case["claimed_by"]), until=formats.instant(until)[-5:])
    if apart:
        return say("逐件例外")
    return say("待决定") if case["until"] is None else say("已告知补正，至 {day}", day=case["until"])


def _check_text(file: GroupFile, say: Language) -> str:
    """Return how far the spot check is."""
    seen, of = len(file.drawn) - file.unseen, len(file.drawn)
    return say("抽查 {of} 件，您已看 {seen} 件", of=of, seen=seen)


def _barred(file: GroupFile, say: Language) -> str:
    """Return why nothing can be decided about the group now; empty if it can."""
    if not file.group["waits"]:
        return say("本组没有待决定的案件。")
    if file.group["by"] == "list":
        return say("本组件数较少，请逐件办理。")
    if file.unseen:
        return say("抽查 {count} 件后可成批决定；还有 {left} 件未看。", count=len(file.drawn), left=file.unseen)
    return ""


def _one_by_one(file: GroupFile, say: Language) -> str:
    """Return that no lane may be chosen for the group, where the court wants an opinion on each case; else empty."""
    if file.mode is not ReviewMode.COMMIT_FIRST or file.group["by"] == "list" or not file.group["waits"]:
        return ""
    return say("本院要求先逐件写下意见，去向不能成批决定，请逐件办理；退回补正不涉及去向和预测，可以成批办理。")


def _choices(file: GroupFile, stage: str, say: Language) -> tuple[Choice, ...]:
    """Return what may be chosen for the group; where an opinion comes first, nothing that takes one."""
    lanes = [lane for lane in CHOICES if not (stage == "B" and lane == "urge")]
    lanes = [COMPLETION] if file.mode is ReviewMode.COMMIT_FIRST else lanes
    return tuple(Choice(lane, choice_words(lane, stage, say), ticked=False) for lane in lanes)


def choice_words(lane: str, stage: str, say: Language) -> str:
    """Return what was chosen for a group in words."""
    if lane == ADVISED:
        return say("按各件的建议")
    if lane == COMPLETION:
        return say("退回补正")
    return say("全部{lane}", lane=lane_words(lane, stage, say))


def _outcomes(plan: Plan, stage: str, say: Language) -> list[Outcome]:
    found = []
    for lane, n in sorted(plan.lanes.items(), key=lambda pair: -pair[1]):
        if lane == "urge":
            text = _urged(plan, say)
        elif lane == COMPLETION:
            text = say("退回补正，发补正告知书；案件仍待决定")
        else:
            text = lane_words(lane, stage, say)
        found.append(Outcome(text=text, count=formats.count(n)))
    return found


def _urged(plan: Plan, say: Language) -> str:
    """Return what urging means: until when, and where several windows meet, that each case keeps its own."""
    days = say.listed(formats.day(day, say) for day in plan.urging_ends)
    if len(plan.urging_ends) > 1:
        return say("执前督促，发督促通知；今日开始的督促期按各件收到申请之日的规定，至 {days}", days=days)
    return say("执前督促，发督促通知；今日开始的督促期至 {day}", day=days)


def _lacks(plan: Plan, sight: Sight) -> Iterable[Outcome]:
    """Yield what is missing in how many cases, the commonest first."""
    for name, n in sorted(plan.lacking.items(), key=lambda pair: (-pair[1], pair[0])):
        field = sight.register[name]
        yield Outcome(text=sight.say.pick(field.zh, field.en), count=formats.count(n))


def _left(why: str, numbers: Sequence[str], say: Language) -> LeftOut:
    words = {
        "over": say("已决定，或此后另有新的结果"),
        "apart": say("逐件例外"),
        "taken": say("他人正在办理"),
        "no_lane": say("没有可采纳的建议，逐件办理"),
        "told": say("已告知补正；补正事项只告知一次"),
        "whole": say("没有须由申请人补正的事项"),
    }
    shown = say.listed(numbers[:_MOST_NAMED]) + ("…" if len(numbers) > _MOST_NAMED else "")
    return LeftOut(why=words[why], count=formats.count(len(numbers)), numbers=shown)


def _carried(one: Row, refused: Sequence[Row], file: GroupFile, looker: Looker) -> Carried:
    say, stage = looker.say, str((file.batch.figures or {}).get("stage", "A"))
    text = choice_words(one["lane"], stage, say)
    if one["reason"]:
        text += say("（理由：{reason}）", reason=say.pick(*OVERRIDE_TEXT[OverrideReason(one["reason"])]))
    if one["until"]:
        text += say("（补正期限至 {day}）", day=one["until"])
    return Carried(
        id=one["id"],
        text=text,
        by=looker.named(one["by"]),
        when=formats.instant(one["at"]),
        done=done_words(one, say),
        notice=f"/batches/{file.batch.id}/completions/{one['id']}" if one["until"] and one["done"] else "",
        waiting=formats.count(one["waiting"]) if one["waiting"] else "",
        refused=tuple(
            (row["application_id"], f"/cases/{row['advice_id']}", _problem_words(row["problem"], say))
            for row in refused
        ),
    )


def done_words(one: Row, say: Language) -> str:
    """Return how far a decision about a group is carried out."""
    done, of = formats.count(one["done"]), formats.count(one["cases"])
    if one["until"]:
        return say("已告知补正 {done}/{of} 件", done=done, of=of)
    return say("已决定 {done}/{of} 件", done=done, of=of)


def _problem_words(code: str, say: Language) -> str:
    if code == "DECISION_CONFLICT":
        return say("其间已有人作出决定，未覆盖")
    problem = PROBLEMS[code]
    return say.pick(problem.zh, problem.en)


def example(one: Row, stage: str, say: Language) -> Example:
    """Return a case that stands for others, with why it was chosen."""
    text = say(
        "代表“{lane}”{of} 件：有差别的 {asked} 项情形中 {alike} 项与多数相同；标的额 {claim} 元（中位数 {middle} 元）",
        lane=lane_words(one["lane"], stage, say),
        of=one["of"],
        asked=one["asked"],
        alike=one["alike"],
        claim=formats.amount(one["claim"]),
        middle=formats.amount(one["middle"]),
    )
    return Example(address=f"/cases/{one['advice_id']}", number=one["application_id"], text=text)


def _faults(problem: ProblemError | None, say: Language) -> tuple[Fault, ...]:
    if problem is None:
        return ()
    if problem.problem.code == "DECISION_CONFLICT":
        return (Fault("outcome", say("其间情况有变，尚未提交。以下是最新情况，请再核对。")),)
    return tuple(
        Fault(str(one["pointer"]).removeprefix("/"), str(one[say.pick("message", "message_en")]))
        for one in problem.errors
    )
