"""Random operations on a real ledger and on its model side by side: what one does the other does, or neither.

Operations come in groups of independent callers that are under way at the same time, so that they share commits. The
ledger takes them in the order in which they were asked.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from google.protobuf.message import Message

from tests.operations.ledger.model import CONTROL_CODES, OPEN_CODES, PRODUCTS, Line, Model
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import account_pb2, ledger_pb2
from zhongtai.runtime.convert import date_message, instant_message
from zhongtai.testing.doors import Door

CURRENCIES = ("CNY", "CNY", "CNY", "USD")


@dataclass
class Asked:
    """A request, the reasons it may be refused for (none: it must be done), and what its reply teaches."""

    request: Any
    reasons: set[str]
    learn: Callable[[Any], None] = lambda reply: None
    weight: int = 1


class Story:
    """One ledger, through its door, and its model. The same seeds make the same operations."""

    def __init__(self, door: Door, database: Path) -> None:
        self.door = door
        self.random = Random(0)
        self.model = Model(door.clock.business_date(), door.clock.now())
        self.done = 0
        self.refused: dict[str, int] = {}
        self._database = database
        self._requests = 0
        self._entry_ids: dict[str, str] = {}
        self._hold_ids: dict[str, tuple[str, str]] = {}
        self._numbers: set[int] = set()
        self._replies: list[tuple[Any, bytes]] = []

    # A group of operations

    async def group(self, size: int, seed: int) -> None:
        """Asks for so many operations at once, compares every answer, then what came of all of them."""
        self.random.seed(seed)
        self._time_passes()
        asked = [self._operation() for _ in range(size)]
        answers = await asyncio.gather(*[self._answer(each.request) for each in asked])
        for each, (reply, refusal) in zip(asked, answers, strict=True):
            self._compare(each, reply, refusal)
            self.done += each.weight
        await self._a_refusal_leaves_the_bytes_as_they_are()
        await self._the_same_again_changes_nothing()
        await self._balances_are_the_sums_of_the_legs()

    async def _answer(self, request: Message) -> tuple[Any, Refusal | None]:
        try:
            return await self.door.call(request), None
        except Refusal as refusal:
            return None, refusal

    def _compare(self, asked: Asked, reply: Any, refusal: Refusal | None) -> None:
        if refusal is not None:
            assert refusal.reason in asked.reasons, f"{refusal} where {asked.reasons or 'nothing'} stands against it"
            self.refused[refusal.reason] = self.refused.get(refusal.reason, 0) + 1
            return
        assert not asked.reasons, f"{asked.reasons} should refuse {asked.request}"
        asked.learn(reply)
        if self.random.random() < 0.05:
            self._replies.append((asked.request, reply.SerializeToString(deterministic=True)))

    # What must hold after each group

    async def _a_refusal_leaves_the_bytes_as_they_are(self) -> None:
        """What may not be done changes no byte of the database."""
        line = (Line("1001", "CNY", 2), Line("6011", "CNY", -1))
        request = ledger_pb2.PostEntryRequest(request_id=self._request_id(), draft=_draft(line, None))
        before = self._bytes()
        assert (await self.door.refused(request)).reason == "ENTRY_MUST_BALANCE"
        poor = next((key for key in self.model.accounts if self._is_poor(key)), None)
        if poor:
            lines = (
                Line(poor, self.model.accounts[poor].currency, 10**9),
                Line("1001", self._currency(poor), -(10**9)),
            )
            request = ledger_pb2.PostEntryRequest(request_id=self._request_id(), draft=_draft(lines, None))
            assert (await self.door.refused(request)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
        assert self._bytes() == before

    async def _the_same_again_changes_nothing(self) -> None:
        """The same request gets the same reply, another one under its id is refused, and no byte changes."""
        if not self._replies:
            return
        request, reply = self.random.choice(self._replies)
        before = self._bytes()
        again = await self.door.call(request)
        assert again.SerializeToString(deterministic=True) == reply
        if isinstance(request, ledger_pb2.PostEntryRequest):
            other = ledger_pb2.PostEntryRequest()
            other.CopyFrom(request)
            other.draft.narrative = "another body"
            assert (await self.door.refused(other)).reason == "REQUEST_ID_REUSED"
        assert self._bytes() == before

    async def _balances_are_the_sums_of_the_legs(self) -> None:
        """Money is conserved, and kept balances are those of the model at any date; no account is overdrawn."""
        model = self.model
        for owner, currency in self.random.sample(sorted(model.moves), min(4, len(model.moves))):
            on = model.today - timedelta(days=self.random.choice((0, 1, 2, 7, 30, 401)))
            await self._balance_is_right(owner, currency, on)
        for account_id in self.random.sample(sorted(model.accounts), min(3, len(model.accounts))):
            found = (await self.door.call(account_pb2.GetAccountRequest(account_id=account_id))).account
            told = (found.balance.minor_units, found.held.minor_units, found.available.minor_units)
            assert told == (model.own_balance(account_id), model.held(account_id), model.available(account_id))
            assert account_pb2.AccountStatus.Name(found.status).endswith(model.accounts[account_id].status)
            assert model.accounts[account_id].overdraft or told[2] >= 0
        assert self._numbers == set(range(1, len(self._numbers) + 1))

    async def _balance_is_right(self, owner: str, currency: str, on: date) -> None:
        key = {"account_id" if owner.startswith("acc_") else "account_code": owner}
        found = await self.door.call(ledger_pb2.GetBalanceRequest(**key, on=date_message(on)))
        sign = 1 if found.side == ledger_pb2.SIDE_DEBIT else -1
        units = {balance.currency_code: sign * balance.minor_units for balance in found.balances}
        assert units.get(currency, 0) == self.model.balance(owner, currency, on), (owner, currency, on)

    async def must_be_sound(self) -> None:
        """At the end the chain holds, both columns of the trial balance agree, and every balance is right."""
        sound = await self.door.call(ledger_pb2.VerifyLedgerRequest(maximum_entries=1_000_000))
        assert sound.intact, sound.detail
        assert sound.entries_read == len(self._numbers) == len(self.model.entries)
        trial = await self.door.call(ledger_pb2.GetTrialBalanceRequest())
        assert trial.balanced
        for owner, currency in sorted(self.model.moves):
            dates = {booked for booked, _ in self.model.moves[owner, currency]}
            for on in self.random.sample(sorted(dates), min(3, len(dates))):
                await self._balance_is_right(owner, currency, on)

    def _bytes(self) -> list[bytes]:
        files = (self._database, self._database.with_name(self._database.name + "-wal"))
        return [file.read_bytes() for file in files if file.exists()]

    def _is_poor(self, account_id: str) -> bool:
        account = self.model.accounts[account_id]
        return account.status == "ACTIVE" and not account.overdraft and self.model.available(account_id) < 10**9

    def _currency(self, account_id: str) -> str:
        return self.model.accounts[account_id].currency

    # Operations

    def _operation(self) -> Asked:
        kinds: Iterable[tuple[int, Callable[[], Asked]]] = (
            (50, self._post),
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

    def _time_passes(self) -> None:
        self.model.now += timedelta(minutes=self.random.choice((0, 1, 30, 3000)))
        self.model.today += timedelta(days=self.random.choice((0, 0, 0, 1, 3)))
        self.door.now(self.model.now)
        self.door.today(self.model.today)

    def _open(self) -> Asked:
        number = self.random.randrange(30)
        product = self.random.choice(("demand_deposit", "demand_deposit", *PRODUCTS))
        account_id, currency = f"acc_m{number}", self.random.choice(CURRENCIES)
        customers = product == "demand_deposit"
        request = account_pb2.OpenAccountRequest(
            request_id=self._request_id(),
            customer_id="cus_1" if customers else "",
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER if customers else account_pb2.ACCOUNT_CLASS_INTERNAL,
            product=product,
            currency_code=currency,
            chosen_id=account_id,
        )
        return Asked(request, self.model.open(account_id, product, currency))

    def _post(self) -> Asked:
        lines, booked = self._lines(), self._booked()
        request = ledger_pb2.PostEntryRequest(request_id=self._request_id(), draft=_draft(lines, booked))
        key = request.request_id
        return Asked(request, self.model.post(key, lines, booked), lambda reply: self._learn(key, reply.entry))

    def _post_all(self) -> Asked:
        request_id = self._request_id()
        drafts = [
            (f"{request_id}.{each}", self._lines(), self._booked()) for each in range(self.random.randrange(2, 8))
        ]
        request = ledger_pb2.PostEntriesRequest(
            request_id=request_id, drafts=[_draft(lines, booked) for _, lines, booked in drafts]
        )

        def learn(reply: Any) -> None:
            self._numbers |= set(range(reply.first_number, reply.last_number + 1))
            self._entry_ids |= {key: entry_id for (key, _, _), entry_id in zip(drafts, reply.entry_ids, strict=True)}

        return Asked(request, self.model.post_all(drafts), learn, len(drafts))

    def _reverse(self) -> Asked:
        of = self.random.choice(sorted(self._entry_ids)) if self._entry_ids and self.random.random() < 0.95 else ""
        request = ledger_pb2.ReverseEntryRequest(
            request_id=self._request_id(), entry_id=self._entry_ids.get(of, "ent_none")
        )
        key = request.request_id
        return Asked(request, self.model.reverse(key, of), lambda reply: self._reversed(of, reply.reversal))

    def _reversed(self, of: str, entry: ledger_pb2.Entry) -> None:
        """The reply tells of the one reversal there is, whoever asked for it first."""
        self._learn(self.model.entries[of].reversed_by, entry)

    def _hold(self) -> Asked:
        account_id = self._account()
        amount, currency = self._amount(), self.random.choice(CURRENCIES)
        if account_id in self.model.accounts and self.random.random() < 0.9:
            currency = self._currency(account_id)
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

    def _lines(self) -> tuple[Line, ...]:
        """Two to four legs that mostly balance, on accounts and codes that mostly are there."""
        first = self._owner()
        currency = self._currency(first) if first in self.model.accounts else self.random.choice(CURRENCIES)
        amounts = [self._amount() for _ in range(self.random.choice((1, 1, 1, 2, 3)))]
        sign = self.random.choice((1, -1))
        lines = [Line(self._owner(currency), currency, sign * amount) for amount in amounts]
        rest = sum(amounts) if self.random.random() < 0.97 else sum(amounts) + 1
        return (*lines, Line(first, currency, -sign * rest))

    def _owner(self, currency: str = "") -> str:
        chance = self.random.random()
        if chance < 0.01:
            return self.random.choice((*CONTROL_CODES, "8888", "acc_none"))
        known = [
            key
            for key, account in self.model.accounts.items()
            if not currency or account.currency == currency or chance > 0.99
        ]
        return self.random.choice(known) if known and chance > 0.35 else self.random.choice(OPEN_CODES)

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
        self._entry_ids[key] = entry.entry_id
        self._numbers.add(entry.number)

    def _request_id(self) -> str:
        self._requests += 1
        return f"r{self._requests}"


def _draft(lines: tuple[Line, ...], booked: date | None) -> ledger_pb2.EntryDraft:
    return ledger_pb2.EntryDraft(
        reference="story",
        booking_date=date_message(booked) if booked else None,
        legs=[
            ledger_pb2.Leg(
                account_id=line.owner if line.owner.startswith("acc_") else "",
                account_code="" if line.owner.startswith("acc_") else line.owner,
                side=ledger_pb2.SIDE_DEBIT if line.signed > 0 else ledger_pb2.SIDE_CREDIT,
                amount=Money(currency_code=line.currency, minor_units=abs(line.signed)),
            )
            for line in lines
        ],
    )
