"""Payments through the door: money, books and accounts change together or not at all."""

import random
from typing import Any

import pytest

from tests.operations.bank import Bank, cny
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import loan_pb2 as credit
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import account_pb2, ledger_pb2
from zhongtai.operations.v1 import payment_pb2 as v1

OUTSIDE = v1.OutsideParty(name="李四", account="6222021234567890", agent="102100099996")


def disburse(bank: Bank, account_id: str, fen: int, reference: str = "d1") -> v1.DisburseRequest:
    return v1.DisburseRequest(
        request_id=bank.request_id(), end_to_end_id=reference, loan_id="loan_1", account_id=account_id, amount=cny(fen)
    )


def collect(bank: Bank, account_id: str, fen: int, reference: str = "c1") -> v1.CollectRequest:
    return v1.CollectRequest(
        request_id=bank.request_id(), end_to_end_id=reference, loan_id="loan_1", account_id=account_id, amount=cny(fen)
    )


def transfer(bank: Bank, one: str, other: str, fen: int, reference: str = "t1") -> v1.TransferRequest:
    return v1.TransferRequest(
        request_id=bank.request_id(),
        end_to_end_id=reference,
        debtor_account_id=one,
        creditor_account_id=other,
        amount=cny(fen),
    )


def send(bank: Bank, account_id: str, fen: int, to: str = "6222021234567890") -> v1.SendPaymentRequest:
    return v1.SendPaymentRequest(
        request_id=bank.request_id(),
        end_to_end_id=f"s{to}",
        debtor_account_id=account_id,
        creditor=v1.OutsideParty(name="李四", account=to, agent="102100099996"),
        rail="simulated",
        amount=cny(fen),
        remittance_information="rent",
    )


async def sent(bank: Bank, account_id: str, fen: int, to: str) -> str:
    """The id of a payment that was sent, and answered by its rail as the event is delivered."""
    payment_id: str = (await bank.door.call(send(bank, account_id, fen, to))).payment_id
    told = next(fact for fact in await bank.door.facts(v1.PaymentSent) if fact.payment_id == payment_id)
    await bank.door.deliver(told, event_id=f"sent-{payment_id}")
    return payment_id


async def payment(bank: Bank, payment_id: str) -> v1.Payment:
    found: v1.Payment = (await bank.door.call(v1.GetPaymentRequest(payment_id=payment_id))).payment
    return found


async def test_a_disbursement_and_its_loan_clear_each_other(bank: Bank) -> None:
    account_id = await bank.deposit()
    reply = await bank.door.call(disburse(bank, account_id, 100_000))
    assert reply.payment.status == v1.PAYMENT_STATUS_ACSC
    assert (await bank.account(account_id)).available == cny(100_000)
    assert await bank.balance("300101") == 100_000
    await bank.door.deliver(credit.LoanDisbursed(loan_id="loan_1", principal=cny(100_000)))
    assert await bank.balance("300101") == 0
    (settled,) = await bank.door.facts(v1.PaymentSettled)
    assert (settled.payment_id, settled.entry_id, settled.loan_id) == (reply.payment_id, reply.entry_id, "loan_1")
    await bank.must_be_sound()


async def test_a_collection_takes_the_whole_amount_or_refuses_cleanly(bank: Bank) -> None:
    account_id = await bank.deposit(9_000)
    before = await bank.door.envelopes()
    refused = await bank.door.refused(collect(bank, account_id, 9_001))
    assert (refused.reason, refused.metadata["available"]) == ("AVAILABLE_BALANCE_EXHAUSTED", "CNY 90.00")
    assert await bank.door.envelopes() == before
    assert not (await bank.door.call(v1.ListPaymentsRequest())).payments
    # The same reference may be tried again once there is money: the refused one left nothing behind.
    await bank.post(("1001", "DEBIT", 1), (account_id, "CREDIT", 1))
    await bank.door.call(collect(bank, account_id, 9_001))
    assert await bank.balance("300102") == 9_001
    await bank.door.deliver(credit.LoanRepaid(loan_id="loan_1", principal=cny(9_000), interest=cny(1)))
    assert await bank.balance("300102") == 0
    await bank.must_be_sound()


