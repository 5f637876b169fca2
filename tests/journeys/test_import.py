"""A loan book taken over through the HTTP door: every service agrees on it, and the loans go on as any other."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.credit.loan_files import content_hash, csv_file
from tests.journeys.bank import Bank, bank, eventually, fen
from tests.journeys.test_exposure import proven
from zhongtai.kernel.schedule import months_later
from zhongtai.testing.embedded import embedded

WORKING = ("IMPORT_PHASE_CHECKING", "IMPORT_PHASE_LANDING")


async def test_a_loan_book_is_taken_over_and_everybody_agrees(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        customers = [await opened.customer(number) for number in (1, 2)]
        today = platform.clock.business_date()
        last_due = today - timedelta(days=5)
        start = months_later(last_due.replace(day=min(last_due.day, 28)), -4)
        last_due = months_later(start, 4)
        rows = [
            {
                "reference": f"OLD-{number}",
                "customer_id": customer.customer_id,
                "product_id": "consumer_instalment",
                "account_id": customer.account_id,
                "currency": "CNY",
                "principal": "12000.00",
                "outstanding": outstanding,
                "nominal_interest_rate": "0.12",
                "annual_percentage_rate": "0.126825",
                "term_months": "12",
                "start_date": start.isoformat(),
                "last_due_date": last_due.isoformat(),
            }
            for number, (customer, outstanding) in enumerate(zip(customers, ("8200.00", "7000.00"), strict=True))
        ]
        done = await imported(opened, csv_file([*rows, rows[0] | {"reference": "OLD-9", "currency": "XXX"}]))
        assert (done["rows"], done["landedRows"], done["badRows"]) == ("3", "2", "1")
        (bad,) = (await opened.app.get(f"/v1/file-imports/{done['importId']}/bad-rows"))["badRows"]
        assert (bad["line"], bad["field"], bad["reason"]) == ("4", "currency", "CURRENCY_UNKNOWN")
        await eventually(lambda: proven(opened))

        loans = [(await opened.app.get(f"/v1/imported-loans/OLD-{number}"))["loanId"] for number in (0, 1)]

        async def told() -> None:
            positions = [(await opened.app.get(f"/v1/positions/{loan}"))["position"] for loan in loans]
            assert [fen(one["outstanding"]) for one in positions] == [820_000, 700_000]
            assert [len(one["cashFlows"]) for one in positions] == [8, 8]
            (line,) = (await opened.app.get("/v1/portfolio"))["loansTotal"]
            assert fen(line["principalOutstanding"]["value"]) == 1_520_000

        await eventually(told)
        for loan, verb, quote in ((loans[0], "repay", "quoteRepayment"), (loans[1], "payOff", "quotePayOff")):
            quoted = await opened.app.get(f"/v1/loans/{loan}:{quote}")
            amount = quoted["due"]["total"] if verb == "repay" else quoted["total"]
            await opened.post(f"/v1/loans/{loan}:{verb}", amount=amount, paymentId=f"pay_{verb}")
        await eventually(lambda: proven(opened))
        balance = await opened.app.get("/v1/ledger/trial-balance")
        codes = {line["accountCode"] for line in balance["lines"]}
        assert "300104" in codes


async def imported(opened: Bank, content: bytes) -> dict[str, Any]:
    """Sends a file as a channel app does, and lands it."""
    begun = await opened.post(
        "/v1/file-imports",
        kind="IMPORT_KIND_LOANS",
        format="FILE_FORMAT_CSV",
        sizeBytes=str(len(content)),
        contentHash=content_hash(content),
    )
    path = f"/v1/file-imports/{begun['importId']}"
    await opened.post(f"{path}/parts", number=0, content=base64.b64encode(content).decode())
    found = (await opened.post(f"{path}:seal"))["fileImport"]
    for verb in ("continue", "land", "continue"):
        found = (await opened.post(f"{path}:{verb}"))["fileImport"]
        while found["phase"] in WORKING and verb == "continue":
            found = (await opened.post(f"{path}:continue"))["fileImport"]
    done: dict[str, Any] = found
    return done
