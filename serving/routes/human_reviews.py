"""Human reviews: a party's request is taken in, looked up, and answered by a judge with reasons."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Body, Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.parameters import Choice, Day, Parameter, Text
from serving.door.strict_json import written
from serving.office import office_of
from serving.people.reviewing import ASKED, CHANNELS, OUTCOMES, PARTIES, WISHES, review_json
from serving.repositories.reviews.requests import Reviewed, ReviewsWanted
from serving.repositories.reviews.steps import NOTHING_DONE
from serving.routes.binding import Routes
from serving.routes.decisions import NOTE
from serving.routes.documents import Field, document_schema, fields_of
from serving.routes.paging import PAGING, page_of, page_schema, paged
from serving.routes.scores import KEY

ADVICE_ID: Final = Text(r"SCR-\d{8}-\d{6,9}")
REQUEST_FIELDS: Final = (
    Field(name="advice_id", form=ADVICE_ID, zh="建议编号", en="id of the advice"),
    Field(name="party", form=Choice(PARTIES), zh="申请复核的人", en="who asks"),
    Field(name="reason", form=NOTE, zh="复核请求", en="what is asked"),
    Field(name="wish", form=Choice(tuple(WISHES)), zh="请求事项", en="asked for", required=False),
    Field(name="channel", form=Choice(tuple(CHANNELS)), zh="提出方式", en="how it came", required=False),
    Field(name="received_on", form=Day(), zh="收到日期，不晚于今天", en="day of receipt", required=False),
)
TOLD_FIELDS: Final = (
    Field(name="channel", form=Choice(tuple(CHANNELS)), zh="告知方式", en="how the party was told"),
    Field(name="told_on", form=Day(), zh="告知日期，不晚于今天", en="day on which the party was told"),
)
HELD_BY: Final = Field(
    name="held_by", form=Text(r"[^\s\u0000]{1,200}"), zh="此前接办的人", en="who had it in hand", required=False
)
ANSWER_FIELDS: Final = (
    Field(name="outcome", form=Choice(tuple(OUTCOMES)), zh="复核结论", en="outcome"),
    Field(name="reasons", form=NOTE, zh="复核理由", en="reasons"),
)
REVIEW_ID: Final = Parameter(
    name="id", place="path", form=Text(r"REV-\d{8}-\d{6,9}"), required=True, zh="复核编号", en="id of the review"
)
_OPEN: Final = {
    name: {"type": ["string", "null"]}
    for name in ("reason", "reasons", "decided_by", "decided_at", *ASKED, *NOTHING_DONE)
}
STATES: Final = ("open", "done", "untold")
"""Waits for an answer; answered; answered and the party has still to be told."""
_NAMES: Final = ("id", "advice_id", "application_id", "court_code", "requested_by", "requested_at")
REVIEW_SHAPE: Final = {
    "type": "object",
    "required": [*_NAMES, "state", "party", "outcome"],
    "properties": {
        **{name: {"type": "string"} for name in _NAMES},
        **_OPEN,
        "state": {"enum": ["open", "done"]},
        "party": {"enum": list(PARTIES)},
        "outcome": {"enum": [*OUTCOMES, None]},
    },
}
_REPLIES: Final = (
    Reply(status=201, zh="已入档", en="on record", content={JSON: REVIEW_SHAPE}),
    Reply(
        status=200,
        zh="此前已入档",
        en="was on record before",
        content={JSON: REVIEW_SHAPE},
        headers={"Idempotent-Replayed": {"const": "true"}},
    ),
)
_PROBLEMS: Final = ("NOT_FOUND", "FIELD_NOT_ALLOWED", "IDEMPOTENCY_KEY_REUSED", "STORE_UNAVAILABLE")

REQUEST: Final = Endpoint(
    method="POST",
    path="/v1/reviews",
    zh="登记当事人的人工复核请求",
    en="take in a party's request for a person's review",
    action=Action.REVIEW_REQUEST,
    parameters=(KEY,),
    body=Body(schema=document_schema(REQUEST_FIELDS)),
    replies=_REPLIES,
    problems=_PROBLEMS,
)
LIST: Final = Endpoint(
    method="GET",
    path="/v1/reviews",
    zh="查找人工复核，由新到旧；文字中的号码已遮盖",
    en="look up reviews, newest first; numbers in their texts are masked",
    action=Action.REVIEW_REQUEST,
    parameters=(
        Parameter(name="advice_id", form=ADVICE_ID, zh="建议编号", en="id of the advice"),
        Parameter(name="state", form=Choice(STATES), zh="状态", en="state"),
        *PAGING,
    ),
    replies=(
        Reply(
            status=200,
            zh="一页复核",
            en="a page of reviews",
            content={JSON: page_schema(REVIEW_SHAPE)},
            headers={"Link": {"type": "string"}},
        ),
    ),
    problems=("STORE_UNAVAILABLE",),
)
READ: Final = Endpoint(
    method="GET",
    path="/v1/reviews/{id}",
    zh="读取一次人工复核",
    en="read one review",
    action=Action.REVIEW_REQUEST,
    parameters=(REVIEW_ID,),
    replies=(Reply(status=200, zh="复核", en="the review", content={JSON: REVIEW_SHAPE}),),
    problems=("NOT_FOUND", "STORE_UNAVAILABLE"),
)
DECIDE: Final = Endpoint(
    method="POST",
    path="/v1/reviews/{id}:decide",
    zh="作出人工复核结论",
    en="answer a request for review",
    action=Action.REVIEW_DECIDE,
    parameters=(REVIEW_ID, KEY),
    body=Body(schema=document_schema(ANSWER_FIELDS)),
    replies=_REPLIES,
    problems=(*_PROBLEMS, "REVIEW_DECIDED"),
)
TAKE: Final = Endpoint(
    method="POST",
    path="/v1/reviews/{id}:take",
    zh="接办人工复核",
    en="take a request for review in hand",
    action=Action.REVIEW_DECIDE,
    parameters=(REVIEW_ID, KEY),
    body=Body(schema=document_schema((HELD_BY,))),
    replies=_REPLIES,
    problems=(*_PROBLEMS, "REVIEW_DECIDED", "REVIEW_MOVED_ON"),
)
TELL: Final = Endpoint(
    method="POST",
    path="/v1/reviews/{id}:tell",
    zh="登记已告知当事人复核结论",
    en="note that the party was told the outcome",
    action=Action.REVIEW_REQUEST,
    parameters=(REVIEW_ID, KEY),
    body=Body(schema=document_schema(TOLD_FIELDS)),
    replies=_REPLIES,
    problems=(*_PROBLEMS, "REVIEW_MOVED_ON"),
)


async def ask(request: Request) -> Response:
    """POST /v1/reviews."""
    asked, key = fields_of(document_of(request), REQUEST_FIELDS), answers.idempotency_key(request.headers)
    office, origin = office_of(request), answers.origin_of(request.scope)
    return _shown(await office.desk.run(lambda: office.people.reviewing.request(asked, key=key, origin=origin)))


async def look_up(request: Request) -> Response:
    """GET /v1/reviews."""
    office, origin, values = office_of(request), answers.origin_of(request.scope), values_in(request)
    seal = office.people.reviewing.keys.page
    page = page_of(request, seal)
    after = None if page.after is None else (str(page.after[0]), int(page.after[1]))
    named = {name: str(values.get(name, "")) for name in ("advice_id", "state")}
    wanted = ReviewsWanted(**named, after=after, size=page.size)
    found = await office.desk.run(lambda: office.people.reviewing.page(wanted, origin=origin))
    shown = found[: page.size]
    position = (shown[-1]["day"], shown[-1]["number"]) if len(found) > page.size else None
    return paged(request, [review_json(row) for row in shown], after=position, seal=seal)


async def read(request: Request) -> Response:
    """GET /v1/reviews/{id}."""
    review_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    row = await office.desk.run(lambda: office.people.reviewing.read(review_id, origin=origin))
    return answers.plain(written(review_json(row)))


async def decide(request: Request) -> Response:
    """POST /v1/reviews/{id}:decide."""
    asked, key = fields_of(document_of(request), ANSWER_FIELDS), answers.idempotency_key(request.headers)
    review_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    return _shown(
        await office.desk.run(lambda: office.people.reviewing.decide(review_id, asked, key=key, origin=origin))
    )


async def take(request: Request) -> Response:
    """POST /v1/reviews/{id}:take."""
    asked, key = fields_of(document_of(request), (HELD_BY,)), answers.idempotency_key(request.headers)
    review_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    held_by = None if "held_by" not in asked else str(asked["held_by"])
    return _shown(
        await office.desk.run(lambda: office.people.reviewing.take(review_id, held_by, key=key, origin=origin))
    )


async def tell(request: Request) -> Response:
    """POST /v1/reviews/{id}:tell."""
    asked, key = fields_of(document_of(request), TOLD_FIELDS), answers.idempotency_key(request.headers)
    review_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    return _shown(await office.desk.run(lambda: office.people.reviewing.tell(review_id, asked, key=key, origin=origin)))


def _shown(found: Reviewed) -> Response:
    headers = {"Content-Language": "zh-CN"}
    if found.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(written(review_json(found.row)), 200 if found.replayed else 201, headers=headers, media_type=JSON)


ROUTES: Final[Routes] = {REQUEST: ask, LIST: look_up, READ: read, DECIDE: decide, TAKE: take, TELL: tell}
