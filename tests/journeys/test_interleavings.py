"""Money is conserved, and held + used ≤ granted, under any interleaving of commands, retries and duplicate events.

Callers race for the same limits and accounts of credit and operations; each request is sent up to three times at once;
the bus brings events late, in pieces, and more than once. A seed chooses all of it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type.decimal_pb2 import Decimal

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import limit_pb2, loan_pb2, repayment_pb2
from zhongtai.kernel.refusals import Contended, Unmet
from zhongtai.operations.v1 import account_pb2, ledger_pb2, payment_pb2
from zhongtai.runtime import contracts, seeds
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.service import Service
from zhongtai.testing.templates import fresh_sqlite

SEEDS = range(6)
CUSTOMERS, BRANCHES, ACTIONS = 3, 3, 8
GRANTED = 1_000_000
CALLER = Call(Caller("branch", "journeys", frozenset({"*"})))
ALL = PageRequest(size=500)


def fen(minor_units: int) -> Money:
    return Money(currency_code="CNY", minor_units=minor_units)


@dataclass
class Branches:
    """Credit and operations, a bus that is not to be relied on, and callers who repeat themselves."""

    services: dict[str, Service]
    calls: Calls
    chance: Random
    requests: int = 0
    limits: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    loans: list[list[str]] = field(default_factory=list)
    reached: dict[tuple[str, str], int] = field(default_factory=dict)

    def key(self) -> str:
        self.requests += 1
        return f"request-{self.requests}"

    async def ask(self, request: Message) -> Any:
        """Sends a request; a change is sent up to three times at once, and every answer is the same one."""
        repeats = 1 if contracts.method_of(request).reads else self.chance.randint(1, 3)
        answers = await asyncio.gather(*(self.once(request) for _ in range(repeats)), return_exceptions=True)
        first = answers[0]
        for other in answers[1:]:
            if isinstance(first, BaseException):
                assert type(other) is type(first)
            else:
                assert other == first, "the same request id has the same answer"
        if isinstance(first, BaseException):
            raise first
        return first

    async def once(self, request: Message) -> Message:
        while True:
            try:
                return await self.calls.call(request, CALLER)
            except Contended:
                continue

    async def open(self, number: int) -> None:
        """A customer with a limit and an account."""
        customer = f"cus_{number}"
        grant = limit_pb2.GrantLimitRequest(
            request_id=self.key(), customer_id=customer, product_line="consumer", amount=fen(GRANTED)
        )
        account = account_pb2.OpenAccountRequest(
            request_id=self.key(),
            customer_id=customer,
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
        )
        self.limits.append((await self.ask(grant)).limit_id)
        self.accounts.append((await self.ask(account)).account_id)
        self.loans.append([])

    async def branch(self, number: int) -> None:
        """One caller who works for one customer; what is refused is an answer like another."""
        for _ in range(ACTIONS):
            action = self.chance.choice(
                (self.borrow, self.borrow, self.change_mind, self.pay_off, self.transfer, self.pump)
            )
            try:
                await action(number)
            except Unmet:
                continue

    async def hold(self, number: int, amount: int) -> Any:
        request = limit_pb2.HoldLimitRequest(request_id=self.key(), limit_id=self.limits[number], amount=fen(amount))
        return await self.ask(request)

    async def loan(self, number: int, amount: int, hold_id: str) -> str:
        request = loan_pb2.OpenLoanRequest(
            request_id=self.key(),
            customer_id=f"cus_{number}",
            product_id="consumer_instalment",
            amount=fen(amount),
            term_months=6,
            account_id=self.accounts[number],
            limit_id=self.limits[number],
            hold_id=hold_id,
            grade="A",
            transfer_rate=Decimal(value="0.02"),
        )
        return str((await self.ask(request)).loan_id)

    async def borrow(self, number: int) -> None:
        """Hold, open, pay out, commit, confirm."""
        amount = self.chance.randrange(50_000, 600_000)
        held = await self.hold(number, amount)
        loan_id = await self.loan(number, amount, held.hold_id)
        paid = await self.ask(
            payment_pb2.DisburseRequest(
                request_id=self.key(),
                end_to_end_id=self.key(),
                loan_id=loan_id,
                account_id=self.accounts[number],
                amount=fen(amount),
            )
        )
        commit = limit_pb2.CommitHoldRequest(request_id=self.key(), limit_id=self.limits[number], hold_id=held.hold_id)
        await self.ask(commit)
        await self.ask(
            loan_pb2.ConfirmDisbursementRequest(request_id=self.key(), loan_id=loan_id, payment_id=paid.payment_id)
        )
        self.loans[number].append(loan_id)

    async def change_mind(self, number: int) -> None:
        """Hold and open, then take both back, twice."""
        amount = self.chance.randrange(50_000, 600_000)
        held = await self.hold(number, amount)
        loan_id = await self.loan(number, amount, held.hold_id)
        for _ in range(2):
            await self.ask(loan_pb2.CancelLoanRequest(request_id=self.key(), loan_id=loan_id))
            await self.ask(
                limit_pb2.ReleaseHoldRequest(request_id=self.key(), limit_id=self.limits[number], hold_id=held.hold_id)
            )

    async def pay_off(self, number: int) -> None:
        """Collects all that one loan owes, and applies it. Nobody else pays the same loan meanwhile."""
        if not self.loans[number]:
            return
        loan_id = self.loans[number].pop(self.chance.randrange(len(self.loans[number])))
        quote = await self.ask(repayment_pb2.QuotePayOffRequest(loan_id=loan_id))
        try:
            paid = await self.ask(
                payment_pb2.CollectRequest(
                    request_id=self.key(),
                    end_to_end_id=self.key(),
                    loan_id=loan_id,
                    account_id=self.accounts[number],
                    amount=quote.total,
                )
            )
        except Unmet:
            self.loans[number].append(loan_id)
            raise
        await self.ask(
            repayment_pb2.PayOffLoanRequest(
                request_id=self.key(), loan_id=loan_id, amount=quote.total, payment_id=paid.payment_id
            )
        )

    async def transfer(self, number: int) -> None:
        """Sends money to another customer."""
        await self.ask(
            payment_pb2.TransferRequest(
                request_id=self.key(),
                end_to_end_id=self.key(),
                debtor_account_id=self.accounts[number],
                creditor_account_id=self.accounts[(number + 1) % CUSTOMERS],
                amount=fen(self.chance.randrange(1, 400_000)),
            )
        )

    async def pump(self, number: int) -> None:
        """Brings some events, some of them again, and then looks at the books in the midst of it."""
        _ = number
        for target in self.services.values():
            for source in self.services.values():
                await self.bring(source, target, self.chance.randint(1, 20))
        await self.always_holds()

    async def bring(self, source: Service, target: Service, most: int) -> int:
        """Delivers the next events of a source, after a few that were delivered before."""
        reached = self.reached.get((source.name, target.name), 0)
        back = self.chance.randint(0, 5)
        facts = await source.store.outbox_after(max(0, reached - back), most + back)
        wanted = [fact for fact in facts if fact.subject in target.subjects]
        answers = await target.deliver([*wanted, *wanted[: self.chance.randint(0, 3)]])
        assert [answer for answer in answers if answer is not None] == []
        last = facts[-1].sequence if facts else reached
        self.reached[source.name, target.name] = max(last, self.reached.get((source.name, target.name), 0))
        return last - reached

    async def settle(self) -> None:
        """Brings every event there is, and what comes of them."""
        services = self.services.values()
        while any([await self.bring(one, other, 500) > 0 for one in services for other in services]):
            continue

    async def always_holds(self) -> None:
        """What is true at every moment, whoever is in the midst of what."""
        limits = (await self.ask(limit_pb2.ListLimitsRequest(page=ALL))).limits
        for limit in limits:
            assert limit.held.minor_units >= 0
            assert limit.used.minor_units >= 0
            assert limit.held.minor_units + limit.used.minor_units <= limit.granted.minor_units == GRANTED
        trial = await self.ask(ledger_pb2.GetTrialBalanceRequest())
        assert trial.balanced
        for account in (await self.ask(account_pb2.ListAccountsRequest(page=ALL))).accounts:
            if account.customer_id:
                assert account.balance.minor_units >= 0

    async def balance(self, code: str) -> int:
        found = await self.ask(ledger_pb2.GetBalanceRequest(account_code=code))
        return sum(int(amount.minor_units) for amount in found.balances)


@asynccontextmanager
async def branches(folder: Path, seed: int) -> AsyncIterator[Branches]:
    async with AsyncExitStack() as stack:
        services: dict[str, Service] = {}
        calls = Calls(services, {})
        for name in ("credit", "operations"):
            store = Store.open(fresh_sqlite(name, folder), name)
            stack.push_async_callback(asyncio.to_thread, store.close)
            services[name] = Service(name, store, GivenClock(), calls=calls)
            await seeds.plant(name, calls)
        opened = Branches(services, calls, Random(f"interleavings {seed}"))
        for number in range(CUSTOMERS):
            await opened.open(number)
        yield opened


@pytest.mark.parametrize("seed", SEEDS)
async def test_money_is_conserved_and_no_limit_is_exceeded(seed: int, tmp_path: Path) -> None:
    async with branches(tmp_path, seed) as opened:
        async with asyncio.TaskGroup() as group:
            for number in range(CUSTOMERS):
                for _ in range(BRANCHES):
                    group.create_task(opened.branch(number))
        await opened.settle()
        await opened.always_holds()
        limits = (await opened.ask(limit_pb2.ListLimitsRequest(page=ALL))).limits
        loans = (await opened.ask(loan_pb2.ListLoansRequest(page=ALL))).loans
        accounts = (await opened.ask(account_pb2.ListAccountsRequest(page=ALL))).accounts
        owed = sum(loan.outstanding.minor_units for loan in loans if loan.status == loan_pb2.LOAN_STATUS_ACTIVE)
        assert loans, "somebody borrowed"
        assert sum(limit.used.minor_units for limit in limits) == owed
        # Every fen on the accounts is owed by somebody: the loans were paid out, and repaid from, these accounts only.
        assert sum(account.balance.minor_units for account in accounts if account.customer_id) == owed
        assert await opened.balance("300101") == 0
        assert await opened.balance("300102") == 0
        assert (await opened.ask(ledger_pb2.VerifyLedgerRequest())).intact
