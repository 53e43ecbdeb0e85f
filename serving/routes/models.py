"""Models: which are kept, the switch that turns them off for a court, and answers given again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.control.forms import COURT, REASON
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.parameters import Choice, Text
from serving.door.strict_json import written
from serving.office import office_of
from serving.replay.verdict import CODES
from serving.repositories.switches import Turn
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.scores import SCORE_ID

_TEXT: Final = {"type": "string"}
_YES_NO: Final = {"type": "boolean"}
TURN_FIELDS: Final = (
    Field(name="court_code", form=Text(COURT), zh="法院代码，* 为全部", en="a court's code, * for every court"),
    Field(name="state", form=Choice(("stopped", "running")), zh="停用或恢复", en="off or on"),
    Field(name="reason", form=Text(REASON), zh="事由", en="why"),
)
_SWITCH: Final = {
    "type": "object",
    "required": ["number", "court_code", "state", "reason", "at", "by"],
    "properties": {
        **dict.fromkeys(("court_code", "reason", "at", "by"), _TEXT),
        "number": {"type": "integer"},
        "state": {"enum": ["stopped", "running"]},
    },
}
_KEPT: Final = {
    "type": "object",
    "required": ["name", "sha256", "current", "shadow", "simulated"],
    "properties": {
        **dict.fromkeys(("name", "sha256", "created_at", "valid_until"), _TEXT),
        **dict.fromkeys(("current", "shadow", "simulated"), _YES_NO),
    },
}
_VERDICT: Final = {
    "type": "object",
    "required": ["id", "outcome", "code", "text", "text_en", "pointer"],
    "properties": {
        **dict.fromkeys(("id", "text", "text_en", "pointer", "about", "program"), _TEXT),
        "outcome": {"enum": ["same", "differs", "impossible"]},
        "code": {"enum": list(CODES)},
    },
}


def _items(schema: object) -> dict[str, object]:
    return {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": schema}}}


KEPT: Final = Endpoint(
    method="GET",
    path="/v1/models",
    zh="留存的模型",
    en="the bundles that are kept",
    action=Action.MODEL_READ,
    replies=(Reply(status=200, zh="模型", en="the bundles", content={JSON: _items(_KEPT)}),),
    problems=("STORE_UNAVAILABLE",),
)
STANDING: Final = Endpoint(
    method="GET",
    path="/v1/model-switches",
    zh="各法院停用开关的现状",
    en="how the stop switch of each court stands",
    action=Action.MODEL_READ,
    replies=(Reply(status=200, zh="开关", en="the switches", content={JSON: _items(_SWITCH)}),),
    problems=("STORE_UNAVAILABLE",),
)
TURN: Final = Endpoint(
    method="POST",
    path="/v1/model-switches",
    zh="停用或恢复一个法院（或全部）的模型，1 秒内生效",
    en="switch the models of a court, or of every one, off or on; in effect within a second",
    action=Action.MODEL_SWITCH,
    body=Body(schema=document_schema(TURN_FIELDS), most_bytes=4096),
    replies=(Reply(status=201, zh="已切换", en="switched", content={JSON: _SWITCH}),),
    problems=("FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)
REPLAY: Final = Endpoint(
    method="POST",
    path="/v1/scores/{id}:replay",
    zh="把存档的建议重算一遍并逐字节比对（不显示案件内容）",
    en="give stored advice again and compare byte for byte; shows nothing of the case",
    action=Action.SCORE_REPLAY,
    parameters=(SCORE_ID,),
    replies=(Reply(status=200, zh="比对结果", en="what came of it", content={JSON: _VERDICT}),),
    problems=("STORE_UNAVAILABLE",),
    seconds=90.0,
)


async def list_kept(request: Request) -> Response:
    """GET /v1/models."""
    found = await office_of(request).control.kept()
    return answers.plain(written({"items": [one.to_json() for one in found]}))


async def list_switches(request: Request) -> Response:
    """GET /v1/model-switches."""
    found = await office_of(request).control.standing(principal_of(request).courts)
    return answers.plain(written({"items": [turn.to_json() for turn in found]}))


async def turn_switch(request: Request) -> Response:
    """POST /v1/model-switches."""
    turn = turn_of(fields_of(document_of(request), TURN_FIELDS))
    done = await office_of(request).control.turn(turn, origin=answers.origin_of(request.scope))
    response = answers.plain(written(done.to_json()))
    response.status_code = 201
    return response


def turn_of(values: Mapping[str, object]) -> Turn:
    """Return the turn that a document or a form asks for."""
    return Turn(
        court=str(values["court_code"]),
        state="stopped" if values["state"] == "stopped" else "running",
        reason=str(values["reason"]).strip(),
    )


async def replay_score(request: Request) -> Response:
    """POST /v1/scores/{id}:replay."""
    advice_id = str(values_in(request)["id"])
    verdict = await office_of(request).control.replay(advice_id, origin=answers.origin_of(request.scope))
    return answers.plain(written(verdict.to_json()))


ROUTES: Final[Routes] = {KEPT: list_kept, STANDING: list_switches, TURN: turn_switch, REPLAY: replay_score}
