"""The RPCs of contacts."""

from zhongtai.operations.notification_contact import store
from zhongtai.operations.notification_contact.domain import NotificationContact, NotificationContactChanged
from zhongtai.operations.notification_template.domain import NotificationLanguage
from zhongtai.operations.v1 import notification_contact_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def tell_notification_contact(
    request: v1.TellNotificationContactRequest, unit: Unit
) -> v1.TellNotificationContactResponse:
    """Keeps where a customer is reached."""
    before = store.contacts.find(unit, request.customer_id)
    language = before.language if before else NotificationLanguage.ZH
    if request.language:
        name = template_v1.NotificationLanguage.Name(request.language)
        language = NotificationLanguage(name.removeprefix("NOTIFICATION_LANGUAGE_"))
    contact = NotificationContact(request.customer_id, request.phone, request.email, language)
    if before is None:
        store.contacts.add(unit, contact)
    elif before != contact:
        store.contacts.save(unit, contact)
    if before != contact:
        unit.record(NotificationContactChanged(contact.customer_id))
    return v1.TellNotificationContactResponse(contact=message_of(contact, v1.NotificationContact))


@rpc
def get_notification_contact(
    request: v1.GetNotificationContactRequest, view: View
) -> v1.GetNotificationContactResponse:
    """Where a customer is reached."""
    contact = store.contacts.load(view, request.customer_id)
    return v1.GetNotificationContactResponse(contact=message_of(contact, v1.NotificationContact))
