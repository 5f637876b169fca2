"""What this version of the platform is made of: its components from the descriptors, its products from their files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.door.comments import comments
from zhongtai.gateway.scenario.plan import Plan
from zhongtai.gateway.scenario.shipped import compile_all, shipped
from zhongtai.runtime import contracts
from zhongtai.runtime.contracts import Method

IMAGE = "contracts.binpb"
_COMPONENT: Any = options_pb2.component
_EFFECTS = options_pb2.Effect
_LEVELS = options_pb2.ApiLevel


@dataclass(frozen=True, slots=True)
class Personal:
    """A field that holds personal data: the message, the field, its class "C2", and what the contract says of it."""

    message: str
    field: str
    data_class: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC as the catalogue shows it, and the RPC that takes a stream of its requests, where there is one."""

    name: str
    sentence: str
    effect: str
    scope: str
    api_level: str
    undo: str
    refusals: tuple[str, ...]
    verb: str
    path: str
    stream: str
    stream_sentence: str


@dataclass(frozen=True, slots=True)
class Component:
    """One noun of a service."""

    service: str
    name: str
    title_zh: str
    bian_domain: str
    sentence: str
    rpcs: tuple[Rpc, ...]
    events: tuple[tuple[str, str], ...]
    personal: tuple[Personal, ...]


@cache
def plans() -> Mapping[str, Plan]:
    """The newest version of every product that ships, by name. Compiling takes a while: ask off the event loop."""
    compiled = compile_all(shipped()).values()
    return {plan.product: plan for plan in sorted(compiled, key=lambda plan: (plan.product, plan.version))}


@cache
def sentences() -> Mapping[str, str]:
    """What the contracts say of everything in them, by full name."""
    return comments((files("zhongtai.common.v1") / IMAGE).read_bytes())


@cache
def components() -> Mapping[str, tuple[Component, ...]]:
    """Every component by its service, in the order of the contracts."""
    return {
        service: tuple(_component(service, module) for module in contracts.modules(service))
        for service in contracts.PACKAGES
    }


def _component(service: str, module: Any) -> Component:
    file = module.DESCRIPTOR
    described = list(file.services_by_name.values())
    messages = list(file.message_types_by_name.values())
    own = next((found.GetOptions().Extensions[_COMPONENT] for found in described), options_pb2.Component())
    return Component(
        service=service,
        name=file.name.rpartition("/")[2].removesuffix(".proto"),
        title_zh=own.title_zh,
        bian_domain=own.bian_domain,
        sentence=sentences().get(described[0].full_name, "") if described else "",
        rpcs=tuple(
            _rpc(method) for method in contracts.methods(service) if method.descriptor.containing_service in described
        ),
        events=tuple(
            (message.full_name, sentences().get(message.full_name, ""))
            for message in messages
            if contracts.event_key(message)
        ),
        personal=tuple(personal for message in messages for personal in _personal(message)),
    )


def _rpc(method: Method) -> Rpc:
    operation, http, stream = method.operation, method.http, contracts.stream_of(method)
    verb = http.WhichOneof("pattern") if http else ""
    return Rpc(
        name=method.descriptor.name,
        sentence=sentences().get(method.full_name, ""),
        effect=_EFFECTS.Name(operation.effect).removeprefix("EFFECT_"),
        scope=operation.scope,
        api_level=_LEVELS.Name(operation.api_level).removeprefix("API_LEVEL_"),
        undo=operation.undo.rpartition(".")[2],
        refusals=tuple(operation.refusals),
        verb=verb.upper() if verb else "",
        path=getattr(http, verb) if verb else "",
        stream=stream.descriptor.name if stream else "",
        stream_sentence=sentences().get(stream.full_name, "") if stream else "",
    )


def _personal(message: Descriptor) -> list[Personal]:
    return [
        Personal(message.name, field.name, _class(field), sentences().get(field.full_name, ""))
        for field in message.fields
        if contracts.data_class(field)
    ]


def _class(field: FieldDescriptor) -> str:
    return options_pb2.DataClass.Name(contracts.data_class(field)).removeprefix("DATA_CLASS_")
