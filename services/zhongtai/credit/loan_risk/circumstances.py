"""What other components know of loans now: the customer's grade, what covers the loan, how long it kept its word.

Almost all loans have nothing of it: a few statements find those that have, and only these are looked at one by one.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, func, select

from zhongtai.credit.guarantee import store as guarantee_store
from zhongtai.credit.guarantee.domain import Guarantee, GuaranteeStatus
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan_risk import store
from zhongtai.credit.loan_risk.domain import Circumstances, Probation
from zhongtai.credit.pledge import store as pledge_store
from zhongtai.credit.pledge.domain import PledgeStatus, covers
from zhongtai.credit.rating.domain import RatingStatus
from zhongtai.credit.rating.store import RATING
from zhongtai.runtime.unit import View

_PLEDGED = (
    select(pledge_store.PLEDGE.c.loan_id)
    .where(
        pledge_store.PLEDGE.c.loan_id.in_(bindparam("loan_ids", expanding=True)),
        pledge_store.PLEDGE.c.status == PledgeStatus.STANDING.value,
    )
    .distinct()
)
_GUARANTEED = (
    select(guarantee_store.GUARANTEE)
    .where(
        guarantee_store.GUARANTEE.c.loan_id.in_(bindparam("loan_ids", expanding=True)),
        guarantee_store.GUARANTEE.c.status == GuaranteeStatus.STANDING.value,
    )
    .order_by(guarantee_store.GUARANTEE.c.guarantee_id)
)
_STANDING = (
    select(func.max(RATING.c.rating_id).label("rating_id"))
    .where(
        RATING.c.customer_id.in_(bindparam("customer_ids", expanding=True)),
        RATING.c.status == RatingStatus.STANDING.value,
    )
    .group_by(RATING.c.customer_id)
    .subquery()
)
_GRADES = select(RATING.c.customer_id, RATING.c.grade).join(_STANDING, _STANDING.c.rating_id == RATING.c.rating_id)

_OWED = (
    select(loan_store.LOAN)
    .where(
        loan_store.LOAN.c.customer_id == bindparam("customer_id"),
        loan_store.LOAN.c.status == LoanStatus.ACTIVE.value,
    )
    .order_by(loan_store.LOAN.c.loan_id)
)


def of_loans(view: View, loans: Sequence[LoanSummary]) -> dict[str, Circumstances]:
    """The circumstances of loans as they are now, by loan."""
    loan_ids = [loan.loan_id for loan in loans]
    grades = grades_of(view, {loan.customer_id for loan in loans})
    pledged = {row[0] for row in view.rows(_PLEDGED, {"loan_ids": loan_ids})}
    probations, undrawn = store.probations_of(view, loan_ids), store.undrawn_of(view, loan_ids)
    guaranteed: dict[str, list[Guarantee]] = {}
    for row in view.rows(_GUARANTEED, {"loan_ids": loan_ids}):
        guarantee = guarantee_store.guarantees.value(row)
        guaranteed.setdefault(guarantee.loan_id, []).append(guarantee)
    return {
        loan.loan_id: Circumstances(
            grade=grades.get(loan.customer_id, ""),
            collateral_minor=covered(view, loan.loan_id) if loan.loan_id in pledged else 0,
            guarantees=tuple(guaranteed.get(loan.loan_id, ())),
            undrawn_minor=undrawn.get(loan.loan_id, 0),
            probation=probations.get(loan.loan_id) or Probation(loan.loan_id),
        )
        for loan in loans
    }


def grades_of(view: View, customer_ids: Iterable[str]) -> Mapping[str, str]:
    """The grades of the customers that are rated."""
    return {row.customer_id: row.grade for row in view.rows(_GRADES, {"customer_ids": sorted(customer_ids)})}


def covered(view: View, loan_id: str) -> int:
    """What the pledges of a loan cover after haircuts and ranks, in minor units, whatever is owed."""
    return sum(
        covers(item, pledges)[pledge.pledge_id].minor_units
        for item, pledges in pledge_store.securing(view, loan_id)
        for pledge in pledges
        if pledge.loan_id == loan_id
    )


def owed_by(view: View, customer_id: str) -> list[LoanSummary]:
    """The loans that a customer owes."""
    return [loan_store.summaries.value(row) for row in view.rows(_OWED, {"customer_id": customer_id})]
