"""Opening rule tables: a court's file, a changed statute, or a shipped table by name; what cannot be read is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from models.rules.reading import read_file
from models.rules.rule import RuleFault, RuleTableError
from models.rules.table import RuleTable
from training.errors import CommandError

Texts = tuple[tuple[str, str], ...]
"""Names and contents of the files of one table, statute first."""

DEFAULT = "default"
"""Name of the shipped court table."""


def open_table(path: Path | None) -> RuleTable:
    """Return the table of a file, or of a shipped name; without one the shipped default.

    A court's file stands beside the shipped statute, a changed statute beside
    the shipped court table.

    Raises
    ------
    CommandError
        NOT_FOUND, USAGE (a directory), or RULES_REJECTED with every fault.
    """
    try:
        return RuleTable.of(texts_of(Path(DEFAULT) if path is None else path))
    except RuleTableError as error:
        raise rejected(error.faults) from error


def texts_of(path: Path) -> Texts:
    """Return the texts of the table that a file belongs to.

    Raises
    ------
    CommandError
        The file is not there, or is a directory.
    RuleTableError
        It is not UTF-8, so nothing in it can be read.
    """
    own = path.name if path.exists() else f"{path.name}.toml", read_text(path)
    statute, court = (RuleTable.load().texts[i] for i in range(2))
    return (own, court) if scope_of(*own) == "statutory" else (statute, own)


def scope_of(name: str, text: str) -> str:
    """Return `statutory` or `court`; something else where the file does not say."""
    return read_file(name, text).scope


def read_text(path: Path) -> str:
    """Return what a rule file, or a shipped table of this name, says; a byte order mark is no fault."""
    shipped = shipped_tables()
    if not path.exists() and str(path) in shipped:
        return shipped[str(path)]
    if path.is_dir():
        zh = f"{path} 是目录，应为规则表文件（.toml）"
        raise CommandError("USAGE", zh, f"{path} is a directory; a rule table file (.toml) is needed")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        names = "、".join(shipped)
        zh = f"读不到规则表 {path}；也可用随附的表名：{names}"
        en = f"cannot read rule table {path}; shipped tables go by name: {', '.join(shipped)}"
        raise CommandError("NOT_FOUND", zh, en) from error
    except UnicodeDecodeError as error:
        zh = f"第 {error.start + 1} 个字节起不是 UTF-8 编码（常见于按 GBK 保存），请另存为 UTF-8"
        en = f"not UTF-8 from byte {error.start + 1} on (often saved as GBK); save it as UTF-8"
        raise RuleTableError([RuleFault(path.name, "-", zh, en)]) from error


def shipped_tables() -> Mapping[str, str]:
    """Return the court tables that the product ships, by name: the default and the published profiles."""
    folder = files("models.rules").joinpath("profiles")
    profiles = [one for one in folder.iterdir() if one.name.endswith(".toml")] if folder.is_dir() else []
    named = {one.name.removesuffix(".toml"): one.read_text("utf-8") for one in sorted(profiles, key=lambda p: p.name)}
    return {DEFAULT: RuleTable.load().texts[1][1], **named}


def rejected(faults: Sequence[RuleFault]) -> CommandError:
    """Return the refusal of a table with faults: the first ones in words, and how many there are."""
    told = faults[:3]
    more = len(faults) - len(told)
    zh = "；".join(f"{one.file} {one.rule}：{one.zh}" for one in told) + (f"；另有 {more} 处" if more else "")
    en = "; ".join(f"{one.file} {one.rule}: {one.en}" for one in told) + (f"; and {more} more" if more else "")
    return CommandError("RULES_REJECTED", zh, en)
