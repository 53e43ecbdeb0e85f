"""Reading a page's form with one file: held in memory, never in a file of ours, and only from a page of the session."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from serving.access.principal import PRINCIPAL, Principal
from serving.door.admission import check_token
from serving.door.body import stream_of
from serving.door.problems import ProblemError

MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_FIELDS: Final = 4
_MOST_FIELD: Final = 1024


@dataclass(frozen=True)
class Upload:
    """One file and the fields beside it; its name is not looked at, because people write names into it."""

    body: bytes
    fields: dict[str, str]


class _InMemory(MultiPartParser):
    """Keeps what arrives in memory: a temporary file of somebody's cases could outlive a crash."""

    spool_max_size = MOST_BYTES + 1


async def uploaded(request: Request, name: str) -> Upload:
    """Return the file sent under this name; without one chosen it is empty.

    Raises
    ------
    ProblemError
        FORM_INVALID; CSRF_REFUSED where no page of the session sent it.
    """

    async def stream() -> AsyncGenerator[bytes]:
        async for piece in stream_of(request):
            yield piece

    parser = _InMemory(request.headers, stream(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=_MOST_FIELD)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise ProblemError("FORM_INVALID") from None
    try:
        fields = {key: value for key, value in form.multi_items() if isinstance(value, str)}
        token, principal = fields.pop("csrf_token", ""), request.scope.get(PRINCIPAL)
        if isinstance(principal, Principal) and principal.csrf:
            check_token(principal, token)
        sent = form.get(name)
        if not isinstance(sent, UploadFile):
            raise ProblemError("FORM_INVALID")
        return Upload(await sent.read(), fields)
    finally:
        await form.close()
