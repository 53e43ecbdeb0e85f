"""Reading the rules of a file: what each is called, what it does, from when to when, and under which conditions."""

from __future__ import annotations

import re
from types import MappingProxyType

from features.register import Stage
from models.lanes import Lane
from models.rules.reading.conditions import ConditionReader
from models.rules.reading.rule_file import ANSWERS, STATUTORY, RuleFile
from models.rules.rule import NO_TEXT, Kind, OnUnknown, Rule, Text
from models.strict_table import Table, written

RANKS = (1, 9)
"""Least and largest rank in the order of work; 9 is the end of the queue, where everything without a rank stands."""

ID = re.compile(r"[A-Z][0-9]{2}[a-z]?")

_KEYS = frozenset(
    {"id", "kind", "lane", "stages", "zh", "en", "basis", "in_force_from", "until", "on_unknown", "combine"}
    | {"flag", "flag_text", "condition", "yields_to", "rank", "team", "team_text", *ANSWERS}
)
_LANES = {
    Kind.HARD_LANE: (Lane.FAST, Lane.COMPLEX),
    Kind.HARD_OFFER: (Lane.FAST,),
    Kind.MODEL: (Lane.URGE, Lane.FAST, Lane.COMPLEX),
    Kind.LIFECYCLE: (None, Lane.COMPLEX),
}


def read_rule(file: RuleFile, row: Table) -> Rule:
    """Return one rule."""
    name = str(row.get("id", "?"))
    file.only(name, row, _KEYS)
    if not ID.fullmatch(name):
        file.fault(name, "规则编号应如 H01、M02 或 H06a", "rule ids look like H01, M02 or H06a")
    kind = file.choice(name, row, "kind", Kind) or Kind.FLAG
    first, until = file.span_in_force(name, row)
    lane = _lane(file, name, row, kind)
    stages = _stages(file, name, row, (kind, lane))
    file.in_chinese(name, "zh", str(row.get("zh", "")))
    if kind is Kind.HARD_OFFER and "flag" not in row:
        file.fault(
            name, "hard_offer 须以 'flag'、'flag_text' 写明所提建议", "an offer says with its flag what it offers"
        )
    conditions, branches = ConditionReader(file, name, stages).read(row)
    return Rule(
        id=name,
        kind=kind,
        zh=file.text(name, row, "zh"),
        en=file.text(name, row, "en"),
        basis=file.text(name, row, "basis"),
        in_force_from=first,
        until=until,
        stages=stages,
        on_unknown=_on_unknown(file, name, row, kind),
        lane=lane,
        flag=file.text(name, row, "flag", default=""),
        flag_text=_words(file, name, row, "flag"),
        texts=MappingProxyType(file.answers(name, row)),
        conditions=conditions,
        branches=branches,
        file=file.file,
        statutory=file.scope == STATUTORY,
        yields_to=_yields_to(file, name, row, kind),
        rank=_rank(file, name, row, kind),
        team=file.text(name, row, "team", default=""),
        team_text=_words(file, name, row, "team"),
    )


def _stages(file: RuleFile, name: str, row: Table, drawn: tuple[Kind, Lane | None]) -> frozenset[Stage]:
    """Return the stages of a rule: those of its lane where it draws one, and none only where events decide."""
    kind, lane = drawn
    wanted = "" if kind is not Kind.MODEL else "A" if lane is Lane.URGE else "AB"
    stages = file.stages(name, row, wanted or "AB")
    if wanted and stages != frozenset(Stage(letter) for letter in wanted):
        zh, en = f"{lane} 道的 model 规则 stages 应为 {wanted!r}", f"the model rule of {lane} has stages {wanted!r}"
        file.fault(name, zh + ("：立案后不得督促" if wanted == "A" else ""), en)
    if not stages and kind is not Kind.LIFECYCLE:
        file.fault(name, "stages 为空的规则永远不会适用", "a rule without stages never applies")
    return stages


def _on_unknown(file: RuleFile, name: str, row: Table, kind: Kind) -> OnUnknown:
    usual = OnUnknown.BLOCK_URGE if kind is Kind.BLOCK_URGE else OnUnknown.IGNORE
    chosen = usual if "on_unknown" not in row else file.choice(name, row, "on_unknown", OnUnknown) or usual
    if kind is Kind.BLOCK_URGE and chosen is not OnUnknown.BLOCK_URGE:
        file.fault(name, "禁止督促的规则，事实不明时须同样禁止", "a rule that blocks urging must block it when unknown")
    return chosen


def _lane(file: RuleFile, name: str, row: Table, kind: Kind) -> Lane | None:
    lane = file.choice(name, row, "lane", Lane) if "lane" in row else None
    allowed = _LANES.get(kind, (None,))
    if lane not in allowed:
        names = "、".join(one for one in allowed if one is not None)
        rest = "不写 lane" if not names else f"的 lane 应为 {names}" + ("，或不写" if None in allowed else "")
        file.fault(name, f"{kind} {rest}，实为 {written(row.get('lane'))}", f"this lane does not fit kind {kind}")
    return lane


def _words(file: RuleFile, name: str, row: Table, key: str) -> Text:
    """Return the sentence that belongs to a flag or a team; one is not given without the other."""
    said = f"{key}_text"
    if (key in row) is not (said in row):
        file.fault(name, f"{key!r} 与 {said!r} 须同时写明", f"{key!r} and {said!r} are given together")
    return file.pair(name, row, said) if said in row else NO_TEXT


def _yields_to(file: RuleFile, name: str, row: Table, kind: Kind) -> tuple[str, ...]:
    others = file.texts(name, row, "yields_to")
    if others and kind not in {Kind.HARD_LANE, Kind.HARD_OFFER}:
        zh = f"只有 hard_lane、hard_offer 可写 yields_to，{kind} 不可"
        file.fault(name, zh, "only hard_lane and hard_offer have yields_to")
    return others


def _rank(file: RuleFile, name: str, row: Table, kind: Kind) -> int:
    if kind is not Kind.PRIORITY:
        if "rank" in row:
            file.fault(name, "只有 priority 规则有 rank", "only rules of priority have a rank")
        return 0
    least, most = RANKS
    return int(file.number(name, row, "rank", least=least, most=most))
