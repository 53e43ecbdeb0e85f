"""The service describing itself: start page, model, rules, reason codes, schemas, problems, interface document."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.clock import SHANGHAI
from serving.access.actions import Action
from serving.describe.descriptions import ruleset_json
from serving.door import answers
from serving.door.endpoint import JSON, Endpoint, Reply
from serving.door.guard import principal_of, values_in
from serving.door.parameters import Parameter, Text
from serving.door.problems import BY_SLUG, ProblemError
from serving.door.strict_json import written
from serving.model_life.court_windows import refused
from serving.office import office_of
from serving.routes.binding import Routes

_TAG: Final = {"ETag": {"type": "string"}}
_DESCRIBED: Final = (
    Reply(status=200, zh="说明", en="the description", content={JSON: {"type": "object"}}, headers=_TAG),
    answers.UNCHANGED,
)
_STAGE: Final = Parameter(
    name="stage",
    place="path",
    form=Text("[AB]"),
    required=True,
    zh="阶段：A 立案前，B 首次查控后",
    en="stage: A before filing, B after the first query",
)
_CODE: Final = Parameter(
    name="code",
    place="path",
    form=Text(r"[A-Za-z][A-Za-z_-]{1,39}"),
    required=True,
    zh="错误代码",
    en="code of the problem",
)
_COURT: Final = Parameter(
    name="court",
    form=Text(r"[^/:\u0000-\u0020\u007f]{1,20}"),
    zh="法院代字，如 浙1022",
    en="court code, such as 浙1022",
)

START: Final = Endpoint(
    method="GET",
    path="/",
    zh="服务首页",
    en="plain start page",
    action=None,
    replies=(
        Reply(status=200, zh="页面", en="the page", content={"text/html": {"type": "string"}}),
        Reply(status=303, zh="浏览器转到登录后的首页", en="browsers are led to the first page of people"),
    ),
)
MODEL: Final = Endpoint(
    method="GET",
    path="/v1/models/current",
    zh="现用模型",
    en="the model in use",
    action=Action.MODEL_READ,
    replies=_DESCRIBED,
)
RULES: Final = Endpoint(
    method="GET",
    path="/v1/rulesets/current",
    zh="现行规则表",
    en="the rules in force",
    action=Action.RULES_READ,
    parameters=(_COURT,),
    replies=_DESCRIBED,
    problems=("NOT_FOUND",),
)
REASONS: Final = Endpoint(
    method="GET",
    path="/v1/reason-codes",
    zh="理由代码表",
    en="reason codes",
    action=Action.RULES_READ,
    replies=_DESCRIBED,
)
SCHEMA: Final = Endpoint(
    method="GET",
    path="/v1/schema/{stage}",
    zh="请求格式",
    en="schema of a request",
    action=Action.RULES_READ,
    parameters=(_STAGE,),
    replies=_DESCRIBED,
)
PROBLEM: Final = Endpoint(
    method="GET",
    path="/v1/problems/{code}",
    zh="错误说明",
    en="explanation of a problem",
    action=None,
    parameters=(_CODE,),
    replies=_DESCRIBED,
)
OPENAPI: Final = Endpoint(
    method="GET",
    path="/v1/openapi.json",
    zh="本文件",
    en="this document",
    action=None,
    replies=_DESCRIBED,
)


async def start(request: Request) -> Response:
    """GET /: people with a browser are led to their own first page, programs are told what there is."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/home", 303, headers={"Vary": "Accept"})
    headers = {"Content-Language": "zh-CN", "Vary": "Accept"}
    return Response(office_of(request).shown().page, headers=headers, media_type="text/html")


async def describe(request: Request) -> Response:
    """GET one of the service's descriptions of itself."""
    body = office_of(request).shown().descriptions[request.scope["path"]]()
    return answers.self_description(body, request.headers)


async def describe_rules(request: Request) -> Response:
    """GET /v1/rulesets/current: the service's table, or that of the court that is named, with the windows it signed."""
    court = str(values_in(request).get("court", ""))
    if not court:
        return await describe(request)
    if court not in principal_of(request).courts:
        raise ProblemError("NOT_FOUND")
    office = office_of(request)
    found, today = office.shown().windowed(court), office.control.clock().astimezone(SHANGHAI).date()
    why = next((refused(court, one).to_json() for one in found.refused), None)
    body = {**ruleset_json(found.table, found.table.on(today)), "refused": why}
    return answers.self_description(written(body), request.headers)


async def explain_problem(request: Request) -> Response:
    """GET /v1/problems/{code}, by slug or by code."""
    problem = BY_SLUG.get(str(values_in(request)["code"]).lower().replace("_", "-"))
    if problem is None:
        raise ProblemError("NOT_FOUND")
    return answers.self_description(written(problem.to_json()), request.headers)


ROUTES: Final[Routes] = {
    START: start,
    MODEL: describe,
    RULES: describe_rules,
    REASONS: describe,
    SCHEMA: describe,
    PROBLEM: explain_problem,
    OPENAPI: describe,
}
