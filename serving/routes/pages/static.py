"""Style sheets, fonts and pictures: everything a page needs comes from here, and nothing from elsewhere."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.door.endpoint import Endpoint, Reply
from serving.door.guard import values_in
from serving.door.parameters import Parameter, Text
from serving.door.problems import ProblemError
from serving.pages.assets import assets
from serving.routes.binding import Routes

_NAME: Final = Parameter(
    name="name",
    place="path",
    form=Text(r"[a-z0-9][a-z0-9.-]{1,80}"),
    required=True,
    zh="文件名，内容变化则名称随之变化",
    en="name of the file, which changes with its content",
)
_KINDS: Final = ("text/css", "text/javascript", "image/svg+xml", "font/woff2")

STATIC: Final = Endpoint(
    method="GET",
    path="/static/{name}",
    zh="页面所用的样式、字体与图形",
    en="style sheets, fonts and pictures of the pages",
    action=None,
    parameters=(_NAME,),
    replies=(Reply(status=200, zh="文件", en="the file", content={kind: {"type": "string"} for kind in _KINDS}),),
)


async def static(request: Request) -> Response:
    """GET /static/{name}."""
    asset = assets().get(str(values_in(request)["name"]))
    if asset is None:
        raise ProblemError("NOT_FOUND")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    packed = asset.packed if "gzip" in request.headers.get("accept-encoding", "") else b""
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(packed or asset.body, headers=headers, media_type=asset.kind)


ROUTES: Final[Routes] = {STATIC: static}
