"""The calls of a job: each step against its contract, each request made of its step, each reply asked for more.

Raises `JobRpcUnknown` and `JobStepMustFitItsRpc` where a step does not fit.
"""

from datetime import date
from operator import attrgetter
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.job.domain import Job, JobLook, JobRpcUnknown, JobRun, JobStep, JobStepMustFitItsRpc, JobTrigger
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import date_message

_REQUEST_ID = "request_id"
_TRUTH, _TEXT, _NUMBER = "a truth", "a text", "a number"
_PLAIN = {
    FieldDescriptor.TYPE_BOOL: _TRUTH,
    FieldDescriptor.TYPE_STRING: _TEXT,
    FieldDescriptor.TYPE_INT64: _NUMBER,
    FieldDescriptor.TYPE_INT32: _NUMBER,
}
_DATE = Date.DESCRIPTOR.full_name
# By these names a preview is read piece by piece, where it has them.
_POSITION, _NEXT_POSITION = "position", "next_position"


def check(job: Job) -> None:
    """Refuses a job one of whose steps cannot be called as it is written."""
    for step in job.steps:
        request, asks, answers = message(step), *_fields(step)
        if step.date_field and (asks.get(step.date_field) != _DATE or job.trigger is JobTrigger.CLOCK):
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="date field")
        carries = answers.get(step.more_field) if step.position_field else None
        if step.more_field and answers.get(step.more_field) not in ((_TEXT, _NUMBER) if carries else (_TRUTH, _TEXT)):
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="field that says there is more")
        if step.position_field and (carries is None or asks.get(step.position_field) != carries):
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="position field")
        if step.holds_field and _kind_at(method(step).descriptor.output_type, step.holds_field) != _TRUTH:
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="field that says whether it holds")
        if getattr(request, _REQUEST_ID, ""):
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="request id")
        for look in filter(None, (step.preview, step.breaks)):
            looked_at(look, date.min)


def reading(look: JobLook) -> contracts.Method:
    """The RPC that shows what a step would come to, or what a proof found: it only reads."""
    try:
        found = contracts.method(look.rpc)
    except KeyError:
        raise JobRpcUnknown(rpc=look.rpc) from None
    if found.operation.effect != options_pb2.EFFECT_READ:
        raise JobRpcUnknown(rpc=look.rpc)
    return found


def looked_at(look: JobLook, on: date, position: str = "") -> Message:
    """The request of a look at a date: each of its fields that is a date takes it, and `position` where to go on."""
    found = reading(look)
    try:
        asked = Parse(look.request or "{}", found.request_type())
    except ParseError:
        raise JobStepMustFitItsRpc(rpc=look.rpc, part="request") from None
    for name, kind in _kinds(found.descriptor.input_type).items():
        if kind == _DATE:
            getattr(asked, name).CopyFrom(date_message(on))
        elif name == _POSITION and kind == _TEXT:
            setattr(asked, name, position)
    return asked


def further(reply: Message) -> str:
    """Where the next piece of what is read begins; "" behind the last."""
    return str(getattr(reply, _NEXT_POSITION, ""))


def method(step: JobStep) -> contracts.Method:
    """The RPC of a step."""
    try:
        found = contracts.method(step.rpc)
    except KeyError:
        raise JobRpcUnknown(rpc=step.rpc) from None
    proves = bool(step.holds_field) and found.operation.effect == options_pb2.EFFECT_READ
    if found.operation.effect != options_pb2.EFFECT_RETRIABLE and not proves:
        raise JobRpcUnknown(rpc=step.rpc)
    return found


def message(step: JobStep) -> Any:
    """The request of a step as its JSON says."""
    try:
        return Parse(step.request or "{}", method(step).request_type())
    except ParseError:
        raise JobStepMustFitItsRpc(rpc=step.rpc, part="request") from None


def request(step: JobStep, run: JobRun) -> Message:
    """The next call of an occasion."""
    made: Any = asked(step, date.fromisoformat(run.occasion) if step.date_field else date.min, run.position)
    if not reads(step):
        made.request_id = run.request_id
    called: Message = made
    return called


def reads(step: JobStep) -> bool:
    """Whether the step is a proof that only reads: it has no request id and leaves no trace."""
    return bool(method(step).operation.effect == options_pb2.EFFECT_READ)


def asked(step: JobStep, on: date, position: str) -> Message:
    """What a step asks about a date, from a position on."""
    made = message(step)
    if step.date_field:
        getattr(made, step.date_field).CopyFrom(date_message(on))
    if step.position_field:
        kind = type(getattr(made, step.position_field))
        setattr(made, step.position_field, kind(position or kind()))
    found: Message = made
    return found


def more(step: JobStep, reply: Message) -> tuple[bool, str]:
    """Whether the reply says there is more to do, and where that begins, where it says so."""
    said = getattr(reply, step.more_field) if step.more_field else False
    return bool(said), str(said) if step.position_field else ""


def holds(step: JobStep, reply: Message) -> bool:
    """Whether a proof holds; what is no proof always does."""
    return not step.holds_field or bool(attrgetter(step.holds_field)(reply))


def _fields(step: JobStep) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of an RPC's request and reply that stand alone, each with what it holds."""
    found = method(step)
    return _kinds(found.descriptor.input_type), _kinds(found.descriptor.output_type)


def _kind_at(descriptor: Any, path: str) -> str | None:
    """What the field at a path of names holds; None where there is none."""
    *outer, last = path.split(".")
    for name in outer:
        field = descriptor.fields_by_name.get(name)
        descriptor = field.message_type if field is not None else None
        if descriptor is None:
            return None
    return _kinds(descriptor).get(last)


def _kinds(descriptor: Any) -> dict[str, str]:
    kinds = {}
    for field in descriptor.fields:
        if field.message_type is not None:
            kinds[field.name] = field.message_type.full_name
        elif field.type in _PLAIN:
            kinds[field.name] = _PLAIN[field.type]
    return kinds
