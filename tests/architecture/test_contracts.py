"""The contracts keep their promises: scopes, effects, undos, refusals, events, and a handler for every RPC."""

import re
from dataclasses import fields, is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from zhongtai.common.v1 import options_pb2
from zhongtai.kernel.refusals import Contended, Denied, Invalid, Limited, Missing, Refusal, Taken, Unmet, Unreachable
from zhongtai.runtime import contracts, migrate, violations
from zhongtai.runtime.contracts import SERVICES, Method, Stream
from zhongtai.runtime.service import components, handlers

PACKAGES = contracts.PACKAGES
METHODS = contracts.all_methods()
STREAMS = [stream for package in PACKAGES for stream in contracts.streams(package)]
SCOPE = re.compile(r"^[a-z_]+(\.[a-z_]+){1,3}$")
KINDS = {Contended, Denied, Invalid, Limited, Missing, Refusal, Taken, Unmet, Unreachable}


def named(method: Method) -> str:
    return method.full_name.removeprefix("zhongtai.")


@pytest.mark.parametrize("method", METHODS, ids=named)
def test_an_rpc_says_what_it_promises_and_asks(method: Method) -> None:
    operation = method.operation
    assert operation.effect != options_pb2.EFFECT_UNSPECIFIED, "say its effect"
    assert SCOPE.match(operation.scope), "an RPC without a scope does not build"
    assert operation.api_level != options_pb2.API_LEVEL_UNSPECIFIED, "say its level after JR/T 0185"
    assert method.http is not None, "say its route at the HTTP door"
    assert bool(operation.undo) == (operation.effect == options_pb2.EFFECT_REVERSIBLE), (
        "a reversible RPC names its undo"
    )
    assert len(set(operation.refusals)) == len(operation.refusals), "each refusal once"


@pytest.mark.parametrize("method", [method for method in METHODS if not method.reads], ids=named)
def test_a_change_carries_a_request_id(method: Method) -> None:
    field = method.descriptor.input_type.fields_by_name.get("request_id")
    assert field is not None
    assert field.number == 1


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.full_name)
def test_a_stream_says_of_which_rpc_it_is_and_no_more(stream: Stream) -> None:
    own = Method(stream.descriptor)
    assert stream.of in METHODS, "it is the stream of an RPC that takes one request"
    assert contracts.stream_of(stream.of) is stream, "an RPC has one stream"
    assert own.operation == options_pb2.Operation(stream_of=stream.of.full_name), "the RPC says everything else"
    assert own.http is None, "there is no stream at the HTTP door"
    assert stream.descriptor.client_streaming
    assert stream.descriptor.server_streaming, "each request has an outcome of its own"
    (requests,) = own.descriptor.input_type.fields
    assert (requests.name, requests.number, requests.message_type) == ("requests", 1, stream.of.descriptor.input_type)
    assert requests.is_repeated
    assert 0 < stream.at_once <= 1000
    (outcomes,) = own.descriptor.output_type.fields
    assert (outcomes.name, outcomes.number, outcomes.is_repeated) == ("outcomes", 1, True)
    outcome: Any = outcomes.message_type
    request_id, response, refusal = outcome.fields
    assert (request_id.name, request_id.number) == ("request_id", 1)
    assert (response.name, response.number, response.message_type) == ("response", 2, stream.of.descriptor.output_type)
    assert (refusal.name, refusal.number, refusal.message_type.full_name) == ("refusal", 3, "google.rpc.Status")
    assert {field.name for field in outcome.oneofs[0].fields} == {"response", "refusal"}


@pytest.mark.parametrize("method", [method for method in METHODS if method.operation.undo], ids=named)
def test_an_undo_can_be_filled_from_what_it_undoes(method: Method) -> None:
    undo = method.undo
    assert undo is not None
    assert undo.service == method.service
    known: dict[str, Any] = {}
    for message in (method.descriptor.input_type, method.descriptor.output_type):
        known |= dict(message.fields_by_name)
    for name, field in undo.descriptor.input_type.fields_by_name.items():
        if name == "request_id" or name not in known:
            # What the original does not know must be optional for the undo to be possible.
            continue
        assert known[name].type == field.type, f"{name} has another type"
    shared = set(known) & set(undo.descriptor.input_type.fields_by_name) - {"request_id"}
    assert shared, "the undo shares no field with what it undoes"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_rpc_has_one_handler(package: str) -> None:
    assert set(handlers(package).rpcs) == {method.full_name for method in contracts.methods(package)}


