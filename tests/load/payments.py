"""Payments, each answer durable: transfers and payment orders from independent callers, and the lines of a payroll."""

import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from tests.load.commands import CALL, rate
from tests.load.figure import Figure
from tests.load.serving import mounted
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1.account_pb2 import ACCOUNT_CLASS_CUSTOMER, OpenAccountRequest
from zhongtai.operations.v1.ledger_pb2 import SIDE_CREDIT, SIDE_DEBIT, EntryDraft, Leg, PostEntryRequest
from zhongtai.operations.v1.payment_batch_pb2 import (
    BATCH_KIND_PAYROLL,
    BatchLineRequest,
    ContinuePaymentBatchRequest,
    SubmitPaymentBatchRequest,
)
from zhongtai.operations.v1.payment_order_pb2 import PlacePaymentOrderRequest
from zhongtai.operations.v1.payment_pb2 import TransferRequest
from zhongtai.runtime.client import Calls

CALLERS = 64
PAYERS = 200
LINES = 10_000
PLENTY = 10**12


def yuan(minor_units: int) -> Money:
    """An amount."""
    return Money(currency_code="CNY", minor_units=minor_units)


async def _accounts(calls: Calls) -> list[str]:
    """Accounts of as many customers, each with plenty on it."""
    found = []
    for number in range(PAYERS):
        opened: Any = await calls.call(
            OpenAccountRequest(
                request_id=f"open-{number}",
                customer_id=f"cus_{number}",
                account_class=ACCOUNT_CLASS_CUSTOMER,
                product="demand_deposit",
                currency_code="CNY",
            ),
            CALL,
        )
        legs = [
            Leg(account_code="1001", side=SIDE_DEBIT, amount=yuan(PLENTY)),
            Leg(account_id=opened.account_id, side=SIDE_CREDIT, amount=yuan(PLENTY)),
        ]
        await calls.call(
            PostEntryRequest(request_id=f"pay-in-{number}", draft=EntryDraft(reference="b", legs=legs)), CALL
        )
        found.append(str(opened.account_id))
    return found


async def _measure(folder: Path) -> tuple[float, float, float]:
    async with mounted("operations", folder) as calls:
        accounts = await _accounts(calls)

        def sides(number: int) -> tuple[str, str]:
            return accounts[number % PAYERS], accounts[(number * 7 + 1 + number // PAYERS) % PAYERS]

        def transfer(number: int) -> TransferRequest:
            one, other = sides(number)
            return TransferRequest(
                request_id=f"t{number}",
                end_to_end_id=f"t{number}",
                debtor_account_id=one,
                creditor_account_id=other if other != one else accounts[(number + 1) % PAYERS],
                amount=yuan(1 + number),
            )

        def order(number: int) -> PlacePaymentOrderRequest:
            one, other = sides(number)
            return PlacePaymentOrderRequest(
                request_id=f"o{number}",
                end_to_end_id=f"o{number}",
                debtor_account_id=one,
                creditor_account_id=other if other != one else accounts[(number + 1) % PAYERS],
                amount=yuan(1 + number),
            )

        await rate(calls, transfer, callers=CALLERS, total=200, first=0)
        transfers = await rate(calls, transfer, callers=CALLERS, total=4_000, first=10_000)
        await rate(calls, order, callers=CALLERS, total=200, first=20_000)
        orders = await rate(calls, order, callers=CALLERS, total=3_000, first=30_000)
        return transfers, orders, await _payroll(calls, accounts)


async def _payroll(calls: Calls, accounts: list[str]) -> float:
    """Lines a second, from the batch that is submitted to the last line that has its outcome."""
    employer, *staff = accounts
    lines = [
        BatchLineRequest(end_to_end_id=f"l{number}", account_id=staff[number % len(staff)], amount=yuan(1 + number))
        for number in range(LINES)
    ]
    submit = SubmitPaymentBatchRequest(
        request_id="payroll",
        kind=BATCH_KIND_PAYROLL,
        end_to_end_id="payroll",
        account_id=employer,
        count=LINES,
        amount=yuan(LINES * (LINES + 1) // 2),
        lines=lines,
    )
    begun = time.perf_counter()
    submitted: Any = await calls.call(submit, CALL)
    for piece in range(LINES):
        request = ContinuePaymentBatchRequest(request_id=f"piece-{piece}", payment_batch_id=submitted.payment_batch_id)
        reply: Any = await calls.call(request, CALL)
        if not reply.more:
            break
    return LINES / (time.perf_counter() - begun)


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on an empty store."""
    figures = [
        Figure(f"transfers, {CALLERS} independent callers in process", "/s", [], "no bound"),
        Figure(f"payment orders that move money at once, {CALLERS} callers in process", "/s", [], "no bound"),
        Figure(f"payroll of {LINES} lines, submitted and moved, an entry to each line", "lines/s", [], "no bound"),
    ]
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            for figure, value in zip(figures, uvloop.run(_measure(Path(name))), strict=True):
                figure.values.append(value)
    return figures


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
