"""The pages of payments: by state, one with its history, and the orders that wait, in both languages."""

import re

import pytest

from tests.gateway.console.conftest import Bank
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1 import account_pb2, payment_batch_pb2, payment_order_pb2, payment_pb2

FEN = Money(currency_code="CNY", minor_units=1)


async def settled(bank: Bank) -> payment_pb2.Payment:
    """The disbursement of the first loan."""
    found: payment_pb2.Payment = (await bank.call(payment_pb2.ListPaymentsRequest())).payments[0]
    return found


async def payroll(bank: Bank) -> str:
    """The id of a batch of two lines, of which one was paid."""
    account = (await settled(bank)).creditor_account_id
    customers = (await bank.call(account_pb2.ListAccountsRequest())).accounts
    creditor = next(one.account_id for one in customers if one.customer_id and one.account_id != account)
    lines = [
        payment_batch_pb2.BatchLineRequest(end_to_end_id=f"salary-{number}", account_id=one, amount=FEN)
        for number, one in enumerate((creditor, "acc_nobody"), 1)
    ]
    submit = payment_batch_pb2.SubmitPaymentBatchRequest(
        request_id="payroll",
        kind=payment_batch_pb2.BATCH_KIND_PAYROLL,
        end_to_end_id="payroll",
        account_id=account,
        count=2,
        amount=Money(currency_code="CNY", minor_units=2),
        lines=lines,
    )
    batch_id = (await bank.call(submit)).payment_batch_id
    await bank.call(payment_batch_pb2.ContinuePaymentBatchRequest(request_id="piece", payment_batch_id=batch_id))
    return str(batch_id)


async def test_payments_are_shown_by_state(bank: Bank) -> None:
    payment = await settled(bank)
    async with bank.signed_in() as http:
        done = await http.get("/console/payments?status=ACSC")
        assert f'href="/console/payments/{payment.payment_id}"' in done.text
        assert "loan paid out" in done.text
        none = await http.get("/console/payments?status=RJCT")
        assert "No payment stands so." in none.text
        sought = await http.get("/console/payments?payment_id=pay_x")
        assert sought.headers["location"] == "/console/payments/pay_x"
        assert "PAYMENT_NOT_FOUND" in (await http.get("/console/payments/pay_x")).text


async def test_one_payment_is_shown_with_its_entries_and_its_history(bank: Bank) -> None:
    payment = await settled(bank)
    for language, said in (("en", ("settled", "Ledger entries")), ("zh-CN", ("已清算", "记账凭证", "放款"))):
        async with bank.signed_in(language=language) as http:
            page = await http.get(f"/console/payments/{payment.payment_id}")
        assert [text for text in (*said, payment.uetr, payment.entry_ids[0]) if text not in page.text] == []
        history = re.search(r'id="history".*?</section>', page.text, re.DOTALL)
        assert history is not None
        assert "PaymentSettled</a>" in history.group()


async def test_an_order_that_waits_is_among_the_orders(bank: Bank) -> None:
    payment = await settled(bank)
    request = payment_order_pb2.PlacePaymentOrderRequest(
        request_id="console-order",
        end_to_end_id="console-order",
        debtor_account_id=payment.creditor_account_id,
        outside_party=payment_pb2.OutsideParty(name="李四", account="6222001234", agent="102100099996"),
        rail="beps",
        amount=Money(currency_code="CNY", minor_units=50_000_000),
    )
    order = (await bank.call(request)).payment_order
    async with bank.signed_in(language="zh-CN") as http:
        page = await http.get("/console/payment-orders?status=ACTC")
        assert order.payment_order_id in page.text
        assert "待筛查" in page.text
        assert order.payment_order_id not in (await http.get("/console/payment-orders?status=CANC")).text


async def test_a_batch_is_told_line_by_line_in_both_languages(bank: Bank) -> None:
    batch_id = await payroll(bank)
    async with bank.signed_in() as http:
        assert f'href="/console/payment-batches/{batch_id}"' in (await http.get("/console/payment-batches")).text
        page = await http.get(f"/console/payment-batches/{batch_id}?status=RJCT")
        assert "acc_nobody" in page.text
        assert "AC01" in page.text
        assert "salary-1" not in page.text
        none = await http.get(f"/console/payment-batches/{batch_id}?status=RCVD")
        assert "No line stands so." in none.text
        assert "PAYMENT_BATCH_NOT_FOUND" in (await http.get("/console/payment-batches/batch_x")).text
    async with bank.signed_in(language="zh-CN") as http:
        page = await http.get(f"/console/payment-batches/{batch_id}")
        assert [word for word in ("部分成功", "代发", "失败", "salary-1") if word not in page.text] == []


@pytest.mark.parametrize("path", ["/console/payments", "/console/payment-orders", "/console/payment-batches"])
async def test_whoever_may_not_see_payments_is_told_so(bank: Bank, path: str) -> None:
    async with bank.signed_in("guest") as http:
        assert "SCOPE_MISSING" in (await http.get(path)).text
