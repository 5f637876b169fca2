"""The story: applicants through the product, referred ones to an officer, then three months of repayments.

Every request's key is made of the file, the applicant and the step, so a story told twice, or told on after a crash,
finds what it did and doubles nothing.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.progress import Progress

from zhongtai.gateway.demonstration.channel import AT_ONCE, Channel, Problem
from zhongtai.gateway.demonstration.closing import close
from zhongtai.gateway.demonstration.staff import Notebook
from zhongtai.kernel.schedule import months_later
from zhongtai.testing.applicants import Applicant, Columns

PRODUCT = "consumer_instalment"
MONTHS = 3
REFER_POINTS = 12
ENDED = ("RUN_STATUS_COMPLETED", "RUN_STATUS_DECLINED", "RUN_STATUS_FAILED")
WAIT_S = 0.1


@dataclass
class Told:
    """What came of it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    referred: int = 0
    loans: dict[int, str] = field(default_factory=dict)
    repaid: int = 0
    missed: int = 0
    run_seconds: list[float] = field(default_factory=list)
    closed: date = date.min


@dataclass
class Story:
    """One file of applicants, told through the door."""

    channel: Channel
    officer: Channel
    notebook: Notebook
    applicants: Sequence[Applicant]
    file: Path
    columns: Columns
    digest: str
    progress: Progress
    told: Told = field(default_factory=Told)
    _wishes: dict[int, dict[str, Any]] = field(default_factory=dict)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def tell(self) -> Told:
        """Everything, in order."""
        start = await self._start_date()
        await self._publish_policy(start)
        runs = await self._apply()
        await self._decide(runs)
        for month in range(1, MONTHS + 1):
            await self._repay(month, months_later(start, month))
        self.told.closed = await close(self.channel, self.digest)
        return self.told

    async def _start_date(self) -> date:
        """The business date this file's story began on."""
        if not self.notebook.get("stories", self.digest, "start"):
            today = (await self.channel.get("/v1/business-date"))["businessDate"]
            self.notebook.put(_date(today).isoformat(), "stories", self.digest, "start")
        return date.fromisoformat(self.notebook.get("stories", self.digest, "start"))

    async def _publish_policy(self, start: date) -> None:
        """Trains a scorecard on one half of the file, publishes it, and a policy that decides by it."""
        scorecard_id = f"demo_{self.digest}"
        request = await self._train(scorecard_id)
        await self.channel.post("/v1/scorecards", request, key=f"{self.digest}-scorecard")
        cut_off = int(request["scorecard"]["development"]["confusion"]["cut_off"])
        version = self.notebook.get("stories", self.digest, "policy_version") or await self._next_version()
        self.notebook.put(version, "stories", self.digest, "policy_version")
        policy = {
            "policyId": PRODUCT,
            "version": version,
            "name": "Consumer instalment",
            "nameZh": "消费分期",
            "currencyCode": "CNY",
            "scorecardId": scorecard_id,
            "scorecardVersion": 1,
            "rules": [
                {
                    "attribute": "age_in_years" if "age_in_years" in self.applicants[0].attributes else "age",
                    "comparison": "COMPARISON_AT_LEAST",
                    "values": ["18"],
                    "otherwise": "OUTCOME_DECLINE",
                    "reasonCode": "AGE_BELOW_MINIMUM",
                    "reasonText": "Applicants must be 18 or older.",
                    "reasonTextZh": "申请人须年满18周岁。",
                }
            ],
            "approveAtOrAbove": cut_off,
            "declineBelow": cut_off - REFER_POINTS,
            "acceptedAttributes": sorted(self.applicants[0].attributes),
            "publishedOn": {"year": start.year, "month": start.month, "day": start.day},
        }
        await self.channel.post("/v1/policies", {"policy": policy}, key=f"{self.digest}-policy")

    async def _train(self, scorecard_id: str) -> dict[str, Any]:
        """Runs the training command, which prints what it measured, and answers the request that publishes the card."""
        with TemporaryDirectory() as folder:
            output = Path(folder) / "scorecard.json"
            command = [sys.executable, "-m", "zhongtai.runtime.main", "risk", "scorecard", "train", str(self.file)]
            options = [
                "--target",
                self.columns.target,
                "--bad",
                self.columns.bad,
                "--id",
                scorecard_id,
                "--output",
                str(output),
            ]
            process = await asyncio.create_subprocess_exec(*command, *options)
            if await process.wait():
                raise RuntimeError(f"{' '.join([*command, *options])} ended with {process.returncode}")
            content: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return {"scorecard": content["scorecard"]}

    async def _next_version(self) -> int:
        policies = await self.channel.pages("/v1/policies", "policies")
        return 1 + max((int(each["version"]) for each in policies if each["policyId"] == PRODUCT), default=0)

    async def _apply(self) -> dict[int, dict[str, Any]]:
        """Registers every applicant and starts their runs; answers the runs by the applicant's number."""
        runs: dict[int, dict[str, Any]] = {}

        async def one(number: int) -> None:
            runs[number] = await self._application(number, self.applicants[number])

        await self._each("applications", range(len(self.applicants)), one)
        return runs

    async def _application(self, number: int, applicant: Applicant) -> dict[str, Any]:
        key = f"{self.digest}-{number}"
        person = {
            "kind": "CUSTOMER_KIND_PERSON",
            "name": applicant.name,
            "identityKind": "IDENTITY_KIND_RESIDENT_IDENTITY_CARD",
            "identityNumber": applicant.identity_number,
        }
        customer_id = await self._customer(person, key)
        consent = {"purpose": "credit_assessment", "validTo": {"year": 2099, "month": 12, "day": 31}}
        await self.channel.post(f"/v1/customers/{customer_id}/consents", consent, key=f"{key}-consent")
        account = {
            "customerId": customer_id,
            "accountClass": "ACCOUNT_CLASS_CUSTOMER",
            "product": "demand_deposit",
            "currencyCode": "CNY",
        }
        account_id = (await self.channel.post("/v1/accounts", account, key=f"{key}-account"))["accountId"]
        self._wishes[number] = {
            "customer_id": customer_id,
            "account_id": account_id,
            "amount": {"currencyCode": "CNY", "minorUnits": str(applicant.amount_yuan * 100)},
            "term_months": applicant.term_months,
            "attributes": applicant.attributes,
        }
        begun = time.perf_counter()
        run = await self._run(PRODUCT, self._wishes[number], f"{key}-run")
        self.told.run_seconds.append(time.perf_counter() - begun)
        return run

    async def _run(self, product: str, given: dict[str, Any], key: str) -> dict[str, Any]:
        """Starts a run, or finds the one that the key started; answers it when it has ended, or waits for a person.

        Asking so again costs the platform a tenth of reading the run, which comes with its whole journal.
        """
        return await self.channel.post(f"/v1/products/{product}/runs", {"input": given}, key=key)

    async def _customer(self, person: dict[str, Any], key: str) -> str:
        """The customer's id; who is known already from another file is the same person."""
        try:
            return str((await self.channel.post("/v1/customers", person, key=f"{key}-customer"))["customerId"])
        except Problem as problem:
            if problem.reason != "CUSTOMER_ALREADY_REGISTERED":
                raise
            return str(problem.metadata["customer_id"])

    async def _decide(self, runs: dict[int, dict[str, Any]]) -> None:
        """A credit officer claims and decides what was referred: every second score, the better half."""
        subjects = {run["runId"] for run in runs.values()}
        orders = [
            order
            for order in await self.officer.pages("/v1/work-orders", "workOrders", role="credit_officer")
            if order["subject"] in subjects
        ]
        self.told.referred = len(orders)
        scores = sorted(int(order["details"].get("score", 0)) for order in orders)
        middle = scores[len(scores) // 2] if scores else 0

        async def one(order: dict[str, Any]) -> None:
            path = f"/v1/work-orders/{order['workOrderId']}"
            if order["status"] in ("WORK_ORDER_STATUS_OPEN", "WORK_ORDER_STATUS_CLAIMED"):
                good = int(order["details"].get("score", 0)) >= middle
                outcome = "WORK_ORDER_OUTCOME_APPROVED" if good else "WORK_ORDER_OUTCOME_REJECTED"
                await self.officer.post(f"{path}:claim", {}, key=f"{order['workOrderId']}-claim")
                await self.officer.post(f"{path}:decide", {"outcome": outcome}, key=f"{order['workOrderId']}-decide")

        await self._each("referred, decided by an officer", orders, one)
        await self._each("runs to their end", list(runs), lambda number: self._end(number, runs))

    async def _end(self, number: int, runs: dict[int, dict[str, Any]]) -> None:
        """Waits for a run's end and counts it."""
        run = runs[number]
        while run["status"] not in ENDED:
            await asyncio.sleep(WAIT_S)
            run = await self._run(PRODUCT, self._wishes[number], f"{self.digest}-{number}-run")
        self.told.outcomes[run["outcome"]] += 1
        if run["status"] == "RUN_STATUS_COMPLETED":
            self.told.loans[number] = run["output"]["loan_id"]
        else:
            self.told.reasons.update(
                reason["code"] for reason in run.get("reasons", [])[:1] or [{"code": run["outcome"]}]
            )

    async def _repay(self, month: int, day: date) -> None:
        """Moves the business date to the day the instalments are due, and collects from those who pay."""
        to = {"year": day.year, "month": day.month, "day": day.day}
        try:
            await self.channel.post("/v1/business-date:advance", {"to": to}, key=f"{self.digest}-advance-{month}")
        except Problem as problem:
            # Another file's story has gone further already: this one is told on that later date.
            if problem.reason != "BUSINESS_DATE_MUST_NOT_GO_BACK":
                raise

        async def one(number: int) -> None:
            if not _pays(self.applicants[number], number, month):
                self.told.missed += 1
                return
            loan, key = {"loan_id": self.told.loans[number]}, f"{self.digest}-{number}-repay-{month}"
            while (run := await self._run("loan_repayment", loan, key))["status"] not in ENDED:
                await asyncio.sleep(WAIT_S)
            self.told.repaid += run["outcome"] == "REPAID"

        await self._each(f"repayments of {day:%Y-%m-%d}", sorted(self.told.loans), one)

    async def _each(self, title: str, items: Iterable[Any], one: Callable[[Any], Awaitable[None]]) -> None:
        """Does something for each item, all at once as far as the channel has room, behind a progress bar."""
        waiting = list(items)
        task = self.progress.add_task(title, total=len(waiting))

        async def counted(item: Any) -> None:
            async with self._room:
                await one(item)
            self.progress.advance(task)

        async with asyncio.TaskGroup() as group:
            for item in waiting:
                group.create_task(counted(item))


def _pays(applicant: Applicant, number: int, month: int) -> bool:
    """Who will default pays once and then no more; of the others one in forty is a month late once."""
    if applicant.bad:
        return month == 1
    return not (number % 40 == 7 and month == 2)


def _date(message: dict[str, int]) -> date:
    return date(message["year"], message["month"], message["day"])
