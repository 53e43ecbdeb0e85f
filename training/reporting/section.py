"""What a report is made of: sections with sentences and tables in both languages, and marks for what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.rules.rule import Text
from training.console import Lang
from training.page import grid, heading, paragraph

OPEN: Final = Text("（待本院填写）", "(to be filled in by the court)")
NONE: Final = Text("（无记录）", "(not on record)")


_NUMERALS: Final = "一二三四五六七八九十"


@dataclass(frozen=True)
class Grid:
    """A table: headings, and rows of texts."""

    headings: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a report: sentences and tables in their order; one that is not numbered belongs to the one before."""

    title: Text
    parts: tuple[Text | Grid, ...]
    numbered: bool = True

    def html(self, lang: Lang, number: int) -> Iterator[str]:
        """Yield the section as parts of a page, under its number."""
        head = lang.say(f"{_NUMERALS[number]}、", f"{number + 1}. ") if self.numbered else ""
        yield heading(head + lang.say(*self.title), level=2 if self.numbered else 3)
        for part in self.parts:
            if isinstance(part, Grid):
                headings = [lang.say(*one) for one in part.headings]
                yield grid(headings, [[lang.say(*cell) for cell in row] for row in part.rows])
            else:
                yield paragraph(lang.say(*part))

    def texts(self) -> Iterator[Text]:
        """Yield every text of the section."""
        for part in self.parts:
            if isinstance(part, Grid):
                yield from (cell for row in part.rows for cell in row)
            else:
                yield part


def same(text: object) -> Text:
    """Return what reads the same in both languages."""
    return Text(str(text), str(text))


def told(fact: str) -> Text:
    """Return what the court says of itself, or the mark that it has yet to."""
    return same(fact) if fact.strip() else OPEN


def pairs(*rows: tuple[str, str, Text]) -> Grid:
    """Return a table of headings and what is said under each."""
    cells = tuple((Text(zh, en), said) for zh, en, said in rows)
    return Grid((Text("项目", "item"), Text("内容", "content")), cells)


def bullets(texts: Iterable[Text]) -> tuple[Text, ...]:
    """Return sentences as points."""
    return tuple(Text(f"· {one.zh}", f"· {one.en}") for one in texts)


def still_open(sections: Sequence[Section]) -> int:
    """Return how many places wait for the court."""
    return sum(OPEN.zh in text.zh for section in sections for text in section.texts())
