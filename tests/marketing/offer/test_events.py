"""Offers through the door, from the products that the events of credit tell of."""

from datetime import date
from typing import Any

from tests.marketing.examples import consented, day, fen, published, registered
from zhongtai.credit.v1 import product_pb2 as credit_v1
from zhongtai.marketing.v1 import offer_pb2 as v1
from zhongtai.testing.doors import Door


def check(customer_id: str, **changes: Any) -> v1.CheckOfferRequest:
    fields: dict[str, Any] = {"product_id": "consumer_instalment", "amount": fen(5_000_000), "term_months": 12}
    return v1.CheckOfferRequest(customer_id=customer_id, **(fields | changes))


async def test_a_published_product_is_offered_to_who_consented(door: Door) -> None:
    door.today(date(2026, 3, 2))
    customer_id = await registered(door)
    await door.deliver(published())
    reply = await door.call(check(customer_id))
    assert not reply.eligible
    assert [reason.code for reason in reply.reasons] == ["CONSENT_MISSING"]
    await consented(door, customer_id)
    reply = await door.call(check(customer_id))
    assert reply.eligible
    assert (reply.product_id, reply.product_version, reply.checked_on) == (
        "consumer_instalment",
        1,
        day(2026, 3, 2),
    )


async def test_what_nobody_published_is_refused_and_so_is_who_nobody_registered(door: Door) -> None:
    customer_id = await registered(door)
    assert (await door.refused(check(customer_id))).reason == "PRODUCT_NOT_FOUND"
    await door.deliver(published())
    assert (await door.refused(check("cus_x"))).reason == "CUSTOMER_NOT_FOUND"


async def test_an_event_delivered_twice_is_one_version(door: Door) -> None:
    customer_id = await registered(door)
    for _ in range(2):
        await door.deliver(published(), event_id="evt_once")
    await door.deliver(published(), event_id="evt_replayed")
    assert len((await door.call(v1.ListOffersRequest(customer_id=customer_id))).offers) == 1


async def test_every_product_is_listed_with_what_speaks_against_it(door: Door) -> None:
    door.today(date(2026, 3, 2))
    customer_id = await registered(door)
    await consented(door, customer_id)
    await door.deliver(published())
    await door.deliver(published(version=2, valid_from=day(2026, 3, 2), maximum_amount=fen(30_000_000)))
    await door.deliver(published(product_id="factoring", customer_kinds=["ORGANISATION"]))
    await door.deliver(published(product_id="old_loan"))
    retired = credit_v1.ProductRetired(product_id="old_loan", retired_from=day(2026, 1, 1))
    await door.deliver(retired)
    reply = await door.call(v1.ListOffersRequest(customer_id=customer_id))
    offers = {offer.product_id: offer for offer in reply.offers}
    assert list(offers) == ["consumer_instalment", "factoring", "old_loan"]
    assert {key: offer.eligible for key, offer in offers.items()} == {
        "consumer_instalment": True,
        "factoring": False,
        "old_loan": False,
    }
    assert offers["consumer_instalment"].product_version == 2
    assert offers["consumer_instalment"].maximum_amount == fen(30_000_000)
    assert [reason.code for reason in offers["factoring"].reasons] == ["CUSTOMER_KIND_NOT_SERVED"]
    assert [reason.code for reason in offers["old_loan"].reasons] == ["PRODUCT_NOT_OFFERED"]
    first = await door.call(v1.ListOffersRequest(customer_id=customer_id, page={"size": 2}))
    rest = await door.call(v1.ListOffersRequest(customer_id=customer_id, page={"token": first.page.next_token}))
    assert [offer.product_id for offer in (*first.offers, *rest.offers)] == list(offers)
