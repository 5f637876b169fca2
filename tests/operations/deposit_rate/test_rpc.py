"""Deposit rates through the door."""

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.operations.v1 import deposit_rate_pb2 as v1
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door


def published(door: Door, request_id: str, paid: str = "0.0004", **change: object) -> v1.PublishDepositRateRequest:
    rate = v1.DepositRate(
        rate_code="demand",
        currency_code="CNY",
        effective_on=date_message(door.clock.business_date()),
        tiers=[v1.DepositRateTier(rate=Decimal(value=paid))],
        source="the board",
    )
    for name, value in change.items():
        setattr(rate, name, value)
    return v1.PublishDepositRateRequest(request_id=request_id, deposit_rate=rate)


async def test_a_rate_is_published_once_and_is_in_force(door: Door) -> None:
    for request_id in ("p1", "p2"):
        await door.call(published(door, request_id))
    assert len(await door.facts(v1.DepositRatePublished)) == 1
    found = await door.call(v1.GetDepositRateRequest(rate_code="demand"))
    assert found.deposit_rate.tiers[0].rate.value == "0.0004"
    before = await door.call(v1.GetDepositRateRequest(rate_code="demand", on=Date(year=2025, month=6, day=1)))
    assert before.deposit_rate.tiers[0].rate.value == "0.0005"
    assert (await door.refused(published(door, "p3", "0.0009"))).reason == "DEPOSIT_RATE_TAKEN"
    assert (await door.refused(v1.GetDepositRateRequest(rate_code="gold"))).reason == "DEPOSIT_RATE_NOT_FOUND"


async def test_rates_are_listed_page_by_page(door: Door) -> None:
    await door.call(published(door, "p1"))
    first = await door.call(v1.ListDepositRatesRequest(rate_code="demand", page=PageRequest(size=3)))
    assert first.page.next_token
    rest = await door.call(
        v1.ListDepositRatesRequest(rate_code="demand", page=PageRequest(size=3, token=first.page.next_token))
    )
    days = [rate.effective_on.year for rate in (*first.deposit_rates, *rest.deposit_rates)]
    assert days == sorted(days)
    assert len(days) == 4
