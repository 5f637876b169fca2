"""The RPCs of the inbox."""

from zhongtai.operations.notification_inbox import store
from zhongtai.operations.v1 import notification_inbox_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def list_inbox_messages(request: v1.ListInboxMessagesRequest, view: View) -> v1.ListInboxMessagesResponse:
    """A customer's messages."""
    conditions = store.of(request.customer_id, only_unread=request.unread)
    found, page = store.messages.page(view, request.page, *conditions)
    return v1.ListInboxMessagesResponse(
        messages=[message_of(message, v1.InboxMessage) for message in found],
        unread=store.unread(view, request.customer_id),
        page=page,
    )


@rpc
def mark_inbox_message_read(request: v1.MarkInboxMessageReadRequest, unit: Unit) -> v1.MarkInboxMessageReadResponse:
    """Marks a message read."""
    message, read = store.messages.load(unit, request.customer_id, request.notification_id).read(unit.now)
    if read:
        store.messages.save(unit, message)
        unit.record(read)
    return v1.MarkInboxMessageReadResponse(message=message_of(message, v1.InboxMessage))
