"""The pages of human reviews: the list of a court, and one request as it stands."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from features.clock import SHANGHAI
from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import JSON, Endpoint, Reply
from serving.door.guard import principal_of, values_in
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Choice, Parameter
from serving.office import office_of
from serving.pages.choice import language_in
from serving.pages.language import Language
from serving.pages.reviews.page import NOT_ANSWERED, ReviewReader, SentAnswer, review_page, reviews_page
from serving.people.reviewing import CHANNELS, WISHES, review_json
from serving.repositories.reviews.requests import ReviewsWanted
from serving.routes.binding import Routes
from serving.routes.human_reviews import REVIEW_ID, REVIEW_SHAPE, STATES
from serving.routes.pages.cases import names_in
from serving.routes.pages.showing import LANG, SHOWN, model_state, shown
from serving.routes.paging import PAGE_TOKEN, PAGING, page_of, page_schema, paged, sealed
from serving.sheets.cells import safe

_STATE: Final = Parameter(name="state", form=Choice(("", *STATES)), zh="状态", en="state")
_CSV: Final = "text/csv"
_COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "id": ("复核编号", "review"),
    "advice_id": ("建议编号", "advice"),
    "application_id": ("申请编号、案号", "application"),
    "court_code": ("法院", "court"),
    "party": ("谁提出", "who asks"),
    "wish_text": ("请求事项", "asked for"),
    "channel_text": ("提出方式", "how it came"),
    "received_on": ("收到日期", "received on"),
    "answer_by": ("答复期限", "answer by"),
    "requested_at": ("登记时间", "registered at"),
    "reason": ("请求", "what is asked"),
    "state": ("状态", "state"),
    "outcome_text": ("复核结论", "outcome"),
    "reasons": ("复核理由", "reasons"),
    "decided_at": ("答复时间", "answered at"),
    "told_on": ("告知日期", "told on"),
    "told_channel_text": ("告知方式", "how the party was told"),
}

LIST: Final = Endpoint(
    method="GET",
    path="/reviews",
    zh="人工复核页面",
    en="human reviews, as a page",
    action=Action.REVIEW_REQUEST,
    parameters=(_STATE, PAGE_TOKEN, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
AS_JSON: Final = Endpoint(
    method="GET",
    path="/reviews.json",
    zh="人工复核列表，JSON；文字中的号码已遮盖",
    en="human reviews as JSON; numbers in their texts are masked",
    action=Action.REVIEW_REQUEST,
    parameters=(_STATE, *PAGING),
    replies=(Reply(status=200, zh="一页", en="a page", content={JSON: page_schema(REVIEW_SHAPE)}),),
    problems=("STORE_UNAVAILABLE",),
)
AS_CSV: Final = Endpoint(
    method="GET",
    path="/reviews.csv",
    zh="人工复核列表，CSV；文字中的号码已遮盖",
    en="human reviews as CSV; numbers in their texts are masked",
    action=Action.REVIEW_REQUEST,
    parameters=(_STATE, *PAGING),
    replies=(Reply(status=200, zh="一页", en="a page", content={_CSV: {"type": "string"}}),),
    problems=("STORE_UNAVAILABLE",),
)
READ: Final = Endpoint(
    method="GET",
    path="/reviews/{id}",
    zh="一次人工复核的页面",
    en="one human review, as a page",
    action=Action.REVIEW_REQUEST,
    parameters=(REVIEW_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("NOT_FOUND", "STORE_UNAVAILABLE"),
)


async def show_list(request: Request) -> Response:
    """GET /reviews."""
    state, (rows, after) = str(values_in(request).get("state", "")), await _rows(request)
    kept = {"state": state} if state else {}
    query, onward = f"?{urlencode(kept)}" if kept else "", ""
    if after is not None:
        seal = office_of(request).people.reviewing.keys.page
        onward = "/reviews?" + urlencode({**kept, "page_token": sealed(after, request, seal)})
    page = reviews_page(rows, state, query=query, onward=onward, reader=await _reader(request, rows))
    return await shown(request, "reviews/list.html", page=page, simulated=simulated_in(request))


async def as_json(request: Request) -> Response:
    """GET /reviews.json."""
    rows, after = await _rows(request)
    seal = office_of(request).people.reviewing.keys.page
    return paged(request, [review_json(row) for row in rows], after=after, seal=seal)


async def as_csv(request: Request) -> Response:
    """GET /reviews.csv: a page as a spreadsheet opens it, whatever people wrote."""
    say, (rows, after) = language_in(request.scope), await _rows(request)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([say.pick(*words) for words in _COLUMNS.values()])
    table.writerows([safe(_told(row, say)[name]) for name in _COLUMNS] for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="reviews.csv"'}
    if after is not None:
        token = sealed(after, request, office_of(request).people.reviewing.keys.page)
        kept = {name: value for name, value in request.query_params.items() if name != "page_token"}
        headers["Link"] = f'</reviews.csv?{urlencode({**kept, "page_token": token})}>; rel="next"'
    return Response("\ufeff" + text.getvalue(), headers=headers, media_type=_CSV)


async def show_one(request: Request) -> Response:
    """GET /reviews/{id}."""
    return await one_again(request, NOT_ANSWERED)


async def one_again(request: Request, sent: SentAnswer) -> Response:
    """Return the page of one request, with what was sent in and what is wrong with it."""
    review_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    row = await office.desk.run(lambda: office.people.reviewing.read(review_id, origin=origin))
    model = review_page(row, sent, await _reader(request, [row]))
    status = 200
    if sent.problem is not None:
        visit: Visit = request.scope[VISIT]
        visit.code, status = sent.problem.problem.code, sent.problem.problem.status
    return await shown(request, "reviews/one.html", status=status, page=model, simulated=simulated_in(request))


def simulated_in(request: Request) -> bool:
    """Return whether the service answers with a model that learned from simulated cases."""
    office = office_of(request)
    return model_state(office, office.people.reviewing.clock()).simulated


async def _reader(request: Request, rows: Sequence[Mapping[str, Any]]) -> ReviewReader:
    office = office_of(request)
    actors = {row[name] for row in rows for name in ("requested_by", "taken_by", "decided_by", "told_by")}
    return ReviewReader(
        principal=principal_of(request),
        named=await names_in(office, frozenset(one for one in actors if one and one.startswith("account:"))),
        say=language_in(request.scope),
        today=office.people.reviewing.clock().astimezone(SHANGHAI).date(),
        key=secrets.token_hex(16),
    )


def _told(row: Mapping[str, Any], say: Language) -> Mapping[str, object]:
    """Return a row for a table of people: codes as words."""
    words = {"wish": WISHES, "channel": CHANNELS, "told_channel": CHANNELS}
    spelt = {f"{name}_text": say.pick(*known[row[name]]) if row[name] else None for name, known in words.items()}
    return {**review_json(row), **spelt}


async def _rows(request: Request) -> tuple[Sequence[Mapping[str, Any]], tuple[str, int] | None]:
    """Return one page of the reader's courts, and the position of its last row where another page follows."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    reviewing = office.people.reviewing
    page = page_of(request, reviewing.keys.page)
    after = None if page.after is None else (str(page.after[0]), int(page.after[1]))
    wanted = ReviewsWanted(state=str(values_in(request).get("state", "")), after=after, size=page.size)
    found = await office.desk.run(lambda: reviewing.page(wanted, origin=origin))
    shown_rows = found[: page.size]
    return shown_rows, (shown_rows[-1]["day"], shown_rows[-1]["number"]) if len(found) > page.size else None


ROUTES: Final[Routes] = {LIST: show_list, AS_JSON: as_json, AS_CSV: as_csv, READ: show_one}
