"""The days of loan accounts (贷款账户日终): what is told of an account that could not be closed for a day."""

from dataclasses import dataclass
from datetime import date

# So many accounts are closed in one short transaction: each takes some milliseconds.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class LoanDayNotClosed:
    """An account could not be closed for a day; it is closed for all days since when it can be again."""

    loan_id: str
    business_date: date
    reason: str
    sentence: str
