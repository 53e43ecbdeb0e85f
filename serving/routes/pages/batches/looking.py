"""Batches on pages: the list, one batch with its groups, and how far its scoring is."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import values_in
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.batches.batch_page import batch_list, batch_page, progress_of
from serving.pages.choice import language_in
from serving.routes.binding import Routes
from serving.routes.pages.batches.importing import BATCH_ID
from serving.routes.pages.showing import HTML, LANG, SHOWN, shown
from serving.routes.paging import PAGE_TOKEN, page_of, sealed

LIST: Final = Endpoint(
    method="GET",
    path="/batches",
    zh="批量治理页面",
    en="the batches of a court",
    action=Action.SCORE_READ,
    parameters=(PAGE_TOKEN, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
BATCH: Final = Endpoint(
    method="GET",
    path="/batches/{id}",
    zh="批次页面",
    en="one batch",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
PROGRESS: Final = Endpoint(
    method="GET",
    path="/batches/{id}/progress",
    zh="批次评分进度（页面片段）",
    en="how far a batch is, as part of its page",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID,),
    pages=True,
    replies=(Reply(status=200, zh="进度", en="progress", content=HTML, headers={"HX-Refresh": {"const": "true"}}),),
    problems=("STORE_UNAVAILABLE",),
)


async def show_list(request: Request) -> Response:
    """GET /batches."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    seal = office.record.queue.seal
    page = page_of(request, seal)
    after = None if page.after is None else (str(page.after[0]), int(page.after[1]))
    lists = office.batches.importing.records
    found = await office.desk.run(lambda: lists.page(origin=origin, after=after, size=page.size))
    rows, onward = found[: page.size], ""
    if len(found) > page.size:
        last = [rows[-1].row["day"], rows[-1].row["number"]]
        onward = "/batches?" + urlencode({"page_token": sealed(last, request, seal)})
    may_import, say = origin.by.may(Action.JOB_CREATE), language_in(request.scope)
    model = batch_list(rows, onward=onward, first=after is None, may_import=may_import, say=say)
    return await shown(request, "batches/list.html", page=model)


async def show_batch(request: Request) -> Response:
    """GET /batches/{id}."""
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), str(values_in(request)["id"])
    deciding = office.batches.deciding
    batch = await office.desk.run(lambda: deciding.batch(batch_id, origin=origin))
    groups = await office.desk.run(lambda: deciding.records.groups(batch_id))
    mode = deciding.settings.of(batch.row["court_code"]).review_mode
    mine = batch.job["owner"] == origin.by.owner and origin.by.may(Action.JOB_CREATE)
    say, register = language_in(request.scope), office.jobs.register()
    model = batch_page(batch, groups, mode=mode, mine=mine, register=register, say=say)
    return await shown(request, "batches/batch.html", page=model, progress=model.progress)


async def show_progress(request: Request) -> Response:
    """GET /batches/{id}/progress: a part of the page, which asks for the whole page when there is more to see."""
    office, origin, batch_id = office_of(request), answers.origin_of(request.scope), str(values_in(request)["id"])
    lists = office.batches.importing.records
    batch = await office.desk.run(lambda: lists.look(batch_id, origin=origin))
    if batch is None or batch.row["confirmed_at"] is None:
        raise ProblemError("NOT_FOUND")
    model = progress_of(batch, language_in(request.scope))
    response = await shown(request, "batches/progress.html", progress=model)
    if model.over:
        response.headers["HX-Refresh"] = "true"
    return response


ROUTES: Final[Routes] = {LIST: show_list, BATCH: show_batch, PROGRESS: show_progress}
