"""Statements as other banks send them, and the way to hand one over."""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from tests.operations.bank import Bank
from zhongtai.kernel.money import Money
from zhongtai.operations.bank_statement.domain import PART_BYTES
from zhongtai.operations.iso_message.domain import (
    IsoMessage,
    MessageBalance,
    MessageBooking,
    MessageKind,
    MessageStatement,
)
from zhongtai.operations.iso_message.writing import write
from zhongtai.operations.v1 import bank_statement_pb2 as v1

NOSTRO = "acc_settlement_cny"
CREATED = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = date(2026, 5, 4)


def booking(fen: int, reference: str = "", on: date = DAY, **more: Any) -> MessageBooking:
    """A booking of a camt.053."""
    return MessageBooking(
        amount=Money("CNY", fen),
        booking_date=on,
        value_date=on,
        servicer_reference=reference,
        transactions=1,
        bank_transaction_code="PMNT/RCDT/ESCT",
        **more,
    )


def camt(*bookings: MessageBooking, account: str = "NOSTRO-1", closing: int | None = None) -> bytes:
    """A camt.053 of one account whose opening balance is nothing."""
    total = sum(one.amount.minor_units for one in bookings) if closing is None else closing
    statement = MessageStatement(
        statement_id="S-1",
        account=account,
        currency_code="CNY",
        created_at=CREATED,
        balances=(
            MessageBalance("OPBD", Money("CNY", 0), DAY),
            MessageBalance("CLBD", Money("CNY", total), DAY),
        ),
        bookings=bookings,
    )
    return write(IsoMessage(kind=MessageKind.CAMT_053, message_id="M-1", created_at=CREATED, statements=(statement,)))


async def begun(bank: Bank, content: bytes, **said: Any) -> str:
    """The id of a statement whose file was received."""
    announced = v1.BeginBankStatementRequest(
        request_id=bank.request_id(),
        account_id=NOSTRO,
        **{
            "form": v1.BANK_STATEMENT_FORM_CAMT_053,
            "name": "a file",
            "size_bytes": len(content),
            "content_hash": sha256(content).hexdigest(),
            **said,
        },
    )
    found = await bank.door.call(announced)
    if found.bank_statement.status == v1.BANK_STATEMENT_STATUS_RECEIVING:
        for number, start in enumerate(range(0, len(content), PART_BYTES)):
            part = v1.AppendBankStatementPartRequest(
                request_id=bank.request_id(),
                statement_id=found.statement_id,
                number=number,
                content=content[start : start + PART_BYTES],
            )
            await bank.door.call(part)
    return str(found.statement_id)


def landing(bank: Bank, statement_id: str) -> v1.LandBankStatementRequest:
    """The request to land a statement."""
    return v1.LandBankStatementRequest(request_id=bank.request_id(), statement_id=statement_id)


async def landed(bank: Bank, content: bytes, **said: Any) -> v1.BankStatement:
    """A statement that landed."""
    reply = await bank.door.call(landing(bank, await begun(bank, content, **said)))
    found: v1.BankStatement = reply.bank_statement
    return found


async def lines_of(bank: Bank, statement_id: str) -> list[v1.StatementLine]:
    """The lines that a statement brought, in the order of its file."""
    reply = await bank.door.call(v1.ListStatementLinesRequest(statement_id=statement_id))
    return sorted(reply.lines, key=lambda one: one.line)
