"""A refusal says the same at both doors, and comes back over the wire as what it was."""

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from zhongtai.credit.v1 import limit_pb2
from zhongtai.kernel.money import Money
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
from zhongtai.runtime import errors
from zhongtai.runtime.violations import RequestInvalid, Violation, unknown_fields, violations_of

# The table of DESIGN section 6, and the refusals any RPC may give beside it.
TABLE = [
    (Invalid, "INVALID_ARGUMENT", 400),
    (Missing, "NOT_FOUND", 404),
    (Taken, "ALREADY_EXISTS", 409),
    (Unmet, "FAILED_PRECONDITION", 422),
    (Denied, "PERMISSION_DENIED", 403),
    (Contended, "ABORTED", 409),
    (Limited, "RESOURCE_EXHAUSTED", 429),
    (Unreachable, "UNAVAILABLE", 503),
    (errors.Unauthenticated, "UNAUTHENTICATED", 401),
    (errors.DeadlineExceeded, "DEADLINE_EXCEEDED", 504),
    (errors.Defect, "INTERNAL", 500),
]


class LimitExhausted(Unmet):
    """Only {available} of the limit is free: ask for less, or repay first.

    额度仅余{available}：请减少金额，或先还款。
    """

    available: Money


EXHAUSTED = LimitExhausted(available=Money("CNY", 500))
AMOUNT = Violation("amount", "AMOUNT_MUST_BE_POSITIVE", "the amount must be above zero", "金额须大于零")


def over_the_wire(refusal: Refusal, language: str = "en") -> Refusal:
    said = errors.status_of(refusal, language, "ab" * 16).SerializeToString()
    return errors.refusal_of(status_pb2.Status.FromString(said), "credit")


@pytest.mark.parametrize(("kind", "code", "http"), TABLE, ids=lambda value: getattr(value, "__name__", value))
def test_every_kind_has_its_status_and_comes_back_as_that_kind(kind: type[Refusal], code: str, http: int) -> None:
    refusal = kind()
    assert (errors.grpc_code(refusal).name, errors.http_status(refusal)) == (code, http)
    assert isinstance(over_the_wire(refusal), kind)


@pytest.mark.parametrize(
    ("refusal", "code", "http"),
    [
        (errors.BodyTooLarge(limit_bytes=5), "RESOURCE_EXHAUSTED", 413),
        (errors.TooManyRequests(), "RESOURCE_EXHAUSTED", 429),
        (errors.MethodUnknown(method="x"), "UNIMPLEMENTED", 404),
        (errors.RequestIdReused(request_id="1"), "ALREADY_EXISTS", 409),
        (errors.TokenInvalid(), "UNAUTHENTICATED", 401),
        (errors.ScopeMissing(scope="a.b"), "PERMISSION_DENIED", 403),
        (errors.Internal(trace_id="t"), "INTERNAL", 500),
    ],
    ids=lambda value: getattr(value, "reason", value),
)
def test_refusals_any_rpc_may_give(refusal: Refusal, code: str, http: int) -> None:
    assert (errors.grpc_code(refusal).name, errors.http_status(refusal)) == (code, http)
    back = over_the_wire(refusal)
    assert (back.reason, back.metadata) == (refusal.reason, refusal.metadata)
    assert errors.http_status(back) == http
    assert refusal.sentence("zh-CN") != refusal.sentence("en")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_reason_metadata_and_sentence_are_kept_over_the_wire(language: str) -> None:
    back = over_the_wire(EXHAUSTED, language)
    assert isinstance(back, Unmet)
    assert back.reason == "LIMIT_EXHAUSTED"
    assert back.metadata == {"available": str(Money("CNY", 500))}
    assert back.sentence(language) == EXHAUSTED.sentence(language)
    assert back.sentence("en") == EXHAUSTED.sentence("en")
    assert str(back).startswith("LIMIT_EXHAUSTED: Only")


def test_a_refusal_passed_on_twice_is_still_the_same() -> None:
    twice = over_the_wire(over_the_wire(EXHAUSTED, "zh-CN"), "zh-CN")
    assert (twice.reason, twice.metadata) == (EXHAUSTED.reason, EXHAUSTED.metadata)
    assert twice.sentence("zh-CN") == EXHAUSTED.sentence("zh-CN")


def test_violations_come_back_with_their_words() -> None:
    back = over_the_wire(RequestInvalid(violations=(AMOUNT,)), "zh-CN")
    assert isinstance(back, RequestInvalid)
    assert back.violations == (AMOUNT,)


def test_many_violations_fit_the_trailing_metadata() -> None:
    many = tuple(Violation(f"legs[{place}].amount", "REQUIRED", "value is required " * 5) for place in range(500))
    status = errors.status_of(RequestInvalid(violations=many))
    assert status.ByteSize() < 6000
    back = errors.refusal_of(status, "credit")
    assert isinstance(back, RequestInvalid)
    assert 10 < len(back.violations) < 500
    assert back.violations == many[: len(back.violations)]


