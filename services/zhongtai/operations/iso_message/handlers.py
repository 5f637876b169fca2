"""The RPCs of messages: all of them read, nothing changes."""

from datetime import timedelta

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Side
from zhongtai.operations.iso_message import store, telling
from zhongtai.operations.iso_message.domain import BOOKINGS_MAX, IsoMessage, MessageKind
from zhongtai.operations.iso_message.reading import read
from zhongtai.operations.iso_message.writing import write
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger_entry import movements
from zhongtai.operations.ledger_entry import store as entry_store
from zhongtai.operations.payment import store as payment_store
from zhongtai.operations.rail.store import rail
from zhongtai.operations.v1 import iso_message_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import View, rpc


@rpc
def read_iso_message(request: v1.ReadIsoMessageRequest, view: View) -> v1.ReadIsoMessageResponse:
    """What a document says."""
    return v1.ReadIsoMessageResponse(message=message_of(read(request.content), v1.IsoMessage))


@rpc
def write_iso_message(request: v1.WriteIsoMessageRequest, view: View) -> v1.WriteIsoMessageResponse:
    """The document of a message."""
    return v1.WriteIsoMessageResponse(content=write(value_of(request.message, IsoMessage)))


@rpc
def write_statement_message(request: v1.WriteStatementMessageRequest, view: View) -> v1.WriteStatementMessageResponse:
    """The statement of an account."""
    account = account_store.accounts.load(view, request.account_id)
    from_date, to_date = date_of(request.from_date), date_of(request.to_date)
    telling.must_be_in_order(from_date, to_date)
    closings = [
        dict(ledger_store.closings_of(view, account.account_id, day)).get(account.currency_code, 0)
        for day in (from_date - timedelta(days=1), to_date)
    ]
    opening, closing = (Side.CREDIT.balance(account.currency_code, each) for each in closings)
    message = telling.statement(
        account.account_id,
        account.currency_code,
        opening=opening,
        closing=closing,
        entries=movements.entries_of_account(view, account.account_id, from_date, to_date, BOOKINGS_MAX + 1),
        from_date=from_date,
        to_date=to_date,
        now=view.now,
    )
    return v1.WriteStatementMessageResponse(content=write(message))


@rpc
def write_booking_message(request: v1.WriteBookingMessageRequest, view: View) -> v1.WriteBookingMessageResponse:
    """The notice of an entry."""
    account = account_store.accounts.load(view, request.account_id)
    entry = entry_store.load(view, request.entry_id)
    message = telling.notice(account.account_id, account.currency_code, entry, view.now)
    return v1.WriteBookingMessageResponse(content=write(message))


@rpc
def write_payment_message(request: v1.WritePaymentMessageRequest, view: View) -> v1.WritePaymentMessageResponse:
    """A payment in a message."""
    kind = MessageKind(v1.MessageKind.Name(request.kind).removeprefix("MESSAGE_KIND_"))
    payment = payment_store.payments.load(view, request.payment_id)
    correspondent = rail(payment.rail).correspondent(payment.amount.currency) if payment.rail else ""
    message = telling.payment(kind, payment, store.BANK, view.now, correspondent)
    return v1.WritePaymentMessageResponse(content=write(message))
