"""What a command would change: each field it states, beside what stands there now where the contracts tell how to ask.

The present is asked of the `Get…` RPC of the same noun whose fields the command states too, with the reader's own
rights: whoever may not see a thing is shown what was asked for alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.held_command.domain import HeldCommand
from zhongtai.runtime import contracts
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.convert import money_of
from zhongtai.runtime.orchestration import Orchestration

MOST_LINES = 200
_LONGEST = 500
_OWN = "request_id"


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a command: what it states, and what stands there now where that is known."""

    path: str
    proposed: str
    present: str
    is_known: bool


async def lines(held: HeldCommand, given: Orchestration) -> list[Line]:
    """The fields a command states, in the order of its contract, at most `MOST_LINES`."""
    method = contracts.method(held.rpc)
    stated = {path: text for path, text in texts(method.request_type.FromString(held.command)) if path != _OWN}
    present = await _present(method, stated, given)
    found = []
    for path, text in list(stated.items())[:MOST_LINES]:
        known = next((other for other in present if other == path or other.endswith(f".{path}")), None)
        found.append(Line(path, text, present.get(known or "", ""), known is not None))
    return found


async def _present(method: Method, stated: dict[str, str], given: Orchestration) -> dict[str, str]:
    """The thing the command is about as it stands now; nothing where that cannot be asked or seen."""
    values = {path.rpartition(".")[2]: text for path, text in stated.items()}
    question = next(_questions(method, values), None)
    if question is None:
        return {}
    try:
        return dict(texts(await given.calls.call(question, given.call)))
    except Refusal:
        return {}


def _questions(method: Method, values: dict[str, str]) -> Iterator[Message]:
    """The requests to read one thing of the same noun that can be filled from what the command states."""
    service = method.descriptor.containing_service.full_name
    for other in contracts.methods(method.service):
        same = other.reads and other.descriptor.containing_service.full_name == service
        fields = other.descriptor.input_type.fields
        fits = all(field.name in values and field.type == field.TYPE_STRING for field in fields)
        if same and other.descriptor.name.startswith("Get") and len(fields) > 0 and fits:
            yield other.request_type(**{field.name: values[field.name] for field in fields})


def texts(message: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field a message states, by its way, as a text for a person."""
    for field, value in message.ListFields():
        here = f"{path}.{field.name}" if path else field.name
        if field.message_type and field.message_type.GetOptions().map_entry:
            for key in sorted(value):
                yield f"{here}[{key}]", str(value[key])[:_LONGEST]
        elif field.is_repeated:
            for place, part in enumerate(value):
                yield from _texts_of(field, part, f"{here}[{place}]")
        else:
            yield from _texts_of(field, value, here)


def _texts_of(field: Any, value: Any, here: str) -> Iterator[tuple[str, str]]:
    match value:
        case MoneyMessage():
            yield here, str(money_of(value))
        case Date():
            yield here, f"{value.year:04}-{value.month:02}-{value.day:02}"
        case Decimal():
            yield here, value.value[:_LONGEST]
        case Timestamp():
            yield here, value.ToJsonString()
        case Message():
            yield from texts(value, here)
        case bytes():
            yield here, f"{len(value)} B"
        case _ if field.enum_type:
            known = field.enum_type.values_by_number.get(value)
            yield here, known.name if known else str(value)
        case _:
            yield here, str(value)[:_LONGEST]
