"""The RPCs of re-pricing, and the events by which quotes reach loans."""

from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_repricing import domain, repricing, store
from zhongtai.credit.loan_repricing.domain import RepricingContinued
from zhongtai.credit.reference_rate.domain import ReferenceRate
from zhongtai.credit.v1 import end_of_day_pb2 as eod_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import loan_repricing_pb2 as v1
from zhongtai.credit.v1 import reference_rate_pb2 as rate_v1
from zhongtai.runtime.convert import date_message, message_of, value_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def reprice_loan(request: v1.RepriceLoanRequest, unit: Unit) -> v1.RepriceLoanResponse:
    """Lets a loan take the quotes of its re-pricing days up to today."""
    loan_store.summaries.load(unit, request.loan_id)
    standing, passed = repricing.catch_up(unit, store.floating_loans.load(unit, request.loan_id))
    return v1.RepriceLoanResponse(
        loan_id=request.loan_id,
        repricings=[message_of(one, v1.LoanRepricing) for one in passed],
        next_on=None if standing.next_on is None else date_message(standing.next_on),
    )


@rpc
def reprice_due_loans(request: v1.RepriceDueLoansRequest, unit: Unit) -> v1.RepriceDueLoansResponse:
    """Re-prices the loans that are due."""
    return message_of(
        repricing.sweep(unit, request.maximum if request.HasField("maximum") else domain.AT_ONCE),
        v1.RepriceDueLoansResponse,
    )


@rpc
def list_loan_repricings(request: v1.ListLoanRepricingsRequest, view: View) -> v1.ListLoanRepricingsResponse:
    """The re-pricing days a loan has passed."""
    found, page = store.repricings.page(view, request.page, store.LOAN_REPRICING.c.loan_id == request.loan_id)
    return v1.ListLoanRepricingsResponse(repricings=[message_of(one, v1.LoanRepricing) for one in found], page=page)


@on
def look_out_for_repricing_days(event: loan_v1.LoanDisbursed, unit: Unit) -> None:
    """A loan that was disbursed has its first re-pricing day ahead, where its rate floats."""
    if event.serviced:
        repricing.begin(unit, loan_store.summaries.load(unit, event.loan_id))


@on
def take_quote(event: rate_v1.ReferenceRatePublished, unit: Unit) -> None:
    """A quote reaches the loans whose day has come, and those that took the one it corrects."""
    store.published(unit, value_of(event.reference_rate, ReferenceRate))
    _go_on(unit)


@on
def reprice_after_close(event: eod_v1.EndOfDayClosed, unit: Unit) -> None:
    """A day was closed: the re-pricing days that have come are taken."""
    _ = event
    _go_on(unit)


@on
def go_on_repricing(event: v1.RepricingContinued, unit: Unit) -> None:
    """What was left of the loans that are due."""
    _ = event
    _go_on(unit)


def _go_on(unit: Unit) -> None:
    if repricing.sweep(unit, domain.AT_ONCE).more:
        unit.record(RepricingContinued(unit.business_date.isoformat()))
