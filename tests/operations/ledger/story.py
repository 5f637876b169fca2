"""Random operations on a real ledger and on its model side by side: what one does the other does, or neither.

Operations come in groups of independent callers that are under way at the same time, so that they share commits. The
ledger takes them in the order in which they were asked. Processes may take turns, and commits may fail: who was not
answered asks again, and is done once.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from google.protobuf.message import Message

from tests.operations.ledger.model import Asks, Line, Model
from tests.operations.ledger.operations import Asked, Operations
from zhongtai.kernel.refusals import Refusal, Unreachable
from zhongtai.operations.v1 import account_pb2, balance_history_pb2, ledger_pb2
from zhongtai.runtime.convert import date_message, instant_message
from zhongtai.testing.doors import Door

# More than any account ever has.
MUCH = 10**9

Answer = tuple[Any, Refusal | None]


class Story:
    """One ledger, through its doors, and its model. The same seeds make the same operations.

    `rests` tells what is in the store, to be compared: what may not be done leaves it as it is.
    """

    def __init__(self, door: Door, rests: Callable[[], object]) -> None:
        self.door = door
        self.random = Random(0)
        self.model = Model(door.clock.business_date(), door.clock.now())
        self.operations = Operations(self.model, self.random)
        self.done = 0
        self.unanswered = 0
        self.refused: dict[str, int] = {}
        self._rests = rests
        self._replies: list[tuple[Any, bytes]] = []

    # A group of operations

    async def goes_on(self, door: Door) -> None:
        """Goes on with another process."""
        self.door = door
        self._time_passes()
        await self._takes_its_turn()

    async def _takes_its_turn(self) -> None:
        """Who wrote last leaves a number in the store: written anew by who knows nothing, with the first change."""
        asks = Asks((Line("1001", "CNY", 1), Line("6011", "CNY", -1)))
        request = self.operations.request(asks)
        self._compare(Asked(request, self.model.post(request.draft.entry_id, asks)), await self._answer(request))

    async def group(self, size: int, seed: int, trouble: AbstractContextManager[object] | None = None) -> None:
        """Asks for so many operations at once, in trouble or not, and compares every answer, then what came of all."""
        self.random.seed(seed)
        self._time_passes()
        asked = [self.operations.any() for _ in range(size)]
        with trouble or nullcontext():
            answers = await self._answers(asked)
        unanswered = [place for place, (_, refusal) in enumerate(answers) if isinstance(refusal, Unreachable)]
        # Who was to be refused does not ask again: after what others did it might be done by now.
        once_more = [place for place in unanswered if not asked[place].reasons]
        for place, answer in zip(once_more, await self._answers([asked[place] for place in once_more]), strict=True):
            answers[place] = answer
        for place, (each, answer) in enumerate(zip(asked, answers, strict=True)):
            if place not in unanswered or place in once_more:
                self._compare(each, answer)
            self.done += each.weight
        if unanswered:
            self.unanswered += len(unanswered)
            await self._takes_its_turn()
        await self._a_refusal_leaves_the_bytes_as_they_are()
        await self._the_same_again_changes_nothing()
        await self._balances_are_the_sums_of_the_legs()

    async def _answers(self, asked: Sequence[Asked]) -> list[Answer]:
        return list(await asyncio.gather(*[self._answer(each.request) for each in asked]))

    async def _answer(self, request: Message) -> Answer:
        try:
            return await self.door.call(request), None
        except Refusal as refusal:
            return None, refusal

    def _compare(self, asked: Asked, answer: Answer) -> None:
        reply, refusal = answer
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
        requests = [
            (self.operations.request(Asks((Line("1001", "CNY", 2), Line("6011", "CNY", -1)))), "ENTRY_MUST_BALANCE")
        ]
        for key, account in self.model.accounts.items():
            if account.status == "ACTIVE" and not account.overdraft and self.model.available(key) < MUCH:
                lines = (Line(key, account.currency, MUCH), Line("1001", account.currency, -MUCH))
                requests += [(self.operations.request(Asks(lines, book=account.book)), "AVAILABLE_BALANCE_EXHAUSTED")]
                break
        before = self._rests()
        for request, reason in requests:
            assert (await self.door.refused(request)).reason == reason
        assert self._rests() == before

    async def _the_same_again_changes_nothing(self) -> None:
        """The same request gets the same reply, another one under its id is refused, and no byte changes."""
        if not self._replies:
            return
        request, reply = self.random.choice(self._replies)
        before = self._rests()
        again = await self.door.call(request)
        assert again.SerializeToString(deterministic=True) == reply
        if isinstance(request, ledger_pb2.PostEntryRequest):
            other = ledger_pb2.PostEntryRequest()
            other.CopyFrom(request)
            other.draft.narrative = "another body"
            assert (await self.door.refused(other)).reason == "REQUEST_ID_REUSED"
        assert self._rests() == before

    async def _balances_are_the_sums_of_the_legs(self) -> None:
        """Money is conserved, and kept balances are those of the model at any date; no account is overdrawn."""
        model = self.model
        for place in self.random.sample(sorted(model.moves), min(4, len(model.moves))):
            on = model.today - timedelta(days=self.random.choice((0, 1, 2, 7, 30, 401)))
            await self._balance_is_right(*place, on)
            await self._balance_as_of_is_right(*place, on)
        for account_id in self.random.sample(sorted(model.accounts), min(3, len(model.accounts))):
            found = (await self.door.call(account_pb2.GetAccountRequest(account_id=account_id))).account
            told = (found.balance.minor_units, found.held.minor_units, found.available.minor_units)
            true = (model.own_balance(account_id), model.held(account_id), model.available(account_id))
            assert told == true, f"{account_id} has {told} instead of {true} on {model.today}"
            assert account_pb2.AccountStatus.Name(found.status).endswith(model.accounts[account_id].status)
            assert model.accounts[account_id].overdraft or told[2] >= 0

    async def _balance_is_right(self, book: str, owner: str, currency: str, on: date) -> None:
        key = {"account_id": owner} if owner.startswith("acc_") else {"account_code": owner, "book": book}
        found = await self.door.call(ledger_pb2.GetBalanceRequest(**key, on=date_message(on)))
        assert self._units(found, currency) == self.model.balance(book, owner, currency, on), (owner, currency, on)

    def _units(self, found: Any, currency: str) -> int:
        """A balance as it was told, debits above zero."""
        sign = 1 if found.side == ledger_pb2.SIDE_DEBIT else -1
        return sum(sign * balance.minor_units for balance in found.balances if balance.currency_code == currency)

    async def _balance_as_of_is_right(self, book: str, owner: str, currency: str, on: date) -> None:
        """What the book said at a moment when something was posted, or a second before."""
        moves = self.model.moves[book, owner, currency]
        if not moves:
            return
        as_of = self.random.choice(moves).posted_at - timedelta(seconds=self.random.choice((0, 1)))
        key = {"account_id": owner} if owner.startswith("acc_") else {"account_code": owner, "book": book}
        request = balance_history_pb2.GetBalanceAsOfRequest(**key, on=date_message(on), as_of=instant_message(as_of))
        found = await self.door.call(request)
        assert self._units(found, currency) == self.model.balance(book, owner, currency, on, as_of), (owner, on, as_of)

    async def must_be_sound(self) -> None:
        """At the end every chain holds, both columns of the trial balances agree, and every balance is right."""
        for book, entries in Counter(posted.asked.book for posted in self.model.entries.values()).items():
            sound = await self.door.call(ledger_pb2.VerifyLedgerRequest(maximum_entries=1_000_000, book=book))
            assert sound.intact, sound.detail
            assert sound.entries_read == entries
            trial = await self.door.call(ledger_pb2.GetTrialBalanceRequest(book=book))
            assert trial.balanced
        for place in sorted(self.model.moves):
            dates = {move.booked for move in self.model.moves[place]}
            for on in self.random.sample(sorted(dates), min(3, len(dates))):
                await self._balance_is_right(*place, on)
                await self._balance_as_of_is_right(*place, on)

    def _time_passes(self) -> None:
        """It mostly goes on; now and then the clock is set back by hours, and the business date with it."""
        self.model.now += timedelta(minutes=self.random.choice((0, 1, 30, 3000, -90, -600)))
        self.model.today += timedelta(days=self.random.choice((0, 0, 0, 1, 3, -1)))
        self.door.now(self.model.now)
        self.door.today(self.model.today)


def bytes_of(database: Path) -> Callable[[], object]:
    """Reads every byte that SQLite keeps of a database."""
    files = (database, database.with_name(f"{database.name}-wal"))
    return lambda: [file.read_bytes() for file in files if file.exists()]
