"""What a command would change: each field it states, beside what stands there now where the contracts tell how to ask.

The present is asked of the `Get…` RPC of the same noun whose fields the command states too, with the reader's own
rights: whoever may not see a thing is shown what was asked for alone. A part that a command states whole takes the
place of the one that stands there, so what it leaves out of it is shown as gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.held_command.domain import HeldCommand
from zhongtai.runtime import contracts
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.convert import text_of
from zhongtai.runtime.orchestration import Orchestration

MOST_LINES = 200
_LONGEST = 500
_OWN = "request_id"


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what a command states, and what stands there now where that is known."""

    path: str
    proposed: str
    present: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """The fields that a command states or would empty, and the others of the thing it is about, which stay as they are.

    Of each at most `MOST_LINES`, in the order of their contract; `left_out` says how many more the command states.
    """

    changed: tuple[Line, ...]
    kept: tuple[Line, ...]
    left_out: int


async def of(held: HeldCommand, given: Orchestration) -> Difference:
    """What a held command would change, as whoever asks may see it."""
    method = contracts.find_method(held.rpc)
    if method is None:
        return Difference((), (), 0)
    command = method.request_type.FromString(held.command)
    stated = {path: text for path, text in texts(command) if path != _OWN}
    reply = await _present(method, stated, given)
    present = dict(texts(reply)) if reply is not None else {}
    here = {path.partition(".")[2]: path for path in present} | {path: path for path in present}
    changed = [Line(path, text, present.get(here.get(path, ""), ""), path in here) for path, text in stated.items()]
    parts = _stated_whole(command, reply)
    gone = {path: text for path, text in present.items() if _part(path) in parts and path not in stated}
    changed += [Line(path, "", text, True) for path, text in gone.items()]
    told = {here.get(line.path) for line in changed}
    kept = [Line(path, "", text, True) for path, text in present.items() if path not in told]
    return Difference(tuple(changed[:MOST_LINES]), tuple(kept[:MOST_LINES]), max(0, len(changed) - MOST_LINES))


async def _present(method: Method, stated: dict[str, str], given: Orchestration) -> Message | None:
    """The thing the command is about as it stands now; nothing where that cannot be asked or seen."""
    values = {path.rpartition(".")[2]: text for path, text in stated.items()}
    question = next(_questions(method, values), None)
    if question is None:
        return None
    try:
        return await given.calls.call(question, given.call)
    except Refusal:
        return None


def _stated_whole(command: Message, reply: Message | None) -> set[str]:
    """The parts of a command that are of the kind of the same part of the reply."""
    if reply is None:
        return set()
    known = reply.DESCRIPTOR.fields_by_name
    return {
        field.name
        for field, _ in command.ListFields()
        if field.message_type and field.name in known and known[field.name].message_type is field.message_type
    }


def _part(path: str) -> str:
    """The first step of a way, without its number."""
    return path.partition(".")[0].partition("[")[0]


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
    told = text_of(field, value)
    if told is None:
        yield from texts(value, here)
    else:
        yield here, told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