async def test_one_reference_of_one_party_is_one_payment(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    first = await bank.door.call(transfer(bank, one, other, 100))
    again = await bank.door.call(transfer(bank, one, other, 100))
    assert (again.payment_id, again.entry_id) == (first.payment_id, first.entry_id)
    assert await bank.balance(other) == 100
    refused = await bank.door.refused(transfer(bank, one, other, 101))
    assert refused.reason == "END_TO_END_ID_MUST_BE_UNIQUE"
    assert refused.metadata["payment_id"] == first.payment_id
    assert (await bank.door.refused(collect(bank, one, 100, "t1"))).reason == "END_TO_END_ID_MUST_BE_UNIQUE"
    bank.door.as_caller("somebody", client_id="another channel")
    elsewhere = await bank.door.call(transfer(bank, one, other, 101))
    assert elsewhere.payment_id != first.payment_id


async def test_a_transfer_moves_money_between_two_accounts_of_one_currency(bank: Bank) -> None:
    one, other, dollars = await bank.deposit(1_000), await bank.deposit(), await bank.deposit(currency="USD")
    await bank.door.call(transfer(bank, one, other, 400))
    assert (await bank.balance(one), await bank.balance(other)) == (600, 400)
    assert (await bank.door.refused(transfer(bank, one, one, 1, "t2"))).reason == "ACCOUNTS_MUST_DIFFER"
    assert (await bank.door.refused(transfer(bank, one, dollars, 1, "t3"))).reason == "CURRENCY_MUST_MATCH"
    assert (await bank.door.refused(transfer(bank, one, "acc_none", 1, "t4"))).reason == "ACCOUNT_NOT_FOUND"
    assert (await bank.door.refused(transfer(bank, one, other, 0, "t5"))).kind == "Invalid"


async def test_loans_are_paid_to_customers_only(bank: Bank) -> None:
    suspense = await bank.internal("suspense", "acc_suspense_cny")
    for request in (disburse(bank, suspense, 1), collect(bank, suspense, 1), send(bank, suspense, 1)):
        assert (await bank.door.refused(request)).reason == "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"


async def test_a_frozen_account_is_paid_to_and_not_collected_from(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    await bank.door.call(account_pb2.FreezeAccountRequest(request_id="f", account_id=account_id, reason="court"))
    await bank.door.call(disburse(bank, account_id, 50))
    assert (await bank.door.refused(collect(bank, account_id, 1))).reason == "ACCOUNT_MUST_BE_ACTIVE"


async def test_a_payment_spends_the_hold_that_was_placed_for_it(bank: Bank) -> None:
    one, other = await bank.deposit(100), await bank.deposit()
    placed = await bank.door.call(account_pb2.PlaceHoldRequest(request_id="h", account_id=one, amount=cny(80)))
    request = transfer(bank, one, other, 80)
    assert (await bank.door.refused(request)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    request.hold_id = placed.hold_id
    # More than is free with the hold is refused, and the hold is there as before.
    request.amount.minor_units = 101
    assert (await bank.door.refused(request)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    assert (await bank.account(one)).held == cny(80)
    request.amount.minor_units = 80
    for request_id in ("t1", "t2"):
        request.request_id = request_id
        await bank.door.call(request)
    account = await bank.account(one)
    assert (account.balance, account.held) == (cny(20), cny(0))
    assert [told.hold_id for told in await bank.door.facts(account_pb2.HoldReleased)] == [placed.hold_id]
    late = collect(bank, one, 20)
    late.hold_id = placed.hold_id
    await bank.door.call(late)
    assert await bank.balance(one) == 0


async def test_a_sent_payment_settles_in_a_second_step(bank: Bank) -> None:
    settlement = await bank.internal("central_bank_settlement", "acc_settlement_cny")
    account_id = await bank.deposit(1_000)
    reply = await bank.door.call(send(bank, account_id, 400))
    assert reply.payment.status == v1.PAYMENT_STATUS_ACSP
    assert (await bank.balance(account_id), await bank.balance("300103")) == (600, 400)
    (told,) = await bank.door.facts(v1.PaymentSent)
    for _ in range(2):
        await bank.door.deliver(told, event_id="e1")
    found = await payment(bank, reply.payment_id)
    assert (found.status, len(found.entry_ids)) == (v1.PAYMENT_STATUS_ACSC, 2)
    assert await bank.balance("300103") == 0
    # The settlement account is the bank's asset: what left it stands below zero here, for nothing was paid in.
    assert await bank.balance(settlement) == -400
    assert len(await bank.door.facts(v1.PaymentSettled)) == 1
    await bank.must_be_sound()


async def test_a_rejected_payment_gives_the_money_back(bank: Bank) -> None:
    account_id = await bank.deposit(1_000)
    payment_id = await sent(bank, account_id, 400, "62220000000000")
    found = await payment(bank, payment_id)
    assert (found.status, found.reason_code) == (v1.PAYMENT_STATUS_RJCT, "AC01")
    assert (await bank.balance(account_id), await bank.balance("300103")) == (1_000, 0)
    (told,) = await bank.door.facts(v1.PaymentRejected)
    assert told.reason_code == "AC01"
    refused = await bank.door.refused(
        v1.ReturnPaymentRequest(request_id="r", payment_id=payment_id, reason_code="AC04")
    )
    assert refused.reason == "PAYMENT_MUST_BE_SETTLED"


@pytest.mark.parametrize(("status", "left"), [("ACSC", 600), ("RJCT", 1_000)])
async def test_an_unknown_outcome_stays_pending_until_it_is_told(bank: Bank, status: str, left: int) -> None:
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    account_id = await bank.deposit(1_000)
    payment_id = await sent(bank, account_id, 400, "62220000009999")
    found = await payment(bank, payment_id)
    assert (found.status, found.HasField("settled_at")) == (v1.PAYMENT_STATUS_PDNG, False)
    assert (await bank.balance(account_id), await bank.balance("300103")) == (600, 400)
    assert len(await bank.door.facts(v1.PaymentPending)) == 1

    def confirm(word: str) -> v1.ConfirmPaymentRequest:
        return v1.ConfirmPaymentRequest(
            request_id=bank.request_id(), payment_id=payment_id, status=f"PAYMENT_STATUS_{word}"
        )

    assert (await bank.door.refused(confirm("PDNG"))).reason == "OUTCOME_MUST_BE_FINAL"
    for _ in range(2):
        await bank.door.call(confirm(status))
    assert (await bank.balance(account_id), await bank.balance("300103")) == (left, 0)
    other = "RJCT" if status == "ACSC" else "ACSC"
    for _ in range(2):
        contradicted = (await bank.door.call(confirm(other))).payment
    assert contradicted.status == v1.PaymentStatus.Value(f"PAYMENT_STATUS_{status}")
    assert contradicted.contradiction == other
    assert (await bank.balance(account_id), await bank.balance("300103")) == (left, 0)
    (told,) = await bank.door.facts(v1.PaymentContradicted)
    assert (told.payment_id, told.contradiction) == (payment_id, other)
    await bank.must_be_sound()


async def test_only_a_sent_payment_has_an_outcome_to_tell(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    reply = await bank.door.call(transfer(bank, one, other, 100))
    told = v1.ConfirmPaymentRequest(
        request_id="c", payment_id=reply.payment_id, status=v1.PAYMENT_STATUS_RJCT, reason_code="AC04"
    )
    assert (await bank.door.refused(told)).reason == "PAYMENT_MUST_BE_SENT"


async def test_money_that_arrives_is_booked_once_and_may_go_back_once(bank: Bank) -> None:
    settlement = await bank.internal("central_bank_settlement", "acc_settlement_cny")
    account_id = await bank.deposit()
    request = v1.ReceivePaymentRequest(
        request_id="r1",
        end_to_end_id="NOTPROVIDED",
        debtor=OUTSIDE,
        creditor_account_id=account_id,
        rail="simulated",
        amount=cny(700),
    )
    reply = await bank.door.call(request)
    request.request_id = "r2"
    assert (await bank.door.call(request)).payment_id == reply.payment_id
    assert (await bank.balance(account_id), await bank.balance(settlement)) == (700, 700)
    back = v1.ReturnPaymentRequest(request_id="b1", payment_id=reply.payment_id, reason_code="AC04")
    returned = await bank.door.call(back)
    assert returned.payment.undone_by == returned.return_payment_id
    assert (await bank.balance(account_id), await bank.balance(settlement)) == (0, 0)
    back.request_id = "b2"
    assert (await bank.door.refused(back)).reason == "PAYMENT_ALREADY_RETURNED"
    (told,) = await bank.door.facts(v1.PaymentReturned)
    assert (told.payment_id, told.return_payment_id) == (reply.payment_id, returned.return_payment_id)
    await bank.must_be_sound()


async def test_a_settled_outgoing_payment_that_comes_back_is_the_debtors_again(bank: Bank) -> None:
    settlement = await bank.internal("central_bank_settlement", "acc_settlement_cny")
    account_id = await bank.deposit(1_000)
    payment_id = await sent(bank, account_id, 400, "62220000001234")
    returned = await bank.door.call(v1.ReturnPaymentRequest(request_id="b", payment_id=payment_id, reason_code="AC04"))
    assert (await bank.balance(account_id), await bank.balance(settlement)) == (1_000, 0)
    found = await payment(bank, returned.return_payment_id)
    assert (found.kind, found.original_payment_id) == (v1.PAYMENT_KIND_RETURN, payment_id)
    await bank.must_be_sound()


async def test_a_reversal_is_the_mirror_of_the_entry_and_happens_once(bank: Bank) -> None:
    account_id = await bank.deposit()
    reply = await bank.door.call(disburse(bank, account_id, 500))
    reverse = v1.ReversePaymentRequest(request_id="v1", payment_id=reply.payment_id, reason_code="DUPL")
    reversal = await bank.door.call(reverse)
    entry = (await bank.door.call(ledger_pb2.GetEntryRequest(entry_id=reversal.entry_id))).entry
    assert entry.reverses == reply.entry_id
    assert (await bank.balance(account_id), await bank.balance("300101")) == (0, 0)
    reverse.request_id = "v2"
    assert (await bank.door.refused(reverse)).reason == "PAYMENT_ALREADY_REVERSED"
    (told,) = await bank.door.facts(v1.PaymentReversed)
    assert (told.kind, told.loan_id) == (v1.PAYMENT_KIND_DISBURSEMENT, "loan_1")
    give_back = v1.ReturnPaymentRequest(request_id="v3", payment_id=reply.payment_id, reason_code="DUPL")
    assert (await bank.door.refused(give_back)).reason == "PAYMENT_MUST_BE_INTERBANK"
    await bank.must_be_sound()


async def test_an_entry_that_the_ledger_reversed_is_not_taken_back_twice(bank: Bank) -> None:
    account_id = await bank.deposit()
    reply = await bank.door.call(disburse(bank, account_id, 500))
    mirror = await bank.door.call(ledger_pb2.ReverseEntryRequest(request_id="l", entry_id=reply.entry_id))
    reversal = await bank.door.call(
        v1.ReversePaymentRequest(request_id="v", payment_id=reply.payment_id, reason_code="DUPL")
    )
    assert reversal.entry_id == mirror.reversal_entry_id
    assert await bank.balance(account_id) == 0


async def test_money_that_was_spent_is_not_reversed_into_debt(bank: Bank) -> None:
    one, other = await bank.deposit(100), await bank.deposit()
    reply = await bank.door.call(transfer(bank, one, other, 100))
    await bank.post((other, "DEBIT", 1), ("1001", "CREDIT", 1))
    refused = await bank.door.refused(
        v1.ReversePaymentRequest(request_id="v", payment_id=reply.payment_id, reason_code="DUPL")
    )
    assert refused.reason == "AVAILABLE_BALANCE_EXHAUSTED"
    assert not (await payment(bank, reply.payment_id)).undone_by


async def test_rails_carry_what_they_carry(bank: Bank) -> None:
    euros = await bank.deposit(100, currency="EUR")
    request = send(bank, euros, 1)
    request.amount.currency_code = "EUR"
    assert (await bank.door.refused(request)).reason == "RAIL_CURRENCY_MUST_MATCH"
    request.rail = "pigeon"
    assert (await bank.door.refused(request)).reason == "RAIL_NOT_FOUND"
    assert (await bank.door.refused(v1.GetPaymentRequest(payment_id="pay_0"))).reason == "PAYMENT_NOT_FOUND"


async def test_payments_are_found_by_loan_account_and_status(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    loan = (await bank.door.call(disburse(bank, one, 10))).payment_id
    moved = (await bank.door.call(transfer(bank, one, other, 10))).payment_id
    waiting = (await bank.door.call(send(bank, one, 10))).payment_id

    async def found(**asked: Any) -> list[str]:
        reply = await bank.door.call(v1.ListPaymentsRequest(**asked))
        return [item.payment_id for item in reply.payments]

    assert await found() == [loan, moved, waiting]
    assert await found(loan_id="loan_1") == [loan]
    assert await found(account_id=other) == [moved]
    assert await found(status=v1.PAYMENT_STATUS_ACSP) == [waiting]
    assert await found(page=PageRequest(size=2)) == [loan, moved]


EXPECTED = {
    "AVAILABLE_BALANCE_EXHAUSTED",
    "PAYMENT_NOT_FOUND",
    "PAYMENT_MUST_BE_INTERNAL",
    "PAYMENT_MUST_BE_INTERBANK",
    "PAYMENT_MUST_BE_SETTLED",
    "PAYMENT_ALREADY_REVERSED",
    "PAYMENT_ALREADY_RETURNED",
}


@pytest.mark.parametrize("seed", range(2))
async def test_under_any_order_of_payments_money_is_conserved(bank: Bank, seed: int) -> None:
    chance = random.Random(seed)
    settlement = await bank.internal("central_bank_settlement", "acc_settlement_cny")
    accounts = [await bank.deposit(500) for _ in range(3)]
    made: list[str] = []
    reasons: set[str] = set()
    for number in range(40):
        one, other = chance.sample(accounts, 2)
        size = chance.randint(1, 300)
        ending = chance.choice(["1234", "0000", "9999"])
        request = chance.choice(
            [
                disburse(bank, one, size, f"d{number}"),
                collect(bank, one, size, f"c{number}"),
                transfer(bank, one, other, size, f"t{number}"),
                send(bank, one, size, f"62220{number}{ending}"),
                v1.ReversePaymentRequest(
                    request_id=bank.request_id(), payment_id=chance.choice(made or ["pay_0"]), reason_code="DUPL"
                ),
                v1.ReturnPaymentRequest(
                    request_id=bank.request_id(), payment_id=chance.choice(made or ["pay_0"]), reason_code="AC04"
                ),
            ]
        )
        try:
            made.append(getattr(await bank.door.call(request), "payment_id", "pay_0"))
        except Refusal as refusal:
            reasons.add(refusal.reason)
        for told in await bank.door.facts(v1.PaymentSent):
            if chance.random() < 0.5:
                await bank.door.deliver(told, event_id=f"sent-{told.payment_id}")
    assert reasons <= EXPECTED
    cash = await bank.balance("1001")
    assert cash == 1_500
    owed = sum([await bank.balance(account_id) for account_id in accounts])
    clearing = await bank.balance("300101") - await bank.balance("300102") - await bank.balance("300103")
    assert owed == cash + clearing + await bank.balance(settlement)
    assert owed == await bank.balance("2011")
    await bank.must_be_sound()
