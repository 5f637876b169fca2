"""The general ledger (总账): entries of two or more legs that balance in each currency, in one chain of hashes.

An entry never changes; a mistake is put right by another entry. Each carries SHA-256 over its canonical form, so that
anyone with the entries can check them without this code. The canonical form is the UTF-8 text of a JSON array of texts
and arrays as RFC 8785 (JCS) writes it, without spaces and with numbers as decimal digits in quotes:

    ["zhongtai.ledger.1", number, entry_id, booking_date, value_date, reference, narrative, reverses, posted_at,
     posted_by, [[account_code, account_id, side, currency, minor_units], …in the order of the legs], previous_hash]

Dates are ISO 8601, `posted_at` is in UTC with six decimals ("2026-05-04T01:00:00.000000+00:00"), `side` is DEBIT or
CREDIT, what is not there is "", the hash is 64 lower-case hexadecimal digits, and the hash before the first 64 zeros.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.operations.account.domain import Side

FORM = "zhongtai.ledger.1"
GENESIS = "0" * 64
BACK_DAYS_MAX = 400

# A text as RFC 8785 writes it: nothing is escaped that need not be.
_quoted = json.encoder.encode_basestring


class EntryNotFound(Missing):
    """There is no entry {entry_id}: check the id.

    凭证{entry_id}不存在：请核对编号。
    """

    entry_id: str


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


class AccountCodeNotFound(Missing):
    """There is no account code {account_code} in the chart of accounts: use one of the chart.

    会计科目{account_code}不存在：请使用科目表中的科目。
    """

    account_code: str


class AccountCodeMustTakePostings(Invalid):
    """{account_code} is a heading or controls accounts: post to a code or an account beneath it.

    科目{account_code}为汇总或统驭科目：请记入其下级科目或账户。
    """

    account_code: str


class ReversalMustNotBeReversed(Unmet):
    """{entry_id} is itself a reversal: post a new entry instead.

    凭证{entry_id}本身为冲正凭证：请另记新凭证。
    """

    entry_id: str


class AccountCategory(StrEnum):
    """What a general-ledger account stands for."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    CLEARING = "CLEARING"
    EQUITY = "EQUITY"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"


class LedgerFault(StrEnum):
    """What is wrong with a chain."""

    CONTENT_CHANGED = "CONTENT_CHANGED"
    LINK_BROKEN = "LINK_BROKEN"
    NUMBER_MISSING = "NUMBER_MISSING"
    ENTRY_UNBALANCED = "ENTRY_UNBALANCED"
    BALANCE_WRONG = "BALANCE_WRONG"


