"""What an application for a serviced loan comes to: its terms under a version of its product, its row, its rate.

Pure, as the engine: the product and what the customer asks for in, values out.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from zhongtai.credit.loan.domain import Application, LoanStatus, LoanSummary
from zhongtai.credit.loan_account.domain import (
    LoanAccountOpened,
    PlanRow,
    ProductMustBeServiced,
    TermMustBeWholePeriods,
)
from zhongtai.credit.product.domain import Product
from zhongtai.credit.servicing.domain import Application as ServicedApplication
from zhongtai.credit.servicing.domain import agree
from zhongtai.kernel.apr import UnitKind, UnitPeriod, schedule_rate
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount, effective_annual_rate
from zhongtai.kernel.servicing.terms import Repayment, Terms, Unit

_UNITS = {
    Unit.DAYS: (UnitKind.DAY, 1),
    Unit.WEEKS: (UnitKind.WEEK, 1),
    Unit.MONTHS: (UnitKind.MONTH, 1),
    Unit.YEARS: (UnitKind.MONTH, 12),
}
_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}


def plain_application(product: Product, amount: Money, term_months: int, on: date) -> ServicedApplication:
    """What a loan states that is asked for by amount and term alone; the rest is the product's.

    Where instalments are not counted in months or years the product says how many there are.
    """
    if product.servicing is None:
        raise ProductMustBeServiced(product_id=product.product_id)
    repayment = product.servicing.repayment
    instalments = repayment.instalments
    if repayment.unit in _MONTHS:
        every = repayment.every * _MONTHS[repayment.unit]
        instalments, rest = divmod(term_months, every)
        if rest:
            raise TermMustBeWholePeriods(term_months=term_months, every_months=every)
    return ServicedApplication(
        principal=amount,
        submitted_on=on,
        expected_disbursement_on=on,
        nominal_interest_rate=product.nominal_interest_rate,
        instalments=instalments,
        term=None,
        term_unit=None,
        first_due_on=None,
        fixed_instalment=None,
        custom_principal=(),
        tranches=(),
        charges=(),
    )


def terms_of(product: Product, application: ServicedApplication) -> Terms:
    """The terms of a loan under a product; refuses one without conventions, and what its bounds do not allow."""
    if product.servicing is None:
        raise ProductMustBeServiced(product_id=product.product_id)
    own_rate = application.nominal_interest_rate != product.nominal_interest_rate
    agree(
        not own_rate or product.servicing.interest.floating is None,
        "nominal_interest_rate",
        "servicing.interest.floating",
        "a floating rate is the quote's with the spread of the product",
    )
    agree(
        not own_rate or product.taxes is None or not product.taxes.exclusive,
        "nominal_interest_rate",
        "taxes.exclusive",
        "a rate told without its tax is the product's",
    )
    start = min(application.submitted_on, application.expected_disbursement_on)
    terms = replace(
        product.servicing.terms(product.product_id, application),
        holidays=None if product.holidays is None else product.holidays.holidays(start),
        taxes=None if product.taxes is None else product.taxes.taxes(),
    )
    product.must_allow(application.principal, term_months(terms.repayment))
    return terms


def principal(terms: Terms) -> Money:
    """What is applied for."""
    return Money(terms.currency, terms.principal)


def opened(loan: LoanSummary) -> LoanAccountOpened:
    """The fact of an application."""
    return LoanAccountOpened(
        loan.loan_id, loan.customer_id, loan.product_id, loan.product_version, loan.limit_id, loan.principal
    )


def application_summary(
    loan_id: str, application: Application, product: Product, terms: Terms, plan: Sequence[PlanRow]
) -> LoanSummary:
    """The row of a loan that was applied for: nothing is owed yet, its plan is what it would be."""
    return LoanSummary(
        loan_id=loan_id,
        customer_id=application.customer_id,
        product_id=application.product_id,
        product_version=product.version,
        account_id=application.account_id,
        limit_id=application.limit_id,
        hold_id=application.hold_id,
        decision_id=application.decision_id,
        grade=application.grade,
        principal=principal(terms),
        nominal_interest_rate=terms.interest.rate_per_year / 100,
        transfer_rate=application.transfer_rate,
        annual_percentage_rate=effective_rate(terms, plan),
        amortisation=product.amortisation,
        day_count=product.day_count,
        term_months=term_months(terms.repayment),
        start_date=terms.expected_disbursement_on,
        maturity_date=max((row.due_date for row in plan), default=terms.expected_disbursement_on),
        status=LoanStatus.SUBMITTED,
        outstanding=Money(terms.currency, 0),
        disbursement_payment_id="",
        serviced=True,
        oldest_due_date=None,
        accrued_through=None,
    )


def term_months(repayment: Repayment) -> int:
    """How many months a loan runs, a part of one counted whole: what a product bounds."""
    length = repayment.instalments * repayment.every if repayment.term is None else repayment.term
    unit = repayment.unit if repayment.term_unit is None else repayment.term_unit
    days = {Unit.DAYS: 1, Unit.WEEKS: 7}.get(unit)
    if days is not None:
        return max(1, -(-length * days // 31))
    return length * 12 if unit is Unit.YEARS else length


def effective_rate(terms: Terms, plan: Sequence[PlanRow]) -> Decimal:
    """The compound yearly rate a plan bears from its first day, charges counted; 0 where nothing is lent by it.

    The equation of Directive 2008/48/EC, Annex I, part I, with actual days over 365.
    """
    start = terms.expected_disbursement_on
    dues = [(row.due_date, row.total.minor_units) for row in plan if row.number > 0]
    at_once = sum(amount for due_date, amount in dues if due_date <= start)
    advance = terms.principal - at_once
    later = [(DayCount.ACT_365.year_fraction(start, due), amount) for due, amount in dues if due > start]
    if advance <= 0 or sum(amount for _, amount in later) <= advance:
        return Decimal(0)
    return effective_annual_rate(advance, later)


def regulation_z_rate(terms: Terms, plan: Sequence[PlanRow]) -> Decimal:
    """The annual percentage rate of Regulation Z of a plan from its first day; 0 where it costs nothing."""
    repayment, start = terms.repayment, terms.expected_disbursement_on
    dues = [(row.due_date, row.total.minor_units) for row in plan if row.number > 0]
    if sum(amount for _, amount in dues) <= terms.principal:
        return Decimal(0)
    kind, count = _UNITS[repayment.unit]
    return schedule_rate(terms.principal, dues, start, UnitPeriod(kind, min(count * repayment.every, kind.value)))
