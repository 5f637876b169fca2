"""The portfolio: events of risk, credit and operations in; the report and its sources out."""

from datetime import date
from itertools import accumulate

from google.protobuf.message import Message

from zhongtai.credit.v1 import loan_import_pb2 as import_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.kernel.schedule import Instalment
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.reporting.portfolio import domain, drill, reporting, store
from zhongtai.reporting.portfolio.domain import Application, Decided, Leg, Loan, LoanTerms, Narrowing, Rating, Source
from zhongtai.reporting.v1 import portfolio_pb2 as v1
from zhongtai.risk.v1 import decision_pb2 as decision_v1
from zhongtai.runtime.convert import date_of, message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def get_portfolio(request: v1.GetPortfolioRequest, view: View) -> v1.GetPortfolioResponse:
    """The portfolio at the close of a day."""
    as_of = domain.day_of_report(date_of(request.as_of) if request.HasField("as_of") else None, view.business_date)
    return reporting.portfolio(view, as_of)


@rpc
def list_sources(request: v1.ListSourcesRequest, view: View) -> v1.ListSourcesResponse:
    """The events behind a figure, or behind a part of it."""
    as_of = domain.day_of_report(date_of(request.as_of) if request.HasField("as_of") else None, view.business_date)
    figure = domain.sources_of(request.figure)
    behind = drill.behind(figure, value_of(request, Narrowing), as_of)
    found, page = store.sources.page(view, request.page, behind)
    return v1.ListSourcesResponse(sources=[_source_message(source) for source in found], page=page)


@on
def application_decided(event: decision_v1.ApplicationDecided, unit: Unit) -> None:
    """An application is answered."""
    terms = value_of(event, Decided)
    found = store.applications.find(unit, event.decision_id)
    application = (found or Application(event.decision_id)).decided(terms.outcome, unit.business_date)
    store.put(store.applications, unit, application, known=found is not None)
    store.reasons.add_all(unit, domain.decline_reasons(event.decision_id, terms))
    _keep_source(unit, event, event.decision_id, unit.business_date)


@on
def decision_withdrawn(event: decision_v1.DecisionWithdrawn, unit: Unit) -> None:
    """The answer to an application is taken back: it counts no longer."""
    found = store.applications.find(unit, event.decision_id)
    application = (found or Application(event.decision_id)).withdrawn(unit.business_date)
    store.put(store.applications, unit, application, known=found is not None)


@on
def rating_assigned(event: rating_v1.RatingAssigned, unit: Unit) -> None:
    """A grade is given on a decision."""
    found = store.ratings.find(unit, event.rating_id)
    rating = (found or Rating(event.rating_id)).assigned(event.decision_id, event.grade, unit.business_date)
    store.put(store.ratings, unit, rating, known=found is not None)
    _keep_source(unit, event, event.decision_id, unit.business_date)


@on
def rating_overridden(event: rating_v1.RatingOverridden, unit: Unit) -> None:
    """Somebody put another grade over the model's."""
    found = store.ratings.find(unit, event.rating_id)
    rating = (found or Rating(event.rating_id)).overridden(event.grade)
    store.put(store.ratings, unit, rating, known=found is not None)


@on
def rating_withdrawn(event: rating_v1.RatingWithdrawn, unit: Unit) -> None:
    """A grade is taken back: it counts no longer."""
    found = store.ratings.find(unit, event.rating_id)
    rating = (found or Rating(event.rating_id)).withdrawn(unit.business_date)
    store.put(store.ratings, unit, rating, known=found is not None)


@on
def loan_opened(event: loan_v1.LoanOpened, unit: Unit) -> None:
    """A loan names the decision it rests on; it counts from its disbursement."""
    found = store.loans.find(unit, event.loan_id)
    loan = (found or Loan(event.loan_id)).opened(event.loan.decision_id)
    store.put(store.loans, unit, loan, known=found is not None)


@on
def loan_disbursed(event: loan_v1.LoanDisbursed, unit: Unit) -> None:
    """A loan is paid out."""
    terms = value_of(event, LoanTerms)
    found = store.loans.find(unit, event.loan_id)
    loan = (found or Loan(event.loan_id)).disbursed(terms)
    store.put(store.loans, unit, loan, known=found is not None)
    instalments = [value_of(instalment, Instalment) for instalment in event.instalments]
    store.instalments.add_all(unit, domain.due_instalments(event.loan_id, instalments))
    _keep_source(unit, event, event.loan_id, terms.start_date, pays_out=True)


@on
def loans_imported(event: import_v1.LoansImported, unit: Unit) -> None:
    """Loans that were taken over count from the day they were, with what was outstanding of them."""
    on_day = date_of(event.imported_on)
    loans: list[Loan] = []
    due: list[domain.DueInstalment] = []
    for told in event.loans:
        terms = value_of(
            told, LoanTerms, principal=money_of(told.outstanding), payment_id=event.batch_id, start_date=on_day
        )
        loans.append(Loan(told.loan_id).disbursed(terms))
        days = accumulate(told.due_days_later, initial=date_of(told.first_due_date).toordinal())
        totals = map(int.__add__, told.principal_minor_units, told.interest_minor_units)
        due += domain.due_totals(told.loan_id, [*days][1:], totals)
    store.loans.add_all(unit, loans)
    store.instalments.add_all(unit, due)
    _keep_source(unit, event, event.batch_id, on_day, pays_out=True)


@on
def loan_repaid(event: loan_v1.LoanRepaid, unit: Unit) -> None:
    """A part of a loan is paid back."""
    paid_on = date_of(event.paid_on)
    repayment = domain.repayment(
        event_id=unit.request_id,
        loan_id=event.loan_id,
        payment_id=event.payment_id,
        principal=money_of(event.principal),
        interest=money_of(event.interest),
        paid_on=paid_on,
    )
    store.repayments.add(unit, repayment)
    _keep_source(unit, event, event.loan_id, paid_on)


@on
def loan_owed_again(event: loan_v1.LoanOwedAgain, unit: Unit) -> None:
    """Less of a loan is paid back than was told."""
    owed_on, principal = date_of(event.owed_on), money_of(event.principal)
    repayment = domain.repayment(
        event_id=unit.request_id,
        loan_id=event.loan_id,
        payment_id="",
        principal=-principal,
        interest=principal.nothing,
        paid_on=owed_on,
    )
    store.repayments.add(unit, repayment)
    _keep_source(unit, event, event.loan_id, owed_on)


@on
def entry_posted(event: ledger_v1.EntryPosted, unit: Unit) -> None:
    """A ledger entry says what it is for: that is where the drill ends."""
    source = Source(
        event_id=unit.request_id,
        about=event.reference,
        subject=domain.ENTRY,
        on=date_of(event.booking_date),
        entry_id=event.entry_id,
        number=event.number,
        pays_out=domain.pays_out(value_of(leg, Leg) for leg in event.legs),
    )
    store.sources.add(unit, source)


def _keep_source(unit: Unit, event: Message, about: str, on: date, *, pays_out: bool = False) -> None:
    subject = str(event.DESCRIPTOR.full_name)
    store.sources.add(unit, Source(unit.request_id, about, subject, on, pays_out=pays_out))


def _source_message(source: Source) -> v1.Source:
    if source.entry_id is None:
        return message_of(source, v1.Source)
    entry = v1.LedgerReference(entry_id=source.entry_id, number=source.number, reference=source.about)
    return message_of(source, v1.Source, ledger_entry=entry)
