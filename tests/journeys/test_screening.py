"""The story of large payments: risk lets one go, and people decide about two whose names are like one on a list."""

from pathlib import Path
from typing import Any

from tests.journeys.bank import Bank, bank, eventually
from tests.journeys.test_payroll import funded, yuan
from zhongtai.gateway.demonstration.channel import Channel
from zhongtai.gateway.demonstration.staff import Notebook, sign_in
from zhongtai.testing.embedded import embedded

LARGE = 60_000_000
SCOPES = ("operations.work_order.*", "risk.watchlist.*", "role:screening_officer")


async def test_a_large_payment_waits_for_risk_for_people_and_then_for_its_rail(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        data = platform.settings.data
        officers = [
            await sign_in(platform.addresses["http"], data, Notebook(data), name, SCOPES) for name in ("one", "two")
        ]
        customer = await opened.organisation(1)
        await funded(opened, customer.account_id, 4 * LARGE)
        async with officers[0], officers[1]:
            entry = {"entryId": "e1", "names": ["Viktor Bout"]}
            await officers[0].post("/v1/watchlists/sanctions:put", {"entries": [entry]}, key=opened.key())
            # The rail has no answer yet for an account that ends in 7777; it comes late.
            clear = await placed(opened, customer.account_id, "李四", "62220000001234")
            good = await placed(opened, customer.account_id, "Bout, Victor", "62220000007777")
            bad = await placed(opened, customer.account_id, "Viktor Bout", "62220000005678")
            assert await standing(opened, clear, "ACSC") == {"reasonCode": ""}
            for officer in officers:
                await decided(officer, opened, good, "APPROVED")
            await decided(officers[0], opened, bad, "REJECTED")
        assert await standing(opened, good, "PDNG") == {"reasonCode": ""}
        assert await standing(opened, bad, "RJCT") == {"reasonCode": "FR01"}
        assert await opened.balance("300103") == LARGE
        order = (await opened.app.get(f"/v1/payment-orders/{good}"))["paymentOrder"]
        await opened.post(f"/v1/payments/{order['paymentId']}:confirm", status="PAYMENT_STATUS_ACSC")
        await standing(opened, good, "ACSC")
        assert await opened.balance("300103") == 0
        account = (await opened.app.get(f"/v1/accounts/{customer.account_id}"))["account"]
        assert account["balance"] == yuan(2 * LARGE)


async def placed(opened: Bank, debtor: str, payee: str, creditor: str) -> str:
    """The id of an order that is large enough to be screened."""
    reply = await opened.post(
        "/v1/payment-orders",
        endToEndId=creditor,
        debtorAccountId=debtor,
        outsideParty={"name": payee, "account": creditor, "agent": "102100099996"},
        rail="simulated",
        amount=yuan(LARGE),
    )
    assert reply["paymentOrder"]["status"] == "PAYMENT_STATUS_ACTC"
    return str(reply["paymentOrderId"])


async def decided(officer: Channel, opened: Bank, order_id: str, outcome: str) -> None:
    """One of the screening queue decides, once the work order is there."""
    found: list[dict[str, Any]] = []

    async def waits() -> None:
        await opened.post("/v1/screenings:carry")
        found[:] = await officer.pages("/v1/work-orders", "workOrders", subject=order_id, queueId="screening")
        assert [one["kind"] for one in found] == ["payment_screening"]

    await eventually(waits)
    body = {"outcome": f"WORK_ORDER_OUTCOME_{outcome}"}
    await officer.post(f"/v1/work-orders/{found[0]['workOrderId']}:decide", body, key=opened.key())


async def standing(opened: Bank, order_id: str, status: str) -> dict[str, str]:
    """Why an order stands so, once it does."""
    told: dict[str, str] = {}

    async def stands() -> None:
        await opened.post("/v1/screenings:carry")
        order = (await opened.app.get(f"/v1/payment-orders/{order_id}"))["paymentOrder"]
        assert order["status"] == f"PAYMENT_STATUS_{status}", order
        told["reasonCode"] = order.get("reasonCode", "")

    await eventually(stands)
    return told
