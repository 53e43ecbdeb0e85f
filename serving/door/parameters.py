"""The parameters an address takes: each has a form that is checked here and printed in the interface document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, Protocol
from urllib.parse import parse_qsl

from features.characters import MOST_TEXT, ONE_LINE, line_pattern
from features.clock import SHANGHAI
from features.identifiers import points_to_a_person
from serving.door.problems import ProblemError

Place = Literal["path", "query", "header"]

VISIBLE: Final = f"[^{ONE_LINE}]"
"""A character that can be seen; the case's own reader refuses the same ones."""

_MOST_QUERY_BYTES: Final = 2048
_MOST_FIELDS: Final = 32
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Form(Protocol):
    """What a value must look like."""

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""

    def read(self, text: str) -> object:
        """Return the value, or raise ValueError."""


@dataclass(frozen=True)
class Text:
    """A text of this pattern."""

    pattern: str

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}

    def read(self, text: str) -> str:
        """Return the text itself."""
        if not re.fullmatch(self.pattern, text):
            msg = "格式不符 / has not the form asked for"
            raise ValueError(msg)
        return text


@dataclass(frozen=True)
class Surrogate:
    """A number that the court gives to a case or to itself; no identity or telephone number stands in it.

    Such numbers are kept unsealed and are in the audit trail, so nobody's own number may get there.
    """

    most: int = MOST_TEXT

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return Text(self._pattern).schema

    def read(self, text: str) -> str:
        """Return the text itself."""
        found = Text(self._pattern).read(text)
        if points_to_a_person(found):
            msg = "不得含证件号码或手机号码 / must hold no identity or telephone number"
            raise ValueError(msg)
        return found

    @property
    def _pattern(self) -> str:
        return line_pattern(self.most)


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def read(self, text: str) -> int:
        """Return the number."""
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not self.least <= int(text) <= self.most:
            msg = f"须为 {self.least} 至 {self.most} 的整数 / must be a whole number from {self.least} to {self.most}"
            raise ValueError(msg)
        return int(text)


@dataclass(frozen=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"type": "string", "enum": list(self.words)}

    def read(self, text: str) -> str:
        """Return the word itself."""
        if text not in self.words:
            msg = f"须为 {'、'.join(self.words)} 之一 / must be one of {', '.join(self.words)}"
            raise ValueError(msg)
        return text


@dataclass(frozen=True)
class YesNo:
    """The word true or false."""

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"type": "boolean"}

    def read(self, text: str) -> bool:
        """Return the truth value."""
        if text not in {"true", "false"}:
            msg = "须为 true 或 false / must be true or false"
            raise ValueError(msg)
        return text == "true"


@dataclass(frozen=True)
class Day:
    """A calendar day, such as 2026-11-20."""

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}

    def read(self, text: str) -> date:
        """Return the day."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            msg = "须为 YYYY-MM-DD 形式的日期 / must be a date such as 2026-11-20"
            raise ValueError(msg)
        try:
            return date.fromisoformat(text)
        except ValueError:
            msg = "没有这一天 / there is no such day"
            raise ValueError(msg) from None


@dataclass(frozen=True)
class Instant:
    """An instant with its zone, such as 2026-11-20T09:12:00+08:00."""

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"type": "string", "format": "date-time", "pattern": _INSTANT.pattern}

    def read(self, text: str) -> str:
        """Return the instant on the courts' clock, in ISO 8601."""
        msg = "须为带时区的时间，如 2026-11-20T09:12:00+08:00 / must be an instant with its zone"
        if not _INSTANT.fullmatch(text):
            raise ValueError(msg)
        try:
            return datetime.fromisoformat(text).astimezone(SHANGHAI).isoformat()
        except (ValueError, OverflowError):
            raise ValueError(msg) from None


@dataclass(frozen=True)
class Money:
    """An amount of money in yuan, greater than nothing, as a decimal text such as 38600.00."""

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"type": "string", "pattern": _MONEY.pattern}

    def read(self, text: str) -> str:
        """Return the amount with two decimals."""
        if not _MONEY.fullmatch(text) or Decimal(text) == 0:
            msg = '须为大于 0、至多两位小数的金额，如 "38600.00" / must be an amount above 0 such as "38600.00"'
            raise ValueError(msg)
        return f"{Decimal(text):.2f}"


_INSTANT: Final = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$", re.ASCII)
_MONEY: Final = re.compile(r"^(?=.*[1-9])\d{1,13}(\.\d{1,2})?$", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter: where it stands, what it looks like, and the problem when it is absent or wrong."""

    name: str
    form: Form
    zh: str
    en: str
    place: Place = "query"
    required: bool = False
    missing: str = "PARAMETER_INVALID"
    invalid: str = "PARAMETER_INVALID"


def values_of(parameters: Iterable[Parameter], query: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """Return the values of query and header parameters by name, each in its form.

    Raises
    ------
    ProblemError
        The query has a parameter that is not declared, says one twice or
        cannot be decoded; or a declared one is absent or not in its form.
    """
    declared = [parameter for parameter in parameters if parameter.place != "path"]
    asked = {parameter.name for parameter in declared if parameter.place == "query"}
    given = _query(query, asked) if query else {}
    found = {}
    for parameter in declared:
        text = (given if parameter.place == "query" else headers).get(parameter.name.lower())
        if text is not None:
            found[parameter.name] = _value(parameter, text)
        elif parameter.required:
            raise _wrong(parameter, parameter.missing, "必须提供 / is required")
    return found


def pairs_of(text: bytes, *, wrong: str) -> dict[str, str]:
    """Return the pairs of a query or of a form; raise the problem `wrong` if two readers could differ over them."""
    if _BROKEN_ESCAPE.search(text):
        raise ProblemError(wrong)
    try:
        pairs = parse_qsl(
            text.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise ProblemError(wrong) from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProblemError(wrong)
    return found


def _query(query: bytes, asked: set[str]) -> dict[str, str]:
    if not asked:
        raise ProblemError("QUERY_NOT_ALLOWED")
    if len(query) > _MOST_QUERY_BYTES:
        raise ProblemError("QUERY_INVALID")
    found = pairs_of(query, wrong="QUERY_INVALID")
    if not found.keys() <= asked:
        raise ProblemError("QUERY_NOT_ALLOWED")
    return found


def _value(parameter: Parameter, text: str) -> object:
    try:
        return parameter.form.read(text)
    except ValueError as error:
        raise _wrong(parameter, parameter.invalid, str(error)) from None


def _wrong(parameter: Parameter, code: str, why: str) -> ProblemError:
    if code != "PARAMETER_INVALID":
        return ProblemError(code)
    zh, _, en = why.partition(" / ")
    shown = {"pointer": f"/{parameter.place}/{parameter.name}", "code": code, "message": zh, "message_en": en}
    return ProblemError(code, errors=[shown])
