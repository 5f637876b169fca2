"""The calls of a job: each step against its contract, each request made of its step, each reply asked for more.

Raises `JobRpcUnknown` and `JobStepMustFitItsRpc` where a step does not fit.
"""

from datetime import date
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.job.domain import Job, JobRpcUnknown, JobRun, JobStep, JobStepMustFitItsRpc, JobTrigger
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import date_message

_REQUEST_ID = "request_id"
_TRUTH, _TEXT = "a truth", "a text"
_PLAIN = {FieldDescriptor.TYPE_BOOL: _TRUTH, FieldDescriptor.TYPE_STRING: _TEXT}


def check(job: Job) -> None:
    """Refuses a job one of whose steps cannot be called as it is written."""
    for step in job.steps:
        request, asks, answers = message(step), *_fields(step)
        if step.date_field and asks.get(step.date_field) != Date.DESCRIPTOR.full_name:
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="date field")
        if step.date_field and job.trigger is JobTrigger.CLOCK:
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="date field")
        carries = bool(step.position_field)
        if step.more_field and answers.get(step.more_field) not in ((_TEXT,) if carries else (_TRUTH, _TEXT)):
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="field that says there is more")
        if carries and (asks.get(step.position_field) != _TEXT or not step.more_field):
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="position field")
        if getattr(request, _REQUEST_ID, ""):
            raise JobStepMustFitItsRpc(rpc=step.rpc, part="request id")


def method(step: JobStep) -> contracts.Method:
    """The RPC of a step."""
    try:
        found = contracts.method(step.rpc)
    except KeyError:
        raise JobRpcUnknown(rpc=step.rpc) from None
    if found.operation.effect != options_pb2.EFFECT_RETRIABLE:
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
    made = message(step)
    made.request_id = run.request_id
    if step.date_field:
        getattr(made, step.date_field).CopyFrom(date_message(date.fromisoformat(run.occasion)))
    if step.position_field:
        setattr(made, step.position_field, run.position)
    asked: Message = made
    return asked


def more(step: JobStep, reply: Message) -> tuple[bool, str]:
    """Whether the reply says there is more to do, and where that begins, where it says so."""
    said = getattr(reply, step.more_field) if step.more_field else False
    return bool(said), str(said) if step.position_field else ""


def _fields(step: JobStep) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of an RPC's request and reply that stand alone, each with what it holds."""
    found = method(step)
    return _kinds(found.descriptor.input_type), _kinds(found.descriptor.output_type)


def _kinds(descriptor: Any) -> dict[str, str]:
    kinds = {}
    for field in descriptor.fields:
        if field.message_type is not None:
            kinds[field.name] = field.message_type.full_name
        elif field.type in _PLAIN:
            kinds[field.name] = _PLAIN[field.type]
    return kinds
