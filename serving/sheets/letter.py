"""Drafts of letters as a document that can be edited: headings, paragraphs and plain tables, and nothing that runs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

_BODY: Final = "仿宋"
_HEADS: Final = "黑体"


@dataclass(frozen=True)
class Heading:
    """A heading within the letter."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table: its first row holds the headings."""

    rows: Sequence[Sequence[str]]


Part = Heading | Paragraph | Table


def letter(title: str, parts: Sequence[Part]) -> bytes:
    """Return the document."""
    document = Document()
    _face(document.styles["Normal"], _BODY, 12)
    for level in (0, 1):
        _face(document.styles["Title" if level == 0 else "Heading 1"], _HEADS, 18 if level == 0 else 14)
    document.add_heading(title, level=0)
    for part in parts:
        if isinstance(part, Heading):
            document.add_heading(part.text, level=1)
        elif isinstance(part, Paragraph):
            document.add_paragraph(part.text)
        else:
            _table(document, part)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _face(style: object, face: str, points: int) -> None:
    """Set the face of a style for Chinese and Latin letters alike; without the former Word takes another one."""
    style.font.name, style.font.size = face, Pt(points)  # type: ignore[attr-defined] # styles of paragraphs have fonts
    style.element.rPr.rFonts.set(qn("w:eastAsia"), face)  # type: ignore[attr-defined]


def _table(document: object, part: Table) -> None:
    made = document.add_table(rows=0, cols=len(part.rows[0]))  # type: ignore[attr-defined] # a document has tables
    made.style = "Table Grid"
    for row in part.rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text
