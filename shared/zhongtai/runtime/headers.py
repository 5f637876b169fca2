"""What travels beside a message as headers, the same names on gRPC metadata and HTTP.

authorization            Bearer <token>: who calls
accept-language          zh-CN or en: the language of refusals
zhongtai-business-date   2026-05-04: the business date to act on; needs the scope platform.business_date
zhongtai-on-behalf-of    whom the caller acts for; needs the scope platform.on_behalf_of
traceparent, tracestate  the W3C trace context
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.errors import ScopeMissing, TokenInvalid
from zhongtai.runtime.telemetry import trace_of
from zhongtai.runtime.violations import RequestInvalid, Violation

AUTHORIZATION = "authorization"
LANGUAGE = "accept-language"
BUSINESS_DATE = "zhongtai-business-date"
ON_BEHALF_OF = "zhongtai-on-behalf-of"

MAY_SET_BUSINESS_DATE = "platform.business_date"
MAY_ACT_FOR_OTHERS = "platform.on_behalf_of"


def headers_of(call: Call, token: str = "") -> tuple[tuple[str, str], ...]:
    """The headers that carry a call to another process; the caller itself travels as the token."""
    return tuple(
        (name, value)
        for name, value in (
            (AUTHORIZATION, f"Bearer {token}" if token else ""),
            (LANGUAGE, call.language),
            (BUSINESS_DATE, call.business_date.isoformat() if call.business_date else ""),
            *call.trace.items(),
        )
        if value
    )


def token_in(headers: Mapping[str, str]) -> str:
    """The bearer token; raises `TokenInvalid` where there is none."""
    scheme, _, token = headers.get(AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenInvalid
    return token.strip()


def call_of(
    headers: Mapping[str, str], caller: Caller, deadline: float | None, business_date: date | None = None
) -> Call:
    """The call that the headers describe, on `business_date` where they name no other day.

    Raises `ScopeMissing` or `RequestInvalid` for what may not be said.
    """
    on_behalf_of = headers.get(ON_BEHALF_OF, "")
    if on_behalf_of:
        _need(caller, MAY_ACT_FOR_OTHERS)
        caller = replace(caller, on_behalf_of=on_behalf_of[:128])
    return Call(
        caller=caller,
        deadline=deadline,
        business_date=_business_date(headers, caller) or business_date,
        language=language_of(headers.get(LANGUAGE, "")),
        trace=trace_of(headers),
    )


@lru_cache(maxsize=256)
def language_of(accepted: str) -> str:
    """ "zh-CN" or "en" by the weights of an Accept-Language header (RFC 9110, 12.5.4); English where in doubt."""
    weights = {"zh": 0.0, "en": 0.0}
    for choice in accepted.split(","):
        name, _, weight = choice.partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(weight))
    return "zh-CN" if weights["zh"] > weights["en"] else "en"


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=")) if text.strip() else 1.0
    except ValueError:
        return 0.0


def _business_date(headers: Mapping[str, str], caller: Caller) -> date | None:
    text = headers.get(BUSINESS_DATE, "")
    if not text:
        return None
    _need(caller, MAY_SET_BUSINESS_DATE)
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong = Violation(
            BUSINESS_DATE, "DATE_MALFORMED", "must be a date such as 2026-05-04", "须为2026-05-04格式的日期"
        )
        raise RequestInvalid(violations=(wrong,)) from None


def _need(caller: Caller, scope: str) -> None:
    # Acting on the day that happens to be set, where another was asked for, would post to the wrong books: refuse.
    if not caller.may(scope):
        raise ScopeMissing(scope=scope)
