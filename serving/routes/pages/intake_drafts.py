"""Drafts of the intake form: saved at any time, gone on with or discarded by whoever wrote them."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.access.actions import Action
from serving.door import answers
from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import document_of
from serving.door.problems import ProblemError
from serving.office import office_of
from serving.pages import formats
from serving.repositories.drafts import MOST, Draft, DraftChangedError, TooManyDraftsError
from serving.routes.binding import Routes
from serving.routes.documents import Field, fields_of
from serving.routes.pages.intake import DRAFT_ID, FIELDS, Sent, form_again, sent_in
from serving.routes.pages.showing import form_of

_NAMED: Final = (Field(name="draft", form=DRAFT_ID, zh="草稿编号", en="id of the draft"),)

SAVE: Final = Endpoint(
    method="POST",
    path="/intake/draft",
    zh="保存新收登记草稿",
    en="save a draft of the intake form",
    action=Action.SCORE_CREATE,
    body=form_of(*FIELDS),
    pages=True,
    replies=(Reply(status=303, zh="已保存，回到表单", en="saved, back to the form"),),
    problems=("FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)
DISCARD: Final = Endpoint(
    method="POST",
    path="/intake/draft/discard",
    zh="删除新收登记草稿",
    en="discard a draft of the intake form",
    action=Action.SCORE_CREATE,
    body=form_of(*_NAMED),
    pages=True,
    replies=(Reply(status=303, zh="已删除，回到表单", en="discarded, back to the form"),),
    problems=("FIELD_NOT_ALLOWED", "STORE_UNAVAILABLE"),
)


async def save(request: Request) -> Response:
    """POST /intake/draft: back to the form with when it was saved, or the form again where another version stands."""
    sent, office, origin = sent_in(request), office_of(request), answers.origin_of(request.scope)
    content = {**sent.values, "key": sent.hidden.key, "opened": sent.hidden.opened}
    draft = Draft(sent.hidden.draft or secrets.token_hex(16), sent.hidden.version + 1, "", content)
    now = office.record.queue.clock()
    try:
        await office.desk.run(lambda: office.record.drafts.save(draft, origin=origin, at=now))
    except DraftChangedError as error:
        return await _again(request, sent, _changed(error.saved_at))
    except TooManyDraftsError:
        return await _again(request, sent, _FULL)
    return RedirectResponse(f"/intake/new?draft={draft.id}", 303)


async def discard(request: Request) -> Response:
    """POST /intake/draft/discard."""
    office, origin = office_of(request), answers.origin_of(request.scope)
    draft_id, now = str(fields_of(document_of(request), _NAMED)["draft"]), office.record.queue.clock()
    await office.desk.run(lambda: office.record.drafts.discard(draft_id, origin=origin, at=now))
    return RedirectResponse("/intake/new", 303)


async def _again(request: Request, sent: Sent, why: dict[str, object]) -> Response:
    """Return the form with everything that was typed; saved once more it becomes a draft of its own."""
    problem = ProblemError("VALIDATION_FAILED", errors=[why])
    return await form_again(request, sent.values, problem, hidden=sent.hidden.apart(secrets.token_hex(16)))


def _changed(saved_at: str | None) -> dict[str, object]:
    when = "" if saved_at is None else formats.instant(saved_at)
    zh = f"此草稿已于 {when} 在另一窗口保存" if when else "此草稿已提交、删除或者过期"
    en = f"this draft was saved in another window at {when}" if when else "this draft was sent, discarded or is past"
    return {
        "pointer": "/application_id",
        "code": "DRAFT_CHANGED",
        "message": f"{zh}；您的内容未覆盖，见下，再次保存将另存一份",
        "message_en": f"{en}; what you typed is below and will be saved as another draft",
    }


_FULL: Final[dict[str, object]] = {
    "pointer": "/application_id",
    "code": "TOO_MANY_DRAFTS",
    "message": f"草稿已满 {MOST} 份，请先提交或者删除",
    "message_en": f"there are {MOST} drafts already; send or discard some first",
}

ROUTES: Final[Routes] = {SAVE: save, DISCARD: discard}
