"""Reading JSON without mercy: one object, every key once, finite numbers, shallow, real characters.

The standard library reads (its hooks see duplicate keys, NaN and each number's
text, which orjson hides); orjson writes. On a 3 kB case this costs some 40 µs
more than orjson alone, which buys refusals no later check could make.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, NoReturn

import orjson

MOST_DEPTH: Final = 32
MOST_DIGITS: Final = 40
_INT64: Final = range(-(2**63), 2**63)
NESTING = re.compile(r'"(?:[^"\\]|\\.?)*+"?|[\[{]|[\]}]', flags=re.DOTALL)
"""Strings and brackets. Possessive, and content with an unfinished string, so that its time grows with the length."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SIGN_OR_POINT = str.maketrans("", "", "+-.eE")


@dataclass(frozen=True)
class BadJsonError(ValueError):
    """A body cannot be read; `code` is the problem's code, and nothing of the body is repeated."""

    code: str

    def __str__(self) -> str:
        """Return the problem code."""
        return self.code


def read_object(body: bytes) -> dict[str, object]:
    """Return the JSON object in `body`.

    Raises
    ------
    BadJsonError
        It is not UTF-8, not JSON, too deep, not an object, says a key twice,
        or holds a number or character that other readers would understand
        differently.
    """
    text = _decoded(body)
    _check_depth(text)
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError:
        raise BadJsonError("JSON_INVALID") from None
    if not isinstance(document, dict):
        raise BadJsonError("JSON_NOT_OBJECT")
    if _SURROGATE.search(text):
        _check_characters(document)
    return document


def canonical(document: object) -> bytes:
    """Return the one spelling of a document: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def written(document: object) -> bytes:
    """Return a document as compact JSON in the order it was built."""
    return orjson.dumps(document)


def _decoded(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadJsonError("JSON_ENCODING") from None
    if text.startswith("\ufeff"):
        raise BadJsonError("JSON_ENCODING")
    return text


def _check_depth(text: str) -> None:
    """Count brackets outside strings; the quick count decides for every honest body."""
    if text.count("{") + text.count("[") <= MOST_DEPTH:
        return
    depth = 0
    for token in NESTING.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if depth > MOST_DEPTH:
            raise BadJsonError("JSON_TOO_DEEP")


def _check_characters(document: object) -> None:
    """Refuse half of a surrogate pair: it is no character, and no database could store it."""
    try:
        orjson.dumps(document)
    except TypeError:
        raise BadJsonError("JSON_ENCODING") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJsonError("JSON_DUPLICATE_KEY")
    return found


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS or (number := int(text)) not in _INT64:
        raise BadJsonError("JSON_NUMBER")
    return number


def _fraction(text: str) -> float:
    if len(text.translate(_SIGN_OR_POINT)) > MOST_DIGITS:
        raise BadJsonError("JSON_NUMBER")
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BadJsonError("JSON_NOT_FINITE")
    return number


def _not_finite(_: str) -> NoReturn:
    raise BadJsonError("JSON_NOT_FINITE")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_int=_whole,
    parse_float=_fraction,
    parse_constant=_not_finite,
)
