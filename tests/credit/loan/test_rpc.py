"""Loans through the door."""

from datetime import UTC, datetime

from tests.credit.examples import (
    disbursed,
    fen,
    granted,
    held,
    minor_units,
    open_loan_request,
    pending,
    plant_seeds,
    product_message,
    rate,
    request_id,
)
from zhongtai.credit.v1 import limit_pb2, product_pb2
from zhongtai.credit.v1 import loan_pb2 as v1
from zhongtai.testing.doors import Door


async def test_a_quote_is_what_a_loan_then_costs(door: Door) -> None:
    await plant_seeds(door)
    ask = v1.QuoteLoanRequest(product_id="consumer_instalment", amount=fen(1_200_000), term_months=12)
    quote = await door.call(ask)
    loan = await pending(door)
    assert [(one.due_date, one.total) for one in quote.instalments] == [
        (one.due_date, one.total) for one in loan.instalments
    ]
    assert quote.annual_percentage_rate == loan.annual_percentage_rate
    assert quote.nominal_interest_rate == loan.nominal_interest_rate
    assert quote.total_interest.minor_units == minor_units(loan.instalments, "interest")
    assert minor_units(quote.instalments, "principal") == 1_200_000
    assert (quote.product_version, loan.product_version) == (1, 1)


async def test_a_quote_changes_nothing(door: Door) -> None:
    await plant_seeds(door)
    before = len(await door.envelopes())
    await door.call(v1.QuoteLoanRequest(product_id="harvest_bullet", amount=fen(500_000), term_months=6))
    assert len(await door.envelopes()) == before
    assert not (await door.call(v1.ListLoansRequest())).loans


async def test_what_the_product_does_not_lend_is_refused(door: Door) -> None:
    await plant_seeds(door)

    async def reason(product_id: str, amount: int, term_months: int, currency: str = "CNY") -> str:
        ask = v1.QuoteLoanRequest(product_id=product_id, amount=fen(amount, currency), term_months=term_months)
        return (await door.refused(ask)).reason

    assert await reason("none", 1_200_000, 12) == "PRODUCT_NOT_FOUND"
    assert await reason("consumer_instalment", 9_999, 12) == "AMOUNT_MUST_BE_WITHIN_PRODUCT"
    assert await reason("consumer_instalment", 1_200_000, 73) == "TERM_MUST_BE_WITHIN_PRODUCT"
    assert await reason("consumer_instalment", 1_200_000, 12, "USD") == "CURRENCY_MUST_MATCH"


async def test_too_little_for_its_term_is_refused(door: Door) -> None:
    tiny = product_message(product_id="tiny", minimum_amount=fen(1), nominal_interest_rate=rate("0.5"))
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=tiny))
    ask = v1.QuoteLoanRequest(product_id="tiny", amount=fen(2), term_months=72)
    assert (await door.refused(ask)).reason == "INSTALMENT_MUST_NOT_BE_ZERO"


async def test_opening_tells_the_whole_loan(door: Door) -> None:
    loan = await pending(door)
    assert await door.facts(v1.LoanOpened) == [v1.LoanOpened(loan_id=loan.loan_id, loan=loan)]
    assert (await door.call(v1.GetLoanRequest(loan_id=loan.loan_id))).loan == loan
    assert loan.status == v1.LOAN_STATUS_PENDING
    listed = await door.call(v1.ListLoansRequest(customer_id="cus_1", status=v1.LOAN_STATUS_PENDING))
    assert [(one.loan_id, len(one.instalments)) for one in listed.loans] == [(loan.loan_id, 0)]
    assert not (await door.call(v1.ListLoansRequest(status=v1.LOAN_STATUS_ACTIVE))).loans


