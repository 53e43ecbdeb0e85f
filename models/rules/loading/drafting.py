"""Files over a court's rule table: other values from days to come, the rest as in the table that they extend."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.rules.loading.shipped import Named, shipped_court, shipped_default

_HEAD = """\
{comments}
format = "fenliu-rules/1"
scope = "court"
court = {court}
version = {version}
extends = "{base}"
title = [{title_zh}, {title_en}]
"""
_SET = """
[[parameters]]
version = {version}
in_force_from = {day}{until}

[parameters.values]
"""
_UNSIGNED = """\
# 草案，未签署，不得施行。{zh}后填写签署人和日期，再交付使用。
# Draft, unsigned: not to be put into force. {en} first.
# signed_by = ""     签署人
# signed_on = ""     签署日期
"""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a file over a table says beside its values.

    `comments` are its first lines, each beginning with `#`; `title` is
    Chinese, then English.
    """

    court: str
    version: str
    title: tuple[str, str]
    comments: str = ""


@dataclass(frozen=True, kw_only=True)
class Values:
    """Values of parameters from one day on, and not from `until`: lines as they stand in the file, one a parameter."""

    version: str
    day: date
    lines: Sequence[str]
    until: date | None = None


def unsigned(zh: str, en: str, *remarks: str) -> str:
    """Return the comments of a file that somebody has yet to sign: what to check before, and further remarks."""
    return _UNSIGNED.format(zh=zh, en=en) + "".join(f"# {line}\n" for line in remarks)


def draft_text(draft: Draft, sets: Sequence[Values], *, texts: Sequence[Named]) -> str:
    """Return the text of a file over the table of these texts, which changes nothing but the values of `sets`."""
    head = _HEAD.format(
        comments=draft.comments,
        court=_quoted(draft.court),
        version=_quoted(draft.version),
        base=base_of(texts),
        title_zh=_quoted(draft.title[0]),
        title_en=_quoted(draft.title[1]),
    )
    return head + "".join(_set(one) for one in sets)


def _set(one: Values) -> str:
    until = "" if one.until is None else f"\nuntil = {one.until.isoformat()}"
    head = _SET.format(version=_quoted(one.version), day=one.day.isoformat(), until=until)
    return head + "\n".join(one.lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def base_of(texts: Sequence[Named]) -> str:
    """Return the name under which a draft extends the table of these texts, statute first."""
    name = texts[1][0]
    return "default" if name == shipped_default()[0] else name.removesuffix(".toml")


def own_texts(texts: Sequence[Named]) -> list[Named]:
    """Return the court's files that do not come with the program."""
    shipped = {shipped_default()[0]}
    return [
        (name, text)
        for name, text in texts[1:]
        if name not in shipped and shipped_court(name.removesuffix(".toml")) is None
    ]
