"""What the ledger computes over many entries at once: posting a batch, the trial balance. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Protocol

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.book_day.domain import BookDates
from zhongtai.operations.chart.domain import Chart, GeneralAccount
from zhongtai.operations.ledger.domain import (
    GENESIS,
    AccountMustBeOfTheBook,
    Draft,
    Entry,
    EntryKind,
    Leg,
)
from zhongtai.operations.pending_entry import domain as pending_entry
from zhongtai.operations.pending_entry.domain import LASTS, PendingEntry

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
# Whose balance: the book; an account code or an account id; the currency; the booking date.
Place = tuple[str, str, str, date]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a book's chain: the last number and hash, the latest booking date and instant of all its entries."""

    book: str
    number: int = 0
    hash: str = GENESIS
    latest_booking_date: date = date.min
    latest_posted_at: datetime = _FIRST


class Books(Protocol):
    """The books as they are: what posting asks of them, and is refused where it is not there."""

    @property
    def chart(self) -> Chart:
        """The chart of accounts."""

    def dates(self, book: str) -> BookDates:
        """What a book says about the dates of its entries."""

    def head(self, book: str) -> Head:
        """The end of a book's chain."""

    def account(self, account_id: str) -> Account:
        """An account."""

    def pending(self, entry_id: str) -> PendingEntry:
        """A pending entry."""

    def code_balance(self, book: str, account_code: str, currency: str) -> int:
        """The latest balance of a code in minor units, debits above zero."""


class Posting:
    """Drafts posted one after the other, each on what the one before left, and all they change: the entries, the
    accounts after them and `before`, the movement of each balance, the ends of the chains.

    Where a draft is refused, nothing of the posting may be written.
    """

    def __init__(self, books: Books, now: datetime, business_date: date, posted_by: str) -> None:
        """Posts to the books as they are, in the name of a subject."""
        self.entries: list[Entry] = []
        self.accounts: dict[str, Account] = {}
        self.before: dict[str, Account] = {}
        self.movements: dict[Place, int] = {}
        self.heads: dict[str, Head] = {}
        self._pending: dict[str, PendingEntry] = {}
        self._books = books
        self._now = now
        self._business_date = business_date
        self._posted_by = posted_by

    def post(self, draft: Draft) -> Entry:
        """Posts one draft, or refuses it."""
        book, kind, now = draft.book, draft.kind, self._now
        if kind is not EntryKind.POSTED:
            draft = self._complete(draft)
        assert len(draft.legs) >= 2, "an entry has two legs or more"
        draft.must_balance()
        booking_date = draft.booked_on(self._books.dates(book), self._business_date, self._posted_by)
        legs = tuple([self._resolved(leg, book) for leg in draft.legs])
        # What was posted before a code closed may still be taken back.
        if self._books.chart.closed_from and not draft.reverses:
            for leg in legs:
                self._books.chart.must_be_open(leg.account_code, booking_date)
        head = self._head(book)
        # Instants of one book never go back, whatever the clock does: as of when is a question of numbers.
        posted_at = max(now, head.latest_posted_at)
        number = head.number + 1
        entry = Entry(
            draft.entry_id,
            number,
            booking_date,
            draft.value_date or draft.booking_date or booking_date,
            draft.reference,
            draft.narrative,
            legs,
            draft.reverses,
            posted_at,
            self._posted_by,
            head.hash,
            "",
            book,
            kind,
            draft.resolves,
            draft.expires_at,
        )
        if kind is EntryKind.PENDING:
            self._hold(draft, entry)
        else:
            self._move(draft, entry)
        self.entries.append(entry)
        self.heads[book] = Head(book, number, entry.hash, max(head.latest_booking_date, booking_date), posted_at)
        for condition in draft.conditions:
            condition.must_hold(self._balance(book, condition.owner, condition.currency))
        return entry

    def _complete(self, draft: Draft) -> Draft:
        """The draft of an entry that holds or resolves, with what it leaves unsaid."""
        if draft.resolves:
            return replace(draft, legs=self._pending_entry(draft.resolves).legs_for(draft, self._now))
        return replace(draft, expires_at=draft.expires_at or self._now + LASTS)

    def _hold(self, draft: Draft, entry: Entry) -> None:
        """Holds what the legs of a pending entry would take from each account."""
        touched = {leg.account_id: self._account(leg.account_id) for leg in entry.legs if leg.account_id}
        self.accounts |= pending_entry.hold(touched, draft, entry.legs, self._now)
        self._pending[entry.entry_id] = PendingEntry(entry)

    def _move(self, draft: Draft, entry: Entry) -> None:
        """Gives back what a pending entry held, and moves what the legs come to on each account and code."""
        accounts, now = self.accounts, self._now
        if draft.resolves:
            pending = self._pending_entry(draft.resolves)
            touched = {leg.account_id: self._account(leg.account_id) for leg in pending.entry.legs if leg.account_id}
            accounts |= pending_entry.release(touched, draft.resolves, now)
            self._pending[draft.resolves] = replace(pending, resolved_by=entry.entry_id)
        if not entry.kind.moves:
            return
        movements, book, booked = self.movements, entry.book, entry.booking_date
        moved: dict[str, int] = {}
        for leg in entry.legs:
            signed, currency, account_id = leg.signed, leg.amount.currency, leg.account_id
            place = (book, leg.account_code, currency, booked)
            movements[place] = movements.get(place, 0) + signed
            if account_id:
                place = (book, account_id, currency, booked)
                movements[place] = movements.get(place, 0) + signed
                moved[account_id] = moved.get(account_id, 0) + signed
        for account_id, signed in moved.items():
            account = self._account(account_id)
            side = Side.DEBIT if signed > 0 else Side.CREDIT if signed else account.side
            accounts[account_id] = account.move(side, Money(account.currency_code, abs(signed)), now)

    def _resolved(self, leg: Leg, book: str) -> Leg:
        """The leg with the code it is booked under."""
        assert leg.amount.minor_units > 0, "a leg has an amount above zero"
        if not leg.account_id:
            self._books.chart.must_take_postings(leg.account_code)
            return leg
        account = self._account(leg.account_id)
        if leg.amount.currency != account.currency_code:
            raise CurrencyMustMatch(left=account.currency_code, right=leg.amount.currency)
        if account.book != book:
            raise AccountMustBeOfTheBook(account_id=leg.account_id, book=account.book)
        return Leg(account.account_code, leg.account_id, leg.side, leg.amount, leg.dimensions)

    def _account(self, account_id: str) -> Account:
        account = self.accounts.get(account_id) or self.before.get(account_id)
        if account is None:
            account = self.before[account_id] = self._books.account(account_id)
        return account

    def _head(self, book: str) -> Head:
        return self.heads.get(book) or self._books.head(book)

    def _pending_entry(self, entry_id: str) -> PendingEntry:
        return self._pending.get(entry_id) or self._books.pending(entry_id)

    def _balance(self, book: str, owner: str, currency: str) -> Money:
        """The balance of an account or a code after what was posted so far, on its own side."""
        if owner not in self._books.chart.accounts:
            return self._account(owner).balance
        moved = sum(signed for place, signed in self.movements.items() if place[:3] == (book, owner, currency))
        before = self._books.code_balance(book, owner, currency)
        return self._books.chart.account(owner).side.balance(currency, before + moved)


