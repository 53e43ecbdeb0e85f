"""Masking: how numbers and names of people are shown where the whole of them is not needed.

The forms are those of the public lists of debtors and of published judgments
(法释〔2016〕19号). Companies are no natural persons; their names stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Final

STAR: Final = "*"
_SPACES: Final = re.compile(r"[\s\-]+")
_CARD: Final = re.compile(r"(?<!\d)\d{6}[\s\-]?\d{8}[\s\-]?\d{3}[\dXxＸｘ](?!\d)")
_BANK: Final = re.compile(r"(?<!\d)\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?(?!\d)")
_OLD_CARD: Final = re.compile(r"(?<!\d)\d{15}(?!\d)")
_MOBILE: Final = re.compile(r"(?<!\d)(?:[+＋]?86[\s\-]?)?[1１][3-9３-９]\d[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)")
_PERMIT: Final = re.compile(r"(?<![A-Za-z0-9])(?:[HMhm]\d{8}(?:\d{2})?|[A-Za-z]{3}\d{12}|[EGeg][A-Za-z]?\d{7,8})(?!\d)")
_COUNTRY: Final = re.compile(r"^\+?86(?=1[3-9]\d{9}$)")
_TWO_CHARACTERS: Final = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "长孙",
        "宇文",
        "司徒",
        "司空",
        "夏侯",
        "端木",
        "轩辕",
        "南宫",
        "西门",
        "东郭",
        "呼延",
        "闻人",
        "澹台",
        "公冶",
        "宗政",
        "濮阳",
        "淳于",
        "单于",
        "太叔",
        "申屠",
        "仲孙",
        "钟离",
        "鲜于",
        "闾丘",
        "拓跋",
        "赫连",
        "百里",
        "第五",
        "纳兰",
        "完颜",
        "独孤",
    ]
)
"""Family names of two characters."""


def identity_number(text: str) -> str:
    """Return an identity number with region and last digits left: `331***********1234`.

    Numbers of 15 digits keep the same ends. Permits of residents of Hong Kong,
    Macao and Taiwan and passports are shorter: first sign and last two.
    """
    plain = _plain(text)
    if len(plain) in {15, 18} and plain[:14].isdecimal():
        return _between(plain, head=3, tail=4)
    return _between(plain, head=1, tail=2)


def mobile(text: str) -> str:
    """Return a mobile number as `138****5678`, a country code left out; other numbers keep their last two digits."""
    plain = _COUNTRY.sub("", _plain(text))
    if len(plain) == 11 and plain.isdecimal():
        return _between(plain, head=3, tail=4)
    return _between(plain, head=0, tail=2)


def bank_card(text: str) -> str:
    """Return a card or account number with its last four digits left."""
    return _between(_plain(text), head=0, tail=4)


def party_name(text: str, *, organisation: bool) -> str:
    """Return a person's name as `张某`, family names of two characters whole; an organisation's name as it is."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if organisation or not plain:
        return plain
    whole = plain[:2] if plain[:2] in _TWO_CHARACTERS and len(plain) > 2 else plain[:1]
    return f"{whole}某"


def masked(text: str) -> str:
    """Return free text with every number masked in it that is, by its form, a person's; names cannot be told."""
    for form, mask in _INSIDE:
        text = form.sub(partial(_mask, mask), text)
    return text


def _mask(mask: Callable[[str], str], found: re.Match[str]) -> str:
    return mask(found[0])


def _plain(text: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()


def _between(plain: str, *, head: int, tail: int) -> str:
    """Return a text with its middle starred; of a short one nothing is left to guess from."""
    if len(plain) < head + tail + 3:
        return STAR * len(plain)
    return f"{plain[:head]}{STAR * (len(plain) - head - tail)}{plain[len(plain) - tail :]}"


_INSIDE: Final[tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]] = (
    (_CARD, identity_number),
    (_BANK, bank_card),
    (_OLD_CARD, identity_number),
    (_MOBILE, mobile),
    (_PERMIT, identity_number),
)
