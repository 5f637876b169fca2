"""Messages of rails: what arrives is booked once, what comes back is ours, and what is wrong moves nothing."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.bank import Bank, cny
from tests.operations.bank_statement.files import DAY, NOSTRO
from tests.operations.iso_message.examples import CREATED
from zhongtai.kernel.money import Money
from zhongtai.operations.iso_message.domain import IsoMessage, MessageKind, MessageParty, MessageTransaction
from zhongtai.operations.iso_message.writing import write
from zhongtai.operations.v1 import iso_message_pb2, payment_pb2
from zhongtai.operations.v1 import rail_message_pb2 as v1

SENDER = MessageParty("李四", "6222020000000009", "102100099996")


@pytest.fixture
async def account(bank: Bank) -> str:
    """A customer's account, on a day of the bank."""
    bank.door.today(DAY)
    await bank.internal("central_bank_settlement", NOSTRO)
    return await bank.deposit(1_000_00)


def pacs_008(*transactions: MessageTransaction) -> IsoMessage:
    """A message of transfers that arrive."""
    return IsoMessage(kind=MessageKind.PACS_008, message_id="P-1", created_at=CREATED, transactions=transactions)


def arriving(reference: str, account: str, fen: int = 300_00) -> MessageTransaction:
    """A transfer to an account of ours."""
    return MessageTransaction(
        end_to_end_id=reference,
        transaction_id=f"T-{reference}",
        amount=Money("CNY", fen),
        on=DAY,
        debtor=SENDER,
        creditor=MessageParty("示例公司", account, "ZHTACNBJ"),
        charge_bearer="SLEV",
        remittance_information="货款",
    )


def receiving(bank: Bank, content: bytes, rail: str = "simulated") -> v1.ReceiveRailMessageRequest:
    """The request to book a message."""
    return v1.ReceiveRailMessageRequest(request_id=bank.request_id(), rail=rail, content=content)


async def sent(bank: Bank, account: str) -> payment_pb2.Payment:
    """An outgoing payment that its rail settled."""
    reply = await bank.door.call(
        payment_pb2.SendPaymentRequest(
            request_id=bank.request_id(),
            end_to_end_id="E-OUT",
            debtor_account_id=account,
            creditor=payment_pb2.OutsideParty(name="张三", account="6222020000000001", agent="102100099996"),
            amount=cny(400_00),
            rail="simulated",
        )
    )
    for event in await bank.door.facts(payment_pb2.PaymentSent):
        await bank.door.deliver(event)
    found: payment_pb2.Payment = reply.payment
    return found


def returning(payment_id: str, fen: int = 400_00, return_id: str = "R-1", **more: Any) -> bytes:
    """The pacs.004 of the other bank."""
    back = MessageTransaction(
        return_id=return_id,
        transaction_id=payment_id,
        end_to_end_id="E-OUT",
        amount=Money("CNY", fen),
        on=DAY,
        reason_code="AC04",
        **more,
    )
    message = IsoMessage(
        kind=MessageKind.PACS_004,
        message_id="P-2",
        created_at=CREATED,
        original_message_id=payment_id,
        original_schema=MessageKind.PACS_008.schema,
        transactions=(back,),
    )
    return write(message)


async def test_what_arrives_is_booked_once_and_what_cannot_be_is_told_beside_it(bank: Bank, account: str) -> None:
    content = write(pacs_008(arriving("E-1", account), arriving("E-2", "acc_nobody")))
    replies = [await bank.door.call(receiving(bank, content)) for _ in range(2)]
    booked, unknown = replies[0].transfers
    assert (booked.status, unknown.status) == (payment_pb2.PAYMENT_STATUS_ACSC, payment_pb2.PAYMENT_STATUS_RJCT)
    assert (unknown.reason_code, unknown.refusal, unknown.payment_id) == ("AC01", "ACCOUNT_NOT_FOUND", "")
    assert replies[1].transfers[0].payment_id == booked.payment_id
    assert await bank.balance(account) == 1_300_00
    await bank.must_be_sound()


