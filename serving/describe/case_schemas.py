"""The schema of a request: every field of the register with its type, bounds, names, source and legal basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from features.case.names import FORMS
from features.case.schema import (
    ENVELOPE_ONLY,
    MISSING_REASONS,
    MOST_PRESERVATIONS,
    SCHEMA_VERSIONS,
    is_positive,
    least_and_most,
)
from features.characters import LINES, MOST_TEXT, ONE_LINE, line_pattern
from features.identifiers import COURT_PATTERN, ENFORCEMENT_TYPES, FIRST_YEAR
from features.preservations import KINDS
from features.register import Field, Register, Stage
from serving.door.endpoint import component

_LONG: Final = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_SHORT: Final = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_FEBRUARY: Final = "02-(?:0[1-9]|1[0-9]|2[0-8])"
_LEAP_DAYS: Final = "(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29"
_DAY: Final = f"(?:(?:19|20|21)[0-9]{{2}}-(?:{_LONG}|{_SHORT}|{_FEBRUARY})|{_LEAP_DAYS})"
"""Every day there is from 1900 to 2199, and no other."""
_HOUR: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME: Final = rf"{_HOUR}:[0-5][0-9](?:\.[0-9]{{3}}|\.[0-9]{{6}})?(?:Z|[+-]{_HOUR})"

TEXT: Final[dict[str, object]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MOST_TEXT,
    "pattern": f"^[^{ONE_LINE}]+$",
}
_NUMBER: Final[dict[str, object]] = {**TEXT, "pattern": f"^{line_pattern(MOST_TEXT)}$"}
DATE: Final[dict[str, object]] = {"type": "string", "pattern": f"^{_DAY}$", "examples": ["2026-11-20"]}
INSTANT: Final[dict[str, object]] = {
    "type": "string",
    "pattern": f"^{_DAY}T{_TIME}$",
    "examples": ["2026-11-20T09:12:00+08:00"],
}
_LINES: Final = f"[^{LINES}]"
"""A character of a longer text, which may have line breaks."""
_MONEY: Final = r"[0-9]{1,13}(?:\.[0-9]{1,2})?"
_TYPES: Final[Mapping[str, dict[str, object]]] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "ordinal": {"type": "integer"},
    "float": {"type": "number"},
    "decimal": {"type": "string", "pattern": f"^{_MONEY}$", "examples": ["38600.00"]},
    "date": DATE,
    "datetime": INSTANT,
    "string": TEXT,
    "text": {"type": "string", "minLength": 1, "maxLength": 4000, "pattern": f"^{_LINES}+$"},
}
_COURT: Final = {"type": "string", "pattern": f"^(?:{COURT_PATTERN})$"}
_YEAR: Final = f"(?:{FIRST_YEAR // 10}[{FIRST_YEAR % 10}-9]|20[2-9][0-9])"
_CASE_NO: Final = rf"^\({_YEAR}\)(?:{COURT_PATTERN})(?:{'|'.join(ENFORCEMENT_TYPES)})[1-9][0-9]{{0,7}}号$"
_FORMS: Final[Mapping[str, dict[str, object]]] = {
    **{name: {"type": "string", "pattern": f"^(?:{form.pattern})$"} for name, (form, _, _) in FORMS.items()},
    "enf_case_no": {"type": "string", "pattern": _CASE_NO, "examples": ["(2026)浙1022执123号"]},
}
"""Fields whose text has a form of its own. What differs only in width and spaces is taken too."""

_WHEN: Final = {Stage.A: "received_at", Stage.B: "query_at"}
"""What tells the instant of scoring where `as_of` is not sent."""

_STAGES: Final = {
    Stage.A: "立案前评分的请求 / request for a score before filing",
    Stage.B: "首次查控后评分的请求 / request for a score after the first network query",
}


def case_schema(register: Register, stage: Stage) -> dict[str, object]:
    """Return the schema of a scoring request of one stage."""
    fields = [field for field in register.allowed_at(stage) if field.name not in ENVELOPE_ONLY]
    names: dict[str, object] = {"enum": [field.name for field in fields]}
    return {
        "type": "object",
        "title": f"ScoreRequest{stage.value}",
        "description": _STAGES[stage],
        "required": ["application_id", "court_code", "stage", "case"],
        "additionalProperties": False,
        "properties": {
            "application_id": {**_NUMBER, **_named("申请编号", "application id")},
            "court_code": {
                "type": "string",
                "pattern": f"^(?:{COURT_PATTERN})$",
                **_named("受理法院代字", "court code"),
            },
            "stage": {"const": stage.value, **_named("阶段", "stage")},
            "as_of": {**INSTANT, **_named("评分时点", "the instant the score is for")},
            "schema_version": {"enum": list(SCHEMA_VERSIONS), **_named("数据格式版本", "schema version")},
            "case": {
                **_named("案件事实，未知的不填", "facts of the case; leave out what is unknown"),
                "type": "object",
                "additionalProperties": False,
                "properties": {field.name: field_schema(field) for field in fields},
                "required": ["received_at"] if stage is Stage.B else [],
            },
            "missing": {
                **_keyed(names, {"enum": list(MISSING_REASONS)}),
                **_named("缺失原因，按字段", "why a field is missing"),
            },
            "observed_at": {
                **_keyed(names, {"anyOf": [DATE, INSTANT]}),
                **_named("来源查询时点，按字段", "when the source was asked, by field"),
            },
            "explain": {**_explain(), **_named("说明的多少", "how much to explain")},
            "preservations": {
                "type": "array",
                "maxItems": MOST_PRESERVATIONS,
                "items": _preservation(register),
                **_named("各项保全，逐项列明", "preserved assets, one by one"),
            },
        },
        "anyOf": [{"required": ["as_of"]}, {"properties": {"case": {"required": [_WHEN[stage]]}}}],
    }


def _preservation(register: Register) -> dict[str, object]:
    """Return the schema of one preserved asset."""
    order = {"type": "integer", "minimum": 1, "maximum": MOST_PRESERVATIONS}
    return {
        "type": "object",
        "required": ["kind", "expires_on"],
        "additionalProperties": False,
        "properties": {
            "kind": {"enum": [*KINDS], **_named("财产种类", "kind of asset")},
            "expires_on": {**DATE, **_named("到期日", "last day")},
            "order": {**order, **_named("顺位：1 为首封，其余为轮候", "place: 1 is the first seal, others wait")},
            "stage": field_schema(register["pres_stage"]),
            "amount": {**_TYPES["decimal"], **_named("实际冻结金额（元）", "money actually frozen, yuan")},
        },
    }


def request_schema() -> dict[str, object]:
    """Return the schema of a scoring request of either stage."""
    return {
        "oneOf": [component(f"ScoreRequest{stage.value}") for stage in Stage],
        "discriminator": {
            "propertyName": "stage",
            "mapping": {stage.value: component(f"ScoreRequest{stage.value}")["$ref"] for stage in Stage},
        },
    }


def native_schema(register: Register, stage: Stage) -> dict[str, object]:
    """Return the schema of a request by BentoML's own door: as `case_schema`, with the key in the body."""
    schema = case_schema(register, stage)
    properties = {
        **_object(schema["properties"]),
        "idempotency_key": {"type": "string", "pattern": "^[\\x21-\\x7e]{8,128}$"},
    }
    required = ["application_id", "court_code", "stage", "case", "idempotency_key"]
    return {**schema, "title": f"NativeScoreRequest{stage.value}", "properties": properties, "required": required}


