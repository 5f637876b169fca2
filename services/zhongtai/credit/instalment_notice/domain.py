"""Notices of instalments (还款提醒): customers are told before an instalment is due, and when it was not paid.

Always true: a notice is given once for each loan, due date and distance to it. A loan in arrears is told of its oldest
instalment that is not paid; one that comes due meanwhile is part of what it owes then.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zhongtai.credit.loan.domain import Instalment, LoanSummary
from zhongtai.kernel.money import Money

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class InstalmentDue:
    """An instalment is due soon."""

    loan_id: str
    customer_id: str
    product_id: str
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class InstalmentOverdue:
    """What was due was not paid."""

    loan_id: str
    customer_id: str
    product_id: str
    due_on: date
    amount: Money
    days_past_due: int


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """How many days before the due date a customer is told, and how many days after it."""

    days_before: tuple[int, ...]
    days_past: tuple[int, ...]

    def due_dates(self, on: date) -> list[date]:
        """The due dates of which customers are told on a day."""
        ahead = [on + timedelta(days=days) for days in self.days_before]
        return [*ahead, *(on - timedelta(days=days) for days in self.days_past)]


@dataclass(frozen=True, slots=True)
class InstalmentNotice:
    """One that was given: so many days after the due date, below zero where before."""

    loan_id: str
    due_on: date
    days_past_due: int

    @classmethod
    def of(cls, loan: LoanSummary, on: date) -> "InstalmentNotice":
        """The notice that a loan is to be given on a day."""
        assert loan.oldest_due_date is not None, "nobody is told of a loan that owes nothing"
        return cls(loan.loan_id, loan.oldest_due_date, (on - loan.oldest_due_date).days)


def told(
    loans: Sequence[LoanSummary], instalments: Collection[Instalment], given: Collection[InstalmentNotice], on: date
) -> list[tuple[InstalmentNotice, InstalmentDue | InstalmentOverdue]]:
    """What customers are told on a day of loans whose oldest unpaid instalment is due soon or was; none twice."""
    found: list[tuple[InstalmentNotice, InstalmentDue | InstalmentOverdue]] = []
    for loan in loans:
        notice = InstalmentNotice.of(loan, on)
        if notice in given:
            continue
        last = max(on, notice.due_on)
        owed = Money(loan.outstanding.currency, 0)
        for instalment in instalments:
            if instalment.loan_id == loan.loan_id and instalment.due_date <= last:
                owed += instalment.unpaid
        named = loan.loan_id, loan.customer_id, loan.product_id, notice.due_on, owed
        late = notice.days_past_due
        found.append((notice, InstalmentOverdue(*named, late) if late > 0 else InstalmentDue(*named)))
    return found
