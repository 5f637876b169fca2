"""Rails through the door: which there are, what they cost, and that charges are booked beside the amount."""

from datetime import UTC, date, datetime

from google.type.date_pb2 import Date

from tests.operations.bank import Bank, cny
from tests.operations.payment.test_rpc import send, sent
from zhongtai.operations.v1 import payment_pb2, rail_pb2


async def test_rails_say_when_they_move_money(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 8, 10, 0, tzinfo=UTC))
    bank.door.today(date(2026, 5, 8))
    rails = {rail.rail: rail for rail in (await bank.door.call(rail_pb2.ListRailsRequest())).rails}
    assert set(rails) >= {"hvps", "beps", "ibps", "correspondent"}
    assert rails["hvps"].moves_on == Date(year=2026, month=5, day=9)
    assert rails["beps"].moves_on == Date(year=2026, month=5, day=8)
    assert list(rails["beps"].largest) == [cny(100_000_000)]


async def test_a_closed_rail_takes_no_payment_and_leaves_no_trace(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 8, 10, 0, tzinfo=UTC))
    account_id = await bank.deposit(1_000)
    request = send(bank, account_id, 400)
    request.rail = "hvps"
    refused = await bank.door.refused(request)
    assert (refused.reason, refused.metadata["opens_on"]) == ("RAIL_MUST_BE_OPEN", "2026-05-09")
    assert await bank.balance(account_id) == 1_000
    request.rail, request.amount.minor_units = "ibps", 100_000_001
    assert (await bank.door.refused(request)).reason == "RAIL_AMOUNT_MUST_BE_IN_REACH"


async def test_charges_are_quoted_booked_and_given_back_with_a_rejection(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 8, 2, 0, tzinfo=UTC))
    await bank.internal("nostro", "acc_nostro_usd", "USD")
    account_id = await bank.deposit(50_000, currency="USD")
    quote = rail_pb2.QuoteChargesRequest(
        rail="correspondent", amount=cny(10_000, "USD"), charge_bearer=payment_pb2.CHARGE_BEARER_CRED
    )
    quoted = await bank.door.call(quote)
    assert (quoted.amount, quoted.charges) == (cny(8_000, "USD"), cny(2_000, "USD"))
    quote.amount.minor_units = 2_000
    assert (await bank.door.refused(quote)).reason == "CHARGES_MUST_LEAVE_AN_AMOUNT"

    async def moved(ending: str, bearer: str) -> payment_pb2.Payment:
        request = send(bank, account_id, 10_000, f"DE8937040044053201{ending}")
        request.amount.currency_code, request.rail = "USD", "correspondent"
        request.charge_bearer = getattr(payment_pb2, f"CHARGE_BEARER_{bearer}")
        found: payment_pb2.Payment = (await bank.door.call(request)).payment
        return found

    carried = await moved("3000", "DEBT")
    assert (carried.amount, carried.charges) == (cny(10_000, "USD"), cny(3_500, "USD"))
    assert carried.correspondent_charges == cny(1_500, "USD")
    owed = [await bank.balance(code) for code in (account_id, "6021", "224104")]
    assert owed == [36_500, 2_000, 1_500]
    await moved("0004", "CRED")
    await moved("10004", "DEBT")
    owed = [await bank.balance(code) for code in (account_id, "6021", "224104")]
    assert owed == [13_000, 6_000, 3_000]
    for told in await bank.door.facts(payment_pb2.PaymentSent):
        await bank.door.deliver(told, event_id=told.payment_id)
    owed = [await bank.balance(code) for code in (account_id, "6021", "224104")]
    assert owed == [36_500, 2_000, 1_500]
    assert (await bank.balance("300103"), await bank.balance("acc_nostro_usd")) == (0, -10_000)
    await bank.must_be_sound()


async def test_a_rail_that_is_asked_again_for_the_same_reference_gets_the_same_payment(bank: Bank) -> None:
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    account_id = await bank.deposit(1_000)
    payment_id = await sent(bank, account_id, 400, "62220000001234")
    # After the cut-off the answer is still that of the payment that was made.
    bank.door.now(datetime(2026, 5, 8, 12, 0, tzinfo=UTC))
    again = await bank.door.call(send(bank, account_id, 400, "62220000001234"))
    assert again.payment_id == payment_id
