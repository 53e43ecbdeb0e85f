"""Small documents: their fields declared once, read strictly by it and printed in the interface document from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from serving.door.parameters import Form, Whole, YesNo
from serving.door.problems import ProblemError

Shown = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a document; `many` makes it a list of at most so many."""

    name: str
    form: Form
    zh: str
    en: str
    required: bool = True
    many: int = 0

    @property
    def schema(self) -> dict[str, object]:
        """The field as a JSON Schema."""
        one = dict(self.form.schema)
        shown = {"type": "array", "items": one, "maxItems": self.many, "uniqueItems": True} if self.many else one
        return {**shown, "title": self.zh, "x-title-en": self.en}


def document_schema(fields: Sequence[Field]) -> dict[str, object]:
    """Return the schema of a document of these fields and no others."""
    return {
        "type": "object",
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
        "properties": {field.name: field.schema for field in fields},
    }


def fields_of(document: Mapping[str, object], fields: Sequence[Field]) -> dict[str, object]:
    """Return the values of a document by name.

    Raises
    ------
    ProblemError
        A field is unknown, absent or not in its form; every one of them is named.
    """
    strangers = document.keys() - {field.name for field in fields}
    if strangers:
        # The names are the caller's own words, which are not repeated.
        raise ProblemError(
            "FIELD_NOT_ALLOWED", errors=[_shown("/?", "FIELD_NOT_ALLOWED", "未登记的字段 / not a field")]
        )
    found: dict[str, object] = {}
    errors: list[Shown] = []
    for field in fields:
        if field.name not in document:
            errors += [_told(field, "MISSING", "必填 / is required")] if field.required else []
            continue
        try:
            found[field.name] = _value(field, document[field.name])
        except ValueError as error:
            errors.append(_told(field, "INVALID", str(error)))
    if errors:
        raise ProblemError("VALIDATION_FAILED", errors=errors)
    return found


def rows_of(
    document: Mapping[str, object], name: str, fields: Sequence[Field], *, most: int
) -> list[dict[str, object]]:
    """Return the documents in the one list that a document holds, each of these fields.

    Raises
    ------
    ProblemError
        The list is absent, empty or too long, or a document in it is wrong;
        every fault of every one of them is named.
    """
    rows = document.get(name)
    if document.keys() != {name} or not isinstance(rows, list) or not 1 <= len(rows) <= most:
        why = f"须为 1 至 {most} 项的列表 {name} / must be a list {name} of 1 to {most}"
        raise ProblemError("VALIDATION_FAILED", errors=[_shown(f"/{name}", "INVALID", why)])
    found: list[dict[str, object]] = []
    refused: list[ProblemError] = []
    errors: list[Shown] = []
    for place, row in enumerate(rows):
        try:
            found.append(fields_of(row if isinstance(row, dict) else {}, fields))
        except ProblemError as error:
            refused.append(error)
            errors += [{**one, "pointer": f"/{name}/{place}{one['pointer']}"} for one in error.errors]
    if refused:
        raise ProblemError(refused[0].problem.code, errors=errors)
    return found


def _value(field: Field, value: object) -> object:
    if not field.many:
        return _one(field.form, value)
    if not isinstance(value, list) or len(value) > field.many:
        msg = f"须为至多 {field.many} 项的列表 / must be a list of at most {field.many}"
        raise ValueError(msg)
    found = [_one(field.form, item) for item in value]
    if len(set(found)) != len(found):
        msg = "列表中有重复 / holds something twice"
        raise ValueError(msg)
    return found


def _one(form: Form, value: object) -> object:
    kinds: Mapping[type, tuple[type, Callable[[object], str]]] = {
        Whole: (int, str),
        YesNo: (bool, lambda truth: "true" if truth else "false"),
    }
    kind, spelt = kinds.get(type(form), (str, str))
    if type(value) is not kind:
        msg = "类型不符 / is of another type"
        raise ValueError(msg)
    return form.read(spelt(value))


def _told(field: Field, code: str, why: str) -> Shown:
    """Return what is wrong with a field, which is named: a person does not read pointers."""
    zh, _, en = why.partition(" / ")
    return _shown(f"/{field.name}", code, f"{field.zh}：{zh} / {field.en}: {en}")


def _shown(pointer: str, code: str, why: str) -> Shown:
    zh, _, en = why.partition(" / ")
    return {"pointer": pointer, "code": code, "message": zh, "message_en": en}
