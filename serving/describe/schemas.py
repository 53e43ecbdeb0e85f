"""JSON Schemas of what may be sent and what comes back, built from the field register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from features.case.schema import ENVELOPE_ONLY, MISSING_REASONS, SCHEMA_VERSIONS
from features.register import Field, Register, Stage
from models.lanes import LANES
from serving.door.endpoint import component
from serving.door.parameters import VISIBLE

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Final[dict[str, object]] = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": f"^{VISIBLE}+$"}
_DATE: Final[dict[str, object]] = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_INSTANT: Final[dict[str, object]] = {
    "type": "string",
    "format": "date-time",
    "examples": ["2026-11-20T09:12:00+08:00"],
}
_TYPES: Final[Mapping[str, dict[str, object]]] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "ordinal": {"type": "integer"},
    "float": {"type": "number"},
    "decimal": {"type": "string", "pattern": r"^\d{1,13}(\.\d{1,2})?$", "examples": ["38600.00"]},
    "date": _DATE,
    "datetime": _INSTANT,
    "string": _TEXT,
    "text": {"type": "string", "minLength": 1, "maxLength": 4000},
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
            "application_id": {**_TEXT, **_named("申请编号", "application id")},
            "court_code": {**_TEXT, **_named("受理法院代字", "court code")},
            "stage": {"const": stage.value, **_named("阶段", "stage")},
            "as_of": {**_INSTANT, **_named("评分时点", "the instant the score is for")},
            "schema_version": {"enum": list(SCHEMA_VERSIONS), **_named("数据格式版本", "schema version")},
            "case": {
                **_named("案件事实，未知的不填", "facts of the case; leave out what is unknown"),
                "type": "object",
                "additionalProperties": False,
                "properties": {field.name: field_schema(field) for field in fields},
            },
            "missing": {
                **_keyed(names, {"enum": list(MISSING_REASONS)}),
                **_named("缺失原因，按字段", "why a field is missing"),
            },
            "observed_at": {
                **_keyed(names, {"anyOf": [_DATE, _INSTANT]}),
                **_named("来源查询时点，按字段", "when the source was asked, by field"),
            },
            "explain": {**_explain(), **_named("说明的多少", "how much to explain")},
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
    """Return the schema of a request by BentoML's own door: as `case_schema`, and the key may stand in the body."""
    schema = case_schema(register, stage)
    properties = {
        **_object(schema["properties"]),
        "idempotency_key": {"type": "string", "pattern": "^[\\x21-\\x7e]{8,128}$"},
    }
    return {**schema, "title": f"NativeScoreRequest{stage.value}", "properties": properties}


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
    return {**_TYPES[field.type], **notes}


def answer_schema() -> dict[str, object]:
    """Return the schema of a stored answer; clients ignore fields they do not know."""
    text = {"type": "string"}
    listing = {"type": "array", "items": {"type": "object"}}
    routes = [lane.value for lane in LANES]
    proposal = {
        "type": "object",
        "required": ["route", "route_text", "decided_by", "requires_human_decision"],
        "properties": {
            "route": {"enum": [*routes, None]},
            "route_text": text,
            "decided_by": {"enum": ["rule", "model", "none"]},
            "confidence": {"enum": ["low", "medium", "high"]},
            "requires_human_decision": {"const": True},
        },
    }
    return {
        "type": "object",
        "required": ["application_id", "stage", "status", "advice", "rules", "scores", "versions", "simulated"],
        "properties": {
            "id": text,
            "created_at": _INSTANT,
            "expires_at": _INSTANT,
            "application_id": text,
            "court_code": text,
            "stage": {"enum": ["A", "B"]},
            "as_of": _INSTANT,
            "provisional": {"type": "boolean"},
            "status": {"enum": ["scored", "rules_only", "abstained"]},
            "mode": {"enum": ["model", "rules"]},
            "degraded_reason": {
                "type": ["object", "null"],
                "properties": dict.fromkeys(("code", "text", "text_en"), text),
            },
            "advice": proposal,
            "rules": listing,
            "scores": {"type": "object", "additionalProperties": {"type": "object"}},
            "reasons": listing,
            "flips": listing,
            "warnings": listing,
            "deadlines": listing,
            "versions": {"type": "object"},
            "input_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "simulated": {"type": "boolean"},
        },
    }


def problem_schema() -> dict[str, object]:
    """Return the schema of a problem answer."""
    text = {"type": "string"}
    error = {
        "type": "object",
        "required": ["pointer", "code", "message", "message_en"],
        "properties": {"pointer": text, "code": text, "message": text, "message_en": text},
    }
    names = ("type", "title", "title_en", "code", "detail", "detail_en", "instance", "request_id")
    return {
        "type": "object",
        "required": [*names, "status"],
        "properties": {
            **dict.fromkeys([*names, "title_zh", "detail_zh"], text),
            "status": {"type": "integer"},
            "errors": {"type": "array", "items": error},
            "errors_total": {"type": "integer"},
        },
    }


def session_schema() -> dict[str, object]:
    """Return the schema of a session as its holder sees it."""
    words = {"type": "array", "items": {"type": "string"}}
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["account", "display_name", "roles", "courts", "actions", "csrf_token", "expires_at"],
        "properties": {
            "account": text,
            "display_name": text,
            "roles": words,
            "courts": words,
            "actions": words,
            "csrf_token": text,
            "expires_at": {"type": "string", "format": "date-time"},
            "idle_minutes": {"type": "integer"},
            "must_change_password": {"type": "boolean"},
        },
    }


_STAGES: Final = {
    Stage.A: "立案前评分的请求 / request for a score before filing",
    Stage.B: "首次查控后评分的请求 / request for a score after the first network query",
}


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
