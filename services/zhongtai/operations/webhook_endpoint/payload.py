"""What a partner is sent of an event: its type, when it was heard, and its fields, without personal data.

The form is that of the Standard Webhooks specification, "Payload structure". A field that its contract marks C2 or C3
stays inside at any depth, whatever list the event stands on; who needs it asks with a token of their own.
"""

import json
from datetime import UTC, datetime

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from zhongtai.common.v1 import options_pb2
from zhongtai.runtime import contracts

_INSIDE = (options_pb2.DATA_CLASS_C2, options_pb2.DATA_CLASS_C3)


def payload(event: Message, heard_at: datetime) -> str:
    """The body of a webhook, as it is signed and sent: compact JSON."""
    shown = type(event)()
    shown.CopyFrom(event)
    _strip(shown)
    timestamp = heard_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    said = {"type": event.DESCRIPTOR.full_name, "timestamp": timestamp, "data": MessageToDict(shown)}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _strip(message: Message) -> None:
    for field, value in message.ListFields():
        if contracts.data_class(field) in _INSIDE:
            message.ClearField(field.name)
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            for inner in _each(field, value):
                _strip(inner)


def _each(field: FieldDescriptor, value: Message) -> list[Message]:
    return list(value) if field.is_repeated else [value]  # type: ignore[call-overload]  # a repeated field is a list
