"""The platform as a whole: product runs and their time in process, start-up, and memory at rest."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop
from google.protobuf.json_format import ParseDict

from tests.load.commands import CALL, register
from tests.load.figure import Figure, percentile
from zhongtai.gateway.v1.run_pb2 import RUN_STATUS_COMPLETED, StartRunRequest
from zhongtai.marketing.v1.customer_pb2 import GiveConsentRequest
from zhongtai.operations.v1.account_pb2 import ACCOUNT_CLASS_CUSTOMER, OpenAccountRequest
from zhongtai.risk.v1.policy_pb2 import PublishPolicyRequest
from zhongtai.risk.v1.scorecard_pb2 import PublishScorecardRequest
from zhongtai.runtime import settings
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.platform import Platform
from zhongtai.testing import applicants

ALONE = 60
TOGETHER = 300
CALLERS = 32


def environment(folder: Path) -> dict[str, str]:
    """The settings of a platform that meets nobody else's ports."""
    ports = {f"ZHONGTAI_{name.upper()}_GRPC_PORT": "0" for name in PACKAGES}
    return {**ports, "ZHONGTAI_DATA": str(folder), "ZHONGTAI_HTTP_PORT": "0", "ZHONGTAI_NATS_PORT": "0"}


def scorecard(folder: Path) -> tuple[Path, PublishScorecardRequest]:
    """Four hundred invented applicants, and the scorecard that was trained on half of them."""
    people, card = folder / "applicants.csv", folder / "scorecard.json"
    applicants.write(people, seed=1, count=400)
    command = [sys.executable, "-m", "zhongtai.runtime.main", "risk", "scorecard", "train", str(people)]
    subprocess.run(
        [*command, "--target", "outcome", "--bad", "bad", "--id", "bench", "--output", str(card)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return people, ParseDict(json.loads(card.read_text()), PublishScorecardRequest())


async def _prepare(platform: Platform, folder: Path) -> list[StartRunRequest]:
    """Publishes a policy that approves everybody, and registers a customer with an account for every run."""
    people, card = scorecard(folder)
    await platform.calls.call(card, CALL)
    who = applicants.read(people, seed=1)
    policy = {
        "policyId": "consumer_instalment",
        "version": 1,
        "name": "Bench",
        "nameZh": "测算",
        "currencyCode": "CNY",
        "scorecardId": "bench",
        "scorecardVersion": 1,
        "approveAtOrAbove": 0,
        "declineBelow": 0,
        "acceptedAttributes": sorted(who[0].attributes),
    }
    request = ParseDict({"requestId": "bench-policy", "policy": policy}, PublishPolicyRequest())
    await platform.calls.call(request, CALL)
    return list(
        await asyncio.gather(*(_wish(platform, number, who[number].attributes) for number in range(ALONE + TOGETHER)))
    )


async def _wish(platform: Platform, number: int, attributes: dict[str, str]) -> StartRunRequest:
    customer: Any = await platform.calls.call(register(number), CALL)
    consent = GiveConsentRequest(
        request_id=f"consent-{number}", customer_id=customer.customer_id, purpose="credit_assessment"
    )
    day = platform.clock.business_date() + timedelta(days=3650)
    consent.valid_to.year, consent.valid_to.month, consent.valid_to.day = day.year, day.month, 1
    await platform.calls.call(consent, CALL)
    account: Any = await platform.calls.call(
        OpenAccountRequest(
            request_id=f"account-{number}",
            customer_id=customer.customer_id,
            account_class=ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
        ),
        CALL,
    )
    wish = {
        "customer_id": customer.customer_id,
        "account_id": account.account_id,
        "amount": "CNY 12,000.00",
        "term_months": 12,
        "attributes": attributes,
    }
    body = {"requestId": f"run-{number}", "product": "consumer_instalment", "input": wish}
    return ParseDict(body, StartRunRequest())


async def _run(platform: Platform, request: StartRunRequest) -> float:
    begun = time.perf_counter()
    reply: Any = await platform.calls.call(request, CALL)
    assert reply.status == RUN_STATUS_COMPLETED, reply
    return time.perf_counter() - begun


async def _settled(platform: Platform) -> None:
    """Waits until the events of the preparation were applied: they are not what is measured."""
    before = -1
    while before != (before := sum(each.applied for each in platform.consumers.values())):
        await asyncio.sleep(1)


async def _measure(folder: Path) -> tuple[list[float], float]:
    async with Platform(settings.load(environment(folder))) as platform:
        requests = await _prepare(platform, folder)
        await _settled(platform)
        alone = [await _run(platform, request) for request in requests[:ALONE]]
        waiting = iter(requests[ALONE:])

        async def caller() -> None:
            for request in waiting:
                await _run(platform, request)

        begun = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        return alone, TOGETHER / (time.perf_counter() - begun)


def _started(folder: Path) -> tuple[float, float]:
    """Seconds until a platform on existing data says where it is, and its megabytes at rest."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "zhongtai.runtime.main", "serve", "--json"],
        env={**os.environ, **environment(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline(), "the platform said where it is"
        seconds = time.perf_counter() - begun
        status = Path(f"/proc/{process.pid}/status").read_text()
        kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return seconds, kilobytes / 1024
    finally:
        process.terminate()
        process.wait()


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on empty stores; start-up is warm, on the data the runs left."""
    middle = Figure("product run of eleven calls, one at a time in process, p50", "ms", [], "≤ 25")
    slowest = Figure("product run of eleven calls, one at a time in process, p99", "ms", [], "no bound")
    rate = Figure(f"product runs in process, {CALLERS} callers", "/s", [], "no bound")
    start = Figure("start-up of all services and the gateway, warm", "s", [], "≤ 5")
    memory = Figure("memory at rest, all in one process", "MB", [], "≤ 400")
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            alone, together = uvloop.run(_measure(Path(name)))
            seconds, megabytes = _started(Path(name))
        middle.values.append(percentile(alone, 0.5) * 1000)
        slowest.values.append(percentile(alone, 0.99) * 1000)
        rate.values.append(together)
        start.values.append(seconds)
        memory.values.append(megabytes)
    return [middle, slowest, rate, start, memory]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
