"""Returns in parts: never more than was paid, charges by the rail's rule, and every entry where it belongs."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.bank import Bank, cny
from tests.operations.payment.test_rpc import OUTSIDE
from zhongtai.operations.v1 import account_pb2, ledger_proof_pb2, payment_pb2
from zhongtai.operations.v1 import payment_pb2 as v1

PAID = 40_000


async def sent(bank: Bank, account_id: str, reference: str = "out", rail: str = "simulated") -> str:
    """The id of a settled payment to another bank."""
    request = v1.SendPaymentRequest(
        request_id=bank.request_id(),
        end_to_end_id=reference,
        debtor_account_id=account_id,
        creditor=v1.OutsideParty(name="李四", account="6222001234", agent="102100099996"),
        rail=rail,
        amount=cny(PAID),
    )
    payment_id = (await bank.door.call(request)).payment_id
    told = [one for one in await bank.door.facts(v1.PaymentSent) if one.payment_id == payment_id]
    await bank.door.deliver(told[0], event_id=payment_id)
    return str(payment_id)


async def received(
    bank: Bank, account_id: str, minor: int, *, currency: str = "USD", rail: str = "correspondent"
) -> str:
    """The id of a payment that arrived."""
    request = v1.ReceivePaymentRequest(
        request_id=bank.request_id(),
        end_to_end_id=bank.request_id(),
        debtor=OUTSIDE,
        creditor_account_id=account_id,
        rail=rail,
        amount=cny(minor, currency),
    )
    return str((await bank.door.call(request)).payment_id)


def back(bank: Bank, payment_id: str, minor: int = 0, currency: str = "CNY", **more: Any) -> v1.ReturnPaymentRequest:
    """The request to return an amount, or for nothing all that is left."""
    request = v1.ReturnPaymentRequest(request_id=bank.request_id(), payment_id=payment_id, reason_code="AC04", **more)
    if minor:
        request.amount.CopyFrom(cny(minor, currency))
    return request


async def payment(bank: Bank, payment_id: str) -> v1.Payment:
    found: v1.Payment = (await bank.door.call(v1.GetPaymentRequest(payment_id=payment_id))).payment
    return found


async def test_parts_come_back_until_nothing_is_left(bank: Bank) -> None:
    settlement = await bank.internal("central_bank_settlement", "acc_settlement_cny")
    account_id = await bank.deposit(100_000)
    payment_id = await sent(bank, account_id)
    first = await bank.door.call(back(bank, payment_id, 10_000, return_id="R1"))
    assert (first.payment.undone_by, first.payment.refunded.minor_units) == ("", 10_000)
    again = await bank.door.call(back(bank, payment_id, 10_000, return_id="R1"))
    assert again.return_payment_id == first.return_payment_id
    kept = await bank.door.call(back(bank, payment_id, 9_500, charges=cny(500), return_id="R2"))
    assert kept.payment.refunded.minor_units == 20_000
    assert (await bank.balance(account_id), await bank.balance(settlement)) == (79_500, -20_500)
    refused = await bank.door.refused(back(bank, payment_id, 20_001))
    assert (refused.reason, refused.metadata["left"]) == ("RETURN_MUST_NOT_EXCEED_PAID", "CNY 200.00")
    assert (await bank.door.refused(back(bank, payment_id, 9_999, return_id="R1"))).reason == (
        "END_TO_END_ID_MUST_BE_UNIQUE"
    )
    last = await bank.door.call(back(bank, payment_id))
    assert last.payment.undone_by == last.return_payment_id
    assert (await bank.door.refused(back(bank, payment_id, 1))).reason == "PAYMENT_ALREADY_RETURNED"
    told = [
        (one.amount.minor_units, one.charges.minor_units, one.returned.minor_units)
        for one in await bank.door.facts(v1.PaymentReturned)
    ]
    assert told == [(10_000, 0, 10_000), (9_500, 500, 20_000), (20_000, 0, 40_000)]
    assert await bank.balance(account_id) == 99_500
    found = await payment(bank, kept.return_payment_id)
    assert (found.kind, found.charges.minor_units, found.end_to_end_id) == (v1.PAYMENT_KIND_RETURN, 500, "R2")
    await bank.must_be_sound()


async def test_what_we_send_back_costs_what_the_rail_says(bank: Bank) -> None:
    nostro = await bank.internal("nostro", "acc_nostro_usd", "USD")
    account_id = await bank.deposit(currency="USD")
    payment_id = await received(bank, account_id, 50_000)
    returned = await bank.door.call(back(bank, payment_id, 20_000, "USD"))
    found = await payment(bank, returned.return_payment_id)
    assert (found.amount.minor_units, found.charges.minor_units) == (19_000, 1_000)
    assert (await bank.balance(account_id), await bank.balance(nostro)) == (30_000, 31_000)
    assert await bank.balance("6021") == 1_000
    again = await bank.door.call(back(bank, payment_id, 10_000, "USD", return_id="R1"))
    once = await bank.door.call(back(bank, payment_id, 10_000, "USD", return_id="R1"))
    assert once.return_payment_id == again.return_payment_id
    wrong: list[tuple[v1.ReturnPaymentRequest, str]] = [
        (back(bank, payment_id, 1_000, "USD"), "CHARGES_MUST_LEAVE_AN_AMOUNT"),
        (back(bank, payment_id, 5_000, "USD", charges=cny(1, "USD")), "RETURN_CHARGES_MUST_BE_BY_RULE"),
        (back(bank, payment_id, 5_000, "CNY"), "CURRENCY_MUST_MATCH"),
        (back(bank, payment_id, 20_001, "USD"), "RETURN_MUST_NOT_EXCEED_PAID"),
        (back(bank, "pay_none", 1), "PAYMENT_NOT_FOUND"),
    ]
    for request, reason in wrong:
        before = await bank.door.envelopes()
        assert (await bank.door.refused(request)).reason == reason
        assert await bank.door.envelopes() == before
    # The customer has spent the rest: nothing goes back that is not there.
    other = await bank.deposit(currency="USD", customer_id="cus_2")
    await bank.post((account_id, "DEBIT", 20_000), (other, "CREDIT", 20_000), currency="USD")
    assert (await bank.door.refused(back(bank, payment_id))).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    await bank.must_be_sound()


async def test_a_part_stands_in_the_statement_and_leaves_the_proof_of_transit_whole(bank: Bank) -> None:
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    account_id = await bank.deposit(100_000)
    payment_id = await sent(bank, account_id)
    returned = await bank.door.call(back(bank, payment_id, 15_000))
    entry = (await bank.door.call(payment_pb2.GetPaymentRequest(payment_id=returned.return_payment_id))).payment
    assert entry.entry_ids[0] == returned.entry_id
    assert await bank.balance("300103") == 0
    proofs = (await bank.door.call(ledger_proof_pb2.ProveLedgerRequest())).proofs
    assert proofs
    assert [proof.kind for proof in proofs if not proof.holds] == []
    found = (await bank.door.call(account_pb2.GetAccountRequest(account_id=account_id))).account
    assert found.balance.minor_units == 75_000


@pytest.fixture
async def settling(bank: Bank) -> Bank:
    """A bank with the account that its rails settle on."""
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    return bank


@pytest.mark.parametrize("kind", ["OUTGOING", "INCOMING"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(parts=st.lists(st.tuples(st.integers(1, 30_000), st.integers(0, 5_000)), min_size=1, max_size=6))
async def test_whatever_is_returned_never_comes_to_more_than_was_paid(
    settling: Bank, kind: str, parts: list[tuple[int, int]]
) -> None:
    bank = settling
    account_id = await bank.deposit(PAID)
    if kind == "OUTGOING":
        payment_id = await sent(bank, account_id, bank.request_id())
    else:
        payment_id = await received(bank, account_id, PAID, currency="CNY", rail="hvps")
    before, taken = await bank.balance(account_id), 0
    moved = 0
    for amount, charges in parts:
        kept = charges if kind == "OUTGOING" else 0
        request = back(bank, payment_id, amount, charges=cny(kept) if kept else None)
        if taken + amount + kept > PAID:
            assert (await bank.door.refused(request)).reason in (
                "RETURN_MUST_NOT_EXCEED_PAID",
                "PAYMENT_ALREADY_RETURNED",
            )
        else:
            await bank.door.call(request)
            taken, moved = taken + amount + kept, moved + amount
    assert (await payment(bank, payment_id)).refunded.minor_units == taken
    assert await bank.balance(account_id) == before + (moved if kind == "OUTGOING" else -moved)
