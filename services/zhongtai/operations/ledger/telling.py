"""How entries are told, in replies and events: written out field by field, for there are thousands in a second."""

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.operations.account.domain import Side
from zhongtai.operations.ledger.domain import Entry, EntryKind, Leg
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.operations.v1.dimension_pb2 import Dimensions as DimensionsMessage
from zhongtai.runtime.convert import date_message, instant_message, message_of

_SIDES = {Side.DEBIT: v1.SIDE_DEBIT, Side.CREDIT: v1.SIDE_CREDIT}
_KINDS = {kind: f"ENTRY_KIND_{kind}" for kind in EntryKind}


def entry_message(entry: Entry) -> v1.Entry:
    """An entry as a message."""
    return v1.Entry(
        entry_id=entry.entry_id,
        number=entry.number,
        booking_date=date_message(entry.booking_date),
        value_date=date_message(entry.value_date),
        reference=entry.reference,
        narrative=entry.narrative,
        legs=[_leg_message(leg) for leg in entry.legs],
        reverses=entry.reverses,
        posted_at=instant_message(entry.posted_at),
        posted_by=entry.posted_by,
        previous_hash=entry.previous_hash,
        hash=entry.hash,
        book=entry.book,
        kind=_KINDS[entry.kind],
        resolves=entry.resolves,
        expires_at=instant_message(entry.expires_at) if entry.expires_at else None,
        form=entry.form,
    )


def entry_posted(entry: Entry) -> v1.EntryPosted:
    """The event that an entry was posted."""
    return v1.EntryPosted(
        entry_id=entry.entry_id,
        number=entry.number,
        booking_date=date_message(entry.booking_date),
        value_date=date_message(entry.value_date),
        reference=entry.reference,
        legs=[_leg_message(leg) for leg in entry.legs],
        reverses=entry.reverses,
        hash=entry.hash,
        book=entry.book,
        kind=_KINDS[entry.kind],
        resolves=entry.resolves,
    )


def _leg_message(leg: Leg) -> v1.Leg:
    return v1.Leg(
        account_code=leg.account_code,
        account_id=leg.account_id,
        side=_SIDES[leg.side],
        amount=MoneyMessage(currency_code=leg.amount.currency, minor_units=leg.amount.minor_units),
        dimensions=message_of(leg.dimensions, DimensionsMessage) if leg.dimensions else None,
    )
