"""Errors: the refusals any RPC may give, and how every refusal looks at the gRPC door and at the HTTP door.

On gRPC a refusal is a `google.rpc.Status` (ErrorInfo, BadRequest, LocalizedMessage, RetryInfo,
RequestInfo); at the HTTP door the same is an RFC 9457 problem. `refusal_of` is the way back: what comes
over the wire is again an instance of its kind.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from zhongtai.kernel.refusals import (
    Contended,
    Denied,
    Invalid,
    Limited,
    Missing,
    Refusal,
    Taken,
    Unmet,
    Unreachable,
)
from zhongtai.runtime.violations import RequestInvalid, Violation

DOMAIN = "zhongtai"
# The largest message a door takes, unless a setting says otherwise.
BODY_BYTES = 1 << 20
# gRPC drops a reply whose trailing metadata exceeds 8 KiB after base64: violations stay well below.
VIOLATION_BYTES = 4096


class Unauthenticated(Refusal):
    """Nobody knows yet who is calling.

    尚未确认调用方身份。
    """


class DeadlineExceeded(Refusal):
    """The time for this request ran out and its outcome is not known: ask again with the same request id.

    请求超时，结果未知：请用同一请求号再次查询。
    """


class Defect(Refusal):
    """Something went wrong on our side.

    系统内部出错。
    """


class Internal(Defect):
    """Something went wrong on our side and is written down: tell us the number {trace_id}.

    系统内部出错，已记录：请提供编号{trace_id}。
    """

    trace_id: str


class TokenInvalid(Unauthenticated):
    """The access token is missing or not valid: get one with your client id and secret.

    访问令牌缺失或无效：请用客户端编号和密钥获取令牌。
    """


class TokenExpired(Unauthenticated):
    """The access token expired at {expired_at}: get a new one.

    访问令牌已于{expired_at}过期：请重新获取。
    """

    expired_at: str


class ScopeMissing(Denied):
    """This needs the scope {scope}: ask the bank to grant it to your client.

    此操作需要权限{scope}：请向银行申请授权。
    """

    scope: str


class RequestIdReused(Taken):
    """The request id {request_id} was used for another request: use a new id.

    请求号{request_id}已用于另一请求：请使用新的请求号。
    """

    request_id: str


class BodyTooLarge(Limited):
    """The message is larger than {limit_bytes} bytes: send less at once.

    报文超过{limit_bytes}字节：请减少单次发送内容。
    """

    limit_bytes: int


class TooManyRequests(Limited):
    """Too many requests: wait {retry_after_seconds} s, then try again.

    请求过多：请等待{retry_after_seconds}秒后重试。
    """

    retry_after_seconds: float = 1.0


class StreamTooLong(Limited):
    """A stream takes {limit_requests} requests: send the rest in a new one.

    单个流最多{limit_requests}个请求：请将其余请求放入新的流。
    """

    limit_requests: int


class StreamIdle(Limited):
    """No request came for {idle_seconds} s: send the rest in a new stream.

    {idle_seconds}秒内未收到请求：请将其余请求放入新的流。
    """

    idle_seconds: float


class MethodUnknown(Missing):
    """There is no method {method}: check the name and the version.

    方法{method}不存在：请核对名称和版本。
    """

    method: str


class ServiceUnreachable(Unreachable):
    """The service {service} does not answer: try again with growing pauses and the same request id.

    服务{service}暂无响应：请用同一请求号稍后重试。
    """

    service: str


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind of refusal looks at each door."""

    code: grpc.StatusCode
    http: int


