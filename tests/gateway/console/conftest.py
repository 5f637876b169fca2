"""The whole platform on one machine with a little life in it, and people who may sign in at its console."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.type.date_pb2 import Date

from tests.risk.examples import GOOD_INPUTS, publish_policy, publish_scorecard
from zhongtai.credit.v1 import loan_pb2
from zhongtai.gateway.client.ensuring import Wanted, ensure
from zhongtai.gateway.v1 import run_pb2
from zhongtai.kernel.identifiers import make_identity_number
from zhongtai.marketing.v1 import customer_pb2, offer_pb2
from zhongtai.operations.v1 import account_pb2, work_order_pb2
from zhongtai.reporting.v1 import fact_pb2, portfolio_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.platform import Platform
from zhongtai.testing.embedded import embedded

CHANNEL = Call(Caller("channel", "channel", frozenset({"*"})))
OFFICER = Wanted("officer_li", ("operations.*", "role:credit_officer", "gateway.run.read"))
GUEST = Wanted("guest", ("gateway.run.read",))
NAME = "孟浩然"
BORN = date(1986, 3, 9)
SETTLED_WITHIN_S = 30
# An applicant of each fate: 560 + 30 + 25 points are approved, 560 + 30 − 5 are referred, a child is declined.
APPLICANTS = {
    "approved": GOOD_INPUTS,
    "referred": {"housing": "rent", "age": "40"},
    "declined": {"housing": "own", "age": "15"},
}


@dataclass
class Bank:
    """The running platform as a test sees it."""

    platform: Platform
    data: Path
    runs: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    @property
    def home(self) -> str:
        """Where its HTTP door is."""
        return self.platform.addresses["http"]

    def secret(self, client_id: str) -> str:
        """The secret of a client, from its file."""
        told: dict[str, str] = json.loads((self.data / f"{client_id}.json").read_text())
        return told["secret"]

    async def call(self, request: Message) -> Any:
        """What a channel app is answered."""
        return await self.platform.calls.call(request, CHANNEL)

    async def order(self, title: str = "Decide a referred instalment application", title_zh: str = "审批申请") -> str:
        """Opens a work order, and gives its id."""
        request = work_order_pb2.OpenWorkOrderRequest(
            request_id=f"order-{next(self.numbers)}",
            kind="credit_referral",
            role="credit_officer",
            four_eyes=True,
            subject=self.runs["approved"],
            title=title,
            title_zh=title_zh,
            details={"amount": "CNY 12,000.00", "score": "585"},
        )
        return str((await self.call(request)).work_order_id)

    async def state_of(self, order: str) -> work_order_pb2.WorkOrder:
        """The order as operations has it."""
        found: work_order_pb2.WorkOrder = (
            await self.call(work_order_pb2.GetWorkOrderRequest(work_order_id=order))
        ).work_order
        return found

    async def loan(self) -> str:
        """The first loan there was."""
        return str((await self.call(loan_pb2.ListLoansRequest())).loans[0].loan_id)

    async def until_run(self, run_id: str, status: run_pb2.RunStatus) -> None:
        """Waits until a run stands so."""

        async def stands() -> bool:
            found = await self.call(run_pb2.GetRunRequest(run_id=run_id))
            return bool(found.run.status == status)

        await _until(stands)

    @asynccontextmanager
    async def signed_in(self, client_id: str = "admin", language: str = "en") -> AsyncIterator[httpx.AsyncClient]:
        """A browser without scripts, signed in."""
        headers = {"accept-language": language}
        async with httpx.AsyncClient(base_url=self.home, headers=headers, timeout=30) as http:
            form = {"client_id": client_id, "secret": self.secret(client_id), "back": "/console/"}
            answer = await http.post("/console/sign-in", data=form)
            assert answer.status_code == 303, answer.text
            yield http


@pytest.fixture(scope="session")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    """The platform, with one run of each fate."""
    data = tmp_path_factory.mktemp("console")
    async with embedded(data) as platform:
        await ensure(platform.services["gateway"], data, (OFFICER, GUEST))
        found = Bank(platform, data)
        await live(found)
        yield found


@pytest.fixture(scope="session")
def chromium() -> str:
    """A real browser; skips where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine")
    return found


async def live(bank: Bank) -> None:
    await bank.call(publish_scorecard())
    await bank.call(publish_policy())
    people = {fate: await _person(bank, fate, number) for number, fate in enumerate(APPLICANTS)}
    for customer, _ in people.values():
        await _until(partial(_eligible, bank, customer))
    for fate, attributes in APPLICANTS.items():
        customer, account = people[fate]
        wish = Struct()
        wish.update({"customer_id": customer, "account_id": account, "amount": "CNY 10,000.00"})
        wish.update({"term_months": 6, "attributes": attributes})
        request = run_pb2.StartRunRequest(request_id=fate, product="consumer_instalment", input=wish)
        bank.runs[fate] = (await bank.call(request)).run_id
    await _until(partial(_told, bank))


async def _person(bank: Bank, fate: str, number: int) -> tuple[str, str]:
    """Registers a customer who consents to be assessed, and opens their account; gives the ids of both."""
    person = customer_pb2.RegisterCustomerRequest(
        request_id=f"{fate}-person",
        kind=customer_pb2.CUSTOMER_KIND_PERSON,
        name=NAME,
        identity_kind=customer_pb2.IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
        identity_number=make_identity_number("110101", BORN, number + 1),
    )
    customer = (await bank.call(person)).customer_id
    consent = customer_pb2.GiveConsentRequest(
        request_id=f"{fate}-consent",
        customer_id=customer,
        purpose="credit_assessment",
        valid_to=Date(year=2099, month=12, day=31),
    )
    await bank.call(consent)
    account = account_pb2.OpenAccountRequest(
        request_id=f"{fate}-account",
        customer_id=customer,
        account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
        product="demand_deposit",
        currency_code="CNY",
    )
    return customer, (await bank.call(account)).account_id


async def _eligible(bank: Bank, customer: str) -> bool:
    """Whether the product has reached marketing."""
    request = offer_pb2.CheckOfferRequest(customer_id=customer, product_id="consumer_instalment", term_months=6)
    request.amount.currency_code, request.amount.minor_units = "CNY", 1_000_000
    return bool((await bank.call(request)).eligible)


async def _told(bank: Bank) -> bool:
    """Whether reporting knows the loan and the end of both runs that end."""
    counts = (await bank.call(fact_pb2.CountFactsRequest(subject=run_pb2.RunEnded.DESCRIPTOR.full_name))).total
    loans = (await bank.call(portfolio_pb2.GetPortfolioRequest())).loans_total
    return bool(counts == 2 and loans and loans[0].loans_outstanding.value == 1)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while not await holds():
            await asyncio.sleep(0.01)
