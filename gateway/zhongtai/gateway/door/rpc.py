"""The RPCs at the HTTP door: one object that answers every path of the contracts.

Every request passes, in this order: room (concurrency) → who calls → rate and cap → scope → deadline → body → request →
the service's own chain. What is refused before the last has touched no store but the counter of the daily cap.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from zhongtai.gateway.door.binding import Binding, bindings
from zhongtai.gateway.door.findings import Findings
from zhongtai.gateway.door.refusals import Headers, MediaTypeUnsupported, MethodNotAllowed, answer_of
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.gateway.door.templates import Table
from zhongtai.gateway.door.writing import to_json
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import logs
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.errors import BodyTooLarge, DeadlineExceeded, ScopeMissing, TooManyRequests
from zhongtai.runtime.headers import LANGUAGE, call_of, language_of, token_in
from zhongtai.runtime.telemetry import span, trace_id, trace_of

IDEMPOTENCY_KEY = "idempotency-key"
DEADLINE_MS = "zhongtai-deadline-ms"
REQUEST_TIMEOUT = "request-timeout"
JSON = "application/json"
BUSY_RETRY_S = 0.1
_NOBODY = Caller(subject="", client_id="")


class GoneError(Exception):
    """The caller hung up before the request was whole: there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path: the routes by HTTP method, and the values of the path's variables."""

    methods: dict[str, Binding]
    values: list[str]


class RpcRoutes:
    """Every RPC at its paths. It tells its own refusals and defects, so it needs no framework around it."""

    def __init__(self, surroundings: Surroundings, methods: Iterable[Method]) -> None:
        """Makes the routes; ValueError where an RPC declares no scope, or a route cannot be served or is taken."""
        self._given = surroundings
        self._table: Table[Binding] = Table()
        self._running = 0
        self.bindings = [binding for method in methods for binding in bindings(method)]
        for binding in self.bindings:
            self._table.add(binding.verb, binding.template, binding)

    def find(self, scope: Scope) -> Found | None:
        """What stands at the path of an HTTP request, whatever the method; None where the path is no contract's."""
        raw: bytes | None = scope.get("raw_path")
        try:
            found = self._table.find(raw.decode("ascii") if raw else scope["path"])
        except UnicodeDecodeError:
            return None
        return Found(*found) if found else None

    async def handle(self, found: Found, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or tells its refusal."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        headers.update(trace_of(headers))
        headers.setdefault(LANGUAGE, self._given.language)
        verb = scope["method"]
        if verb == "OPTIONS":
            await _send(send, 204, [(b"allow", _allowed(found).encode())], b"")
            return
        try:
            status, told, body = 200, _JSON_HEADERS, await self._answer(scope, headers, found, receive)
        except GoneError:
            return
        except Refusal as refusal:
            status, told, body = answer_of(
                refusal, language_of(headers[LANGUAGE]), scope["path"], trace_id(trace_of(headers))
            )
        else:
            told = [*told, (b"content-length", str(len(body)).encode())]
        await _send(send, status, told, b"" if verb == "HEAD" else body)

    async def _answer(self, scope: Scope, headers: dict[str, str], found: Found, receive: Receive) -> bytes:
        limits = self._given.limits
        verb = "GET" if scope["method"] == "HEAD" else scope["method"]
        binding = found.methods.get(verb)
        if binding is None:
            raise MethodNotAllowed(method=verb, path=scope["path"], allowed=_allowed(found))
        if self._running >= limits.concurrent_calls:
            raise TooManyRequests(retry_after_seconds=BUSY_RETRY_S)
        self._running += 1
        try:
            caller = self._given.authenticate(token_in(headers))
            await self._given.admission.admit(caller)
            method = binding.method
            if not caller.may(method.operation.scope):
                raise ScopeMissing(scope=method.operation.scope)
            deadline = asyncio.get_running_loop().time() + _allowed_seconds(headers, limits.longest_call_seconds)
            # The bank's date goes along, so that every service acts on the same one, wherever it is placed.
            described = call_of(headers, caller, deadline, self._given.clock.business_date())
            with span(method.full_name, described, "SERVER") as call:
                headers.update(call.trace)
                logs.current_trace.set(trace_id(call.trace))
                body = await _body(headers, receive, limits.body_bytes, deadline)
                request = binding.request(found.values, scope["query_string"], body, headers.get(IDEMPOTENCY_KEY, ""))
                return to_json(await self._given.calls.call(request, call))
        except (Refusal, GoneError):
            raise
        except Exception as error:
            where = binding.method.full_name
            raise logs.defect(error, where, Call(_NOBODY, trace=trace_of(headers))) from None
        finally:
            self._running -= 1


_JSON_HEADERS: Headers = [(b"content-type", JSON.encode())]


def _allowed(found: Found) -> str:
    """The HTTP methods of a path, for the Allow header."""
    reads = ("HEAD",) if "GET" in found.methods else ()
    return ", ".join((*sorted(found.methods), *reads, "OPTIONS"))


def _allowed_seconds(headers: dict[str, str], longest: float) -> float:
    """How long the call may take; raises `DeadlineExceeded` for none, `RequestInvalid` for what is no number."""
    milliseconds, seconds = headers.get(DEADLINE_MS), headers.get(REQUEST_TIMEOUT)
    if milliseconds is None and seconds is None:
        return longest
    name, unit, unit_zh = (
        (DEADLINE_MS, "milliseconds", "毫秒") if milliseconds is not None else (REQUEST_TIMEOUT, "seconds", "秒")
    )
    text = milliseconds if milliseconds is not None else seconds or ""
    try:
        asked = float(text) / (1000 if milliseconds is not None else 1)
        # A comparison that NaN fails, too.
        within = -longest * 1e9 < asked < longest * 1e9
    except ValueError:
        within = False
    if not within:
        found = Findings()
        found.add((name,), "HEADER_MALFORMED", unit=unit, unit_zh=unit_zh)
        raise found.refusal()
    if asked <= 0:
        raise DeadlineExceeded
    return min(asked, longest)


async def _body(headers: dict[str, str], receive: Receive, most: int, deadline: float) -> bytes:
    """The body; raises `BodyTooLarge`, `MediaTypeUnsupported`, `GoneError`; `DeadlineExceeded` where it is slow."""
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > most:
        raise BodyTooLarge(limit_bytes=most)
    if length == "0" and "transfer-encoding" not in headers:
        return b""
    parts: list[bytes] = []
    size, more = 0, True
    try:
        async with asyncio.timeout_at(deadline):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise GoneError
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise BodyTooLarge(limit_bytes=most)
                parts.append(part)
                more = message.get("more_body", False)
    except TimeoutError:
        raise DeadlineExceeded from None
    body = b"".join(parts)
    given = headers.get("content-type", "")
    if body and given.partition(";")[0].strip().lower() != JSON:
        raise MediaTypeUnsupported(wanted=JSON, given=given[:80] or "nothing named")
    return body


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
