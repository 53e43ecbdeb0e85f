"""The code of a statement: every answer in some two dozen characters, so that nothing has to be kept anywhere.

It is read out, typed and printed, hence an alphabet without I, L, O and U
(Crockford's base 32) and a check sum that finds slips of the pen.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from serving.statement.answers import ASSETS, CHOICES, EARLIEST, LATEST, MOST_YUAN, Answers

PREFIX: Final = "ZC"
PATTERN: Final = r"[0-9A-Za-z -]{0,64}"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_VERSION: Final = 1
_VERSIONS: Final = 8
_CHECK: Final = 1 << 20
_FIRST: Final = date(2026, 1, 1)
_DAYS: Final = 1 << 13
_SPAN: Final = (LATEST - EARLIEST).days + 2
_GROUP: Final = 4


class CodeError(ValueError):
    """What was typed is no code of a statement."""


def code_of(answers: Answers) -> str:
    """Return the code that stands for these answers, `ZC-XXXX-…`."""
    number = 0
    for radix, digit in _digits(answers):
        number = number * radix + digit
    number = number * _CHECK + _check(number)
    text = ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
    return "-".join((PREFIX, *(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))))


def read_code(typed: str) -> Answers:
    """Return the answers that a code stands for, however it was typed.

    Raises
    ------
    CodeError
        It was mistyped, or is of no version that this program writes.
    """
    text = typed.upper().translate(_ALIKE).removeprefix(PREFIX)
    if not text or len(text) > 40 or not set(text) <= set(_ALPHABET):
        raise CodeError(_WRONG)
    number = 0
    for letter in text:
        number = number * len(_ALPHABET) + _ALPHABET.index(letter)
    number, check = divmod(number, _CHECK)
    if check != _check(number):
        raise CodeError(_WRONG)
    found: list[int] = []
    for radix in reversed(_RADICES):
        number, digit = divmod(number, radix)
        found.insert(0, digit)
    if number or found[0] != _VERSION:
        raise CodeError(_WRONG)
    try:
        return _answers(iter(found[1:]))
    except (ValueError, IndexError) as error:
        raise CodeError(_WRONG) from error


_WRONG: Final = "编号有误 / not a code of a statement"


def _check(number: int) -> int:
    return zlib.crc32(b"%x" % number) % _CHECK


def _digits(answers: Answers) -> Iterator[tuple[int, int]]:
    chosen = [
        0 if not getattr(answers, name) else codes.index(getattr(answers, name)) + 1 for name, codes in CHOICES.items()
    ]
    known = sum(1 << place for place, asset in enumerate(ASSETS) if asset in answers.assets)
    digits = [
        _VERSION, min(max((answers.started - _FIRST).days, 0), _DAYS - 1), *chosen, int(answers.assets_asked), known,
        *(0 if day is None else (day - EARLIEST).days + 1 for day in (answers.due, answers.expiry)),
        answers.amount or 0,
    ]  # fmt: skip
    return zip(_RADICES, digits, strict=True)


_RADICES: Final = (
    _VERSIONS, _DAYS, *(len(codes) + 1 for codes in CHOICES.values()), 2, 1 << len(ASSETS), _SPAN, _SPAN, MOST_YUAN + 1,
)  # fmt: skip


def _answers(digits: Iterator[int]) -> Answers:
    started = _FIRST + timedelta(days=next(digits))
    chosen = {name: ("", *codes)[next(digits)] for name, codes in CHOICES.items()}
    asked, known = bool(next(digits)), next(digits)
    due, expiry = (EARLIEST + timedelta(days=day - 1) if day else None for day in (next(digits), next(digits)))
    return Answers(
        started=started,
        **chosen,
        assets_asked=asked,
        assets=frozenset(asset for place, asset in enumerate(ASSETS) if known >> place & 1),
        due=due,
        expiry=expiry,
        amount=next(digits) or None,
    )
