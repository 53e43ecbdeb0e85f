"""Reading what a file declares beside rules: parameters and their bounds, a court's values, limits, figures."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from models.rules.reading.rule_file import RuleFile
from models.rules.reading.rules import ID
from models.rules.rule import Limit, Parameter, ParameterSet, Published, Text, Unit
from models.strict_table import Table, written

_INFINITE = float("inf")
_PARAMETER = frozenset({"name", "type", "min", "max", "codes_of", "includes", "whole", "zh", "en", "basis"})
_PARAMETERS = frozenset({"version", "in_force_from", "until", "values"})
_LIMIT = frozenset({"id", "zh", "en", "value", "unit", "rolls", "basis", "touches", "in_force_from", "until"})
_FIGURE = frozenset({"topic", "zh", "en", "value"})
_SILENT = frozenset({"topic", "zh", "en"})
_TYPES = ("number", "chance", "codes", "texts")


def read_parameter(file: RuleFile, row: Table) -> Parameter:
    """Return a parameter that courts may set, with its bounds."""
    name = file.text("-", row, "name")
    file.only(name, row, _PARAMETER)
    kind = row.get("type")
    if kind not in _TYPES:
        file.fault(name, f"参数类型应为 {'、'.join(_TYPES)}，实为 {written(kind)}", "unknown parameter type")
    bounds = {
        key: usual if key not in row else file.number(name, row, key, least=-_INFINITE, most=_INFINITE)
        for key, usual in (("min", -_INFINITE), ("max", _INFINITE))
    }
    return Parameter(
        name=name,
        type=str(kind),
        text=Text(file.text(name, row, "zh"), file.text(name, row, "en")),
        basis=file.text(name, row, "basis"),
        least=bounds["min"],
        most=bounds["max"],
        codes_of=file.text(name, row, "codes_of", default=""),
        includes=file.texts(name, row, "includes"),
        whole=file.flag(name, row, "whole", default=False),
    )


def read_parameter_set(file: RuleFile, row: Table) -> ParameterSet:
    """Return a court's values, dated."""
    version = file.text("-", row, "version")
    file.only(version, row, _PARAMETERS)
    first, until = file.span_in_force(version, row)
    values = MappingProxyType(dict(file.table(version, row, "values")))
    return ParameterSet(version=version, in_force_from=first, until=until, values=values, file=file.file)


def read_limit(file: RuleFile, row: Table) -> Limit:
    """Return a time limit of the law."""
    name = str(row.get("id", "?"))
    file.only(name, row, _LIMIT)
    if not ID.fullmatch(name):
        file.fault(name, "期限编号应如 T01、T11a", "ids of limits look like T01 or T11a")
    first, until = file.span_in_force(name, row)
    value = file.number(name, row, "value", least=0, most=10_000)
    if value % 1:
        file.fault(name, f"期限应为整数，实为 {value:g}", "a limit is a whole number")
    return Limit(
        id=name,
        zh=file.text(name, row, "zh"),
        en=file.text(name, row, "en"),
        value=int(value),
        unit=file.choice(name, row, "unit", Unit) or Unit.DAYS,
        rolls=file.flag(name, row, "rolls", default=False),
        basis=file.text(name, row, "basis"),
        touches=file.texts(name, row, "touches"),
        in_force_from=first,
        until=until,
        file=file.file,
    )


def read_published(file: RuleFile, top: Table) -> Iterator[Published]:
    """Yield the figures that a court reported, then what its text does not say."""
    for key, known in (("figure", _FIGURE), ("silent", _SILENT)):
        for row in file.tables("-", top, key):
            topic = file.text("-", row, "topic")
            file.only(topic, row, known)
            text = Text(file.text(topic, row, "zh"), file.text(topic, row, "en"))
            value = file.number(topic, row, "value", least=-_INFINITE, most=_INFINITE) if key == "figure" else None
            yield Published(topic, text, value)
