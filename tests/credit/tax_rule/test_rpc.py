"""Taxes on quotes, on transactions and in what is posted, through the door."""

from datetime import date
from typing import Any

import pytest

from tests.credit.examples import disbursed, fen, product_message, rate, request_id
from tests.credit.serviced import conventions, interest_convention, lent, publish, serviced_product, transactions_of
from zhongtai.credit.v1 import loan_account_pb2, loan_pb2, product_pb2, repayment_pb2, servicing_pb2
from zhongtai.credit.v1 import tax_rule_pb2 as v1
from zhongtai.kernel.servicing.taxes import tax_within
from zhongtai.runtime.convert import decimal_of
from zhongtai.testing.doors import Door


def rule(**changes: Any) -> v1.TaxRule:
    fields: dict[str, Any] = {"value_added_rate": rate("0.06"), "stamp_duty_rate": rate("0.00005")}
    return v1.TaxRule(**{**fields, **changes})


def fee(percent: str) -> servicing_pb2.ChargeTerms:
    return servicing_pb2.ChargeTerms(
        name="service",
        time=servicing_pb2.CHARGE_TIME_INSTALMENT,
        basis=servicing_pb2.CHARGE_BASIS_PERCENT_OF_AMOUNT,
        percent=rate(percent),
    )


async def quoted(door: Door, product_id: str) -> loan_pb2.QuoteLoanResponse:
    door.today(date(2026, 1, 5))
    ask = loan_pb2.QuoteLoanRequest(product_id=product_id, amount=fen(1_200_000), term_months=6)
    quote: loan_pb2.QuoteLoanResponse = await door.call(ask)
    return quote


async def test_a_quote_tells_the_taxes_within_it(door: Door) -> None:
    await publish(door, serviced_product(taxes=rule()))
    quote = await quoted(door, "serviced")
    parts = [one.total.minor_units - one.principal.minor_units for one in quote.instalments]
    tax = sum(tax_within(part, decimal_of(rate("0.06"))) for part in parts)
    assert (quote.value_added_tax, quote.stamp_duty) == (fen(tax), fen(60))
    await publish(door, serviced_product(product_id="untaxed"))
    untaxed = await quoted(door, "untaxed")
    assert not untaxed.HasField("value_added_tax")
    assert untaxed.instalments == quote.instalments


async def test_told_without_its_tax_a_rate_and_a_charge_are_owed_with_it(door: Door) -> None:
    await publish(door, serviced_product(conventions(charges=[fee("1")]), taxes=rule(exclusive=True)))
    with_tax = await quoted(door, "serviced")
    twin = serviced_product(conventions(charges=[fee("1.06")]), product_id="twin", nominal_interest_rate=rate("0.1272"))
    await publish(door, twin)
    assert with_tax.instalments == (await quoted(door, "twin")).instalments
    assert with_tax.nominal_interest_rate.value == "0.1272"


async def test_what_is_posted_has_its_tax_apart_and_balances(door: Door) -> None:
    await publish(door, serviced_product(taxes=rule()))
    loan_id = await lent(door)
    door.today(date(2026, 2, 6))
    await door.call(loan_account_pb2.CloseLoanDayRequest(request_id=request_id(), loan_id=loan_id))
    await door.call(
        repayment_pb2.RepayLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(250_000), payment_id="p")
    )
    postings = [post for fact in await door.facts(loan_account_pb2.LoanAccountChanged) for post in fact.postings]
    for post in postings:
        sides = {"DEBIT": 0, "CREDIT": 0}
        for leg in post.legs:
            sides[leg.side] += leg.amount.minor_units
        assert sides["DEBIT"] == sides["CREDIT"]
    by_kind = {post.kind: {leg.role: leg.amount.minor_units for leg in post.legs} for post in postings}
    assert by_kind["DISBURSEMENT"]["STAMP_DUTY"] == by_kind["DISBURSEMENT"]["STAMP_DUTY_EXPENSE"] == 60
    accrued = by_kind["ACCRUAL"]
    tax = tax_within(accrued["INTEREST_RECEIVABLE"], decimal_of(rate("0.06")))
    assert (accrued["VALUE_ADDED_TAX"], accrued["INTEREST_INCOME"]) == (tax, accrued["INTEREST_RECEIVABLE"] - tax)
    repaid = next(one for one in await transactions_of(door, loan_id) if one.kind == "REPAYMENT")
    assert repaid.value_added_tax.minor_units == tax_within(repaid.interest.minor_units, decimal_of(rate("0.06")))


async def test_a_loan_that_follows_its_schedule_tells_its_stamp_duty(door: Door) -> None:
    taxes = rule()
    taxes.ClearField("value_added_rate")
    product = product_message(product_id="stamped", taxes=taxes)
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    await disbursed(door, product_id="stamped")
    (told,) = await door.facts(loan_pb2.LoanDisbursed)
    assert told.stamp_duty == fen(60)


@pytest.mark.parametrize(
    ("product", "first", "second"),
    [
        (product_message(taxes=rule()), "taxes.value_added_rate", "servicing"),
        (
            serviced_product(taxes=v1.TaxRule(exclusive=True, stamp_duty_rate=rate("0.00005"))),
            "taxes.exclusive",
            "taxes.value_added_rate",
        ),
        (
            serviced_product(
                conventions(
                    interest=interest_convention(
                        floating=servicing_pb2.FloatingRate(tenor="1Y", spread=rate("0"), reprice_every_months=12)
                    )
                ),
                taxes=rule(exclusive=True),
            ),
            "taxes.exclusive",
            "servicing.interest.floating",
        ),
    ],
)
async def test_contradictions_name_both(door: Door, product: product_pb2.Product, first: str, second: str) -> None:
    refusal = await door.refused(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    assert refusal.reason == "CONVENTIONS_MUST_AGREE"
    assert (refusal.metadata["first"], refusal.metadata["second"]) == (first, second)
