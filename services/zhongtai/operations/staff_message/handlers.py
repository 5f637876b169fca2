"""The RPCs of messages to staff: the caller's own, and those to their roles, held or lent to them."""

from zhongtai.operations.delegation import store as delegation_store
from zhongtai.operations.delegation.domain import Person
from zhongtai.operations.staff_message import store
from zhongtai.operations.staff_message.domain import role, staff
from zhongtai.operations.v1 import staff_message_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def list_staff_messages(request: v1.ListStaffMessagesRequest, view: View) -> v1.ListStaffMessagesResponse:
    """The caller's messages."""
    recipients = _recipients(view)
    found, page = store.messages.page(view, request.page, *store.of(recipients, only_unread=request.unread))
    return v1.ListStaffMessagesResponse(
        messages=[message_of(message, v1.StaffMessage) for message in found],
        unread=store.unread(view, recipients),
        page=page,
    )


@rpc
def mark_staff_message_read(request: v1.MarkStaffMessageReadRequest, unit: Unit) -> v1.MarkStaffMessageReadResponse:
    """Marks a message read."""
    found = store.messages.load(unit, request.notification_id)
    message, read = found.read(_recipients(unit), unit.caller.acting, unit.now)
    if read:
        store.messages.save(unit, message)
        unit.record(read)
    return v1.MarkStaffMessageReadResponse(message=message_of(message, v1.StaffMessage))


def _recipients(view: View) -> set[str]:
    """Whom the caller reads for."""
    subject = view.caller.acting
    person = Person.of(subject, view.caller.scopes, delegation_store.lent_to(view, subject, view.now))
    return {staff(subject), *map(role, person.roles)}