_LOOKS: dict[type[Refusal], _Look] = {
    Invalid: _Look(grpc.StatusCode.INVALID_ARGUMENT, 400),
    Missing: _Look(grpc.StatusCode.NOT_FOUND, 404),
    Taken: _Look(grpc.StatusCode.ALREADY_EXISTS, 409),
    Unmet: _Look(grpc.StatusCode.FAILED_PRECONDITION, 422),
    Denied: _Look(grpc.StatusCode.PERMISSION_DENIED, 403),
    Contended: _Look(grpc.StatusCode.ABORTED, 409),
    Limited: _Look(grpc.StatusCode.RESOURCE_EXHAUSTED, 429),
    Unreachable: _Look(grpc.StatusCode.UNAVAILABLE, 503),
    Unauthenticated: _Look(grpc.StatusCode.UNAUTHENTICATED, 401),
    DeadlineExceeded: _Look(grpc.StatusCode.DEADLINE_EXCEEDED, 504),
    Defect: _Look(grpc.StatusCode.INTERNAL, 500),
}
# Two refusals have a status of their own, which says more than their kind's.
_EXCEPTIONS = {
    BodyTooLarge.reason: _Look(grpc.StatusCode.RESOURCE_EXHAUSTED, 413),
    MethodUnknown.reason: _Look(grpc.StatusCode.UNIMPLEMENTED, 404),
}
_KINDS = {look.code: kind for kind, look in _LOOKS.items()} | {grpc.StatusCode.UNIMPLEMENTED: Missing}
_CODES = {code.value[0]: code for code in grpc.StatusCode}


def kind_of(refusal: Refusal) -> type[Refusal]:
    """The kind a refusal is of: `Invalid`, `Missing`, …, `Unauthenticated`, `DeadlineExceeded`, `Defect`."""
    return next(kind for kind in type(refusal).__mro__ if kind in _LOOKS)


def grpc_code(refusal: Refusal) -> grpc.StatusCode:
    """The gRPC status code of a refusal (DESIGN section 6)."""
    return (_EXCEPTIONS.get(refusal.reason) or _LOOKS[kind_of(refusal)]).code


def http_status(refusal: Refusal) -> int:
    """The HTTP status of a refusal (DESIGN section 6)."""
    return (_EXCEPTIONS.get(refusal.reason) or _LOOKS[kind_of(refusal)]).http


def retry_after_seconds(refusal: Refusal) -> float | None:
    """How long to wait before trying again, in seconds; None where waiting does not help."""
    if isinstance(refusal, Contended):
        return 0.0
    if isinstance(refusal, Limited) and refusal.reason != BodyTooLarge.reason:
        return float(getattr(refusal, "retry_after_seconds", 1.0))
    return None


def status_of(refusal: Refusal, language: str = "en", trace_id: str = "") -> status_pb2.Status:
    """The refusal as a `google.rpc.Status`, with the caller's language as LocalizedMessage."""
    status = status_pb2.Status(code=grpc_code(refusal).value[0], message=refusal.sentence("en"))
    details: list[Any] = [
        error_details_pb2.ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=refusal.metadata),
        error_details_pb2.LocalizedMessage(locale=_locale(language), message=refusal.sentence(language)),
    ]
    if violations := violations_in(refusal):
        details.append(_bad_request(violations, language))
    if (wait := retry_after_seconds(refusal)) is not None:
        delay = Duration()
        delay.FromMilliseconds(round(wait * 1000))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    if trace_id:
        details.append(error_details_pb2.RequestInfo(request_id=trace_id))
    for detail in details:
        status.details.add().Pack(detail)
    return status


def violations_in(refusal: Refusal) -> tuple[Violation, ...]:
    """The violations a refusal carries; empty for all but `RequestInvalid`."""
    return refusal.violations if isinstance(refusal, RequestInvalid) else ()


def _locale(language: str) -> str:
    return "zh-CN" if language.startswith("zh") else "en"


def _bad_request(violations: tuple[Violation, ...], language: str) -> error_details_pb2.BadRequest:
    """As many of the violations as fit the trailing metadata, in order."""
    told = error_details_pb2.BadRequest()
    for violation in violations:
        found = told.field_violations.add(
            field=violation.field, reason=violation.reason, description=violation.description
        )
        if violation.description_zh and language.startswith("zh"):
            found.localized_message.locale = _locale(language)
            found.localized_message.message = violation.description_zh
        if told.ByteSize() > VIOLATION_BYTES:
            del told.field_violations[-1]
            break
    return told


