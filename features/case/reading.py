"""Reading a document: the shape check, and pydantic's findings turned into errors in two languages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from features.case.errors import CaseError, InvalidCaseError, case_error, pointer_of
from features.case.schema import (
    ENVELOPE_ONLY,
    MISSING_REASONS,
    MOST_PRESERVATIONS,
    SCHEMA_VERSIONS,
    FieldValueError,
    shape_of,
)
from features.preservations import PARTS
from features.register import Field, Privacy, Register, Stage

_KEYED = ("case", "missing", "observed_at")
"""Objects of the envelope whose keys are registered fields."""

_EXPLAIN = frozenset({"reasons", "flips"})
_ENVELOPE = frozenset({*ENVELOPE_ONLY, *_KEYED, "stage", "as_of", "schema_version", "explain", "preservations"})

_MOST_HINTS = 10
"""Looking for the nearest name takes milliseconds: a document of junk keys gets no more than this many."""

_JSON_TYPES = {
    "bool_type": ("true 或 false", "true or false"),
    "int_type": ("整数", "an integer"),
    "float_type": ("数值", "a number"),
    "string_type": ("字符串", "a string"),
    "list_type": ("数组", "an array"),
    "dict_type": ("对象", "an object"),
    "model_type": ("对象", "an object"),
}
_JSON_NAMES = (
    (bool, ("布尔值", "a boolean")),
    (int, ("数值", "a number")),
    (float, ("数值", "a number")),
    (str, ("字符串", "a string")),
    (list, ("数组", "an array")),
    (dict, ("对象", "an object")),
)
_NULL = ("null（未知请省略该字段，可在 missing 中说明）", "null (leave unknown fields out; say why in `missing`)")

_SIMPLE_CODES = {
    "missing": "MISSING",
    "finite_number": "NOT_FINITE",
    "string_unicode": "CHARACTER",
    "string_too_short": "TOO_SHORT",
}
"""pydantic's error type -> our code, for errors that need no params."""

_LIMITS = {
    "greater_than": ("GREATER_THAN", "gt", "gt"),
    "greater_than_equal": ("GREATER_THAN_EQUAL", "ge", "ge"),
    "less_than_equal": ("LESS_THAN_EQUAL", "le", "le"),
    "string_too_long": ("TOO_LONG", "max_length", "max"),
    "too_long": ("TOO_LONG", "max_length", "max"),
}
"""pydantic's error type -> our code, its name of the limit, ours."""


def read_document(document: object, register: Register) -> tuple[Stage, dict[str, Any]]:
    """Return the stage and the well-typed document.

    Raises
    ------
    InvalidCaseError
        The document is not an object of the expected shape.
    """
    if not isinstance(document, dict):
        raise InvalidCaseError([_type_error("", "dict_type", document)])
    stage = _stage(document)
    strays = _strays(document, stage, register)
    try:
        sent = shape_of(register, stage).parse(document)
    except ValidationError as error:
        raise InvalidCaseError(strays + _translated(error.errors(include_url=False), register)) from None
    errors = strays + _envelope_errors(sent, shape_of(register, stage).allowed)
    if errors:
        raise InvalidCaseError(errors)
    return stage, sent


def _stage(document: Mapping[object, object]) -> Stage:
    stage = document.get("stage")
    if isinstance(stage, str) and stage in tuple(Stage):
        return Stage(stage)
    if "stage" not in document:
        raise InvalidCaseError([case_error("/stage", "MISSING")])
    raise InvalidCaseError([case_error("/stage", "ENUM", allowed="A/B")])


def _strays(document: Mapping[object, Any], stage: Stage, register: Register) -> list[CaseError]:
    """Return errors for keys that are none of ours, or no registered field of the stage where fields are named."""
    fields = shape_of(register, stage).allowed
    objects: list[tuple[frozenset[str], tuple[str | int, ...], object]] = [
        (_ENVELOPE, (), document),
        (_EXPLAIN, ("explain",), document.get("explain")),
        *((fields, (place,), document.get(place)) for place in _KEYED),
        *((PARTS, ("preservations", i), one) for i, one in enumerate(_listed(document.get("preservations")))),
    ]
    found = [
        _Stray(at, name, position)
        for allowed, at, content in objects
        if isinstance(content, dict)
        for position, name in enumerate(content, start=1)
        if name not in allowed
    ]
    return [stray.error(stage, register, hinted=i < _MOST_HINTS) for i, stray in enumerate(found)]


def _listed(value: object) -> Sequence[object]:
    return value[:MOST_PRESERVATIONS] if isinstance(value, list) else ()


