"""Files of payments: each transfer is an order or is rejected, and what was paid comes back on the statement."""

from dataclasses import replace
from datetime import date

import pytest

from tests.operations.bank import Bank
from tests.operations.bank_statement.files import DAY, NOSTRO, booking, camt, landed
from tests.operations.iso_message.examples import CREATED
from zhongtai.kernel.money import Money
from zhongtai.operations.iso_message.domain import (
    TRANSACTIONS_MAX,
    IsoMessage,
    MessageKind,
    MessageParty,
    MessageTransaction,
)
from zhongtai.operations.iso_message.reading import read
from zhongtai.operations.iso_message.store import BANK
from zhongtai.operations.iso_message.writing import write
from zhongtai.operations.v1 import ledger_proof_pb2, payment_pb2
from zhongtai.operations.v1 import payment_initiation_pb2 as v1
from zhongtai.operations.v1 import reconciliation_pb2 as reconciliation_v1

OUTSIDE = MessageParty("张三", "6222020000000001", "102100099996")


def transfer(reference: str, debtor: str, creditor: MessageParty, fen: int = 100_00) -> MessageTransaction:
    """A transfer from an account of ours."""
    return MessageTransaction(
        end_to_end_id=reference,
        amount=Money("CNY", fen),
        on=DAY,
        debtor=MessageParty("示例公司", debtor, BANK.agent),
        creditor=creditor,
        charge_bearer="SLEV",
        purpose_code="SALA",
        remittance_information="五月工资",
    )


def pain_001(*transactions: MessageTransaction) -> IsoMessage:
    """A file of transfers."""
    return IsoMessage(
        kind=MessageKind.PAIN_001,
        message_id="M-1",
        created_at=CREATED,
        initiating_party="示例公司",
        transactions=transactions,
    )


def initiating(bank: Bank, message: IsoMessage | bytes) -> v1.InitiatePaymentsRequest:
    """The request to pay a file."""
    content = message if isinstance(message, bytes) else write(message)
    return v1.InitiatePaymentsRequest(request_id=bank.request_id(), content=content, rail="simulated")


@pytest.fixture
async def debtor(bank: Bank) -> str:
    """The account of a firm, on a day of the bank."""
    bank.door.today(DAY)
    await bank.internal("central_bank_settlement", NOSTRO)
    return await bank.deposit(1_000_00)


async def test_a_file_is_paid_comes_back_on_the_statement_and_is_matched_whole(bank: Bank, debtor: str) -> None:
    colleague = await bank.deposit()
    message = pain_001(
        transfer("E-1", debtor, OUTSIDE, 300_00),
        transfer("E-2", debtor, replace(OUTSIDE, name="李四", account="6222020000000002"), 200_00),
        transfer("E-3", debtor, MessageParty("王五", colleague, BANK.agent), 50_00),
    )
    reply = await bank.door.call(initiating(bank, message))
    assert [one.end_to_end_id for one in reply.payments] == ["E-1", "E-2", "E-3"]
    for _ in range(2):
        for event in await bank.door.facts(payment_pb2.PaymentSent):
            await bank.door.deliver(event)
    assert (await bank.balance(debtor), await bank.balance(colleague)) == (450_00, 50_00)
    payments = (await bank.door.call(payment_pb2.ListPaymentsRequest())).payments
    assert {one.status for one in payments} == {payment_pb2.PAYMENT_STATUS_ACSC}
    # The central bank tells in its camt.053 of what went over the rail, under references of its own.
    outgoing = [one for one in payments if one.kind == payment_pb2.PAYMENT_KIND_OUTGOING]
    bookings = [
        booking(-one.amount.minor_units, f"PBC-{place}", end_to_end_id=one.end_to_end_id)
        for place, one in enumerate(outgoing)
    ]
    await landed(bank, camt(*bookings))
    setting = reconciliation_v1.SetReconciliationRequest(
        request_id=bank.request_id(), account_id=NOSTRO, break_after_days=1
    )
    await bank.door.call(setting)
    run = reconciliation_v1.ReconcileAccountRequest(request_id=bank.request_id(), account_id=NOSTRO)
    matched = await bank.door.call(run)
    assert (matched.matches, matched.breaks_found) == (2, 0)
    assert (matched.reconciliation.lines_open, matched.reconciliation.items_open) == (0, 0)
    assert (await bank.door.call(ledger_proof_pb2.ProveLedgerRequest())).proven
    await bank.must_be_sound()


