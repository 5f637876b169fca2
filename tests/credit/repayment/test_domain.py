"""The rules of repayments, and that no fen is lost or made in any order of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.credit.examples import TODAY, TWELVE_PERCENT, cny
from tests.credit.loan.test_domain import active, any_terms, opened
from zhongtai.credit.loan.domain import Loan, LoanMustBeActive, LoanStatus, Terms
from zhongtai.credit.repayment import domain
from zhongtai.credit.repayment.domain import LoanPaidOff, LoanRepaid, Repayment
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation

FIRST_DUE = date(2026, 2, 5)
SECOND_DUE = date(2026, 3, 5)


def repaid(loan: Loan, amount: int, on: date, payment_id: str = "pay_1") -> tuple[Loan, Repayment]:
    after, repayment, _ = domain.repay(loan, cny(amount), payment_id=payment_id, on=on, earlier=None)
    return after, repayment


def paid_off(loan: Loan, on: date) -> tuple[Loan, Repayment]:
    exact = domain.quote_pay_off(loan, on).total
    after, repayment, _ = domain.pay_off(loan, exact, payment_id="pay_last", on=on, earlier=None)
    return after, repayment


@pytest.mark.parametrize(
    ("on", "instalments_due", "arrears"),
    [
        (TODAY, 1, 0),
        (FIRST_DUE, 1, 0),
        (FIRST_DUE + timedelta(days=1), 2, 106_619),
        (SECOND_DUE, 2, 106_619),
        (date(2030, 1, 1), 12, None),
    ],
)
def test_what_is_due_is_all_arrears_and_the_current_month(on: date, instalments_due: int, arrears: int | None) -> None:
    loan = active()
    due = domain.due(loan, on)
    totals = [one.total.minor_units for one in loan.instalments[:instalments_due]]
    assert due.total == cny(sum(totals)) == due.principal + due.interest
    assert due.arrears == (due.total if arrears is None else cny(arrears))


def test_a_bullet_is_not_due_all_its_life() -> None:
    loan = active(Terms(cny(600_000), TWELVE_PERCENT, Amortisation.BULLET, DayCount.ACT_365, 6, TODAY))
    assert domain.due(loan, TODAY).total == cny(0)
    assert domain.due(loan, date(2026, 6, 4)).total == cny(0)
    assert domain.due(loan, date(2026, 6, 5)).total == loan.instalments[0].total
    assert domain.next_due_date(loan) == date(2026, 7, 5)


def test_a_payment_goes_to_the_oldest_interest_first() -> None:
    loan, repayment = repaid(active(), 10_000, FIRST_DUE)
    assert (repayment.interest, repayment.principal) == (cny(10_000), cny(0))
    loan, repayment = repaid(loan, 5_000, FIRST_DUE, "pay_2")
    assert (repayment.interest, repayment.principal) == (cny(2_000), cny(3_000))
    on = SECOND_DUE
    loan, repayment = repaid(loan, 91_619 + 11_054 + 1, on, "pay_3")
    assert loan.instalments[0].unpaid == cny(0)
    assert loan.instalments[1].interest_unpaid == cny(0)
    assert loan.instalments[1].principal_paid == cny(1)


def test_more_than_is_due_is_refused_naming_what_is() -> None:
    with pytest.raises(domain.RepaymentMustNotExceedDue) as refused:
        repaid(active(), 106_620, FIRST_DUE)
    assert refused.value.due == cny(106_619)
    assert "PayOffLoan" in refused.value.sentence()


def test_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMustMatch):
        domain.repay(active(), Money("USD", 1), payment_id="p", on=FIRST_DUE, earlier=None)
    with pytest.raises(CurrencyMustMatch):
        domain.pay_off(active(), Money("USD", 1), payment_id="p", on=FIRST_DUE, earlier=None)


def test_a_payment_is_applied_once() -> None:
    loan, repayment = repaid(active(), 1_000, FIRST_DUE)
    again = domain.repay(loan, cny(1_000), payment_id="pay_1", on=SECOND_DUE, earlier=repayment)
    assert again == (loan, repayment, ())
    for amount, loan_id in ((999, "loan_1"), (1_000, "loan_2")):
        with pytest.raises(domain.PaymentAlreadyApplied):
            repayment.must_be(loan_id, cny(amount))


def test_only_what_is_owed_is_repaid() -> None:
    with pytest.raises(LoanMustBeActive):
        domain.due(opened(), TODAY)
    done, _ = paid_off(active(), FIRST_DUE)
    with pytest.raises(LoanMustBeActive):
        domain.quote_pay_off(done, FIRST_DUE)


def test_the_last_instalment_ends_the_loan() -> None:
    loan = active()
    for instalment in loan.instalments:
        loan, _ = repaid(loan, instalment.total.minor_units, instalment.due_date, f"pay_{instalment.number}")
    assert (loan.status, loan.outstanding) == (LoanStatus.PAID_OFF, cny(0))
    assert domain.next_due_date(loan) is None


def test_the_facts_of_a_last_payment() -> None:
    loan = active()
    exact = domain.quote_pay_off(loan, FIRST_DUE).total
    _, _, facts = domain.pay_off(loan, exact, payment_id="pay_1", on=FIRST_DUE, earlier=None)
    assert facts == (
        LoanRepaid(
            loan_id="loan_1",
            customer_id="cus_1",
            product_id="consumer_instalment",
            limit_id="lim_1",
            principal=cny(1_200_000),
            interest=cny(12_000),
            outstanding=cny(0),
            paid_on=FIRST_DUE,
            payment_id="pay_1",
            hold_id="hold_1",
        ),
        LoanPaidOff("loan_1", "cus_1", "consumer_instalment", "lim_1", FIRST_DUE),
    )


@pytest.mark.parametrize(
    ("on", "interest"),
    [
        (TODAY, 0),
        # 30E/360: fifteen of thirty days of CNY 120.00.
        (date(2026, 1, 20), 6_000),
        (FIRST_DUE, 12_000),
        # The first instalment unpaid, and ten days of one per cent a month on CNY 11,053.81.
        (date(2026, 2, 15), 12_000 + 3_685),
    ],
)
def test_interest_accrues_to_the_day_of_the_pay_off(on: date, interest: int) -> None:
    quoted = domain.quote_pay_off(active(), on)
    assert (quoted.principal, quoted.interest, quoted.total) == (
        cny(1_200_000),
        cny(interest),
        cny(1_200_000 + interest),
    )


def test_interest_paid_ahead_is_not_asked_for_again() -> None:
    loan, _ = repaid(active(), 106_619, TODAY)
    quoted = domain.quote_pay_off(loan, date(2026, 1, 20))
    assert (quoted.principal, quoted.interest) == (cny(1_200_000 - 94_619), cny(0))


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_pay_off_is_exact_to_the_fen(difference: int) -> None:
    exact = domain.quote_pay_off(active(), FIRST_DUE).total
    with pytest.raises(domain.PayOffMustBeExact) as refused:
        domain.pay_off(active(), exact + cny(difference), payment_id="p", on=FIRST_DUE, earlier=None)
    assert refused.value.expected == exact


def test_a_loan_is_not_paid_off_before_it_begins() -> None:
    with pytest.raises(domain.PayOffMustNotPrecedeStart):
        domain.quote_pay_off(active(), TODAY - timedelta(days=1))


@settings(max_examples=80, deadline=None)
@given(any_terms, st.lists(st.tuples(st.integers(0, 45), st.integers(1, 100)), max_size=12), st.integers(0, 2_000))
def test_no_fen_is_lost_or_made(terms: Terms, payments: list[tuple[int, int]], days_to_the_end: int) -> None:
    """Any payments, part or whole, early or late, then a pay-off: what came in is principal lent and interest owed."""
    loan, on, received = active(terms), terms.start_date, 0
    kept: list[Repayment] = []
    for days, part in payments:
        on += timedelta(days=days)
        if loan.status is not LoanStatus.ACTIVE:
            break
        due = domain.due(loan, on)
        amount = due.total.minor_units * part // 100
        if not amount:
            continue
        loan, repayment = repaid(loan, amount, on, f"pay_{len(kept)}")
        kept.append(repayment)
        received += amount
        assert repayment.principal + repayment.interest == cny(amount)
        assert (
            sum(one.principal.minor_units for one in kept) + loan.outstanding.minor_units == terms.principal.minor_units
        )
        if loan.status is LoanStatus.ACTIVE:
            assert domain.due(loan, on).total == due.total - cny(amount)
    if loan.status is LoanStatus.ACTIVE:
        loan, last = paid_off(loan, on + timedelta(days=days_to_the_end))
        kept.append(last)
        received += (last.principal + last.interest).minor_units
    assert (loan.status, loan.outstanding) == (LoanStatus.PAID_OFF, cny(0))
    interest = sum(one.interest_paid.minor_units for one in loan.instalments)
    assert received == terms.principal.minor_units + interest
    assert interest <= sum(one.interest.minor_units for one in loan.instalments)


@settings(max_examples=60, deadline=None)
@given(any_terms, st.integers(0, 3_000), st.integers(0, 40))
def test_waiting_never_makes_a_pay_off_cheaper(terms: Terms, first: int, more: int) -> None:
    loan = active(terms)
    assume(terms.nominal_interest_rate > Decimal(0))
    sooner = domain.quote_pay_off(loan, terms.start_date + timedelta(days=first))
    later = domain.quote_pay_off(loan, terms.start_date + timedelta(days=first + more))
    assert sooner.total <= later.total
    whole = sum(one.total.minor_units for one in loan.instalments)
    assert later.total <= cny(whole)
