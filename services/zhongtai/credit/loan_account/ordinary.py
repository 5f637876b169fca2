"""A serviced loan by the RPCs of every loan: quoted, opened, disbursed, repaid, paid off, told.

So a product that is composed of `LoanService` and `RepaymentService` lends under any conventions: only its parameters
differ. What is due is all arrears and the instalment of the next month, as for every loan; more is taken in advance, by
the waterfall of the product.
"""

from dataclasses import replace
from datetime import date

from zhongtai.credit.backing.domain import Backing, must_back
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import (
    Application,
    LoanAlreadyDisbursed,
    LoanCancelled,
    LoanMustBeActive,
    LoanMustBePending,
    LoanStatus,
    LoanSummary,
    Quote,
)
from zhongtai.credit.loan_account import applying, store
from zhongtai.credit.loan_account.domain import NOTHING, PlanRow
from zhongtai.credit.loan_account.performing import apply, asked, opened, tables
from zhongtai.credit.product.domain import Product
from zhongtai.credit.repayment.domain import PayOff, PayOffMustBeExact, Repayment, RepaymentDue
from zhongtai.credit.servicing.domain import minor_units
from zhongtai.kernel.money import Money
from zhongtai.kernel.schedule import Instalment, months_later
from zhongtai.kernel.servicing import operations as kernel
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.runtime.unit import Unit, View


def quote(product: Product, amount: Money, term_months: int, on: date) -> Quote:
    """What a loan would cost; charges stand in the totals of its instalments."""
    terms = applying.terms_of(product, applying.plain_application(product, amount, term_months, on))
    plan = tables("", Account(terms), NOTHING).plan
    rows = [row for row in plan if row.number > 0]
    nothing = Money(amount.currency, 0)
    return Quote(
        instalments=tuple(
            Instalment(row.number, row.due_date, row.principal, row.interest, row.total, row.balance) for row in rows
        ),
        nominal_interest_rate=product.nominal_interest_rate,
        annual_percentage_rate=applying.effective_rate(terms, plan),
        us_annual_percentage_rate=applying.regulation_z_rate(terms, plan),
        total_interest=sum((row.interest for row in rows), nothing),
    )


def open_loan(
    unit: Unit, application: Application, product: Product, *, amount: Money, term_months: int, backing: Backing
) -> LoanSummary:
    """Opens a loan and approves it: the decision it rests on was made before."""
    today = unit.business_date
    terms = applying.terms_of(product, applying.plain_application(product, amount, term_months, today))
    must_back(
        backing,
        customer_id=application.customer_id,
        limit_id=application.limit_id,
        hold_id=application.hold_id,
        product_line=product.product_line,
        principal=amount,
    )
    loan, kept, _ = opened(unit, application, product, terms)
    approval = kernel.Approve(
        reference=unit.new_id("lop"),
        booked_on=today,
        dated=today,
        amount=amount.minor_units,
        expected_disbursement_on=today,
    )
    return apply(unit, loan, kept, approval).loan


def confirm_disbursement(unit: Unit, loan: LoanSummary, payment_id: str) -> LoanSummary:
    """Disburses the loan, once for a payment."""
    if loan.disbursement_payment_id == payment_id:
        return loan
    if loan.status is not LoanStatus.PENDING:
        raise LoanMustBePending(loan_id=loan.loan_id, status=loan.status)
    today = unit.business_date
    disbursement = kernel.Disburse(
        reference=unit.new_id("lop"), booked_on=today, dated=today, amount=loan.principal.minor_units
    )
    # Kept first: an operation writes what it changed of the loan it was given, and nothing else.
    paid = replace(loan, disbursement_payment_id=payment_id)
    loan_store.save_summary(unit, loan, paid)
    return _apply(unit, paid, disbursement)


