"""Taking a call back: its undo RPC is found by the contract, and its request is filled from the call's own request
and reply.
"""

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from zhongtai.gateway.scenario.kinds import kind_of_field, put
from zhongtai.gateway.scenario.template import required
from zhongtai.runtime.contracts import Method


def undo_of(method: Method) -> Method | None:
    """The RPC that takes it back; None where the contract names none that exists."""
    try:
        return method.undo
    except KeyError:
        return None


def unfilled(method: Method, undo: Method) -> tuple[FieldDescriptor, ...]:
    """The fields the undo needs and that neither the reply nor the request has."""
    return tuple(
        field
        for field in undo.descriptor.input_type.fields
        if field.name != "request_id" and required(field) and not _carriers(method, field)
    )


def undo_request(method: Method, request: Message, reply: Message, request_id: str) -> Message:
    """The request that takes a call back. What the reply says goes before what was asked."""
    undo = undo_of(method)
    assert undo is not None, "a plan with a call that cannot be taken back does not compile"
    made = undo.request_type()
    for field in undo.descriptor.input_type.fields:
        for carrier in _carriers(method, field):
            source = reply if carrier.containing_type is reply.DESCRIPTOR else request
            put(made, field, getattr(source, field.name))
            break
    made.request_id = request_id  # type: ignore[attr-defined]
    return made


def _carriers(method: Method, field: FieldDescriptor) -> tuple[FieldDescriptor, ...]:
    """The fields of the same name and kind, the reply's first."""
    found = (
        side.fields_by_name.get(field.name) for side in (method.descriptor.output_type, method.descriptor.input_type)
    )
    kind = kind_of_field(field)
    return tuple(carrier for carrier in found if carrier is not None and kind_of_field(carrier) == kind)
