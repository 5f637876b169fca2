"""The API reference at `/reference`: contents of all operations, and a vendored viewer of one component at a time.

Nothing is fetched from elsewhere.
"""

import asyncio
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from zhongtai.gateway.door.openapi import Description
from zhongtai.gateway.door.refusals import PathUnknown

# The viewer writes style attributes, so inline styles are allowed on this page; inline scripts are not.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MEDIA = {
    "reference.html": "text/html",
    "reference.css": "text/css",
    "contents.css": "text/css",
    "reference.js": "text/javascript",
    "rapidoc-min.js": "text/javascript",
}


@cache
def _content(name: str) -> bytes:
    return (files("zhongtai.gateway.door") / "static" / name).read_bytes()


async def _home(request: Request) -> Response:
    _ = request
    return RedirectResponse("/reference", 303)


def _page(body: bytes) -> Response:
    return Response(body, headers={"content-security-policy": POLICY}, media_type="text/html")


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _MEDIA:
        raise PathUnknown(path=request.url.path)
    return Response(_content(name), headers={"cache-control": "max-age=3600"}, media_type=_MEDIA[name])


def reference_routes(description: Description) -> list[Route]:
    """The pages and their files, and the way there for who opens the door's bare address in a browser."""

    async def all_operations(request: Request) -> Response:
        _ = request
        return _page(await asyncio.to_thread(lambda: description.contents))

    async def one_component(request: Request) -> Response:
        if request.path_params["component"] not in description.components:
            raise PathUnknown(path=request.url.path)
        return _page(_content("reference.html"))

    return [
        Route("/", _home),
        Route("/openapi.json", description.endpoint),
        Route("/openapi/{component}.json", description.endpoint),
        Route("/reference", all_operations),
        Route("/reference/of/{component}", one_component),
        Route("/reference/{name}", _file),
    ]
