"""The rules of loans."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.credit.examples import TODAY, TWELVE_PERCENT, cny
from zhongtai.credit.backing import domain as backing_domain
from zhongtai.credit.backing.domain import Backing
from zhongtai.credit.loan import domain
from zhongtai.credit.loan.domain import Application, Loan, LoanStatus, Terms
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation

TERMS = Terms(
    principal=cny(1_200_000),
    nominal_interest_rate=TWELVE_PERCENT,
    amortisation=Amortisation.EQUAL_INSTALMENT,
    day_count=DayCount.THIRTY_E_360,
    term_months=12,
    start_date=TODAY,
)
APPLICATION = Application(
    customer_id="cus_1",
    product_id="consumer_instalment",
    account_id="acc_1",
    limit_id="lim_1",
    hold_id="hold_1",
    grade="BB",
    transfer_rate=Decimal("0.0235"),
    decision_id="dec_1",
)


def opened(terms: Terms = TERMS, **backing: Any) -> Loan:
    backed = {"customer_id": "cus_1", "product_line": "consumer", "held": terms.principal, "loan_id": None}
    loan, _ = domain.open_loan(
        "loan_1",
        APPLICATION,
        terms,
        product_version=1,
        product_line="consumer",
        backing=Backing(**{**backed, **backing}),
    )
    return loan


def active(terms: Terms = TERMS) -> Loan:
    loan, _ = opened(terms).confirm_disbursement("pay_1")
    return loan


any_terms = st.builds(
    Terms,
    principal=st.integers(10_000, 20_000_000).map(cny),
    nominal_interest_rate=st.just(Decimal(0)) | st.decimals(Decimal("0.01"), Decimal("0.36"), places=4),
    amortisation=st.sampled_from(Amortisation),
    day_count=st.sampled_from(DayCount),
    term_months=st.integers(1, 72),
    start_date=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
)


def test_a_quote_gives_the_known_figures() -> None:
    """CNY 12,000 at 1 % a month over twelve months is 1,066.19 a month."""
    quote = domain.quote(TERMS)
    assert {one.total for one in quote.instalments[:-1]} == {cny(106_619)}
    assert quote.instalments[0].interest == cny(12_000)
    assert quote.total_interest == cny(sum(one.total.minor_units for one in quote.instalments) - 1_200_000)
    assert quote.nominal_interest_rate == TWELVE_PERCENT


def test_the_annual_percentage_rate_is_the_one_at_which_the_payments_are_worth_the_loan() -> None:
    quote = domain.quote(TERMS)
    growth = 1 + quote.annual_percentage_rate
    years = [Decimal((one.due_date - TODAY).days) / 365 for one in quote.instalments]
    worths = [one.total.minor_units * growth**-year for one, year in zip(quote.instalments, years, strict=True)]
    worth = sum(worths, Decimal(0))
    assert abs(worth - 1_200_000) < 1
    assert quote.annual_percentage_rate > TWELVE_PERCENT


@settings(max_examples=60, deadline=None)
@given(any_terms)
def test_a_schedule_repays_exactly_what_was_lent(terms: Terms) -> None:
    quote = domain.quote(terms)
    balance = terms.principal
    for number, one in enumerate(quote.instalments, 1):
        balance -= one.principal
        assert (one.number, one.balance, one.total) == (number, balance, one.principal + one.interest)
    assert balance == cny(0)


def test_opening_keeps_terms_schedule_and_references() -> None:
    loan = opened()
    assert (loan.status, loan.outstanding, loan.maturity_date) == (LoanStatus.PENDING, cny(1_200_000), date(2027, 1, 5))
    assert (loan.limit_id, loan.hold_id, loan.grade, loan.transfer_rate) == ("lim_1", "hold_1", "BB", Decimal("0.0235"))
    planned = [(one.principal, one.interest) for one in domain.quote(TERMS).instalments]
    assert [(one.principal, one.interest) for one in loan.instalments] == planned


@pytest.mark.parametrize(
    ("backing", "refusal"),
    [
        ({"customer_id": "cus_2"}, backing_domain.LimitMustBeOfCustomer),
        ({"product_line": "business"}, backing_domain.LimitMustBeOfProductLine),
        ({"held": cny(1_199_999)}, backing_domain.HoldMustEqualPrincipal),
        ({"held": cny(1_200_001)}, backing_domain.HoldMustEqualPrincipal),
        ({"held": Money("USD", 1_200_000)}, backing_domain.HoldMustEqualPrincipal),
        ({"loan_id": "loan_0"}, backing_domain.HoldAlreadyBacksLoan),
    ],
)
def test_a_loan_needs_a_hold_of_its_own(backing: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        opened(**backing)


def test_a_loan_is_disbursed_once() -> None:
    loan, fact = opened().confirm_disbursement("pay_1")
    assert fact is not None
    assert (fact.principal, fact.payment_id, len(fact.instalments)) == (cny(1_200_000), "pay_1", 12)
    assert loan.confirm_disbursement("pay_1") == (loan, None)
    with pytest.raises(domain.LoanMustBePending):
        loan.confirm_disbursement("pay_2")


def test_a_loan_is_cancelled_only_before_its_money_left() -> None:
    cancelled, fact = opened().cancel()
    assert fact == domain.LoanCancelled("loan_1", "cus_1", "consumer_instalment", "lim_1")
    assert cancelled.cancel() == (cancelled, None)
    with pytest.raises(domain.LoanMustBePending):
        cancelled.confirm_disbursement("pay_1")
    with pytest.raises(domain.LoanAlreadyDisbursed):
        active().cancel()


def test_a_loan_that_loses_money_cannot_be_made() -> None:
    loan = active()
    with pytest.raises(AssertionError):
        replace(loan, outstanding=cny(1_199_999))
    with pytest.raises(AssertionError):
        replace(loan, instalments=loan.instalments[:-1])
