"""What is wrong with a request, field by field: every violation at once, in English and Chinese.

The rules come from the contract (protovalidate). Fields the contract does not have are found here too,
because protobuf itself keeps them silently.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from zhongtai.kernel.refusals import Invalid

# The standard rules in Chinese, by rule id or its last part; {limit} is the value the contract gives.
_CHINESE = {
    "required": "必填",
    "string.min_len": "至少{limit}个字符",
    "string.max_len": "不得超过{limit}个字符",
    "string.len": "须为{limit}个字符",
    "string.pattern": "格式须符合{limit}",
    "bytes.max_len": "不得超过{limit}字节",
    "min_items": "至少{limit}项",
    "max_items": "不得超过{limit}项",
    "unique": "各项不得重复",
    "min_pairs": "至少{limit}项",
    "max_pairs": "不得超过{limit}项",
    "in": "不在可选值之内",
    "defined_only": "不在可选值之内",
    "gt": "须大于{limit}",
    "gte": "须不小于{limit}",
    "lt": "须小于{limit}",
    "lte": "须不大于{limit}",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: where (`legs[2].amount`), the machine reason, a sentence in each language."""

    field: str
    reason: str
    description: str
    description_zh: str = ""

    def sentence(self, language: str = "en") -> str:
        """The description in "en" or "zh-CN"; English where there is no Chinese."""
        return self.description_zh if language.startswith("zh") and self.description_zh else self.description


class RequestInvalid(Invalid):
    """The request is wrong at {fields}: mend it as each violation says, then send it again.

    请求有误（{fields}）：请按各条说明修改后重发。
    """

    violations: tuple[Violation, ...]

    @property
    def metadata(self) -> dict[str, str]:
        """The first few fields that are wrong; the violations themselves travel beside the metadata."""
        names = list(dict.fromkeys(violation.field or "request" for violation in self.violations))
        return {"fields": ", ".join(names[:5]) + (", …" if len(names) > 5 else "")}


def check(message: Message) -> None:
    """Raises `RequestInvalid` with every violation at once where a message breaks its contract (50 µs)."""
    if found := violations_of(message):
        raise RequestInvalid(violations=found)


def violations_of(message: Message) -> tuple[Violation, ...]:
    """Every rule of the contract that the message breaks; empty where it breaks none."""
    return tuple(_violation(found) for found in protovalidate.collect_violations(message))


def _violation(found: protovalidate.Violation) -> Violation:
    rule, proto = found.proto.rule_id, found.proto
    chinese = _CHINESE.get(rule) or _CHINESE.get(rule.rsplit(".", 1)[-1], "")
    return Violation(
        field=_path(proto.field),
        reason=re.sub(r"[^A-Z0-9]+", "_", rule.upper()),
        description=proto.message,
        description_zh=chinese.format(limit=found.rule_value),
    )


def _path(path: protovalidate.FieldPathPb | None) -> str:
    """The path as people write it: `legs[2].amount`, `inputs["age"]`."""
    parts = []
    for element in path.elements if path else ():
        key = element.subscript
        text = "" if key is None else f'["{key.value}"]' if isinstance(key.value, str) else f"[{key.value}]"
        parts.append(f"{element.field_name}{text}")
    return ".".join(parts)


def unknown_fields(message: Message) -> tuple[Violation, ...]:
    """One violation for each field number the contract does not have, at any depth; 1 µs where none."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return () if known.ByteSize() == message.ByteSize() else tuple(_unknown(message, ""))


def _unknown(message: Message, path: str) -> Iterator[Violation]:
    found = UnknownFieldSet(message)
    for number in dict.fromkeys(found[place].field_number for place in range(len(found))):
        english, chinese = f"the contract has no field {number}", f"契约中没有编号为{number}的字段"
        yield Violation(path, "UNKNOWN_FIELD", english, chinese)
    for field, value in message.ListFields():
        if field.message_type:
            for part, inner in _messages(field, value):
                yield from _unknown(inner, f"{path}.{part}" if path else part)


def _messages(field: FieldDescriptor, value: object) -> Iterator[tuple[str, Message]]:
    """The messages a set field holds, each with its part of the path."""
    if isinstance(value, Message):
        yield field.name, value
    elif field.message_type and field.message_type.GetOptions().map_entry:
        for key, inner in value.items():  # type: ignore[attr-defined]  # a map of messages, or of scalars
            if isinstance(inner, Message):
                yield f"{field.name}[{key!r}]", inner
    else:
        for place, inner in enumerate(value):  # type: ignore[arg-type]  # a repeated field
            yield f"{field.name}[{place}]", inner
