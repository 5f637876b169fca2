"""The API reference at `/reference`: a vendored viewer over `/openapi.json`; nothing is fetched from elsewhere."""

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from zhongtai.gateway.door.refusals import PathUnknown

# The viewer writes style attributes, so inline styles are allowed on this page; inline scripts are not.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MEDIA = {
    "reference.html": "text/html",
    "reference.css": "text/css",
    "reference.js": "text/javascript",
    "rapidoc-min.js": "text/javascript",
}


@cache
def _content(name: str) -> bytes:
    return (files("zhongtai.gateway.door") / "static" / name).read_bytes()


async def _home(request: Request) -> Response:
    _ = request
    return RedirectResponse("/reference", 303)


async def _page(request: Request) -> Response:
    _ = request
    return Response(_content("reference.html"), headers={"content-security-policy": POLICY}, media_type="text/html")


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _MEDIA:
        raise PathUnknown(path=request.url.path)
    return Response(_content(name), headers={"cache-control": "max-age=3600"}, media_type=_MEDIA[name])


def reference_routes() -> list[Route]:
    """The page and its files, and the way there for who opens the door's bare address in a browser."""
    return [Route("/", _home), Route("/reference", _page), Route("/reference/{name}", _file)]
