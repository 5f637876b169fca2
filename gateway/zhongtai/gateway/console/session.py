"""The session of a signed-in person: their access token, in a cookie no script can read and no other site can send.

There is no session in any store. The token is signed by the platform, lasts minutes, and every page asks the services
with its scopes. A form carries a second token, derived from the first: who cannot read the cookie cannot make it.
"""

import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from zhongtai.gateway.console.refusals import FormMalformed, FormNotOurs

COOKIE = "zhongtai_session"
PATH = "/console"
LARGEST_FORM = 16_384
# A form of lines to match has a box for each of them; no other has more than ten fields.
MOST_FIELDS = 64
FORM_TOKEN = "form_token"
_FORM_PURPOSE = b"zhongtai console form"


def keep(response: Response, token: str, seconds: int, *, secure: bool) -> None:
    """Puts the token into the browser for as long as it is good."""
    response.set_cookie(COOKIE, token, max_age=seconds, path=PATH, secure=secure, httponly=True, samesite="strict")


def forget(response: Response) -> None:
    """Takes the token out of the browser."""
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")


def form_token(token: str) -> str:
    """What a form of this session carries."""
    return hmac.new(token.encode(), _FORM_PURPOSE, hashlib.sha256).hexdigest()


async def form(request: Request) -> dict[str, str]:
    """The fields of a form sent by a page of ours; raises `FormMalformed` or `FormNotOurs`."""
    _check_origin(request)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise FormMalformed
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise FormMalformed from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise FormMalformed
    return fields


def check_form_token(fields: dict[str, str], token: str) -> None:
    """Raises `FormNotOurs` where the form was not made for this session."""
    if not hmac.compare_digest(fields.get(FORM_TOKEN, "").encode(), form_token(token).encode()):
        raise FormNotOurs


def _check_origin(request: Request) -> None:
    """A browser says where a form comes from; who says nothing is no browser, and holds no cookie to misuse."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise FormNotOurs
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise FormNotOurs


def way_back(path: str) -> str:
    """The page to go on to: one of the console's own, else its first, so that no link of ours leads elsewhere."""
    parts = urlsplit(path)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{PATH}/") and "\\" not in path
    return path if ours and path.isprintable() and len(path) < 2000 else f"{PATH}/"
