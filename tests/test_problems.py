"""Problems: one table, both languages, small answers."""

from __future__ import annotations

import json
import re

import pytest

from serving.door.problems import MOST_BYTES, PROBLEMS, ProblemError, code_of_status, problem_body

API_TABLE = {
    "VALIDATION_FAILED": 422, "FIELD_NOT_ALLOWED": 422, "SCHEMA_VERSION_UNSUPPORTED": 422,
    "STAGE_DATA_NOT_ALLOWED": 422, "IDEMPOTENCY_KEY_MISSING": 400, "IDEMPOTENCY_KEY_REUSED": 422, "NOT_FOUND": 404,
    "PAYLOAD_TOO_LARGE": 413, "RATE_LIMITED": 429, "STORE_UNAVAILABLE": 503, "INTERNAL": 500,
}  # fmt: skip


@pytest.mark.parametrize(("code", "status"), API_TABLE.items())
def test_the_agreed_codes_have_the_agreed_status(code: str, status: int) -> None:
    """Clients act on codes and statuses; they do not move."""
    assert PROBLEMS[code].status == status


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_speaks_both_languages_and_tells_the_way_out(code: str) -> None:
    """Chinese wording is Chinese, English is English, and neither is empty."""
    problem = PROBLEMS[code]
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in (problem.zh, problem.way_out))
    assert all(text and not re.search(r"[\u4e00-\u9fff]", text) for text in (problem.en, problem.way_out_en))


def test_the_body_carries_everything_the_reader_of_a_log_needs() -> None:
    """Type, both titles, status, code, both details, instance, request id and the errors."""
    error = ProblemError("VALIDATION_FAILED", errors=[{"pointer": "/case/x", "code": "TYPE"}] * 2)
    body = json.loads(problem_body(error, instance="/v1/scores", request_id="req-1"))
    assert body == {
        "type": "/v1/problems/validation-failed", "title": "请求校验未通过", "title_en": "Request validation failed",
        "status": 422, "code": "VALIDATION_FAILED", "detail": "2 处不符合要求。",
        "detail_en": "2 fields failed validation.", "instance": "/v1/scores", "request_id": "req-1",
        "errors": [{"pointer": "/case/x", "code": "TYPE"}] * 2,
    }  # fmt: skip


def test_many_errors_are_counted_not_repeated() -> None:
    """An answer stays small however much was wrong."""
    errors = [{"pointer": f"/case/{n}", "message": "长" * 200} for n in range(400)]
    text = problem_body(ProblemError("VALIDATION_FAILED", errors=errors), instance="/", request_id="r")
    assert len(text) <= MOST_BYTES
    assert json.loads(text)["errors_total"] == 400


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "BAD_REQUEST"), (404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED"), (415, "CONTENT_TYPE_UNSUPPORTED"),
     (429, "RATE_LIMITED"), (418, "BAD_REQUEST"), (500, "INTERNAL"), (503, "NOT_READY"), (504, "DEADLINE_EXCEEDED"),
     (599, "INTERNAL")],
)  # fmt: skip
def test_a_bare_status_becomes_a_problem(status: int, code: str) -> None:
    """Failures of the server below us get a code of ours."""
    assert code_of_status(status) == code
