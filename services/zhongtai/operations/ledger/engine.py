"""What the ledger computes over many entries at once: posting a batch, the trial balance. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

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


@dataclass(frozen=True, slots=True)
class Posting:
    """What drafts change: their entries, the accounts after them, the movement of each balance, the new heads."""

    entries: tuple[Entry, ...]
    accounts: tuple[Account, ...]
    movements: Mapping[Place, int]
    heads: Mapping[str, Head]


@dataclass(frozen=True, slots=True)
class Books:
    """What posting needs to know: the chart, the dates and the end of each book, the accounts that the drafts move,
    what they resolve, and the latest balances, debits above zero, of codes that a condition asks about.
    """

    chart: Chart
    dates: Mapping[str, BookDates]
    heads: Mapping[str, Head]
    accounts: Mapping[str, Account]
    pending: Mapping[str, PendingEntry] = field(default_factory=dict)
    code_balances: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    def post(self, drafts: Sequence[Draft], now: datetime, business_date: date, posted_by: str) -> Posting:
        """Posts every draft, each on the balances the one before left; refuses for the first that may not be posted."""
        after = _After(self)
        for draft in drafts:
            after.post(draft, now, business_date, posted_by)
        return Posting(tuple(after.entries), tuple(after.accounts.values()), after.movements, after.heads)


class _After:
    """The books while drafts are posted one after the other."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.heads = dict(books.heads)
        self.accounts = dict(books.accounts)
        self.movements: dict[Place, int] = {}
        self.entries: list[Entry] = []
        self._pending = dict(books.pending)

    def post(self, draft: Draft, now: datetime, business_date: date, posted_by: str) -> None:
        """Posts one draft; refuses it whole."""
        head = self.heads[draft.book]
        kind = draft.kind
        if draft.resolves:
            legs = self._pending[draft.resolves].legs_for(draft, now)
            draft = replace(draft, legs=legs)
        if kind is EntryKind.PENDING and draft.expires_at is None:
            draft = replace(draft, expires_at=now + LASTS)
        assert len(draft.legs) >= 2, "an entry has two legs or more"
        draft.must_balance()
        booking_date = draft.booked_on(self._books.dates[draft.book], business_date, posted_by)
        legs = tuple([self._resolved(leg, draft.book) for leg in draft.legs])
        # What was posted before a code closed may still be taken back.
        if self._books.chart.closed_from and not draft.reverses:
            for leg in legs:
                self._books.chart.must_be_open(leg.account_code, booking_date)
        self._move(draft, legs, now)
        entry = Entry(
            draft.entry_id,
            head.number + 1,
            booking_date,
            draft.value_date or draft.booking_date or booking_date,
            draft.reference,
            draft.narrative,
            legs,
            draft.reverses,
            # Instants of one book never go back, whatever the clock does: as of when is a question of numbers.
            max(now, head.latest_posted_at),
            posted_by,
            head.hash,
            "",
            draft.book,
            kind,
            draft.resolves,
            draft.expires_at,
        )
        self.entries.append(entry)
        self.heads[draft.book] = Head(
            draft.book, entry.number, entry.hash, max(head.latest_booking_date, booking_date), entry.posted_at
        )
        if kind is EntryKind.PENDING:
            self._pending[entry.entry_id] = PendingEntry(entry)
        elif draft.resolves:
            self._pending[draft.resolves] = replace(self._pending[draft.resolves], resolved_by=entry.entry_id)
        if kind.moves:
            self._add_up(entry)
        for condition in draft.conditions:
            condition.must_hold(self._balance(draft.book, condition.owner, condition.currency))

    def _move(self, draft: Draft, legs: tuple[Leg, ...], now: datetime) -> None:
        """Moves or holds what the legs of one entry come to on each account."""
        accounts = self.accounts
        if draft.kind is EntryKind.PENDING:
            accounts |= pending_entry.hold(accounts, draft, legs, now)
            return
        if draft.resolves:
            held = self._pending[draft.resolves].entry.legs
            touched = {leg.account_id: accounts[leg.account_id] for leg in held if leg.account_id}
            accounts |= pending_entry.release(touched, draft.resolves, now)
        if draft.kind.moves:
            for account_id, signed in pending_entry.net(legs).items():
                account = accounts[account_id]
                side = account.side if not signed else Side.DEBIT if signed > 0 else Side.CREDIT
                accounts[account_id] = account.move(side, Money(account.currency_code, abs(signed)), now)

    def _resolved(self, leg: Leg, book: str) -> Leg:
        """The leg with the code it is booked under."""
        assert leg.amount.minor_units > 0, "a leg has an amount above zero"
        if not leg.account_id:
            self._books.chart.must_take_postings(leg.account_code)
            return leg
        account = self.accounts[leg.account_id]
        if leg.amount.currency != account.currency_code:
            raise CurrencyMustMatch(left=account.currency_code, right=leg.amount.currency)
        if account.book != book:
            raise AccountMustBeOfTheBook(account_id=leg.account_id, book=account.book)
        return Leg(account.account_code, leg.account_id, leg.side, leg.amount, leg.dimensions)

    def _add_up(self, entry: Entry) -> None:
        movements, book, booked = self.movements, entry.book, entry.booking_date
        for leg in entry.legs:
            amount = leg.amount
            signed = amount.minor_units if leg.side is Side.DEBIT else -amount.minor_units
            place = (book, leg.account_code, amount.currency, booked)
            movements[place] = movements.get(place, 0) + signed
            if leg.account_id:
                place = (book, leg.account_id, amount.currency, booked)
                movements[place] = movements.get(place, 0) + signed

    def _balance(self, book: str, owner: str, currency: str) -> Money:
        """The balance of an account or a code after what was posted so far, on its own side."""
        if owner in self.accounts:
            return self.accounts[owner].balance
        moved = sum(
            signed for place, signed in self.movements.items() if place[:3] == (book, owner, currency)
        ) + self._books.code_balances.get((book, owner, currency), 0)
        return self._books.chart.account(owner).side.balance(currency, moved)


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
