"""Rule tables on the way out: what was checked, what is in force and what differs, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from models.rules.rule import Rule
from models.rules.table import RuleTable
from training.console import Column, Lang, Result
from training.rule_tools.tables.checking import Checked
from training.rule_tools.tables.differences import Change, counts
from training.rule_tools.tables.effects import EFFECTS, Effect
from training.rule_tools.tables.showing import InForce, days_of_rule
from training.rule_tools.tables.wording import length_of, names_of
from training.rule_tools.tables.words import does, stages

Row = dict[str, object]


def of_check(checked: Sequence[Checked], lang: Lang) -> Result:
    """Show every fault; below, what each sound court file makes stricter than the law."""
    columns = (Column("file", "文件", "file"), Column("rule", "规则", "rule"), Column("what", "结果", "result"))
    rows: list[Row] = []
    for one in checked:
        rows += [
            {
                "file": one.file,
                "rule": None if fault.rule == "-" else fault.rule,
                "what": _say(lang, fault.zh, fault.en),
            }
            for fault in one.faults
        ]
        if not one.faults:
            rows.append(
                {"file": one.file, "rule": None, "what": _say(lang, "未发现错误，可以使用", "no fault; it may be used")}
            )
    faults = sum(len(one.faults) for one in checked)
    return Result(
        columns,
        rows,
        {"usable": faults == 0, "faults": faults, "files": [_checked(one) for one in checked]},
        f"检查 {len(checked)} 个文件，发现 {faults} 处错误",
        f"{len(checked)} files checked, {faults} faults",
        more=tuple(_tightened(one, lang) for one in checked if one.tightened),
    )


def of_show(shown: InForce, lang: Lang, *, conditions: bool) -> Result:
    """Show the rules in force, with their conditions where asked for, and the parameters with their legal bounds."""
    columns = (
        Column("id", "编号", "id"),
        Column("what", "规则和条件", "rule and conditions"),
        Column("does", "作用", "effect"),
        Column("when", "阶段", "stage"),
        Column("basis", "依据", "article"),
        Column("days", "施行", "in force"),
    )
    rows = [row for rule in shown.rules for row in _rule_rows(rule, shown, lang, conditions=conditions)]
    table = shown.table
    zh = f"法院 {table.court}，{shown.day} 施行的规则 {len(shown.rules)} 条；版本 {shown.version}"
    en = f"court {table.court}: {len(shown.rules)} rules in force on {shown.day}; version {shown.version}"
    if table.source:
        zh, en = f"{zh}；来源：{table.source}", f"{en}; source: {table.source}"
    parameters = (_parameters(shown, lang),) if shown.parameters else ()
    limits = (_limits(shown, lang),) if shown.limits else ()
    return Result(columns, rows, shown.to_json(), zh, en, (table.title.zh, table.title.en), (*parameters, *limits))


def of_diff(old: RuleTable, new: RuleTable, changes: Sequence[Change], lang: Lang) -> Result:
    """Show every change in words, the stricter ones first."""
    columns = (
        Column("effect", "影响", "effect"),
        Column("id", "对象", "about"),
        Column("days", "期间", "days"),
        Column("what", "变化", "change"),
    )
    rows: list[Row] = [
        {
            "effect": _say(lang, *EFFECTS[one.effect]),
            "id": one.id,
            "days": _say(lang, *one.days()),
            "what": _say(lang, *one.text),
        }
        for one in changes
    ]
    found = counts(changes)
    document = {
        "old": about(old),
        "new": about(new),
        "same": not changes,
        "counts": {str(effect): n for effect, n in found.items()},
        "changes": [one.to_json() for one in changes],
    }
    return Result(columns if rows else (), rows, document, *_summary(found))


def about(table: RuleTable) -> Row:
    """Return what identifies a table."""
    return {"court": table.court, "version": table.version, "sha256": table.sha256}


def _summary(found: Mapping[Effect, int]) -> tuple[str, str]:
    if not any(found.values()):
        return "两份规则表没有差别", "the two tables do not differ"
    zh = "，".join(f"{EFFECTS[effect].zh} {n} 处" for effect, n in found.items() if n)
    en = ", ".join(f"{n} {EFFECTS[effect].en}" for effect, n in found.items() if n)
    return f"共 {sum(found.values())} 处变化：{zh}", f"{sum(found.values())} changes: {en}"


def _checked(one: Checked) -> Row:
    return {
        "file": one.file,
        "scope": one.scope or None,
        "usable": not one.faults,
        "table": None if one.table is None else about(one.table),
        "faults": [{"rule": fault.rule, "zh": fault.zh, "en": fault.en} for fault in one.faults],
        "tightened": [
            {"id": point.id, "zh": point.text.zh, "en": point.text.en, "basis": point.basis} for point in one.tightened
        ],
    }


def _tightened(one: Checked, lang: Lang) -> Result:
    columns = (
        Column("id", "规则或参数", "rule or parameter"),
        Column("what", "严于法律之处", "stricter than the law"),
        Column("basis", "依据", "article"),
    )
    rows = [{"id": point.id, "what": _say(lang, *point.text), "basis": point.basis} for point in one.tightened]
    title = f"{one.file} 比法律更严的地方", f"where {one.file} asks for more than the law"
    return Result(columns, rows, title=title)


def _rule_rows(rule: Rule, shown: InForce, lang: Lang, *, conditions: bool) -> Iterator[Row]:
    yield {
        "id": rule.id,
        "what": _say(lang, rule.zh, rule.en),
        "does": _say(lang, *does(rule)),
        "when": _say(lang, *stages(rule)),
        "basis": rule.basis,
        "days": _say(lang, *days_of_rule(rule)),
    }
    if conditions:
        for one in shown.asked(rule):
            words = f"{_say(lang, *one.link)} {_say(lang, *one.text)}".strip()
            yield {"id": one.condition.id, "what": words, "does": "", "when": "", "basis": "", "days": ""}
        together = shown.combination(rule)
        if together is not None:
            words = _say(lang, f"条件组合：{together.zh}", f"combined: {together.en}")
            yield {"id": rule.id, "what": words, "does": "", "when": "", "basis": "", "days": ""}


def _parameters(shown: InForce, lang: Lang) -> Result:
    columns = (
        Column("name", "参数", "parameter"),
        Column("what", "含义", "meaning"),
        Column("value", "现行值", "value"),
        Column("bounds", "法定界限", "legal bounds"),
        Column("used", "用于规则", "used by"),
        Column("basis", "依据", "article"),
    )
    rows: list[Row] = []
    for one in shown.parameters:
        (zh, _), (en, _) = names_of(one)
        rows.append(
            {
                "name": one.name,
                "what": _say(lang, zh, en),
                "value": _say(lang, *shown.wording.value(one.name)),
                "bounds": _say(lang, *shown.wording.bounds(one)),
                "used": "、".join(shown.used_by(one)),
                "basis": one.basis,
            }
        )
    return Result(columns, rows, title=("参数", "parameters"))


def _limits(shown: InForce, lang: Lang) -> Result:
    columns = (
        Column("id", "编号", "id"),
        Column("what", "期限", "limit"),
        Column("length", "长短", "length"),
        Column("touches", "涉及规则", "rules"),
        Column("basis", "依据", "article"),
        Column("days", "施行", "in force"),
    )
    rows: list[Row] = [
        {
            "id": one.id,
            "what": _say(lang, one.zh, one.en),
            "length": _say(lang, *length_of(one)),
            "touches": "、".join(one.touches),
            "basis": one.basis,
            "days": _say(lang, *days_of_rule(one)),
        }
        for one in shown.limits
    ]
    return Result(columns, rows, title=("法定期限", "time limits of the law"))


def _say(lang: Lang, zh: str, en: str) -> str:
    return zh if lang is Lang.ZH else en
