"""Every contract can be served, and one that cannot be does not build."""

from typing import Any

import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, descriptor_pool

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.door.binding import bindings
from zhongtai.runtime import contracts
from zhongtai.runtime.contracts import Method

_HTTP: Any = annotations_pb2.http
_OPERATION: Any = options_pb2.operation
_names = iter(range(1000))


def planted(scope: str = "x.read", **rule: Any) -> Method:
    """An RPC made for a test, `Get(Ask) returns (Ask)` with `string id = 1` and a list, under such a route."""
    name = f"planted{next(_names)}"
    file = descriptor_pb2.FileDescriptorProto(
        name=f"zhongtai/{name}.proto", package=f"zhongtai.{name}", syntax="proto3"
    )
    ask = file.message_type.add(name="Ask")
    ask.field.add(name="id", json_name="id", number=1, type=9, label=1)
    ask.field.add(name="names", json_name="names", number=2, type=9, label=3)
    method = file.service.add(name="Service").method.add(
        name="Get", input_type=f".zhongtai.{name}.Ask", output_type=f".zhongtai.{name}.Ask"
    )
    method.options.Extensions[_OPERATION].effect = options_pb2.EFFECT_READ
    if scope:
        method.options.Extensions[_OPERATION].scope = scope
    for key, value in rule.items():
        setattr(method.options.Extensions[_HTTP], key, value)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return Method(pool.FindMethodByName(f"zhongtai.{name}.Service.Get"))


@pytest.mark.parametrize("method", contracts.all_methods(), ids=lambda method: method.full_name)
def test_every_rpc_declares_a_scope_and_can_be_served(method: Method) -> None:
    assert method.operation.scope
    assert bindings(method)


def test_an_rpc_without_a_scope_does_not_build() -> None:
    assert bindings(planted(get="/v1/planted/{id}"))
    with pytest.raises(ValueError, match="declares no scope"):
        bindings(planted(scope="", get="/v1/planted"))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"get": "/v1/{other}"}, "no field other"),
        ({"get": "/v1/{names}"}, "no single value"),
        ({"get": "/v1/**"}, "neither a word nor a variable"),
        ({"post": "/v1/x", "body": "nothing"}, "nothing"),
        ({"get": "/v1/x", "response_body": "id"}, "not supported"),
    ],
)
def test_a_route_that_cannot_be_served_does_not_build(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        bindings(planted(**rule))


def test_additional_routes_and_other_shapes() -> None:
    method = planted(post="/v1/x/{id}", body="names")
    (binding,) = bindings(method)
    request = binding.request(["a"], b"", b'["n1", "n2"]', "")
    assert (request.id, list(request.names)) == ("a", ["n1", "n2"])
    (custom,) = bindings(planted(get="/v1/y"))
    assert list(custom.request([], b"names=a&names=b&id=x", b"", "").names) == ["a", "b"]
