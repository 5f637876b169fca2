"""The set-based comparisons: only what may differ leaves the store. Amounts are minor units, debits above zero."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import MetaData, Select, Table, and_, bindparam, case, func, select, union

from zhongtai.operations.account.domain import GENERAL, Side
from zhongtai.operations.account.store import ACCOUNT
from zhongtai.operations.balance_history import store as history_store
from zhongtai.operations.chart import store as chart_store
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.store import BALANCE
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.operations.ledger_proof.domain import (
    BREAKS_MAX,
    Figure,
    LedgerProof,
    OpenExposureBreak,
    ProofBreak,
    ProofKind,
    compared,
    told,
    unpaired,
)
from zhongtai.operations.payment.store import PAYMENT
from zhongtai.operations.reconciliation.domain import BreakState, ReconciliationBreak
from zhongtai.operations.reconciliation.store import BREAK, ITEM, breaks
from zhongtai.runtime.store import Records, money, text
from zhongtai.runtime.unit import View

IN_TRANSIT_CODE = "300103"
# What credit books one half of and operations the other (放款, 还款): nothing is left on them once both have.
CLEARING_CODES = ("300101", "300102")
# Longer than the longest holiday without a close.
_LATELY = timedelta(days=14)
SUSPENSE_PRODUCT = "suspense"
_UNDER_WAY = ("ACSP", "PDNG")
_OUTGOING = "OUTGOING"

metadata = MetaData()
OPEN_EXPOSURE_BREAK = Table(
    "ledger_proof_exposure_break",
    metadata,
    text("break_id", primary_key=True),
    text("subject"),
    *money("counted"),
    *money("owed"),
)
exposure_breaks = Records(OPEN_EXPOSURE_BREAK, OpenExposureBreak)

_EARLIER = BALANCE.alias("earlier_balance")
_LAST_DAY = (
    select(func.max(_EARLIER.c.booking_date))
    .where(
        _EARLIER.c.book == BALANCE.c.book,
        _EARLIER.c.owner == BALANCE.c.owner,
        _EARLIER.c.currency == BALANCE.c.currency,
        _EARLIER.c.booking_date <= bindparam("on"),
    )
    .scalar_subquery()
)
_OF_BOOK: Any = bindparam("of_book")
_CLOSING_OF_ACCOUNTS = (
    select(ACCOUNT.c.account_id, ACCOUNT.c.account_code, ACCOUNT.c.product, BALANCE.c.currency, BALANCE.c.closing_minor)
    .join(BALANCE, and_(BALANCE.c.owner == ACCOUNT.c.account_id, BALANCE.c.book == ACCOUNT.c.book))
    .where(BALANCE.c.book == _OF_BOOK, BALANCE.c.booking_date == _LAST_DAY)
    .subquery()
)
_BY_CODE = select(
    _CLOSING_OF_ACCOUNTS.c.account_code, _CLOSING_OF_ACCOUNTS.c.currency, func.sum(_CLOSING_OF_ACCOUNTS.c.closing_minor)
).group_by(_CLOSING_OF_ACCOUNTS.c.account_code, _CLOSING_OF_ACCOUNTS.c.currency)
_SUSPENSE = select(
    _CLOSING_OF_ACCOUNTS.c.account_id, _CLOSING_OF_ACCOUNTS.c.currency, _CLOSING_OF_ACCOUNTS.c.closing_minor
).where(_CLOSING_OF_ACCOUNTS.c.product == SUSPENSE_PRODUCT)
_SIGNED = case((LEG.c.side == Side.DEBIT.value, LEG.c.amount_minor), else_=-LEG.c.amount_minor)


def _left_over(owner: Any) -> Select[tuple[str, str, int, str]]:
    """What the legs of a code or an account leave over by reference and currency, with the last entry of each."""
    return (
        select(ENTRY.c.reference, LEG.c.amount_currency, func.sum(_SIGNED), func.max(ENTRY.c.entry_id))
        .join(ENTRY, and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number))
        .where(LEG.c.book == _OF_BOOK, LEG.c.posted == 1, ENTRY.c.booking_date <= bindparam("on"), owner)
        .group_by(ENTRY.c.reference, LEG.c.amount_currency)
        .having(func.sum(_SIGNED) != 0)
        .order_by(ENTRY.c.reference)
    )


_LEFT_ON_CODE = _left_over(LEG.c.account_code == bindparam("code"))
_LEFT_ON_ACCOUNT = _left_over(LEG.c.account_id == bindparam("account_id"))
_UNSETTLED = select(PAYMENT.c.payment_id, PAYMENT.c.amount_currency, PAYMENT.c.amount_minor, PAYMENT.c.entry_ids).where(
    PAYMENT.c.kind == _OUTGOING, PAYMENT.c.status.in_(_UNDER_WAY)
)
# The references that were moved lately, and those of payments under way.
_AT_HAND = union(
    select(ENTRY.c.reference)
    .join(LEG, and_(LEG.c.book == ENTRY.c.book, LEG.c.number == ENTRY.c.number))
    .where(LEG.c.book == _OF_BOOK, LEG.c.number > bindparam("after"), LEG.c.account_code == bindparam("code")),
    select(PAYMENT.c.payment_id).where(PAYMENT.c.kind == _OUTGOING, PAYMENT.c.status.in_(_UNDER_WAY)),
)
_NUMBERS_AT_HAND = select(ENTRY.c.number).where(ENTRY.c.book == _OF_BOOK, ENTRY.c.reference.in_(_AT_HAND))
# The numbers lead to the legs by their key: an engine left to itself reads all legs of the book for their code.
_LEFT_AT_HAND = _left_over(and_(LEG.c.number.in_(_NUMBERS_AT_HAND), LEG.c.account_code == bindparam("code")))
_ITEM_ENTRIES = select(ITEM.c.item_id, ITEM.c.entry_id)


def prove(view: View, on: date, book: str) -> list[LedgerProof]:
    """Every proof at the end of a booking date, in the order of their kinds."""
    closings = ledger_store.closings_of_codes(view, on, book)
    return [
        _trial_balance(closings),
        _sub_ledger(view, closings, on, book),
        _suspense(view, on, book),
        _clearing(view, closings, on, book),
        _in_transit(view, on, book),
        _exposure(view),
        _reconciliation(view),
    ]


def _trial_balance(closings: Mapping[tuple[str, str], int]) -> LedgerProof:
    totals: Counter[str] = Counter()
    for (_, currency), closing in closings.items():
        totals[currency] += closing
    nothing = {("", currency): Figure(0) for currency in totals}
    return compared(
        ProofKind.TRIAL_BALANCE, nothing, {("", currency): Figure(total) for currency, total in totals.items()}
    )


def _sub_ledger(view: View, closings: Mapping[tuple[str, str], int], on: date, book: str) -> LedgerProof:
    """Each code that is posted through its accounts has what they have."""
    rows = view.rows(_BY_CODE, {"of_book": book, "on": on.isoformat()})
    accounts = {(code, currency): Figure(int(total)) for code, currency, total in rows}
    controls = {code for code, line in chart_store.in_force(view).accounts.items() if not line.takes_postings}
    codes = {place: Figure(closing) for place, closing in closings.items() if place in accounts or place[0] in controls}
    return compared(ProofKind.SUB_LEDGER, codes, accounts)


def _suspense(view: View, on: date, book: str) -> LedgerProof:
    """Suspense accounts have nothing; where one has, each reference that leaves something on it is told."""
    asked = {"of_book": book, "on": on.isoformat()}
    rows = view.rows(_SUSPENSE, asked)
    breaks: list[ProofBreak] = []
    for account_id, _, closing in rows:
        if closing:
            left = view.rows(_LEFT_ON_ACCOUNT, {**asked, "account_id": account_id})
            breaks += compared(ProofKind.SUSPENSE, {}, _figures(left, f"{account_id} ")).breaks
    return told(ProofKind.SUSPENSE, len(rows), breaks)


def _clearing(view: View, closings: Mapping[tuple[str, str], int], on: date, book: str) -> LedgerProof:
    """Clearing codes have nothing; where one has, the entries without a counterpart are told, and come to it.

    The halves of a disbursement have references of their own, a payment and a loan: they are paired by their amount.
    """
    breaks: list[ProofBreak] = []
    for code in CLEARING_CODES:
        if any(closing for place, closing in closings.items() if place[0] == code):
            left = view.rows(_LEFT_ON_CODE, {"of_book": book, "on": on.isoformat(), "code": code})
            breaks += compared(ProofKind.CLEARING, {}, unpaired(_figures(left, f"{code} "))).breaks
    return told(ProofKind.CLEARING, len(CLEARING_CODES), breaks)


def _in_transit(view: View, on: date, book: str) -> LedgerProof:
    """What is left of each payment on the code of payments in transit is what its rail has not settled yet.

    Both are taken as they stand now: a payment keeps no history of its states. Each night compares what was moved in
    the weeks before, and payments under way, one by one, and in total all that ever was; where anything differs, every
    reference is looked at.
    """
    payments = view.rows(_UNSETTLED) if book == GENERAL else []
    unsettled = {(payment_id, currency): Figure(-amount) for payment_id, currency, amount, _ in payments}
    total: Counter[str] = Counter()
    for (_, currency), figure in unsettled.items():
        total[currency] += figure.minor_units
    asked = {"of_book": book, "on": date.max.isoformat(), "code": IN_TRANSIT_CODE}
    lately = datetime.combine(min(on, view.now.date()), time(), UTC) - _LATELY
    after = history_store.last_number_as_of(view, book, lately)
    at_hand = compared(
        ProofKind.PAYMENTS_IN_TRANSIT, unsettled, _figures(view.rows(_LEFT_AT_HAND, {**asked, "after": after}), "")
    )
    closings = dict(ledger_store.closings_of(view, IN_TRANSIT_CODE, date.max, book))
    if at_hand.holds and all(closings.get(one, 0) == total[one] for one in {*closings, *total}):
        return at_hand
    return compared(ProofKind.PAYMENTS_IN_TRANSIT, unsettled, _figures(view.rows(_LEFT_ON_CODE, asked), ""))


def _exposure(view: View) -> LedgerProof:
    """Credit's own proof has no open break between limits, loans and the ledger."""
    found = exposure_breaks.where(view, order_by=OPEN_EXPOSURE_BREAK.c.break_id)
    return told(ProofKind.EXPOSURE, len(found), [ProofBreak(one.subject, "", one.owed, one.counted) for one in found])


def _reconciliation(view: View) -> LedgerProof:
    """Nothing of our accounts with other banks has been open for too long."""
    found = breaks.where(view, BREAK.c.state == BreakState.OPEN.value, order_by=BREAK.c.break_id)
    ids = [one.member_id for one in found[:BREAKS_MAX]]
    entries = {row[0]: row[1] for row in view.rows(_ITEM_ENTRIES.where(ITEM.c.item_id.in_(ids)))} if ids else {}
    return told(ProofKind.RECONCILIATION, len(found), [_open(one, entries.get(one.member_id, "")) for one in found])


def _open(one: ReconciliationBreak, entry_id: str) -> ProofBreak:
    return ProofBreak(f"{one.account_id} {one.member_id}", entry_id, one.amount.nothing, one.amount)


def _figures(rows: Any, prefix: str) -> dict[tuple[str, str], Figure]:
    return {
        (prefix + reference, currency): Figure(int(total), entry_id) for reference, currency, total, entry_id in rows
    }