@dataclass(frozen=True)
class _Stray:
    """A key that has no business where it stands: the object that holds it, and its position there from 1 on."""

    at: tuple[str | int, ...]
    name: object
    position: int

    def error(self, stage: Stage, register: Register, *, hinted: bool) -> CaseError:
        """Return what is wrong with it; the key itself is shown only where it is a name of ours."""
        name = self.name
        keyed = bool(self.at) and self.at[0] in _KEYED
        if keyed and isinstance(name, str) and name in register and name not in ENVELOPE_ONLY:
            moment = _KNOWN_AT[register[name].known_at]
            return case_error(self._pointer(register), "STAGE_DATA_NOT_ALLOWED", stage=str(stage), **moment)
        hint, hint_en = self._hint(stage, register, keyed=keyed) if hinted else ("", "")
        position = str(self.position)
        return case_error(self._pointer(register), "FIELD_NOT_ALLOWED", position=position, hint=hint, hint_en=hint_en)

    def _hint(self, stage: Stage, register: Register, *, keyed: bool) -> tuple[str, str]:
        name = self.name
        if keyed and name in ENVELOPE_ONLY:
            return f"，应写在最外层 /{name}", f"; it belongs at /{name}"
        if isinstance(name, str) and name in register:
            return f"，应写在 /case/{name}", f"; it belongs at /case/{name}"
        near = _nearest(name, register.allowed_at(stage)) if keyed else None
        return (f"，是否指 {near.name}（{near.zh}）？", f"; did you mean {near.name}?") if near else ("", "")

    def _pointer(self, register: Register) -> str:
        return pointer_of((*self.at, self.name), _names(register))


@lru_cache(maxsize=16)
def _names(register: Register) -> frozenset[str]:
    """Return every name of ours, which says nothing about a person."""
    return _ENVELOPE | _EXPLAIN | PARTS | {field.name for field in register.fields}


_KNOWN_AT = {
    moment: {"known_at": zh, "known_at_en": en}
    for moment, zh, en in (
        ("U", "督促期间才产生", "it arises during urging"),
        ("F", "立案及首次查控后才可知", "it is known after filing and the first query"),
        ("E", "执行过程中产生，任何阶段均不得用于评分", "it arises during enforcement and is never scored"),
        ("O", "属于执行结果，任何阶段均不得用于评分", "it is an outcome and is never scored"),
    )
}


def _nearest(name: object, fields: tuple[Field, ...]) -> Field | None:
    """Return the registered field whose name, or Chinese wording, is most like the one sent."""
    if not isinstance(name, str) or len(name) > 64:
        return None
    by_wording = {wording: f for f in fields for wording in (f.name, f.zh)}
    close = difflib.get_close_matches(name, by_wording, n=1)
    return by_wording[close[0]] if close else None


def _translated(found: Iterable[Mapping[str, Any]], register: Register) -> list[CaseError]:
    return [
        _of_pydantic(detail, register)
        for detail in found
        if detail["type"] != "extra_forbidden"  # _strays has told them
    ]


def _of_pydantic(detail: Mapping[str, Any], register: Register) -> CaseError:
    """Return our error for one of pydantic's; what was sent is looked at, never repeated."""
    kind = detail["type"]
    pointer = pointer_of(detail["loc"], _names(register))
    context = detail.get("ctx", {})
    if kind in _SIMPLE_CODES:
        return case_error(pointer, _SIMPLE_CODES[kind])
    if kind in _JSON_TYPES:
        return _type_error(pointer, kind, detail["input"])
    if kind in _LIMITS:
        code, theirs, ours = _LIMITS[kind]
        return case_error(pointer, code, **{ours: f"{context[theirs]:g}"}, **_received(detail, register))
    if kind == "value_error":
        refused: FieldValueError = context["error"]
        return case_error(pointer, refused.code, **refused.params)
    return case_error(pointer, "INVALID")


def _received(detail: Mapping[str, Any], register: Register) -> dict[str, str]:
    """Return the number received, when it is a number of a field that says nothing about a person."""
    name = str(detail["loc"][-1])
    public = name in register and register[name].privacy is Privacy.NONE
    value = detail["input"]
    if public and isinstance(value, int | float) and abs(value) < 10**18:
        return {"received": f"{value:.15g}"}
    return {}


def _type_error(pointer: str, kind: str, value: object) -> CaseError:
    expected, expected_en = _JSON_TYPES[kind]
    got, got_en = next((names for type_, names in _JSON_NAMES if isinstance(value, type_)), _NULL)
    return case_error(pointer, "TYPE", expected=expected, expected_en=expected_en, got=got, got_en=got_en)


def _envelope_errors(sent: Mapping[str, Any], allowed: frozenset[str]) -> list[CaseError]:
    """Return what is wrong beside `case`: version, reasons, and allowed names without a value."""
    errors: list[CaseError] = []
    if sent.get("schema_version", SCHEMA_VERSIONS[-1]) not in SCHEMA_VERSIONS:
        errors.append(case_error("/schema_version", "SCHEMA_VERSION_UNSUPPORTED", supported="/".join(SCHEMA_VERSIONS)))
    for name, reason in sent.get("missing", {}).items():
        if reason not in MISSING_REASONS:
            pointer = pointer_of(("missing", name), allowed | {"missing"})
            errors.append(case_error(pointer, "ENUM", allowed="/".join(MISSING_REASONS)))
        if name in sent["case"]:
            errors.append(case_error(f"/missing/{name}", "CONTRADICTION", other=f"/case/{name}"))
    errors += [
        case_error(f"/observed_at/{name}", "MISSING_VALUE", other=f"/case/{name}")
        for name in sent.get("observed_at", {})
        if name in allowed and name not in sent["case"]
    ]
    return errors
