"""A repayment (还款): what is due of a loan on a day, and how a payment is applied to it.

A payment goes to the oldest instalment first, in each to the interest first. What may be paid on a day is all arrears
and the instalment of the current month; the rest only by paying the loan off. Late interest (`late`) is met first.
Always true: a payment is applied once, and nothing of it is lost.
"""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from zhongtai.credit.loan.domain import Instalment, Loan, LoanStatus
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Taken, Unmet
from zhongtai.kernel.schedule import accrued_interest, months_later


class RepaymentMustNotExceedDue(Unmet):
    """{due} is due, {amount} is more: repay at most what is due, or pay the loan off with PayOffLoan.

    应还{due}，{amount}超出：请不超过应还金额还款，或使用PayOffLoan提前结清。
    """

    due: Money
    amount: Money


class PayOffMustBeExact(Unmet):
    """The loan is paid off today by exactly {expected}, not by {amount}: ask for the figure with QuotePayOff.

    今日结清金额为{expected}，而非{amount}：请通过QuotePayOff查询。
    """

    expected: Money
    amount: Money


class PayOffMustNotPrecedeStart(Invalid):
    """The interest of the loan begins on {start_date}, after {on}: choose a later day.

    贷款自{start_date}起息，晚于{on}：请选择更晚的日期。
    """

    start_date: date
    on: date


class PaymentAlreadyApplied(Taken):
    """The payment {payment_id} was applied as {amount} to the loan {loan_id}: a payment is applied once, as it was.

    付款{payment_id}已以{amount}用于贷款{loan_id}：同一付款只能入账一次。
    """

    payment_id: str
    loan_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RepaymentDue:
    """What is due on a day; `arrears` is what of the total should have been paid before it."""

    principal: Money
    interest: Money
    total: Money
    arrears: Money
    late_interest: Money | None = None


@dataclass(frozen=True, slots=True)
class PayOff:
    """What pays a loan off on a day; late interest, where there is any, stands in the total."""

    principal: Money
    interest: Money
    total: Money
    late_interest: Money | None = None


@dataclass(frozen=True, slots=True)
class Repayment:
    """A payment as it was applied; kept under its payment_id, so that it is applied once.

    `other` is what of it was late interest; of serviced loans fees and penalties, or what was not owed.
    """

    payment_id: str
    loan_id: str
    principal: Money
    interest: Money
    outstanding: Money
    status: LoanStatus
    paid_on: date
    other: Money | None = None

    def must_be(self, loan_id: str, amount: Money) -> "Repayment":
        """This repayment, where it is the one that is asked for again; refuses another use of its payment."""
        applied = self.principal + self.interest
        if self.other is not None:
            applied += self.other
        if (self.loan_id, applied) != (loan_id, amount):
            raise PaymentAlreadyApplied(payment_id=self.payment_id, loan_id=self.loan_id, amount=applied)
        return self


@dataclass(frozen=True, slots=True)
class LoanRepaid:
    """A payment was applied to a loan."""

    loan_id: str
    customer_id: str
    product_id: str
    limit_id: str
    principal: Money
    interest: Money
    outstanding: Money
    paid_on: date
    payment_id: str
    hold_id: str
    serviced: bool = False
    late_interest: Money | None = None


@dataclass(frozen=True, slots=True)
class LoanOwedAgain:
    """Principal of a serviced loan that was told to have come back is owed again."""

    loan_id: str
    customer_id: str
    product_id: str
    limit_id: str
    hold_id: str
    principal: Money
    outstanding: Money
    owed_on: date


@dataclass(frozen=True, slots=True)
class LoanPaidOff:
    """Nothing is owed of a loan any more."""

    loan_id: str
    customer_id: str
    product_id: str
    limit_id: str
    paid_on: date


Facts = tuple[LoanRepaid | LoanPaidOff, ...]


def due(loan: Loan, on: date, late: Money | None = None) -> RepaymentDue:
    """What is due on the day and unpaid: late interest, all arrears and the instalment of the current month."""
    loan.must_be_active()
    payable = _payable(loan, on)
    nothing = loan.principal.nothing
    principal = sum((one.principal_unpaid for one in payable), nothing)
    interest = sum((one.interest_unpaid for one in payable), nothing)
    arrears = sum((one.unpaid for one in payable if one.due_date < on), late or nothing)
    return RepaymentDue(principal, interest, principal + interest + (late or nothing), arrears, late)


def next_due_date(loan: Loan) -> date | None:
    """The day the oldest unpaid instalment is due, or None where nothing is owed."""
    return next((one.due_date for one in loan.instalments if not one.is_paid), None)


