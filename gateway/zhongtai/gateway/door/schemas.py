"""JSON Schemas of messages, with the rules of the contract that JSON Schema can say."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from zhongtai.common.v1 import options_pb2, validate_pb2
from zhongtai.gateway.door.scalars import WIDE
from zhongtai.runtime import contracts

Schema = dict[str, Any]

_RULES: Any = validate_pb2.field
_FIELD = FieldDescriptor
_INTEGERS = frozenset(
    (_FIELD.TYPE_INT32, _FIELD.TYPE_SINT32, _FIELD.TYPE_SFIXED32, _FIELD.TYPE_UINT32, _FIELD.TYPE_FIXED32)
)
_INTEGER_RULES = ("int32", "sint32", "sfixed32", "uint32", "fixed32")
_CLASSES: dict[int, str] = {
    options_pb2.DATA_CLASS_C1: "C1",
    options_pb2.DATA_CLASS_C2: "C2",
    options_pb2.DATA_CLASS_C3: "C3",
}

# Messages that JSON writes in a way of their own.
SPECIAL: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time", "examples": ["2026-05-04T09:30:00Z"]},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d{1,9})?s$", "examples": ["1.5s"]},
    "google.protobuf.FieldMask": {"type": "string", "examples": ["name,contact.phone"]},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Value": {},
}
_EXAMPLES = {
    "zhongtai.common.v1.Money": {"currencyCode": "CNY", "minorUnits": "1200000"},
    "google.type.Date": {"year": 2026, "month": 5, "day": 4},
    "google.type.Decimal": {"value": "0.12"},
}


class Schemas:
    """Makes schemas and gathers those of the messages and enums they name, by full name."""

    def __init__(self, said: Mapping[str, str]) -> None:
        """`said` holds the comments of the contracts by full name."""
        self._said = said
        self.components: dict[str, Schema] = {}

    def of(self, descriptor: Descriptor) -> Schema:
        """A reference to the schema of a message, which is made where it is new."""
        if special := SPECIAL.get(descriptor.full_name):
            return special
        return self._reference(descriptor, lambda: self.object(descriptor))

    def object(self, descriptor: Descriptor, without: frozenset[str] = frozenset()) -> Schema:
        """The schema of a message itself, `without` the fields that stand elsewhere in the request."""
        fields = [field for field in descriptor.fields if field.name not in without]
        schema: Schema = {"type": "object", "title": descriptor.name}
        schema |= self._described(descriptor.full_name)
        schema["properties"] = {field.json_name: self.field(field) for field in fields}
        if needed := [field.json_name for field in fields if _needed(field)]:
            schema["required"] = needed
        if example := _EXAMPLES.get(descriptor.full_name):
            schema["examples"] = [example]
        return schema

    def field(self, field: FieldDescriptor) -> Schema:
        """The schema of one field, with its sentence, its bounds and its class of personal data."""
        schema = self._shape(field) | self._described(field.full_name)
        if data_class := _CLASSES.get(options_pb2.DataClass.ValueType(contracts.data_class(field))):
            schema["x-data-class"] = data_class
        if data_class == "C3":
            schema["format"] = "password"
        return schema

    def _shape(self, field: FieldDescriptor) -> Schema:
        rules = field.GetOptions().Extensions[_RULES]
        inner = field.message_type
        if inner and inner.GetOptions().map_entry:
            entries: Schema = {"type": "object", "additionalProperties": self._one(inner.fields_by_name["value"], None)}
            return entries | _some(minProperties=rules.map.min_pairs, maxProperties=rules.map.max_pairs)
        if field.is_repeated:
            items: Schema = {"type": "array", "items": self._one(field, rules.repeated.items)}
            bounds = _some(minItems=rules.repeated.min_items, maxItems=rules.repeated.max_items)
            return items | bounds | ({"uniqueItems": True} if rules.repeated.unique else {})
        return self._one(field, rules)

    def _one(self, field: FieldDescriptor, rules: Any) -> Schema:
        """The schema of a single value."""
        if field.message_type:
            return dict(self.of(field.message_type))
        if field.enum_type:
            enum = field.enum_type
            return self._reference(enum, lambda: self._enum(enum))
        if field.type in WIDE:
            return {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,20}$"}
        if field.type in _INTEGERS:
            return {"type": "integer", "format": "int32"} | _range(rules)
        if field.type == field.TYPE_STRING:
            return {"type": "string"} | (_text_rules(rules.string) if rules else {})
        if field.type == field.TYPE_BYTES:
            return {"type": "string", "contentEncoding": "base64"}
        return {"type": "boolean"} if field.type == field.TYPE_BOOL else {"type": "number"}

    def _enum(self, enum: EnumDescriptor) -> Schema:
        names = [value.name for value in enum.values]
        told = [f"`{name}`: {self._said[key]}" for name in names if (key := f"{enum.full_name}.{name}") in self._said]
        sentence = " ".join((self._said.get(enum.full_name, ""), *told)).strip()
        return {"type": "string", "title": enum.name, "enum": names} | ({"description": sentence} if sentence else {})

    def _reference(self, descriptor: Descriptor | EnumDescriptor, make: Any) -> Schema:
        name = descriptor.full_name
        if name not in self.components:
            # The place is taken before the schema is made, because types may hold themselves.
            self.components[name] = {}
            self.components[name].update(make())
        return {"$ref": f"#/components/schemas/{name}"}

    def _described(self, full_name: str) -> Schema:
        return {"description": self._said[full_name]} if full_name in self._said else {}


def _needed(field: FieldDescriptor) -> bool:
    """True where a request without the field is refused; the request id may come as a header."""
    rules = field.GetOptions().Extensions[_RULES]
    if field.name == "request_id":
        return False
    return bool(rules.required or rules.string.min_len or rules.repeated.min_items or rules.map.min_pairs)


def _text_rules(rules: Any) -> Schema:
    return _some(minLength=rules.min_len, maxLength=rules.max_len, pattern=rules.pattern)


def _range(rules: Any) -> Schema:
    """The inclusive bounds of a 32-bit integer."""
    found: Schema = {}
    for kind in _INTEGER_RULES:
        bounds = getattr(rules, kind) if rules and rules.HasField(kind) else None
        if bounds is not None:
            found |= {"minimum": bounds.gte} if bounds.HasField("gte") else {}
            found |= {"maximum": bounds.lte} if bounds.HasField("lte") else {}
    return found


def _some(**said: Any) -> Schema:
    return {name: value for name, value in said.items() if value}
