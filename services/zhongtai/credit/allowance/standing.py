"""What the ledger carries of a loan's allowance: one number, whoever moved it last, and what it rested on."""

from datetime import date

from zhongtai.credit.allowance import store
from zhongtai.credit.allowance.domain import Standing
from zhongtai.credit.loan.domain import LoanSummary
from zhongtai.kernel.money import Money
from zhongtai.runtime.unit import View


def carried(view: View, loan: LoanSummary) -> Money:
    """What is carried of a loan now: what was assessed, and what losses and recoveries made of it since."""
    return Money(loan.principal.currency, _moved(view, loan.loan_id, None))


def standing(view: View, loan: LoanSummary) -> Standing | None:
    """What the allowance of a loan rests on now, None where it was never assessed."""
    assessed = store.allowances.find(view, loan.loan_id)
    if assessed is None:
        return None
    return Standing(
        position=assessed.position,
        model_id=assessed.model_id,
        model_version=assessed.model_version,
        since=assessed.assessed_on,
    )


def _moved(view: View, loan_id: str, after: date | None) -> int:
    """What moved the allowance of a loan behind a day beside closes, in minor units."""
    return store.moved_between(view, [loan_id], after, date.max).get(loan_id, 0)
