"""What single commands and single events cost: statements and microseconds of the processor, the disk's waits left out.

Loans are lent and repaid through credit; then every service hears of it, kind by kind. `tests/architecture` holds the
statements to a count, so that a regression is seen where it is made and not in a figure months later.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import uvloop
from google.protobuf.message import Message

from tests.credit.examples import day, fen, open_loan_request, request_id
from tests.load.commands import CALL, register
from tests.load.figure import Figure
from tests.load.ledger import one
from zhongtai.credit.v1 import limit_pb2, loan_pb2, repayment_pb2
from zhongtai.credit.v1.exposure_rule_pb2 import CapitalBase, PublishCapitalBaseRequest
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.seeds import SEEDER, seeds
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.statements import Watched
from zhongtai.testing.templates import fresh_sqlite

CALLERS = 64
ALONE = 4
AT_ONCE = 64
PIECES = ALONE + 6 * AT_ONCE
TOLD = ("LimitGranted", "LimitHeld", "LimitCommitted", "LoanOpened", "LoanDisbursed", "LoanRepaid", "LimitRestored")


@dataclass(frozen=True, slots=True)
class Cost:
    """One kind of work: a command alone, or an event heard by every noun of a service that listens to it."""

    name: str
    statements: tuple[str, ...]
    microseconds: float


class Desk:
    """One service on an empty store, and the costs of what it was asked."""

    def __init__(self, door: Door, costs: list[Cost]) -> None:
        self.door = door
        self._watched = Watched(door.service.store)
        self._costs = costs

    async def ask(self, requests: Sequence[Message]) -> list[Any]:
        """Sends requests of one kind, the first alone and all others from many callers at once; gives the replies."""
        replies: dict[int, Any] = {}

        async def send(places: range) -> None:
            waiting = iter(places)

            async def caller() -> None:
                for place in waiting:
                    replies[place] = await self.door.calls.call(requests[place], CALL)

            await asyncio.gather(*(caller() for _ in range(min(CALLERS, len(places)))))

        await self._measure(type(requests[0]).__name__.removesuffix("Request"), len(requests), send)
        return [replies[place] for place in range(len(requests))]

    async def hear(self, envelopes: Sequence[Envelope]) -> None:
        """Delivers events of one kind, the first alone and all others as a consumer does; a failure is raised."""

        async def deliver(places: range) -> None:
            for first in range(places.start, places.stop, AT_ONCE):
                answers = await self.door.service.deliver(envelopes[first : min(first + AT_ONCE, places.stop)])
                for answer in answers:
                    if answer is not None:
                        raise answer

        await self._measure(f"hears {envelopes[0].subject.rsplit('.', 1)[1]}", len(envelopes), deliver)

    async def _measure(self, what: str, count: int, work: Callable[[range], Awaitable[None]]) -> None:
        await work(range(ALONE - 1))
        with self._watched.statements() as statements:
            await work(range(ALONE - 1, ALONE))
        # Of many short pieces the cheapest is told: whoever else uses the machine makes the others dearer.
        taken = []
        for first in range(ALONE, count - AT_ONCE + 1, AT_ONCE):
            begun = time.process_time()
            await work(range(first, first + AT_ONCE))
            taken.append(time.process_time() - begun)
        await work(range(ALONE + len(taken) * AT_ONCE, count))
        self._costs.append(
            Cost(f"{self.door.service.name} {what}", tuple(statements), min(taken, default=0.0) / AT_ONCE * 1e6)
        )


@asynccontextmanager
async def desk(service: str, folder: Path, costs: list[Cost]) -> AsyncIterator[Desk]:
    """A service on an empty store, with the data that ships with it."""
    async with opened(service, fresh_sqlite(service, folder)) as door:
        made = Desk(door, costs)
        for seed in seeds(service):
            await door.calls.call(seed, SEEDER)
        yield made


async def _lend(credit: Desk, loans: int) -> list[Any]:
    """So many loans to as many customers, each granted, held, opened, committed and disbursed; measured by caps."""
    capital = CapitalBase(as_of=day(2026, 1, 1), net_capital=fen(10**15), tier_1=fen(10**15))
    await credit.door.call(PublishCapitalBaseRequest(request_id=request_id(), capital=capital))
    grant: dict[str, Any] = {"product_line": "consumer", "amount": fen(10_000_000)}
    customers = [f"cus_{number}" for number in range(loans)]
    limits = await credit.ask(
        [limit_pb2.GrantLimitRequest(request_id=request_id(), customer_id=one, **grant) for one in customers]
    )
    on_way: dict[str, Any] = {"amount": fen(1_200_000), "counterparty_id": "shop", "scenario_id": "consumer_instalment"}
    holds = await credit.ask(
        [limit_pb2.HoldLimitRequest(request_id=request_id(), limit_id=one.limit_id, **on_way) for one in limits]
    )
    lent = await credit.ask(
        [
            open_loan_request(hold.limit_id, hold.hold_id, 1_200_000, customer_id=customer)
            for customer, hold in zip(customers, holds, strict=True)
        ]
    )
    await credit.ask(
        [
            limit_pb2.CommitHoldRequest(request_id=request_id(), limit_id=one.limit_id, hold_id=one.hold_id)
            for one in holds
        ]
    )
    await credit.ask(
        [
            loan_pb2.ConfirmDisbursementRequest(request_id=request_id(), loan_id=one.loan_id, payment_id=one.loan_id)
            for one in lent
        ]
    )
    return lent


async def _repay(credit: Desk, lent: Sequence[Any]) -> None:
    """The first instalment of each loan, on its day."""
    credit.door.today(date(2026, 2, 5))
    due = await credit.ask([repayment_pb2.QuoteRepaymentRequest(loan_id=loan.loan_id) for loan in lent])
    await credit.ask(
        [
            repayment_pb2.RepayLoanRequest(
                request_id=request_id(), loan_id=one.loan_id, amount=one.due.total, payment_id=f"in_{one.loan_id}"
            )
            for one in due
        ]
    )


async def measure(folder: Path, count: int) -> list[Cost]:
    """What every kind of work costs, over `count` pieces of it."""
    costs: list[Cost] = []
    async with (
        desk("marketing", folder, costs) as marketing,
        desk("credit", folder, costs) as credit,
        desk("operations", folder, costs) as operations,
        desk("asset_liability", folder, costs) as asset_liability,
        desk("reporting", folder, costs) as reporting,
    ):
        await marketing.ask([register(number) for number in range(count)])
        await operations.ask([one(number) for number in range(count)])
        await _repay(credit, await _lend(credit, count))
        listeners = (credit, operations, asset_liability, reporting)
        for kind in TOLD:
            await _tell(credit, f"zhongtai.credit.v1.{kind}", count, listeners)
        await _tell(operations, "zhongtai.operations.v1.EntryPosted", count, listeners)
    return costs


async def _tell(source: Desk, subject: str, count: int, listeners: Sequence[Desk]) -> None:
    """Brings the last events of one kind to whoever listens to them."""
    envelopes = [envelope for envelope in await source.door.envelopes() if envelope.subject == subject][-count:]
    for listener in listeners:
        if {subject, "*"} & listener.door.service.subjects:
            await listener.hear(envelopes)


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on empty stores."""
    figures: dict[str, Figure] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            for cost in uvloop.run(measure(Path(name), PIECES)):
                title = f"{cost.name}, {len(cost.statements)} statements, processor"
                figures.setdefault(title, Figure(title, "µs", [], "no bound")).values.append(cost.microseconds)
    return list(figures.values())


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
