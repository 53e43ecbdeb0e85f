"""What the commands say: results on stdout in the asked form, everything else on stderr, in Chinese or English."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text

from training.errors import CommandError
from training.spreadsheet import safe

Advance = Callable[[], None]
NARROW = 60
"""Terminals with fewer columns get key-value lines instead of a table whose headings would be cut."""


class Lang(StrEnum):
    """Language of messages; results carry both where they are data."""

    ZH = "zh"
    EN = "en"

    def say(self, zh: str, en: str) -> str:
        """Return the wording in this language."""
        return zh if self is Lang.ZH else en


class Form(StrEnum):
    """Form of the result on stdout; auto is a table on a terminal and plain columns elsewhere."""

    AUTO = "auto"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


@dataclass(frozen=True)
class Column:
    """A column of a result: its key in every row and its two headings."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True)
class Result:
    """What a command found: a table for people, a document for programs, and a closing line.

    `more` are further tables, each with a `title`; programs and CSV get the
    document and the first table alone.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, object]]
    document: Mapping[str, object] = field(default_factory=dict)
    zh: str = ""
    en: str = ""
    title: tuple[str, str] = ("", "")
    more: tuple[Result, ...] = ()


class Console:
    """The one voice of the commands.

    Parameters
    ----------
    lang, form
        Language of messages and form of results.
    quiet, progress
        Whether to leave out notes, and whether to show progress at all.
    out, err
        Where results and everything else go.
    """

    def __init__(
        self,
        *,
        lang: Lang = Lang.ZH,
        form: Form = Form.AUTO,
        quiet: bool = False,
        progress: bool = True,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self.lang = lang
        self.form = form
        self.quiet = quiet
        self.progress = progress
        self.out = sys.stdout if out is None else out
        self.err = sys.stderr if err is None else err
        self.heard: list[Mapping[str, object]] = []
        """Everything that was said beside results, with the seconds since the first word, for the log of a run."""
        self.shown: list[Result] = []
        self._began = time.monotonic()
        self._rich = RichConsole(file=self.err, markup=False, highlight=False, soft_wrap=True)

    def say(self, zh: str, en: str) -> str:
        """Return the wording in the chosen language."""
        return self.lang.say(zh, en)

    def note(self, zh: str, en: str) -> None:
        """Say something that is not a result."""
        self._hear("note", zh, en)
        if not self.quiet:
            self.err.write(self.say(zh, en) + "\n")

    def warn(self, zh: str, en: str) -> None:
        """Say something that ought to be read, even when quiet."""
        self._hear("warning", zh, en)
        self.err.write(self.say("警告：", "warning: ") + self.say(zh, en) + "\n")

    def refuse(self, error: CommandError) -> None:
        """Say why a command stops, and what to do; as a problem object on stdout when JSON is asked for."""
        refusal = error.refusal
        hint = self.say(refusal.hint_zh, refusal.hint_en)
        both = (error.detail_zh, error.detail_en)
        first, second = both if self.lang is Lang.ZH else both[::-1]
        head = self.say("错误", "error")
        self.err.write(f"{head} [{refusal.code}] {first} / {second}\n")
        self.err.write(f"{self.say('提示：', 'hint: ')}{hint}\n")
        self.err.write(f"{self.say('文档：', 'more: ')}fenliu explain {refusal.code}\n")
        if self.form is Form.JSON:
            self.out.write(json.dumps(problem(error), ensure_ascii=False) + "\n")

    def show(self, result: Result) -> None:
        """Write a result to stdout in the asked form."""
        self.shown.append(result)
        if self.form is Form.JSON:
            document = result.document or {"rows": [dict(row) for row in result.rows]}
            self.out.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")
            return
        if self.form is Form.CSV:
            self.out.write(_csv([column.key for column in result.columns], result))
        else:
            self.out.write("\n".join(self._part(one) for one in (result, *result.more)))
        self.out.flush()

    @contextmanager
    def step(self, zh: str, en: str, *, total: int) -> Iterator[Advance]:
        """Show how far a step is; the caller calls the yielded function once for each of `total` parts."""
        text = self.say(zh, en)
        self._hear("step", zh, en)
        if self.quiet or not self.progress:
            yield _nothing
        elif self._rich.is_terminal:
            with _bar(self._rich) as bar:
                task = bar.add_task(text, total=total)
                yield lambda: bar.advance(task)
        else:
            yield _Lines(self.err, text, total).advance

    def _hear(self, kind: str, zh: str, en: str) -> None:
        self.heard.append({"seconds": round(time.monotonic() - self._began, 3), "kind": kind, "zh": zh, "en": en})

    def _part(self, result: Result) -> str:
        """Return one table with its title above and its closing line below, whichever of the three there are."""
        title, closing = self.say(*result.title), self.say(result.zh, result.en)
        head = f"## {title}\n\n" if self.form is Form.MD else f"{title}\n"
        foot = f"\n{closing}\n" if self.form is Form.MD else f"{closing}\n"
        return head * bool(title) + (self._table(result) if result.columns else "") + foot * bool(closing)

    def _table(self, result: Result) -> str:
        headings = [self.say(column.zh, column.en) for column in result.columns]
        cells = [[cell_text(row.get(column.key)) for column in result.columns] for row in result.rows]
        if self.form is Form.MD:
            lines = [headings, ["---"] * len(headings), *cells]
            return "".join(f"| {' | '.join(cell.replace('|', '｜') for cell in line)} |\n" for line in lines)
        terminal = self.form is Form.TABLE or self.out.isatty()
        if terminal and self._rich.width >= NARROW:
            return self._boxed(headings, cells)
        if terminal:
            pairs = [[f"{h}: {c}" for h, c in zip(headings, line, strict=True) if c] for line in cells]
            return "\n".join("\n".join(lines) + "\n" for lines in pairs)
        return _aligned([headings, *cells])

    def _boxed(self, headings: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
        table = RichTable()
        for heading in headings:
            # Chinese has no spaces: without folding, a long sentence would be cut short.
            table.add_column(Text(heading), overflow="fold")
        for line in cells:
            table.add_row(*[Text(cell) for cell in line])
        buffer = io.StringIO()
        RichConsole(file=buffer, width=self._rich.width, no_color=True).print(table)
        return buffer.getvalue()


def problem(error: CommandError) -> dict[str, object]:
    """Return the problem object of a refusal, in the shape that the API uses."""
    refusal = error.refusal
    return {
        "type": f"urn:fenliu:problem:{refusal.code}",
        "title": refusal.zh,
        "title_en": refusal.en,
        "code": refusal.code,
        "detail": error.detail_zh,
        "detail_en": error.detail_en,
        "exit": refusal.exit,
    }


def speak_utf8() -> None:
    """Make both streams UTF-8 whatever the locale says; Chinese never turns into escapes or question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


class _Lines:
    """Progress where there is no terminal: one line for every tenth."""

    def __init__(self, stream: TextIO, text: str, total: int) -> None:
        self.stream = stream
        self.text = text
        self.total = max(total, 1)
        self.done = 0

    def advance(self) -> None:
        """Count one part, and say so when another tenth is full."""
        before, self.done = self.done, self.done + 1
        if self.done * 10 // self.total > before * 10 // self.total:
            self.stream.write(f"{self.text} {self.done}/{self.total}\n")
            self.stream.flush()


def _bar(console: RichConsole) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=False)


def _nothing() -> None:
    """Count nothing."""


def cell_text(value: object) -> str:
    """Return a cell as a person reads it: what is not there is a dash, a number has four digits."""
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN is the only such value
        return "—"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    """Return plain columns; a Chinese character is two cells wide."""
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(lines[0]))] if lines[0] else []
    padded = [[cell + " " * (w - cell_len(cell)) for cell, w in zip(line, widths, strict=True)] for line in lines]
    return "".join("  ".join(line).rstrip() + "\n" for line in padded)


def _csv(keys: Sequence[str], result: Result) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([[safe(row.get(key)) for key in keys] for row in result.rows])
    return buffer.getvalue()
