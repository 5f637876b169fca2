"""What the HTTP door itself refuses, and how a refusal is answered there."""

from typing import Any

from zhongtai.gateway.door.writing import plain_json
from zhongtai.kernel.refusals import Denied, Invalid, Limited, Missing, Refusal
from zhongtai.runtime.errors import Unauthenticated, http_headers, problem
from zhongtai.runtime.violations import RequestInvalid

Headers = list[tuple[bytes, bytes]]


class PathUnknown(Missing):
    """There is nothing at {path}: see /reference for what there is.

    {path}不存在：请查看/reference。
    """

    path: str


class MethodNotAllowed(Invalid):
    """{method} does not go with {path}: it takes {allowed}.

    {path}不支持{method}：可用{allowed}。
    """

    method: str
    path: str
    allowed: str


class MediaTypeUnsupported(Invalid):
    """The body must be {wanted}, not {given}: say so in the Content-Type header.

    报文须为{wanted}，不能是{given}：请在Content-Type请求头中注明。
    """

    wanted: str
    given: str


class RequestIdRequired(RequestInvalid):
    """A change needs an id of your own, so that it can be repeated safely: give the Idempotency-Key header.

    变更类请求须有您自己的请求号，以便安全重试：请填写Idempotency-Key请求头。
    """


class DailyCapReached(Limited):
    """The {cap} calls of this day are used up: call again after midnight, or ask the bank for a higher cap.

    当日{cap}次调用额度已用完：请于次日再调用，或向银行申请提高额度。
    """

    cap: int
    retry_after_seconds: float


class ClientShutOut(Denied):
    """The client {client_id} is disabled: ask the bank.

    调用方{client_id}已停用：请联系银行。
    """

    client_id: str


# Statuses that say more than those of their kinds.
_STATUS = {MethodNotAllowed.reason: 405, MediaTypeUnsupported.reason: 415}


def answer_of(refusal: Refusal, language: str, path: str, trace_id: str) -> tuple[int, Headers, bytes]:
    """The status, the headers and the body (RFC 9457) that tell a refusal."""
    told: dict[str, Any] = problem(refusal, language, path, trace_id)
    headers = http_headers(refusal)
    if status := _STATUS.get(refusal.reason):
        told["status"] = status
    if isinstance(refusal, MethodNotAllowed):
        headers["allow"] = refusal.allowed
    if isinstance(refusal, Unauthenticated) and refusal.reason == "TOKEN_INVALID":
        headers["www-authenticate"] += ', error_description="get a token at /oauth/token"'
    headers["content-language"] = language
    body = plain_json(told)
    headers["content-length"] = str(len(body))
    return told["status"], [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()], body
