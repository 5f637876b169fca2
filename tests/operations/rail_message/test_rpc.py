"""Messages of rails: what arrives is booked once, what comes back is ours, and what is wrong moves nothing."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.bank import Bank, cny
from tests.operations.bank_statement.files import DAY, NOSTRO
from tests.operations.iso_message.examples import CREATED
from zhongtai.kernel.money import Money
from zhongtai.operations.iso_message.domain import IsoMessage, MessageKind, MessageParty, MessageTransaction
from zhongtai.operations.iso_message.reading import read
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


async def sent(bank: Bank, account: str, creditor: str = "6222020000000001") -> payment_pb2.Payment:
    """An outgoing payment that its rail was given, and settled unless the creditor's account says otherwise."""
    reply = await bank.door.call(
        payment_pb2.SendPaymentRequest(
            request_id=bank.request_id(),
            end_to_end_id="E-OUT",
            debtor_account_id=account,
            creditor=payment_pb2.OutsideParty(name="张三", account=creditor, agent="102100099996"),
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


async def pending(bank: Bank, account: str) -> payment_pb2.Payment:
    """An outgoing payment whose outcome its rail does not know."""
    return await sent(bank, account, creditor="6222020000009999")


async def stands(bank: Bank, payment_id: str) -> payment_pb2.Payment:
    """The payment as it stands."""
    found: payment_pb2.Payment = (await bank.door.call(payment_pb2.GetPaymentRequest(payment_id=payment_id))).payment
    return found


def reporting(payment: payment_pb2.Payment, status: str, *, whole: bool = False, **more: Any) -> bytes:
    """The pacs.002 of a rail, on a payment, or on the whole message that it was."""
    one = MessageTransaction(
        transaction_id=payment.payment_id, **{"uetr": payment.uetr, "status": status, "reason_code": "", **more}
    )
    message = IsoMessage(
        kind=MessageKind.PACS_002,
        message_id="R-1",
        created_at=CREATED,
        original_message_id=payment.payment_id,
        original_schema=MessageKind.PACS_008.schema,
        status=status if whole else "",
        transactions=() if whole else (one,),
    )
    return write(message)


async def test_a_report_of_its_rail_settles_a_payment_whose_outcome_nobody_knew(bank: Bank, account: str) -> None:
    payment = await pending(bank, account)
    for status, now in (("ACSP", "PDNG"), ("ACCC", "ACSC"), ("ACSC", "ACSC")):
        (told,) = (await bank.door.call(receiving(bank, reporting(payment, status)))).transfers
        assert payment_pb2.PaymentStatus.Name(told.status) == f"PAYMENT_STATUS_{now}"
        assert (told.payment_id, told.contradiction) == (payment.payment_id, "")
    assert await bank.balance("300103") == 0
    await bank.must_be_sound()


@pytest.mark.parametrize("whole", [False, True])
async def test_a_report_of_its_rail_gives_a_payment_back(bank: Bank, account: str, whole: bool) -> None:
    payment = await pending(bank, account)
    assert await bank.balance(account) == 600_00
    (told,) = (await bank.door.call(receiving(bank, reporting(payment, "RJCT", whole=whole)))).transfers
    assert (told.status, told.reason_code) == (payment_pb2.PAYMENT_STATUS_RJCT, "MS03")
    assert await bank.balance(account) == 1_000_00
    await bank.must_be_sound()


async def test_a_report_against_an_outcome_that_is_known_moves_nothing_and_is_told(bank: Bank, account: str) -> None:
    payment = await pending(bank, account)
    await bank.door.call(receiving(bank, reporting(payment, "ACSC")))
    late = reporting(payment, "RJCT", reason_code="AC04")
    for _ in range(2):
        (told,) = (await bank.door.call(receiving(bank, late))).transfers
        assert (told.status, told.contradiction) == (payment_pb2.PAYMENT_STATUS_ACSC, "RJCT AC04")
    (fact,) = await bank.door.facts(payment_pb2.PaymentContradicted)
    assert (fact.payment_id, fact.contradiction) == (payment.payment_id, "RJCT AC04")
    assert await bank.balance(account) == 600_00


async def test_a_report_on_what_is_not_ours_is_refused(bank: Bank, account: str) -> None:
    payment = await pending(bank, account)
    other = "7a562c67-ca16-48ba-b074-65581be6f001"
    for content, rail, reason in (
        (reporting(payment, "ACSC"), "hvps", "REPORTED_PAYMENT_NOT_FOUND"),
        (reporting(payment, "ACSC", uetr=other), "simulated", "REPORTED_PAYMENT_NOT_FOUND"),
        (reporting(payment_pb2.Payment(payment_id="pay_unknown"), "ACSC"), "simulated", "REPORTED_PAYMENT_NOT_FOUND"),
        (reporting(payment, "XXXX"), "simulated", "TRANSACTION_MUST_BE_COMPLETE"),
    ):
        assert (await bank.door.refused(receiving(bank, content, rail))).reason == reason
    assert (await stands(bank, payment.payment_id)).status == payment_pb2.PAYMENT_STATUS_PDNG


async def test_the_simulated_rail_answers_by_the_message_of_a_rail(bank: Bank, account: str) -> None:
    payment = await sent(bank, account, creditor="6222020000006666")
    assert (await stands(bank, payment.payment_id)).status == payment_pb2.PAYMENT_STATUS_PDNG
    answer = await bank.door.call(v1.WriteRailAnswerRequest(payment_id=payment.payment_id))
    (told,) = (await bank.door.call(receiving(bank, answer.content))).transfers
    assert (told.status, told.reason_code) == (payment_pb2.PAYMENT_STATUS_RJCT, "AC06")
    arrived = (await bank.door.call(receiving(bank, write(pacs_008(arriving("E-1", account)))))).transfers[0]
    asked = v1.WriteRailAnswerRequest(payment_id=arrived.payment_id)
    assert (await bank.door.refused(asked)).reason == "PAYMENT_MUST_BE_SENT"


async def test_what_arrives_is_answered_by_a_report(bank: Bank, account: str) -> None:
    content = write(pacs_008(arriving("E-1", account), arriving("E-2", "acc_nobody")))
    reply = await bank.door.call(receiving(bank, content))
    report = read(reply.report)
    assert (report.original_message_id, report.original_schema) == ("P-1", "pacs.008.001.08")
    told = [(one.end_to_end_id, one.transaction_id, one.status, one.reason_code) for one in report.transactions]
    assert told == [("E-1", "T-E-1", "ACSC", ""), ("E-2", "T-E-2", "RJCT", "AC01")]


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