def cancel(unit: Unit, loan: LoanSummary) -> LoanSummary:
    """Takes the loan back before its money leaves."""
    if loan.status is LoanStatus.CANCELLED:
        return loan
    if loan.status not in (LoanStatus.SUBMITTED, LoanStatus.PENDING):
        raise LoanAlreadyDisbursed(loan_id=loan.loan_id)
    today = unit.business_date
    if loan.status is LoanStatus.PENDING:
        loan = _apply(unit, loan, kernel.UndoApproval(reference=unit.new_id("lop"), booked_on=today))
    loan = _apply(unit, loan, kernel.Withdraw(reference=unit.new_id("lop"), booked_on=today, dated=today))
    unit.record(LoanCancelled(loan.loan_id, loan.customer_id, loan.product_id, loan.limit_id))
    return loan


def due(view: View, loan: LoanSummary, on: date) -> tuple[RepaymentDue, date | None]:
    """What is due on the day and unpaid, charges in its total; and the day the oldest unpaid instalment is due."""
    _must_be_active(loan)
    rows = [row for row in store.tables(view, loan.loan_id).plan if row.number > 0]
    late = [row for row in rows if row.due_date < on]
    upcoming = [row for row in rows if on <= row.due_date <= months_later(on, 1)][:1]
    currency = loan.principal.currency
    principal = sum(_left(row, "principal") for row in late + upcoming)
    interest = sum(_left(row, "interest") for row in late + upcoming)
    total = sum(row.unpaid for row in late + upcoming)
    arrears = sum(row.unpaid for row in late)
    amounts = (Money(currency, one) for one in (principal, interest, total, arrears))
    return RepaymentDue(*amounts), loan.oldest_due_date


def repay(unit: Unit, loan: LoanSummary, amount: Money, payment_id: str, earlier: Repayment | None) -> Repayment:
    """Books a repayment, once for a payment."""
    if earlier is not None:
        return earlier.must_be(loan.loan_id, amount)
    _must_be_active(loan)
    today = unit.business_date
    payment = kernel.Pay(
        reference=unit.new_id("lop"),
        booked_on=today,
        dated=today,
        amount=minor_units(amount, loan.principal.currency),
    )
    return _received(unit, loan, payment, payment_id)


def quote_pay_off(view: View, loan: LoanSummary, on: date) -> PayOff:
    """What pays the loan off on the day; what is not principal is told as interest, charges too."""
    _must_be_active(loan)
    kept = store.accounts.load(view, loan.loan_id)
    total = Money(loan.principal.currency, asked(view, loan, kept, lambda account: account.payoff(on)))
    return PayOff(loan.outstanding, total - loan.outstanding, total)


def pay_off(unit: Unit, loan: LoanSummary, amount: Money, payment_id: str, earlier: Repayment | None) -> Repayment:
    """Books a repayment of exactly the figure of today, once for a payment."""
    if earlier is not None:
        return earlier.must_be(loan.loan_id, amount)
    today = unit.business_date
    expected = quote_pay_off(unit, loan, today).total
    if expected - amount:
        raise PayOffMustBeExact(expected=expected, amount=amount)
    payment = kernel.PayOff(reference=unit.new_id("lop"), booked_on=today, dated=today)
    return _received(unit, loan, payment, payment_id)


def _received(unit: Unit, loan: LoanSummary, payment: Operation, payment_id: str) -> Repayment:
    done = apply(unit, loan, store.accounts.load(unit, loan.loan_id), payment)
    booked = next(one for one in done.made.booked if one.transaction_id == done.operation_id)
    return Repayment(
        payment_id=payment_id,
        loan_id=loan.loan_id,
        principal=booked.principal,
        interest=booked.interest,
        outstanding=done.loan.outstanding,
        status=done.loan.status,
        paid_on=unit.business_date,
        other=booked.fee + booked.penalty + booked.overpaid,
    )


def _apply(unit: Unit, loan: LoanSummary, operation: Operation) -> LoanSummary:
    return apply(unit, loan, store.accounts.load(unit, loan.loan_id), operation).loan


def _must_be_active(loan: LoanSummary) -> None:
    if loan.status is not LoanStatus.ACTIVE:
        raise LoanMustBeActive(loan_id=loan.loan_id, status=loan.status)


def _left(row: PlanRow, part: str) -> int:
    """What is unpaid of a part of a line, in minor units."""
    detail = row.detail
    gone = (detail.paid, detail.waived, detail.written_off)
    return int(getattr(detail.due, part)) - sum(int(getattr(one, part)) for one in gone)
