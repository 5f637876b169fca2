"""The story of a payday: a thousand salaries in one batch, some of which cannot be paid, told line by line."""

import asyncio
from pathlib import Path
from typing import Any

from tests.journeys.bank import Bank, bank, eventually, fen
from zhongtai.testing.embedded import embedded

STAFF = 100
LINES = 1_000
SALARY = 800_000
# The 7th of each hundred has closed its account, and the last 50 lines find the employer's money spent.
CLOSED, SHORT = 7, 50


async def test_a_thousand_salaries_are_paid_line_by_line_across_a_restart(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        employer = await opened.organisation(1)
        staff = await asyncio.gather(*(account(opened, number) for number in range(STAFF)))
        await opened.post(f"/v1/accounts/{staff[CLOSED]}:close")
        payable = [number for number in range(LINES) if number % STAFF != CLOSED]
        await funded(opened, employer.account_id, SALARY * (len(payable) - SHORT))
        request = payroll(employer.account_id, staff)
        batch = (await opened.post("/v1/payment-batches", **request))["paymentBatchId"]
        piece = await opened.post(f"/v1/payment-batches/{batch}:continue")
        assert piece["more"], "half of the lines have moved when the platform stops"
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        # Whoever did not see the answer submits again, and goes on with what is there.
        assert (await opened.post("/v1/payment-batches", **request))["paymentBatchId"] == batch
        path = f"/v1/payment-batches/{batch}"

        async def told() -> None:
            found = (await opened.app.get(path))["paymentBatch"]
            assert found["status"] == "BATCH_STATUS_PART", found

        while (await opened.post(f"{path}:continue")).get("more"):
            pass
        await eventually(told)
        found = (await opened.app.get(path))["paymentBatch"]
        paid = len(payable) - SHORT
        assert (found["acceptedCount"], found["rejectedCount"]) == (paid, LINES - paid)
        assert (fen(found["accepted"]), fen(found["rejected"])) == (SALARY * paid, SALARY * (LINES - paid))
        lines = await opened.app.pages(f"{path}/lines", "lines")
        assert [line["number"] for line in lines] == list(range(1, LINES + 1))
        assert {line["number"] - 1: line["reasonCode"] for line in lines if line.get("reasonCode")} == {
            number: "AC06" if number % STAFF == CLOSED else "AM04"
            for number in [*range(CLOSED, LINES, STAFF), *payable[-SHORT:]]
        }
        rejected = await opened.app.pages(f"{path}/lines", "lines", status="PAYMENT_STATUS_RJCT")
        assert len(rejected) == LINES - paid
        await everybody_has(opened, employer.account_id, staff, lines)
        assert (await opened.app.get("/v1/ledger/trial-balance"))["balanced"]
        assert (await opened.app.get("/v1/ledger:verify"))["intact"]

        async def reported() -> None:
            facts = await opened.app.pages("/v1/facts", "facts", key=batch)
            assert [fact["subject"].rsplit(".", 1)[-1] for fact in facts] == [
                "PaymentBatchSubmitted",
                "PaymentBatchCompleted",
            ]

        await eventually(reported)


async def account(opened: Bank, number: int) -> str:
    """The account of somebody on the payroll."""
    found = await opened.post(
        "/v1/accounts",
        customerId=f"cus_staff_{number}",
        accountClass="ACCOUNT_CLASS_CUSTOMER",
        product="demand_deposit",
        currencyCode="CNY",
    )
    return str(found["accountId"])


async def funded(opened: Bank, account_id: str, amount: int) -> None:
    """Pays cash into an account."""
    legs = [
        {"accountCode": "1001", "side": "SIDE_DEBIT", "amount": yuan(amount)},
        {"accountId": account_id, "side": "SIDE_CREDIT", "amount": yuan(amount)},
    ]
    await opened.post("/v1/ledger/entries", draft={"reference": "payday", "narrative": "Cash paid in", "legs": legs})


def payroll(account_id: str, staff: list[str]) -> dict[str, Any]:
    """The batch as the employer's own system sends it."""
    return {
        "kind": "BATCH_KIND_PAYROLL",
        "endToEndId": "payday-2026-05",
        "accountId": account_id,
        "count": LINES,
        "amount": yuan(SALARY * LINES),
        "lines": [
            {"endToEndId": f"salary-{number}", "accountId": staff[number % STAFF], "amount": yuan(SALARY)}
            for number in range(LINES)
        ],
    }


async def everybody_has(opened: Bank, employer: str, staff: list[str], lines: list[dict[str, Any]]) -> None:
    """The employer has nothing left, and each account what its accepted lines come to."""
    found = await asyncio.gather(*(opened.app.get(f"/v1/accounts/{one}") for one in [employer, *staff]))
    balances = {one["account"]["accountId"]: fen(one["account"].get("balance", {})) for one in found}
    wanted = dict.fromkeys(balances, 0)
    for line in lines:
        wanted[line["accountId"]] += SALARY if line["status"] == "PAYMENT_STATUS_ACSC" else 0
    assert balances == wanted
    assert balances[employer] == 0


def yuan(minor_units: int) -> dict[str, str]:
    """An amount in yuan, as JSON."""
    return {"currencyCode": "CNY", "minorUnits": str(minor_units)}