def problem(refusal: Refusal, language: str = "en", instance: str = "", trace_id: str = "") -> dict[str, Any]:
    """The refusal as an RFC 9457 problem object; `instance` is the path of the request."""
    body: dict[str, Any] = {
        "type": f"urn:zhongtai:refusal:{refusal.reason}",
        "title": kind_of(refusal)().sentence(language),
        "status": http_status(refusal),
        "detail": refusal.sentence(language),
        "reason": refusal.reason,
        "metadata": refusal.metadata,
        "violations": [
            {"field": found.field, "reason": found.reason, "description": found.sentence(language)}
            for found in violations_in(refusal)
        ],
    }
    return body | {name: text for name, text in (("instance", instance), ("trace_id", trace_id)) if text}


def http_headers(refusal: Refusal) -> dict[str, str]:
    """What the HTTP answer says beside the problem: media type, Retry-After, WWW-Authenticate (RFC 6750)."""
    headers = {"content-type": "application/problem+json"}
    if wait := retry_after_seconds(refusal):
        headers["retry-after"] = str(math.ceil(wait))
    if isinstance(refusal, Unauthenticated):
        headers["www-authenticate"] = f'Bearer realm="{DOMAIN}", error="invalid_token"'
    return headers


@dataclass(kw_only=True, eq=False)
class Carried:
    """What a refusal keeps of itself over the wire: its words, and nothing of the class it was."""

    said: status_pb2.Status
    told: Mapping[str, str]
    wait: float | None

    @property
    def metadata(self) -> dict[str, str]:
        """The fields, as text."""
        return dict(self.told)

    @property
    def retry_after_seconds(self) -> float:
        """How long the other side asked to wait; one second where it did not say."""
        return 1.0 if self.wait is None else self.wait

    def sentence(self, language: str = "en") -> str:
        """The sentence in the language it was asked for, else the English one."""
        local = error_details_pb2.LocalizedMessage()
        for detail in self.said.details:
            if detail.Unpack(local) and local.locale == _locale(language):
                return str(local.message)
        return str(self.said.message)


_CARRIED = {kind: type(f"Carried{kind.__name__}", (Carried, kind), {}) for kind in _LOOKS}


def refusal_of(status: status_pb2.Status, service: str) -> Refusal:
    """The refusal a status from a service stands for.

    A status without ErrorInfo was made by gRPC on the way, not by a service: only its code is believed,
    its text is dropped.
    """
    code = _CODES.get(status.code, grpc.StatusCode.UNKNOWN)
    info, bad, retry, request = (
        _detail(status, kind)
        for kind in (
            error_details_pb2.ErrorInfo,
            error_details_pb2.BadRequest,
            error_details_pb2.RetryInfo,
            error_details_pb2.RequestInfo,
        )
    )
    if info is None or info.domain != DOMAIN:
        return _from_transport(code, service, request.request_id if request else "")
    if info.reason == RequestInvalid.reason and bad is not None:
        return RequestInvalid(violations=tuple(_violation(found) for found in bad.field_violations))
    wait = retry.retry_delay.ToMilliseconds() / 1000 if retry else None
    kind = _CARRIED[_KINDS.get(code, Defect)]
    refusal = cast(Refusal, kind(said=status, told=dict(info.metadata), wait=wait))
    # The reason of a class is its name; this one speaks for a class that is not here.
    vars(refusal)["reason"] = info.reason
    return refusal


def _detail(status: status_pb2.Status, kind: Any) -> Any:
    """The first detail of that type, or None."""
    found = kind()
    return next((found for detail in status.details if detail.Unpack(found)), None)


def _violation(found: error_details_pb2.BadRequest.FieldViolation) -> Violation:
    return Violation(found.field, found.reason, found.description, found.localized_message.message)


def _from_transport(code: grpc.StatusCode, service: str, trace_id: str) -> Refusal:
    """What gRPC itself means by a code: the service never saw the request, or never answered it."""
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return ServiceUnreachable(service=service)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DeadlineExceeded()
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        # On the way, only the size of a message exhausts anything; a busy service says so with ErrorInfo.
        return BodyTooLarge(limit_bytes=BODY_BYTES)
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return MethodUnknown(method=service)
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return TokenInvalid()
    return Internal(trace_id=trace_id or "unknown")
