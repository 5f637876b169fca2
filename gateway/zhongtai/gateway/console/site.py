"""What the pages have in common: the frame, the words, the policy, who is signed in, and how they ask the services."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from google.protobuf.message import Message
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from zhongtai.gateway.console import formats, language, session
from zhongtai.gateway.console.files import address_of
from zhongtai.gateway.console.language import Words
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts, logs
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.errors import Defect, ScopeMissing, TokenExpired, TokenInvalid, Unauthenticated, http_status
from zhongtai.runtime.ids import Ids
from zhongtai.runtime.telemetry import trace_of

# Nothing inline and nothing from elsewhere: a text that slipped through unescaped still could not act.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# `no-referrer` would make browsers send the origin of our own forms as null.
HEADERS = {"content-security-policy": POLICY, "referrer-policy": "same-origin", "cache-control": "no-store"}
THEME_COOKIE = "zhongtai_theme"
THEMES = ("light", "dark")
CHOICE_SECONDS = 31_536_000
NAVIGATION = (
    "overview",
    "runs",
    "work-orders",
    "accounts",
    "wallets",
    "entries",
    "approvals",
    "messages",
    "loans",
    "limits",
    "payments",
    "reconciliations",
    "imports",
    "closing",
    "jobs",
    "notifications",
    "portfolio",
    "products",
    "components",
)
_NOBODY = Caller(subject="", client_id="")

M = TypeVar("M", bound=Message)
Page = Callable[["Visit"], Awaitable[Response]]


@dataclass(frozen=True)
class Told:
    """What came of a question to a service: its reply, or the refusal that stands in its place on the page."""

    reply: Any = None
    refusal: Refusal | None = None

    def __bool__(self) -> bool:
        return self.refusal is None


class Console:
    """The frame of every page; `secure` keeps the session's cookie off plain HTTP."""

    def __init__(self, given: Surroundings, ids: Ids, session_seconds: int, *, secure: bool) -> None:
        self.given = given
        self.ids = ids
        self.session_seconds = session_seconds
        self.secure = secure
        # `autoescape` for every template: what the services answer is shown, never obeyed.
        self._templates = Environment(
            loader=PackageLoader("zhongtai.gateway.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(address_of=address_of, formats=formats, navigation=NAVIGATION)

    def page(self, answer: Page) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for whoever is signed in; others are sent to sign in and come back."""

        async def endpoint(request: Request) -> Response:
            visit = Visit(self, request)
            try:
                visit.caller = self.given.authenticate(visit.token)
                await self.given.admission.admit(visit.caller)
                return await answer(visit)
            except Unauthenticated as refusal:
                return _sign_in_first(request, refusal)
            except Refusal as refusal:
                return visit.refused(refusal)
            except Exception as error:
                return visit.refused(logs.defect(error, request.url.path, visit.call()))

        return endpoint

    def open_page(self, answer: Page) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for anybody."""

        async def endpoint(request: Request) -> Response:
            visit = Visit(self, request)
            try:
                return await answer(visit)
            except Refusal as refusal:
                return visit.refused(refusal)
            except Exception as error:
                return visit.refused(logs.defect(error, request.url.path, visit.call()))

        return endpoint

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """The page as text."""
        return self._templates.get_template(template).render(values)


class Visit:
    """One request for a page: in which language, by whom, and the way to the services."""

    def __init__(self, console: Console, request: Request) -> None:
        self.console = console
        self.request = request
        self.caller = _NOBODY
        self.words = Words(language.chosen(request, console.given.language))
        self.token = request.cookies.get(session.COOKIE, "")

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address; of one given twice, the last."""
        return dict(self.request.query_params)

    def call(self) -> Call:
        """What travels with a question: the person's own rights, the bank's date, their language."""
        made = Call(self.caller, language=self.words.language, trace=trace_of(self.request.headers))
        return replace(made, business_date=self.console.given.clock.business_date())

    async def ask(self, request: Message, reply: type[M]) -> M:
        """The reply of the RPC that takes the request; raises its refusal."""
        found = await self.console.given.calls.call(request, self.call())
        assert isinstance(found, reply), "an RPC answers with the message of its contract"
        return found

    async def told(self, request: Message) -> Told:
        """The reply or the refusal, for a part of a page that can stand without; defects are let through."""
        method = contracts.method_of(request)
        if not self.may(method):
            return Told(refusal=ScopeMissing(scope=method.operation.scope))
        return await self.act(request)

    async def act(self, request: Message) -> Told:
        """The reply or the refusal of what a form asks for; defects are let through."""
        try:
            return Told(await self.console.given.calls.call(request, self.call()))
        except Defect:
            raise
        except Refusal as refusal:
            return Told(refusal=refusal)

    def may(self, method: Method) -> bool:
        """Whether the person holds the scope of an RPC."""
        return self.caller.may(method.operation.scope)

    async def form(self) -> dict[str, str]:
        """The fields of the form sent, which was made for this session."""
        fields = await session.form(self.request)
        session.check_form_token(fields, self.token)
        return fields

    async def upload(self) -> tuple[dict[str, str], session.Upload | None]:
        """The fields and the file of the form sent, which was made for this session; None where no file was chosen."""
        fields, file = await session.upload(self.request)
        session.check_form_token(fields, self.token)
        return fields, file

    def show(
        self, template: str, *, refusal: Refusal | None = None, code: int = HTTPStatus.OK, **values: Any
    ) -> HTMLResponse:
        """A page; where it shows that what a form asked for was refused, with the status of the refusal."""
        here = self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")
        theme = self.request.cookies.get(THEME_COOKIE, "")
        frame = {
            "t": self.words,
            "visit": self,
            "caller": self.caller,
            "here": here,
            "here_quoted": quote(here, safe=""),
            "theme": theme if theme in THEMES else "",
            "form_token": session.form_token(self.token) if self.caller.subject else "",
            "refusal": refusal,
        }
        code = http_status(refusal) if refusal else code
        headers = {**HEADERS, "content-language": self.words.language, "vary": "cookie, accept-language"}
        return HTMLResponse(self.console.render(template, frame | values), code, headers)

    def refused(self, refusal: Refusal) -> HTMLResponse:
        """The page that tells a refusal in place of what was asked for."""
        return self.show("refused.html", refusal=refusal)

    def go(self, path: str, **query: str) -> RedirectResponse:
        """On to another page of the console, after a form."""
        asked = f"?{urlencode(query)}" if query else ""
        return RedirectResponse(f"{session.PATH}/{path}{asked}", HTTPStatus.SEE_OTHER, HEADERS)


def _sign_in_first(request: Request, refusal: Refusal) -> Response:
    """To the sign-in page, which leads back here; a form that came too late leads to its page instead."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    expired = isinstance(refusal, TokenExpired) or (
        isinstance(refusal, TokenInvalid) and session.COOKIE in request.cookies
    )
    query = {"back": here if request.method == "GET" else f"{session.PATH}/"} | ({"expired": "1"} if expired else {})
    address = f"{session.PATH}/sign-in?{urlencode(query)}"
    if request.headers.get("hx-request"):
        # A part of a page cannot hold the sign-in page: htmx takes the whole window there.
        return Response(status_code=HTTPStatus.OK, headers={**HEADERS, "hx-redirect": address})
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, HEADERS)
