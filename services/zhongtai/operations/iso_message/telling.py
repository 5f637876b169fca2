"""What our own accounts and payments say in messages. Amounts of an account are as its owner sees them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Side
from zhongtai.operations.iso_message.domain import (
    BOOKINGS_MAX,
    DatesMustBeInOrder,
    EntryMustMoveAccount,
    IsoMessage,
    MessageBalance,
    MessageBooking,
    MessageKind,
    MessageParty,
    MessageStatement,
    MessageTransaction,
    PaymentMustFitMessage,
    StatementMustBeShort,
    UnderlyingTransfer,
)
from zhongtai.operations.iso_message.reading import BEIJING
from zhongtai.operations.ledger.domain import Entry, Leg
from zhongtai.operations.payment.domain import Payment, PaymentKind
from zhongtai.operations.payment_status.domain import Answer

# What a payment has to be to be told by a message; PAIN_002 tells of any.
_FITS = {
    MessageKind.PACS_008: PaymentKind.OUTGOING,
    MessageKind.PACS_009: PaymentKind.OUTGOING,
    MessageKind.PACS_004: PaymentKind.RETURN,
    MessageKind.PACS_002: PaymentKind.INCOMING,
}
# How a transfer is settled that another message covers, and the one that covers it (SettlementMethod1Code).
COVERED, ON_ACCOUNT = "COVE", "INDA"
_TRANSFER_CODE = "PMNT/ICDT/BOOK"


def must_be_in_order(from_date: date, to_date: date) -> None:
    """Refuses dates the wrong way round."""
    if from_date > to_date:
        raise DatesMustBeInOrder(from_date=from_date, to_date=to_date)


def statement(
    account_id: str,
    currency: str,
    *,
    opening: Money,
    closing: Money,
    entries: Sequence[Entry],
    from_date: date,
    to_date: date,
    now: datetime,
) -> IsoMessage:
    """The camt.053 of an account: its entries from one day to another, and what it had before and after."""
    bookings = tuple(booking for entry in entries for booking in _bookings(entry, account_id))
    if len(bookings) > BOOKINGS_MAX:
        raise StatementMustBeShort(from_date=from_date, to_date=to_date, maximum=BOOKINGS_MAX)
    reference = f"{from_date:%Y%m%d}-{to_date:%Y%m%d}-{sha256(account_id.encode()).hexdigest()[:16]}"
    told = MessageStatement(
        statement_id=reference,
        account=account_id,
        currency_code=currency,
        created_at=now,
        from_date=from_date,
        to_date=to_date,
        balances=(MessageBalance("OPBD", opening, from_date), MessageBalance("CLBD", closing, to_date)),
        bookings=bookings,
    )
    return IsoMessage(kind=MessageKind.CAMT_053, message_id=reference, created_at=now, statements=(told,))


def notice(account_id: str, currency: str, entry: Entry, now: datetime) -> IsoMessage:
    """The camt.054 of an entry on an account."""
    bookings = tuple(_bookings(entry, account_id))
    if not bookings:
        raise EntryMustMoveAccount(entry_id=entry.entry_id, account_id=account_id)
    told = MessageStatement(
        statement_id=entry.entry_id,
        account=account_id,
        currency_code=currency,
        created_at=now,
        bookings=bookings,
    )
    return IsoMessage(kind=MessageKind.CAMT_054, message_id=entry.entry_id, created_at=now, statements=(told,))


def payment(kind: MessageKind, told: Payment, bank: MessageParty, now: datetime, correspondent: str = "") -> IsoMessage:
    """A payment as a message of that kind tells it; `correspondent` is the bank that covers it, where one does."""
    if (kind in _FITS and told.kind is not _FITS[kind]) or (kind is MessageKind.PACS_009 and not correspondent):
        raise PaymentMustFitMessage(payment_id=told.payment_id, payment_kind=told.kind, message_kind=kind)
    transfer = MessageTransaction(
        instruction_id=told.instruction_id,
        end_to_end_id=told.end_to_end_id,
        transaction_id=told.payment_id,
        uetr=told.uetr,
        amount=told.amount,
        on=(told.settled_at or told.created_at).astimezone(BEIJING).date(),
        debtor=_side(told, told.debtor_account_id, bank),
        creditor=_side(told, told.creditor_account_id, bank),
        charge_bearer=told.charge_bearer or "",
        purpose_code=told.purpose_code,
        remittance_information=told.remittance_information,
    )
    message = IsoMessage(kind=kind, message_id=told.payment_id, created_at=now, transactions=(transfer,))
    match kind:
        case MessageKind.PACS_008:
            return replace(message, settlement_method=COVERED if correspondent else "")
        case MessageKind.PACS_009:
            cover = _cover(transfer, bank)
            return replace(message, settlement_method=ON_ACCOUNT, instructed_agent=correspondent, transactions=(cover,))
        case MessageKind.PACS_004:
            about, original, one = told.original_payment_id, MessageKind.PACS_008, _back(told, transfer)
        case MessageKind.PACS_002:
            about, original, one = told.end_to_end_id, MessageKind.PACS_008, _standing(told)
        case _:
            about, original, one = told.end_to_end_id, MessageKind.PAIN_001, _standing(told)
            message = replace(message, initiating_party=bank.name)
    return replace(message, original_message_id=about, original_schema=original.schema, transactions=(one,))


def answer(told: Payment, said: Answer, now: datetime) -> IsoMessage:
    """The pacs.002 by which a rail answers to the pacs.008 of a payment."""
    stands = MessageTransaction(
        end_to_end_id=told.end_to_end_id,
        transaction_id=told.payment_id,
        uetr=told.uetr,
        status=said.status,
        reason_code=said.reason_code,
    )
    return IsoMessage(
        kind=MessageKind.PACS_002,
        message_id=f"{told.payment_id}-{said.status}",
        created_at=now,
        original_message_id=told.payment_id,
        original_schema=MessageKind.PACS_008.schema,
        transactions=(stands,),
    )


def _standing(told: Payment) -> MessageTransaction:
    """How a payment stands, to whoever gave it its reference."""
    return MessageTransaction(end_to_end_id=told.end_to_end_id, status=told.status, reason_code=told.reason_code)


def _cover(transfer: MessageTransaction, bank: MessageParty) -> MessageTransaction:
    """What our correspondent is told: to pay the bank of a transfer's creditor from our account.

    Source: CBPR+ usage guidelines of pacs.009 COV: EndToEndId and UETR are those of the transfer that it covers.
    """
    return MessageTransaction(
        end_to_end_id=transfer.end_to_end_id,
        transaction_id=transfer.transaction_id,
        uetr=transfer.uetr,
        amount=transfer.amount,
        on=transfer.on,
        debtor=MessageParty(bank.name, "", bank.agent),
        creditor=MessageParty("", "", transfer.creditor.agent),
        underlying=UnderlyingTransfer(
            debtor=transfer.debtor,
            creditor=transfer.creditor,
            amount=transfer.amount,
            remittance_information=transfer.remittance_information,
        ),
    )


def _back(told: Payment, transfer: MessageTransaction) -> MessageTransaction:
    """A return names the transfer that it gives back, whose debtor is the creditor now."""
    return MessageTransaction(
        return_id=told.payment_id,
        charges=told.charges,
        transaction_id=told.original_payment_id,
        amount=transfer.amount,
        on=transfer.on,
        debtor=transfer.creditor,
        creditor=transfer.debtor,
        reason_code=told.reason_code,
    )


def _side(told: Payment, account_id: str, bank: MessageParty) -> MessageParty:
    """One side of a payment: an account of ours, or the party at another bank."""
    if account_id:
        return MessageParty("", account_id, bank.agent)
    outside = told.outside_party
    return MessageParty(outside.name, outside.account, outside.agent) if outside else bank


def _bookings(entry: Entry, account_id: str) -> list[MessageBooking]:
    own = [(place, leg) for place, leg in enumerate(entry.legs) if leg.account_id == account_id]
    return [
        MessageBooking(
            amount=_signed(leg),
            reversal=entry.reverses is not None,
            booking_date=entry.booking_date,
            value_date=entry.value_date,
            entry_reference=f"{entry.number}-{place}",
            servicer_reference=entry.entry_id,
            bank_transaction_code=_TRANSFER_CODE,
            transactions=1,
            remittance_information=entry.narrative[:140],
        )
        for place, leg in own
    ]


def _signed(leg: Leg) -> Money:
    return leg.amount if leg.side is Side.CREDIT else -leg.amount