async def test_the_same_reference_with_another_amount_is_refused(bank: Bank, account: str) -> None:
    await bank.door.call(receiving(bank, write(pacs_008(arriving("E-1", account)))))
    other = write(pacs_008(arriving("E-1", account, 1)))
    assert (await bank.door.refused(receiving(bank, other))).reason == "END_TO_END_ID_MUST_BE_UNIQUE"
    assert await bank.balance(account) == 1_300_00


async def test_what_comes_back_is_credited_once(bank: Bank, account: str) -> None:
    payment = await sent(bank, account)
    assert await bank.balance(account) == 600_00
    content = returning(payment.payment_id)
    first, again = [(await bank.door.call(receiving(bank, content))).transfers[0] for _ in range(2)]
    assert (first.payment_id, first.reason_code) == (again.payment_id, "AC04")
    assert await bank.balance(account) == 1_000_00
    told = await bank.door.call(payment_pb2.GetPaymentRequest(payment_id=first.payment_id))
    assert (told.payment.original_payment_id, told.payment.reason_code) == (payment.payment_id, "AC04")
    # What we would send for it is read as what we were sent.
    written = await bank.door.call(
        iso_message_pb2.WritePaymentMessageRequest(payment_id=first.payment_id, kind="MESSAGE_KIND_PACS_004")
    )
    assert (await bank.door.call(receiving(bank, written.content))).transfers[0].payment_id == first.payment_id
    await bank.must_be_sound()


async def test_parts_come_back_once_each_and_the_other_bank_may_keep_charges(bank: Bank, account: str) -> None:
    payment = await sent(bank, account)
    one = returning(payment.payment_id, 100_00)
    rest = returning(payment.payment_id, 295_00, "R-2", charges=Money("CNY", 5_00))
    ids = [
        (await bank.door.call(receiving(bank, content))).transfers[0].payment_id for content in (one, one, rest, one)
    ]
    assert ids[0] == ids[1] == ids[3] != ids[2]
    assert await bank.balance(account) == 995_00
    found = (await bank.door.call(payment_pb2.GetPaymentRequest(payment_id=payment.payment_id))).payment
    assert (found.refunded.minor_units, found.undone_by) == (400_00, ids[2])
    for content, reason in (
        (returning(payment.payment_id, 99_00), "END_TO_END_ID_MUST_BE_UNIQUE"),
        (returning(payment.payment_id, 1, "R-3"), "PAYMENT_ALREADY_RETURNED"),
    ):
        assert (await bank.door.refused(receiving(bank, content))).reason == reason
    assert await bank.balance(account) == 995_00
    await bank.must_be_sound()


async def test_what_is_wrong_is_refused_and_moves_nothing(bank: Bank, account: str) -> None:
    payment = await sent(bank, account)
    good = arriving("E-1", account)
    nameless = replace(good, debtor=replace(SENDER, agent="a bank"))
    order = replace(pacs_008(replace(good, transaction_id="")), kind=MessageKind.PAIN_001)
    for content, rail, reason in (
        (returning("pay_unknown"), "simulated", "RETURNED_PAYMENT_NOT_FOUND"),
        (returning(payment.payment_id), "hvps", "RETURNED_PAYMENT_NOT_FOUND"),
        (returning(payment.payment_id, 401_00), "simulated", "RETURN_MUST_NOT_EXCEED_PAID"),
        (returning(payment.payment_id, 399_00, charges=Money("CNY", 1_01)), "simulated", "RETURN_MUST_NOT_EXCEED_PAID"),
        (returning(payment.payment_id, return_id=""), "simulated", "TRANSACTION_MUST_BE_COMPLETE"),
        (write(pacs_008(good)), "pigeon", "RAIL_NOT_FOUND"),
        (write(pacs_008(good, nameless)), "simulated", "TRANSACTION_MUST_BE_COMPLETE"),
        (write(order), "simulated", "RAIL_MESSAGE_MUST_MOVE_MONEY"),
        (b"<a/>", "simulated", "MESSAGE_KIND_MUST_BE_KNOWN"),
    ):
        assert (await bank.door.refused(receiving(bank, content, rail))).reason == reason
    assert await bank.balance(account) == 600_00
