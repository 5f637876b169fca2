"""The HTTP door as one ASGI application: RPCs, tokens, health, description, reference, and what others add."""

from collections.abc import Iterable, Sequence
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from zhongtai.gateway.door.armour import Armour
from zhongtai.gateway.door.openapi import Description
from zhongtai.gateway.door.reference import reference_routes
from zhongtai.gateway.door.refusals import MethodNotAllowed, PathUnknown, answer_of
from zhongtai.gateway.door.rpc import RpcRoutes
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.gateway.door.writing import plain_json
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts, logs
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.errors import Internal
from zhongtai.runtime.headers import LANGUAGE, language_of
from zhongtai.runtime.telemetry import trace_id, trace_of

IMAGE = "contracts.binpb"


def application(
    surroundings: Surroundings,
    *,
    methods: Iterable[Method] | None = None,
    extra_routes: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """The door, with `extra_routes` beside the RPCs (the console); ValueError where a contract cannot be served."""
    rpcs = RpcRoutes(surroundings, contracts.all_methods() if methods is None else methods)
    image = files("zhongtai.common.v1") / IMAGE
    description = Description(rpcs.bindings, image.read_bytes)

    async def healthy(request: Request) -> Response:
        """Answers that the process lives."""
        _ = request
        return _json({"status": "ok"}, 200)

    async def ready(request: Request) -> Response:
        """Answers whether calls can be answered now, and what is missing."""
        _ = request
        parts = await surroundings.ready()
        whole = all(parts.values())
        return _json({"status": "ready" if whole else "not ready", "parts": parts}, 200 if whole else 503)

    tell = Telling(surroundings.language)
    app = Starlette(
        routes=[
            Route("/healthz", healthy),
            Route("/readyz", ready),
            Route("/oauth/token", surroundings.tokens.endpoint, methods=["POST"]),
            *reference_routes(description),
            *extra_routes,
        ],
        exception_handlers={HTTPException: tell.status, Refusal: tell.refusal, Exception: tell.defect},
    )
    app.router.redirect_slashes = False
    return Armour(_Door(rpcs, app))


class _Door:
    """RPCs go straight to their routes, which are most requests by far; everything else goes through Starlette."""

    def __init__(self, rpcs: RpcRoutes, pages: ASGIApp) -> None:
        self._rpcs = rpcs
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        found = self._rpcs.find(scope) if scope["type"] == "http" else None
        if found is None:
            await self._pages(scope, receive, send)
        else:
            await self._rpcs.handle(found, scope, receive, send)


class Telling:
    """Tells what went wrong outside the RPCs, in the same form."""

    def __init__(self, language: str) -> None:
        self._language = language

    async def status(self, request: Request, error: Exception) -> Response:
        """A path or a method that there is not, or a status that a route raised by itself."""
        assert isinstance(error, HTTPException)
        path = request.url.path
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        refusals = {
            404: PathUnknown(path=path),
            405: MethodNotAllowed(method=request.method, path=path, allowed=allowed),
        }
        if refusal := refusals.get(error.status_code):
            return await self.refusal(request, refusal)
        return Response(status_code=error.status_code, headers=error.headers)

    async def refusal(self, request: Request, error: Exception) -> Response:
        """A refusal that a page let through."""
        assert isinstance(error, Refusal)
        language = language_of(request.headers.get(LANGUAGE, self._language))
        number = error.trace_id if isinstance(error, Internal) else trace_id(trace_of(request.headers))
        status, headers, body = answer_of(error, language, request.url.path, number)
        response = Response(b"" if request.method == "HEAD" else body, status)
        response.raw_headers = headers
        return response

    async def defect(self, request: Request, error: Exception) -> Response:
        """A defect: written down in full, told as a number."""
        call = Call(Caller(subject="", client_id=""), trace=trace_of(request.headers))
        return await self.refusal(request, logs.defect(error, request.url.path, call))


def _json(told: object, status: int) -> Response:
    return Response(plain_json(told), status, media_type="application/json")
