"""Runs as the contract tells them: personal data masked by the class its contract gives it."""

import json
from collections.abc import Sequence
from typing import Any

from google.protobuf import struct_pb2
from google.protobuf.message import Message

from zhongtai.gateway.run.domain import Run, Step, StepKind
from zhongtai.gateway.v1 import run_pb2 as v1
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.logs import loggable

# A number of JSON is a double: a whole number beyond this is told as text.
EXACT = 2**53
MASK = "[C2]"


def started(run: Run) -> v1.StartRunResponse:
    """The answer to who started it."""
    return message_of(run, v1.StartRunResponse, output=struct(json.loads(run.result or "{}")))


def told(run: Run, steps: Sequence[Step] = ()) -> v1.Run:
    """A run with its journal."""
    given = json.loads(run.given)
    shown = {name: MASK if name in run.personal else value for name, value in given.items()}
    return message_of(
        run,
        v1.Run,
        input=struct(shown),
        output=struct(json.loads(run.result or "{}")),
        steps=[told_step(step) for step in steps],
    )


def told_step(step: Step) -> v1.RunStep:
    """One entry of the journal."""
    request_type, reply_type = _types(step)
    return message_of(
        step,
        v1.RunStep,
        step=step.name,
        request=struct(loggable(request_type.FromString(step.sent))),
        reply=struct(loggable(reply_type.FromString(step.answered))),
    )


def struct(value: dict[str, Any]) -> struct_pb2.Struct:
    """A JSON object as the contract carries it."""
    made = struct_pb2.Struct()
    made.update(_exact(value))
    return made


def _types(step: Step) -> tuple[type[Message], type[Message]]:
    if step.kind in (StepKind.CALL, StepKind.UNDO):
        method = contracts.method(step.subject)
        return method.request_type, method.response_type
    event = contracts.events()[step.subject]
    return event, event


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT:
        return str(value)
    return value
