"""A court's settings over HTTP: every version with who set it and why, and a change that overwrites nobody's."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from models.indicators import Over12Base
from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.parameters import Choice, Parameter, Surrogate, Text
from serving.door.strict_json import written
from serving.office import office_of
from serving.record.court_values import INTERVAL, MOST_INTERVALS, MOST_TEAM_TEXT, ReviewMode
from serving.repositories.court_settings import Version
from serving.repositories.urging.windows import WindowRequest
from serving.routes.binding import Routes
from serving.routes.decisions import IF_MATCH
from serving.routes.documents import Field, document_schema, fields_of

_MODES: Final = tuple(mode.value for mode in ReviewMode)
_BASES: Final = tuple(base.value for base in Over12Base)
_LINE: Final = r"[^\u0000-\u001f\u007f]{0,200}"
_SHORT_LINE: Final = r"[^\u0000-\u001f\u007f]{0,60}"
_LINES: Final = rf"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]{{0,{MOST_TEAM_TEXT}}}"
_TAG: Final = {"ETag": {"type": "string"}}

MODE: Final = Field(
    name="review_mode", form=Choice(_MODES), zh="预测的查看方式", en="when the scores are seen", required=False
)
BASE: Final = Field(
    name="over_12_base",
    form=Choice(_BASES),
    zh="超12个月未结案件比的基数",
    en="base of open over 12 months",
    required=False,
)
INTERVALS: Final = Field(
    name="intervals", form=Text(INTERVAL), zh="参考区间，如 completion=35~45.5", en="intervals", required=False,
    many=MOST_INTERVALS,
)  # fmt: skip
COURT_NAME: Final = Field(
    name="court_name", form=Text(_SHORT_LINE), zh="法院名称", en="name of the court", required=False
)
CONTACT: Final = Field(
    name="contact", form=Text(_LINE), zh="告知当事人的联系方式", en="contact for parties", required=False
)
TEAMS: Final = Field(name="teams", form=Text(_LINES), zh="团队表（TOML）", en="the teams, as TOML", required=False)
REASON: Final = Field(name="reason", form=Surrogate(), zh="事由", en="why it is set")
FIELDS: Final = (MODE, BASE, INTERVALS, COURT_NAME, CONTACT, TEAMS, REASON)
COURT: Final = Parameter(
    name="court",
    place="path",
    form=Text(r"[^/:\u0000-\u0020\u007f]{1,20}"),
    required=True,
    zh="法院代字，如 浙1022",
    en="court code, such as 浙1022",
)
_VERSION: Final = {
    "type": "object",
    "required": ["court_code", "version", "review_mode"],
    "properties": {
        "court_code": {"type": "string"},
        "version": {"type": "integer"},
        "review_mode": {"enum": list(_MODES)},
        "over_12_base": {"enum": list(_BASES)},
        "intervals": {"type": "array", "items": {"type": "string"}},
        "court_name": {"type": "string"},
        "contact": {"type": "string"},
        "teams": {"type": "string"},
        "reason": {"type": "string"},
        "set_by": {"type": "string"},
        "set_at": {"type": "string"},
    },
}
_STEP: Final = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("act", "reason", "by", "at")},
}
_WINDOW: Final = {
    "type": "object",
    "required": ["id", "days", "first_day", "steps"],
    "properties": {
        "id": {"type": "string"},
        "days": {"type": "integer"},
        "first_day": {"type": "string", "format": "date"},
        "steps": {"type": "array", "items": _STEP},
    },
}
_SETTINGS: Final = {
    "type": "object",
    "required": ["versions", "urging_windows"],
    "properties": {
        "versions": {"type": "array", "items": _VERSION},
        "urging_windows": {"type": "array", "items": _WINDOW},
    },
}

SETTINGS: Final = Endpoint(
    method="GET",
    path="/v1/courts/{court}/settings",
    zh="本院设置及其历史",
    en="a court's settings and their history",
    action=Action.RULES_READ,
    parameters=(COURT,),
    replies=(
        Reply(
            status=200,
            zh="设置",
            en="settings",
            content={JSON: _SETTINGS},
            headers=_TAG,
        ),
    ),
    problems=("STORE_UNAVAILABLE",),
)
SET: Final = Endpoint(
    method="POST",
    path="/v1/courts/{court}/settings",
    zh="变更本院设置",
    en="change a court's settings",
    action=Action.COURT_CONFIGURE,
    parameters=(COURT, IF_MATCH),
    body=Body(schema=document_schema(FIELDS)),
    replies=(Reply(status=201, zh="已变更", en="changed", content={JSON: _VERSION}, headers=_TAG),),
    problems=("FIELD_NOT_ALLOWED", "PRECONDITION_FAILED", "STORE_UNAVAILABLE"),
)


async def read_settings(request: Request) -> Response:
    """GET /v1/courts/{court}/settings."""
    court, office, origin = str(values_in(request)["court"]), office_of(request), answers.origin_of(request.scope)
    versions = await office.desk.run(lambda: office.record.settings.history(court, origin=origin))
    requests = await office.desk.run(lambda: office.record.windows.of(court))
    whole = principal_of(request).may(Action.COURT_CONFIGURE, court)
    shown = [_version(version, whole=whole) for version in versions]
    response = answers.plain(written({"versions": shown, "urging_windows": [_window(one) for one in requests]}))
    response.headers["ETag"] = tag_of(versions[0].number)
    return response


async def set_settings(request: Request) -> Response:
    """POST /v1/courts/{court}/settings."""
    values, court = fields_of(document_of(request), FIELDS), str(values_in(request)["court"])
    office, origin, headers = office_of(request), answers.origin_of(request.scope), request.headers
    reason = str(values.pop("reason"))
    version = await office.desk.run(
        lambda: office.record.settings.set(
            court, values, reason, unchanged=lambda number: answers.matches(headers, tag_of(number)), origin=origin
        )
    )
    return Response(
        written(_version(version, whole=True)), 201, headers={"ETag": tag_of(version.number)}, media_type=JSON
    )


def tag_of(number: int) -> str:
    """Return the tag of a version."""
    return f'"settings-{number}"'


def _window(request: WindowRequest) -> dict[str, object]:
    """Return an urging window that was asked for, and every step about it; `sign` last means that it is signed."""
    steps = [{name: step[name] for name in ("act", "reason", "by", "at")} for step in request.steps]
    return {"id": request.id, "days": request.days, "first_day": request.first_day.isoformat(), "steps": steps}


def _version(version: Version, *, whole: bool) -> dict[str, object]:
    """Return a version; who is in a team is shown to those who set it, and to nobody else here."""
    return {
        "court_code": version.court_code,
        "version": version.number,
        **{name: value for name, value in version.values.items() if whole or name != "teams"},
        "reason": version.reason,
        "set_by": version.set_by,
        "set_at": version.set_at,
    }


ROUTES: Final[Routes] = {SETTINGS: read_settings, SET: set_settings}
