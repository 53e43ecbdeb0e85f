"""One rule file while it is read: what it says, and every fault in it, named instead of only the first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from features.register import Stage
from models.rules.result import Met
from models.rules.rule import NO_TEXT, Limit, Parameter, ParameterSet, Published, Rule, RuleFault, Text
from models.strict_table import Reading, Table, is_plain, written

_CHINESE = re.compile(r"[\u4e00-\u9fff]")

ANSWERS: tuple[Met, ...] = ("met", "not_met", "unknown")
STATUTORY, COURT = "statutory", "court"


@dataclass
class RuleFile(Reading):
    """What one file said, and what was wrong with it.

    `extends` names the table that a court's file builds on and `without` the
    rules it leaves out of it; `title` and `source` say whose rules these are
    and where they were published, `published` what the court reported of them
    and on what its text is silent.
    """

    text_read: str = ""
    scope: str = ""
    court: str = ""
    version: str = ""
    in_force_from: date = date.min
    extends: str = ""
    without: tuple[str, ...] = ()
    title: Text = NO_TEXT
    source: str = ""
    published: tuple[Published, ...] = ()
    rules: list[Rule] = field(default_factory=list)
    declared: list[Parameter] = field(default_factory=list)
    sets: list[ParameterSet] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)

    def rule_faults(self) -> list[RuleFault]:
        """Return what is wrong with the file."""
        return [RuleFault(one.file, one.place, one.zh, one.en) for one in self.faults]

    def pair(self, place: str, row: Table, key: str) -> Text:
        """Return a sentence in Chinese and English."""
        value = row.get(key)
        if isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) and one.strip() for one in value):
            self.in_chinese(place, key, value[0])
            if not all(map(is_plain, value)):
                self.fault(place, f"{key!r} 含看不见的字符，请重新输入", f"{key!r} holds characters that do not show")
            return Text(*value)
        self.fault(place, f"{key!r} 应为中英两句，实为 {written(value)}", f"{key!r} is a pair, Chinese and English")
        return NO_TEXT

    def in_chinese(self, place: str, key: str, text: str) -> None:
        """Note a wording that judges and parties will read and that has no Chinese in it."""
        if text and _CHINESE.search(text) is None:
            self.fault(place, f"{key!r} 应有中文表述，实为 {text!r}", f"{key!r} is to be worded in Chinese")

    def answers(self, place: str, row: Table) -> dict[Met, Text]:
        """Return what is said about each answer, as far as the table says anything."""
        return {answer: self.pair(place, row, answer) for answer in ANSWERS if answer in row}

    def span_in_force(self, place: str, row: Table) -> tuple[date, date | None]:
        """Return the first day in force, and the first day no longer, None where it is open."""
        first = self.day(place, row, "in_force_from")
        until = self.day(place, row, "until") if "until" in row else None
        if until is not None and until <= first:
            zh = f"失效日 {until} 不晚于施行日 {first}"
            self.fault(place, zh, f"until {until} is not after in_force_from {first}")
            until = None
        return first, until

    def stages(self, place: str, row: Table, default: str) -> frozenset[Stage]:
        """Return the stages at which something is looked at; an empty text means that events decide."""
        given = row.get("stages", default)
        if not isinstance(given, str) or not set(given) <= set("AB"):
            self.fault(place, f"stages 只能由 A、B 组成，实为 {written(given)}", "stages is made of A and B")
            return frozenset()
        return frozenset(Stage(letter) for letter in given)
