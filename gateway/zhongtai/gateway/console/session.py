"""The session of a signed-in person: their access token, in a cookie no script can read and no other site can send.

There is no session in any store. The token is signed by the platform, lasts minutes, and every page asks the services
with its scopes. A form carries a second token, derived from the first: who cannot read the cookie cannot make it.
"""

import hashlib
import hmac
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from zhongtai.gateway.console.refusals import FileMustBeSmaller, FormMalformed, FormNotOurs

COOKIE = "zhongtai_session"
PATH = "/console"
LARGEST_FORM = 16_384
# As much as the contract of work notes takes.
LARGEST_FILE = 524_288
# A form of lines to match has a box for each of them; no other has more than ten fields.
MOST_FIELDS = 64
FORM_TOKEN = "form_token"
_FORM_PURPOSE = b"zhongtai console form"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent with a form."""

    name: str
    content: bytes


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
    body = await _body(request, LARGEST_FORM)
    if body is None:
        raise FormMalformed
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise FormMalformed from None
    return _once(pairs)


async def upload(request: Request) -> tuple[dict[str, str], Upload | None]:
    """The fields of a form and the file sent with it; raises `FileMustBeSmaller` and what `form` raises."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await form(request), None
    _check_origin(request)
    body = await _body(request, LARGEST_FILE + LARGEST_FORM)
    if body is None:
        raise FileMustBeSmaller(kibibytes=LARGEST_FILE // 1024)
    try:
        parts = await MultiPartParser(request.headers, _again(body), max_files=1, max_fields=MOST_FIELDS).parse()
    except (MultiPartException, UnicodeDecodeError, KeyError):
        raise FormMalformed from None
    found = list(parts.multi_items())
    fields = _once([(name, value) for name, value in found if isinstance(value, str)])
    files = [
        Upload(value.filename, await value.read())
        for _, value in found
        if isinstance(value, UploadFile) and value.filename
    ]
    await parts.close()
    if files and len(files[0].content) > LARGEST_FILE:
        raise FileMustBeSmaller(kibibytes=LARGEST_FILE // 1024)
    return fields, files[0] if files else None


async def _body(request: Request, most: int) -> bytes | None:
    """What was sent; None where it is more than so many bytes, of which no more is read."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)


async def _again(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The fields of a form, none of which stands twice."""
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
