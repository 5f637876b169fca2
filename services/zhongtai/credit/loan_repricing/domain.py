"""Re-pricing (重定价): on which day a floating loan next takes a quote, and what it took on the days it has passed.

Always true: on a re-pricing day that has passed a loan bears the rate by the quote in force, or tells why not.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from zhongtai.credit.reference_rate.domain import ReferenceRate
from zhongtai.kernel.refusals import Missing

AT_ONCE = 100
"""How many loans are re-priced in one transaction where nobody says another number."""


class FloatingLoanNotFound(Missing):
    """The rate of the loan {loan_id} is fixed, or it was not disbursed yet: there is nothing to re-price.

    贷款{loan_id}为固定利率或尚未放款：无需重定价。
    """

    loan_id: str


@dataclass(frozen=True, slots=True)
class FloatingLoan:
    """A loan that follows `benchmark`; `next_on` is its next re-pricing day, None where none is left.

    `refused` is the machine reason for which the next day could not be taken, "" where nothing stands in the way.
    """

    loan_id: str
    benchmark: str
    next_on: date | None
    refused: str


@dataclass(frozen=True, slots=True)
class LoanRepricing:
    """A re-pricing day a loan has passed, and the quote it took; rates are a year's, 0.03 = 3 %."""

    loan_id: str
    repriced_on: date
    benchmark: str
    quoted_on: date
    quote_version: int
    quote: Decimal
    rate_before: Decimal
    rate: Decimal
    operation_id: str


@dataclass(frozen=True, slots=True)
class LoanRepriced:
    """A loan took a quote on a re-pricing day."""

    loan_id: str
    customer_id: str
    product_id: str
    limit_id: str
    repricing: LoanRepricing


@dataclass(frozen=True, slots=True)
class LoanNotRepriced:
    """A loan could not take a quote."""

    loan_id: str
    due_on: date
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RepricingContinued:
    """More loans are due than were re-priced at once."""

    business_date: str


def told_from(on: date) -> date:
    """The day an account is told of a rate that bears from `on`: it counts the night before the day it is told of."""
    return on + timedelta(days=1)


def explained(quote: ReferenceRate, spread_percent: Decimal) -> str:
    """Why the rate changes, as the history of the account keeps it."""
    return f"{quote.benchmark} {quote.effective_on} v{quote.version}: {quote.rate * 100} % + {spread_percent} %"
