"""Foreign exchange through the door: locked rates, two-leg deals, positions, gains booked once."""

from datetime import UTC, date, datetime, timedelta

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import fx_deal_pb2 as v1
from zhongtai.operations.v1 import ledger_pb2


async def set_rate(bank: Bank, base: str, bid: str, ask: str) -> None:
    await bank.door.call(
        v1.SetFxRateRequest(
            request_id=bank.request_id(),
            base_currency=base,
            quote_currency="CNY",
            bid=Decimal(value=bid),
            ask=Decimal(value=ask),
        )
    )


def sell(bank: Bank, one: str, other: str, minor: int, currency: str = "USD") -> v1.QuoteFxRequest:
    return v1.QuoteFxRequest(
        request_id=bank.request_id(), sold_account_id=one, bought_account_id=other, sold=cny(minor, currency)
    )


def deal(bank: Bank, fx_deal_id: str) -> v1.DealFxRequest:
    return v1.DealFxRequest(request_id=bank.request_id(), fx_deal_id=fx_deal_id)


async def position(bank: Bank) -> dict[str, int]:
    found = (await bank.door.call(v1.GetFxPositionsRequest())).positions
    return {one.currency_code: one.position.minor_units for one in found}


async def test_a_locked_rate_is_dealt_at_though_the_market_moved(bank: Bank) -> None:
    dollars, yuan = await bank.deposit(10_000, currency="USD"), await bank.deposit()
    await set_rate(bank, "USD", "7.10", "7.12")
    quote = (await bank.door.call(sell(bank, dollars, yuan, 10_000))).fx_deal
    assert (quote.sold, quote.bought, quote.rate.value) == (cny(10_000, "USD"), cny(71_000), "7.1000000000")
    await set_rate(bank, "USD", "6.90", "6.92")
    reply = await bank.door.call(deal(bank, quote.fx_deal_id))
    assert (reply.fx_deal.status, reply.fx_deal.entry_id) == (v1.FX_DEAL_STATUS_DEALT, reply.entry_id)
    assert (await bank.balance(dollars), await bank.balance(yuan)) == (0, 71_000)
    assert await position(bank) == {"USD": 10_000, "CNY": -71_000}
    entry = (await bank.door.call(ledger_pb2.GetEntryRequest(entry_id=reply.entry_id))).entry
    assert len(entry.legs) == 4
    assert (await bank.door.refused(deal(bank, quote.fx_deal_id))).reason == "FX_QUOTE_MUST_BE_OPEN"
    (told,) = await bank.door.facts(v1.FxDealt)
    assert told.bought == cny(71_000)
    await bank.must_be_sound()


async def test_an_expired_or_withdrawn_quote_is_never_dealt(bank: Bank) -> None:
    dollars, yuan = await bank.deposit(10_000, currency="USD"), await bank.deposit()
    await set_rate(bank, "USD", "7.10", "7.12")
    late = (await bank.door.call(sell(bank, dollars, yuan, 100))).fx_deal_id
    gone = (await bank.door.call(sell(bank, dollars, yuan, 100))).fx_deal_id
    for request_id in ("x1", "x2"):
        withdrawn = await bank.door.call(v1.CancelFxQuoteRequest(request_id=request_id, fx_deal_id=gone))
        assert withdrawn.fx_deal.status == v1.FX_DEAL_STATUS_CANCELLED
    assert (await bank.door.refused(deal(bank, gone))).reason == "FX_QUOTE_MUST_BE_OPEN"
    bank.door.now(bank.door.clock.now() + timedelta(seconds=60))
    assert (await bank.door.refused(deal(bank, late))).reason == "FX_QUOTE_EXPIRED"
    found = await bank.door.call(v1.GetFxDealRequest(fx_deal_id=late))
    assert found.fx_deal.status == v1.FX_DEAL_STATUS_EXPIRED
    assert await bank.balance(dollars) == 10_000
    listed = (await bank.door.call(v1.ListFxDealsRequest(customer_id="cus_1"))).fx_deals
    assert [one.fx_deal_id for one in listed] == [late, gone]


async def test_a_quote_that_cannot_be_given_is_refused(bank: Bank) -> None:
    dollars, yuan = await bank.deposit(10_000, currency="USD"), await bank.deposit()
    others, more = await bank.deposit(customer_id="cus_2"), await bank.deposit(currency="USD")
    assert (await bank.door.refused(sell(bank, dollars, yuan, 1))).reason == "FX_RATE_NOT_FOUND"
    await set_rate(bank, "USD", "7.10", "7.12")
    assert (await bank.door.refused(sell(bank, dollars, others, 1))).reason == "FX_ACCOUNTS_MUST_BE_ONE_CUSTOMERS"
    assert (await bank.door.refused(sell(bank, dollars, more, 1))).reason == "CURRENCIES_MUST_DIFFER"
    assert (await bank.door.refused(sell(bank, dollars, yuan, 1, "EUR"))).reason == "CURRENCY_MUST_MATCH"
    both = sell(bank, dollars, yuan, 1)
    both.bought.CopyFrom(cny(1))
    assert (await bank.door.refused(both)).reason == "FX_AMOUNT_MUST_BE_ONE"
    poor = (await bank.door.call(sell(bank, dollars, yuan, 10_001))).fx_deal_id
    assert (await bank.door.refused(deal(bank, poor))).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    bank.door.now(bank.door.clock.now() + timedelta(days=2))
    assert (await bank.door.refused(sell(bank, dollars, yuan, 1))).reason == "FX_RATE_MUST_BE_FRESH"
    zero = v1.SetFxRateRequest(
        request_id="z", base_currency="USD", quote_currency="CNY", bid=Decimal(value="0"), ask=Decimal(value="7")
    )
    assert (await bank.door.refused(zero)).reason == "REQUEST_INVALID"


async def test_gains_and_losses_are_booked_once_and_the_position_is_worth_nothing_more(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 8, 1, 0, tzinfo=UTC))
    dollars, yuan = await bank.deposit(10_000, currency="USD"), await bank.deposit()
    await set_rate(bank, "USD", "7.10", "7.12")
    quote = (await bank.door.call(sell(bank, dollars, yuan, 10_000))).fx_deal
    await bank.door.call(deal(bank, quote.fx_deal_id))

    async def revalued(**asked: Date) -> int:
        request = v1.RevaluePositionsRequest(request_id=bank.request_id(), **asked)
        return int((await bank.door.call(request)).gain.minor_units)

    # Long of 100 dollars, bought at 7.10 and worth 7.11.
    assert [await revalued(), await revalued()] == [100, 0]
    assert await bank.balance("6061") == 100
    await set_rate(bank, "USD", "6.90", "6.92")
    bank.door.today(date(2026, 5, 9))
    # The night values the date that is over, and its entry belongs to that date.
    assert await revalued(on=Date(year=2026, month=5, day=8)) == -2_000
    on = Date(year=2026, month=5, day=8)
    balance = await bank.door.call(ledger_pb2.GetBalanceRequest(account_code="6061", on=on))
    assert [one.minor_units for one in balance.balances] == [-1_900]
    found = await bank.door.call(v1.GetFxPositionsRequest())
    assert (found.unbooked, await position(bank)) == (cny(0), {"USD": 10_000, "CNY": -69_100})
    assert [fact.gain.minor_units for fact in await bank.door.facts(v1.FxRevalued)] == [100, -2_000]
    await bank.must_be_sound()
