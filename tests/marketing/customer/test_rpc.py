"""Customers through the door."""

from datetime import date
from typing import Any

import pytest

from tests.marketing.examples import consented, day, identity_number, organisation, person, registered, request_id
from zhongtai.common.v1.options_pb2 import DATA_CLASS_C2
from zhongtai.marketing.v1 import customer_pb2 as v1
from zhongtai.runtime.contracts import data_class, events
from zhongtai.testing.doors import Door


async def customer_of(door: Door, customer_id: str) -> v1.Customer:
    customer: v1.Customer = (await door.call(v1.GetCustomerRequest(customer_id=customer_id))).customer
    return customer


async def test_a_person_is_registered_and_found_again(door: Door) -> None:
    door.today(date(2026, 3, 2))
    reply = await door.call(person())
    assert reply.customer_id.startswith("cus_")
    assert reply.customer.identity_number == identity_number()
    assert reply.customer.registered_on == day(2026, 3, 2)
    assert await customer_of(door, reply.customer_id) == reply.customer
    assert await door.facts(v1.CustomerRegistered) == [
        v1.CustomerRegistered(
            customer_id=reply.customer_id, kind=v1.CUSTOMER_KIND_PERSON, registered_on=day(2026, 3, 2)
        )
    ]


async def test_the_same_number_cannot_be_registered_twice_however_it_is_typed(door: Door) -> None:
    number = identity_number()
    spaced = f"{number[:6]} {number[6:].lower()}"
    customer_id = await registered(door, identity_number=spaced)
    assert (await customer_of(door, customer_id)).identity_number == number
    for typed in (number, spaced):
        refusal = await door.refused(person(name="另一人", identity_number=typed))
        assert refusal.reason == "CUSTOMER_ALREADY_REGISTERED"
        assert refusal.metadata == {"customer_id": customer_id}
    assert len((await door.call(v1.ListCustomersRequest())).customers) == 1
    assert len(await door.facts(v1.CustomerRegistered)) == 1


async def test_no_event_tells_who_a_customer_is(door: Door) -> None:
    customer_id = await registered(door)
    await door.call(
        v1.UpdateContactRequest(
            request_id=request_id(), customer_id=customer_id, contact=v1.Contact(phone="+8613900139000")
        )
    )
    for envelope in await door.envelopes():
        for secret in (identity_number(), "李明", "13800138000", "13900139000", "li.ming", "朝阳"):
            assert secret.encode() not in envelope.payload
    told = [event for name, event in events().items() if name.startswith("zhongtai.marketing.")]
    assert len(told) == 5
    fields: list[Any] = [field for event in told for field in event.DESCRIPTOR.fields]
    assert all(data_class(field) < DATA_CLASS_C2 for field in fields)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"identity_number": identity_number()[:-1] + "?"}, "IDENTITY_NUMBER_MUST_BE_WELL_FORMED"),
        ({"identity_number": "99" + identity_number()[2:]}, "IDENTITY_NUMBER_MUST_HAVE_KNOWN_AREA"),
        ({"identity_number": "110105199013071234"}, "IDENTITY_NUMBER_MUST_HAVE_REAL_BIRTH_DATE"),
        (
            {"identity_number": identity_number()[:-1] + str((int(identity_number(1)[-1].replace("X", "0")) + 1) % 10)},
            "IDENTITY_NUMBER_MUST_HAVE_VALID_CHECK_DIGIT",
        ),
        ({"identity_kind": v1.IDENTITY_KIND_LEGAL_ENTITY_IDENTIFIER}, "IDENTITY_MUST_FIT_KIND"),
    ],
)
async def test_a_wrong_identity_leaves_no_trace(door: Door, changes: dict[str, object], reason: str) -> None:
    refusal = await door.refused(person(**changes))
    assert refusal.reason == reason
    assert not await door.envelopes()
    assert not (await door.call(v1.ListCustomersRequest())).customers


