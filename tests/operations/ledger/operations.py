"""Random operations on a ledger: each is a request, and what its model says of it, which has done it by then."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.operations.ledger.model import CONTROL_CODES, GENERAL, OPEN_CODES, PRODUCTS, Asks, Line, Model
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1 import account_pb2, ledger_pb2
from zhongtai.runtime.convert import date_message, instant_message

CURRENCIES = ("CNY", "CNY", "CNY", "USD")
BOOKS = (GENERAL, GENERAL, GENERAL, "branch")


@dataclass
class Asked:
    """A request, the reasons it may be refused for (none: it must be done), and what its reply teaches."""

    request: Any
    reasons: set[str]
    learn: Callable[[Any], None] = lambda reply: None
    weight: int = 1


class Operations:
    """Makes operations that mostly can be done, and at times cannot, and does them in the model."""

    def __init__(self, model: Model, random: Random) -> None:
        self.model = model
        self.random = random
        self._requests = 0
        self._reversals: dict[str, str] = {}
        self._hold_ids: dict[str, tuple[str, str]] = {}

    def any(self) -> Asked:
        """The next operation, of a random kind."""
        kinds: Iterable[tuple[int, Callable[[], Asked]]] = (
            (45, self._post),
            (8, self._hold_entry),
            (8, self._resolve),
            (10, self._post_all),
            (10, self._reverse),
            (8, self._open),
            (8, self._hold),
            (5, self._release),
            (2, self._freeze),
            (5, self._thaw),
            (1, self._close),
        )
        choices = [kind for weight, kind in kinds for _ in range(weight)]
        return self.random.choice(choices)()

    def _open(self) -> Asked:
        number = self.random.randrange(30 + self._requests // 40)
        product = self.random.choice(("demand_deposit", "demand_deposit", *PRODUCTS))
        account_id, currency, book = f"acc_m{number}", self.random.choice(CURRENCIES), self.random.choice(BOOKS)
        customers = product == "demand_deposit"
        request = account_pb2.OpenAccountRequest(
            request_id=self._request_id(),
            customer_id="cus_1" if customers else "",
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER if customers else account_pb2.ACCOUNT_CLASS_INTERNAL,
            product=product,
            currency_code=currency,
            chosen_id=account_id,
            book=book,
        )
        return Asked(request, self.model.open(account_id, product, currency, book))

    def _post(self) -> Asked:
        asks = self._asks()
        if self.random.random() < 0.1:
            owner = asks.lines[-1].owner
            asks.least = (owner, asks.lines[-1].currency, self.random.choice((-10_000, 0, 100)))
            if not self._grows_by_credits(owner):
                asks.least = None
        return self.posting(asks)

    def _hold_entry(self) -> Asked:
        """A pending entry, which lapses soon or late, and at times should have before it was asked for."""
        asks = self._asks()
        minutes = self.random.choice((None, 1, 60, 5000, 5000, 0))
        asks.expires_at = None if minutes is None else self.model.now + timedelta(minutes=minutes)
        asks.kind = "PENDING"
        return self.posting(asks)

    def _resolve(self) -> Asked:
        """Posts a pending entry, whole or half of it, or voids it; or tries to, of one that is not pending any more."""
        pending = [key for key, posted in self.model.entries.items() if posted.asked.kind == "PENDING"]
        of = self.random.choice(pending) if pending and self.random.random() < 0.9 else self._entry()
        asks = Asks((), kind=self.random.choice(("POST_PENDING", "POST_PENDING", "VOID_PENDING")), resolves=of)
        if of in self.model.entries:
            posted = self.model.entries[of]
            asks.book = posted.asked.book
            if asks.kind == "POST_PENDING" and len(posted.lines) == 2 and self.random.random() < 0.5:
                part = self.random.choice((1, 2, -1))
                asks.lines = tuple(
                    Line(line.owner, line.currency, line.signed * 2 if part < 0 else line.signed // part or line.signed)
                    for line in posted.lines
                )
                asks.lines = (asks.lines[0], Line(asks.lines[1].owner, asks.lines[1].currency, -asks.lines[0].signed))
        return self.posting(asks)

    def posting(self, asks: Asks) -> Asked:
        """The request to post an entry under an id of its own, and at times under one that is taken."""
        request = self.request(asks)
        key = request.draft.entry_id
        if self.model.entries and self.random.random() < 0.02:
            key = self._entry()
            request.draft.entry_id = self._reversals.get(key, key)
        return Asked(request, self.model.post(key, asks), lambda reply: self._learn(key, reply.entry))

    def request(self, asks: Asks) -> ledger_pb2.PostEntryRequest:
        request_id = self._request_id()
        request = ledger_pb2.PostEntryRequest(request_id=request_id, draft=_draft(f"e-{request_id}", asks))
        request.draft.resolves = self._reversals.get(asks.resolves, asks.resolves)
        return request

    def _post_all(self) -> Asked:
        """Entries that are linked, in one book or across books."""
        request_id = self._request_id()
        drafts = [(f"e-{request_id}-{each}", self._asks()) for each in range(self.random.randrange(2, 6))]
        for _, asks in drafts:
            asks.kind = self.random.choice(("POSTED", "POSTED", "POSTED", "PENDING"))
        request = ledger_pb2.PostEntriesRequest(
            request_id=request_id, drafts=[_draft(key, asks) for key, asks in drafts]
        )
        return Asked(request, self.model.post_all(drafts), weight=len(drafts))

    def _reverse(self) -> Asked:
        of = self._entry()
        request = ledger_pb2.ReverseEntryRequest(request_id=self._request_id(), entry_id=self._reversals.get(of, of))
        key = request.request_id
        reasons = self.model.reverse(key, of)
        if not reasons:
            key = self.model.entries[of].reversed_by
        return Asked(request, reasons, lambda reply: self._reversed(key, reply.reversal))

    def _reversed(self, key: str, reversal: ledger_pb2.Entry) -> None:
        """The one reversal there is, whoever asked for it first, has an id that the ledger made."""
        assert self._reversals.setdefault(key, reversal.entry_id) == reversal.entry_id
        self._learn(key, reversal)

    def _hold(self) -> Asked:
        account_id = self._account()
        amount, currency = self._amount(), self.random.choice(CURRENCIES)
        if account_id in self.model.accounts and self.random.random() < 0.9:
            currency = self.model.accounts[account_id].currency
        minutes = self.random.choice((None, -1, 0, 1, 60, 60, 5000))
        expires_at = None if minutes is None else self.model.now + timedelta(minutes=minutes)
        request = account_pb2.PlaceHoldRequest(
            request_id=self._request_id(),
            account_id=account_id,
            amount=Money(currency_code=currency, minor_units=amount),
            expires_at=expires_at and instant_message(expires_at),
        )
        key = request.request_id

        def learn(reply: Any) -> None:
            self._hold_ids[key] = (account_id, reply.hold_id)

        return Asked(request, self.model.hold(account_id, key, currency, amount, expires_at), learn)

    def _release(self) -> Asked:
        key = self.random.choice(sorted(self._hold_ids)) if self._hold_ids else ""
        account_id, hold_id = self._hold_ids.get(key, (self._account(), "hold_none"))
        request = account_pb2.ReleaseHoldRequest(request_id=self._request_id(), account_id=account_id, hold_id=hold_id)
        return Asked(request, self.model.release(account_id, key))

    def _freeze(self) -> Asked:
        account_id = self._account()
        request = account_pb2.FreezeAccountRequest(request_id=self._request_id(), account_id=account_id, reason="court")
        return Asked(request, self.model.freeze(account_id, "FROZEN"))

    def _thaw(self) -> Asked:
        account_id = self._account()
        request = account_pb2.UnfreezeAccountRequest(request_id=self._request_id(), account_id=account_id)
        return Asked(request, self.model.freeze(account_id, "ACTIVE"))

    def _close(self) -> Asked:
        account_id = self._account()
        request = account_pb2.CloseAccountRequest(request_id=self._request_id(), account_id=account_id)
        return Asked(request, self.model.close(account_id))

    # Parts of operations

    def _asks(self) -> Asks:
        """Two to four legs that mostly balance, on accounts and codes that mostly are there and of one book."""
        first = self._owner()
        known = self.model.accounts.get(first)
        currency = known.currency if known else self.random.choice(CURRENCIES)
        book = known.book if known else self.random.choice(BOOKS)
        amounts = [self._amount() for _ in range(self.random.choice((1, 1, 1, 2, 3)))]
        sign = self.random.choice((1, -1))
        lines = [Line(self._owner(currency, book), currency, sign * amount) for amount in amounts]
        rest = sum(amounts) if self.random.random() < 0.97 else sum(amounts) + 1
        return Asks((*lines, Line(first, currency, -sign * rest)), self._booked(), book)

    def _owner(self, currency: str = "", book: str = "") -> str:
        chance = self.random.random()
        if chance < 0.01:
            return self.random.choice((*CONTROL_CODES, "8888", "acc_none"))
        known = [
            key
            for key, account in self.model.accounts.items()
            if not currency or (account.currency, account.book) == (currency, book) or chance > 0.99
        ]
        return self.random.choice(known) if known and chance > 0.35 else self.random.choice(OPEN_CODES)

    def _grows_by_credits(self, owner: str) -> bool:
        return owner in OPEN_CODES[1:] or (owner in self.model.accounts and self.model.accounts[owner].side < 0)

    def _entry(self) -> str:
        """An entry whose id is known: the caller's own, or that of a reversal that was answered; or none."""
        known = [key for key in self.model.entries if key.startswith("e-") or key in self._reversals]
        return self.random.choice([*known, "none"])

    def _account(self) -> str:
        known = sorted(self.model.accounts)
        return self.random.choice(known) if known and self.random.random() < 0.97 else "acc_none"

    def _amount(self) -> int:
        return self.random.choice((1, 7, 100, 100, 2_500, 10_000))

    def _booked(self) -> date | None:
        """Mostly today, now and then days back, and at times beyond what is allowed."""
        days = self.random.choice((0, 1, 2, 9, 30, 400) if self.random.random() < 0.95 else (401, -1))
        return None if self.random.random() < 0.5 else self.model.today - timedelta(days=days)

    def _learn(self, key: str, entry: ledger_pb2.Entry) -> None:
        posted = self.model.entries[key]
        told = [(leg.account_id or leg.account_code, leg.amount.minor_units) for leg in entry.legs]
        assert told == [(line.owner, abs(line.signed)) for line in posted.lines]
        assert (entry.book, entry.kind) == (
            posted.asked.book,
            ledger_pb2.EntryKind.Value(f"ENTRY_KIND_{posted.asked.kind}"),
        )

    def _request_id(self) -> str:
        self._requests += 1
        return f"r{self._requests}"


def _draft(key: str, asks: Asks) -> ledger_pb2.EntryDraft:
    draft = ledger_pb2.EntryDraft(
        entry_id=key,
        reference="story",
        booking_date=date_message(asks.booked) if asks.booked else None,
        book=asks.book,
        kind=f"ENTRY_KIND_{asks.kind}",
        resolves=asks.resolves,
        expires_at=asks.expires_at and instant_message(asks.expires_at),
        legs=[
            ledger_pb2.Leg(
                account_id=line.owner if line.owner.startswith("acc_") else "",
                account_code="" if line.owner.startswith("acc_") else line.owner,
                side=ledger_pb2.SIDE_DEBIT if line.signed > 0 else ledger_pb2.SIDE_CREDIT,
                amount=Money(currency_code=line.currency, minor_units=abs(line.signed)),
            )
            for line in asks.lines
        ],
    )
    if asks.least:
        owner, currency, least = asks.least
        condition = draft.conditions.add(at_least=Money(currency_code=currency, minor_units=least))
        setattr(condition, "account_id" if owner.startswith("acc_") else "account_code", owner)
    return draft
