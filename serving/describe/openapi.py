"""The service's own OpenAPI 3.1 document."""

from __future__ import annotations

import re
from typing import Final

from features.register import Register, Stage
from serving.describe.schemas import DIALECT, answer_schema, case_schema, problem_schema
from serving.door.endpoints import ENDPOINTS, Endpoint
from serving.door.problems import MEDIA_TYPE, PROBLEMS

_ANSWER: Final[dict[str, object]] = {"$ref": "#/components/schemas/Answer"}
_REQUEST: Final[dict[str, object]] = {
    "oneOf": [{"$ref": "#/components/schemas/ScoreRequestA"}, {"$ref": "#/components/schemas/ScoreRequestB"}],
    "discriminator": {
        "propertyName": "stage",
        "mapping": {"A": "#/components/schemas/ScoreRequestA", "B": "#/components/schemas/ScoreRequestB"},
    },
}
_SUMMARIES: Final = {
    "/": "服务首页 / plain start page",
    "/livez": "进程存活 / the process lives",
    "/readyz": "可以受理（含存储可写） / ready, including a writable store",
    "/healthz": "同 livez / as livez",
    "/score": "BentoML 客户端入口；幂等键也可写在请求体内 / for BentoML clients; the key may stand in the body",
    "/v1/scores": "评分并存档 / score one case and store the advice",
    "/v1/scores:preview": "评分但不存档 / score without storing",
    "/v1/scores/{id}": "读取已存档的建议 / read stored advice",
    "/v1/models/current": "现用模型 / the model in use",
    "/v1/rulesets/current": "现行规则表 / the rules in force",
    "/v1/reason-codes": "理由代码表 / reason codes",
    "/v1/schema/{stage}": "请求格式 / schema of a request",
    "/v1/problems/{code}": "错误说明 / explanation of a problem",
    "/v1/openapi.json": "本文件 / this document",
}
_EVERY: Final = ("BAD_REQUEST", "REMOTE_REFUSED", "HOST_REFUSED", "HEADERS_TOO_LARGE", "INTERNAL")
_WRITE: Final = (
    *("JSON_INVALID", "CONTENT_TYPE_UNSUPPORTED", "PAYLOAD_TOO_LARGE", "REQUEST_TIMEOUT", "VALIDATION_FAILED"),
    *("RATE_LIMITED", "DEADLINE_EXCEEDED"),
)
_STORING: Final = ("IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED", "STORE_UNAVAILABLE")


def openapi_document(register: Register, *, version: str) -> dict[str, object]:
    """Return the whole document; every endpoint of the table is in it and nothing else."""
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Fenliu 分流",
            "version": version,
            "description": "执行案件分流建议；由人决定。/ Advice on routing enforcement cases; a person decides.",
        },
        "servers": [{"url": "/"}],
        "paths": {endpoint.path: _operations(endpoint) for endpoint in ENDPOINTS},
        "components": {
            "schemas": {
                "ScoreRequestA": case_schema(register, Stage.A),
                "ScoreRequestB": case_schema(register, Stage.B),
                "Answer": answer_schema(),
                "Problem": problem_schema(),
            },
        },
    }


def _operations(endpoint: Endpoint) -> dict[str, object]:
    return {method.lower(): _operation(endpoint, method) for method in endpoint.methods}


def _operation(endpoint: Endpoint, method: str) -> dict[str, object]:
    operation: dict[str, object] = {
        "operationId": f"{method.lower()}_{re.sub(r'[^a-z0-9]+', '_', endpoint.path.lower()).strip('_') or 'start'}",
        "summary": _SUMMARIES[endpoint.path],
        "responses": {**_successes(endpoint), **_failures(endpoint)},
    }
    parameters = _parameters(endpoint)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.takes_body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _REQUEST}}}
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    if endpoint.parameter:
        name = endpoint.path.partition("{")[2].partition("}")[0]
        shape = {"type": "string", "pattern": f"^(?:{endpoint.parameter})$"}
        found.append({"name": name, "in": "path", "required": True, "schema": shape})
    if endpoint.path in {"/v1/scores", "/score"}:
        key = {"type": "string", "pattern": "^[\\x21-\\x7e]{8,128}$"}
        found.append(
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": key},
        )
    return found


def _successes(endpoint: Endpoint) -> dict[str, object]:
    answer = {"application/json": {"schema": _ANSWER}}
    if endpoint.path in {"/v1/scores", "/score"}:
        replay = {"Idempotent-Replayed": {"schema": {"const": "true"}}}
        return {
            "201": {"description": "已存档 / recorded", "content": answer},
            "200": {"description": "原样返回已存档的建议 / replayed", "content": answer, "headers": replay},
        }
    if endpoint.path in {"/v1/scores:preview", "/v1/scores/{id}"}:
        return {"200": {"description": "建议 / advice", "content": answer}}
    kinds = {"/": "text/html", "/livez": "text/plain", "/readyz": "text/plain", "/healthz": "text/plain"}
    return {"200": {"description": "OK", "content": {kinds.get(endpoint.path, "application/json"): {}}}}


def _failures(endpoint: Endpoint) -> dict[str, object]:
    codes = [*_EVERY, "METHOD_NOT_ALLOWED"]
    if endpoint.parameter:
        codes.append("NOT_FOUND")
    if endpoint.takes_body:
        codes += _WRITE
    if endpoint.path in {"/v1/scores", "/score"}:
        codes += _STORING
    if endpoint.path == "/readyz":
        codes.append("NOT_READY")
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problems = [PROBLEMS[code] for code in codes]
    return {
        str(problem.status): {"description": f"{problem.zh} / {problem.en}", "content": content}
        for problem in sorted(problems, key=lambda problem: problem.status)
    }
