"""Prints the descriptor of a proto2 file as the `.proto` text that compiles to it.

Wheels carry the protovalidate rules as a descriptor only; a client in another language needs the text. Printed is what
gives the file its shape. Values of custom options are left out (in the rules: the CEL expressions behind the predefined
ones, which a checker has built in), and so are comments.
"""

from collections.abc import Iterable, Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import Message

INDENT = "  "
# A range of field numbers ends before this one where the text says `to max`.
MAX_END = 1 << 29
ENUM_MAX = (1 << 31) - 1
_LABELS = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional ",
    FieldDescriptorProto.LABEL_REQUIRED: "required ",
    FieldDescriptorProto.LABEL_REPEATED: "repeated ",
}


def proto_text(file: FileDescriptorProto, head: str) -> str:
    """The text of a proto2 file under a head comment; ValueError for a file of another syntax."""
    if file.syntax not in ("", "proto2"):
        raise ValueError(f"{file.name} is {file.syntax}: only proto2 is printed")
    return "\n".join([*(f"// {line}".rstrip() for line in head.splitlines()), *_file(file)]) + "\n"


def _file(file: FileDescriptorProto) -> Iterator[str]:
    yield from ('syntax = "proto2";', "", f"package {file.package};", "")
    public = set(file.public_dependency)
    for number, path in enumerate(file.dependency):
        yield f'import {"public " if number in public else ""}"{path}";'
    yield ""
    yield from (f"option {option};" for option in _options(file.options))
    yield from _extensions(file.extension)
    for message in file.message_type:
        yield from ("", *_message(message))
    for enum in file.enum_type:
        yield from ("", *_enum(enum))


def _message(message: DescriptorProto) -> Iterator[str]:
    yield f"message {message.name} {{"
    yield from _within(_members(message))
    yield "}"


def _members(message: DescriptorProto) -> Iterator[str]:
    maps = {f".{nested.name}": nested for nested in message.nested_type if nested.options.map_entry}
    yield from (f"option {option};" for option in _options(message.options))
    for nested in message.nested_type:
        if not nested.options.map_entry:
            yield from _message(nested)
    for enum in message.enum_type:
        yield from _enum(enum)
    opened: set[int] = set()
    for field in message.field:
        if not field.HasField("oneof_index"):
            yield _field(field, maps)
        elif field.oneof_index not in opened:
            opened.add(field.oneof_index)
            yield f"oneof {message.oneof_decl[field.oneof_index].name} {{"
            yield from _within(
                _field(each, maps, label="")
                for each in message.field
                if each.HasField("oneof_index") and each.oneof_index == field.oneof_index
            )
            yield "}"
    for allowed in message.extension_range:
        yield f"extensions {_range(allowed.start, allowed.end - 1, MAX_END - 1)};"
    yield from _extensions(message.extension)
    reserved = [_range(kept.start, kept.end - 1, MAX_END - 1) for kept in message.reserved_range]
    yield from _reserved(reserved, message.reserved_name)


def _enum(enum: EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    yield from _within(f"option {option};" for option in _options(enum.options))
    yield from _within(f"{value.name} = {value.number}{_bracketed(_options(value.options))};" for value in enum.value)
    reserved = [_range(kept.start, kept.end, ENUM_MAX) for kept in enum.reserved_range]
    yield from _within(_reserved(reserved, enum.reserved_name))
    yield "}"


def _extensions(fields: Iterable[FieldDescriptorProto]) -> Iterator[str]:
    for field in fields:
        yield f"extend {field.extendee} {{"
        yield from _within([_field(field, {})])
        yield "}"


def _field(field: FieldDescriptorProto, maps: dict[str, DescriptorProto], label: str | None = None) -> str:
    entry = next((nested for name, nested in maps.items() if field.type_name.endswith(name)), None)
    if entry:
        written = f"map<{_type(entry.field[0])}, {_type(entry.field[1])}>"
    else:
        written = (_LABELS[field.label] if label is None else label) + _type(field)
    options = [*_options(field.options), *_default(field)]
    return f"{written} {field.name} = {field.number}{_bracketed(options)};"


def _type(field: FieldDescriptorProto) -> str:
    return field.type_name or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()


def _default(field: FieldDescriptorProto) -> Iterator[str]:
    if field.HasField("default_value"):
        textual = field.type in (FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_BYTES)
        yield f"default = {_quoted(field.default_value) if textual else field.default_value}"


def _options(options: Message) -> Iterator[str]:
    """The options a file may set as plain values; the ones that are messages, and custom ones, are left out."""
    for option, value in options.ListFields():
        if option.is_extension or option.message_type or option.name == "map_entry" or option.is_repeated:
            continue
        yield f"{option.name} = {_value(option.enum_type, value)}"


def _value(enum: object, value: object) -> str:
    if enum is not None:
        return str(enum.values_by_number[value].name)  # type: ignore[attr-defined]
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _range(first: int, last: int, most: int) -> str:
    if first == last:
        return str(first)
    return f"{first} to {'max' if last == most else last}"


def _reserved(ranges: list[str], names: Iterable[str]) -> Iterator[str]:
    if ranges:
        yield f"reserved {', '.join(ranges)};"
    if quoted := [_quoted(name) for name in names]:
        yield f"reserved {', '.join(quoted)};"


def _bracketed(options: Iterable[str]) -> str:
    written = ", ".join(options)
    return f" [{written}]" if written else ""


def _within(lines: Iterable[str]) -> Iterator[str]:
    return (INDENT + line for line in lines)
