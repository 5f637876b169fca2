"""The RPCs of the days of loans: what a closed day made of a loan, and why."""

from datetime import date

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.classification.domain import CATEGORIES
from zhongtai.credit.loan_day import drilldown, store
from zhongtai.credit.loan_day.domain import LoanDay
from zhongtai.credit.loan_day.reasons import reasons
from zhongtai.credit.v1 import loan_day_pb2 as v1
from zhongtai.kernel.money import Money
from zhongtai.runtime.convert import date_message, date_of, message_of, money_message
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import View, rpc


@rpc
def get_loan_day(request: v1.GetLoanDayRequest, view: View) -> v1.GetLoanDayResponse:
    """A loan's row of a day, with the rules it rests on."""
    on = date_of(request.business_date)
    day = store.load(view, request.loan_id, on)
    found = reasons(*store.rules_of(view, *store.in_force(view, on)), day)
    return v1.GetLoanDayResponse(
        day=_message(view, day, request.loan_id), reasons=[message_of(reason, v1.LoanDayReason) for reason in found]
    )


@rpc
def list_loan_days(request: v1.ListLoanDaysRequest, view: View) -> v1.ListLoanDaysResponse:
    """The rows of a day, page by page."""
    on, category = date_of(request.business_date), CATEGORIES[request.category - 1] if request.category else None
    places, page = page_of(drilldown.places_of_day(view, on, request.partition, category), request.page)
    loans = drilldown.loans_at(view, places)
    days = [_message(view, day, loans[day.place]) for day in drilldown.at(view, places, on)]
    return v1.ListLoanDaysResponse(days=days[::-1] if request.page.newest_first else days, page=page)


def _message(view: View, day: LoanDay, loan_id: str) -> v1.LoanDay:
    partition = store.partition_at(day.place)
    product_id, currency = store.partition_of(view, partition)

    def money(minor_units: int) -> MoneyMessage:
        return money_message(Money(currency, minor_units))

    ends: date | None = day.ends_on
    return v1.LoanDay(
        loan_id=loan_id,
        business_date=date_message(day.business_date),
        partition=partition,
        product_id=product_id,
        outstanding=money(day.outstanding_minor),
        instalment_number=day.number,
        period_ends_on=date_message(ends) if ends else None,
        accruing=money(day.accruing_minor),
        interest_accrued=money(day.accrual_minor),
        interest_recognised=money(day.recognised_minor),
        days_past_due=day.days_past_due,
        category=f"RISK_CATEGORY_{CATEGORIES[day.category]}",
        stage=day.stage,
        allowance=money(day.allowance_minor),
        allowance_change=money(day.allowance_change_minor),
    )
