"""Unknown outcomes: asked about, never guessed, never paid twice, whatever a rail loses and whenever a crash comes."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from tests.operations.bank import Bank, cny
from tests.operations.payment.test_rpc import payment, send, sent
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Unreachable
from zhongtai.operations.payment.domain import ChargeBearer, Payment
from zhongtai.operations.payment_status.domain import Answer, PaymentStatus
from zhongtai.operations.rail.domain import Charged
from zhongtai.operations.rail.store import RAILS
from zhongtai.operations.v1 import payment_pb2 as v1
from zhongtai.operations.v1 import work_order_pb2 as work_v1

IN_VAIN = 3
ACSC, RJCT, PDNG = PaymentStatus.ACSC, PaymentStatus.RJCT, PaymentStatus.PDNG


class ConnectionLost(Exception):
    """The line broke: nobody here knows whether the rail had the payment."""


class RailDown(Unreachable):
    """The rail does not answer: ask later.

    支付渠道无应答：请稍后查询。
    """


@dataclass
class LosingRail:
    """Another bank's rail, with books of its own, that loses what the test says before or after the money moved."""

    loses: list[str] = field(default_factory=list)
    carried: dict[str, Money] = field(default_factory=dict)
    submissions: int = 0
    asked_in_vain: int = IN_VAIN
    answers_at_once: bool = True

    def settlement_account(self, currency: str) -> str:
        return "acc_settlement_cny"

    def correspondent(self, currency: str) -> str:
        return ""

    def must_carry(self, amount: Money) -> None:
        return None

    def charged(self, amount: Money, bearer: ChargeBearer | None) -> Charged:
        return Charged(amount)

    def return_charge(self, currency: str) -> Money:
        return Money(currency, 0)

    def moves_on(self, wanted: date, today: date, now: datetime) -> date:
        return max(wanted, today)

    def must_be_open(self, today: date, now: datetime) -> None:
        return None

    def submit(self, given: Payment) -> Answer:
        self.submissions += 1
        lost = self.loses.pop(0) if self.loses else ""
        if lost == "before":
            return Answer(PDNG)
        self.carried.setdefault(given.uetr, given.amount)
        if lost == "after":
            return Answer(PDNG)
        if lost == "crash":
            raise ConnectionLost
        return Answer(ACSC)

    def inquire(self, given: Payment) -> Answer:
        lost = self.loses.pop(0) if self.loses else ""
        if lost == "silence":
            return Answer(PDNG)
        if lost == "down":
            raise RailDown
        return Answer(ACSC) if given.uetr in self.carried else Answer(PDNG, received=False)

    def inquire_at(self, inquiries: int, now: datetime) -> datetime:
        return now + timedelta(seconds=60 << inquiries)


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> LosingRail:
    rail = LosingRail()
    monkeypatch.setitem(RAILS, "simulated", rail)
    return rail


async def inquired(bank: Bank, *, minutes: int = 10) -> v1.InquirePaymentsResponse:
    """What an inquiry finds some time later."""
    bank.door.now(bank.door.clock.now() + timedelta(minutes=minutes))
    found: v1.InquirePaymentsResponse = await bank.door.call(v1.InquirePaymentsRequest(request_id=bank.request_id()))
    return found


async def funded(bank: Bank) -> str:
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    return await bank.deposit(1_000)


@pytest.mark.parametrize(
    ("loses", "inquiries", "submissions"),
    [
        (["after"], 1, 1),
        (["before"], 1, 2),
        (["after", "silence", "silence"], 3, 1),
        (["before", "", "before"], 2, 3),
        (["before", "down", "", "before", "down"], 4, 3),
    ],
    ids=["after its effect", "before its effect", "after, and silent", "before, twice", "before, and down"],
)
async def test_whatever_a_rail_loses_it_carries_the_payment_once(
    bank: Bank, losing: LosingRail, loses: list[str], inquiries: int, submissions: int
) -> None:
    losing.loses = [*loses]
    account_id = await funded(bank)
    payment_id = await sent(bank, account_id, 400, "62220000001234")
    assert (await payment(bank, payment_id)).status == v1.PAYMENT_STATUS_PDNG
    for _ in range(inquiries):
        assert (await payment(bank, payment_id)).status == v1.PAYMENT_STATUS_PDNG
        assert (await bank.balance(account_id), await bank.balance("300103")) == (600, 400)
        await inquired(bank, minutes=600)
    found = await payment(bank, payment_id)
    assert (found.status, found.HasField("inquire_at")) == (v1.PAYMENT_STATUS_ACSC, False)
    assert (await bank.balance(account_id), await bank.balance("300103")) == (600, 0)
    assert (losing.carried, losing.submissions) == ({found.uetr: Money("CNY", 400)}, submissions)
    assert (await inquired(bank, minutes=600)).inquired == 0
    await bank.must_be_sound()


async def test_a_crash_between_the_rail_and_our_books_pays_once(bank: Bank, losing: LosingRail) -> None:
    losing.loses = ["crash"]
    account_id = await funded(bank)
    reply = await bank.door.call(send(bank, account_id, 400))
    (told,) = await bank.door.facts(v1.PaymentSent)
    with pytest.raises(ConnectionLost):
        await bank.door.deliver(told, event_id="e1")
    assert (await payment(bank, reply.payment_id)).status == v1.PAYMENT_STATUS_ACSP
    assert len(losing.carried) == 1
    # The event is lost for good: the payment is asked about all the same, and found settled.
    found = await inquired(bank)
    assert (found.inquired, found.answered, found.submitted_again) == (1, 1, 0)
    # It comes late, after all: the rail knows the UETR, the books know the outcome.
    await bank.door.deliver(told, event_id="e1")
    assert len(losing.carried) == 1
    assert len((await payment(bank, reply.payment_id)).entry_ids) == 2
    assert (await bank.balance(account_id), await bank.balance("300103")) == (600, 0)
    await bank.must_be_sound()


