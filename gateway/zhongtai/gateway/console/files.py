"""The files that pages load: our own style and script, and two vendored libraries, each addressed by its content."""

import hashlib
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from zhongtai.gateway.door.refusals import PathUnknown

MEDIA = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "seal.svg": "image/svg+xml",
    "htmx.min.js": "text/javascript",
    "echarts.common.min.js": "text/javascript",
    "htmx-LICENSE.txt": "text/plain",
    "echarts-LICENSE.txt": "text/plain",
    "echarts-NOTICE.txt": "text/plain",
}
FOLDER = files("zhongtai.gateway.console") / "static"
# An address holds the hash of its file, so what a browser keeps is never out of date.
KEPT = {"cache-control": "public, max-age=31536000, immutable"}


@cache
def content(name: str) -> bytes:
    """One file."""
    return (FOLDER / name).read_bytes()


@cache
def address_of(name: str) -> str:
    """Where a page loads a file from."""
    return f"/console/static/{name}?v={hashlib.sha256(content(name)).hexdigest()[:12]}"


async def endpoint(request: Request) -> Response:
    """Answers `/console/static/{name}`."""
    name = request.path_params["name"]
    if name not in MEDIA:
        raise PathUnknown(path=request.url.path)
    return Response(content(name), headers=KEPT, media_type=MEDIA[name])
