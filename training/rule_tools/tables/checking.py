"""Checking rule files: everything wrong with each, and what a sound court file makes stricter than the law asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.rules.rule import Parameter, Rule, RuleFault, RuleTableError, Text
from models.rules.table import RuleTable
from training.errors import CommandError
from training.rule_tools.tables.effects import Ease, Effect, of_parameter, of_rule
from training.rule_tools.tables.opening import Named, extends, named, scope_of
from training.rule_tools.tables.opening import beside as texts_beside
from training.rule_tools.tables.uses import uses_of
from training.rule_tools.tables.wording import BOUNDLESS, Wording, names_of
from training.rule_tools.tables.words import does

OWN_AFFAIR = "本院规定"
"""Start of the basis of a parameter that the law leaves to the court altogether: it can be neither tight nor loose."""


@dataclass(frozen=True)
class Tightened:
    """One point in which a court asks for more than the law does: a parameter or a rule of its own, in words."""

    id: str
    text: Text
    basis: str


@dataclass(frozen=True)
class Checked:
    """What was found in one file; a table without faults may be used, and `tightened` compares it with the law."""

    file: str
    scope: str
    table: RuleTable | None
    faults: tuple[RuleFault, ...]
    tightened: tuple[Tightened, ...]


def check_files(paths: Sequence[Path], *, on: date) -> tuple[Checked, ...]:
    """Check every file: a court's against the statute given with it, or else the shipped one.

    Raises
    ------
    CommandError
        A file is not there or is a directory, or there is more than one statute.
    """
    read = [_read(path) for path in paths]
    given = [one for one in read if not isinstance(one, RuleFault)]
    statutes = [one for one in given if scope_of(one) == "statutory"]
    if len(statutes) > 1:
        names = [name for name, _ in statutes]
        zh = f"一次只能检查一份法定规则表，收到 {'、'.join(names)}"
        raise CommandError("USAGE", zh, f"one statutory table at a time; got {', '.join(names)}")
    courts = [one for one in given if one not in statutes]
    statute = statutes[0] if statutes else None
    return tuple(_checked(one, beside=courts, statute=statute, on=on) for one in read)


def _read(path: Path) -> Named | RuleFault:
    try:
        return named(path)
    except RuleTableError as error:
        return error.faults[0]


def _checked(one: Named | RuleFault, *, beside: Sequence[Named], statute: Named | None, on: date) -> Checked:
    if isinstance(one, RuleFault):
        return Checked(one.file, "", None, (one,), ())
    scope = scope_of(one)
    try:
        table = RuleTable.of(texts_beside(one, others=_extended(one, beside), statute=statute))
        table.on(on)
    except RuleTableError as error:
        return Checked(one[0], scope, None, error.faults, ())
    return Checked(one[0], scope, table, (), tuple(_tightened(table, on)) if scope == "court" else ())


def _extended(one: Named, courts: Sequence[Named]) -> list[Named]:
    """Return those of the other files that this one builds on, one after the other."""
    by_stem = {name.removesuffix(".toml"): (name, text) for name, text in courts if (name, text) != one}
    chain: list[Named] = []
    name = extends(one)
    while name in by_stem and by_stem[name] not in chain:
        chain.append(by_stem[name])
        name = extends(chain[-1])
    return chain


def _tightened(table: RuleTable, day: date) -> Iterator[Tightened]:
    """Yield the parameters that leave room which the law would give, and the court's own rules that hold cases back."""
    wording = Wording.on(table, day)
    for one in table.declared:
        loosest = _loosest(table, one, wording.values.get(one.name))
        if loosest is not None and not one.basis.startswith(OWN_AFFAIR):
            (zh, _), (en, _) = names_of(one)
            value, law = wording.value(one.name), wording.value(one.name, loosest)
            text = Text(f"{zh} {value.zh}（法律最宽允许 {law.zh}）", f"{en}: {value.en} (the law would allow {law.en})")
            yield Tightened(one.name, text, one.basis)
    own = [one.rule for one in table.on(day).rules if not one.rule.statutory]
    for rule in own:
        if of_rule(rule, Ease.EASIER) is Effect.STRICTER:
            yield Tightened(rule.id, _own_rule(rule), rule.basis)


def _own_rule(rule: Rule) -> Text:
    what = does(rule)
    return Text(f"本院增设「{rule.zh}」：{what.zh}", f"the court's own rule ({rule.en}): {what.en}")


def _loosest(table: RuleTable, one: Parameter, value: object) -> float | None:
    """Return the bound that would be loosest, when the value is stricter than it; None without such a bound."""
    if not isinstance(value, int | float):
        return None
    reachable = [bound for bound in (one.least, one.most) if abs(bound) < BOUNDLESS and bound != value]
    uses = list(uses_of(table, one.name))
    return next((bound for bound in reachable if of_parameter(one.name, bound, value, uses) is Effect.STRICTER), None)
