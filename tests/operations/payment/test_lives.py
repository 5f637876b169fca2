"""Random lives of payments of every kind: whatever happens in whatever order, no money is made, lost or paid twice.

A rail that loses answers has books of its own; in the end what it carried is what was settled, and every account that
money only passes through is back at nothing.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from tests.operations.bank import Bank, cny
from tests.operations.collection_agreement.test_rpc import agreed
from tests.operations.payment.test_rpc import OUTSIDE
from tests.operations.payment.test_unknown_outcomes import LosingRail
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.rail.store import RAILS
from zhongtai.operations.v1 import escrow_pb2, payment_batch_pb2, payment_order_pb2, payment_pb2, payment_request_pb2

MOVES = 60
STAKE = 2_000
EXPECTED = {
    "AVAILABLE_BALANCE_EXHAUSTED",
    "ESCROW_AMOUNT_EXHAUSTED",
    "ESCROW_MUST_BE_OPEN",
    "PAYMENT_ALREADY_RETURNED",
    "PAYMENT_ALREADY_REVERSED",
    "PAYMENT_MUST_BE_INTERBANK",
    "PAYMENT_MUST_BE_INTERNAL",
    "PAYMENT_MUST_BE_SENT",
    "PAYMENT_MUST_BE_SETTLED",
    "PAYMENT_MUST_BE_TRANSFER",
    "PAYMENT_MUST_NOT_BE_REFUNDED",
    "PAYMENT_ORDER_MUST_WAIT",
    "PAYMENT_REQUEST_EXPIRED",
    "PAYMENT_REQUEST_MUST_BE_OPEN",
    "REFUND_MUST_NOT_EXCEED_PAID",
    "SHARES_MUST_EACH_GET_SOMETHING",
}


class Life:
    """A bank in which things happen by chance."""

    def __init__(self, bank: Bank, rail: LosingRail, seed: int) -> None:
        self.bank, self.rail, self.chance = bank, rail, random.Random(seed)
        self.accounts: list[str] = []
        self.orders: list[str] = []
        self.escrows: list[str] = []
        self.received: list[str] = []
        self.requests: list[str] = []
        self.reasons: set[str] = set()

    def request_id(self) -> str:
        return self.bank.request_id()

    def fen(self) -> int:
        return self.chance.randint(1, STAKE // 3)

    async def place(self) -> None:
        one, other = self.chance.sample(self.accounts, 2)
        request = payment_order_pb2.PlacePaymentOrderRequest(
            request_id=self.request_id(), end_to_end_id=self.request_id(), debtor_account_id=one, amount=cny(self.fen())
        )
        if self.chance.random() < 0.5:
            request.rail = "simulated"
            request.outside_party.name, request.outside_party.account = "李四", "622200001234"
            request.outside_party.agent = "102100099996"
            self.rail.loses.append(self.chance.choice(["", "", "before", "after", "silence"]))
        else:
            request.creditor_account_id = other
        if self.chance.random() < 0.3:
            day = self.bank.door.clock.business_date() + timedelta(days=1)
            request.requested_execution_date.CopyFrom(Date(year=day.year, month=day.month, day=day.day))
        self.orders.append((await self.bank.door.call(request)).payment_order_id)

    async def order_verb(self) -> None:
        kind = self.chance.choice(
            [payment_order_pb2.ConfirmPaymentOrderRequest, payment_order_pb2.CancelPaymentOrderRequest]
        )
        order = self.chance.choice(self.orders)
        await self.bank.door.call(kind(request_id=self.request_id(), payment_order_id=order))

    async def undo(self) -> None:
        payments = (await self.bank.door.call(payment_pb2.ListPaymentsRequest())).payments
        if not payments:
            return
        payment = self.chance.choice(list(payments))
        chosen, uetr = payment.payment_id, payment.uetr
        kind = self.chance.choice(["return", "reverse", "refund", "confirm"])
        named = {"request_id": self.request_id(), "payment_id": chosen}
        requests = {
            "return": payment_pb2.ReturnPaymentRequest(reason_code="AC04", **named),
            "reverse": payment_pb2.ReversePaymentRequest(reason_code="DUPL", **named),
            "refund": payment_pb2.RefundPaymentRequest(
                reason_code="CUST", end_to_end_id=self.request_id(), amount=cny(self.fen() // 2 + 1), **named
            ),
            # A late answer, which may contradict what is known; a rail that carried a payment never says otherwise.
            "confirm": payment_pb2.ConfirmPaymentRequest(
                status="PAYMENT_STATUS_ACSC" if uetr in self.rail.carried else "PAYMENT_STATUS_RJCT", **named
            ),
        }
        await self.bank.door.call(requests[kind])

    async def batch(self) -> None:
        employer, *staff = self.chance.sample(self.accounts, 3)
        if self.chance.random() < 0.5:
            shares = [
                payment_batch_pb2.SplitShare(creditor_account_id=one, weight=Decimal(value="0.5")) for one in staff
            ]
            split = payment_batch_pb2.SplitPaymentRequest(
                request_id=self.request_id(),
                end_to_end_id=self.request_id(),
                debtor_account_id=employer,
                amount=cny(self.fen()),
                shares=shares,
            )
            await self.bank.door.call(split)
            return
        amounts = [self.fen() for _ in range(6)]
        submit = payment_batch_pb2.SubmitPaymentBatchRequest(
            request_id=self.request_id(),
            kind=self.chance.choice([payment_batch_pb2.BATCH_KIND_PAYROLL, payment_batch_pb2.BATCH_KIND_COLLECTION]),
            end_to_end_id=self.request_id(),
            account_id=employer,
            count=len(amounts),
            amount=cny(sum(amounts)),
            batch_booking=self.chance.random() < 0.5,
            lines=[
                payment_batch_pb2.BatchLineRequest(
                    end_to_end_id=str(place), account_id=staff[place % 2], amount=cny(amount)
                )
                for place, amount in enumerate(amounts)
            ],
        )
        await self.bank.door.call(submit)
        await self.bank.door.call(payment_batch_pb2.ContinuePaymentBatchesRequest(request_id=self.request_id()))

    async def escrow(self) -> None:
        payer, payee = self.chance.sample(self.accounts, 2)
        if self.escrows and self.chance.random() < 0.6:
            kind = self.chance.choice([escrow_pb2.ReleaseEscrowRequest, escrow_pb2.ReturnEscrowRequest])
            request = kind(
                request_id=self.request_id(),
                escrow_id=self.chance.choice(self.escrows),
                amount=cny(self.fen() // 2 + 1),
                party="ESCROW_PARTY_ARBITER",
            )
            await self.bank.door.call(request)
            return
        opened = escrow_pb2.OpenEscrowRequest(
            request_id=self.request_id(),
            end_to_end_id=self.request_id(),
            payer_account_id=payer,
            payee_account_id=payee,
            condition="met",
            amount=cny(self.fen()),
            released_by=["ESCROW_PARTY_ARBITER"],
            returned_by=["ESCROW_PARTY_ARBITER"],
            expires_on=Date(year=2026, month=5, day=20),
        )
        self.escrows.append((await self.bank.door.call(opened)).escrow_id)

    async def receive(self) -> None:
        # Now and then the other bank sends the same payment twice, which is booked once.
        reference = self.request_id() if self.chance.random() < 0.8 or not self.received else self.received[-1]
        self.received.append(reference)
        request = payment_pb2.ReceivePaymentRequest(
            request_id=self.request_id(),
            end_to_end_id=reference,
            rail="simulated",
            debtor=OUTSIDE,
            creditor_account_id=self.accounts[len(reference) % len(self.accounts)],
            amount=cny(50),
        )
        await self.bank.door.call(request)

    async def ask(self) -> None:
        one, other = self.chance.sample(self.accounts, 2)
        request = payment_request_pb2.PresentPaymentRequestRequest(
            request_id=self.request_id(),
            end_to_end_id=self.request_id(),
            debtor_account_id=one,
            creditor_account_id=other,
            amount=cny(self.fen()),
        )
        request.expires_at.FromDatetime(self.bank.door.clock.now() + timedelta(hours=10))
        self.requests.append((await self.bank.door.call(request)).payment_request_id)
        chosen = self.chance.choice(self.requests)
        kind = self.chance.choice(
            [payment_request_pb2.AcceptPaymentRequestRequest, payment_request_pb2.WithdrawPaymentRequestRequest]
        )
        await self.bank.door.call(kind(request_id=self.request_id(), payment_request_id=chosen))

    async def time(self) -> None:
        self.bank.door.now(self.bank.door.clock.now() + timedelta(hours=self.chance.randint(1, 20)))
        await self.bank.door.call(payment_order_pb2.ExecuteDueOrdersRequest(request_id=self.request_id()))
        await self.bank.door.call(payment_pb2.InquirePaymentsRequest(request_id=self.request_id()))

    async def events(self, share: float = 0.5) -> None:
        for told in await self.bank.door.facts(payment_pb2.PaymentSent):
            if self.chance.random() < share:
                await self.bank.door.deliver(told, event_id=told.payment_id)

    async def live(self) -> None:
        verbs: list[Callable[[], Awaitable[None]]] = [
            self.place,
            self.place,
            self.order_verb,
            self.undo,
            self.batch,
            self.escrow,
            self.receive,
            self.ask,
            self.time,
            self.events,
        ]
        await self.place()
        for _ in range(MOVES):
            try:
                await self.chance.choice(verbs)()
            except Refusal as refusal:
                self.reasons.add(refusal.reason)

    async def settle(self) -> None:
        """Lets everything that is under way come to its end."""
        self.rail.loses = []
        await self.events(1.0)
        self.bank.door.now(datetime(2026, 6, 1, 1, tzinfo=UTC))
        for _ in range(4):
            await self.time()
            await self.events(1.0)
        await self.bank.door.call(escrow_pb2.ReturnExpiredEscrowsRequest(request_id=self.request_id()))


@pytest.mark.parametrize("seed", range(3))
async def test_no_money_is_made_lost_or_paid_twice(bank: Bank, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rail = LosingRail()
    monkeypatch.setitem(RAILS, "simulated", rail)
    bank.door.now(datetime(2026, 5, 8, 1, tzinfo=UTC))
    life = Life(bank, rail, seed)
    settlement = await bank.internal("central_bank_settlement", "acc_settlement_cny")
    life.accounts = [await bank.deposit(STAKE) for _ in range(4)]
    for debtor, creditor in permutations(life.accounts, 2):
        if life.chance.random() < 0.6:
            await agreed(bank, debtor, creditor, STAKE // 4, per_month=cny(STAKE // 2))
    await life.live()
    assert life.reasons <= EXPECTED, life.reasons - EXPECTED
    await bank.must_be_sound()
    await life.settle()
    assert [await bank.balance(code) for code in ("300103", "2314")] == [0, 0]
    payments = (await bank.door.call(payment_pb2.ListPaymentsRequest())).payments
    sent = [one for one in payments if one.kind == payment_pb2.PAYMENT_KIND_OUTGOING]
    settled = [one for one in sent if one.status == payment_pb2.PAYMENT_STATUS_ACSC]
    # What was rejected before its rail had it is never given to the rail.
    assert {one.status for one in sent} <= {payment_pb2.PAYMENT_STATUS_ACSC, payment_pb2.PAYMENT_STATUS_RJCT}
    assert {one.uetr: one.amount.minor_units for one in settled} == {
        uetr: amount.minor_units for uetr, amount in rail.carried.items()
    }
    # A return brings back what went out, or sends back what came in.
    returned = sum(
        one.amount.minor_units if one.creditor_account_id else -one.amount.minor_units
        for one in payments
        if one.kind == payment_pb2.PAYMENT_KIND_RETURN
    )
    received = [one for one in payments if one.kind == payment_pb2.PAYMENT_KIND_INCOMING]
    assert {one.end_to_end_id for one in received} == set(life.received)
    assert len(received) == len(set(life.received))
    left = sum(one.amount.minor_units for one in settled) - sum(one.amount.minor_units for one in received) - returned
    owed = sum([await bank.balance(account) for account in life.accounts])
    assert (owed, await bank.balance(settlement)) == (len(life.accounts) * STAKE - left, -left)
    await bank.must_be_sound()
