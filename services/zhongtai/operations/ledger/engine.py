"""What the ledger computes over many entries at once: posting a batch, verifying the chain, the trial balance. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.ledger.domain import (
    GENESIS,
    Chart,
    Draft,
    Entry,
    GeneralAccount,
    LedgerFault,
    Leg,
    Sealed,
)

# Whose balance: an account code or an account id; the currency; the booking date.
Place = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: the last number and hash, and the latest booking date of all entries."""

    number: int = 0
    hash: str = GENESIS
    latest_booking_date: date = date.min


@dataclass(frozen=True, slots=True)
class Posting:
    """What a batch changes: its entries, the accounts after them, the movement of each balance, the new head."""

    before: Head
    entries: tuple[Entry, ...]
    accounts: tuple[Account, ...]
    movements: Mapping[Place, int]
    head: Head


@dataclass(frozen=True, slots=True)
class Books:
    """What posting needs to know: the chart, the end of the chain, the accounts that the drafts move."""

    chart: Chart
    head: Head
    accounts: Mapping[str, Account]

    def post(self, drafts: Sequence[Draft], now: datetime, business_date: date, posted_by: str) -> Posting:
        """Posts every draft, each on the balances the one before left; refuses for the first that may not be posted."""
        head = self.head
        number, previous_hash, latest = head.number, head.hash, head.latest_booking_date
        accounts = dict(self.accounts)
        movements: dict[Place, int] = {}
        entries = []
        for draft in drafts:
            assert len(draft.legs) >= 2, "an entry has two legs or more"
            draft.must_balance()
            booking_date = draft.booked_on(business_date)
            legs = tuple([self._resolved(leg, accounts) for leg in draft.legs])
            accounts |= _moved(legs, accounts, now)
            number += 1
            entry = Entry(
                entry_id=draft.entry_id,
                number=number,
                booking_date=booking_date,
                value_date=draft.value_date or booking_date,
                reference=draft.reference,
                narrative=draft.narrative,
                legs=legs,
                reverses=draft.reverses,
                posted_at=now,
                posted_by=posted_by,
                previous_hash=previous_hash,
            )
            entries.append(entry)
            previous_hash, latest = entry.hash, max(latest, booking_date)
            for leg in legs:
                for owner in (leg.account_code, leg.account_id) if leg.account_id else (leg.account_code,):
                    place = (owner, leg.amount.currency, booking_date)
                    movements[place] = movements.get(place, 0) + leg.signed
        after = Head(number, previous_hash, latest)
        return Posting(head, tuple(entries), tuple(accounts.values()), movements, after)

    def _resolved(self, leg: Leg, accounts: Mapping[str, Account]) -> Leg:
        """The leg with the code it is booked under."""
        assert leg.amount.minor_units > 0, "a leg has an amount above zero"
        if not leg.account_id:
            self.chart.must_take_postings(leg.account_code)
            return leg
        account = accounts[leg.account_id]
        if leg.amount.currency != account.currency_code:
            raise CurrencyMustMatch(left=account.currency_code, right=leg.amount.currency)
        return Leg(account.account_code, leg.account_id, leg.side, leg.amount)


def _moved(legs: tuple[Leg, ...], accounts: Mapping[str, Account], now: datetime) -> dict[str, Account]:
    """The accounts after the legs of one entry: an account with several legs is moved by what they come to."""
    net: dict[str, int] = {}
    for leg in legs:
        if leg.account_id:
            net[leg.account_id] = net.get(leg.account_id, 0) + leg.signed
    moved = {}
    for account_id, signed in net.items():
        account = accounts[account_id]
        side = account.side if not signed else Side.DEBIT if signed > 0 else Side.CREDIT
        moved[account_id] = account.move(side, Money(account.currency_code, abs(signed)), now)
    return moved


@dataclass(frozen=True, slots=True)
class Verification:
    """What reading the chain again found: how far it got, and what is wrong with the first bad entry."""

    entries_read: int
    last_number: int
    last_hash: str
    fault: LedgerFault | None = None
    bad_number: int = 0
    bad_entry_id: str = ""
    detail: str = ""

    @property
    def intact(self) -> bool:
        """True where nothing is wrong with what was read."""
        return self.fault is None

    def against(self, head: Head) -> "Verification":
        """The same, once the end was reached: the last entry must be the one the head names."""
        if not self.intact or (self.last_number, self.last_hash) == (head.number, head.hash):
            return self
        if self.last_number < head.number:
            return self._bad(LedgerFault.NUMBER_MISSING, self.last_number + 1, "the chain ends before its head")
        if self.last_number > head.number:
            return self._bad(LedgerFault.LINK_BROKEN, head.number + 1, "the entry stands behind the head of the chain")
        return self._bad(LedgerFault.LINK_BROKEN, head.number, "the last hash is not the one the head names")

    def against_balances(
        self, kept: Mapping[tuple[str, str], int], summed: Mapping[tuple[str, str], int]
    ) -> "Verification":
        """The same, with each code's kept balance held against the sum of its legs, by code and currency."""
        wrong = [place for place in sorted({*kept, *summed}) if kept.get(place, 0) != summed.get(place, 0)]
        if not self.intact or not wrong:
            return self
        return self._bad(
            LedgerFault.BALANCE_WRONG, 0, f"the {wrong[0][1]} balance of {wrong[0][0]} is not its legs' sum"
        )

    def _bad(self, fault: LedgerFault, number: int, detail: str, entry_id: str = "") -> "Verification":
        return replace(self, fault=fault, bad_number=number, bad_entry_id=entry_id, detail=detail)


def verify(entries: Iterable[Sealed], number: int, previous_hash: str | None) -> Verification:
    """Reads entries that should begin at `number` and carry the hash before it (None: that entry is not there).

    Stops at the first bad entry.
    """
    found = Verification(0, number - 1, previous_hash or "")
    if previous_hash is None:
        return found._bad(LedgerFault.NUMBER_MISSING, number - 1, "the entry before is not there")
    for entry in entries:
        number = found.last_number + 1
        if entry.number != str(number):
            return found._bad(LedgerFault.NUMBER_MISSING, number, f"entry {entry.number} follows {number - 1}")
        if entry.previous_hash != found.last_hash:
            detail = "it does not carry the hash of the entry before"
            return found._bad(LedgerFault.LINK_BROKEN, number, detail, entry.entry_id)
        if entry.digest() != entry.hash:
            detail = "its content does not give its hash"
            return found._bad(LedgerFault.CONTENT_CHANGED, number, detail, entry.entry_id)
        if not entry.balances():
            return found._bad(LedgerFault.ENTRY_UNBALANCED, number, "its legs do not balance", entry.entry_id)
        found = Verification(found.entries_read + 1, number, entry.hash)
    return found


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
