"""JSON to protobuf and back: the same as protobuf's own, and stricter."""

import json
from typing import Any

import pytest
from google.api import http_pb2, quota_pb2
from google.logging.type import http_request_pb2
from google.protobuf import any_pb2, json_format, struct_pb2, wrappers_pb2
from google.protobuf.message import Message
from google.type import color_pb2, latlng_pb2, quaternion_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.door.json_parts import TEXT, messages
from zhongtai.common.v1 import money_pb2
from zhongtai.credit.v1 import limit_pb2, product_pb2
from zhongtai.gateway.door.findings import Findings
from zhongtai.gateway.door.reading import fill, parse
from zhongtai.gateway.door.wellknown import check_supported
from zhongtai.gateway.door.writing import to_json
from zhongtai.gateway.v1 import run_pb2
from zhongtai.reporting.v1 import fact_pb2
from zhongtai.risk.v1 import decision_pb2
from zhongtai.runtime import contracts

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
# Foreign messages have the shapes that the contracts do not happen to have now.
FOREIGN = (
    http_pb2.HttpRule,
    quota_pb2.Quota,
    http_request_pb2.HttpRequest,
    latlng_pb2.LatLng,
    quaternion_pb2.Quaternion,
)
OURS = [kind for method in contracts.all_methods() for kind in (method.request_type, method.response_type)]


def read(kind: Any, text: str | bytes) -> tuple[Any, list[tuple[str, str]]]:
    """The message, and each finding as path and reason."""
    message, found = kind(), Findings()
    item = parse(text.encode() if isinstance(text, str) else text, found)
    if not found:
        fill(kind.DESCRIPTOR)(message, item, (), found)
    return message, [(violation.field, violation.reason) for violation in found.found]


@MANY
@given(st.data())
def test_what_protobuf_writes_is_read_the_same(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([*OURS, *FOREIGN]))
    message = data.draw(messages(kind.DESCRIPTOR))
    for proto_names in (False, True):
        text = json_format.MessageToJson(message, preserving_proto_field_name=proto_names)
        assert read(kind, text) == (message, [])


@MANY
@given(st.data())
def test_what_is_written_is_what_protobuf_writes(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([*OURS, *FOREIGN]))
    message = data.draw(messages(kind.DESCRIPTOR))
    text = to_json(message)
    assert json.loads(text) == json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    assert json_format.Parse(text, kind()) == message
    assert read(kind, text) == (message, [])


JSON = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@MANY
@given(st.data())
def test_any_json_is_read_or_refused_and_never_breaks_the_door(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(OURS))
    names = [field.json_name for field in kind.DESCRIPTOR.fields] or ["x"]
    text = json.dumps(data.draw(st.dictionaries(st.sampled_from(names), JSON, max_size=4)))
    message, findings = read(kind, text)
    if not findings:
        assert json_format.Parse(text, kind()) == message


@MANY
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    read(limit_pb2.HoldLimitRequest, body)


def test_money_as_the_design_has_it() -> None:
    money = money_pb2.Money(currency_code="CNY", minor_units=123)
    assert json.loads(to_json(money)) == {"currencyCode": "CNY", "minorUnits": "123"}
    for text in (
        '{"currencyCode": "CNY", "minorUnits": "123"}',
        '{"currency_code": "CNY", "minor_units": 123}',
        '{"currencyCode": "CNY", "minorUnits": 1.23e2}',
        '{"currencyCode": "CNY", "minorUnits": 123, "unknown": null}'.replace(', "unknown": null', ""),
    ):
        assert read(money_pb2.Money, text) == (money, [])