@dataclass(frozen=True, slots=True)
class TrialBalanceLine:
    """One code in one currency; one of the columns is zero."""

    account_code: str
    name: str
    name_zh: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class TrialBalanceTotal:
    """Both columns of one currency."""

    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every code with a balance at the end of a booking date; balanced where both columns agree in each currency."""

    on: date
    lines: tuple[TrialBalanceLine, ...]
    totals: tuple[TrialBalanceTotal, ...]
    balanced: bool


def trial_balance(chart: Chart, on: date, closings: Mapping[tuple[str, str], int]) -> TrialBalance:
    """The trial balance from the closing balance of each code and currency, debits above zero."""
    lines = tuple(
        _line(chart.account(code), currency, closing)
        for (code, currency), closing in sorted(closings.items())
        if closing
    )
    totals = tuple(
        TrialBalanceTotal(
            Money(currency, sum(max(closing, 0) for place, closing in closings.items() if place[1] == currency)),
            Money(currency, sum(max(-closing, 0) for place, closing in closings.items() if place[1] == currency)),
        )
        for currency in sorted({currency for _, currency in closings})
    )
    return TrialBalance(on, lines, totals, all(total.debit == total.credit for total in totals))


def _line(account: GeneralAccount, currency: str, closing: int) -> TrialBalanceLine:
    debit, credit = Money(currency, max(closing, 0)), Money(currency, max(-closing, 0))
    return TrialBalanceLine(account.account_code, account.name, account.name_zh, debit, credit)