@dataclass(frozen=True, slots=True)
class GeneralAccount:
    """A line of the chart of accounts; headings and control accounts take no postings themselves."""

    account_code: str
    name: str
    name_zh: str
    category: AccountCategory
    side: Side
    takes_postings: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of accounts, by code."""

    accounts: Mapping[str, GeneralAccount]

    def account(self, account_code: str) -> GeneralAccount:
        """The general-ledger account of a code."""
        if account_code not in self.accounts:
            raise AccountCodeNotFound(account_code=account_code)
        return self.accounts[account_code]

    def must_take_postings(self, account_code: str) -> None:
        """Refuses a code that is not there, a heading, and a code that is posted through its accounts."""
        if not self.account(account_code).takes_postings:
            raise AccountCodeMustTakePostings(account_code=account_code)


@dataclass(frozen=True, slots=True)
class Leg:
    """One line: a side and an amount above zero, on a code or on an account and the code that controls it."""

    account_code: str
    account_id: str
    side: Side
    amount: Money

    @property
    def signed(self) -> int:
        """The amount in minor units, debits above zero and credits below."""
        return self.amount.minor_units if self.side is Side.DEBIT else -self.amount.minor_units

    @property
    def texts(self) -> tuple[str, str, str, str, str]:
        """The leg in the texts that a hash covers."""
        amount = self.amount
        return self.account_code, self.account_id, str(self.side), amount.currency, str(amount.minor_units)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted; without a booking date it belongs to today, and interest counts from the booking date."""

    entry_id: str
    reference: str
    narrative: str
    legs: tuple[Leg, ...]
    booking_date: date | None = None
    value_date: date | None = None
    reverses: str | None = None

    def on(self, booking_date: date) -> "Draft":
        """The draft on the date that its book says; interest counts from the date it asked for."""
        value_date = self.value_date or self.booking_date or booking_date
        return replace(self, booking_date=booking_date, value_date=value_date)

    def booked_on(self, business_date: date) -> date:
        """The booking date; refuses one that is ahead or too far back."""
        if self.booking_date is None:
            return business_date
        if self.booking_date > business_date:
            raise BookingDateMustNotBeAhead(booking_date=self.booking_date, business_date=business_date)
        if (business_date - self.booking_date).days > BACK_DAYS_MAX:
            raise BookingDateMustBeInReach(booking_date=self.booking_date, days=BACK_DAYS_MAX)
        return self.booking_date

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

    def __post_init__(self) -> None:
        if not self.hash:
            content = canonical(self._texts(), [leg.texts for leg in self.legs], self.previous_hash)
            object.__setattr__(self, "hash", sha256(content).hexdigest())

    def sealed(self) -> "Sealed":
        """The entry in the texts that its hash covers."""
        return Sealed(*self._texts(), tuple(leg.texts for leg in self.legs), self.previous_hash, self.hash)

    def _texts(self) -> tuple[str, str, str, str, str, str, str, str, str]:
        return (
            str(self.number),
            self.entry_id,
            self.booking_date.isoformat(),
            self.value_date.isoformat(),
            self.reference,
            self.narrative,
            self.reverses or "",
            _text_of_utc(self.posted_at.astimezone(UTC)),
            self.posted_by,
        )

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
        )

    def mirror(self, entry_id: str) -> Draft:
        """The entry that takes this one back, to be booked today: every leg on its other side."""
        if self.reverses:
            raise ReversalMustNotBeReversed(entry_id=self.entry_id)
        legs = tuple(Leg(_own_code(leg), leg.account_id, leg.side.other, leg.amount) for leg in self.legs)
        return Draft(entry_id, self.reference, f"Reversal of entry {self.number}", legs, reverses=self.entry_id)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as texts, which stand for themselves whatever became of them: what the chain is checked on.

    The fields are those of the canonical form in its order; a leg is code, account, side, currency and minor units.
    """

    number: str
    entry_id: str
    booking_date: str
    value_date: str
    reference: str
    narrative: str
    reverses: str
    posted_at: str
    posted_by: str
    legs: tuple[tuple[str, str, str, str, str], ...]
    previous_hash: str
    hash: str

    def digest(self) -> str:
        """The hash its content and the hash before give."""
        content = (
            self.number,
            self.entry_id,
            self.booking_date,
            self.value_date,
            self.reference,
            self.narrative,
            self.reverses,
            self.posted_at,
            self.posted_by,
        )
        return sha256(canonical(content, self.legs, self.previous_hash)).hexdigest()

    def balances(self) -> bool:
        """True where the legs are amounts above zero, debit or credit, that balance in each currency."""
        totals: dict[str, int] = {}
        for _, _, side, currency, minor_units in self.legs:
            if not minor_units.isdecimal() or side not in Side.__members__:
                return False
            signed = int(minor_units) if side == Side.DEBIT else -int(minor_units)
            totals[currency] = totals.get(currency, 0) + signed
        return bool(totals) and not any(totals.values())


def canonical(content: Iterable[str], legs: Iterable[Iterable[str]], previous_hash: str) -> bytes:
    """The bytes that a hash covers, in the form told at the top: `content` is the texts from number to `posted_by`."""
    lines = ",".join([f"[{','.join(map(_quoted, leg))}]" for leg in legs])
    return f"[{_quoted(FORM)},{','.join(map(_quoted, content))},[{lines}],{_quoted(previous_hash)}]".encode()


def unbalanced_currency(legs: tuple[Leg, ...]) -> str:
    """The first currency whose debits and credits differ; "" where every one balances."""
    totals: dict[str, int] = {}
    for leg in legs:
        currency = leg.amount.currency
        totals[currency] = totals.get(currency, 0) + leg.signed
    return next((currency for currency, total in totals.items() if total), "") if any(totals.values()) else ""


# All entries that are posted together carry one instant.
@lru_cache(maxsize=16)
def _text_of_utc(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")


def _own_code(leg: Leg) -> str:
    """The code a draft's leg states: none where the leg moves an account, whose code the account itself tells."""
    return "" if leg.account_id else leg.account_code
