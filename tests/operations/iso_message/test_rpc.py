"""Messages through the door: our accounts and payments told in XML, and XML told back."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from google.type.date_pb2 import Date
from typer.testing import CliRunner

from tests.operations.bank import Bank, cny
from tests.operations.iso_message.examples import CREATED
from zhongtai.kernel.money import Money
from zhongtai.operations.iso_message.commands import app
from zhongtai.operations.iso_message.domain import IsoMessage, MessageKind, MessageTransaction
from zhongtai.operations.iso_message.reading import read
from zhongtai.operations.iso_message.writing import write
from zhongtai.operations.v1 import iso_message_pb2 as v1
from zhongtai.operations.v1 import payment_pb2


def day(on: date) -> Date:
    return Date(year=on.year, month=on.month, day=on.day)


async def sent(bank: Bank, account: str) -> payment_pb2.Payment:
    """An outgoing payment that its rail settled."""
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    reply = await bank.door.call(
        payment_pb2.SendPaymentRequest(
            request_id=bank.request_id(),
            end_to_end_id="E-1",
            debtor_account_id=account,
            creditor=payment_pb2.OutsideParty(name="张三", account="6222020000000001", agent="102100099996"),
            amount=cny(300_00),
            rail="simulated",
            remittance_information="五月房租",
        )
    )
    for event in await bank.door.facts(payment_pb2.PaymentSent):
        await bank.door.deliver(event)
    found: payment_pb2.Payment = reply.payment
    return found


async def test_a_message_is_read_as_it_was_written(bank: Bank) -> None:
    message = v1.IsoMessage(
        kind=v1.MESSAGE_KIND_PAIN_001,
        message_id="M-1",
        initiating_party="示例公司",
        transactions=[
            v1.MessageTransaction(
                end_to_end_id="E-1",
                amount=cny(12_345),
                on=Date(year=2026, month=5, day=4),
                debtor=v1.MessageParty(account="acc_1"),
                creditor=v1.MessageParty(name="张三", account="6222"),
            )
        ],
    )
    message.created_at.FromDatetime(CREATED)
    written = await bank.door.call(v1.WriteIsoMessageRequest(message=message))
    read_again = await bank.door.call(v1.ReadIsoMessageRequest(content=written.content))
    assert read_again.message == message


async def test_a_statement_has_both_balances_and_every_booking(bank: Bank) -> None:
    account = await bank.deposit(1_000_00)
    await sent(bank, account)
    today = (await bank.door.call(_statement(account, date(2020, 1, 1), date(2030, 1, 1)))).content
    (statement,) = read(today).statements
    assert statement.account == account
    assert [(one.code, one.amount) for one in statement.balances] == [
        ("OPBD", Money("CNY", 0)),
        ("CLBD", Money("CNY", 700_00)),
    ]
    assert [one.amount for one in statement.bookings] == [Money("CNY", 1_000_00), Money("CNY", -300_00)]
    wrong = _statement(account, date(2030, 1, 1), date(2020, 1, 1))
    assert (await bank.door.refused(wrong)).reason == "DATES_MUST_BE_IN_ORDER"


async def test_a_payment_across_the_border_is_covered_by_our_correspondent(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 6, 2, tzinfo=UTC))
    await bank.internal("nostro", "acc_nostro_usd", currency="USD")
    account = await bank.deposit(1_000_00, currency="USD")
    creditor = payment_pb2.OutsideParty(name="ACME Ltd", account="GB33BUKB20201555555555", agent="BUKBGB22")
    request = payment_pb2.SendPaymentRequest(
        request_id=bank.request_id(),
        end_to_end_id="E-9",
        debtor_account_id=account,
        creditor=creditor,
        amount={"currency_code": "USD", "minor_units": 300_00},
        rail="correspondent",
        charge_bearer="CHARGE_BEARER_SHAR",
        remittance_information="invoice 7",
    )
    payment = (await bank.door.call(request)).payment
    transfer, cover = [
        read((await bank.door.call(v1.WritePaymentMessageRequest(payment_id=payment.payment_id, kind=kind))).content)
        for kind in ("MESSAGE_KIND_PACS_008", "MESSAGE_KIND_PACS_009")
    ]
    assert (transfer.settlement_method, transfer.instructed_agent) == ("COVE", "")
    assert (cover.settlement_method, cover.instructed_agent) == ("INDA", "CORRUS33")
    (one,), (other,) = transfer.transactions, cover.transactions
    assert (other.uetr, other.end_to_end_id, other.amount) == (one.uetr, one.end_to_end_id, Money("USD", 300_00))
    assert (other.debtor.agent, other.creditor.agent) == ("ZHTACNBJ", "BUKBGB22")
    assert other.underlying is not None
    assert (other.underlying.debtor, other.underlying.creditor) == (one.debtor, one.creditor)
    assert other.underlying.remittance_information == "invoice 7"


async def test_an_entry_is_told_to_whom_it_moves(bank: Bank) -> None:
    account, other = await bank.deposit(), await bank.deposit()
    entry = await bank.post(("1001", "DEBIT", 500), (account, "CREDIT", 500), narrative="现金存入")
    asked = v1.WriteBookingMessageRequest(account_id=account, entry_id=entry.entry_id)
    (notice,) = read((await bank.door.call(asked)).content).statements
    (booking,) = notice.bookings
    assert (booking.amount, booking.remittance_information) == (Money("CNY", 500), "现金存入")
    assert booking.servicer_reference == entry.entry_id
    refusal = await bank.door.refused(v1.WriteBookingMessageRequest(account_id=other, entry_id=entry.entry_id))
    assert refusal.reason == "ENTRY_MUST_MOVE_ACCOUNT"


async def test_a_payment_is_told_to_its_rail_and_to_whoever_asked_for_it(bank: Bank) -> None:
    payment = await sent(bank, await bank.deposit(1_000_00))

    async def told(kind: str, payment_id: str = payment.payment_id) -> MessageTransaction:
        reply = await bank.door.call(v1.WritePaymentMessageRequest(payment_id=payment_id, kind=kind))
        return read(reply.content).transactions[0]

    transfer = await told("MESSAGE_KIND_PACS_008")
    assert (transfer.end_to_end_id, transfer.amount) == ("E-1", Money("CNY", 300_00))
    assert (transfer.creditor.name, transfer.creditor.agent) == ("张三", "102100099996")
    assert transfer.debtor.account == payment.debtor_account_id
    assert transfer.uetr == payment.uetr
    assert (await told("MESSAGE_KIND_PAIN_002")).status == "ACSC"
    for kind in (v1.MESSAGE_KIND_PACS_002, v1.MESSAGE_KIND_PACS_009):
        asked = v1.WritePaymentMessageRequest(payment_id=payment.payment_id, kind=kind)
        assert (await bank.door.refused(asked)).reason == "PAYMENT_MUST_FIT_MESSAGE"
    asked = v1.WritePaymentMessageRequest(payment_id=payment.payment_id, kind=v1.MESSAGE_KIND_PACS_004)
    assert (await bank.door.refused(asked)).reason == "PAYMENT_MUST_FIT_MESSAGE"
    returning = payment_pb2.ReturnPaymentRequest(
        request_id=bank.request_id(), payment_id=payment.payment_id, reason_code="AC04"
    )
    back = await told("MESSAGE_KIND_PACS_004", (await bank.door.call(returning)).return_payment_id)
    assert (back.reason_code, back.amount) == ("AC04", Money("CNY", 300_00))
    assert (back.transaction_id, back.creditor) == (payment.payment_id, transfer.creditor)


@pytest.mark.parametrize("change", ["", "<MsgId>"])
def test_a_file_is_checked_on_the_spot(tmp_path: Path, change: str) -> None:
    order = MessageTransaction(end_to_end_id="E-1", amount=Money("CNY", 123_45), on=date(2026, 5, 4))
    message = IsoMessage(kind=MessageKind.PAIN_001, message_id="M-1", created_at=CREATED, transactions=(order,))
    file = tmp_path / "order.xml"
    content = write(message).decode()
    file.write_text(content.replace(change, "<Id>").replace("</MsgId>", "</Id>") if change else content, "utf-8")
    result = CliRunner().invoke(app, ["check", str(file), "--json"])
    assert result.exit_code == (1 if change else 0)
    assert ('"line": "5"' if change else '"CNY": 12345') in result.output


def _statement(account: str, from_date: date, to_date: date) -> v1.WriteStatementMessageRequest:
    return v1.WriteStatementMessageRequest(account_id=account, from_date=day(from_date), to_date=day(to_date))