HOLD: Any = limit_pb2.HoldLimitRequest
MONEY: Any = money_pb2.Money
FACT: Any = fact_pb2.Fact
WRONG: list[tuple[type[Message], str, list[tuple[str, str]]]] = [
    (HOLD, '{"limitID": "x"}', [("limitID", "UNKNOWN_FIELD")]),
    (HOLD, '{"limitId": 5}', [("limit_id", "WRONG_TYPE")]),
    (HOLD, '{"limitId": "a", "limitId": "b"}', [("limitId", "DUPLICATE_KEY")]),
    (HOLD, '{"limitId": "a", "limit_id": "b"}', [("limit_id", "DUPLICATE_KEY")]),
    (HOLD, '{"amount": {"minorUnits": "1", "minorUnits": "2"}}', [("amount.minorUnits", "DUPLICATE_KEY")]),
    (HOLD, '{"limitId": "\\ud800"}', [("limit_id", "NOT_UNICODE")]),
    (HOLD, '{"limitId": "a\\u0000"}', [("limit_id", "HAS_NUL")]),
    (HOLD, '{"expiresAt": "tomorrow"}', [("expires_at", "TEXT_MALFORMED")]),
    (HOLD, '{"expiresAt": "2026-02-30T00:00:00Z"}', [("expires_at", "TEXT_MALFORMED")]),
    (HOLD, '{"expiresAt": 5}', [("expires_at", "WRONG_TYPE")]),
    (HOLD, '{"amount": []}', [("amount", "WRONG_TYPE")]),
    (HOLD, "[]", [("", "WRONG_TYPE")]),
    (HOLD, '{"limitId": "a"', [("", "MALFORMED")]),
    (HOLD, "", [("", "MALFORMED")]),
    (HOLD, "[" * 100_000, [("", "TOO_DEEP")]),
    (MONEY, '{"minorUnits": 1.5}', [("minor_units", "WRONG_TYPE")]),
    (MONEY, '{"minorUnits": true}', [("minor_units", "WRONG_TYPE")]),
    (MONEY, '{"minorUnits": " 1"}', [("minor_units", "TEXT_MALFORMED")]),
    (MONEY, '{"minorUnits": "1_000"}', [("minor_units", "TEXT_MALFORMED")]),
    (MONEY, '{"minorUnits": "١"}', [("minor_units", "TEXT_MALFORMED")]),
    (MONEY, '{"minorUnits": 9223372036854775808}', [("minor_units", "OUT_OF_RANGE")]),
    (MONEY, '{"minorUnits": 1e300}', [("minor_units", "WRONG_TYPE")]),
    (MONEY, '{"minorUnits": NaN}', [("", "NOT_FINITE")]),
    (MONEY, '{"minorUnits": -Infinity}', [("", "NOT_FINITE")]),
    (MONEY, '{"minorUnits": ' + "9" * 5000 + "}", [("", "NOT_FINITE")]),
    (FACT, '{"payload": "not base64!"}', [("payload", "NOT_BASE64")]),
    (product_pb2.Product, '{"dayCount": "DAY_COUNT_DRACULA"}', [("day_count", "NOT_A_CHOICE")]),
    (product_pb2.Product, '{"dayCount": 999}', [("day_count", "NOT_A_CHOICE")]),
    (decision_pb2.DecideRequest, '{"inputs": {"age": 5}}', [('inputs["age"]', "WRONG_TYPE")]),
    (decision_pb2.DecideRequest, '{"inputs": {"a": "1", "a": "2"}}', [('inputs["a"]', "DUPLICATE_KEY")]),
    (run_pb2.StartRunRequest, '{"input": {"a": 9007199254740993}}', [("input", "TOO_PRECISE")]),
    (run_pb2.StartRunRequest, '{"input": {"a": 1e999}}', [("input", "NOT_FINITE")]),
    (run_pb2.StartRunRequest, '{"input": {"a": {"b": 1, "b": 2}}}', [("input", "DUPLICATE_KEY")]),
    (run_pb2.StartRunRequest, '{"input": {"a": ' + "[" * 40 + "]" * 40 + "}}", [("input", "TOO_DEEP")]),
    (latlng_pb2.LatLng, '{"latitude": 1e999}', [("latitude", "NOT_FINITE")]),
    (latlng_pb2.LatLng, '{"latitude": "NaN"}', [("latitude", "NOT_FINITE")]),
    (http_pb2.HttpRule, '{"get": "/a", "post": "/b"}', [("", "ONE_OF_THESE")]),
    (
        HOLD,
        '{"limitId": 1, "amount": {"currencyCode": 2, "minorUnits": "x"}, "more": 3}',
        [
            ("limit_id", "WRONG_TYPE"),
            ("amount.currency_code", "WRONG_TYPE"),
            ("amount.minor_units", "TEXT_MALFORMED"),
            ("more", "UNKNOWN_FIELD"),
        ],
    ),
]


@pytest.mark.parametrize(("kind", "text", "wanted"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_told_with_its_path(kind: type[Message], text: str, wanted: list[tuple[str, str]]) -> None:
    assert read(kind, text)[1] == wanted


def test_a_body_that_is_no_utf8_is_refused() -> None:
    assert read(HOLD, '{"limitId": "限"}'.encode("gbk"))[1] == [("", "NOT_UNICODE")]
    assert read(HOLD, '{"limitId": "x"}'.encode("utf-16"))[1] == [("", "NOT_UNICODE")]


def test_a_wrong_name_is_answered_with_the_right_one() -> None:
    found = Findings()
    fill(HOLD.DESCRIPTOR)(HOLD(), {"limit": "x"}, (), found)
    (violation,) = found.found
    assert "did you mean limitId?" in violation.description
    assert "limitId" in violation.description_zh


def test_findings_are_bounded() -> None:
    text = json.dumps({f"x{number}": 1 for number in range(1000)})
    assert len(read(HOLD, text)[1]) == 100


@pytest.mark.parametrize("kind", [any_pb2.Any, wrappers_pb2.Int64Value, color_pb2.Color])
def test_what_json_writes_in_an_unsupported_way_does_not_build(kind: Any) -> None:
    with pytest.raises(TypeError, match="no place in a contract"):
        check_supported(kind.DESCRIPTOR)


def test_null_is_not_set() -> None:
    assert read(HOLD, '{"limitId": null, "amount": null, "expiresAt": null}') == (HOLD(), [])
    value = read(struct_pb2.Struct, '{"a": null}')[0]
    assert value.fields["a"].WhichOneof("kind") == "null_value"
