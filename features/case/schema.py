"""The strict shape of a case document, built from the field register by pydantic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, create_model
from pydantic import Field as Limit

from features.characters import LINES, MOST_TEXT, ONE_LINE
from features.clock import SHANGHAI
from features.preservations import KINDS
from features.register import Field, Register, Stage

SCHEMA_VERSIONS = ("2026-11",)
MISSING_REASONS = ("not_provided", "source_timeout", "source_unavailable", "not_applicable", "not_asked")
MOST_PRESERVATIONS = 50
"""Assets preserved in one case that are sent one by one, at most."""
ENVELOPE_ONLY = frozenset({"application_id", "court_code"})
"""Registered fields that stand beside `case`, never inside it."""

_MONEY = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9]{2}:[0-9]{2})")
_HALVES = r"\ud800-\udfff"
"""Halves of a surrogate pair, which are no characters; a regular expression outside Python cannot name them."""
_BROKEN = re.compile(f"[{ONE_LINE}{_HALVES}]")
_BROKEN_TEXT = re.compile(f"[{LINES}{_HALVES}]")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200

_STRICT = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

_MOST = 10_000_000
_RANGES: dict[str, tuple[float, float]] = {
    "count": (0, _MOST),
    "person": (0, _MOST),
    "year": (0, 200),
    "0-1": (0, 1),
    "1-5": (1, 5),
    "1 = first": (1, 10_000),
    "ratio": (0, _MOST),
}
"""Unit of the register -> lowest and highest number; other units may be negative."""

_POSITIVE = frozenset({"claim_amount", "n_debtors", "n_applicants", "batch_size"})
"""Fields that cannot be zero: without a claim or a debtor there is nothing to enforce."""


class FieldValueError(ValueError):
    """A check of ours failed inside pydantic; carries our code and its params."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Shape:
    """The checked form of documents of one register and stage."""

    model: type[BaseModel]
    allowed: frozenset[str]

    def parse(self, document: object) -> dict[str, Any]:
        """Return what was sent, well typed; pydantic's ValidationError tells what is not."""
        sent = self.model.model_validate(document)
        return {name: _plain(sent.__dict__[name]) for name in sent.model_fields_set}


@lru_cache(maxsize=16)
def shape_of(register: Register, stage: Stage) -> Shape:
    """Return the shape of a document whose case holds the stage's fields."""
    fields = {f.name: _type_of(f) for f in register.allowed_at(stage) if f.name not in ENVELOPE_ONLY}
    case = _model("CaseFields", optional=fields)
    optional = {
        "as_of": _INSTANT_TYPE,
        "schema_version": _TEXT,
        "missing": dict[str, str],
        "observed_at": dict[str, _OBSERVED],
        "explain": _EXPLAIN,
        "preservations": _preservations(register),
    }
    required = {"application_id": _NUMBER, "court_code": _TEXT, "stage": str, "case": case}
    return Shape(_model("CaseDocument", optional=optional, required=required), frozenset(fields))


def _preservations(register: Register) -> Any:  # noqa: ANN401 - a type made at run time
    """Return the type of a list of preservations."""
    one: Any = _model(
        "Preservation",
        required={"kind": Annotated[str, AfterValidator(_kind)], "expires_on": _SIMPLE["date"]},
        optional={
            "order": Annotated[int, Limit(ge=1, le=MOST_PRESERVATIONS)],
            "stage": _type_of(register["pres_stage"]),
            "amount": _SIMPLE["decimal"],
        },
    )
    return Annotated[list[one], Limit(max_length=MOST_PRESERVATIONS)]


def _kind(value: str) -> str:
    codes = {**dict.fromkeys(KINDS), **{zh: code for code, zh in KINDS.items()}}
    if value not in codes:
        raise FieldValueError("ENUM", allowed="/".join(KINDS))
    return codes[value] or value


def _model(
    name: str,
    *,
    optional: Mapping[str, Any],
    required: Mapping[str, Any] = MappingProxyType({}),
) -> type[BaseModel]:
    """Return a strict model; an optional field may be absent, but never null."""
    fields: dict[str, Any] = {field: (type_, ...) for field, type_ in required.items()}
    fields |= {field: (type_, None) for field, type_ in optional.items()}
    return create_model(name, __config__=_STRICT, **fields)


def _plain(value: object) -> object:
    """Return a nested model as the dict of what was sent."""
    if isinstance(value, list) and value and isinstance(value[0], BaseModel):
        return [_plain(one) for one in value]
    if not isinstance(value, BaseModel):
        return value
    return {name: value.__dict__[name] for name in value.model_fields_set}


