"""Why allowances moved over some days: what assessments, losses and recoveries moved, and what closes of days did."""

from collections import Counter
from dataclasses import fields
from datetime import date

import numpy as np

from zhongtai.credit.allowance import store
from zhongtai.credit.allowance_movement.domain import (
    CLOSED_DAYS_MAX,
    AllowanceMovement,
    LoanMovementsOfTooManyDays,
    MovementCause,
)
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.loan_day import store as loan_day_store
from zhongtai.credit.loan_day.engine import causes
from zhongtai.credit.loan_day.engine.columns import Columns
from zhongtai.kernel.money import Money
from zhongtai.runtime.unit import View

Moved = tuple[int, Counter[MovementCause]]


def movement_table(
    view: View, currency: str, *, loan_id: str, product_id: str, first: date, last: date
) -> tuple[Money, tuple[AllowanceMovement, ...], Money]:
    """The allowance before the first day, what moved it by cause until the last, and the allowance after.

    Raises `LoanMovementsOfTooManyDays`.
    """
    before, moved = store.moved(view, currency, loan_id=loan_id, product_id=product_id, first=first, last=last)
    if loan_id:
        closed_before, closed = _by_closes_of_loan(view, loan_id, (product_id, currency), first, last)
    else:
        closed_before, closed = end_of_day_store.moved(view, currency, product_id, first, last)
    moved.update(closed)
    opening = before + closed_before
    told = tuple(AllowanceMovement(it, Money(currency, moved[it])) for it in MovementCause if moved[it])
    return Money(currency, opening), told, Money(currency, opening + moved.total())


def _by_closes_of_loan(view: View, loan_id: str, asked: tuple[str, str], first: date, last: date) -> Moved:
    """What closes moved the allowance of one loan by: all before the first day, and by cause until the last."""
    moved: Counter[MovementCause] = Counter()
    place = loan_day_store.place_of(view, loan_id)
    if place is None:
        return 0, moved
    partition = loan_day_store.partition_at(place)
    product_id, currency = loan_day_store.partition_of(view, partition)
    if asked[0] not in ("", product_id) or asked[1] != currency:
        return 0, moved
    days = loan_day_store.closed_days(view, partition, last)
    told = [day for day in days if day >= first]
    if len(told) > CLOSED_DAYS_MAX:
        raise LoanMovementsOfTooManyDays(days=len(told), most=CLOSED_DAYS_MAX)
    earlier = days[-len(told) - 1] if len(days) > len(told) else None
    before, version = _row(view, place, earlier), _model_version(view, earlier)
    opening = int(before.allowance.sum())
    if earlier is not None:
        opening -= store.moved_between(view, [loan_id], None, earlier).get(loan_id, 0)
    for day in told:
        after, used = _row(view, place, day), _model_version(view, day)
        moved.update(causes.movements(before, after, same_model=version in (None, used)))
        before, version = after, used
    return opening, moved


def _row(view: View, place: int, on: date | None) -> Columns:
    """The columns of one contract; zeros where it has no row."""
    rows, offset = loan_day_store.columns(view, loan_day_store.partition_at(place), on), loan_day_store.offset_of(place)
    one = {item.name: getattr(rows, item.name)[offset : offset + 1] for item in fields(Columns)}
    if not len(one["ends_on"]):
        return Columns(**{name: np.zeros(1, np.int64) for name in one})
    return Columns(**one)


def _model_version(view: View, on: date | None) -> int | None:
    return end_of_day_store.ends_of_day.load(view, on.isoformat()).model_version if on else None
