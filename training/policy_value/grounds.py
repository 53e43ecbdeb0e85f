"""What the values of policies rest on: methods side by side, overlap, chances, cases left out, the utility used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.utility import Utility
from training.console import Column, Lang, Result
from training.policy_value.estimators import ESTIMATORS
from training.policy_value.figures import FIGURES, interval
from training.policy_value.open_cases import LEFT_OUT
from training.policy_value.valuing import LOGGED, PolicyValue, Valuation

Row = dict[str, object]
STAGE = Column("stage", "阶段", "stage")
POLICY = Column("policy", "政策", "policy")


@dataclass(frozen=True)
class Grounds:
    """The valuations of one run, and the utility that priced them."""

    valuations: tuple[Valuation, ...]
    utility: Utility
    lang: Lang
    simulated: bool

    def tables(self) -> tuple[Result, ...]:
        """Return the tables in the order in which they are read."""
        return (
            self._methods(),
            self._rivals(),
            self._overlap(),
            self._chances(),
            self._cases(),
            utility_table(self.utility, self.lang),
        )

    def _start(self, one: Valuation, policy: PolicyValue) -> Row:
        return {"stage": str(one.cases.stage), "policy": self.lang.say(*policy.words)}

    def _methods(self) -> Result:
        columns = (
            STAGE,
            POLICY,
            *(Column(key, f"{one.zh}（元）", f"{one.en} (yuan)") for key, one in ESTIMATORS.items()),
            Column("shift", "截断权重的影响（元）", "effect of cutting weights (yuan)"),
            *([Column("truth", "模拟真值（元）", "simulated truth (yuan)")] if self.simulated else []),
        )
        rows = [self._method(one, policy) for one in self.valuations for policy in one.policies]
        zh = "以双重稳健为准。模型推算的区间不含模型自身的误差，偏窄；三者相差很大时应查明原因。"
        zh += "截断权重使结果偏向模型推算，影响如表。"
        en = "Use the doubly robust figure. The direct method's interval leaves out the models' own error: too narrow."
        en += " Cutting weights leans on the models' word, by as much as shown."
        return Result(columns, rows, zh=zh, en=en, title=("三种估计", "Three estimates"))

    def _method(self, one: Valuation, policy: PolicyValue) -> Row:
        shift = f"{policy.clip_shift['value']:,.0f}" if policy.clip_shift else None
        truth = f"{policy.truth['value']:,.0f}" if policy.truth else None
        found = {key: interval(policy.by.get(key, {}), "value") for key in ESTIMATORS}
        return {**self._start(one, policy), **found, "shift": shift, "truth": truth}

    def _rivals(self) -> Result:
        columns = (
            STAGE,
            POLICY,
            Column("rival", "相比", "compared with"),
            *(Column(name, f"{f.zh}（{f.unit}）", f.en) for name, f in FIGURES.items()),
        )
        rows: list[Row] = [
            {**self._start(one, policy), "rival": self.lang.say(*one.of(rival).words)}
            | {name: interval(found, name) for name in FIGURES}
            for one in self.valuations
            for policy in one.policies
            for rival, found in policy.beside.items()
        ]
        return Result(columns, rows, title=("政策之差（每案，成对）", "Differences of policies (per case, paired)"))

    def _overlap(self) -> Result:
        columns = (
            STAGE,
            POLICY,
            Column("lane", "去向", "lane"),
            Column("chosen", "该政策归入（件）", "chosen"),
            Column("agreeing", "以往同样办理（件）", "decided alike"),
            Column("effective", "有效件数", "effective cases"),
            Column("largest", "最大权重占比", "largest weight share"),
            Column("outside", "超出以往范围", "outside the log"),
            Column("changed", "占拟改变者", "of what it would change"),
            Column("clipped", "权重被截断", "weights cut"),
        )
        rows = [row for one in self.valuations for policy in one.policies for row in self._lanes(one, policy)]
        return Result(columns, rows, title=("可比程度", "Overlap"))

    def _lanes(self, one: Valuation, policy: PolicyValue) -> Iterator[Row]:
        cover = policy.overlap
        for lane in cover.lanes:
            yield {
                **self._start(one, policy), "lane": self.lang.say(lane.zh, lane.en),
                "chosen": lane.chosen, "agreeing": lane.agreeing, "effective": f"{lane.effective:,.0f}",
                "largest": f"{lane.largest:.1%}", "outside": f"{cover.outside:.1%}",
                "changed": f"{cover.outside_changed:.1%}", "clipped": f"{cover.clipped:.1%}",
            }  # fmt: skip

    def _chances(self) -> Result:
        tenths = [f"{i / 10:.1f}–{(i + 1) / 10:.1f}" for i in range(10)]
        columns = (STAGE, POLICY, *(Column(name, name, name) for name in tenths))
        rows: list[Row] = [
            self._start(one, policy) | dict(zip(tenths, policy.overlap.histogram, strict=True))
            for one in self.valuations
            for policy in one.policies
            if policy.name != LOGGED
        ]
        title = ("该政策的选择在以往有多大可能（件）", "How likely the policy's choices were (cases)")
        return Result(columns, rows, title=title)

    def _cases(self) -> Result:
        columns = (STAGE, Column("what", "案件", "cases"), Column("count", "件数", "count"))
        rows: list[Row] = [
            {"stage": str(one.cases.stage), "what": self.lang.say(*words), "count": count}
            for one in self.valuations
            for words, count in _counts(one)
        ]
        return Result(columns, rows, title=("比较所用的案件", "The cases compared on"))


def _counts(one: Valuation) -> Iterator[tuple[tuple[str, str], object]]:
    """Yield what each count is called, and the count."""
    cases = one.cases
    yield ("期间内收到", "received in the period"), cases.considered
    for name, (zh, en) in LEFT_OUT.items():
        if cases.counts[name]:
            yield (f"除去：{zh}", f"less: {en}"), cases.counts[name]
    yield ("用于比较", "compared on"), len(cases)
    yield ("法律留有选择的占已决定案件", "share of decided cases with a choice"), f"{cases.choice_share:.1%}"
    if cases.against:
        yield ("以往决定与所用规则表不符", "decided against the rule table used"), cases.against
    yield ("决定概率有记录的", "with a logged chance"), f"{one.logged_chances:.1%}"
    if one.logged_chances < 1.0:
        yield ("推算概率的平均偏差", "mean error of learned chances"), f"{one.chances_off:.3f}"


def utility_table(utility: Utility, lang: Lang) -> Result:
    """Return the figures of the utility that was used, each with its unit and who set it."""
    columns = (
        Column("what", "项目", "item"), Column("value", "取值", "value"), Column("unit", "单位", "unit"),
        Column("basis", "依据", "basis"),
    )  # fmt: skip
    own, assumed = lang.say("本院设定", "set by the court"), lang.say("出厂假定", "shipped assumption")
    rows = [
        {
            "what": lang.say(line.zh, line.en), "value": line.value, "unit": line.unit,
            "basis": assumed if line.assumption else own,
        }
        for line in utility.table()
    ]  # fmt: skip
    told = f"{utility.version}：{utility.set_by}"
    return Result(columns, rows, zh=told, en=told, title=("所用的价值表", "The utility table used"))
