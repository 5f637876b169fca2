"""What the accrual of a date would post (计提试算): the same reckoning as the accrual's, and nothing is written."""

from datetime import date

from zhongtai.kernel.money import Money
from zhongtai.operations.deposit_accrual import store as accrual_store
from zhongtai.operations.deposit_accrual.domain import DepositAccrualLine
from zhongtai.operations.deposit_interest import store
from zhongtai.operations.deposit_interest.accruing import ACCOUNTS, Book, counted
from zhongtai.operations.deposit_interest.domain import DAY
from zhongtai.runtime.unit import View

# So many entries since the last accrual are read for a preview; it says how many it left out.
ENTRIES_AT_MOST = 100_000


def preview(view: View, on: date) -> tuple[list[DepositAccrualLine], int]:
    """What the days through one would add for each plan and currency, and how many new entries were left out."""
    book, last = Book(view), accrual_store.last(view)
    seen, newest = last.seen_number if last else 0, store.last_number(view)
    legs = store.legs(view, seen, min(newest, seen + ENTRIES_AT_MOST))
    account_ids = list(legs)
    for first in range(0, len(account_ids), ACCOUNTS):
        piece = account_ids[first : first + ACCOUNTS]
        counted(view, book, {account_id: legs[account_id] for account_id in piece}, on)
    _value(view, book, set(legs), last.business_date if last else on - DAY, on)
    return _lines(book, on), max(0, newest - seen - ENTRIES_AT_MOST)


def _value(view: View, book: Book, counted_before: set[str], after: date, on: date) -> None:
    """Counts accounts whose movements were booked before and begin to count."""
    cursor = ""
    while found := store.counting_from(view, after, on, cursor, ACCOUNTS):
        cursor = found[-1]
        fresh = [account_id for account_id in found if account_id not in counted_before]
        since = store.movements(view, fresh)
        for account_id, before in store.present(view, fresh).items():
            book.changed(before, before.rolled(on, since[account_id], book.terms(before)))


def _lines(book: Book, on: date) -> list[DepositAccrualLine]:
    lines = []
    for (plan, currency), total in sorted(book.totals().items()):
        terms = book.terms_of(plan, currency)
        after, amount = total.rolled(max(on, total.through), terms).accrued(terms)
        lines.append(DepositAccrualLine(plan, currency, amount, Money(currency, after.payable_minor), amount.nothing))
    return lines
