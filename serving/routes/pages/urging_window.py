"""Another urging window on the settings page: the draft of a rule table to sign, or the page again with the fault."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from features.clock import SHANGHAI
from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of
from serving.door.outgoing import VISIT, Visit
from serving.door.parameters import Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.settings.page import Sent
from serving.record.urging.window import Asked, window_draft
from serving.routes.binding import Routes
from serving.routes.court_settings import REASON
from serving.routes.documents import Field, fields_of
from serving.routes.pages.batches.importing import saved_as
from serving.routes.pages.settings import COURT_FIELD, page_of_settings
from serving.routes.pages.showing import form_of

_TOML: Final = "application/toml"
_TYPED: Final = Text(r"[^\x00-\x1f]{0,40}")
_FORM: Final = (
    COURT_FIELD,
    Field(name="days", form=_TYPED, zh="督促期（日）", en="urging window in days"),
    Field(name="from", form=_TYPED, zh="施行日", en="first day"),
    REASON,
)

WINDOW: Final = Endpoint(
    method="POST",
    path="/settings/window",
    zh="生成督促期变更草案（规则表），签署后交付使用",
    en="the draft of a rule table with another urging window, to be signed and put into force",
    action=Action.COURT_CONFIGURE,
    body=form_of(*_FORM),
    pages=True,
    replies=(Reply(status=200, zh="草案", en="the draft", content={_TOML: {}}),),
    problems=("NOT_FOUND", "STORE_UNAVAILABLE", "FIELD_NOT_ALLOWED"),
)


async def draft(request: Request) -> Response:
    """POST /settings/window: nothing is changed by it."""
    office, origin, sent = office_of(request), answers.origin_of(request.scope), dict(document_of(request))
    court = await office.desk.run(lambda: office.record.looking.court_of(str(sent.get("court", "")), origin))
    today = office.batches.deciding.clock().astimezone(SHANGHAI).date()
    try:
        values = fields_of({name: value for name, value in sent.items() if name != "reason" or value}, _FORM)
        asked = Asked(
            court=court, days=str(values["days"]).strip(), day=str(values["from"]), reason=str(values["reason"])
        )
        name, text = window_draft(office.shown().rules, asked, today=today)
    except ProblemError as error:
        if error.problem.code != "VALIDATION_FAILED":
            raise
        visit: Visit = request.scope[VISIT]
        visit.code = error.problem.code
        kept = {f"window_{field}": value for field, value in sent.items()}
        return await page_of_settings(request, court, sent=Sent(fields=kept, problem=_placed(error)))
    return Response(text.encode("utf-8"), headers=saved_as(name), media_type=_TOML)


def _placed(error: ProblemError) -> ProblemError:
    """Return the same faults, at the fields of this form."""
    errors = [{**one, "pointer": "/window_" + str(one["pointer"]).lstrip("/")} for one in error.errors]
    return ProblemError(error.problem.code, errors=errors)


ROUTES: Final[Routes] = {WINDOW: draft}
