"""Scoring jobs: a list is sent, asked for, fetched in one of three forms, or ended."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from serving.access.actions import Action
from serving.door import answers
from serving.door.body import stream_of
from serving.door.endpoint import JSON, MIB, Body, Endpoint, Reply
from serving.door.guard import values_in
from serving.door.parameters import Parameter, Text
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.jobs.arrival import gathered
from serving.jobs.desk import job_json
from serving.jobs.reading import MEDIA_TYPES, NDJSON
from serving.jobs.writing import WRITERS
from serving.office import office_of
from serving.routes.binding import Routes
from serving.routes.scores import KEY

JOB_ID: Final = Parameter(
    name="id",
    place="path",
    form=Text(r"JOB-\d{8}-\d{6,9}"),
    required=True,
    zh="任务编号",
    en="id of the job",
)
_JOB: Final = {
    "type": "object",
    "required": ["id", "state", "rows", "done", "failed", "results", "errors"],
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": ["draft", "queued", "running", "succeeded", "partly_failed", "failed", "cancelled"]},
        "rows": {"type": "integer"},
        "done": {"type": "integer"},
        "failed": {"type": "integer"},
        "eta_s": {"type": ["integer", "null"]},
        "results": {"type": "string"},
        "errors": {"type": "string"},
    },
}
_SHOWN: Final = {JSON: _JOB}
_LISTS: Final[dict[str, dict[str, object]]] = {kind: {} for kind in MEDIA_TYPES}
_ASKED: Final = ("GONE", "STORE_UNAVAILABLE")

SUBMIT: Final = Endpoint(
    method="POST",
    path="/v1/score-jobs",
    zh="提交成批评分任务（至多 20000 行，允许部分失败）",
    en="send a list of up to 20,000 cases; lines may fail one by one",
    action=Action.JOB_CREATE,
    parameters=(KEY,),
    body=Body(schema={}, media_types=MEDIA_TYPES, most_bytes=64 * MIB, streamed=True, most_unpacked_bytes=128 * MIB),
    replies=(
        Reply(
            status=202,
            zh="已受理",
            en="taken in",
            content=_SHOWN,
            headers={
                "Location": {"type": "string"},
                "Retry-After": {"type": "string"},
                "Idempotent-Replayed": {"const": "true"},
            },
        ),
    ),
    problems=("LIST_INVALID", "IDEMPOTENCY_KEY_REUSED", "STORE_UNAVAILABLE"),
    seconds=300.0,
)
POLL: Final = Endpoint(
    method="GET",
    path="/v1/score-jobs/{id}",
    zh="任务进度",
    en="how far a job is",
    action=Action.JOB_READ,
    parameters=(JOB_ID,),
    replies=(Reply(status=200, zh="进度", en="progress", content=_SHOWN),),
    problems=_ASKED,
)
RESULTS: Final = Endpoint(
    method="GET",
    path="/v1/score-jobs/{id}/results",
    zh="任务结果（逐行 JSON、CSV 或 Arrow，由 Accept 指定）",
    en="results of a job, as JSON lines, CSV or Arrow by Accept",
    action=Action.JOB_READ,
    parameters=(JOB_ID,),
    replies=(Reply(status=200, zh="结果", en="results", content=_LISTS),),
    problems=_ASKED,
    seconds=300.0,
)
ERRORS: Final = Endpoint(
    method="GET",
    path="/v1/score-jobs/{id}/errors",
    zh="任务中失败的行及原因",
    en="lines of a job that failed, and why",
    action=Action.JOB_READ,
    parameters=(JOB_ID,),
    replies=(Reply(status=200, zh="失败的行", en="failed lines", content=_LISTS),),
    problems=_ASKED,
    seconds=300.0,
)
CANCEL: Final = Endpoint(
    method="POST",
    path="/v1/score-jobs/{id}:cancel",
    zh="终止任务；已评分的行保留",
    en="end a job; what is scored already stays",
    action=Action.JOB_CREATE,
    parameters=(JOB_ID,),
    replies=(Reply(status=200, zh="已终止", en="ended", content=_SHOWN),),
    problems=_ASKED,
)


async def submit(request: Request) -> Response:
    """POST /v1/score-jobs."""
    key, media_type = answers.idempotency_key(request.headers), _media_type(request)
    body = await gathered(stream_of(request), media_type)
    office, origin = office_of(request), answers.origin_of(request.scope)
    listed = await run_in_threadpool(office.jobs.read, body, media_type)
    job = await office.desk.run(lambda: office.jobs.submit(listed, key=key, origin=origin))
    headers = {"Location": f"/v1/score-jobs/{job.id}", "Retry-After": "5"}
    if job.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(written(job_json(job, office.jobs.clock())), 202, headers=headers, media_type=JSON)


async def poll(request: Request) -> Response:
    """GET /v1/score-jobs/{id}."""
    office, origin, job_id = office_of(request), answers.origin_of(request.scope), str(values_in(request)["id"])
    job = await office.desk.run(lambda: office.jobs.get(job_id, origin=origin))
    return answers.plain(written(job_json(job, office.jobs.clock())))


async def results(request: Request) -> Response:
    """GET /v1/score-jobs/{id}/results."""
    return await _listed(request, only_failed=False)


async def errors(request: Request) -> Response:
    """GET /v1/score-jobs/{id}/errors."""
    return await _listed(request, only_failed=True)


async def cancel(request: Request) -> Response:
    """POST /v1/score-jobs/{id}:cancel."""
    office, origin, job_id = office_of(request), answers.origin_of(request.scope), str(values_in(request)["id"])
    job = await office.desk.run(lambda: office.jobs.cancel(job_id, origin=origin))
    return answers.plain(written(job_json(job, office.jobs.clock())))


async def _listed(request: Request, *, only_failed: bool) -> Response:
    office, origin, job_id = office_of(request), answers.origin_of(request.scope), str(values_in(request)["id"])
    job = await office.desk.run(lambda: office.jobs.get(job_id, origin=origin))
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("accept", "*/*").split(",")]
    kind = next((part for part in accepted if part in WRITERS), NDJSON)
    found = office.jobs.results(job, origin=origin, only_failed=only_failed)
    rows = office.record.viewing.of_job(found, origin=origin)
    # A generator that is not asynchronous is read in a thread, page by page, and holds nothing up.
    return StreamingResponse(WRITERS[kind](rows), media_type=kind, headers={"Vary": "Accept"})


def _media_type(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in WRITERS:
        raise ProblemError("CONTENT_TYPE_UNSUPPORTED")
    return kind


ROUTES: Final[Routes] = {SUBMIT: submit, POLL: poll, RESULTS: results, ERRORS: errors, CANCEL: cancel}
