"""How accounts are closed for a day, each by an operation of its own; one that is refused keeps no other waiting."""

from collections.abc import Sequence
from datetime import timedelta

from zhongtai.credit.loan.domain import LoanSummary
from zhongtai.credit.loan_account import store as account_store
from zhongtai.credit.loan_account.performing import apply
from zhongtai.credit.loan_account_day.domain import LoanDayNotClosed
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing.operations import EndOfDay
from zhongtai.runtime.unit import Unit


def close(unit: Unit, loans: Sequence[LoanSummary]) -> int:
    """Closes accounts for the day before today; answers how many were refused, each of which is told."""
    refused = 0
    for loan in loans:
        kept = account_store.accounts.load(unit, loan.loan_id)
        operation = EndOfDay(reference=unit.new_id("lop"), booked_on=unit.business_date)
        try:
            # What refuses an operation does so before anything is written.
            apply(unit, loan, kept, operation)
        except Refusal as refusal:
            refused += 1
            day = unit.business_date - timedelta(days=1)
            unit.record(LoanDayNotClosed(loan.loan_id, day, refusal.reason, refusal.sentence()))
    return refused