def field_schema(field: Field) -> dict[str, object]:
    """Return the schema of one registered field: its names in both languages, source, unit and legal basis."""
    notes: dict[str, object] = {
        "title": field.zh,
        "x-title-en": field.en,
        "x-source": field.source,
        "x-known-at": field.known_at,
        "x-privacy": field.privacy.value,
    }
    if field.unit:
        notes["x-unit"] = field.unit
    if field.legal_basis:
        notes["x-legal-basis"] = field.legal_basis
    if field.type == "enum":
        return {**_choice(field), **notes}
    if field.type == "set":
        return {"type": "array", "uniqueItems": True, "items": _choice(field), **notes}
    return {**_form(field), **notes}


def _form(field: Field) -> dict[str, object]:
    if field.name in _FORMS:
        return _FORMS[field.name]
    bounds = least_and_most(field)
    if bounds is not None:
        return {**_TYPES[field.type], "minimum": bounds[0], "maximum": bounds[1]}
    if field.type == "decimal" and is_positive(field):
        return {**_TYPES["decimal"], "pattern": rf"^(?!0+(?:\.0+)?$){_MONEY}$"}
    return _TYPES[field.type]


def _object(schema: object) -> dict[str, object]:
    assert isinstance(schema, dict)
    return schema


def _named(zh: str, en: str) -> dict[str, object]:
    return {"title": zh, "x-title-en": en}


def _choice(field: Field) -> dict[str, object]:
    wordings = dict(zip(field.codes, field.codes_zh, strict=True))
    return {"type": "string", "enum": list(dict.fromkeys([*field.codes, *field.codes_zh])), "x-wording": wordings}


def _keyed(names: dict[str, object], values: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "propertyNames": names, "additionalProperties": values}


def _explain() -> dict[str, object]:
    limits = {
        "reasons": {"type": "integer", "minimum": 0, "maximum": 20},
        "flips": {"type": "integer", "minimum": 0, "maximum": 5},
    }
    return {"type": "object", "additionalProperties": False, "properties": limits}