def repay(
    loan: Loan, amount: Money, *, payment_id: str, on: date, earlier: Repayment | None, late: Money | None = None
) -> tuple[Loan, Repayment, Facts]:
    """Applies a payment to what is due; `earlier` is what was made of this payment before, which then stays."""
    if earlier is not None:
        return loan, earlier.must_be(loan.loan_id, amount), ()
    owed = due(loan, on, late).total
    if amount > owed:
        raise RepaymentMustNotExceedDue(due=owed, amount=amount)
    met = None if late is None else min(late, amount)
    left, paid = amount if met is None else amount - met, []
    for instalment in loan.instalments:
        if not left or instalment.is_paid:
            paid.append(instalment)
            continue
        interest = min(left, instalment.interest_unpaid)
        principal = min(left - interest, instalment.principal_unpaid)
        paid.append(instalment.pay(principal, interest))
        left -= principal + interest
    assert not left, "nothing of a payment is lost"
    return _received(loan, tuple(paid), payment_id, on, met)


def quote_pay_off(loan: Loan, on: date, late: Money | None = None) -> PayOff:
    """What pays the loan off on the day: the principal outstanding, the interest due and unpaid, that accrued since.

    Interest accrues on the balance of the schedule by the loan's own day count; interest paid ahead is not given back.
    """
    loan.must_be_active()
    if on < loan.start_date:
        raise PayOffMustNotPrecedeStart(start_date=loan.start_date, on=on)
    interest = sum(_interest_owed(loan, on), loan.principal.nothing)
    return PayOff(loan.outstanding, interest, loan.outstanding + interest + (late or loan.principal.nothing), late)


def pay_off(
    loan: Loan, amount: Money, *, payment_id: str, on: date, earlier: Repayment | None, late: Money | None = None
) -> tuple[Loan, Repayment, Facts]:
    """Pays the loan off by exactly the figure of the day; the interest that had not accrued by then is not owed."""
    if earlier is not None:
        return loan, earlier.must_be(loan.loan_id, amount), ()
    expected = quote_pay_off(loan, on, late).total
    if expected - amount:
        raise PayOffMustBeExact(expected=expected, amount=amount)
    owed = zip(loan.instalments, _interest_owed(loan, on), strict=True)
    paid = tuple(instalment.pay(instalment.principal_unpaid, interest) for instalment, interest in owed)
    return _received(loan, paid, payment_id, on, late)


def _payable(loan: Loan, on: date) -> list[Instalment]:
    """The instalments due by the day, and the next where it is due within a month: a bullet is not due all its life."""
    payable = [one for one in loan.instalments if one.due_date < on]
    upcoming = loan.instalments[len(payable) :][:1]
    payable += [one for one in upcoming if one.due_date <= months_later(on, 1)]
    return [one for one in payable if not one.is_paid]


def _interest_owed(loan: Loan, on: date) -> list[Money]:
    """For each instalment the unpaid interest that is due, or has accrued, by the day."""
    nothing = loan.principal.nothing
    owed = []
    begins = (loan.start_date, *(one.due_date for one in loan.instalments))
    for instalment, (begin, end) in zip(loan.instalments, pairwise(begins), strict=True):
        if end <= on:
            owed.append(instalment.interest_unpaid)
        elif begin < on:
            balance = instalment.balance + instalment.principal
            accrued = accrued_interest(balance, loan.nominal_interest_rate, begin, on, loan.day_count)
            owed.append(max(accrued - instalment.interest_paid, nothing))
        else:
            owed.append(nothing)
    return owed


def _received(
    loan: Loan, instalments: tuple[Instalment, ...], payment_id: str, on: date, late: Money | None
) -> tuple[Loan, Repayment, Facts]:
    """The loan with more paid of its instalments, by one payment; it is paid off where nothing is outstanding.

    `late` is what of the payment met late interest, None where none was owed.
    """
    changes = [(old, new) for old, new in zip(loan.instalments, instalments, strict=True) if new is not old]
    principal = sum((after.principal_paid - before.principal_paid for before, after in changes), loan.principal.nothing)
    interest = sum((after.interest_paid - before.interest_paid for before, after in changes), loan.principal.nothing)
    outstanding = loan.outstanding - principal
    status = loan.status if outstanding else LoanStatus.PAID_OFF
    repaid = LoanRepaid(
        loan_id=loan.loan_id,
        customer_id=loan.customer_id,
        product_id=loan.product_id,
        limit_id=loan.limit_id,
        principal=principal,
        interest=interest,
        outstanding=outstanding,
        paid_on=on,
        payment_id=payment_id,
        hold_id=loan.hold_id,
        late_interest=late,
    )
    facts: Facts = (repaid,)
    if not outstanding:
        facts = (repaid, LoanPaidOff(loan.loan_id, loan.customer_id, loan.product_id, loan.limit_id, on))
    oldest = next((one.due_date for one in instalments if not one.is_paid), None) if outstanding else None
    return (
        replace(loan, instalments=instalments, outstanding=outstanding, status=status, oldest_due_date=oldest),
        Repayment(payment_id, loan.loan_id, principal, interest, outstanding, status, on, late),
        facts,
    )
