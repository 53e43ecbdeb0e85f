"""The queue: which cases wait, by deadline, and taking the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, principal_of, values_in
from serving.door.parameters import Choice, Parameter, Surrogate, Whole
from serving.office import Office, office_of
from serving.pages.choice import language_in
from serving.pages.model_state import banner_now
from serving.pages.queue import Looker, queue_page
from serving.repositories.queue import Page, Sought
from serving.routes.binding import Routes
from serving.routes.documents import fields_of
from serving.routes.pages.cases import names_in
from serving.routes.pages.showing import LANG, SHOWN, form_of, model_state, shown
from serving.routes.paging import PAGE_TOKEN, page_of, sealed
from serving.routes.scores import SCORE_ID

_EMPTY: Final = form_of()


class _Number(Surrogate):
    """A number of a case, or nothing: a form sends its empty fields, too."""

    @property
    def schema(self) -> Mapping[str, object]:
        """The form as a JSON Schema."""
        return {"anyOf": [{"const": ""}, super().schema]}

    def read(self, text: str) -> str:
        """Return the text itself."""
        return text and super().read(text)


FILTERS: Final = (
    Parameter(name="number", form=_Number(), zh="申请编号、案号的一部分", en="part of an application's number"),
    Parameter(name="lane", form=Choice(("", "urge", "fast", "complex", "none")), zh="建议", en="advised lane"),
    Parameter(name="stage", form=Choice(("", "A", "B")), zh="阶段", en="stage"),
    Parameter(name="free", form=Choice(("true",)), zh="只看未领取", en="only those that nobody is at"),
    Parameter(name="mine", form=Choice(("true",)), zh="只看我领取的", en="only those that the caller is at"),
)

_TOLD: Final = (
    Parameter(name="taken", form=Whole(0, 50), zh="刚领取的件数", en="how many were just taken"),
    Parameter(name="of", form=Whole(0, 50), zh="选中的件数", en="of how many"),
)

QUEUE: Final = Endpoint(
    method="GET",
    path="/queue",
    zh="收案分流页面",
    en="the queue",
    action=Action.SCORE_READ,
    parameters=(*FILTERS, *_TOLD, PAGE_TOKEN, LANG),
    pages=True,
    replies=(SHOWN,),
    problems=("STORE_UNAVAILABLE",),
)
NEXT: Final = Endpoint(
    method="POST",
    path="/queue/next",
    zh="领取下一件",
    en="take the next case",
    action=Action.DECISION_CREATE,
    body=_EMPTY,
    pages=True,
    replies=(Reply(status=303, zh="已领取，转到案件页面", en="taken, on to the case"),),
    problems=("STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED"),
)
TAKE: Final = Endpoint(
    method="POST",
    path="/cases/{id}/claim",
    zh="领取一件",
    en="take one case",
    action=Action.DECISION_CREATE,
    parameters=(SCORE_ID,),
    body=_EMPTY,
    pages=True,
    replies=(Reply(status=303, zh="已领取，回到案件页面", en="taken, back to the case"),),
    problems=("STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED", "CASE_TAKEN"),
)


async def show_queue(request: Request) -> Response:
    """GET /queue."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    sought = sought_in(request, office)
    found = await office.desk.run(lambda: listed(office, sought, origin))
    looker = await looker_in(request, office, found)
    onward = _onward(request, office, found)
    return await shown(request, "queue.html", page=queue_page(found, sought, onward=onward, looker=looker))


async def take_next(request: Request) -> Response:
    """POST /queue/next: on to the case, or back to the queue when there is none."""
    fields_of(document_of(request), ())
    office, origin = office_of(request), answers.origin_of(request.scope)
    advice_id = await office.desk.run(lambda: office.record.queue.take_next(origin=origin))
    return RedirectResponse("/queue" if advice_id is None else f"/cases/{advice_id}", 303)


async def take(request: Request) -> Response:
    """POST /cases/{id}/claim."""
    fields_of(document_of(request), ())
    advice_id, office, origin = str(values_in(request)["id"]), office_of(request), answers.origin_of(request.scope)
    await office.desk.run(lambda: office.record.queue.take(advice_id, origin=origin))
    return RedirectResponse(f"/cases/{advice_id}", 303)


def sought_in(request: Request, office: Office) -> Sought:
    """Return which cases are asked for."""
    values = values_in(request)
    page = page_of(request, office.record.queue.seal)
    after = None if page.after is None else (str(page.after[0]), str(page.after[1]))
    return Sought(
        number=str(values.get("number", "")),
        route=str(values.get("lane", "")),
        stage=str(values.get("stage", "")),
        free_only=values.get("free") == "true",
        mine_only=values.get("mine") == "true",
        after=after,
        size=page.size,
    )


def listed(office: Office, sought: Sought, origin: Origin) -> Page:
    """Return the page without lanes that are kept from the reader; a filter by lane tells none of them."""
    courts = origin.by.courts.codes or ()
    if sought.route and any(office.record.viewing.keeping(court, origin=origin) for court in courts):
        sought = replace(sought, by_rule=True)
    found = office.record.queue.page(sought, origin=origin)
    rows = office.record.viewing.listed([{**row, "id": row["advice_id"]} for row in found.rows], origin=origin)
    return replace(found, rows=[row for row in rows if not sought.route or row["route"] == sought.route])


async def looker_in(request: Request, office: Office, found: Page) -> Looker:
    """Return who looks at these rows."""
    actors = frozenset(row["claimed_by"] for row in found.rows if row["claimed_by"])
    say, now = language_in(request.scope), office.record.queue.clock()
    courts = principal_of(request).courts.codes or ()
    return Looker(
        say=say,
        named=await names_in(office, actors),
        now=now,
        no_model=banner_now(model_state(office, now), courts, say),
        me=principal_of(request).actor,
        told=_told(request),
        query=urlencode(kept_filters(request)),
        may_decide=principal_of(request).may(Action.DECISION_CREATE),
    )


def _onward(request: Request, office: Office, found: Page) -> str:
    if found.after is None:
        return ""
    token = sealed(found.after, request, office.record.queue.seal)
    return "/queue?" + urlencode({**kept_filters(request), "page_token": token})


def kept_filters(request: Request) -> dict[str, str]:
    """Return the filters of a call that were filled in, as they stand in its address."""
    names = {one.name for one in FILTERS}
    return {name: text for name, text in request.query_params.items() if name in names and text}


def _told(request: Request) -> tuple[int, int] | None:
    values = values_in(request)
    return None if "of" not in values else (int(str(values.get("taken", 0))), int(str(values["of"])))


ROUTES: Final[Routes] = {QUEUE: show_queue, NEXT: take_next, TAKE: take}
