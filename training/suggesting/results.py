"""The suggestion on the way out: each value with its evidence, every trial with what it costs, and what to doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from features.register import Stage
from models.rules.loading import base_of
from training.console import Column, Lang, Result
from training.learning.split import day_of
from training.policy_value.figures import interval
from training.suggesting.beside import PROVISIONAL, WINDOW, best_window
from training.suggesting.choosing import Choice
from training.suggesting.suggestion import Suggestion
from training.suggesting.tables import Tables, declared, shown
from training.suggesting.trials import FAST_FIRST, GRIDS, UNUSED, Trial, Values

Row = dict[str, object]
STAGE_OF: Mapping[str, Stage] = {name: stage for stage, axes in GRIDS.items() for name in axes} | dict.fromkeys(
    FAST_FIRST, Stage.B
)


@dataclass(frozen=True)
class SuggestResults:
    """A suggestion as tables for people and a document for programs."""

    found: Suggestion
    lang: Lang

    def result(self, extra: Mapping[str, object]) -> Result:
        """Return everything that is shown; `extra` joins the document."""
        columns = (
            Column("name", "参数", "parameter"),
            Column("current", "现行", "in force"),
            Column("value", "建议", "suggested"),
            Column("within", "重抽样中的最好取值", "best among resamples"),
            Column("gain", "较后案件上每案价值之差（元）", "value on the later cases (yuan a case)"),
            Column("verdict", "说明", "note"),
        )
        rows = [self._parameter(name) for name in self.found.values]
        zh, en = self._closing()
        return Result(
            columns,
            rows,
            self.document() | dict(extra),
            zh,
            en,
            self._title(),
            tuple(Tables(self.found, self.lang).tables()),
        )

    def notes(self) -> dict[str, str]:
        """Return in a few words what each value of the draft replaces, and where it comes from."""
        now = {name: self._shown(name, value) for name, value in self.found.current.items()}
        before = {name: self.lang.say(f"现行 {now[name]}；", f"in force: {now[name]}; ") for name in self.found.changed}
        return {name: before.get(name, "") + self._note(name) for name in self.found.values}

    def document(self) -> dict[str, object]:
        """Return all figures as plain values with stable keys."""
        found, asked = self.found, self.found.asked
        return {
            "data": "模拟 / simulated" if asked.history.simulated else "实际 / real",
            "signed_by": "",
            "in_force_from": asked.on.isoformat(),
            "current": _known(found.current),
            "suggested": _known(found.values),
            "extends": base_of(found.table.texts),
            "changed": _known(found.changed),
            "places": {"source": asked.places.source, "a_week": asked.places.document()},
            "stages": {str(stage): _choice(one) for stage, one in found.choices.items()},
            "untold": {str(stage): one.refusal.code for stage, one in found.untold.items()},
            "windows": [asdict(one) for one in found.windows],
            "provisional": [asdict(one) for one in found.provisional],
            "fast_closed_by_day": dict(found.clocks),
            "utility": {line.name: line.value for line in asked.utility.table()},
        }

    def _title(self) -> tuple[str, str]:
        simulated = self.found.asked.history.simulated
        mark = ("（模拟，未签署）", " (simulated, unsigned)") if simulated else ("（未签署）", " (unsigned)")
        return f"建议的分流参数{mark[0]}", f"Suggested thresholds{mark[1]}"

    def _closing(self) -> tuple[str, str]:
        level = f"{self.found.asked.settings.policy_value.level:.0%}"
        scarce = f"{self.found.asked.settings.policy_value.scarce_hour:,.0f}"
        zh = [
            "取值在较早的案件上选定，差额在较后的案件上另行估计：最好者在选定时的数字总是偏高，不可引用。",
            "较早案件上最好者得到较后案件印证的，建议取全部案件上最好的一组，差额仍是印证时的数字；",
            "得不到印证的，取不明显差于最好者之中离现行最近的一组：可能出于偶然的差别不作为改动的理由。",
            f"选取值时权重收得更窄，一小时另计 {scarce} 元（一案多用的工时由别案等候）；所列差额不含这两项。",
            f"区间为 {level}；后果按以往实际结果估计，对以往没有人试过的做法不作估计。",
            "督促期以往没有不同做法可比，按评分推算的只供参考，维持现行；暂定标准按评分推算；快执时钟不作建议。",
            "草案未签署，须由人核定、签署后方可施行。",
        ]
        en = [
            "Values are chosen on earlier cases and measured on later ones: what wins looks too good where it won.",
            "Where later cases confirm the best, the best on all cases is suggested; the figure is that of the test.",
            "Else suggested is what lies nearest to the values in force and is not clearly worse than the best.",
            f"Where values are chosen an hour costs {scarce} yuan more, for others wait; not so in the differences.",
            f"Intervals are {level}; consequences are what happened, and nothing is said of what nobody ever tried.",
            "The window never varied: what scores say of others is shown, and it stays; so do the fast clocks.",
            "The draft is unsigned: a person has to decide on it and sign it.",
        ]
        if self.found.asked.history.simulated:
            zh.append("模拟数据，不得用于办案。")
            en.append("Simulated data: not for real cases.")
        return "\n".join(zh), "\n".join(en)

    def _parameter(self, name: str) -> Row:
        found, choice = self.found, self._choice_of(name)
        within = None if choice is None else choice.within[name]
        return {
            "name": f"{self.lang.say(*declared(found, name).text)}（{name}）",
            "current": self._shown(name, found.current[name]),
            "value": self._shown(name, found.values[name]),
            "within": None if within is None else " – ".join(self._shown(name, one) for one in within),
            "gain": None if choice is None else interval(_honest(choice).later, "value"),
            "verdict": self._note(name),
        }

    def _note(self, name: str) -> str:
        say, choice = self.lang.say, self._choice_of(name)
        if choice is None:
            return self._beside(name)
        if choice.contradicted:
            tried = self._shown(name, choice.suggested.values[name])
            return say(
                f"维持现行：较早案件选出 {tried}，较后案件上明显更差",
                f"kept: {tried} won on earlier cases and is clearly worse on later ones",
            )
        gain = _honest(choice).later["value"]
        crowded = (
            say("；各种取值都超出名额，取超出最少者", "; no value has room, this one lacks least")
            if choice.crowded
            else ""
        )
        if choice.taken == 0:
            best = self._shown(name, choice.trials[choice.best].values[name])
            zh, en = (
                f"维持现行：最好的取值（{best}）也不明显更好",
                f"kept: even the best ({best}) is not clearly better",
            )
            return say(zh, en) + crowded
        if gain.lower > 0.0:
            return say("较后案件上明显更好", "clearly better on later cases") + crowded
        if choice.confirmed:
            return say("较后案件印证，全部案件上明显更好", "later cases agree, clearly better on all") + crowded
        return say("较后案件上看不出明显差别", "no clear difference on later cases") + crowded

    def _beside(self, name: str) -> str:
        say, moved = self.lang.say, name in self.found.changed
        untold = self.found.untold.get(STAGE_OF.get(name, Stage.A))
        if name == WINDOW and self.found.windows:
            best = best_window(self.found.windows)
            return (
                say("维持现行：按评分推算没有更好的", "kept: none is better by the scores")
                if best is None
                else say(
                    f"维持现行：按评分推算 {best:g} 日较好，但从未试过",
                    f"kept: {best:g} is better by the scores, never tried",
                )
            )
        if name == PROVISIONAL and self.found.provisional and moved:
            return say(
                "与查控后的去向更一致；立案前不影响价值", "agrees better with the later lane; no value hangs on it"
            )
        if name == PROVISIONAL and self.found.provisional:
            return say("维持现行：换一个标准也不更一致", "kept: no other agrees clearly better with the later lane")
        return "" if untold is None else say(untold.detail_zh, untold.detail_en)

    def _choice_of(self, name: str) -> Choice | None:
        return self.found.choices.get(STAGE_OF[name]) if name in STAGE_OF else None

    def _shown(self, name: str, value: float) -> str:
        return shown(self.found, name, value)


def _choice(one: Choice) -> Row:
    return {
        "cases": dict(one.cases),
        "split_on": day_of(one.split_on).isoformat(),
        "best": _known(one.trials[one.best].values),
        "taken": _known(one.suggested.values),
        "confirmed": one.confirmed,
        "contradicted": one.contradicted,
        "crowded": one.crowded,
        "within": {name: [_finite(one) for one in span] for name, span in one.within.items()},
        "otherwise": [{"en": o.en, "best": _known(o.best.values), "loss": o.loss} for o in one.otherwise],
        "trials": [_plain(trial) for trial in one.trials],
    }


def _known(values: Values) -> dict[str, float | None]:
    """Return values as they are written down: None for what the table in force does not look at."""
    return {name: _finite(value) for name, value in values.items()}


def _finite(value: float) -> float | None:
    return None if value == UNUSED else value


def _honest(choice: Choice) -> Trial:
    """Return the trial whose figures on later cases took no part in choosing it."""
    return choice.trials[choice.best] if choice.confirmed else choice.suggested


def _plain(one: Trial) -> Row:
    return {
        "values": _known(one.values),
        "lanes": list(one.lanes),
        "chosen": {name: asdict(e) for name, e in one.chosen.items()},
        "later": {name: asdict(e) for name, e in one.later.items()},
        "week": {str(lane): units for lane, units in one.week.items()},
        "over": one.over,
        "weeks_over": one.weeks_over,
        "reasons": [reason.code for reason in one.reasons],
    }
