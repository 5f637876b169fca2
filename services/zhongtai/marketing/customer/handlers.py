"""The RPCs of customers."""

from zhongtai.marketing.customer import domain, store
from zhongtai.marketing.v1 import customer_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def register_customer(request: v1.RegisterCustomerRequest, unit: Unit) -> v1.RegisterCustomerResponse:
    """Registers a person or an organisation."""
    identity = value_of(request, domain.Identity).checked()
    asked = value_of(
        request,
        domain.Customer,
        customer_id=unit.new_id("cus"),
        identity_number=identity.identity_number,
        contact=value_of(request.contact, domain.Contact),
        registered_on=unit.business_date,
    )
    customer, fact = domain.register(asked, known_as=store.known_as(unit, identity))
    store.customers.add(unit, customer)
    unit.record(fact)
    return v1.RegisterCustomerResponse(customer_id=customer.customer_id, customer=_message(customer))


@rpc
def get_customer(request: v1.GetCustomerRequest, view: View) -> v1.GetCustomerResponse:
    """One customer as registered."""
    return v1.GetCustomerResponse(customer=_message(store.customers.load(view, request.customer_id)))


@rpc
def update_contact(request: v1.UpdateContactRequest, unit: Unit) -> v1.UpdateContactResponse:
    """Replaces the ways to reach a customer."""
    contact = value_of(request.contact, domain.Contact)
    customer, fact = store.customers.load(unit, request.customer_id).update_contact(contact, unit.business_date)
    if fact is not None:
        store.customers.save(unit, customer)
        unit.record(fact)
    return v1.UpdateContactResponse(customer=_message(customer))


@rpc
def give_consent(request: v1.GiveConsentRequest, unit: Unit) -> v1.GiveConsentResponse:
    """Records that the customer consents to one purpose."""
    customer, fact = store.customers.load(unit, request.customer_id).give_consent(
        unit.new_id("con"),
        request.purpose,
        valid_to=date_of(request.valid_to) if request.HasField("valid_to") else None,
        today=unit.business_date,
    )
    store.customers.save(unit, customer)
    unit.record(fact)
    return v1.GiveConsentResponse(
        customer_id=customer.customer_id,
        consent_id=fact.consent_id,
        consent=message_of(customer.consent(fact.consent_id), v1.Consent),
    )


@rpc
def withdraw_consent(request: v1.WithdrawConsentRequest, unit: Unit) -> v1.WithdrawConsentResponse:
    """Takes one consent back at once."""
    before = store.customers.load(unit, request.customer_id)
    customer, fact = before.withdraw_consent(request.consent_id, unit.business_date)
    if fact is not None:
        store.customers.save(unit, customer)
        unit.record(fact)
    return v1.WithdrawConsentResponse(consent=message_of(customer.consent(request.consent_id), v1.Consent))


@rpc
def check_consent(request: v1.CheckConsentRequest, view: View) -> v1.CheckConsentResponse:
    """Whether a customer's consent to a purpose holds on a date."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    customer = store.customers.load(view, request.customer_id)
    return v1.CheckConsentResponse(holds=customer.consent_holds(request.purpose, on))


@rpc
def add_tags(request: v1.AddTagsRequest, unit: Unit) -> v1.AddTagsResponse:
    """Puts tags on a customer."""
    customer, fact = store.customers.load(unit, request.customer_id).add_tags(tuple(request.tags))
    if fact is not None:
        store.save_tags(unit, customer)
        unit.record(fact)
    return v1.AddTagsResponse(customer=_message(customer))


@rpc
def remove_tags(request: v1.RemoveTagsRequest, unit: Unit) -> v1.RemoveTagsResponse:
    """Takes tags off a customer."""
    customer, fact = store.customers.load(unit, request.customer_id).remove_tags(tuple(request.tags))
    if fact is not None:
        store.save_tags(unit, customer)
        unit.record(fact)
    return v1.RemoveTagsResponse(customer=_message(customer))


@rpc
def list_customers(request: v1.ListCustomersRequest, view: View) -> v1.ListCustomersResponse:
    """Customers in the order they registered, of one kind or one tag where asked."""
    kind = v1.CustomerKind.Name(request.kind).removeprefix("CUSTOMER_KIND_") if request.kind else ""
    found, page = store.customers.page(view, request.page, *store.of(kind, request.tag))
    return v1.ListCustomersResponse(customers=[_message(customer) for customer in found], page=page)


def _message(customer: domain.Customer) -> v1.Customer:
    return message_of(customer, v1.Customer)