def refusals_of(package: str, noun: str) -> dict[str, type[Refusal]]:
    """The refusals a component declares."""
    found: dict[str, type[Refusal]] = {}
    for room in sorted(Path(import_module(f"zhongtai.{package}.{noun}").__path__[0]).glob("*.py")):
        if room.stem == "__init__":
            continue
        name = f"zhongtai.{package}.{noun}.{room.stem}"
        for value in vars(import_module(name)).values():
            if (
                isinstance(value, type)
                and issubclass(value, Refusal)
                and value not in KINDS
                and value.__module__ == name
            ):
                found[value.reason] = value
    return found


def every_refusal() -> dict[str, type[Refusal]]:
    """All refusals there are, by reason."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    for package in PACKAGES:
        for noun in components(package):
            refusals_of(package, noun)
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        found[kind.reason] = kind
    return found


@pytest.mark.parametrize("package", SERVICES)
def test_the_list_of_refusals_is_held_to_the_code(package: str) -> None:
    known = every_refusal()
    listed = {reason for method in contracts.methods(package) for reason in method.operation.refusals}
    assert not {reason for reason in listed if reason not in known}, "the contract lists refusals nobody can give"
    declared = {reason for noun in components(package) for reason in refusals_of(package, noun)}
    assert not declared - listed, "the code can refuse with what the contract does not list"


@pytest.mark.parametrize("package", SERVICES)
def test_every_fact_is_an_event_of_the_same_name_and_fields(package: str) -> None:
    for name, event in contracts.events().items():
        if name.split(".")[1] != package:
            continue
        facts = [
            value
            for noun in components(package)
            # A noun whose operations are another's (those of a loan account) has no rules, so no domain, of its own.
            if find_spec(f"zhongtai.{package}.{noun}.domain")
            for value in vars(import_module(f"zhongtai.{package}.{noun}.domain")).values()
            if is_dataclass(value) and isinstance(value, type) and value.__name__ == event.DESCRIPTOR.name
        ]
        assert facts, f"no fact is named {event.DESCRIPTOR.name}"
        for fact in facts:
            assert {field.name for field in fields(fact)} == set(event.DESCRIPTOR.fields_by_name), fact


def test_no_event_carries_an_authenticator() -> None:
    for name, event in contracts.events().items():
        told: Any = event.DESCRIPTOR
        secret = [field.name for field in told.fields if contracts.data_class(field) == options_pb2.DATA_CLASS_C3]
        assert not secret, f"{name} tells {secret}"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_migrations_make_the_tables_the_code_expects(package: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/{package}.db"
    assert migrate.upgrade(url, package)
    assert not migrate.upgrade(url, package), "a second start has nothing to do"
    made = inspect(create_engine(url))
    expected = migrate.tables(package).tables
    assert {name for name in made.get_table_names() if name != "alembic_version"} == set(expected)
    for name, table in expected.items():
        columns = {column["name"]: bool(column["nullable"]) for column in made.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, name
        keys = made.get_pk_constraint(name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key.columns], name
        assert {index["name"] for index in made.get_indexes(name)} == {index.name for index in table.indexes}, name


def test_every_rule_of_the_contracts_is_told_in_chinese() -> None:
    contracts_folder = Path(__file__).parents[2] / "protos" / "zhongtai"
    stated = {
        rule
        for file in contracts_folder.rglob("*.proto")
        for rule in re.findall(r'\bid: "([A-Z0-9_]+)"', file.read_text(encoding="utf-8"))
    }
    assert stated
    assert not stated - set(violations.CHINESE)
