"""Opening rule tables: a court's file, a changed statute, or a shipped table by name, or a word why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from models.rules.loading import profile_names, shipped_default, texts_of
from models.rules.loading.shipped import FAST_FIRST, PREFIX, shipped_court
from models.rules.reading import read_file
from models.rules.rule import RuleFault, RuleTableError
from models.rules.table import RuleTable
from training.errors import CommandError

Named = tuple[str, str]
"""A file's name and content."""

DEFAULT = "default"
"""Name of the shipped table of a court that has none of its own."""


def open_table(path: Path | None) -> RuleTable:
    """Return the table of a file, or of a shipped name; without one the shipped default.

    A court's file stands beside the shipped statute, a changed statute beside
    the shipped court table; a table that a file extends is taken from the
    shipped ones, or from the file of that name in the same folder.

    Raises
    ------
    CommandError
        NOT_FOUND, USAGE (a directory), or RULES_REJECTED with every fault.
    """
    asked = Path(DEFAULT) if path is None else path
    try:
        own = named(asked)
        return RuleTable.of(beside(own, others=[named(one) for one in _extended(asked, own)]))
    except RuleTableError as error:
        raise rejected(error.faults) from error


def named(path: Path) -> Named:
    """Return the name and content of a file or shipped table.

    Raises
    ------
    CommandError
        The file is not there, or is a directory.
    RuleTableError
        It cannot be read, or is not UTF-8.
    """
    shipped = shipped_court(str(path)) if str(path) in {DEFAULT, FAST_FIRST} and not path.exists() else None
    if shipped is not None:
        return shipped
    if path.is_dir():
        zh = f"{path} 是目录，应为规则表文件（.toml）"
        raise CommandError("USAGE", zh, f"{path} is a directory; a rule table file (.toml) is needed")
    if not path.exists() and str(path) not in shipped_names():
        known = shipped_names()
        zh = f"没有规则表 {path}；随附的表可按名称使用：{'、'.join(known)}"
        raise CommandError("NOT_FOUND", zh, f"no rule table {path}; shipped tables go by name: {', '.join(known)}")
    texts, faults = texts_of([path])
    if faults:
        raise RuleTableError(faults)
    return texts[0]


def beside(own: Named, *, others: Sequence[Named] = (), statute: Named | None = None) -> list[Named]:
    """Return a file with what it needs beside it to be a table; what is not named comes from the shipped tables."""
    if scope_of(own) == "statutory":
        return [own, shipped_default()]
    return [own, *others, *([] if statute is None else [statute])]


def scope_of(own: Named) -> str:
    """Return `statutory` or `court`; something else where the file does not say."""
    return read_file(*own).scope


def extends(own: Named) -> str:
    """Return the name of the table that a file builds on; empty for none."""
    return read_file(*own).extends


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped tables: the default, the pattern, and the published profiles."""
    return DEFAULT, FAST_FIRST, *(f"{PREFIX}{name}" for name in profile_names())


def rejected(faults: Sequence[RuleFault]) -> CommandError:
    """Return the refusal of a table with faults: the first ones in words, and how many there are."""
    told = faults[:3]
    more = len(faults) - len(told)
    zh = "；".join(f"{_place(one)}：{one.zh}" for one in told) + (f"；另有 {more} 处" if more else "")
    en = "; ".join(f"{_place(one)}: {one.en}" for one in told) + (f"; and {more} more" if more else "")
    return CommandError("RULES_REJECTED", zh, en)


def _place(fault: RuleFault) -> str:
    return fault.file if fault.rule == "-" else f"{fault.file} {fault.rule}"


def _extended(path: Path, own: Named) -> Iterator[Path]:
    """Yield the files beside this one that it builds on, one after the other, until a shipped table or nothing."""
    seen = {path.stem}
    name = extends(own)
    while name and name not in seen and shipped_court(name) is None:
        file = path.with_name(f"{name}.toml")
        if not file.is_file():
            return
        seen.add(name)
        yield file
        name = extends(named(file))
