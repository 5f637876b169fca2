"""Exposure across all services: limits, their tree, loans and the ledger agree, and a fault becomes a work order."""

from pathlib import Path

from sqlalchemy import bindparam, table, update
from sqlalchemy import column as named

from tests.journeys.bank import GOOD, Bank, bank, eventually, fen
from zhongtai.testing.embedded import embedded

LIMIT = table("credit_limit", named("limit_id"), named("used_minor"))
LOSE_COUNT = (
    update(LIMIT).where(LIMIT.c.limit_id == bindparam("which")).values(used_minor=LIMIT.c.used_minor - bindparam("by"))
)


async def test_exposure_is_proven_and_a_fault_becomes_a_work_order(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        first, second = [await opened.customer(number) for number in (1, 2)]
        runs = [await opened.apply(customer, 12_000, GOOD) for customer in (first, second)]
        loans = [run["output"]["loan_id"] for run in runs]
        for customer in (first, second):
            await opened.post(
                "/v1/limit-nodes",
                kind="NODE_KIND_CUSTOMER",
                subject=customer.customer_id,
                cap={"currencyCode": "CNY", "minorUnits": "2000000"},
                parent="grp_wang",
            )
        await opened.repay(loans[0])
        await opened.pay_off(loans[1])
        await eventually(lambda: proven(opened))

        (node,) = await opened.app.pages("/v1/limit-nodes", "nodes", subject="grp_wang")
        loan = (await opened.app.get(f"/v1/loans/{loans[0]}"))["loan"]
        assert fen(node["used"]) == fen(loan["outstanding"]) > 0

        (limit,) = await opened.app.pages("/v1/limits", "limits", customerId=first.customer_id)
        credit = platform.services["credit"].store
        await credit.change(lambda writing: writing.execute(LOSE_COUNT, {"which": limit["limitId"], "by": 1}))
        proof = (await opened.post("/v1/exposure-proofs"))["proof"]
        assert int(proof["openBreaks"]) == 3, "the limit and its loans, its customer and it, its product line and it"
        await eventually(lambda: ordered(opened, 3))
        await credit.change(lambda writing: writing.execute(LOSE_COUNT, {"which": limit["limitId"], "by": -1}))
        assert (await opened.post("/v1/exposure-proofs"))["proof"]["proven"]
        await eventually(lambda: ordered(opened, 0))


async def proven(opened: Bank) -> None:
    """Every event has arrived: nothing differs, and the ledger has what is owed."""
    proof = (await opened.post("/v1/exposure-proofs"))["proof"]
    assert proof.get("proven"), proof
    (total,) = proof["totals"]
    assert fen(total["used"]) == fen(total["outstanding"]) == fen(total["ledger"]) > 0


async def ordered(opened: Bank, orders: int) -> None:
    """So many orders wait for the limit controller."""
    waiting = await opened.officer.pages(
        "/v1/work-orders", "workOrders", role="limit_controller", status="WORK_ORDER_STATUS_OPEN"
    )
    assert [each["kind"] for each in waiting] == ["exposure_break"] * orders
