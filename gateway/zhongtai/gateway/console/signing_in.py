"""Signing in with client id and secret, signing out, and the two choices a visitor has: language and light."""

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from zhongtai.gateway.console import language, session
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import CHOICE_SECONDS, HEADERS, THEME_COOKIE, THEMES, Visit
from zhongtai.gateway.door.tokens import LONGEST_SECRET, Grant, GrantError

LONGEST_CLIENT = 128
# The errors of RFC 6749 that a person can do something about; any other is told as the first.
WRONG, BUSY = "invalid_client", "temporarily_unavailable"


async def form_page(visit: Visit) -> Response:
    """The page that asks who you are."""
    expired = "expired" in visit.query
    return visit.show("sign_in.html", back=session.way_back(visit.query.get("back", "")), error="", expired=expired)


async def sign_in(visit: Visit) -> Response:
    """Takes client id and secret, and goes on to the page that was asked for."""
    fields = await session.form(visit.request)
    back = session.way_back(fields.get("back", ""))
    client_id, secret = fields.get("client_id", "").strip(), fields.get("secret", "").strip()
    try:
        if not client_id or not secret or len(client_id) > LONGEST_CLIENT or len(secret) > LONGEST_SECRET:
            raise GrantError(WRONG, "client id or secret is missing", HTTPStatus.UNAUTHORIZED)
        token, _ = await visit.console.given.tokens.issue(Grant(client_id, secret, ()))
    except GrantError as error:
        said = visit.words("sign_in.busy") if error.code == BUSY else visit.words("sign_in.wrong")
        return visit.show("sign_in.html", code=error.status, back=back, error=said, expired=False)
    answer = RedirectResponse(back, HTTPStatus.SEE_OTHER, HEADERS)
    session.keep(answer, token, visit.console.session_seconds, secure=visit.console.secure)
    return answer


async def sign_out(visit: Visit) -> Response:
    """Forgets the session."""
    await visit.form()
    answer = visit.go("sign-in")
    session.forget(answer)
    return answer


async def choose_language(visit: Visit) -> Response:
    """Keeps the language chosen, and goes back."""
    chosen = visit.request.path_params["language"]
    if chosen not in (language.ENGLISH, language.CHINESE):
        raise NothingHere(name=chosen[:40])
    return _chosen(visit, language.COOKIE, chosen)


async def choose_theme(visit: Visit) -> Response:
    """Keeps light or dark; `system` leaves it to the machine."""
    chosen = visit.request.path_params["theme"]
    if chosen not in (*THEMES, "system"):
        raise NothingHere(name=chosen[:40])
    return _chosen(visit, THEME_COOKIE, chosen)


def _chosen(visit: Visit, cookie: str, value: str) -> Response:
    answer = RedirectResponse(session.way_back(visit.query.get("back", "")), HTTPStatus.SEE_OTHER, HEADERS)
    answer.set_cookie(
        cookie,
        value,
        max_age=CHOICE_SECONDS,
        path=session.PATH,
        httponly=True,
        samesite="lax",
        secure=visit.console.secure,
    )
    return answer
