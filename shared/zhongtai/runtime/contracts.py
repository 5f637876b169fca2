"""The contracts as the program sees them: services, methods, events and field classes, read from the descriptors once.

Everything here comes from the image of all contracts that `make proto` writes, so nothing is said twice: the gRPC
server, the HTTP door, the client, the scenario compiler and the catalogue all ask this module.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from zhongtai.common.v1 import options_pb2, validate_pb2

SERVICES = ("marketing", "credit", "operations", "risk", "asset_liability", "reporting")
PACKAGES = (*SERVICES, "gateway")

# Extensions are typed in the generated stubs as plain fields, which the type checker cannot index with.
_OPERATION: Any = options_pb2.operation
_EVENT: Any = options_pb2.event
_DATA_CLASS: Any = options_pb2.data_class
_RULES: Any = validate_pb2.field


@dataclass(frozen=True)
class Method:
    """One RPC: its names, its messages and what its options promise."""

    descriptor: MethodDescriptor

    @cached_property
    def full_name(self) -> str:
        """`zhongtai.credit.v1.LimitService.HoldLimit`."""
        return str(self.descriptor.full_name)

    @cached_property
    def path(self) -> str:
        """The name on the wire, `/zhongtai.credit.v1.LimitService/HoldLimit`."""
        return f"/{self.descriptor.containing_service.full_name}/{self.descriptor.name}"

    @cached_property
    def service(self) -> str:
        """The service that owns it, `credit`."""
        return self.full_name.split(".")[1]

    @cached_property
    def component(self) -> str:
        """The noun that owns it, `limit`: the name of the contract's file."""
        return self.descriptor.containing_service.file.name.rsplit("/", 1)[1].removesuffix(".proto")

    @cached_property
    def function(self) -> str:
        """The name of the handler, `hold_limit`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.descriptor.name).lower()

    @cached_property
    def request_type(self) -> type[Message]:
        """The class of its request."""
        return GetMessageClass(self.descriptor.input_type)

    @cached_property
    def response_type(self) -> type[Message]:
        """The class of its response."""
        return GetMessageClass(self.descriptor.output_type)

    @cached_property
    def operation(self) -> options_pb2.Operation:
        """What it promises and asks: effect, scope, undo, API level, refusals."""
        found: options_pb2.Operation = self.descriptor.GetOptions().Extensions[_OPERATION]
        return found

    @cached_property
    def http(self) -> http_pb2.HttpRule | None:
        """Its route at the HTTP door, if it has one."""
        options = self.descriptor.GetOptions()
        return options.Extensions[annotations_pb2.http] if options.HasExtension(annotations_pb2.http) else None

    @cached_property
    def reads(self) -> bool:
        """True where calling it changes nothing."""
        return bool(self.operation.effect == options_pb2.EFFECT_READ)

    @cached_property
    def undo(self) -> "Method | None":
        """The RPC that takes it back, where it is reversible."""
        return method(self.operation.undo) if self.operation.undo else None


@dataclass(frozen=True)
class Stream:
    """One RPC that takes a stream of the requests of another, `of`: each is answered as if it had come alone."""

    descriptor: MethodDescriptor

    @cached_property
    def of(self) -> Method:
        """The RPC whose requests it takes: what it promises and asks is said there."""
        return method(Method(self.descriptor).operation.stream_of)

    @property
    def full_name(self) -> str:
        """`zhongtai.operations.v1.LedgerService.PostEntryStream`."""
        return str(self.descriptor.full_name)

    @cached_property
    def path(self) -> str:
        """The name on the wire, `/zhongtai.operations.v1.LedgerService/PostEntryStream`."""
        return Method(self.descriptor).path

    @cached_property
    def request_type(self) -> Any:
        """The class of its messages of `requests`."""
        return GetMessageClass(self.descriptor.input_type)

    @cached_property
    def response_type(self) -> Any:
        """The class of its messages of `outcomes`."""
        return GetMessageClass(self.descriptor.output_type)

    @cached_property
    def at_once(self) -> int:
        """How many requests one message may hold."""
        rules = self.descriptor.input_type.fields_by_name["requests"].GetOptions().Extensions[_RULES]
        return int(rules.repeated.max_items)


def modules(service: str) -> Iterator[ModuleType]:
    """The generated modules of one service's contract, in the order of their names."""
    package = import_module(f"zhongtai.{service}.v1")
    for module in sorted(iter_modules(package.__path__), key=lambda found: found.name):
        if module.name.endswith("_pb2"):
            yield import_module(f"zhongtai.{service}.v1.{module.name}")


@cache
def service_descriptors(service: str) -> tuple[ServiceDescriptor, ...]:
    """The gRPC services that one service (`credit`) offers: one per noun."""
    return tuple(
        descriptor for module in modules(service) for descriptor in module.DESCRIPTOR.services_by_name.values()
    )


@cache
def methods(service: str) -> tuple[Method, ...]:
    """Every RPC of one service that takes one request and gives one reply."""
    return tuple(Method(found) for found in _rpcs(service) if not found.client_streaming)


@cache
def streams(service: str) -> tuple[Stream, ...]:
    """Every RPC of one service that takes a stream of the requests of another."""
    return tuple(Stream(found) for found in _rpcs(service) if found.client_streaming)


def _rpcs(service: str) -> Iterator[MethodDescriptor]:
    for descriptor in service_descriptors(service):
        yield from descriptor.methods


@cache
def _by_name() -> dict[str, Method]:
    return {found.full_name: found for package in PACKAGES for found in methods(package)}


@cache
def _by_request() -> dict[str, Method]:
    return {found.descriptor.input_type.full_name: found for found in _by_name().values()}


def method(full_name: str) -> Method:
    """The RPC of that full name; KeyError where there is none."""
    return _by_name()[full_name]


def find_method(full_name: str) -> Method | None:
    """The RPC of that full name, where there is one: a name that was kept may be of a contract that is gone."""
    return _by_name().get(full_name)


def method_of(request: Message | type[Message]) -> Method:
    """The RPC that takes this request: each RPC has a request message of its own."""
    return _by_request()[request.DESCRIPTOR.full_name]


@cache
def _by_streamed() -> dict[str, Stream]:
    return {found.of.full_name: found for package in PACKAGES for found in streams(package)}


def stream_of(streamed: Method) -> Stream | None:
    """The RPC that takes a stream of the requests of this one, where there is one."""
    return _by_streamed().get(streamed.full_name)


def all_methods() -> tuple[Method, ...]:
    """Every RPC of the platform that takes one request and gives one reply."""
    return tuple(_by_name().values())


@cache
def events() -> dict[str, type[Message]]:
    """Every event of the platform, by its full name, which is its subject on the bus."""
    found: dict[str, type[Message]] = {}
    for package in PACKAGES:
        for module in modules(package):
            for descriptor in module.DESCRIPTOR.message_types_by_name.values():
                if event_key(descriptor):
                    found[descriptor.full_name] = GetMessageClass(descriptor)
    return found


def event_key(descriptor: Any) -> str:
    """The field that names an event's aggregate; empty where the message is no event."""
    options = descriptor.GetOptions()
    return str(options.Extensions[_EVENT].key) if options.HasExtension(_EVENT) else ""


@cache
def data_class(field: FieldDescriptor) -> int:
    """The class of personal data a field holds (0 none, 1 C1, 2 C2, 3 C3)."""
    return int(field.GetOptions().Extensions[_DATA_CLASS])
