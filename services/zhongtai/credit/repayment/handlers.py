"""The RPCs of repayments: what is due, and what a payment settles."""

from zhongtai.credit.late_interest import store as late_store
from zhongtai.credit.late_interest.domain import Reckoned
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import Loan
from zhongtai.credit.loan_account import ordinary
from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.repayment import domain, store
from zhongtai.credit.v1 import repayment_pb2 as v1
from zhongtai.kernel.money import Money
from zhongtai.runtime.convert import date_message, date_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def quote_repayment(request: v1.QuoteRepaymentRequest, view: View) -> v1.QuoteRepaymentResponse:
    """What is due on a day."""
    loan = loan_store.summaries.load(view, request.loan_id)
    on = date_of(request.on) if request.HasField("on") else view.business_date
    if loan.serviced:
        due, next_due_date = ordinary.due(view, loan, on)
    else:
        scheduled = loan_store.with_schedule(view, loan)
        late = late_store.reckoned(view, scheduled, on)
        due, next_due_date = domain.due(scheduled, on, _owed(late)), domain.next_due_date(scheduled)
    return v1.QuoteRepaymentResponse(
        loan_id=loan.loan_id,
        due=message_of(due, v1.RepaymentDue),
        outstanding=money_message(loan.outstanding),
        account_id=loan.account_id,
        next_due_date=None if next_due_date is None else date_message(next_due_date),
    )


@rpc
def repay_loan(request: v1.RepayLoanRequest, unit: Unit) -> v1.RepayLoanResponse:
    """Applies a payment to what is due."""
    summary = loan_store.summaries.load(unit, request.loan_id)
    amount = money_of(request.amount)
    earlier = store.repayments.find(unit, request.payment_id)
    if summary.serviced:
        received = ordinary.repay(unit, summary, amount, request.payment_id, earlier)
        return message_of(_kept(unit, received, earlier), v1.RepayLoanResponse)
    loan = loan_store.with_schedule(unit, summary)
    late = late_store.reckoned(unit, loan, unit.business_date)
    repaid = domain.repay(
        loan,
        amount,
        payment_id=request.payment_id,
        on=unit.business_date,
        earlier=earlier,
        late=_owed(late),
    )
    repayment = _keep(unit, loan, repaid, late)
    return message_of(repayment, v1.RepayLoanResponse)


@rpc
def quote_pay_off(request: v1.QuotePayOffRequest, view: View) -> v1.QuotePayOffResponse:
    """What pays the loan off on a day."""
    loan = loan_store.summaries.load(view, request.loan_id)
    on = date_of(request.on) if request.HasField("on") else view.business_date
    if loan.serviced:
        quoted = ordinary.quote_pay_off(view, loan, on)
    else:
        scheduled = loan_store.with_schedule(view, loan)
        late = late_store.reckoned(view, scheduled, on)
        quoted = domain.quote_pay_off(scheduled, on, _owed(late))
    return message_of(quoted, v1.QuotePayOffResponse, loan_id=loan.loan_id, account_id=loan.account_id)


@rpc
def pay_off_loan(request: v1.PayOffLoanRequest, unit: Unit) -> v1.PayOffLoanResponse:
    """Pays a loan off by exactly the figure of today."""
    summary = loan_store.summaries.load(unit, request.loan_id)
    amount = money_of(request.amount)
    earlier = store.repayments.find(unit, request.payment_id)
    if summary.serviced:
        received = ordinary.pay_off(unit, summary, amount, request.payment_id, earlier)
        return message_of(_kept(unit, received, earlier), v1.PayOffLoanResponse)
    loan = loan_store.with_schedule(unit, summary)
    late = late_store.reckoned(unit, loan, unit.business_date)
    paid_off = domain.pay_off(
        loan,
        amount,
        payment_id=request.payment_id,
        on=unit.business_date,
        earlier=earlier,
        late=_owed(late),
    )
    repayment = _keep(unit, loan, paid_off, late)
    return message_of(repayment, v1.PayOffLoanResponse)


def _kept(unit: Unit, received: domain.Repayment, earlier: domain.Repayment | None) -> domain.Repayment:
    """Keeps a payment that was booked on an account just now."""
    if received is not earlier:
        store.repayments.add(unit, received)
    return received


def _owed(late: Reckoned | None) -> Money | None:
    """What is owed of late interest, where any is reckoned."""
    return None if late is None else late.account.owed


def _keep(
    unit: Unit, before: Loan, made: tuple[Loan, domain.Repayment, domain.Facts], late: Reckoned | None
) -> domain.Repayment:
    """Keeps a payment that was applied just now; one that was applied before has no facts and is kept already."""
    after, repayment, facts = made
    if not facts:
        return repayment
    loan_store.save(unit, before, after)
    keeping.arrears(unit, before, after)
    store.repayments.add(unit, repayment)
    if late is not None:
        late_store.keep(unit, late.account.pay(repayment.other or before.principal.nothing))
    for fact in facts:
        unit.record(fact)
    return repayment
