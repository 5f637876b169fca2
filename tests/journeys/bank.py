"""A bank for the journeys: the running platform as its channel app, its officer and its auditor see it, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from google.protobuf import json_format

from tests.risk.examples import publish_policy, publish_scorecard
from zhongtai.gateway.demonstration.channel import Channel
from zhongtai.gateway.demonstration.staff import CHANNEL_SCOPES, OFFICER_SCOPES, Notebook, sign_in
from zhongtai.kernel.identifiers import make_credit_code, make_identity_number
from zhongtai.kernel.schedule import months_later
from zhongtai.runtime import journal
from zhongtai.runtime.platform import Platform

ENDED = ("RUN_STATUS_COMPLETED", "RUN_STATUS_DECLINED", "RUN_STATUS_FAILED")
PATIENCE_S = 60.0
LOOK_AGAIN_S = 0.05

# What the scorecard and the policy of the tests make of an applicant: 615, 585 and 535 points.
GOOD = {"age": "40", "housing": "own"}
FAIR = {"age": "40", "housing": "rent"}


@dataclass(frozen=True)
class Customer:
    """A registered customer with a deposit account."""

    customer_id: str
    account_id: str


@dataclass
class Bank:
    """A platform with a policy, and the two people who work with it."""

    platforms: Sequence[Platform]
    app: Channel
    officer: Channel
    requests: int = 0

    def key(self) -> str:
        """An idempotency key no other request has."""
        self.requests += 1
        return f"journey-{self.requests}"

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Sends a change as the channel app."""
        return await self.app.post(path, body, key=self.key())

    async def customer(self, number: int) -> Customer:
        """Registers a person who agrees to be assessed, and opens an account."""
        return await self._registered(
            kind="CUSTOMER_KIND_PERSON",
            name=f"王{number}",
            identityKind="IDENTITY_KIND_RESIDENT_IDENTITY_CARD",
            identityNumber=make_identity_number("110101", date(1986, 3, 4), number),
        )

    async def organisation(self, number: int) -> Customer:
        """Registers a company that agrees to be assessed, and opens an account."""
        return await self._registered(
            kind="CUSTOMER_KIND_ORGANISATION",
            name=f"供应商{number}",
            identityKind="IDENTITY_KIND_UNIFIED_SOCIAL_CREDIT_CODE",
            identityNumber=make_credit_code("310115", number),
        )

    async def _registered(self, **who: str) -> Customer:
        customer_id = (await self.post("/v1/customers", **who))["customerId"]
        consent = {"purpose": "credit_assessment", "validTo": {"year": 2099, "month": 12, "day": 31}}
        await self.post(f"/v1/customers/{customer_id}/consents", **consent)
        opened = await self.post(
            "/v1/accounts",
            customerId=customer_id,
            accountClass="ACCOUNT_CLASS_CUSTOMER",
            product="demand_deposit",
            currencyCode="CNY",
        )
        return Customer(customer_id, opened["accountId"])

    async def apply(
        self, customer: Customer, yuan: int, attributes: dict[str, str], term_months: int = 6
    ) -> dict[str, Any]:
        """Runs the instalment product; answers the run, ended or waiting for the officer."""
        wish = {
            "customer_id": customer.customer_id,
            "account_id": customer.account_id,
            "amount": {"currencyCode": "CNY", "minorUnits": str(yuan * 100)},
            "term_months": term_months,
            "attributes": attributes,
        }
        run = await self.post("/v1/products/consumer_instalment/runs", input=wish)
        return await self.until(run, *ENDED, "RUN_STATUS_WAITING")

    async def decide(self, run: dict[str, Any], outcome: str) -> dict[str, Any]:
        """The officer claims and decides what a run waits for; answers the ended run."""

        async def order() -> str:
            orders = await self.officer.pages("/v1/work-orders", "workOrders", role="credit_officer")
            (found,) = [each["workOrderId"] for each in orders if each["subject"] == run["runId"]]
            return str(found)

        path = f"/v1/work-orders/{await order()}"
        await self.officer.post(f"{path}:claim", {}, key=self.key())
        await self.officer.post(f"{path}:decide", {"outcome": f"WORK_ORDER_OUTCOME_{outcome}"}, key=self.key())
        return await self.until(run, *ENDED)

    async def repay(self, loan_id: str) -> dict[str, Any]:
        """Runs the repayment product for what is due today."""
        run = await self.post("/v1/products/loan_repayment/runs", input={"loan_id": loan_id})
        return await self.until(run, *ENDED)

    async def pay_off(self, loan_id: str) -> dict[str, Any]:
        """Collects what the loan still owes, exactly, and applies it."""
        quote = await self.app.get(f"/v1/loans/{loan_id}:quotePayOff")
        paid = await self.post(
            "/v1/payments:collect",
            endToEndId=self.key(),
            loanId=loan_id,
            accountId=quote["accountId"],
            amount=quote["total"],
        )
        return await self.post(f"/v1/loans/{loan_id}:payOff", amount=quote["total"], paymentId=paid["paymentId"])

    async def until(self, run: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """The run, once it has one of the statuses."""
        async with asyncio.timeout(PATIENCE_S):
            while run["status"] not in statuses:
                await asyncio.sleep(LOOK_AGAIN_S)
                run = (await self.app.get(f"/v1/runs/{run['runId']}"))["run"]
        return run

    async def months_later(self, months: int) -> None:
        """Moves the business date."""
        today = (await self.app.get("/v1/business-date"))["businessDate"]
        day = months_later(date(today["year"], today["month"], today["day"]), months)
        await self.post("/v1/business-date:advance", to={"year": day.year, "month": day.month, "day": day.day})

    async def published(self) -> int:
        """How many facts the outboxes hold."""
        services = [service for platform in self.platforms for service in platform.services.values()]
        return sum([await service.store.read(journal.last_sequence) for service in services])

    async def balance(self, code: str) -> int:
        """The balance of a general-ledger account, in fen."""
        found = await self.app.get("/v1/ledger/balances", accountCode=code)
        return sum(fen(balance) for balance in found.get("balances", []))


def fen(money: dict[str, Any]) -> int:
    """The minor units of an amount."""
    return int(money.get("minorUnits", 0))


async def eventually(check: Callable[[], Awaitable[None]]) -> None:
    """Checks again until it holds, for events take their way; fails with the last reason after a minute."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    while True:
        try:
            await check()
        except AssertionError:
            if loop.time() > end:
                raise
            await asyncio.sleep(LOOK_AGAIN_S)
        else:
            return


@asynccontextmanager
async def bank(gateway: Platform, *others: Platform) -> AsyncIterator[Bank]:
    """Opens the bank at the gateway's HTTP door, with the policy of the tests."""
    address, data = gateway.addresses["http"], gateway.settings.data
    notebook = Notebook(data)
    app = await sign_in(address, data, notebook, "app", CHANNEL_SCOPES)
    officer = await sign_in(address, data, notebook, "officer", OFFICER_SCOPES)
    async with app, officer:
        opened = Bank((gateway, *others), app, officer)
        for path, request in (("/v1/scorecards", publish_scorecard()), ("/v1/policies", publish_policy())):
            body = json.loads(json_format.MessageToJson(request))
            del body["requestId"]
            await opened.post(path, **body)
        yield opened
