"""The RPCs of loans, from the quote to the disbursement."""

from datetime import date

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.backing.domain import Backing
from zhongtai.credit.limit import store as limit_store
from zhongtai.credit.limit_hold import store as hold_store
from zhongtai.credit.loan import domain, store
from zhongtai.credit.loan_account import ordinary
from zhongtai.credit.product import offering
from zhongtai.credit.product import store as product_store
from zhongtai.credit.product.domain import Product
from zhongtai.credit.v1 import loan_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def quote_loan(request: v1.QuoteLoanRequest, view: View) -> v1.QuoteLoanResponse:
    """What a loan would cost, under the version of the product valid on its first day."""
    start = date_of(request.start_date) if request.HasField("start_date") else view.business_date
    product = offering.lent(view, request.product_id, start)
    quote = (
        domain.quote(_terms(product, request.amount, request.term_months, start))
        if product.servicing is None
        else ordinary.quote(product, money_of(request.amount), request.term_months, start)
    )
    if product.taxes is not None:
        quote = quote.with_taxes(product.taxes, money_of(request.amount))
    return message_of(quote, v1.QuoteLoanResponse, product_version=product.version)


@rpc
def open_loan(request: v1.OpenLoanRequest, unit: Unit) -> v1.OpenLoanResponse:
    """Opens a loan with its whole schedule, on a hold of exactly its principal."""
    product = offering.lent(unit, request.product_id, unit.business_date)
    limit = limit_store.limits.load(unit, request.limit_id)
    hold = hold_store.holds.load(unit, request.limit_id, request.hold_id)
    hold.must_be_open(unit.now)
    application = value_of(request, domain.Application)
    backing = Backing(
        customer_id=limit.customer_id,
        product_line=limit.product_line,
        held=hold.amount,
        loan_id=store.loan_on_hold(unit, hold.hold_id),
    )
    if product.servicing is not None:
        opened = ordinary.open_loan(
            unit,
            application,
            product,
            amount=money_of(request.amount),
            term_months=request.term_months,
            backing=backing,
        )
        return v1.OpenLoanResponse(loan_id=opened.loan_id, loan=message_of(store.with_schedule(unit, opened), v1.Loan))
    loan, fact = domain.open_loan(
        unit.new_id("loan"),
        application,
        _terms(product, request.amount, request.term_months, unit.business_date),
        product_version=product.version,
        product_line=product.product_line,
        backing=backing,
    )
    store.add(unit, loan)
    unit.record(fact)
    return v1.OpenLoanResponse(loan_id=loan.loan_id, loan=message_of(loan, v1.Loan))


@rpc
def cancel_loan(request: v1.CancelLoanRequest, unit: Unit) -> v1.CancelLoanResponse:
    """Takes back a loan whose money has not left the bank."""
    summary = store.summaries.load(unit, request.loan_id)
    if summary.serviced:
        return message_of(ordinary.cancel(unit, summary), v1.CancelLoanResponse)
    loan = store.with_schedule(unit, summary)
    cancelled, fact = loan.cancel()
    if fact is not None:
        store.save(unit, loan, cancelled)
        unit.record(fact)
    return message_of(cancelled, v1.CancelLoanResponse)


@rpc
def confirm_disbursement(request: v1.ConfirmDisbursementRequest, unit: Unit) -> v1.ConfirmDisbursementResponse:
    """Tells the loan that its money reached the customer."""
    summary = store.summaries.load(unit, request.loan_id)
    if summary.serviced:
        confirmed = ordinary.confirm_disbursement(unit, summary, request.payment_id)
        return message_of(confirmed, v1.ConfirmDisbursementResponse)
    loan = store.with_schedule(unit, summary)
    taxes = product_store.products.load(unit, loan.product_id, loan.product_version).taxes
    disbursed, fact = loan.confirm_disbursement(request.payment_id, taxes)
    if fact is not None:
        store.save(unit, loan, disbursed)
        unit.record(fact)
    return message_of(disbursed, v1.ConfirmDisbursementResponse)


@rpc
def get_loan(request: v1.GetLoanRequest, view: View) -> v1.GetLoanResponse:
    """One loan with its instalments."""
    return v1.GetLoanResponse(loan=message_of(store.load(view, request.loan_id), v1.Loan))


@rpc
def list_loans(request: v1.ListLoansRequest, view: View) -> v1.ListLoansResponse:
    """Loans by id, without their instalments."""
    conditions = []
    if request.customer_id:
        conditions.append(store.LOAN.c.customer_id == request.customer_id)
    if request.status:
        status = v1.LoanStatus.Name(request.status).removeprefix("LOAN_STATUS_")
        conditions.append(store.LOAN.c.status == status)
    found, page = store.summaries.page(view, request.page, *conditions)
    return v1.ListLoansResponse(loans=[message_of(loan, v1.Loan) for loan in found], page=page)


def _terms(product: Product, amount: Money, term_months: int, start_date: date) -> domain.Terms:
    """The terms of a loan under a version of a product, which must allow them."""
    principal = money_of(amount)
    product.must_allow(principal, term_months)
    return domain.Terms(
        principal=principal,
        nominal_interest_rate=product.nominal_interest_rate,
        amortisation=product.amortisation,
        day_count=product.day_count,
        term_months=term_months,
        start_date=start_date,
        holidays=None if product.holidays is None else product.holidays.holidays(start_date),
    )
