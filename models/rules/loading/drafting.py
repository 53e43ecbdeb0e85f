"""Drafts of a court's rule table: other values from a day to come over the table in force, for a person to sign."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.rules.loading.shipped import Named, shipped_court, shipped_default

_HEAD = """\
# 草案，未签署，不得施行。{check_zh}后填写签署人和日期，再交付使用。
# Draft, unsigned: not to be put into force. {check_en} first.
# signed_by = ""     签署人
# signed_on = ""     签署日期
{remarks}
format = "fenliu-rules/1"
scope = "court"
court = {court}
version = "{version}"
extends = "{base}"
title = ["{title_zh}", "{title_en}"]

[[parameters]]
version = "{version}"
in_force_from = {day}

[parameters.values]
"""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a draft says beside its values.

    `check` tells whoever signs what to check, `remarks` are further lines of
    comment; each pair is Chinese, then English, and holds no line end.
    """

    court: str
    version: str
    day: date
    title: tuple[str, str]
    check: tuple[str, str]
    remarks: Sequence[str] = ()


def draft_text(draft: Draft, values: Sequence[str], *, texts: Sequence[Named]) -> str:
    """Return the text of a draft over the table of these texts; `values` are its lines, one a parameter."""
    head = _HEAD.format(
        check_zh=draft.check[0],
        check_en=draft.check[1],
        remarks="".join(f"# {line}\n" for line in draft.remarks),
        court=json.dumps(draft.court, ensure_ascii=False),
        version=draft.version,
        base=base_of(texts),
        title_zh=draft.title[0],
        title_en=draft.title[1],
        day=draft.day.isoformat(),
    )
    return head + "\n".join(values) + "\n"


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
