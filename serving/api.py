"""The REST routes: each translates one call into one question to the desk, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.desk import Desk
from serving.door import answers
from serving.door.endpoints import READ, WRITE
from serving.door.problems import BY_SLUG, ProblemError
from serving.door.strict_json import written


@dataclass(frozen=True)
class Office:
    """What the routes work with: the desk, the service's descriptions of itself by path, and the start page."""

    desk: Desk
    descriptions: Mapping[str, Callable[[], bytes]]
    page: bytes


def office_of(request: Request) -> Office:
    """Return the collaborators of the routes."""
    office: Office = request.app.state.office
    return office


def hand_over(app: Starlette, office: Office) -> None:
    """Give the routes their collaborators, once, when the worker starts."""
    app.state.office = office


def rest_app() -> Starlette:
    """Return the routes as an application; it answers after `hand_over`."""
    return Starlette(routes=list(_ROUTES), exception_handlers={ProblemError: _refused})


async def create_score(request: Request) -> Response:
    """POST /v1/scores."""
    key = answers.idempotency_key(request.headers)
    stored = await office_of(request).desk.score(answers.document_of(request), key=key)
    return answers.recorded(stored)


async def preview_score(request: Request) -> Response:
    """POST /v1/scores:preview."""
    return answers.plain(await office_of(request).desk.preview(answers.document_of(request)))


async def read_score(request: Request) -> Response:
    """GET /v1/scores/{id}."""
    stored = await office_of(request).desk.read(request.path_params["id"])
    return answers.on_record(stored, request.headers)


async def describe(request: Request) -> Response:
    """GET one of the service's descriptions of itself."""
    body = office_of(request).descriptions[request.scope["path"]]()
    return answers.self_description(body, request.headers)


async def explain_problem(request: Request) -> Response:
    """GET /v1/problems/{code}, by slug or by code."""
    problem = BY_SLUG.get(request.path_params["code"].lower().replace("_", "-"))
    if problem is None:
        raise ProblemError("NOT_FOUND")
    return answers.self_description(written(problem.to_json()), request.headers)


async def start(request: Request) -> Response:
    """GET /."""
    return Response(office_of(request).page, headers={"Content-Language": "zh-CN"}, media_type="text/html")


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):  # Starlette calls this for ProblemError only
        raise error
    return answers.refused(request, error)


_ROUTES: Final = (
    Route("/v1/scores", create_score, methods=list(WRITE)),
    Route("/v1/scores:preview", preview_score, methods=list(WRITE)),
    Route("/v1/scores/{id}", read_score, methods=list(READ)),
    Route("/v1/models/current", describe, methods=list(READ)),
    Route("/v1/rulesets/current", describe, methods=list(READ)),
    Route("/v1/reason-codes", describe, methods=list(READ)),
    Route("/v1/schema/{stage}", describe, methods=list(READ)),
    Route("/v1/openapi.json", describe, methods=list(READ)),
    Route("/v1/problems/{code}", explain_problem, methods=list(READ)),
    Route("/", start, methods=list(READ)),
)
