"""The drill (下钻): from a figure, or a part of it, to the events behind it, in terms of what the store keeps."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from zhongtai.reporting.portfolio.domain import (
    ENTRY,
    PAID_BACK,
    PAID_OUT,
    About,
    FigureSources,
    Narrowing,
    oldest_due_dates,
)
from zhongtai.reporting.portfolio.store import (
    DECIDED,
    DECLINE_REASON,
    IN_ARREARS,
    LOAN,
    REPAYMENT,
    SOURCE,
    STANDING,
    parameters,
)


def behind(figure: FigureSources, part: Narrowing, as_of: date) -> ColumnElement[bool]:
    """Which sources are behind a part of a figure at the close of a day. Raises `ArrearsBucketMustBeKnown`."""
    of_figure = SOURCE.c.subject.in_(figure.events)
    by_then = SOURCE.c.on <= as_of.isoformat()
    return and_(of_figure, by_then, _about(figure, part, as_of)).params(parameters(as_of))


def _about(figure: FigureSources, part: Narrowing, as_of: date) -> ColumnElement[bool]:
    """The sources about what a part of a figure counts: decisions, loans, or payments of loans.

    A ledger entry refers either to a loan, and then its legs tell whether it pays out or back, or to the payment
    that moved the money.
    """
    if figure.about is About.APPLICATIONS:
        return SOURCE.c.about.in_(_decisions(figure, part))
    # A common table is worked out once, however often it is named.
    loan_ids = select(_loan_ids(figure, part, as_of).cte().c.loan_id)
    about_loans = SOURCE.c.about.in_(loan_ids)
    if ENTRY not in figure.events:
        return about_loans
    paid_out = select(LOAN.c.payment_id).where(LOAN.c.loan_id.in_(loan_ids))
    paid_back = select(REPAYMENT.c.payment_id).where(REPAYMENT.c.loan_id.in_(loan_ids))
    ways = []
    if PAID_OUT in figure.events:
        ways.append(or_(and_(about_loans, SOURCE.c.pays_out == 1), SOURCE.c.about.in_(paid_out)))
    if PAID_BACK in figure.events:
        ways.append(or_(and_(about_loans, SOURCE.c.pays_out == 0), SOURCE.c.about.in_(paid_back)))
    return or_(*ways)


def _decisions(figure: FigureSources, part: Narrowing) -> Any:
    """The applications that a part of a figure counts."""
    chosen = select(DECIDED.c.decision_id)
    if figure.outcome is not None:
        chosen = chosen.where(DECIDED.c.outcome == figure.outcome.value)
    if part.grade is not None:
        chosen = chosen.where(DECIDED.c.grade == part.grade)
    if part.reason is not None:
        of_reason = select(DECLINE_REASON.c.decision_id).where(DECLINE_REASON.c.reason == part.reason)
        chosen = chosen.where(DECIDED.c.decision_id.in_(of_reason))
    return chosen


def _loan_ids(figure: FigureSources, part: Narrowing, as_of: date) -> Any:
    """The loans that a part of a figure counts."""
    chosen = select(STANDING.c.loan_id)
    if part.product_id is not None:
        chosen = chosen.where(STANDING.c.product_id == part.product_id)
    if part.currency_code is not None:
        chosen = chosen.where(STANDING.c.currency_code == part.currency_code)
    if figure.about is About.LOANS_TAKEN_UP:
        return chosen.where(STANDING.c.decision_id.in_(_decisions(figure, part)))
    if part.grade is not None:
        chosen = chosen.where(STANDING.c.grade == part.grade)
    if figure.about is About.LOANS_OUTSTANDING:
        chosen = chosen.where(STANDING.c.outstanding > 0)
    if figure.about is About.LOANS_IN_ARREARS or part.bucket_id is not None:
        late = select(IN_ARREARS.c.loan_id)
        if part.bucket_id is not None:
            first, last = oldest_due_dates(part.bucket_id, as_of)
            late = late.where(IN_ARREARS.c.oldest_due_date.between(first.isoformat(), last.isoformat()))
        chosen = chosen.where(STANDING.c.loan_id.in_(late))
    return chosen
