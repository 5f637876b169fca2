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
GENERAL = "general"

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
    book: str
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
class Asks:
    """An entry as it is asked for; `least` is what the balance of an owner must be after it, on the credit side."""

    lines: tuple[Line, ...]
    booked: date | None = None
    book: str = GENERAL
    kind: str = "POSTED"
    resolves: str = ""
    expires_at: datetime | None = None
    least: tuple[str, str, int] | None = None
    reverses: str = ""


@dataclass
class Posted:
    """An entry that was posted, and what became of it."""

    asked: Asks
    lines: tuple[Line, ...]
    expires_at: datetime
    reversed_by: str = ""
    resolved_by: str = ""


@dataclass(frozen=True)
class Move:
    """What a leg came to: on which booking date, since when the book says so, and minor units, debits above zero."""

    booked: date
    posted_at: datetime
    signed: int


class Model:
    """The books of one bank. Its clock may be set back: the instants of a book stand still then."""

    def __init__(self, today: date, now: datetime) -> None:
        self.today = today
        self.now = now
        self.accounts: dict[str, Kept] = {}
        self.entries: dict[str, Posted] = {}
        self.moves: defaultdict[tuple[str, str, str], list[Move]] = defaultdict(list)
        self.latest: dict[str, datetime] = {}

    # What there is

    def balance(self, book: str, owner: str, currency: str, on: date = date.max, as_of: datetime | None = None) -> int:
        """The sum of the legs of a code or an account up to a booking date, posted up to a moment, debits above 0."""
        moves = self.moves[book, owner, currency]
        return sum(move.signed for move in moves if move.booked <= on and (as_of is None or move.posted_at <= as_of))

    def own_balance(self, account_id: str) -> int:
        """The balance of an account on its own side."""
        account = self.accounts[account_id]
        return account.side * self.balance(account.book, account_id, account.currency)

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

    def open(self, account_id: str, product: str, currency: str, book: str) -> set[str]:
        """Opens an account; the same opening again changes nothing."""
        present = self.accounts.get(account_id)
        if present is None:
            self.accounts[account_id] = Kept(product, currency, book)
        elif (present.product, present.currency, present.book) != (product, currency, book):
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
            self._drop_lapsed(account_id)
            account.holds[key] = Held(amount, expires_at)
        return reasons

    def release(self, account_id: str, key: str) -> set[str]:
        """Gives a hold back; one that is not there changes nothing."""
        if account_id not in self.accounts:
            return {"ACCOUNT_NOT_FOUND"}
        self._drop_lapsed(account_id)
        self.accounts[account_id].holds.pop(key, None)
        return set()

    def _drop_lapsed(self, account_id: str) -> None:
        """What has lapsed when money is taken, held or given back is gone, whatever the clock says later."""
        self.accounts[account_id].holds = self.live(account_id)

    # Entries

    def post(self, key: str, asks: Asks) -> set[str]:
        """Posts an entry, holds what it would move, or resolves what another one holds."""
        taken = {"ENTRY_ID_TAKEN", "BALANCE_CONDITION_MUST_HOLD"} if key in self.entries else set()
        pending = self.entries.get(asks.resolves)
        if asks.resolves:
            stands_against = {"ENTRY_NOT_FOUND"} if pending is None else self._resolved(pending, asks)
            if stands_against:
                return taken | stands_against
        lines = asks.lines or (pending.lines if pending else ())
        before = self._rests()
        for account_id in self._held_by(asks.resolves):
            del self.accounts[account_id].holds[asks.resolves]
        reasons = taken | self._form(lines, asks) | self._owners(lines, asks)
        if not reasons:
            self._book(key, Posted(asks, lines, asks.expires_at or self.now + HOLD_LASTS))
            if not self._holds_true(asks):
                self._forget(key)
                reasons = {"BALANCE_CONDITION_MUST_HOLD"}
        if reasons:
            self._rest(before)
        return reasons

    def post_all(self, drafts: list[tuple[str, Asks]]) -> set[str]:
        """Posts all of the entries, each on what the one before left, or none of them."""
        before = self._rests()
        for place, (key, asks) in enumerate(drafts):
            if reasons := self.post(key, asks):
                # What stands against a later one may be named as well.
                for _, later in drafts[place + 1 :]:
                    reasons |= self._form(later.lines, later) | self._owners(later.lines, later)
                for done, _ in reversed(drafts[:place]):
                    self._forget(done)
                self._rest(before)
                return reasons
        return set()

    def reverse(self, key: str, of: str) -> set[str]:
        """Posts the mirror of an entry today, once; asked again, nothing changes."""
        if of in self.entries and self.entries[of].reversed_by:
            return set()
        mirror = self._mirror(of)
        return mirror if isinstance(mirror, set) else self.post(key, mirror)

    def correct(self, key: str, of: str, right: tuple[str, Asks]) -> set[str]:
        """Posts the mirror of an entry and the one that should have been, both or neither."""
        mirror = self._mirror(of)
        return mirror if isinstance(mirror, set) else self.post_all([(key, mirror), right])

    def _mirror(self, of: str) -> Asks | set[str]:
        """What takes an entry back, or why nothing does."""
        if of not in self.entries:
            return {"ENTRY_NOT_FOUND"}
        original = self.entries[of]
        if original.asked.reverses:
            return {"REVERSAL_MUST_NOT_BE_REVERSED"}
        if original.asked.kind in ("PENDING", "VOID_PENDING"):
            return {"ENTRY_MUST_MOVE"}
        if original.reversed_by:
            return {"ENTRY_MUST_NOT_BE_REVERSED"}
        mirror = tuple(Line(line.owner, line.currency, -line.signed) for line in original.lines)
        return Asks(mirror, book=original.asked.book, reverses=of)

    def _book(self, key: str, posted: Posted) -> None:
        """Keeps an entry: its legs move balances, or are held, or neither."""
        self.entries[key] = posted
        book = posted.asked.book
        self.latest[book] = max(self.now, self.latest.get(book, self.now))
        taken = self._taken(posted.lines)
        for account_id in taken:
            if taken[account_id] > 0 or posted.asked.resolves:
                self._drop_lapsed(account_id)
        if posted.asked.resolves:
            self.entries[posted.asked.resolves].resolved_by = key
        if posted.asked.reverses:
            self.entries[posted.asked.reverses].reversed_by = key
        if posted.asked.kind == "PENDING":
            for account_id, amount in taken.items():
                if amount > 0:
                    self.accounts[account_id].holds[key] = Held(amount, posted.expires_at)
        elif posted.asked.kind != "VOID_PENDING":
            for line in posted.lines:
                for owner in self._books_of(line.owner):
                    move = Move(posted.asked.booked or self.today, self.latest[book], line.signed)
                    self.moves[book, owner, line.currency].append(move)

    def _resolved(self, pending: Posted, asks: Asks) -> set[str]:
        """What stands against resolving a pending entry so."""
        if pending.asked.kind != "PENDING":
            return {"ENTRY_MUST_BE_PENDING"}
        if pending.resolved_by:
            return {"PENDING_ENTRY_MUST_BE_UNRESOLVED"}
        if asks.kind == "VOID_PENDING":
            return set()
        if pending.expires_at <= self.now:
            return {"PENDING_ENTRY_MUST_NOT_HAVE_EXPIRED"}
        left = {(line.owner, line.currency, line.signed > 0): abs(line.signed) for line in pending.lines}
        for line in asks.lines:
            if abs(line.signed) > left.pop((line.owner, line.currency, line.signed > 0), 0):
                return {"PENDING_AMOUNT_MUST_SUFFICE"}
        return set()

    def _form(self, lines: tuple[Line, ...], asks: Asks) -> set[str]:
        reasons = set()
        totals: defaultdict[str, int] = defaultdict(int)
        for line in lines:
            totals[line.currency] += line.signed
        if any(totals.values()):
            reasons.add("ENTRY_MUST_BALANCE")
        if asks.booked and asks.booked > self.today:
            reasons.add("BOOKING_DATE_MUST_NOT_BE_AHEAD")
        if asks.booked and (self.today - asks.booked).days > BACK_DAYS:
            reasons.add("BOOKING_DATE_MUST_BE_IN_REACH")
        return reasons

    def _owners(self, lines: tuple[Line, ...], asks: Asks) -> set[str]:
        reasons = set()
        for line in lines:
            if line.owner in CONTROL_CODES:
                reasons.add("ACCOUNT_CODE_MUST_TAKE_POSTINGS")
            elif line.owner not in OPEN_CODES and line.owner not in self.accounts:
                reasons.add("ACCOUNT_NOT_FOUND" if line.owner.startswith("acc_") else "ACCOUNT_CODE_NOT_FOUND")
            elif line.owner in self.accounts:
                if self.accounts[line.owner].currency != line.currency:
                    reasons.add("CURRENCY_MUST_MATCH")
                if self.accounts[line.owner].book != asks.book:
                    reasons.add("ACCOUNT_MUST_BE_OF_THE_BOOK")
        if asks.kind == "VOID_PENDING":
            return reasons
        pending = asks.kind == "PENDING"
        for account_id, taken in self._taken(lines).items():
            account = self.accounts[account_id]
            takes = taken > 0
            if (account.status == "CLOSED" and (takes or not pending)) or (account.status == "FROZEN" and takes):
                reasons.add("ACCOUNT_MUST_BE_ACTIVE")
            if takes and not account.overdraft and taken > self.available(account_id):
                reasons.add("AVAILABLE_BALANCE_EXHAUSTED")
            if takes and pending and len(self.live(account_id)) >= HOLDS_MAX:
                reasons.add("HOLDS_EXHAUSTED")
            if takes and pending and asks.expires_at and asks.expires_at <= self.now:
                reasons.add("EXPIRY_MUST_BE_AHEAD")
        return reasons

    def _taken(self, lines: tuple[Line, ...]) -> dict[str, int]:
        """What lines, taken together, take from each account that is there."""
        taken: defaultdict[str, int] = defaultdict(int)
        for line in lines:
            if line.owner in self.accounts:
                taken[line.owner] -= self.accounts[line.owner].side * line.signed
        return taken

    def _held_by(self, key: str) -> list[str]:
        """The accounts of which a pending entry holds something."""
        return [name for name, account in self.accounts.items() if key in account.holds]

    def _rests(self) -> tuple[dict[str, dict[str, Held]], dict[str, datetime]]:
        """What may have to be as it was before."""
        return {name: dict(account.holds) for name, account in self.accounts.items()}, dict(self.latest)

    def _rest(self, before: tuple[dict[str, dict[str, Held]], dict[str, datetime]]) -> None:
        holds, self.latest = before
        for name, kept in holds.items():
            self.accounts[name].holds = dict(kept)

    def _holds_true(self, asks: Asks) -> bool:
        """Whether the condition of an entry is met."""
        if asks.least is None:
            return True
        owner, currency, least = asks.least
        return -self.balance(asks.book, owner, currency) >= least

    def _books_of(self, owner: str) -> tuple[str, ...]:
        """A code, or an account and the code that controls it."""
        return (owner, self.accounts[owner].code) if owner in self.accounts else (owner,)

    def _forget(self, key: str) -> None:
        """Takes back the last entry, of a request that was refused as a whole."""
        posted = self.entries.pop(key)
        if posted.asked.resolves:
            self.entries[posted.asked.resolves].resolved_by = ""
        if posted.asked.reverses:
            self.entries[posted.asked.reverses].reversed_by = ""
        if posted.asked.kind in ("POSTED", "POST_PENDING"):
            for line in reversed(posted.lines):
                for owner in self._books_of(line.owner):
                    self.moves[posted.asked.book, owner, line.currency].pop()
