"""The general ledger (总账): entries of two or more legs that balance in each currency, in one chain of hashes a book.

An entry never changes; a mistake is put right by another entry. Each carries SHA-256 over its canonical form, so that
anyone with the entries can check them without this code. The canonical form is the UTF-8 text of a JSON array of texts
and arrays as RFC 8785 (JCS) writes it, without spaces and with numbers as decimal digits in quotes:

    ["zhongtai.ledger.2", book, number, entry_id, kind, booking_date, value_date, reference, narrative, reverses,
     resolves, expires_at, posted_at, posted_by, [[account_code, account_id, side, currency, minor_units, dimensions], …
     in the order of the legs], previous_hash]

Dates are ISO 8601, instants in UTC with six decimals ("2026-05-04T01:00:00.000000+00:00"), `side` is DEBIT or CREDIT,
dimensions stand as "branch=0101;channel=app", what is not there is "", the hash is 64 lower-case hexadecimal digits,
and the hash before the first 64 zeros. Entries of the first form, "zhongtai.ledger.1", were all posted to the book
"general"; their array has neither book, kind, resolves, expires_at nor dimensions.

An entry of the kind PENDING moves nothing: it holds what it would take from accounts, until it expires or another entry
resolves it, which posts it, in part or in full (POST_PENDING), or gives the holds back (VOID_PENDING).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.account.domain import GENERAL, Side
from zhongtai.operations.book_day.domain import BookDates
from zhongtai.operations.dimension.domain import Dimensions

FORM = 2
GENESIS = "0" * 64
BACK_DAYS_MAX = 400

# A text as RFC 8785 writes it: nothing is escaped that need not be.
_quoted = json.encoder.encode_basestring


class EntryNotFound(Missing):
    """There is no entry {entry_id}: check the id.

    凭证{entry_id}不存在：请核对编号。
    """

    entry_id: str


class EntryNumberNotFound(Missing):
    """The book {book} has no entry {number}: its numbers run from 1 without gaps.

    账簿{book}没有第{number}号凭证：编号自1起连续。
    """

    book: str
    number: int


class EntryMustBalance(Invalid):
    """The {currency} legs of {reference} come to {debit} debit and {credit} credit: make both the same.

    {reference}的{currency}分录借方合计{debit}、贷方合计{credit}：请使借贷相等。
    """

    reference: str
    currency: str
    debit: Money
    credit: Money


class BookingDateMustNotBeAhead(Invalid):
    """{booking_date} is after the business date {business_date}: book on that date or before.

    记账日期{booking_date}晚于营业日{business_date}：请使用营业日或更早的日期。
    """

    booking_date: date
    business_date: date


class BookingDateMustBeInReach(Invalid):
    """{booking_date} is more than {days} days back: book on a later date.

    记账日期{booking_date}早于{days}天前：请使用更近的日期。
    """

    booking_date: date
    days: int


class ReversalMustNotBeReversed(Unmet):
    """{entry_id} is itself a reversal: post a new entry instead.

    凭证{entry_id}本身为冲正凭证：请另记新凭证。
    """

    entry_id: str


class EntryIdTaken(Taken):
    """The id {entry_id} is another entry's: choose another one.

    凭证编号{entry_id}已被使用：请更换编号。
    """

    entry_id: str


class BalanceConditionMustHold(Unmet):
    """{owner} would stand at {balance}, which the entry's own condition does not allow: look at the balance again.

    {owner}余额将为{balance}，不满足凭证所附条件：请重新核对余额。
    """

    owner: str
    balance: Money


class AccountMustBeOfTheBook(Invalid):
    """The account {account_id} is in the book {book}: post to it there.

    账户{account_id}属于账簿{book}：请在该账簿记账。
    """

    account_id: str
    book: str


class EntryMustMove(Unmet):
    """{entry_id} moved no balance: void it instead of reversing it.

    凭证{entry_id}未变动余额：请撤销该待决凭证，而非冲正。
    """

    entry_id: str


class EntryMustNotBeReversed(Unmet):
    """{entry_id} was reversed by {reversed_by} already: post what should have been as an entry of its own.

    凭证{entry_id}已由{reversed_by}冲正：请另行记入正确的凭证。
    """

    entry_id: str
    reversed_by: str


class EntryKind(StrEnum):
    """What an entry does: move balances, hold what it would move, or resolve an entry that holds."""

    POSTED = "POSTED"
    PENDING = "PENDING"
    POST_PENDING = "POST_PENDING"
    VOID_PENDING = "VOID_PENDING"

    @property
    def moves(self) -> bool:
        """True where the legs move balances."""
        return self in (EntryKind.POSTED, EntryKind.POST_PENDING)

    @property
    def resolves(self) -> bool:
        """True where it resolves a pending entry."""
        return self in (EntryKind.POST_PENDING, EntryKind.VOID_PENDING)


class LedgerFault(StrEnum):
    """What is wrong with a chain."""

    CONTENT_CHANGED = "CONTENT_CHANGED"
    LINK_BROKEN = "LINK_BROKEN"
    NUMBER_MISSING = "NUMBER_MISSING"
    ENTRY_UNBALANCED = "ENTRY_UNBALANCED"
    BALANCE_WRONG = "BALANCE_WRONG"
    SEAL_BROKEN = "SEAL_BROKEN"


@dataclass(frozen=True, slots=True)
class Leg:
    """One line: a side and an amount above zero, on a code or on an account and the code that controls it."""

    account_code: str
    account_id: str
    side: Side
    amount: Money
    dimensions: Dimensions | None = None

    @property
    def owner(self) -> str:
        """The account it moves, or else the code."""
        return self.account_id or self.account_code

    @property
    def signed(self) -> int:
        """The amount in minor units, debits above zero and credits below."""
        return self.amount.minor_units if self.side is Side.DEBIT else -self.amount.minor_units

    @property
    def texts(self) -> tuple[str, ...]:
        """The leg in the texts that a hash covers."""
        amount, dimensions = self.amount, self.dimensions
        of = dimensions.text if dimensions else ""
        return self.account_code, self.account_id, self.side._value_, amount.currency, str(amount.minor_units), of


@dataclass(frozen=True, slots=True)
class BalanceCondition:
    """What a balance must be after an entry, on the owner's own side, or the entry is refused."""

    owner: str
    at_least: Money | None = None
    at_most: Money | None = None

    @property
    def currency(self) -> str:
        """The currency of the balance it is about."""
        bound = self.at_most if self.at_least is None else self.at_least
        assert bound is not None, "a condition bounds a balance on one side or both"
        return bound.currency

    def must_hold(self, balance: Money) -> None:
        """Refuses a balance out of its bounds."""
        below = self.at_least is not None and balance < self.at_least
        if below or (self.at_most is not None and balance > self.at_most):
            raise BalanceConditionMustHold(owner=self.owner, balance=balance)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted; without a booking date it belongs to today, and interest counts from the booking date.

    One that resolves a pending entry without legs of its own takes all of its legs.
    """

    entry_id: str
    reference: str
    narrative: str
    legs: tuple[Leg, ...]
    booking_date: date | None = None
    value_date: date | None = None
    reverses: str | None = None
    book: str = GENERAL
    kind: EntryKind = EntryKind.POSTED
    resolves: str | None = None
    expires_at: datetime | None = None
    conditions: tuple[BalanceCondition, ...] = ()

    def booked_on(self, dates: BookDates, business_date: date, posted_by: str) -> date:
        """The booking date, as the book's dates have it; refuses one that is ahead or too far back."""
        present = dates.present(business_date)
        if self.booking_date is None:
            return present
        booked = dates.booking_date(self.booking_date, business_date, posted_by, self.narrative)
        if booked > present:
            raise BookingDateMustNotBeAhead(booking_date=booked, business_date=present)
        if (present - booked).days > BACK_DAYS_MAX:
            raise BookingDateMustBeInReach(booking_date=booked, days=BACK_DAYS_MAX)
        return booked

    def must_balance(self) -> None:
        """Refuses legs whose debits and credits differ in a currency."""
        if unbalanced := unbalanced_currency(self.legs):
            debit, credit = (
                sum(
                    leg.amount.minor_units
                    for leg in self.legs
                    if leg.side is side and leg.amount.currency == unbalanced
                )
                for side in (Side.DEBIT, Side.CREDIT)
            )
            raise EntryMustBalance(
                reference=self.reference,
                currency=unbalanced,
                debit=Money(unbalanced, debit),
                credit=Money(unbalanced, credit),
            )


