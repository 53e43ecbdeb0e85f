"""One page that needs nothing else: tables, pictures and words as self-contained HTML that opens anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from training.console import Lang, Result, cell_text

_STYLE = """
body { font: 14px/1.6 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  margin: 2em; color: #1a1a1a; max-width: 100em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; } h3 { font-size: 1em; margin-top: 1.5em; }
table { border-collapse: collapse; } th, td { border-bottom: 1px solid #d5dae0; padding: .25em .6em; text-align: left;
  vertical-align: top; } th { background: #f1f4f7; } td { font-variant-numeric: tabular-nums; }
.mark { background: #fff3cd; border: 1px solid #d39e00; padding: .5em 1em; } .wide { overflow-x: auto; }
.open { background: #fdecea; } svg { max-width: 100%; height: auto; }
@media print { body { margin: 0; } .wide { overflow: visible; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""

_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACE = re.compile(r'\sxmlns(?::\w+)?="[^"]*"')
"""What an SVG of its own names and a page does not need: who drew it, and what the language of the drawing is."""

SIMULATED = ("模拟数据，不得用于办案", "simulated data: not for real cases")


def page(title: str, parts: Iterable[str], *, lang: Lang = Lang.ZH, mark: str = "") -> str:
    """Return a whole page; `mark` is a warning at its head. It loads nothing and runs nothing."""
    warned = f'<p class="mark" role="note">{escape(mark)}</p>' if mark else ""
    language = lang.say("zh-CN", "en")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n{warned}\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def heading(text: str, *, level: int = 2) -> str:
    """Return a heading."""
    return f"<h{level}>{escape(text)}</h{level}>"


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>"


def grid(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in headings)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def tables_of(result: Result, lang: Lang) -> list[str]:
    """Return a result of a command as it was shown: its table, its closing line, and further tables below."""
    parts = []
    for one in (result, *result.more):
        title, closing = lang.say(*one.title), lang.say(one.zh, one.en)
        parts += [heading(title)] if title else []
        headings = [lang.say(column.zh, column.en) for column in one.columns]
        rows = [[cell_text(row.get(column.key)) for column in one.columns] for row in one.rows]
        parts += [grid(headings, rows)] if headings else []
        parts += [paragraph(closing)] if closing else []
    return parts


def picture(path: Path) -> str:
    """Return an SVG as part of the page, so that one file is enough and no address stands in it."""
    text = path.read_text(encoding="utf-8")
    drawn = _METADATA.sub("", text[text.index("<svg") :])
    return f"<figure>{_NAMESPACE.sub('', drawn)}</figure>"