def _type_of(field: Field) -> Any:  # noqa: ANN401 - a type made at run time
    """Return the pydantic type of a field's JSON value."""
    if field.type in {"int", "ordinal"}:
        low, high = _range(field)
        limit = Limit(gt=0, le=int(high)) if field.name in _POSITIVE else Limit(ge=int(low), le=int(high))
        return Annotated[int, limit]
    if field.name in _POSITIVE:
        return Annotated[str, AfterValidator(_positive_money)]
    if field.type == "float":
        low, high = _RANGES.get(field.unit, (-1e12, 1e12))
        return Annotated[float, Limit(ge=low, le=high)]
    if field.type == "enum":
        return Annotated[str, AfterValidator(_choice(field))]
    if field.type == "set":
        return Annotated[list[str], Limit(max_length=2 * len(field.codes)), AfterValidator(_choices(field))]
    return _SIMPLE[field.type]


def least_and_most(field: Field) -> tuple[int | float, int | float] | None:
    """Return the lowest and highest number a field takes; None where it is no number."""
    if field.type in {"int", "ordinal"}:
        low, high = _range(field)
        return (1 if field.name in _POSITIVE else int(low)), int(high)
    return _RANGES.get(field.unit, (-1e12, 1e12)) if field.type == "float" else None


def is_positive(field: Field) -> bool:
    """Whether a field cannot be zero."""
    return field.name in _POSITIVE


def _range(field: Field) -> tuple[float, float]:
    """Return the lowest and highest number; only computed spans of days reach into the past."""
    if field.unit == "day" and field.source != "derived" and not field.name.startswith("x_"):
        return 0, _MOST
    return _RANGES.get(field.unit, (-_MOST, _MOST))


def _choice(field: Field) -> Callable[[str], str]:
    codes = {code: code for code in field.codes} | dict(zip(field.codes_zh, field.codes, strict=True))
    allowed = "/".join(field.codes)

    def choose(value: str) -> str:
        code = codes.get(value)
        if code is None:
            raise FieldValueError("ENUM", allowed=allowed)
        return code

    return choose


def _choices(field: Field) -> Callable[[list[str]], tuple[str, ...]]:
    choose = _choice(field)

    def choose_all(values: list[str]) -> tuple[str, ...]:
        chosen = [choose(value) for value in values]
        if len(set(chosen)) < len(chosen):
            raise FieldValueError("DUPLICATE")
        return tuple(sorted(chosen, key=field.codes.index))

    return choose_all


def _money(value: str) -> Decimal:
    if _MONEY.fullmatch(value) is None:
        raise FieldValueError("MONEY_FORMAT")
    return Decimal(value)


def _positive_money(value: str) -> Decimal:
    amount = _money(value)
    if not amount:
        raise FieldValueError("GREATER_THAN", gt="0")
    return amount


def _date(value: str) -> date:
    try:
        day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year < _LAST_YEAR:
        raise FieldValueError("DATE_FORMAT")
    return day


def _instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if _INSTANT.fullmatch(value) else None
    except ValueError:
        instant = None
    if instant is None or not _FIRST_YEAR <= instant.year < _LAST_YEAR:
        raise FieldValueError("INSTANT_FORMAT")
    return instant.astimezone(SHANGHAI)


def _observed(value: str) -> date | datetime:
    return _date(value) if _DATE.fullmatch(value) else _instant(value)


def _one_line(value: str) -> str:
    if _BROKEN.search(value):
        raise FieldValueError("CHARACTER")
    return value


def _no_blank_at_the_ends(value: str) -> str:
    if value != value.strip():
        raise FieldValueError("BLANK_EDGE")
    return value


def _lines(value: str) -> str:
    if _BROKEN_TEXT.search(value):
        raise FieldValueError("CHARACTER")
    return value


_TEXT = Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT), AfterValidator(_one_line)]
_NUMBER = Annotated[_TEXT, AfterValidator(_no_blank_at_the_ends)]
"""A number by which a case is found again: with a blank behind it, it would be another one."""
_INSTANT_TYPE = Annotated[str, AfterValidator(_instant)]
_OBSERVED = Annotated[str, AfterValidator(_observed)]
_EXPLAIN = _model(
    "Explain",
    optional={"reasons": Annotated[int, Limit(ge=0, le=20)], "flips": Annotated[int, Limit(ge=0, le=5)]},
)
_SIMPLE: dict[str, Any] = {
    "bool": bool,
    "decimal": Annotated[str, AfterValidator(_money)],
    "date": Annotated[str, AfterValidator(_date)],
    "datetime": _INSTANT_TYPE,
    "string": _TEXT,
    "text": Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_lines)],
}
