"""The interface document held against the service: calls made up from it get what it says, a small share of many.

The full run is `python -m benchmarks.contract`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from starlette.types import ASGIApp

from features.register import load_register
from serving.describe.openapi import openapi_document
from serving.door.strict_json import written
from serving.routes.table import NATIVE, TABLE
from tests.builders_serving import Fixed, client, guarded

DOCUMENT: dict[str, Any] = json.loads(written(openapi_document(TABLE, load_register(), version="1")))
for path in NATIVE:
    del DOCUMENT["paths"][path]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT).exclude(method="POST", path_regex="^/v1/scores")
"""Cases have so many fields that making them up takes longer than all the rest; the full run has them."""

LEFT_OUT = [positive_data_acceptance, ignored_auth]
"""Made-up cases contradict themselves, which no schema can forbid; and here the test's porter lets everybody in."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    """Return the service, describing itself by an empty object."""
    folder: Path = tmp_path_factory.mktemp("contract")
    described = {one.path: lambda: b"{}" for one in TABLE.endpoints if one.method == "GET"}
    stages = {f"/v1/schema/{stage}": lambda: b"{}" for stage in "AB"}
    return guarded(folder, shown=lambda: Fixed(descriptions={**described, **stages}))


# Rows of jobs have tests of their own; what makes up calls can write neither NDJSON nor Arrow.
@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@SCHEMA.parametrize()
@settings(
    max_examples=2, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_whatever_is_asked_by_the_document_is_answered_by_it(case: schemathesis.Case, app: ASGIApp) -> None:
    """Status, content type, headers and body of every answer are declared; nothing is a failure of ours."""

    async def ask() -> httpx.Response:
        async with client(app) as caller:
            sent = case.as_transport_kwargs(base_url="http://127.0.0.1")
            body = {"content" if isinstance(sent.get("data"), bytes | str) else "data": sent.get("data")}
            named = {name: sent[name] for name in ("method", "url", "headers", "params", "json") if sent.get(name)}
            return await caller.send(httpx.Request(**named, **body))

    case.validate_response(anyio.run(ask), excluded_checks=LEFT_OUT)
