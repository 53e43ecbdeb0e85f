"""Reading the conditions of a rule: alternatives in groups, and branches of any, all, none or so many of several."""

from __future__ import annotations

from types import MappingProxyType

from features.register import Stage
from models.rules.reading.rule_file import ANSWERS, RuleFile
from models.rules.rule import Branch, Condition
from models.strict_table import Table, written

MOST_CONDITIONS = 200
"""More conditions in one rule are a mistake, not a rule."""

_LEAF = frozenset({"id", "test", "field", "params", "group", "needed", "not", "stages", *ANSWERS})
_BRANCH = ("any", "all", "none", "of")


class ConditionReader:
    """Reads the conditions of one rule in order, and how they combine."""

    def __init__(self, file: RuleFile, rule: str, stages: frozenset[Stage]) -> None:
        self._file = file
        self._rule = rule
        self._stages = stages
        self._found: list[Condition] = []
        self._branched = False

    def read(self, row: Table) -> tuple[tuple[Condition, ...], Branch | None]:
        """Return the conditions, and the branches where groups of alternatives are not enough to say it."""
        combine = row.get("combine", "any")
        if combine not in ("any", "all"):
            self._fault(f"combine 应为 any 或 all，实为 {written(combine)}", "combine is any or all")
        parts = self._file.tables(self._rule, row, "condition")
        if not parts:
            self._fault("没有任何条件", "the rule has no condition")
            return (), None
        top = self._branch(parts, None if combine == "any" else len(parts), apart=combine == "all")
        self._check()
        if self._branched:
            return tuple(self._found), top
        order = list(dict.fromkeys(one.group for one in self._found))
        return tuple(sorted(self._found, key=lambda one: order.index(one.group))), None

    def _branch(self, parts: list[Table], least: int | None, *, apart: bool = False, negated: bool = False) -> Branch:
        """Return how these parts combine; without `least` any of them is enough."""
        return Branch(least or 1, tuple(self._part(one, apart=apart) for one in parts), negated)

    def _part(self, row: Table, *, apart: bool) -> Branch | int:
        kinds = [kind for kind in _BRANCH if kind in row]
        if not kinds:
            return self._leaf(row, apart=apart)
        self._branched = True
        kind = kinds[0]
        self._file.only(self._rule, row, {kind, "least"} if kind == "of" else {kind})
        parts = self._file.tables(self._rule, row, kind)
        if not parts:
            self._fault(f"{kind} 下没有条件", f"there is no condition under {kind}")
            return Branch(1, ())
        if kind == "of":
            return self._branch(parts, self._least(row, len(parts)))
        return self._branch(parts, len(parts) if kind == "all" else None, negated=kind == "none")

    def _least(self, row: Table, most: int) -> int:
        least = row.get("least")
        if isinstance(least, bool) or not isinstance(least, int) or not 1 <= least <= most:
            self._fault(f"least 应为 1 至 {most} 的整数，实为 {written(least)}", f"least is 1 to {most}, not {least!r}")
            return 1
        return least

    def _leaf(self, row: Table, *, apart: bool) -> int:
        place = len(self._found)
        name = str(row.get("id", f"{self._rule}.{place + 1}"))
        file = self._file
        file.only(name, row, _LEAF)
        own = file.stages(name, row, "".join(self._stages))
        if not own <= self._stages:
            file.fault(name, "条件的阶段超出规则的阶段", "the condition has stages its rule has not")
        group = row.get("group", name if apart else "")
        if not isinstance(group, str):
            file.fault(name, f"group 应为文字，实为 {written(group)}", "group is a text")
        self._found.append(
            Condition(
                id=name,
                test=file.text(name, row, "test"),
                field=file.text(name, row, "field"),
                params=MappingProxyType(dict(file.table(name, row, "params"))),
                group=str(group),
                needed=file.flag(name, row, "needed", default=True),
                negated=file.flag(name, row, "not", default=False),
                stages=own,
                texts=MappingProxyType(file.answers(name, row)),
            )
        )
        return place

    def _check(self) -> None:
        if len(self._found) > MOST_CONDITIONS:
            self._fault(f"条件超过 {MOST_CONDITIONS} 项", f"more than {MOST_CONDITIONS} conditions")
        ids = [one.id for one in self._found]
        if len(set(ids)) < len(ids):
            self._fault("条件编号重复", "condition ids repeat")
        if not self._branched:
            return
        if any(one.stages != self._stages for one in self._found):
            zh = "使用 any、all、none、of 的规则，各条件不得另定 stages；请按阶段分写两条规则"
            self._fault(zh, "in a rule with branches conditions have no stages of their own; write a rule per stage")
        if any(one.group and one.group != one.id for one in self._found):
            self._fault("group 与 any、all、none、of 不能并用", "group and branches do not go together")

    def _fault(self, zh: str, en: str) -> None:
        self._file.fault(self._rule, zh, en)