def test_waiting_times() -> None:
    assert errors.retry_after_seconds(Contended()) == 0.0
    assert errors.retry_after_seconds(EXHAUSTED) is None
    assert errors.retry_after_seconds(errors.BodyTooLarge(limit_bytes=1)) is None
    back = over_the_wire(errors.TooManyRequests(retry_after_seconds=2.5))
    assert errors.retry_after_seconds(back) == 2.5
    assert errors.http_headers(back)["retry-after"] == "3"


def test_problem_of_rfc_9457() -> None:
    said = errors.problem(EXHAUSTED, "zh-CN", instance="/v1/limits/lim_1/holds", trace_id="t1")
    assert said == {
        "type": "urn:zhongtai:refusal:LIMIT_EXHAUSTED",
        "title": "条件未满足。",
        "status": 422,
        "detail": EXHAUSTED.sentence("zh-CN"),
        "instance": "/v1/limits/lim_1/holds",
        "reason": "LIMIT_EXHAUSTED",
        "metadata": {"available": str(Money("CNY", 500))},
        "violations": [],
        "trace_id": "t1",
    }
    assert errors.problem(over_the_wire(EXHAUSTED, "zh-CN"), "zh-CN")["detail"] == said["detail"]


def test_problem_lists_every_violation_in_the_callers_language() -> None:
    said = errors.problem(RequestInvalid(violations=(AMOUNT,)), "zh-CN")
    assert said["violations"] == [{"field": "amount", "reason": AMOUNT.reason, "description": "金额须大于零"}]


def test_an_unknown_caller_is_told_how_to_authenticate() -> None:
    headers = errors.http_headers(errors.TokenInvalid())
    assert headers["www-authenticate"] == 'Bearer realm="zhongtai", error="invalid_token"'
    assert headers["content-type"] == "application/problem+json"
    assert "www-authenticate" not in errors.http_headers(EXHAUSTED)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, errors.ServiceUnreachable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.DeadlineExceeded),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, errors.BodyTooLarge),
        (grpc.StatusCode.UNIMPLEMENTED, errors.MethodUnknown),
        (grpc.StatusCode.UNAUTHENTICATED, errors.TokenInvalid),
        (grpc.StatusCode.INTERNAL, errors.Internal),
        (grpc.StatusCode.UNKNOWN, errors.Internal),
    ],
)
def test_what_grpc_itself_says_loses_its_text(code: grpc.StatusCode, kind: type[Refusal]) -> None:
    status = status_pb2.Status(code=code.value[0], message="tcp: driver's own words")
    refusal = errors.refusal_of(status, "credit")
    assert type(refusal) is kind
    assert "driver" not in str(refusal)


def test_a_status_of_another_domain_is_not_ours() -> None:
    status = status_pb2.Status(code=grpc.StatusCode.FAILED_PRECONDITION.value[0])
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="LIMIT_EXHAUSTED", domain="elsewhere"))
    assert isinstance(errors.refusal_of(status, "credit"), errors.Internal)


def test_every_violation_of_the_contract_at_once() -> None:
    wrong = limit_pb2.HoldLimitRequest(limit_id="x" * 65)
    wrong.amount.currency_code, wrong.amount.minor_units = "CNY", 0
    found = {violation.field: violation for violation in violations_of(wrong)}
    assert set(found) == {"request_id", "limit_id", "amount"}
    assert found["request_id"].reason == "STRING_MIN_LEN"
    assert found["request_id"].sentence("zh-CN") == "至少1个字符"
    assert found["limit_id"].sentence("zh-CN") == "不得超过64个字符"
    assert found["amount"].reason == "AMOUNT_MUST_BE_POSITIVE"
    assert found["amount"].description == "the amount must be above zero"


def test_unknown_fields_are_named_at_any_depth() -> None:
    request = limit_pb2.HoldLimitRequest(request_id="1", limit_id="lim_1")
    request.amount.minor_units = 5
    assert unknown_fields(request) == ()
    # Field 100 as a varint: in the request itself, then in the money inside it.
    inner = request.amount.SerializeToString() + b"\xa0\x06\x01"
    raw = b"\x0a\x011\x12\x05lim_1\x1a" + bytes([len(inner)]) + inner + b"\xa0\x06\x01"
    found = unknown_fields(limit_pb2.HoldLimitRequest.FromString(raw))
    assert [(violation.field, violation.reason) for violation in found] == [
        ("", "UNKNOWN_FIELD"),
        ("amount", "UNKNOWN_FIELD"),
    ]
    assert "100" in found[0].description
