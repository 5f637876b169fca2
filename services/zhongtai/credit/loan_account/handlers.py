"""The RPCs of loan accounts: opened, closed for the day, told."""

from zhongtai.credit.backing.domain import Backing, must_back
from zhongtai.credit.limit import store as limit_store
from zhongtai.credit.limit_hold import store as hold_store
from zhongtai.credit.loan import domain as loan_domain
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_account import applying, domain, store
from zhongtai.credit.loan_account.arrears import arrears_of
from zhongtai.credit.loan_account.performing import asked, found, opened, perform
from zhongtai.credit.product import offering
from zhongtai.credit.product.domain import Product
from zhongtai.credit.servicing.domain import Application
from zhongtai.credit.v1 import loan_account_pb2 as v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing import operations
from zhongtai.kernel.servicing.taxes import tax_within
from zhongtai.kernel.servicing.terms import Taxes, Terms
from zhongtai.runtime.convert import date_of, decimal_of, message_of, money_message, value_of
from zhongtai.runtime.plain import from_json
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def open_loan_account(request: v1.OpenLoanAccountRequest, unit: Unit) -> v1.OpenLoanAccountResponse:
    """Opens an account on an application, on a hold of exactly its principal."""
    product = offering.lent(unit, request.product_id, unit.business_date)
    application = value_of(request, loan_domain.Application)
    terms = _terms(request, product, unit)
    limit = limit_store.limits.load(unit, request.limit_id)
    hold = hold_store.holds.load(unit, request.limit_id, request.hold_id)
    hold.must_be_open(unit.now)
    backing = Backing(
        customer_id=limit.customer_id,
        product_line=limit.product_line,
        held=hold.amount,
        loan_id=loan_store.loan_on_hold(unit, hold.hold_id),
    )
    must_back(
        backing,
        customer_id=request.customer_id,
        limit_id=request.limit_id,
        hold_id=request.hold_id,
        product_line=product.product_line,
        principal=applying.principal(terms),
    )
    loan, _, shown = opened(unit, application, product, terms)
    return v1.OpenLoanAccountResponse(
        loan_id=loan.loan_id,
        status="LOAN_STATUS_" + loan.status,
        plan=[message_of(row.line(), v1.PlanLine) for row in shown.plan],
    )


@rpc
def close_loan_day(request: v1.CloseLoanDayRequest, unit: Unit) -> v1.CloseLoanDayResponse:
    """Closes the day before today for one account."""
    return message_of(perform(unit, request, operations.EndOfDay), v1.CloseLoanDayResponse)


@rpc
def accrue_loan(request: v1.AccrueLoanRequest, unit: Unit) -> v1.AccrueLoanResponse:
    """Accrues what one account earned up to a day."""
    return message_of(perform(unit, request, operations.AccruePeriodically), v1.AccrueLoanResponse)


@rpc
def get_loan_account(request: v1.GetLoanAccountRequest, view: View) -> v1.GetLoanAccountResponse:
    """One account with its plan and its charges."""
    loan, kept = found(view, request.loan_id)
    shown = store.tables(view, loan.loan_id)
    currency = loan.principal.currency
    on = date_of(request.on) if request.HasField("on") else view.business_date
    owed, overpaid, arrears = asked(
        view, loan, kept, lambda account: (account.outstanding(), account.overpaid(), arrears_of(account, on))
    )
    return v1.GetLoanAccountResponse(
        loan=message_of(loan, loan_v1.Loan),
        plan=[message_of(row.line(), v1.PlanLine) for row in shown.plan],
        charges=[message_of(charge, v1.LoanCharge) for charge in shown.charges],
        owed=message_of(domain.owed_parts(owed, currency), v1.OwedParts),
        overpaid=money_message(Money(currency, overpaid)),
        operations=kept.operations,
        arrears=message_of(arrears, v1.LoanArrears),
    )


@rpc
def list_loan_transactions(request: v1.ListLoanTransactionsRequest, view: View) -> v1.ListLoanTransactionsResponse:
    """The transactions of an account, page by page."""
    loan, kept = found(view, request.loan_id)
    conditions = [store.TRANSACTION.c.loan_id == loan.loan_id]
    if not request.replaced_too:
        conditions.append(store.TRANSACTION.c.replaced == 0)
    taxes = from_json(kept.terms, Terms).taxes
    listed, page = store.transactions.page(view, request.page, *conditions)
    return v1.ListLoanTransactionsResponse(transactions=[_told(one, taxes) for one in listed], page=page)


@rpc
def list_loan_operations(request: v1.ListLoanOperationsRequest, view: View) -> v1.ListLoanOperationsResponse:
    """The history of an account, page by page."""
    loan, _ = found(view, request.loan_id)
    listed, page = store.operations.page(view, request.page, store.OPERATION.c.loan_id == loan.loan_id)
    return v1.ListLoanOperationsResponse(operations=[message_of(one, v1.LoanOperation) for one in listed], page=page)


def _told(one: domain.LoanTransaction, taxes: Taxes | None) -> v1.LoanTransaction:
    """A transaction with the tax within it, where taxes are told."""
    if taxes is None:
        return message_of(one, v1.LoanTransaction)
    within = sum(tax_within(part.minor_units, taxes.value_added) for part in (one.interest, one.fee, one.penalty))
    return message_of(one, v1.LoanTransaction, value_added_tax=money_message(Money(one.amount.currency, within)))


def _terms(request: v1.OpenLoanAccountRequest, product: Product, unit: Unit) -> Terms:
    """The terms of a loan under the conventions of its product, which must allow them."""
    today = unit.business_date
    application = value_of(
        request,
        Application,
        submitted_on=date_of(request.submitted_on) if request.HasField("submitted_on") else today,
        expected_disbursement_on=date_of(request.expected_disbursement_on)
        if request.HasField("expected_disbursement_on")
        else today,
        nominal_interest_rate=decimal_of(request.nominal_interest_rate)
        if request.HasField("nominal_interest_rate")
        else product.nominal_interest_rate,
    )
    return applying.terms_of(product, application)