async def test_contact_is_replaced_whole_and_checked(door: Door) -> None:
    customer_id = await registered(door)

    def update(**contact: str) -> v1.UpdateContactRequest:
        return v1.UpdateContactRequest(request_id=request_id(), customer_id=customer_id, contact=v1.Contact(**contact))

    reply = await door.call(update(phone="+8613900139000"))
    assert reply.customer.contact == v1.Contact(phone="+8613900139000")
    await door.call(update(phone="+8613900139000"))
    assert len(await door.facts(v1.ContactUpdated)) == 1
    refusal = await door.refused(update(phone="138", email="no address"))
    assert "phone" in str(refusal.metadata)
    assert "email" in str(refusal.metadata)


async def test_a_consent_is_given_checked_and_withdrawn(door: Door) -> None:
    door.today(date(2026, 3, 2))
    customer_id = await registered(door)
    consent_id = await consented(door, customer_id, valid_to=day(2026, 12, 31))

    async def holds(*on: int) -> bool:
        request = v1.CheckConsentRequest(customer_id=customer_id, purpose="credit_bureau_query")
        if on:
            request.on.CopyFrom(day(*on))
        found: bool = (await door.call(request)).holds
        return found

    assert await holds()
    assert await holds(2026, 12, 31)
    assert not await holds(2027, 1, 1)
    door.today(date(2026, 4, 1))
    for _ in range(2):
        withdraw = v1.WithdrawConsentRequest(request_id=request_id(), customer_id=customer_id, consent_id=consent_id)
        assert (await door.call(withdraw)).consent.withdrawn_on == day(2026, 4, 1)
    assert not await holds()
    assert await holds(2026, 3, 31)
    assert len(await door.facts(v1.ConsentWithdrawn)) == 1
    unknown = v1.WithdrawConsentRequest(request_id=request_id(), customer_id=customer_id, consent_id="con_x")
    assert (await door.refused(unknown)).reason == "CONSENT_NOT_FOUND"


async def test_a_repeated_request_gives_one_consent(door: Door) -> None:
    customer_id = await registered(door)
    request = v1.GiveConsentRequest(request_id="once", customer_id=customer_id, purpose="marketing_call")
    first, second = await door.call(request), await door.call(request)
    assert first == second
    assert len((await customer_of(door, customer_id)).consents) == 1


async def test_customers_are_listed_by_kind_and_tag_in_pages(door: Door) -> None:
    ids = [await registered(door, identity_number=identity_number(number)) for number in range(1, 4)]
    company = (await door.call(organisation())).customer_id
    for customer_id, tags in ((ids[0], ["vip", "payroll"]), (company, ["vip"])):
        await door.call(v1.AddTagsRequest(request_id=request_id(), customer_id=customer_id, tags=tags))

    async def listed(**wanted: Any) -> list[str]:
        reply = await door.call(v1.ListCustomersRequest(**wanted))
        return [customer.customer_id for customer in reply.customers]

    assert await listed() == [*ids, company]
    assert await listed(kind=v1.CUSTOMER_KIND_ORGANISATION) == [company]
    assert await listed(tag="vip") == [ids[0], company]
    assert await listed(tag="vip", kind=v1.CUSTOMER_KIND_PERSON) == [ids[0]]
    await door.call(v1.RemoveTagsRequest(request_id=request_id(), customer_id=ids[0], tags=["vip"]))
    assert await listed(tag="vip") == [company]
    assert await listed(tag="payroll") == [ids[0]]
    first = await door.call(v1.ListCustomersRequest(page={"size": 3}))
    rest = await door.call(v1.ListCustomersRequest(page={"size": 3, "token": first.page.next_token}))
    assert [customer.customer_id for customer in (*first.customers, *rest.customers)] == [*ids, company]
    assert not rest.page.next_token


async def test_an_unknown_customer_is_named_in_every_refusal(door: Door) -> None:
    for request in (
        v1.GetCustomerRequest(customer_id="cus_x"),
        v1.UpdateContactRequest(request_id=request_id(), customer_id="cus_x", contact=v1.Contact()),
        v1.GiveConsentRequest(request_id=request_id(), customer_id="cus_x", purpose="marketing_call"),
        v1.CheckConsentRequest(customer_id="cus_x", purpose="marketing_call"),
        v1.AddTagsRequest(request_id=request_id(), customer_id="cus_x", tags=["vip"]),
    ):
        refusal = await door.refused(request)
        assert (refusal.reason, refusal.metadata) == ("CUSTOMER_NOT_FOUND", {"customer_id": "cus_x"})
