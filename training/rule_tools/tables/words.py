"""Words for what rules ask, what they do and when: one clause in each language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from features.register import Stage
from models.lanes import Lane, lane_text
from models.rules.rule import Kind, OnUnknown, Rule, Text, Unit

STAGES: Mapping[frozenset[Stage], Text] = MappingProxyType(
    {
        frozenset((Stage.A,)): Text("立案前", "before filing"),
        frozenset((Stage.B,)): Text("查控后", "after the query"),
        frozenset(Stage): Text("立案前、查控后", "before filing and after the query"),
        frozenset[Stage](): Text("办理中", "while the case runs"),
    }
)
DOES: Mapping[Kind, Text] = MappingProxyType(
    {
        Kind.HARD_STOP: Text("不分流，交人工处理", "no lane; a person takes over"),
        Kind.HARD_LANE: Text("不评分，直接归入{lane}", "not scored; straight to {lane}"),
        Kind.HARD_OFFER: Text("优先建议，归入{lane}", "offered first; {lane}"),
        Kind.BLOCK_URGE: Text("不得督促", "urging is forbidden"),
        Kind.FLAG: Text("只作提示，不改变分流", "a hint; the lane is not changed"),
        Kind.GROUPING: Text("归并办理，不改变分流", "kept together; the lane is not changed"),
        Kind.PRIORITY: Text(
            "办理次序第 {rank} 位，不改变分流", "place {rank} in the order of work; the lane is not changed"
        ),
        Kind.MODEL: Text("条件成立的归入{lane}", "goes to {lane} where it is met"),
        Kind.LIFECYCLE: Text("办理中随事件处理", "acts on what happens while the case runs"),
    }
)
KINDS: Mapping[Kind, Text] = MappingProxyType(
    {
        Kind.HARD_STOP: Text("不分流", "stop"),
        Kind.HARD_LANE: Text("直接定道", "fixed lane"),
        Kind.HARD_OFFER: Text("优先建议", "first offer"),
        Kind.BLOCK_URGE: Text("不得督促", "no urging"),
        Kind.FLAG: Text("提示", "hint"),
        Kind.GROUPING: Text("归并", "grouping"),
        Kind.PRIORITY: Text("办理次序", "order of work"),
        Kind.MODEL: Text("分道标准", "lane standard"),
        Kind.LIFECYCLE: Text("办理过程", "lifecycle"),
    }
)

UNITS: Mapping[Unit, Text] = MappingProxyType(
    {
        Unit.DAYS: Text("日", "days"),
        Unit.WORKING_DAYS: Text("个工作日", "working days"),
        Unit.MONTHS: Text("个月", "months"),
    }
)
"""Units of time limits."""

ASKS: Mapping[str, Text] = MappingProxyType(
    {
        "is_true": Text("{fact}：是", "{fact}: yes"),
        "is_false": Text("{fact}：否", "{fact}: no"),
        "one_of": Text("{fact}为：{codes}", "{fact} is one of: {codes}"),
        "none_of": Text("{fact}不是：{codes}", "{fact} is none of: {codes}"),
        "at_least": Text("{fact}不低于 {value}", "{fact} is at least {value}"),
        "at_most": Text("{fact}不超过 {value}", "{fact} is at most {value}"),
        "above": Text("{fact}多于 {value}", "{fact} is above {value}"),
        "below": Text("{fact}少于 {value}", "{fact} is below {value}"),
        "between": Text("{fact}不低于 {low}、不超过 {high}", "{fact} is from {low} to {high}"),
        "covers_due": Text("{fact}足以清偿应履行总额", "{fact} covers the amount due"),
        "after_today": Text("{fact}在当日之后", "{fact} is after the day"),
        "today_or_before": Text("{fact}不晚于当日", "{fact} is not after the day"),
        "received_after_days": Text(
            "收到申请时{fact}届满已逾 {value} 日（遇休假日顺延）",
            "received more than {value} days after {fact}, holidays considered",
        ),
        "limitation_over": Text("申请执行时效已过（遇休假日顺延）", "limitation has passed, holidays considered"),
        "not_passed": Text("{fact}尚未届满", "{fact} has not passed"),
        "passed_days": Text("{fact}已满 {value} 日", "{value} days have passed since {fact}"),
        "passed_working_days": Text("{fact}已满 {value} 个工作日", "{value} working days have passed since {fact}"),
        "passed_months": Text("{fact}已满 {value} 个月", "{value} months have passed since {fact}"),
        "over_days": Text("{fact}已超过 {value} 日", "more than {value} days have passed since {fact}"),
        "over_working_days": Text(
            "{fact}已超过 {value} 个工作日", "more than {value} working days have passed since {fact}"
        ),
        "over_months": Text("{fact}已超过 {value} 个月", "more than {value} months have passed since {fact}"),
        "within_days": Text("距{fact}不足或恰为 {value} 日", "{fact} is at most {value} days off"),
        "at_least_share": Text("{fact}不低于{of}的 {share} 倍", "{fact} is at least {share} times {of}"),
        "at_most_by": Text("{fact}不超过按{by}分别规定的数额：{value}", "{fact} is at most, by {by}: {value}"),
        "below_by": Text("{fact}少于按{by}分别规定的数额：{value}", "{fact} is below, by {by}: {value}"),
        "at_least_by": Text("{fact}不低于按{by}分别规定的数额：{value}", "{fact} is at least, by {by}: {value}"),
        "above_by": Text("{fact}多于按{by}分别规定的数额：{value}", "{fact} is above, by {by}: {value}"),
        "cause_in": Text("{fact}列于：{causes}", "{fact} is listed: {causes}"),
        "bankrupt": Text(
            "{fact}为：{codes}（自然人未登记的按无）", "{fact} is one of: {codes} (a person without an entry: none)"
        ),
        "nothing_to_claim": Text("金钱给付且{fact}不大于零", "relief is money and {fact} is not above zero"),
        "text_in": Text("{fact}为：{texts}", "{fact} is one of: {texts}"),
        "text_contains": Text("{fact}含下列文字之一：{texts}", "{fact} contains one of: {texts}"),
        "text_starts": Text("{fact}以下列文字开头：{texts}", "{fact} starts with: {texts}"),
        "clock_passed": Text(
            "{fact}超过期限：{cash_days}、{wage_days}、{other_days}",
            "{fact} exceeds the limit: {cash_days}, {wage_days}, {other_days}",
        ),
        "cannot_check": Text("{fact}：系统不能核对，须人工核对", "{fact}: not checked by the system; a person must"),
        "by_event": Text("按办理中发生的事件（{fact}）", "by events of the running case ({fact})"),
        "always": Text("凡不符合前列标准的", "whatever fits no standard before it"),
    }
)
"""What each test asks; a test that is not listed is shown by its name and parameters."""


def does(rule: Rule) -> Text:
    """Return what a rule does when it is met, and what it does when its facts are missing."""
    lane = lane_text(rule.lane, Stage.B) if rule.lane is not None else ("", "")
    words = zip(DOES[rule.kind], lane, strict=True)
    zh, en = (one.replace("{lane}", name).replace("{rank}", str(rule.rank)) for one, name in words)
    if rule.kind is Kind.LIFECYCLE and rule.lane is Lane.COMPLEX:
        zh, en = "期限届满，转入精办", "time over: moved to the complex lane"
    if rule.on_unknown is OnUnknown.BLOCK_URGE:
        return Text(f"{zh}；事实不明时同样不得督促", f"{en}; no urging while facts are missing either")
    return Text(zh, en)


def stages(rule: Rule) -> Text:
    """Return when a rule is looked at."""
    return STAGES[rule.stages]
