"""The RPCs of the reports of dates, and the closes of other services as they are heard."""

from datetime import date

from zhongtai.credit.v1 import end_of_day_pb2 as credit_v1
from zhongtai.operations.v1 import book_day_pb2 as operations_v1
from zhongtai.reporting.portfolio import reporting
from zhongtai.reporting.portfolio_day import domain, store
from zhongtai.reporting.portfolio_day.domain import PortfolioDay
from zhongtai.reporting.v1 import portfolio_day_pb2 as v1
from zhongtai.reporting.v1 import portfolio_pb2
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def take_portfolio(request: v1.TakePortfolioRequest, unit: Unit) -> v1.TakePortfolioResponse:
    """Takes the report of a date."""
    business_date = date_of(request.business_date)
    domain.must_be_over(business_date, unit.business_date)
    store.heard.must_reach(unit, request.heard, business_date)
    found = store.days.find(unit, business_date.isoformat()) or _taken(unit, business_date)
    return v1.TakePortfolioResponse(portfolio_day=_message(found))


@rpc
def preview_portfolio(request: v1.PreviewPortfolioRequest, view: View) -> v1.PreviewPortfolioResponse:
    """What the report of a date would come to."""
    business_date = date_of(request.business_date)
    domain.must_be_over(business_date, view.business_date)
    report = reporting.portfolio(view, business_date)
    return v1.PreviewPortfolioResponse(applications=report.approvals_total, loans=report.loans_total)


@rpc
def get_portfolio_day(request: v1.GetPortfolioDayRequest, view: View) -> v1.GetPortfolioDayResponse:
    """The report of a date."""
    found = store.days.load(view, date_of(request.business_date).isoformat())
    return v1.GetPortfolioDayResponse(portfolio_day=_message(found))


@rpc
def list_portfolio_days(request: v1.ListPortfolioDaysRequest, view: View) -> v1.ListPortfolioDaysResponse:
    """The dates whose reports were taken."""
    found, page = store.titles.page(view, request.page)
    listed = [message_of(each, v1.PortfolioDay) for each in found]
    return v1.ListPortfolioDaysResponse(portfolio_days=listed, page=page)


@on
def credit_day_closed(event: credit_v1.EndOfDayClosed, unit: Unit) -> None:
    """Credit has closed a date: what it told of loans came before."""
    store.heard.hear(unit, "credit", date_of(event.business_date))


@on
def book_day_advanced(event: operations_v1.BookDayAdvanced, unit: Unit) -> None:
    """A book has closed a date: its entries came before."""
    if event.status == operations_v1.BOOK_DAY_STATUS_CLOSED:
        store.heard.hear(unit, f"operations.{event.book}", date_of(event.business_date))


def _taken(unit: Unit, business_date: date) -> PortfolioDay:
    report = reporting.portfolio(unit, business_date).SerializeToString(deterministic=True)
    found = PortfolioDay.taken(business_date, report, unit.now)
    store.days.add(unit, found)
    return found


def _message(found: PortfolioDay) -> v1.PortfolioDay:
    portfolio = portfolio_pb2.GetPortfolioResponse.FromString(found.report)
    return message_of(found, v1.PortfolioDay, portfolio=portfolio)