async def test_what_cannot_be_ordered_is_rejected_beside_the_others_and_told_in_the_report(
    bank: Bank, debtor: str
) -> None:
    message = pain_001(
        transfer("E-1", debtor, OUTSIDE),
        transfer("E-2", "acc_nobody", OUTSIDE),
        transfer("E-3", debtor, OUTSIDE, 99_999_00),
    )
    reply = await bank.door.call(initiating(bank, message))
    sent, unknown, poor = reply.payments
    assert (sent.status, bool(sent.payment_order_id), sent.refusal) == (payment_pb2.PAYMENT_STATUS_ACSP, True, "")
    assert (unknown.reason_code, unknown.refusal, unknown.payment_order_id) == ("AC01", "ACCOUNT_NOT_FOUND", "")
    assert (poor.status, poor.reason_code, bool(poor.payment_order_id)) == (
        payment_pb2.PAYMENT_STATUS_RJCT,
        "AM04",
        True,
    )
    told = read(reply.report)
    assert (told.kind, told.original_message_id) == (MessageKind.PAIN_002, "M-1")
    assert [(one.end_to_end_id, one.status, one.reason_code) for one in told.transactions] == [
        ("E-1", "ACSP", ""),
        ("E-2", "RJCT", "AC01"),
        ("E-3", "RJCT", "AM04"),
    ]


async def test_the_same_file_again_pays_nothing_again(bank: Bank, debtor: str) -> None:
    message = pain_001(transfer("E-1", debtor, OUTSIDE))
    first = await bank.door.call(initiating(bank, message))
    again = await bank.door.call(initiating(bank, message))
    assert [one.payment_order_id for one in again.payments] == [one.payment_order_id for one in first.payments]
    assert await bank.balance(debtor) == 900_00


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"end_to_end_id": ""}, "EndToEndId"),
        ({"amount": Money("CNY", 0)}, "InstdAmt"),
        ({"creditor": replace(OUTSIDE, agent="some bank")}, "CdtrAgt"),
        ({"creditor": replace(OUTSIDE, account="")}, "CdtrAcct"),
        ({"purpose_code": "A1"}, "Purp"),
        ({"debtor": MessageParty("示例公司", "", BANK.agent)}, "DbtrAcct"),
    ],
)
async def test_a_file_that_lacks_something_is_refused_whole(
    bank: Bank, debtor: str, change: dict[str, object], field: str
) -> None:
    good = transfer("E-1", debtor, OUTSIDE)
    bad = replace(transfer("E-2", debtor, OUTSIDE), **change)  # type: ignore[arg-type]
    refusal = await bank.door.refused(initiating(bank, pain_001(good, bad)))
    assert refusal.reason == "TRANSACTION_MUST_BE_COMPLETE"
    assert (refusal.metadata["position"], refusal.metadata["field"]) == ("2", field)
    assert await bank.balance(debtor) == 1_000_00


async def test_bad_files_are_refused_by_name_and_move_nothing(bank: Bank, debtor: str) -> None:
    good = write(pain_001(transfer("E-1", debtor, OUTSIDE)))
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "&%c;&%c;">' % (98 + step, 97 + step, 97 + step) for step in range(20)
    )
    many = pain_001(*(transfer(f"E-{number}", debtor, OUTSIDE) for number in range(TRANSACTIONS_MAX + 1)))
    returned = replace(pain_001(transfer("E-1", debtor, OUTSIDE)), kind=MessageKind.PACS_008)
    for content, reason in (
        (laughs + b"]><a>&u;</a>", "XML_MUST_BE_PLAIN"),
        (good.replace(b"pain.001.001.09", b"pain.001.001.02"), "MESSAGE_KIND_MUST_BE_KNOWN"),
        (good.decode().encode("utf-16"), "XML_MUST_BE_WELL_FORMED"),
        (good.decode().encode("gb18030"), "XML_MUST_BE_WELL_FORMED"),
        (good[:-20], "XML_MUST_BE_WELL_FORMED"),
        (good.replace(b"<NbOfTxs>1<", b"<NbOfTxs>9<", 1), "MESSAGE_MUST_ADD_UP"),
        (write(returned), "MESSAGE_MUST_INITIATE_PAYMENTS"),
        (write(many), "TRANSACTIONS_MUST_BE_FEWER"),
    ):
        assert (await bank.door.refused(initiating(bank, content))).reason == reason
    assert await bank.balance(debtor) == 1_000_00


async def test_a_date_that_is_past_rejects_its_transfer(bank: Bank, debtor: str) -> None:
    late = replace(transfer("E-1", debtor, OUTSIDE), on=date(2026, 4, 30))
    (one,) = (await bank.door.call(initiating(bank, pain_001(late)))).payments
    assert (one.status, one.refusal) == (payment_pb2.PAYMENT_STATUS_RJCT, "EXECUTION_DATE_MUST_NOT_BE_PAST")