@dataclass(frozen=True, slots=True)
class EntryPosted:
    """An entry was posted."""

    entry_id: str
    number: int
    booking_date: date
    value_date: date
    reference: str
    legs: tuple[Leg, ...]
    reverses: str | None
    hash: str
    book: str
    kind: EntryKind
    resolves: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A posted entry. One that is made gets the hash its content gives; one that is read keeps the hash it has."""

    entry_id: str
    number: int
    booking_date: date
    value_date: date
    reference: str
    narrative: str
    legs: tuple[Leg, ...]
    reverses: str | None
    posted_at: datetime
    posted_by: str
    previous_hash: str
    hash: str = ""
    book: str = GENERAL
    kind: EntryKind = EntryKind.POSTED
    resolves: str | None = None
    expires_at: datetime | None = None
    form: int = FORM

    def __post_init__(self) -> None:
        if not self.hash:
            content = canonical(self.form, self.texts(), [leg.texts for leg in self.legs], self.previous_hash)
            object.__setattr__(self, "hash", sha256(content).hexdigest())

    def texts(self) -> tuple[str, ...]:
        """What the hash covers beside the legs and the hash before, as the second form has it."""
        return (
            self.book,
            str(self.number),
            self.entry_id,
            self.kind._value_,
            self.booking_date.isoformat(),
            self.value_date.isoformat(),
            self.reference,
            self.narrative,
            self.reverses or "",
            self.resolves or "",
            text_of_utc(self.expires_at) if self.expires_at else "",
            text_of_utc(self.posted_at),
            self.posted_by,
        )

    @property
    def posted(self) -> EntryPosted:
        """The fact that it was posted."""
        return EntryPosted(
            self.entry_id,
            self.number,
            self.booking_date,
            self.value_date,
            self.reference,
            self.legs,
            self.reverses,
            self.hash,
            self.book,
            self.kind,
            self.resolves,
        )

    def mirror(self, entry_id: str) -> Draft:
        """The entry that takes this one back, to be booked today: every leg on its other side."""
        if self.reverses:
            raise ReversalMustNotBeReversed(entry_id=self.entry_id)
        if not self.kind.moves:
            raise EntryMustMove(entry_id=self.entry_id)
        legs = tuple(replace(own(leg), side=leg.side.other) for leg in self.legs)
        narrative = f"Reversal of entry {self.number}"
        return Draft(entry_id, self.reference, narrative, legs, reverses=self.entry_id, book=self.book)


def canonical(form: int, content: Iterable[str], legs: Iterable[Iterable[str]], previous_hash: str) -> bytes:
    """The bytes that a hash covers, in the form told at the top: `content` is the texts from book to `posted_by`."""
    lines = ",".join([f"[{','.join(map(_quoted, leg))}]" for leg in legs])
    texts = ",".join(map(_quoted, content))
    return f'["zhongtai.ledger.{form}",{texts},[{lines}],{_quoted(previous_hash)}]'.encode()


def unbalanced_currency(legs: tuple[Leg, ...]) -> str:
    """The first currency whose debits and credits differ; "" where every one balances."""
    totals: dict[str, int] = {}
    for leg in legs:
        currency = leg.amount.currency
        totals[currency] = totals.get(currency, 0) + leg.signed
    return next((currency for currency, total in totals.items() if total), "") if any(totals.values()) else ""


# All entries that are posted together carry one instant.
@lru_cache(maxsize=16)
def text_of_utc(instant: datetime) -> str:
    """An instant as a hash covers it."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def own(leg: Leg) -> Leg:
    """A leg as a draft states it: without the code where it moves an account, which tells its code itself."""
    return replace(leg, account_code="") if leg.account_id else leg
