"""The service's own OpenAPI 3.1 document, written from the table of addresses: it can say nothing else than is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Final

from features.register import Register, Stage
from serving.access.actions import OWN, Action
from serving.describe.access_schemas import account_schema, api_key_schema, session_schema
from serving.describe.case_schemas import case_schema, native_schema, request_schema
from serving.describe.schemas import DIALECT, answer_schema, problem_schema
from serving.door.endpoint import Endpoint, Reply, Table, component
from serving.door.parameters import Parameter
from serving.door.problems import MEDIA_TYPE, PROBLEMS, Problem

_PROBLEM: Final = {MEDIA_TYPE: {"schema": component("Problem")}}
_KEY: Final = {"type": "http", "scheme": "bearer", "description": "接口密钥 / API key, fk_…"}
_COOKIE: Final = {
    "type": "apiKey",
    "in": "cookie",
    "name": "__Host-fenliu",
    "description": "登录会话；写操作另须请求头 X-CSRF-Token / a session; changes also need header X-CSRF-Token",
}
_RETRY_AFTER: Final = {"Retry-After": {"schema": {"type": "string"}}}


def openapi_document(table: Table, register: Register, *, version: str) -> dict[str, object]:
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
        "paths": {path: _operations(endpoints) for path, endpoints in table.paths.items()},
        "components": {"schemas": components(register), "securitySchemes": {"key": _KEY, "session": _COOKIE}},
    }


def components(register: Register) -> dict[str, object]:
    """Return the schemas that endpoints refer to by name."""
    return {
        "ScoreRequest": request_schema(),
        **{f"ScoreRequest{stage.value}": case_schema(register, stage) for stage in Stage},
        "NativeScoreRequest": {"oneOf": [component(f"NativeScoreRequest{stage.value}") for stage in Stage]},
        **{f"NativeScoreRequest{stage.value}": native_schema(register, stage) for stage in Stage},
        "Answer": answer_schema(),
        "Problem": problem_schema(),
        "Session": session_schema(),
        "Account": account_schema(),
        "ApiKey": api_key_schema(),
    }


def _operations(endpoints: Iterable[Endpoint]) -> dict[str, object]:
    return {method.lower(): _operation(one, method) for one in endpoints for method in one.methods}


def _operation(endpoint: Endpoint, method: str) -> dict[str, object]:
    operation: dict[str, object] = {
        "operationId": f"{method.lower()}_{re.sub(r'[^a-z0-9]+', '_', endpoint.path.lower()).strip('_') or 'start'}",
        "summary": f"{endpoint.zh} / {endpoint.en}",
        "security": [] if endpoint.action is None else _security(endpoint.action),
        "responses": {**{str(one.status): _reply(one, method) for one in endpoint.replies}, **_failures(endpoint)},
    }
    if endpoint.action is not None:
        operation["x-action"] = endpoint.action.value
    if endpoint.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in endpoint.parameters]
    if endpoint.body is not None:
        content = {kind: {"schema": endpoint.body.schema} for kind in endpoint.body.media_types}
        operation["requestBody"] = {"required": True, "content": content}
        operation["x-most-bytes"] = endpoint.body.most_bytes
    return operation


def _security(action: Action) -> list[dict[str, list[str]]]:
    """Return what opens the address: a key or a session; what belongs to a session, a session only."""
    return [{"session": []}] if action in OWN else [{"key": []}, {"session": []}]


def _parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required or parameter.place == "path",
        "description": f"{parameter.zh} / {parameter.en}",
        "schema": parameter.form.schema,
    }


def _reply(reply: Reply, method: str) -> dict[str, object]:
    found: dict[str, object] = {"description": f"{reply.zh} / {reply.en}"}
    if reply.content and method != "HEAD":
        found["content"] = {kind: {"schema": schema} for kind, schema in reply.content.items()}
    if reply.headers:
        found["headers"] = {name: {"schema": schema} for name, schema in reply.headers.items()}
    return found


def _failures(endpoint: Endpoint) -> Mapping[str, object]:
    problems = sorted((PROBLEMS[code] for code in endpoint.codes), key=lambda problem: problem.status)
    return {
        str(status): _failure(status, list(found), pages=endpoint.pages)
        for status, found in groupby(problems, key=lambda one: one.status)
    }


def _failure(status: int, problems: list[Problem], *, pages: bool) -> dict[str, object]:
    """Describe all problems with one status; callers tell them apart by `code`."""
    listed = "；".join(f"{problem.code} {problem.zh} / {problem.en}" for problem in problems)
    content = {**_PROBLEM, "text/html": {"schema": {"type": "string"}}} if pages else _PROBLEM
    found: dict[str, object] = {"description": listed, "content": content}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        found["headers"] = _RETRY_AFTER
    return found
