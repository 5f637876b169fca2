"""The story of a chain: a core enterprise promises, its supplier passes a part on, and the next one is paid today."""

from pathlib import Path
from typing import Any

from tests.journeys.bank import ENDED, Bank, Customer, bank, eventually, fen
from zhongtai.testing.embedded import embedded


async def test_the_second_supplier_is_paid_what_the_core_enterprise_promised_the_first(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        core, first, second = [await opened.organisation(number) for number in (1, 2, 3)]
        receivable = await assigned(opened, first, core)
        early = await financed(opened, second, receivable, "hol_x", 200_000)
        assert early["outcome"] == "NOT_CONFIRMED"
        whole = (await opened.post(f"/v1/receivables/{receivable}:confirm", amount=yuan(500_000)))["holdingId"]
        path = f"/v1/receivables/{receivable}/holdings/{whole}:transfer"
        part = (await opened.post(path, holderId=second.customer_id, amount=yuan(300_000)))["transferredId"]
        run = await financed(opened, second, receivable, part, 200_000)
        assert run["outcome"] == "FINANCED", run
        again = await financed(opened, second, receivable, part, 200_000)
        assert again["outcome"] == "CREDIT_USED", "what is locked is not financed twice"
        strange = await financed(opened, first, receivable, part, 100_000)
        assert strange["outcome"] == "NOT_THE_HOLDER"
        loan = (await opened.app.get(f"/v1/loans/{run['output']['loan_id']}"))["loan"]
        assert loan["status"] == "LOAN_STATUS_ACTIVE"

        async def nothing_left_behind() -> None:
            limits = await opened.app.pages("/v1/limits", "limits")
            assert sum(fen(limit["used"]) for limit in limits) == 20_000_000
            assert not sum(fen(limit["held"]) for limit in limits), "what was not financed was taken back whole"

        await eventually(nothing_left_behind)
        settled = await opened.post(f"/v1/receivables/{receivable}:settle", amount=yuan(500_000), paymentId="pay_core")
        shares = {(share["holderId"], bool(share.get("loanId"))): fen(share["amount"]) for share in settled["shares"]}
        assert shares == {
            (second.customer_id, True): 20_000_000,
            (second.customer_id, False): 10_000_000,
            (first.customer_id, False): 20_000_000,
        }


async def assigned(opened: Bank, seller: Customer, debtor: Customer) -> str:
    """An invoice of half a million, assigned to the bank; the receivable's id."""
    receivable = await opened.post(
        "/v1/receivables",
        sellerId=seller.customer_id,
        debtorId=debtor.customer_id,
        invoiceNumber="26312000000012345678",
        face=yuan(500_000),
        dueDate={"year": 2099, "month": 12, "day": 31},
    )
    return str(receivable["receivableId"])


async def financed(opened: Bank, holder: Customer, receivable: str, holding: str, amount: int) -> dict[str, Any]:
    """Runs the product for a part of a receivable; answers the ended run."""
    wish = {
        "customer_id": holder.customer_id,
        "account_id": holder.account_id,
        "receivable_id": receivable,
        "holding_id": holding,
        "amount": yuan(amount),
        "term_months": 6,
    }
    run = await opened.post("/v1/products/supply_chain_finance/runs", input=wish)
    return await opened.until(run, *ENDED)


def yuan(amount: int) -> dict[str, Any]:
    """An amount of whole yuan, as JSON."""
    return {"currencyCode": "CNY", "minorUnits": str(amount * 100)}
