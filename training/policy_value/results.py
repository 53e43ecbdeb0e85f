"""Values of policies on the way out: figures with intervals, a verdict for each, and every limit said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from models.utility import Utility
from training.config import PolicyValueSettings
from training.console import Column, Lang, Result
from training.evaluation.measures import Estimate
from training.policy_value.figures import FIGURES, interval
from training.policy_value.grounds import Grounds
from training.policy_value.open_cases import ACTION_WORDS
from training.policy_value.valuing import LOGGED, PolicyValue, Valuation

Row = dict[str, object]
STAGE_WORDS: Mapping[str, tuple[str, str]] = {
    "A": ("A 收到申请时", "A at receipt"),
    "B": ("B 首次查控后", "B after the query"),
}


@dataclass(frozen=True, kw_only=True)
class ValueResults:
    """The valuations of one run, as tables for people and a document for programs."""

    valuations: tuple[Valuation, ...]
    utility: Utility
    settings: PolicyValueSettings
    lang: Lang
    simulated: bool

    def result(self, extra: Mapping[str, object]) -> Result:
        """Return everything that is shown; `extra` joins the document."""
        columns = (
            Column("stage", "阶段", "stage"),
            Column("policy", "政策", "policy"),
            Column("lanes", "去向（件）", "cases by lane"),
            Column("value", "每案价值（元）", "value of a case (yuan)"),
            Column("beside", "与原做法之差（元）", "difference to as decided (yuan)"),
            Column("days", "用时差（日）", "days"),
            Column("yuan", "到位差（元）", "recovered (yuan)"),
            Column("hours", "工时差（小时）", "officer hours"),
            Column("failed", "督促未果差（次）", "failed urgings"),
            Column("verdict", "结论", "verdict"),
        )
        rows = [self._row(one, policy) for one in self.valuations for policy in one.policies]
        grounds = Grounds(self.valuations, self.utility, self.lang, simulated=self.simulated)
        zh, en = self._closing()
        return Result(columns, rows, self.document() | dict(extra), zh, en, self._title(), grounds.tables())

    def document(self) -> dict[str, object]:
        """Return all figures as plain values with stable keys."""
        worth = self.utility
        refused = [(one, policy) for one in self.valuations for policy in one.policies if policy.refused]
        return {
            "data": "模拟 / simulated" if self.simulated else "实际 / real",
            "level": self.settings.level,
            "horizon_days": self.settings.horizon_days,
            "claim_cap": self.settings.claim_cap,
            "utility": {"version": worth.version, "set_by": worth.set_by, "sha256": worth.sha256}
            | {line.name: line.value for line in worth.table()},
            "stages": {str(one.cases.stage): _stage(one) for one in self.valuations},
            "refused": [f"{one.cases.stage}.{policy.name}" for one, policy in refused],
        }

    def _title(self) -> tuple[str, str]:
        mark = ("（模拟）", " (simulated)") if self.simulated else ("", "")
        return f"分流政策的价值{mark[0]}", f"Value of routing policies{mark[1]}"

    def _row(self, one: Valuation, policy: PolicyValue) -> Row:
        words = ACTION_WORDS[one.cases.stage]
        lanes = [f"{self.lang.say(*word)} {n}" for word, n in zip(words, policy.chosen, strict=True) if n]
        lanes += [f"{self.lang.say('照原决定', 'as decided')} {policy.followed}"] if policy.followed else []
        lanes += [f"{self.lang.say('不分流', 'no lane')} {policy.stopped}"] if policy.stopped else []
        beside = policy.beside.get(LOGGED, {})
        row: Row = {name: interval(beside, name) for name in FIGURES if name != "value"}
        return row | {
            "stage": self.lang.say(*STAGE_WORDS[str(one.cases.stage)]),
            "policy": self.lang.say(*policy.words),
            "lanes": "，".join(lanes) if self.lang is Lang.ZH else ", ".join(lanes),
            "value": interval(policy.by.get("dr", {}), "value"),
            "beside": interval(beside, "value"),
            "verdict": self._verdict(policy, beside),
        }

    def _verdict(self, policy: PolicyValue, beside: Mapping[str, Estimate]) -> str:
        if policy.refused:
            why = self.lang.say("；", "; ").join(self.lang.say(one.zh, one.en) for one in policy.overlap.reasons)
            return self.lang.say(f"不出具数字：{why}", f"no figure: {why}")
        if not beside:
            return self.lang.say("作比较的基准", "what the others are compared with")
        return self.lang.say(*_better(beside["value"]))

    def _closing(self) -> tuple[str, str]:
        level, days, cap = f"{self.settings.level:.0%}", f"{self.settings.horizon_days:g}", self.settings.claim_cap
        zh = [
            f"区间为 {level}；后果计到 {days} 日，每案标的至多计 {cap:,.0f} 元。",
            "只比较法律留有选择的案件；其余案件按规则办理，各政策相同。",
            "阶段 A 只改变督促与立案，以后的繁简分流照原决定；阶段 B 只改变查控后的繁简分流。",
        ]
        en = [
            f"Intervals are {level}; consequences count for {days} days, a claim with {cap:,.0f} yuan at most.",
            "Only cases in which the law left a choice are compared; rules decide the others alike under every policy.",
            "Stage A changes urging and filing and then goes on as decided; stage B changes the lane after the query.",
        ]
        if any(one.logged_chances < 1.0 for one in self.valuations):
            zh.append("部分决定的概率没有记录，由模型推算：只有决定时所看的情况都在记录之中，结论才成立。")
            en.append(
                "Some chances were learned, not logged: the result holds only if all that deciders saw is on record."
            )
        if self.simulated:
            zh.append("模拟数据，不得用于评价实际做法。")
            en.append("Simulated data: it says nothing about real practice.")
        return "\n".join(zh), "\n".join(en)


def _stage(one: Valuation) -> Row:
    return {
        "cases": len(one.cases),
        "considered": one.cases.considered,
        "left_out": dict(one.cases.counts),
        "choice_share": one.cases.choice_share,
        "against_the_rules": one.cases.against,
        "chances_logged": one.logged_chances,
        "chances_off": None if one.logged_chances == 1.0 else one.chances_off,
        "baselines": list(one.baselines),
        "policies": {policy.name: _plain(policy, one) for policy in one.policies},
    }


def _plain(policy: PolicyValue, one: Valuation) -> Row:
    words = [en for _, en in ACTION_WORDS[one.cases.stage]]
    return {
        "words": list(policy.words),
        "reads_truth": policy.reads_truth,
        "chosen": dict(zip(words, policy.chosen, strict=True))
        | {"as_decided": policy.followed, "no_lane": policy.stopped},
        "refused": policy.refused,
        "overlap": asdict(policy.overlap),
        "estimates": {key: {name: asdict(e) for name, e in table.items()} for key, table in policy.by.items()},
        "beside": {key: {name: asdict(e) for name, e in table.items()} for key, table in policy.beside.items()},
        "clip_shift": dict(policy.clip_shift),
        "truth": dict(policy.truth),
    }


def _better(difference: Estimate) -> tuple[str, str]:
    if difference.lower > 0.0:
        return "优于原做法", "better than as decided"
    if difference.upper < 0.0:
        return "不如原做法", "worse than as decided"
    return "与原做法无明显差别", "no clear difference to as decided"