async def test_a_hold_backs_one_loan_of_its_own_amount_and_customer(door: Door) -> None:
    await plant_seeds(door)
    limit_id = await granted(door)
    hold_id = await held(door, limit_id, 500_000)

    async def reason(amount: int = 500_000, **changes: object) -> str:
        return (await door.refused(open_loan_request(limit_id, hold_id, amount, **changes))).reason

    assert await reason(400_000) == "HOLD_MUST_EQUAL_PRINCIPAL"
    assert await reason(customer_id="cus_2") == "LIMIT_MUST_BE_OF_CUSTOMER"
    assert await reason(hold_id="hold_x") == "HOLD_NOT_FOUND"
    assert await reason(limit_id="lim_x") == "LIMIT_NOT_FOUND"
    loan = (await door.call(open_loan_request(limit_id, hold_id, 500_000))).loan
    assert await reason() == "HOLD_ALREADY_BACKS_LOAN"
    await door.call(v1.CancelLoanRequest(request_id=request_id(), loan_id=loan.loan_id))
    await door.call(open_loan_request(limit_id, hold_id, 500_000))
    assert len(await door.facts(v1.LoanOpened)) == 2


async def test_a_hold_of_another_product_line_or_out_of_time_backs_nothing(door: Door) -> None:
    await plant_seeds(door)
    business = await granted(door, 1_000_000, line="business")
    request = open_loan_request(business, await held(door, business, 500_000), 500_000)
    assert (await door.refused(request)).reason == "LIMIT_MUST_BE_OF_PRODUCT_LINE"
    consumer = await granted(door, 1_000_000)
    hold_id = await held(door, consumer, 500_000)
    door.now(datetime(2026, 1, 6, 1, tzinfo=UTC))
    request = open_loan_request(consumer, hold_id, 500_000)
    assert (await door.refused(request)).reason == "HOLD_MUST_NOT_HAVE_EXPIRED"
    release = limit_pb2.ReleaseHoldRequest(request_id="r", limit_id=consumer, hold_id=await held(door, consumer, 7))
    await door.call(release)
    request = open_loan_request(consumer, release.hold_id, 10_000)
    assert (await door.refused(request)).reason == "HOLD_MUST_BE_OPEN"


async def test_confirming_twice_disburses_once(door: Door) -> None:
    loan = await disbursed(door)
    again = v1.ConfirmDisbursementRequest(request_id="again", loan_id=loan.loan_id, payment_id="pay_out")
    assert (await door.call(again)).status == v1.LOAN_STATUS_ACTIVE
    (fact,) = await door.facts(v1.LoanDisbursed)
    assert (fact.loan_id, fact.limit_id, fact.account_id) == (loan.loan_id, loan.limit_id, "acc_1")
    assert (fact.principal, fact.transfer_rate, fact.day_count) == (loan.principal, loan.transfer_rate, loan.day_count)
    assert fact.instalments == loan.instalments
    other = v1.ConfirmDisbursementRequest(request_id="other", loan_id=loan.loan_id, payment_id="pay_other")
    assert (await door.refused(other)).reason == "LOAN_MUST_BE_PENDING"


async def test_a_loan_is_cancelled_before_its_money_left_and_never_after(door: Door) -> None:
    loan = await pending(door)
    for _ in range(2):
        reply = await door.call(v1.CancelLoanRequest(request_id=request_id(), loan_id=loan.loan_id))
        assert reply.status == v1.LOAN_STATUS_CANCELLED
    assert len(await door.facts(v1.LoanCancelled)) == 1
    confirm = v1.ConfirmDisbursementRequest(request_id="1", loan_id=loan.loan_id, payment_id="pay_out")
    assert (await door.refused(confirm)).reason == "LOAN_MUST_BE_PENDING"


async def test_a_disbursed_loan_is_not_cancelled(door: Door) -> None:
    loan = await disbursed(door)
    cancel = v1.CancelLoanRequest(request_id="1", loan_id=loan.loan_id)
    assert (await door.refused(cancel)).reason == "LOAN_ALREADY_DISBURSED"
    assert (await door.refused(v1.GetLoanRequest(loan_id="loan_x"))).reason == "LOAN_NOT_FOUND"


async def test_a_loan_keeps_its_terms_when_the_product_gets_a_new_version(door: Door) -> None:
    loan = await disbursed(door)
    dearer = product_message(version=2, nominal_interest_rate=rate("0.24"))
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=dearer))
    kept = (await door.call(v1.GetLoanRequest(loan_id=loan.loan_id))).loan
    assert (kept.nominal_interest_rate.value, kept.instalments) == ("0.12", loan.instalments)
