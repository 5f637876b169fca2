"""Hears that contacts changed, and carries them."""

from dataclasses import replace

from zhongtai.gateway.contact import store
from zhongtai.gateway.contact.domain import CARRIED_AT_ONCE, ChangedContact
from zhongtai.gateway.v1 import contact_pb2 as v1
from zhongtai.marketing.v1 import customer_pb2 as marketing_v1
from zhongtai.operations.v1 import notification_contact_pb2 as operations_v1
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Caller
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, on, rpc

_NEEDED = frozenset(
    contracts.method_of(request).operation.scope
    for request in (marketing_v1.GetCustomerRequest, operations_v1.TellNotificationContactRequest)
)
# Whoever asks to carry need not see a contact themselves.
_CARRIER = Caller("contacts", "contacts", _NEEDED)


@rpc
async def carry_contacts(request: v1.CarryContactsRequest, given: Orchestration) -> v1.CarryContactsResponse:
    """Carries the next contacts that changed."""
    waiting = await given.read(store.to_carry)
    for contact in waiting[:CARRIED_AT_ONCE]:
        await _carry(given, contact)

    def work(unit: Unit) -> v1.CarryContactsResponse:
        _ = unit
        return v1.CarryContactsResponse(carried=min(len(waiting), CARRIED_AT_ONCE), more=len(waiting) > CARRIED_AT_ONCE)

    reply, _ = await change_once(given, request, work)
    return reply


@on
def customer_registered(event: marketing_v1.CustomerRegistered, unit: Unit) -> None:
    """Notes that a new customer may have a contact."""
    store.note(unit, ChangedContact(event.customer_id, unit.request_id))


@on
def contact_updated(event: marketing_v1.ContactUpdated, unit: Unit) -> None:
    """Notes that a contact changed."""
    store.note(unit, ChangedContact(event.customer_id, unit.request_id))


async def _carry(given: Orchestration, contact: ChangedContact) -> None:
    call = replace(given.call, caller=_CARRIER)
    found = await given.calls.call(marketing_v1.GetCustomerRequest(customer_id=contact.customer_id), call)
    assert isinstance(found, marketing_v1.GetCustomerResponse), "an RPC answers with the message of its contract"
    told = operations_v1.TellNotificationContactRequest(
        # What is read may have changed since it was told under this event, so each telling has an id of its own.
        request_id=given.new_id("contact"),
        customer_id=contact.customer_id,
        phone=found.customer.contact.phone,
        email=found.customer.contact.email,
    )
    await given.calls.call(told, call)
    await given.change(lambda unit: store.carried(unit, contact))
