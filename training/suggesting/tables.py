"""What stands behind a suggestion: every trial with what it costs, other values, window, clocks, cases and places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.register import Stage
from models.lanes import Lane, lane_text
from models.rules.rule import Parameter
from training.console import Column, Lang, Result
from training.learning.split import day_of
from training.policy_value.figures import FIGURES, interval
from training.policy_value.grounds import utility_table
from training.policy_value.open_cases import ACTION_WORDS
from training.suggesting.choosing import Choice
from training.suggesting.evidence import CHOSEN, LATER
from training.suggesting.places import TAKEN
from training.suggesting.suggestion import Suggestion
from training.suggesting.trials import UNUSED, Trial

Row = dict[str, object]


def declared(found: Suggestion, name: str) -> Parameter:
    """Return what the law declares of a parameter: its wording, type and bounds."""
    return next(one for one in found.asked.rules.declared if one.name == name)


def shown(found: Suggestion, name: str, value: float) -> str:
    """Return a value of a parameter as it is shown; a dash where the table in force does not look at it."""
    if value == UNUSED:
        return "—"
    return f"{value:.2f}" if declared(found, name).type == "chance" else f"{value:,.0f}"


@dataclass(frozen=True)
class Tables:
    """The tables of a suggestion."""

    found: Suggestion
    lang: Lang

    def tables(self) -> Iterator[Result]:
        """Yield them in the order in which they are read."""
        for choice in self.found.choices.values():
            yield self._trade_off(choice)
            yield self._otherwise(choice)
        if self.found.windows:
            yield self._windows()
        if self.found.provisional:
            yield self._provisional()
        if self.found.clocks:
            yield self._clocks()
        yield self._cases()
        yield utility_table(self.found.asked.utility, self.lang)

    def _trade_off(self, choice: Choice) -> Result:
        lanes = [lane for lane in TAKEN if (lane is Lane.URGE) == (choice.stage is Stage.A)]
        columns = (
            Column("mark", "", ""),
            *self._columns(choice),
            Column("lanes", "去向（件）", "open cases by lane"),
            Column("chosen", "较早案件：价值差（元/案）", "earlier cases: value (yuan a case)"),
            Column("later", "较后案件：价值差（元/案）", "later cases: value (yuan a case)"),
            *(Column(f, f"{w.zh}差（{w.unit}/案）", w.en) for f, w in FIGURES.items() if f != "value"),
            *(Column(str(one), f"{lane_text(one, Stage.B)[0]}（每周）", f"{one} a week") for one in lanes),
            Column("over", "超出名额（每周）", "without a place a week"),
            Column("weeks_over", "超出的周", "weeks beyond"),
            Column("why", "备注", "note"),
        )
        rows = [self._trial(choice, one) for one in _shown_of(choice)]
        stage = self.lang.say(f"阶段 {choice.stage}", f"stage {choice.stage}")
        zh = f"{stage}：取值与代价（★ 较早案件上最好，◆ 建议，● 现行；差额均与现行相比）"
        en = f"{stage}: values and what they cost (★ best on earlier cases, ◆ suggested, ● in force, differences to it)"
        return Result(columns, rows, title=(zh, en))

    def _columns(self, choice: Choice) -> Iterator[Column]:
        for name in choice.current.values:
            yield Column(name, *declared(self.found, name).text)

    def _trial(self, choice: Choice, one: Trial) -> Row:
        words = ACTION_WORDS[choice.stage]
        lanes = [f"{self.lang.say(*word)} {n}" for word, n in zip(words, one.lanes, strict=False) if n]
        lanes += [f"{self.lang.say('由法官定', 'to the judge')} {one.lanes[-1]}"] if one.lanes[-1] else []
        known = not one.reasons
        marks = (("★", choice.trials[choice.best]), ("◆", choice.suggested), ("●", choice.current))
        mark = "".join(sign for sign, marked in marks if one is marked)
        why = "；".join(self.lang.say(reason.zh, reason.en) for reason in one.reasons)
        row: Row = {name: shown(self.found, name, value) for name, value in one.values.items()}
        row |= {name: interval(one.later, name) if known else None for name in FIGURES if name != "value"}
        row |= {str(lane): f"{units:,.1f}" for lane, units in one.week.items()}
        return row | {
            "mark": mark,
            "lanes": "，".join(lanes),
            "chosen": interval(one.chosen, "value") if known else None,
            "later": interval(one.later, "value") if known else None,
            "over": f"{one.over:,.1f}",
            "weeks_over": f"{one.weeks_over:.0%}",
            "why": why,
        }

    def _otherwise(self, choice: Choice) -> Result:
        columns = (
            Column("what", "价值如改为", "if values were"),
            *self._columns(choice),
            Column("loss", "建议值因此少得（元/案）", "the suggestion then loses (yuan a case)"),
        )
        rows: list[Row] = [
            {
                **{name: shown(self.found, name, value) for name, value in one.best.values.items()},
                "what": self.lang.say(one.zh, one.en),
                "loss": f"{one.loss:,.0f}",
            }
            for one in choice.otherwise
        ]
        zh, en = (
            f"阶段 {choice.stage}：价值表不同时会怎样选",
            f"Stage {choice.stage}: what another utility would choose",
        )
        return Result(columns, rows, title=(zh, en))

    def _windows(self) -> Result:
        columns = (
            Column("window", "督促期（日）", "window (days)"), Column("urged", "督促（件）", "urged"),
            Column("paid", "百件督促期内自动履行", "of 100 urged, paid in it"),
            Column("days", "用时差（日）", "days"), Column("hours", "工时差（小时）", "officer hours"),
            Column("failed", "督促未果差（次）", "failed urgings"),
            Column("value", "与现行之差（元/案，按评分）", "to the one in force (yuan a case, by scores)"),
        )  # fmt: skip
        rows: list[Row] = [
            {
                "window": f"{one.days:g}", "urged": one.urged,
                "paid": None if one.paid is None else f"{100 * one.paid:.1f}",
                **{name: f"{change:+.{FIGURES[name].digits}f}" for name, change in one.changes.items()},
                "value": interval({"value": one.value}, "value"),
            }
            for one in self.found.windows
        ]  # fmt: skip
        zh = "首行为现行。按评分推算，没有不同督促期的实际案件可比；区间只含案件构成的误差。"
        en = "The first is in force. By the scores: no other window was tried; intervals hold the mix of cases only."
        return Result(columns, rows, zh=zh, en=en, title=("督促期", "The urging window"))

    def _provisional(self) -> Result:
        columns = (
            Column("threshold", "暂定快执标准", "threshold"), Column("agrees", "与查控后一致", "agrees"),
            Column("cases", "件数", "cases"),
        )  # fmt: skip
        rows: list[Row] = [
            {"threshold": f"{one.threshold:.2f}", "agrees": f"{one.agrees:.1%}", "cases": one.cases}
            for one in self.found.provisional
        ]
        zh, en = (
            "首行为现行。立案前快执、精办都是立案，此标准不影响价值。",
            "The first is in force. No value hangs on it.",
        )
        return Result(columns, rows, zh=zh, en=en, title=("立案前的暂定标准", "The provisional threshold"))

    def _clocks(self) -> Result:
        columns = (
            Column("day", "立案后（日）", "days after filing"),
            Column("share", "快执案件已结", "fast cases closed"),
        )
        rows: list[Row] = [{"day": f"{day:g}", "share": f"{share:.1%}"} for day, share in self.found.clocks]
        zh = "快执时钟以往没有变化，换一个时钟会怎样无从估计，维持现行；上表供参考。"
        en = "The fast clocks never varied, so nothing is known of others: they stay. The table is for orientation."
        return Result(columns, rows, zh=zh, en=en, title=("快执案件的办结", "Closing of fast cases"))

    def _cases(self) -> Result:
        columns = (Column("what", "依据", "basis"), Column("value", "", ""))
        say, asked = self.lang.say, self.found.asked
        rows: list[Row] = []
        for stage, one in self.found.choices.items():
            day = day_of(one.split_on)
            zh, en = f"阶段 {stage}：选定所用案件（{day} 以前收到）", f"stage {stage}: cases chosen on (before {day})"
            rows.append({"what": say(zh, en), "value": one.cases[CHOSEN]})
            zh, en = f"阶段 {stage}：另行估计所用案件（{day} 起收到）", f"stage {stage}: cases measured on (from {day})"
            rows.append({"what": say(zh, en), "value": one.cases[LATER]})
        for stage, error in self.found.untold.items():
            name = say(f"阶段 {stage} 不能估计", f"stage {stage} cannot be told")
            rows.append({"what": name, "value": say(error.detail_zh, error.detail_en)})
        source = asked.places.source or say("未给出，不限", "not given: no limit")
        rows.append({"what": say("每周名额", "places a week"), "value": source})
        return Result(columns, rows, title=("所依据的案件和名额", "Cases and places behind it"))


def _shown_of(choice: Choice) -> Sequence[Trial]:
    """Return the trials that people are shown: those marked, and what differs from the suggestion in one value."""
    best, named = choice.suggested, {choice.best, choice.taken, 0}
    near = [
        one
        for place, one in enumerate(choice.trials)
        if place in named or sum(one.values[n] != best.values[n] for n in best.values) == 1
    ]
    return sorted(near, key=lambda one: tuple(one.values.values()))