async def test_pauses_grow_while_a_rail_is_silent(bank: Bank, losing: LosingRail) -> None:
    losing.loses = ["after", "silence", "silence"]
    payment_id = await sent(bank, await funded(bank), 400, "62220000001234")
    assert (await inquired(bank, minutes=1)).inquired == 1
    assert (await inquired(bank, minutes=1)).inquired == 0
    assert (await inquired(bank, minutes=1)).inquired == 1
    assert (await payment(bank, payment_id)).inquiries == 2
    assert (await inquired(bank, minutes=3)).inquired == 0
    assert (await inquired(bank, minutes=1)).answered == 1


async def test_a_rail_far_away_is_given_payments_beside_the_writer_and_carries_them_once(
    bank: Bank, losing: LosingRail
) -> None:
    losing.answers_at_once = False
    losing.loses = ["", "after"]
    account_id = await funded(bank)
    payment_id = await sent(bank, account_id, 400, "62220000001234")
    assert (losing.submissions, (await payment(bank, payment_id)).status) == (0, v1.PAYMENT_STATUS_ACSP)
    first = await inquired(bank)
    assert (first.submitted_again, first.answered, losing.submissions) == (1, 0, 1)
    assert (await inquired(bank, minutes=600)).answered == 1
    assert (losing.submissions, len(losing.carried)) == (1, 1)
    assert (await payment(bank, payment_id)).status == v1.PAYMENT_STATUS_ACSC


async def test_a_person_is_told_once_of_what_no_rail_knows_and_no_more_when_it_is_known(
    bank: Bank, losing: LosingRail
) -> None:
    losing.loses = ["after", *["silence"] * 5]
    payment_id = await sent(bank, await funded(bank), 400, "62220000001234")
    for asked in range(1, 6):
        await inquired(bank, minutes=600)
        assert len(await bank.door.facts(v1.PaymentUnanswered)) == (asked >= IN_VAIN)
    (told,) = await bank.door.facts(v1.PaymentUnanswered)
    assert (told.payment_id, told.amount, told.inquiries) == (payment_id, cny(400), IN_VAIN)
    await bank.door.deliver(told, event_id="unanswered")
    assert await open_orders(bank, payment_id) == ["payment_unanswered"]
    assert (await payment(bank, payment_id)).status == v1.PAYMENT_STATUS_PDNG
    assert (await inquired(bank, minutes=6000)).answered == 1
    (found,) = await bank.door.facts(v1.PaymentFound)
    assert found.status == v1.PAYMENT_STATUS_ACSC
    await bank.door.deliver(found, event_id="found")
    assert await open_orders(bank, payment_id) == []


async def open_orders(bank: Bank, payment_id: str) -> list[str]:
    """The kinds of the work orders about a payment that wait for somebody."""
    request = work_v1.ListWorkOrdersRequest(subject=payment_id, status=work_v1.WORK_ORDER_STATUS_OPEN)
    return [one.kind for one in (await bank.door.call(request)).work_orders]


async def test_a_late_answer_that_contradicts_moves_nothing(bank: Bank, losing: LosingRail) -> None:
    losing.loses = ["after"]
    account_id = await funded(bank)
    payment_id = await sent(bank, account_id, 400, "62220000001234")
    await inquired(bank)
    for _ in range(2):
        await bank.door.call(
            v1.ConfirmPaymentRequest(
                request_id=bank.request_id(), payment_id=payment_id, status="PAYMENT_STATUS_RJCT", reason_code="AC04"
            )
        )
    found = await payment(bank, payment_id)
    assert (found.status, found.contradiction, len(found.entry_ids)) == (v1.PAYMENT_STATUS_ACSC, "RJCT AC04", 2)
    assert (await bank.balance(account_id), await bank.balance("300103")) == (600, 0)
    assert len(await bank.door.facts(v1.PaymentContradicted)) == 1
    assert len(await bank.door.facts(v1.PaymentSettled)) == 1


async def test_what_was_rejected_before_its_rail_had_it_is_never_given_to_the_rail(
    bank: Bank, losing: LosingRail
) -> None:
    account_id = await funded(bank)
    payment_id = (await bank.door.call(send(bank, account_id, 400))).payment_id
    (told,) = await bank.door.facts(v1.PaymentSent)
    await bank.door.call(
        v1.ConfirmPaymentRequest(
            request_id="c", payment_id=payment_id, status="PAYMENT_STATUS_RJCT", reason_code="AC04"
        )
    )
    await bank.door.deliver(told)
    assert (losing.submissions, await bank.balance(account_id)) == (0, 1_000)


async def test_the_shipped_rail_is_asked_the_same_way(bank: Bank) -> None:
    account_id = await funded(bank)
    ended = {}
    for ending in ("7777", "8888", "6666", "9999"):
        ended[ending] = await sent(bank, account_id, 100, f"6222000000{ending}")
    for _ in range(3):
        await inquired(bank, minutes=60)
    statuses = {ending: (await payment(bank, payment_id)).status for ending, payment_id in ended.items()}
    assert statuses == {
        "7777": v1.PAYMENT_STATUS_ACSC,
        "8888": v1.PAYMENT_STATUS_ACSC,
        "6666": v1.PAYMENT_STATUS_RJCT,
        "9999": v1.PAYMENT_STATUS_PDNG,
    }
    assert (await bank.balance(account_id), await bank.balance("300103")) == (700, 100)
