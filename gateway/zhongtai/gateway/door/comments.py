"""The sentences of the contracts: what each service, RPC, message, field and value says of itself in its `.proto` file.

They come from the image of all contracts that `make proto` writes with source information; the descriptors at run time
have none.
"""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

# Field numbers of descriptor.proto, of which a path in the source information is made.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _NESTED, _NESTED_ENUMS, _METHODS, _VALUES = 2, 3, 4, 2, 2


def comments(image: bytes) -> dict[str, str]:
    """The comment of everything that has one, by full name; a field's name is `zhongtai.credit.v1.Limit.limit_id`."""
    found: dict[str, str] = {}
    for file in FileDescriptorSet.FromString(image).file:
        names = dict(_names(file))
        for location in file.source_code_info.location:
            name = names.get(tuple(location.path))
            if name and location.leading_comments:
                found[name] = " ".join(location.leading_comments.split())
    return found


def _names(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    """Each path of a file with the full name of what stands there."""
    for place, message in enumerate(file.message_type):
        yield from _message((_MESSAGES, place), file.package, message)
    for place, enum in enumerate(file.enum_type):
        yield from _members((_ENUMS, place), file.package, enum, _VALUES, enum.value)
    for place, service in enumerate(file.service):
        yield from _members((_SERVICES, place), file.package, service, _METHODS, service.method)


def _message(path: tuple[int, ...], package: str, message: Any) -> Iterator[tuple[tuple[int, ...], str]]:
    yield from _members(path, package, message, _FIELDS, message.field)
    inner = f"{package}.{message.name}"
    for place, nested in enumerate(message.nested_type):
        yield from _message((*path, _NESTED, place), inner, nested)
    for place, enum in enumerate(message.enum_type):
        yield from _members((*path, _NESTED_ENUMS, place), inner, enum, _VALUES, enum.value)


def _members(
    path: tuple[int, ...], package: str, holder: Any, kind: int, members: Any
) -> Iterator[tuple[tuple[int, ...], str]]:
    name = f"{package}.{holder.name}"
    yield path, name
    for place, member in enumerate(members):
        yield (*path, kind, place), f"{name}.{member.name}"
