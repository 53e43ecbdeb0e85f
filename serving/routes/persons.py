"""People's rights: what is kept about a person, the party's explanation sheet, and cases that must not be erased."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.parameters import Day, Parameter, Surrogate, Text
from serving.door.strict_json import written
from serving.office import office_of
from serving.people.holding import hold_json
from serving.routes.binding import Routes
from serving.routes.decisions import NOTE
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.scores import SCORE_ID

_PERSON: Final = (
    Field(
        name="identity_number", form=Text(r"[^\u0000-\u001f\u007f]{6,64}"), zh="证件号码，收到即转为标记，不存不记",
        en="identity number; becomes a token at once, is neither kept nor logged", required=False,
    ),
    Field(name="token", form=Text(r"(?:hmac:)?[0-9a-f]{64}"), zh="证件号标记", en="the number's token", required=False),
)  # fmt: skip
_CASE: Final = (
    Field(name="court_code", form=Surrogate(), zh="受理法院代字", en="court code"),
    Field(name="application_id", form=Surrogate(), zh="申请编号", en="application id"),
)
_REASON: Final = Field(name="reason", form=NOTE, zh="事由", en="why")
_HOLD: Final = (
    *_CASE,
    Field(name="from", form=Day(), zh="起始日，不填为今天", en="first day; today without it", required=False),
    Field(name="until", form=Day(), zh="截止日（含），不填为不定期", en="last day; open without it", required=False),
    _REASON,
)
HOLD_ID: Final = Parameter(
    name="id", place="path", form=Text(r"HLD-\d{8}-\d{6,9}"), required=True, zh="保全编号", en="id of the hold"
)
_NAMES: Final = ("id", "act", "court_code", "application_id", "from", "by", "at")
_HOLD_SHAPE: Final = {
    "type": "object",
    "required": list(_NAMES),
    "properties": {
        **{name: {"type": "string"} for name in _NAMES},
        "act": {"enum": ["place", "lift"]},
        "lifts": {"type": ["string", "null"]},
        "until": {"type": ["string", "null"]},
        "reason": {"type": ["string", "null"]},
    },
}
_HOLDS: Final = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": _HOLD_SHAPE}},
}
_EXPORTED: Final = {
    "type": "object",
    "required": ["format", "made_at", "courts", "cases"],
    "properties": {
        "format": {"type": "string"},
        "made_at": {"type": "string", "format": "date-time"},
        "courts": {"type": "string"},
        "cases": {"type": "array", "items": {"type": "object"}},
    },
}
_SHEET: Final = {
    "type": "object",
    "required": ["advice_id", "title", "advice", "advice_en", "reasons", "rights", "notice"],
    "properties": {
        "advice_id": {"type": "string"},
        "title": {"type": "string"},
        "advice": {"type": "string"},
        "advice_en": {"type": "string"},
        "reasons": {"type": "array", "items": {"type": "object"}},
        "rights": {"type": "array", "items": {"type": "object"}},
        "notice": {"type": "string"},
    },
}

EXPORT: Final = Endpoint(
    method="POST",
    path="/v1/persons:export",
    zh="按人导出所存信息（个人信息保护法第四十五条）",
    en="export everything kept about one person (PIPL 45)",
    action=Action.PERSON_EXPORT,
    body=Body(schema=document_schema(_PERSON)),
    replies=(Reply(status=200, zh="所存信息", en="what is kept", content={JSON: _EXPORTED}),),
    problems=("FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)
SHEET: Final = Endpoint(
    method="GET",
    path="/v1/scores/{id}/party-sheet",
    zh="当事人说明（个人信息保护法第二十四条）",
    en="the explanation sheet for the parties (PIPL 24)",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID,),
    replies=(Reply(status=200, zh="当事人说明", en="the sheet", content={JSON: _SHEET}),),
    problems=("GONE", "OPINION_FIRST", "STORE_UNAVAILABLE"),
)
PLACE: Final = Endpoint(
    method="POST",
    path="/v1/holds",
    zh="保全案件存档，期间不删除",
    en="hold a case: nothing of it is erased meanwhile",
    action=Action.HOLD_MANAGE,
    body=Body(schema=document_schema(_HOLD)),
    replies=(Reply(status=201, zh="已保全", en="held", content={JSON: _HOLD_SHAPE}),),
    problems=("NOT_FOUND", "FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)
STANDING: Final = Endpoint(
    method="GET",
    path="/v1/holds",
    zh="生效中的存档保全",
    en="holds in force",
    action=Action.HOLD_MANAGE,
    replies=(Reply(status=200, zh="生效中的保全", en="holds in force", content={JSON: _HOLDS}),),
    problems=("STORE_UNAVAILABLE",),
)
LIFT: Final = Endpoint(
    method="POST",
    path="/v1/holds/{id}:lift",
    zh="解除存档保全",
    en="lift a hold",
    action=Action.HOLD_MANAGE,
    parameters=(HOLD_ID,),
    body=Body(schema=document_schema((_REASON,))),
    replies=(Reply(status=200, zh="已解除", en="lifted", content={JSON: _HOLD_SHAPE}),),
    problems=("NOT_FOUND", "FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)


async def export(request: Request) -> Response:
    """POST /v1/persons:export."""
    asked = fields_of(document_of(request), _PERSON)
    number, token = (None if asked.get(name) is None else str(asked[name]) for name in ("identity_number", "token"))
    office, origin = office_of(request), answers.origin_of(request.scope)
    found = await office.desk.run(
        lambda: office.people.export.export(identity_number=number, token=token, origin=origin)
    )
    return answers.plain(written(found))


async def sheet(request: Request) -> Response:
    """GET /v1/scores/{id}/party-sheet."""
    advice_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)

    def work() -> dict[str, object]:
        found = office.people.sheets.sheet(advice_id, origin=origin)
        office.record.viewing.require_sight(advice_id, str(found["court_code"]), origin=origin)
        return found

    return answers.plain(written(await office.desk.run(work)))


async def place(request: Request) -> Response:
    """POST /v1/holds."""
    asked = fields_of(document_of(request), _HOLD)
    office, origin = office_of(request), answers.origin_of(request.scope)
    row = await office.desk.run(lambda: office.people.holding.place(asked, origin=origin))
    return Response(written(hold_json(row)), 201, headers={"Content-Language": "zh-CN"}, media_type=JSON)


async def standing(request: Request) -> Response:
    """GET /v1/holds."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    rows = await office.desk.run(lambda: office.people.holding.standing(origin=origin))
    return answers.plain(written({"items": [hold_json(row) for row in rows]}))


async def lift(request: Request) -> Response:
    """POST /v1/holds/{id}:lift."""
    reason, hold_id = str(fields_of(document_of(request), (_REASON,))["reason"]), str(values_in(request)["id"])
    office, origin = office_of(request), answers.origin_of(request.scope)
    row = await office.desk.run(lambda: office.people.holding.lift(hold_id, reason, origin=origin))
    return answers.plain(written(hold_json(row)))


ROUTES: Final[Routes] = {EXPORT: export, SHEET: sheet, PLACE: place, STANDING: standing, LIFT: lift}
