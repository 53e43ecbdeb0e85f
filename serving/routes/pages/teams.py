"""Teams: loads, the open cases of one team, and assigning decided cases, by form and by program."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter, Text, Whole
from serving.door.problems import ProblemError
from serving.door.strict_json import written
from serving.office import office_of
from serving.pages.teams.page import teams_page
from serving.pages.teams.team import team_page
from serving.record.teams.assigning import MOST, REASONS, Wanted
from serving.repositories.teams.on_hand import LISTED
from serving.routes.binding import Routes
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.pages.indicators import COURT, reader_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, shown
from serving.routes.scores import SCORE_ID

_TEAM_FORM: Final = Text(r"[A-Za-z0-9_.-]{1,40}")
_TEAM: Final = Field(name="team", form=_TEAM_FORM, zh="团队编号，none 为退出团队", en="team; none takes it away")
_REASON: Final = Field(name="reason", form=Choice(tuple(REASONS)), zh="事由", en="why")
_TURN: Final = Field(name="turn", form=Whole(0, 100_000), zh="此前分配次数", en="assignments so far")
_CASES: Final = tuple(
    Field(
        name=f"case{n}", form=Text(r"[A-Z0-9-]{10,32}\.[0-9]{1,6}"), zh="案件与次数", en="case and turn", required=False
    )
    for n in range(1, LISTED + 1)
)
_COURT: Final = Field(name="court", form=Text(r"[^/:\u0000-\u0020\u007f]{1,20}"), zh="法院代字", en="court code")
_FORM: Final = (_TEAM, _REASON, _COURT, *_CASES)
_ONE: Final = (_TEAM, _REASON, _TURN)
_DONE: Final = Parameter(name="done", form=Whole(0, MOST), zh="刚才分配的件数", en="cases assigned just now")
_TEAM_ID: Final = Parameter(
    name="team", place="path", form=_TEAM_FORM, required=True, zh="团队编号", en="id of the team"
)
_STORED: Final = ("NOT_FOUND", "STORE_UNAVAILABLE")
_REFUSED: Final = (*_STORED, "FIELD_NOT_ALLOWED", "PRECONDITION_FAILED")
_SHAPE: Final = {
    "type": "object",
    "required": ["id", "application_id", "team", "turn"],
    "properties": {
        "id": {"type": "string"},
        "application_id": {"type": "string"},
        "court_code": {"type": "string"},
        "team": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "reason": {"enum": list(REASONS)},
        "turn": {"type": "integer"},
        "settings_version": {"type": "integer"},
        "assigned_by": {"type": "string"},
        "assigned_at": {"type": "string", "format": "date-time"},
    },
}

TEAMS: Final = Endpoint(
    method="GET",
    path="/teams",
    zh="团队负荷页面",
    en="the loads of teams",
    action=Action.INDICATOR_READ,
    parameters=(COURT, _DONE, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)
TEAM: Final = Endpoint(
    method="GET",
    path="/teams/{team}",
    zh="一个团队的在办案件",
    en="the open cases of one team",
    action=Action.SCORE_READ,
    parameters=(_TEAM_ID, COURT, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=_STORED,
)
ASSIGN: Final = Endpoint(
    method="POST",
    path="/teams",
    zh="把案件分配给团队",
    en="assign cases to a team",
    action=Action.CASE_ASSIGN,
    body=form_of(*_FORM),
    pages=True,
    replies=(Reply(status=303, zh="已入档，回到团队页面", en="on record, back to the teams"),),
    problems=_REFUSED,
)
ASSIGN_ONE: Final = Endpoint(
    method="POST",
    path="/v1/scores/{id}:assign",
    zh="把一件已决定的案件分配给团队",
    en="assign a decided case to a team",
    action=Action.CASE_ASSIGN,
    parameters=(SCORE_ID,),
    body=Body(schema=document_schema(_ONE)),
    replies=(Reply(status=201, zh="已入档", en="on record", content={JSON: _SHAPE}),),
    problems=_REFUSED,
)


async def show_teams(request: Request) -> Response:
    """GET /teams."""
    values = values_in(request)
    return await _teams(request, str(values.get("court", "")), done=int(str(values.get("done", 0))))


async def show_team(request: Request) -> Response:
    """GET /teams/{team}."""
    values, office, origin = values_in(request), office_of(request), answers.origin_of(request.scope)
    team, court = str(values["team"]), str(values.get("court", ""))
    found = await office.desk.run(lambda: office.record.loading.open(court, origin=origin))
    load = next((one for one in found.loads if one.team.id == team), None)
    if load is None:
        raise ProblemError("NOT_FOUND")
    count, cases = await office.desk.run(lambda: office.record.loading.cases(found.court, team, origin=origin))
    model = team_page(found, load, (count, cases), reader=await reader_in(request, found))
    return await shown(request, "teams/team.html", page=model)


async def assign(request: Request) -> Response:
    """POST /teams: back to the page, or the page again with what stood in the way."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    sent = {name: value for name, value in document_of(request).items() if value != ""}
    try:
        values = fields_of(sent, _FORM)
        cases = [_wanted(str(values[field.name])) for field in _CASES if field.name in values]
        court, team, reason = (str(values[name]) for name in ("court", "team", "reason"))
        done = await office.desk.run(lambda: office.record.assigning.assign(court, cases, team, reason, origin=origin))
    except ProblemError as error:
        if error.problem.code not in {"VALIDATION_FAILED", "PRECONDITION_FAILED"}:
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        return await _teams(request, str(sent.get("court", "")), problem=error)
    return RedirectResponse("/teams?" + urlencode({"court": court, "done": len(done)}), 303)


async def assign_one(request: Request) -> Response:
    """POST /v1/scores/{id}:assign."""
    values, office, origin = fields_of(document_of(request), _ONE), office_of(request), answers.origin_of(request.scope)
    advice_id, team, reason = str(values_in(request)["id"]), str(values["team"]), str(values["reason"])
    wanted = [Wanted(advice_id, int(str(values["turn"])))]
    file = await office.desk.run(lambda: office.record.decisions.file(advice_id, origin=origin))
    court = str(file.advice["court_code"])
    rows = await office.desk.run(lambda: office.record.assigning.assign(court, wanted, team, reason, origin=origin))
    shown_row = {name: rows[0][name] for name in _SHAPE["properties"]}
    return Response(written(shown_row), 201, media_type=JSON)


async def _teams(request: Request, court: str, *, problem: ProblemError | None = None, done: int = 0) -> Response:
    office, origin = office_of(request), answers.origin_of(request.scope)
    listed = principal_of(request).may(Action.SCORE_READ)
    found = await office.desk.run(lambda: office.record.loading.open(court, origin=origin, listed=listed))
    model = teams_page(found, reader=await reader_in(request, found), problem=problem, done=done)
    status = 200 if problem is None else problem.problem.status
    return await shown(request, "teams/teams.html", status=status, page=model)


def _wanted(ticked: str) -> Wanted:
    """Return the case that was ticked, with how often it had been assigned when it was shown."""
    advice_id, _, turn = ticked.rpartition(".")
    return Wanted(advice_id, int(turn))


ROUTES: Final[Routes] = {TEAMS: show_teams, TEAM: show_team, ASSIGN: assign, ASSIGN_ONE: assign_one}
