"""The ledger as its sentences tell it, in plain dictionaries: what the real one is held against.

Written from the sentences of the contract, and slow on purpose: every balance is the sum of the legs. A verb answers
the reasons for which it must be refused, any of which the real ledger may give; none where it must be done, and then
the model has done it. Amounts are minor units; debits are above zero.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

# Codes that take postings, and those that do not because accounts beneath them do.
OPEN_CODES = ("1001", "4001", "6011", "6021")
CONTROL_CODES = ("2011", "1003", "2241")
BACK_DAYS = 400
HOLD_LASTS = timedelta(days=7)
HOLDS_MAX = 64

# Of each product: the code that controls it, the side it grows on (+1 debit), whether it may be overdrawn.
PRODUCTS = {
    "demand_deposit": ("2011", -1, False),
    "central_bank_settlement": ("1003", 1, True),
    "suspense": ("2241", -1, True),
}


@dataclass
class Held:
    """A hold: how much, until when."""

    amount: int
    expires_at: datetime


@dataclass
class Kept:
    """An account; its balance is nowhere but in the legs."""

    product: str
    currency: str
    status: str = "ACTIVE"
    holds: dict[str, Held] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The code that controls it."""
        return PRODUCTS[self.product][0]

    @property
    def side(self) -> int:
        """+1 where debits let it grow, -1 where credits do."""
        return PRODUCTS[self.product][1]

    @property
    def overdraft(self) -> bool:
        """Whether it may be overdrawn."""
        return PRODUCTS[self.product][2]


@dataclass(frozen=True)
class Line:
    """A leg as it is asked for: a code or an account, and minor units, debits above zero."""

    owner: str
    currency: str
    signed: int


@dataclass
class Posted:
    """An entry that was posted."""

    lines: tuple[Line, ...]
    booked: date
    reverses: str = ""
    reversed_by: str = ""


