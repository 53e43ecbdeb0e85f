"""Reading one rule file: from TOML text to rules, with every fault named instead of the first."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from features.register import Stage
from models.lanes import Lane
from models.rules.result import Met
from models.rules.rule import Condition, Kind, OnUnknown, Parameter, ParameterSet, Rule, RuleFault, Text

FORMAT = "fenliu-rules/1"
SCOPES = ("statutory", "court")
NO_TEXT = Text("", "")
ANSWERS: tuple[Met, ...] = ("met", "not_met", "unknown")

_TOP = frozenset({"format", "scope", "version", "court", "in_force_from", "parameter", "parameters", "rule"})
_RULE = frozenset(
    {"id", "kind", "lane", "stages", "zh", "en", "basis", "in_force_from", "until", "on_unknown", "combine"}
    | {"flag", "flag_text", "condition", *ANSWERS}
)
_CONDITION = frozenset({"id", "test", "field", "params", "group", "needed", "stages", *ANSWERS})
_PARAMETER = frozenset({"name", "type", "min", "max", "codes_of", "zh", "en", "basis"})
_PARAMETERS = frozenset({"version", "in_force_from", "until", "values"})
_ID = re.compile(r"[A-Z]\d{2}[a-z]?")
_FAR = date(9999, 12, 31)
Choice = TypeVar("Choice", bound=StrEnum)
Table = Mapping[str, Any]


@dataclass
class RuleFile:
    """What one file said, and what was wrong with it."""

    name: str
    scope: str = ""
    court: str = ""
    version: str = ""
    in_force_from: date = date.min
    rules: list[Rule] = field(default_factory=list)
    declared: list[Parameter] = field(default_factory=list)
    sets: list[ParameterSet] = field(default_factory=list)
    faults: list[RuleFault] = field(default_factory=list)

    def fault(self, rule: str, zh: str, en: str) -> None:
        """Note one fault."""
        self.faults.append(RuleFault(self.name, rule, zh, en))


def read_file(name: str, text: str) -> RuleFile:
    """Read one file; look at `faults` before using what it says."""
    file = RuleFile(name)
    try:
        top = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        file.fault("-", f"不是有效的 TOML：{error}", "not valid TOML")
        return file
    _head(file, top)
    file.declared = [_parameter(file, row) for row in _tables(file, top, "parameter")]
    file.sets = [_parameter_set(file, row) for row in _tables(file, top, "parameters")]
    file.rules = [_rule(file, row) for row in _tables(file, top, "rule")]
    return file


def _head(file: RuleFile, top: Table) -> None:
    _only(file, "-", top, _TOP)
    if top.get("format") != FORMAT:
        file.fault("-", f"格式应为 {FORMAT}，实为 {top.get('format')!r}", f"the format must be {FORMAT}")
    file.scope = str(top.get("scope", ""))
    if file.scope not in SCOPES:
        file.fault("-", f"scope 应为 {'、'.join(SCOPES)}，实为 {file.scope!r}", "unknown scope")
    file.version = _string(file, "-", top, "version")
    file.court = _string(file, "-", top, "court") if file.scope == "court" else ""
    file.in_force_from = _day(file, "-", top, "in_force_from") if file.scope == "statutory" else date.min


def _rule(file: RuleFile, row: Table) -> Rule:
    name = str(row.get("id", "?"))
    _only(file, name, row, _RULE)
    if not _ID.fullmatch(name):
        file.fault(name, "规则编号应如 H01、M02 或 H06a", "rule ids look like H01, M02 or H06a")
    kind = _choice(file, name, row, "kind", Kind) or Kind.FLAG
    lane = _choice(file, name, row, "lane", Lane) if "lane" in row else None
    _lane_fits(file, name, kind, lane)
    on_unknown = _choice(file, name, row, "on_unknown", OnUnknown) or OnUnknown.IGNORE
    if kind is Kind.BLOCK_URGE and on_unknown is not OnUnknown.BLOCK_URGE:
        file.fault(name, "禁止督促的规则，事实不明时须同样禁止", "a rule that blocks urging must block it when unknown")
    first, until = _span(file, name, row)
    stages = _stages(file, name, row, "AB")
    return Rule(
        id=name,
        kind=kind,
        zh=_string(file, name, row, "zh"),
        en=_string(file, name, row, "en"),
        basis=_string(file, name, row, "basis"),
        in_force_from=first,
        until=until,
        stages=stages,
        on_unknown=on_unknown,
        lane=lane,
        flag=_string(file, name, row, "flag") if "flag" in row else "",
        flag_text=_text(file, name, row["flag_text"]) if "flag_text" in row else NO_TEXT,
        texts=_texts(file, name, row),
        conditions=_conditions(file, name, row, stages),
        file=file.name,
    )


def _lane_fits(file: RuleFile, name: str, kind: Kind, lane: Lane | None) -> None:
    allowed = {
        Kind.HARD_LANE: (Lane.FAST, Lane.COMPLEX),
        Kind.HARD_OFFER: (Lane.FAST,),
        Kind.MODEL: (Lane.URGE, Lane.FAST, Lane.COMPLEX),
        Kind.LIFECYCLE: (None, Lane.COMPLEX),
    }.get(kind, (None,))
    if lane not in allowed:
        shown = "、".join(str(one) for one in allowed)
        file.fault(name, f"{kind} 的 lane 应为 {shown}，实为 {lane}", f"this lane does not fit kind {kind}")


def _conditions(file: RuleFile, rule: str, row: Table, stages: frozenset[Stage]) -> tuple[Condition, ...]:
    combine = row.get("combine", "any")
    if combine not in {"any", "all"}:
        file.fault(rule, f"combine 应为 any 或 all，实为 {combine!r}", "combine is any or all")
    found = [_condition(file, part, stages, apart=combine == "all") for part in _tables(file, row, "condition")]
    if not found:
        file.fault(rule, "没有任何条件", "the rule has no condition")
    ids = [condition.id for condition in found]
    if len(set(ids)) < len(ids):
        file.fault(rule, "条件编号重复", "condition ids repeat")
    order = list(dict.fromkeys(condition.group for condition in found))
    return tuple(sorted(found, key=lambda condition: order.index(condition.group)))


def _condition(file: RuleFile, row: Table, stages: frozenset[Stage], *, apart: bool) -> Condition:
    name = str(row.get("id", "?"))
    _only(file, name, row, _CONDITION)
    own = _stages(file, name, row, "".join(stages))
    if not own <= stages:
        file.fault(name, "条件的阶段超出规则的阶段", "the condition has stages its rule has not")
    params, needed = row.get("params", {}), row.get("needed", True)
    if not isinstance(params, dict) or not isinstance(needed, bool):
        file.fault(name, "params 应为表，needed 应为 true 或 false", "params is a table and needed a boolean")
        params, needed = {}, True
    return Condition(
        id=name,
        test=_string(file, name, row, "test"),
        field=_string(file, name, row, "field"),
        params=MappingProxyType(params),
        group=str(row.get("group", name if apart else "")),
        needed=needed,
        stages=own,
        texts=_texts(file, name, row),
    )


def _parameter(file: RuleFile, row: Table) -> Parameter:
    name = _string(file, "-", row, "name")
    _only(file, name, row, _PARAMETER)
    kind = row.get("type")
    if kind not in {"number", "chance", "codes", "texts"}:
        file.fault(name, f"参数类型应为 number、chance、codes 或 texts，实为 {kind!r}", "unknown parameter type")
    return Parameter(
        name=name,
        type=str(kind),
        text=Text(_string(file, name, row, "zh"), _string(file, name, row, "en")),
        basis=_string(file, name, row, "basis"),
        least=_number(file, name, row.get("min", float("-inf"))),
        most=_number(file, name, row.get("max", float("inf"))),
        codes_of=str(row.get("codes_of", "")),
    )


def _parameter_set(file: RuleFile, row: Table) -> ParameterSet:
    version = _string(file, "-", row, "version")
    _only(file, version, row, _PARAMETERS)
    first, until = _span(file, version, row)
    values = row.get("values", {})
    if not isinstance(values, dict):
        file.fault(version, "values 应为表", "values is a table")
        values = {}
    return ParameterSet(
        version=version, in_force_from=first, until=until, values=MappingProxyType(values), file=file.name
    )


def _number(file: RuleFile, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        file.fault(name, f"min、max 应为数字，实为 {value!r}", "min and max are numbers")
        return 0.0
    return float(value)


def _only(file: RuleFile, name: str, row: Table, known: frozenset[str]) -> None:
    for key in sorted(set(row) - known):
        file.fault(name, f"不认识的键 {key!r}", f"unknown key {key!r}")


def _tables(file: RuleFile, row: Table, key: str) -> list[Table]:
    found = row.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        file.fault(str(row.get("id", "-")), f"{key!r} 应写作 [[{key}]]", f"{key!r} is written [[{key}]]")
        return []
    return found


def _string(file: RuleFile, name: str, row: Table, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        file.fault(name, f"缺少 {key!r}", f"{key!r} is missing or no text")
        return ""
    return value


def _span(file: RuleFile, name: str, row: Table) -> tuple[date, date | None]:
    first = _day(file, name, row, "in_force_from")
    until = _day(file, name, row, "until") if "until" in row else None
    if until is not None and until <= first:
        file.fault(name, f"失效日 {until} 不晚于施行日 {first}", f"until {until} is not after in_force_from {first}")
    return first, until


def _day(file: RuleFile, name: str, row: Table, key: str) -> date:
    value = row.get(key)
    if not isinstance(value, date) or isinstance(value, datetime):
        file.fault(name, f"{key} 应为日期（如 2026-11-01），实为 {value!r}", f"{key} must be a date")
        return _FAR if key == "until" else date.min
    return value


def _stages(file: RuleFile, name: str, row: Table, default: str) -> frozenset[Stage]:
    given = row.get("stages", default)
    if not isinstance(given, str) or not set(given) <= {"A", "B"}:
        file.fault(name, f"stages 只能由 A、B 组成，实为 {given!r}", "stages is made of A and B")
        return frozenset()
    return frozenset(Stage(letter) for letter in given)


def _choice(file: RuleFile, name: str, row: Table, key: str, options: type[Choice]) -> Choice | None:
    value = row.get(key)
    if not isinstance(value, str) or value not in set(options):
        listed = "、".join(options)
        file.fault(name, f"{key} 应为 {listed} 之一，实为 {value!r}", f"unknown {key} {value!r}")
        return None
    return options(value)


def _texts(file: RuleFile, name: str, row: Table) -> Mapping[Met, Text]:
    return MappingProxyType({answer: _text(file, name, row[answer]) for answer in ANSWERS if answer in row})


def _text(file: RuleFile, name: str, value: object) -> Text:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value):
        return Text(*value)
    file.fault(name, f"说明应为中英两句，实为 {value!r}", "a text is a pair, Chinese and English")
    return NO_TEXT
