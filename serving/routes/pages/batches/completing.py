"""Notices of what to complete on pages: of one case, and of all cases of a decision about a group."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint
from serving.door.guard import values_in
from serving.door.parameters import Parameter, Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.batches.completion_page import completion_page
from serving.pages.choice import language_in
from serving.routes.binding import Routes
from serving.routes.pages.batches.importing import BATCH_ID
from serving.routes.pages.cases import file_in
from serving.routes.pages.showing import LANG, SHOWN, shown
from serving.routes.scores import SCORE_ID

_DECISION: Final = Parameter(
    name="decision", place="path", form=Text(r"BDC-\d{8}-\d{6,9}"), required=True, zh="成批决定编号",
    en="id of the decision about a group",
)  # fmt: skip

NOTICE: Final = Endpoint(
    method="GET",
    path="/cases/{id}/completion",
    zh="补正告知书（打印）",
    en="the notice of what to complete, for print",
    action=Action.SCORE_READ,
    parameters=(SCORE_ID, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("GONE", "STORE_UNAVAILABLE"),
)
NOTICES: Final = Endpoint(
    method="GET",
    path="/batches/{id}/completions/{decision}",
    zh="成批补正告知书（打印）",
    en="the notice of what to complete in the cases of a group, for print",
    action=Action.SCORE_READ,
    parameters=(BATCH_ID, _DECISION, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)


async def notice(request: Request) -> Response:
    """GET /cases/{id}/completion."""
    office, origin, say = office_of(request), answers.origin_of(request.scope), language_in(request.scope)
    found = await file_in(request)
    advice_id = str(values_in(request)["id"])
    asked = await office.desk.run(lambda: office.batches.deciding.completing.notice(advice_id, origin=origin))
    back = (f"/cases/{advice_id}", say("返回案件"))
    return await _shown(request, [asked], back, simulated=bool(found.answer["simulated"]))


async def notices(request: Request) -> Response:
    """GET /batches/{id}/completions/{decision}."""
    office, origin, values = office_of(request), answers.origin_of(request.scope), values_in(request)
    batch_id, decision_id, say = str(values["id"]), str(values["decision"]), language_in(request.scope)
    deciding = office.batches.deciding
    batch = await office.desk.run(lambda: deciding.batch(batch_id, origin=origin))
    rows = await office.desk.run(lambda: deciding.completing.records.of_decision(batch_id, decision_id))
    if not rows:
        raise ProblemError("NOT_FOUND")
    back = (f"/batches/{batch_id}", say("批次") + f" {batch_id}")
    return await _shown(request, rows, back, simulated=bool((batch.figures or {}).get("simulated")))


async def _shown(request: Request, rows: list[Any], back: tuple[str, str], *, simulated: bool) -> Response:
    office = office_of(request)
    settings = await office.desk.run(lambda: office.record.settings.of(rows[0]["court_code"]))
    model = completion_page(
        rows, settings=settings, back=back, simulated=simulated, register=office.jobs.register(),
        say=language_in(request.scope),
    )  # fmt: skip
    return await shown(request, "batches/completion.html", page=model)


ROUTES: Final[Routes] = {NOTICE: notice, NOTICES: notices}