class Model:
    """The books of one bank."""

    def __init__(self, today: date, now: datetime) -> None:
        self.today = today
        self.now = now
        self.accounts: dict[str, Kept] = {}
        self.entries: dict[str, Posted] = {}
        self.moves: defaultdict[tuple[str, str], list[tuple[date, int]]] = defaultdict(list)

    # What there is

    def balance(self, owner: str, currency: str, on: date | None = None) -> int:
        """The sum of the legs of a code or an account up to a booking date, debits above zero."""
        return sum(signed for booked, signed in self.moves[owner, currency] if on is None or booked <= on)

    def own_balance(self, account_id: str) -> int:
        """The balance of an account on its own side."""
        account = self.accounts[account_id]
        return account.side * self.balance(account_id, account.currency)

    def held(self, account_id: str) -> int:
        """What is set aside by holds that have not expired."""
        return sum(hold.amount for hold in self.live(account_id).values())

    def live(self, account_id: str) -> dict[str, Held]:
        """The holds that have not expired."""
        return {key: hold for key, hold in self.accounts[account_id].holds.items() if hold.expires_at > self.now}

    def available(self, account_id: str) -> int:
        """What may be spent."""
        return self.own_balance(account_id) - self.held(account_id)

    # Accounts

    def open(self, account_id: str, product: str, currency: str) -> set[str]:
        """Opens an account; the same opening again changes nothing."""
        present = self.accounts.get(account_id)
        if present is None:
            self.accounts[account_id] = Kept(product, currency)
        elif (present.product, present.currency) != (product, currency):
            return {"ACCOUNT_ALREADY_OPEN"}
        return set()

    def freeze(self, account_id: str, status: str) -> set[str]:
        """Freezes an account that is open, or thaws it."""
        if account_id not in self.accounts:
            return {"ACCOUNT_NOT_FOUND"}
        if self.accounts[account_id].status == "CLOSED":
            return {"ACCOUNT_MUST_BE_OPEN"}
        self.accounts[account_id].status = status
        return set()

    def close(self, account_id: str) -> set[str]:
        """Closes an account that is active, empty and without holds; closing it again changes nothing."""
        if account_id not in self.accounts:
            return {"ACCOUNT_NOT_FOUND"}
        account = self.accounts[account_id]
        if account.status == "CLOSED":
            return set()
        reasons = {"ACCOUNT_MUST_BE_ACTIVE"} if account.status != "ACTIVE" else set()
        if self.own_balance(account_id):
            reasons.add("BALANCE_MUST_BE_ZERO")
        if self.held(account_id):
            reasons.add("HOLDS_MUST_BE_RELEASED")
        if not reasons:
            account.status = "CLOSED"
        return reasons

    def hold(self, account_id: str, key: str, currency: str, amount: int, expires_at: datetime | None) -> set[str]:
        """Sets aside what is available, until a moment ahead."""
        if account_id not in self.accounts:
            return {"ACCOUNT_NOT_FOUND"}
        account = self.accounts[account_id]
        reasons = set()
        expires_at = expires_at or self.now + HOLD_LASTS
        if expires_at <= self.now:
            reasons.add("EXPIRY_MUST_BE_AHEAD")
        if account.status != "ACTIVE":
            reasons.add("ACCOUNT_MUST_BE_ACTIVE")
        if currency != account.currency:
            reasons.add("CURRENCY_MUST_MATCH")
        elif amount > self.available(account_id) and not account.overdraft:
            reasons.add("AVAILABLE_BALANCE_EXHAUSTED")
        if len(self.live(account_id)) >= HOLDS_MAX:
            reasons.add("HOLDS_EXHAUSTED")
        if not reasons:
            account.holds[key] = Held(amount, expires_at)
        return reasons

    def release(self, account_id: str, key: str) -> set[str]:
        """Gives a hold back; one that is not there changes nothing."""
        if account_id not in self.accounts:
            return {"ACCOUNT_NOT_FOUND"}
        self.accounts[account_id].holds.pop(key, None)
        return set()

    # Entries

    def post(self, key: str, lines: tuple[Line, ...], booked: date | None = None, reverses: str = "") -> set[str]:
        """Posts an entry that balances in each currency and leaves no account with less than it may have."""
        reasons = self._form(lines, booked) | self._owners(lines)
        if not reasons:
            self.entries[key] = Posted(lines, booked or self.today, reverses)
            for line in lines:
                for owner in {line.owner, self.accounts[line.owner].code if line.owner in self.accounts else ""} - {""}:
                    self.moves[owner, line.currency].append((booked or self.today, line.signed))
        return reasons

    def post_all(self, drafts: list[tuple[str, tuple[Line, ...], date | None]]) -> set[str]:
        """Posts all of the entries, each on what the one before left, or none of them."""
        for place, (key, lines, booked) in enumerate(drafts):
            if reasons := self.post(key, lines, booked):
                # What stands against a later one may be named as well.
                for _, later, on in drafts[place + 1 :]:
                    reasons |= self._form(later, on) | self._owners(later)
                for done, _, _ in reversed(drafts[:place]):
                    self._forget(done)
                return reasons
        return set()

    def reverse(self, key: str, of: str) -> set[str]:
        """Posts the mirror of an entry today, once; asked again, nothing changes."""
        if of not in self.entries:
            return {"ENTRY_NOT_FOUND"}
        if self.entries[of].reverses:
            return {"REVERSAL_MUST_NOT_BE_REVERSED"}
        if self.entries[of].reversed_by:
            return set()
        mirror = tuple(Line(line.owner, line.currency, -line.signed) for line in self.entries[of].lines)
        reasons = self.post(key, mirror, reverses=of)
        if not reasons:
            self.entries[of].reversed_by = key
        return reasons

    def _form(self, lines: tuple[Line, ...], booked: date | None) -> set[str]:
        reasons = set()
        totals: defaultdict[str, int] = defaultdict(int)
        for line in lines:
            totals[line.currency] += line.signed
        if any(totals.values()):
            reasons.add("ENTRY_MUST_BALANCE")
        if booked and booked > self.today:
            reasons.add("BOOKING_DATE_MUST_NOT_BE_AHEAD")
        if booked and (self.today - booked).days > BACK_DAYS:
            reasons.add("BOOKING_DATE_MUST_BE_IN_REACH")
        return reasons

    def _owners(self, lines: tuple[Line, ...]) -> set[str]:
        reasons = set()
        net: defaultdict[str, int] = defaultdict(int)
        for line in lines:
            if line.owner in CONTROL_CODES:
                reasons.add("ACCOUNT_CODE_MUST_TAKE_POSTINGS")
            elif line.owner not in OPEN_CODES and line.owner not in self.accounts:
                reasons.add("ACCOUNT_NOT_FOUND" if line.owner.startswith("acc_") else "ACCOUNT_CODE_NOT_FOUND")
            elif line.owner in self.accounts:
                net[line.owner] += line.signed
                if self.accounts[line.owner].currency != line.currency:
                    reasons.add("CURRENCY_MUST_MATCH")
        for account_id, signed in net.items():
            account = self.accounts[account_id]
            taken = -account.side * signed
            if account.status == "CLOSED" or (account.status == "FROZEN" and taken > 0):
                reasons.add("ACCOUNT_MUST_BE_ACTIVE")
            if taken > 0 and not account.overdraft and taken > self.available(account_id):
                reasons.add("AVAILABLE_BALANCE_EXHAUSTED")
        return reasons

    def _forget(self, key: str) -> None:
        """Takes back the last entry, of a request that was refused as a whole."""
        for line in reversed(self.entries.pop(key).lines):
            for owner in {line.owner, self.accounts[line.owner].code if line.owner in self.accounts else ""} - {""}:
                self.moves[owner, line.currency].pop()
