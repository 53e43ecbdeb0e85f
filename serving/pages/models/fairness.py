"""Kinds of people side by side: what was predicted of them, what happened, and what was decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.evidence import Group, ScoreEvidence
from models.explain.reasons import per_hundred
from serving.pages import formats
from serving.pages.language import Language


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """One kind of people; figures are words already, `--` where there are too few cases for one."""

    name: str
    n: int
    predicted: str
    observed: str
    interval: str
    gap: str
    urged: str
    changed: str
    notice: str
    few: bool


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """The block; without `lines` the sentence says why there are none."""

    sentence: str
    lines: tuple[GroupLine, ...]

    @property
    def shown(self) -> bool:
        """Whether there is a table."""
        return bool(self.lines)


def fairness_of(evidence: ScoreEvidence | None, *, urged: bool, say: Language) -> Fairness:
    """Return the block; without `urged` the share of urged cases says nothing: all of them were, or none could be."""
    groups = None if evidence is None else evidence.groups
    if groups is None:
        return Fairness(sentence=say("未随模型提供。用 fenliu evaluate 重新评估后显示。"), lines=())
    return Fairness(sentence=sentence_of(groups, say), lines=tuple(_line(one, urged=urged, say=say) for one in groups))


def sentence_of(groups: Sequence[Group], say: Language) -> str:
    """Return who is predicted otherwise than it went, beyond chance, with enough cases; of the rest what is known."""
    told = [one for one in groups if _apart(one)]
    if told:
        return say("预测与实际不符的组别：{names}。", names=say.apart(_told(one, say) for one in told))
    if all(one.few for one in groups):
        return say("各组案件都不足 100 件，不作结论。")
    return say("案件在 100 件以上的组别，预测都在实际的 95% 区间之内。")


def group_name(group: Group, say: Language) -> str:
    """Return what a group is called."""
    known = {
        ("debtor", "person"): say("自然人和个体工商户"),
        ("debtor", "firm"): say("企业和其他组织"),
        ("debtor", "unknown"): say("被执行人类型未知"),
        ("age", "under_60"): say("不满 60 岁"),
        ("age", "from_60"): say("60 岁以上"),
        ("age", "unknown"): say("年龄未知"),
        ("gender", "F"): say("女"),
        ("gender", "M"): say("男"),
        ("gender", "unknown"): say("性别未知"),
        ("origin", "local"): say("户籍在本市"),
        ("origin", "elsewhere"): say("户籍在外地"),
        ("origin", "unknown"): say("户籍未知"),
    }
    return known.get((group.by, group.part), f"{group.by} {group.part}")


def _apart(group: Group) -> bool:
    """Whether the prediction lies outside the interval of what happened, with enough cases to say so."""
    if group.predicted is None or group.lower is None or group.upper is None:
        return False
    return not group.few and not group.lower <= group.predicted <= group.upper


def _told(group: Group, say: Language) -> str:
    return say("{name}{how} {by}", name=group_name(group, say), how=_how(group, say), by=abs(_gap(group)))


def _how(group: Group, say: Language) -> str:
    return say("预测偏高") if _gap(group) > 0 else say("预测偏低")


def _gap(group: Group) -> int:
    return per_hundred(group.predicted or 0.0) - per_hundred(group.observed or 0.0)


def _line(group: Group, *, urged: bool, say: Language) -> GroupLine:
    shown = group.predicted is not None
    notice = say("样本少，不作结论") if group.few else ""
    if _apart(group):
        notice = say("关注：{how}", how=_how(group, say))
    return GroupLine(
        name=group_name(group, say),
        n=group.n,
        predicted=_of_hundred(group.predicted),
        observed=_of_hundred(group.observed),
        interval=f"{_of_hundred(group.lower)}–{_of_hundred(group.upper)}" if shown else "--",
        gap=formats.signed(_gap(group)) if shown else "--",
        urged=formats.percent(group.urged, group.decided) if urged else "--",
        changed=formats.percent(group.changed, group.proposed),
        notice=notice,
        few=group.few,
    )


def _of_hundred(value: float | None) -> str:
    return "--" if value is None else str(per_hundred(value))
