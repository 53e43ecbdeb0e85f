"""Reading one rule file: from bytes on a disk to rules, refusing what is no such file at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from models.rules.reading.parameters import read_limit, read_parameter, read_parameter_set, read_published
from models.rules.reading.rule_file import COURT, STATUTORY, RuleFile
from models.rules.reading.rules import read_rule
from models.rules.rule import NO_TEXT, RuleFault
from models.strict_table import Table, written

FORMAT = "fenliu-rules/1"
MOST_BYTES = 1_000_000
"""A rule table is read by people; a larger file is something else."""

_SAID_OF_A_COURT = frozenset({"court", "extends", "without", "title", "source", "figure", "silent"})
_SAID_OF_THE_LAW = frozenset({"parameter", "limit"})
_TOP = frozenset({"format", "scope", "version", "in_force_from", "parameters", "rule"})


def text_of(path: Path) -> tuple[str, RuleFault | None]:
    """Return what stands in a file, or why it cannot be read; a mark of byte order at its start is left out."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as error:
        zh, en = f"无法读取：{error.strerror}", f"cannot be read: {error.strerror}"
        return "", RuleFault(path.name, "-", zh, en)
    if len(raw) > MOST_BYTES:
        zh = f"文件超过 {MOST_BYTES:,} 字节，不是规则表"
        return "", RuleFault(path.name, "-", zh, f"more than {MOST_BYTES:,} bytes; no rule table")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        zh = f"第 {error.start + 1} 字节起不是 UTF-8，请另存为 UTF-8 编码"
        return "", RuleFault(path.name, "-", zh, f"not UTF-8 from byte {error.start + 1}; save the file as UTF-8")


def read_file(name: str, text: str) -> RuleFile:
    """Read one file; look at its faults before using what it says."""
    file = RuleFile(name, text_read=text)
    top = file.document(text)
    if not top:
        if not file.faults:
            file.fault("-", "文件是空的", "the file is empty")
        return file
    _head(file, top)
    file.declared = [read_parameter(file, row) for row in file.tables("-", top, "parameter")]
    file.limits = [read_limit(file, row) for row in file.tables("-", top, "limit")]
    file.sets = [read_parameter_set(file, row) for row in file.tables("-", top, "parameters")]
    file.rules = [read_rule(file, row) for row in file.tables("-", top, "rule")]
    return file


def _head(file: RuleFile, top: Table) -> None:
    file.format(top, FORMAT)
    file.scope = str(top.get("scope", ""))
    if file.scope not in {STATUTORY, COURT}:
        zh = f"scope 应为 {STATUTORY}、{COURT}，实为 {written(top.get('scope'))}"
        file.fault("-", zh, f"scope is {STATUTORY} or {COURT}")
    file.version = file.text("-", top, "version")
    if file.scope == STATUTORY:
        file.only("-", top, _TOP | _SAID_OF_THE_LAW)
        file.in_force_from = file.day("-", top, "in_force_from")
        return
    file.only("-", top, _TOP | _SAID_OF_A_COURT | _SAID_OF_THE_LAW)
    file.court = file.text("-", top, "court")
    file.in_force_from = file.day("-", top, "in_force_from", default=date.min)
    file.extends = file.text("-", top, "extends", default="")
    file.without = file.texts("-", top, "without")
    file.title = file.pair("-", top, "title") if "title" in top else NO_TEXT
    file.source = file.text("-", top, "source", default="")
    file.published = tuple(read_published(file, top))
