"""What is done about a request for a human review on its page: taken in hand, answered, told to the party."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of, values_in
from serving.door.parameters import Text
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages.reviews.page import SentAnswer
from serving.people.reviewing import Reviewing
from serving.repositories.reviews.requests import Reviewed
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.human_reviews import ANSWER_FIELDS, HELD_BY, REVIEW_ID, TOLD_FIELDS
from serving.routes.pages.reviews.looking import one_again
from serving.routes.pages.showing import form_of

KEY_FIELD: Final = Field(name="key", form=Text(answers.KEY_PATTERN), zh="幂等键", en="idempotency key")
_ON: Final = (Reply(status=303, zh="已入档，回到复核页面", en="on record, back to the page"),)
_PROBLEMS: Final = ("NOT_FOUND", "FIELD_NOT_ALLOWED", "IDEMPOTENCY_KEY_REUSED", "STORE_UNAVAILABLE")
_SHOWN_AGAIN: Final = frozenset({"VALIDATION_FAILED", "REVIEW_DECIDED", "REVIEW_MOVED_ON"})
"""Problems that the page itself explains."""

ANSWER: Final = Endpoint(
    method="POST",
    path="/reviews/{id}",
    zh="在页面上答复人工复核",
    en="answer a human review from its page",
    action=Action.REVIEW_DECIDE,
    parameters=(REVIEW_ID,),
    body=form_of(*ANSWER_FIELDS, KEY_FIELD),
    pages=True,
    replies=_ON,
    problems=(*_PROBLEMS, "REVIEW_DECIDED"),
)
TAKE: Final = Endpoint(
    method="POST",
    path="/reviews/{id}/take",
    zh="在页面上接办人工复核",
    en="take a human review in hand from its page",
    action=Action.REVIEW_DECIDE,
    parameters=(REVIEW_ID,),
    body=form_of(HELD_BY, KEY_FIELD),
    pages=True,
    replies=_ON,
    problems=(*_PROBLEMS, "REVIEW_DECIDED", "REVIEW_MOVED_ON"),
)
TELL: Final = Endpoint(
    method="POST",
    path="/reviews/{id}/told",
    zh="在页面上登记已告知当事人",
    en="note on the page that the party was told",
    action=Action.REVIEW_REQUEST,
    parameters=(REVIEW_ID,),
    body=form_of(*TOLD_FIELDS, KEY_FIELD),
    pages=True,
    replies=_ON,
    problems=(*_PROBLEMS, "REVIEW_MOVED_ON"),
)

Act = Callable[[Reviewing, dict[str, Any], str], Reviewed]
"""Does something with what was filled in and the key of the form."""


async def answer(request: Request) -> Response:
    """POST /reviews/{id}."""
    review_id, origin = _asked(request), answers.origin_of(request.scope)
    return await _done(request, ANSWER_FIELDS, lambda at, said, key: at.decide(review_id, said, key=key, origin=origin))


async def take(request: Request) -> Response:
    """POST /reviews/{id}/take."""
    review_id, origin = _asked(request), answers.origin_of(request.scope)
    return await _done(
        request, (HELD_BY,), lambda at, said, key: at.take(review_id, said.get("held_by"), key=key, origin=origin)
    )


async def tell(request: Request) -> Response:
    """POST /reviews/{id}/told."""
    review_id, origin = _asked(request), answers.origin_of(request.scope)
    return await _done(request, TOLD_FIELDS, lambda at, said, key: at.tell(review_id, said, key=key, origin=origin))


def filled(document: Mapping[str, object]) -> dict[str, object]:
    """Return what was filled in: a browser sends empty fields as empty texts."""
    return {name: value for name, value in document.items() if value != ""}


async def _done(request: Request, fields: tuple[Field, ...], act: Act) -> Response:
    """Back to the page, or the page again with what was written and what stands against it."""
    office, sent = office_of(request), filled(document_of(request))
    try:
        said: dict[str, date | str] = dict(fields_of(sent, (*fields, KEY_FIELD)))  # type: ignore[arg-type]
        key = str(said.pop("key"))
        await office.desk.run(lambda: act(office.people.reviewing, said, key))
    except ProblemError as error:
        if error.problem.code not in _SHOWN_AGAIN:
            raise
        return await one_again(request, SentAnswer(values=sent, problem=error))
    return RedirectResponse(f"/reviews/{_asked(request)}#answer", 303)


def _asked(request: Request) -> str:
    return str(values_in(request)["id"])


ROUTES: Final[Routes] = {ANSWER: answer, TAKE: take, TELL: tell}
