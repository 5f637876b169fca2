"""Random messages of any type, made from their descriptors."""

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

DEEPEST = 3
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_F = FieldDescriptor
SCALARS: dict[int, SearchStrategy[Any]] = {
    **dict.fromkeys((_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32), st.integers(-(2**31), 2**31 - 1)),
    **dict.fromkeys((_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64), st.integers(-(2**63), 2**63 - 1)),
    **dict.fromkeys((_F.TYPE_UINT32, _F.TYPE_FIXED32), st.integers(0, 2**32 - 1)),
    **dict.fromkeys((_F.TYPE_UINT64, _F.TYPE_FIXED64), st.integers(0, 2**64 - 1)),
    _F.TYPE_STRING: TEXT,
    _F.TYPE_BOOL: st.booleans(),
    _F.TYPE_BYTES: st.binary(max_size=12),
    _F.TYPE_DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    _F.TYPE_FLOAT: st.floats(allow_nan=False, allow_infinity=False, width=32),
}
PLAIN = st.recursive(
    st.none() | st.booleans() | TEXT | st.floats(-1e6, 1e6) | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def messages(draw: Any, descriptor: Descriptor, depth: int = 0) -> Message:
    """A message of that type with some of its fields set."""
    message = GetMessageClass(descriptor)()
    name = descriptor.full_name
    if name == "google.protobuf.Timestamp":
        message.FromNanoseconds(draw(st.integers(-62_135_596_800 * 10**9, 253_402_300_799 * 10**9)))  # type: ignore[attr-defined]
        return message
    if name == "google.protobuf.Duration":
        message.FromNanoseconds(draw(st.integers(-(10**18), 10**18)))  # type: ignore[attr-defined]
        return message
    if name == "google.protobuf.Struct":
        message.update(draw(st.dictionaries(TEXT, PLAIN, max_size=3)))  # type: ignore[attr-defined]
        return message
    for field in descriptor.fields:
        if draw(st.booleans()) and not (field.message_type and depth >= DEEPEST):
            _set(draw, message, field, depth)
    return message


def _set(draw: Any, message: Any, field: Any, depth: int) -> None:
    inner = field.message_type
    if inner and inner.GetOptions().map_entry:
        key, value = inner.fields_by_name["key"], inner.fields_by_name["value"]
        for name in draw(st.lists(_value(key), max_size=2)):
            if value.message_type:
                getattr(message, field.name)[name].CopyFrom(draw(messages(value.message_type, depth + 1)))
            else:
                getattr(message, field.name)[name] = draw(_value(value))
    elif inner and field.is_repeated:
        for _ in range(draw(st.integers(0, 2))):
            getattr(message, field.name).append(draw(messages(inner, depth + 1)))
    elif inner:
        getattr(message, field.name).CopyFrom(draw(messages(inner, depth + 1)))
    elif field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(_value(field), max_size=3)))
    else:
        setattr(message, field.name, draw(_value(field)))


def _value(field: Any) -> SearchStrategy[Any]:
    if field.enum_type:
        return st.sampled_from([value.number for value in field.enum_type.values])
    return SCALARS[field.type]
