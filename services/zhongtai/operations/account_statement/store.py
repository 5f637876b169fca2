"""What a statement reads of the ledger: the legs on one account by booking or value date, and sums of them."""

from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, case, func, select, tuple_

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.account_statement import domain
from zhongtai.operations.account_statement.domain import Movement, Period, Position, StatementOrder, StatementPage, Sums
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.runtime.unit import View

LINES = 50
_FIRST = Position("", 0, 0)
_IS_POSTED = and_(LEG.c.account_id == bindparam("account_id"), LEG.c.posted == 1)
_JOINED = and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number)


class _Asked:
    """The statements of one order, compiled once."""

    def __init__(self, on: Any) -> None:
        here = tuple_(on, LEG.c.number, LEG.c.position)
        there = tuple_(bindparam("on"), bindparam("number"), bindparam("place"))
        debit = func.coalesce(func.sum(case((LEG.c.side == Side.DEBIT.value, LEG.c.amount_minor), else_=0)), 0)
        credit = func.coalesce(func.sum(case((LEG.c.side == Side.CREDIT.value, LEG.c.amount_minor), else_=0)), 0)
        summed = select(debit, credit).join(ENTRY, _JOINED).where(_IS_POSTED)
        within = on.between(bindparam("first_day"), bindparam("last_day"))
        self.before = summed.where(on < bindparam("first_day"))
        self.within = summed.where(within)
        self.to_page = summed.where(within, here <= there)
        self.lines = (
            select(
                on,
                LEG.c.number,
                LEG.c.position,
                ENTRY.c.booking_date,
                ENTRY.c.value_date,
                ENTRY.c.entry_id,
                ENTRY.c.reference,
                ENTRY.c.narrative,
                LEG.c.side,
                LEG.c.amount_currency,
                LEG.c.amount_minor,
            )
            .join(ENTRY, _JOINED)
            .where(_IS_POSTED, within, here > there)
            .order_by(on, LEG.c.number, LEG.c.position)
            .limit(bindparam("most"))
        )


_ASKED = {
    StatementOrder.BOOKING: _Asked(ENTRY.c.booking_date),
    StatementOrder.VALUE: _Asked(ENTRY.c.value_date),
}


def page(view: View, account: Account, period: Period, after: Position | None, size: int) -> StatementPage:
    """A page of the statement of an account; `size` lines at the most, 0 for the usual number."""
    asked, size = _ASKED[period.must_be_in_order().order], size or LINES
    of_account = {"account_id": account.account_id}
    days = of_account | {"first_day": period.first_day.isoformat(), "last_day": period.last_day.isoformat()}
    from_here = after or _FIRST
    there = days | {"on": from_here.on, "number": from_here.number, "place": from_here.place}
    return domain.page(
        account,
        period,
        before=_sums(view, asked.before, of_account | {"first_day": days["first_day"]}),
        within=_sums(view, asked.within, days),
        to_page=_sums(view, asked.to_page, there),
        movements=[_movement(row) for row in view.rows(asked.lines, there | {"most": size + 1})],
        size=size,
    )


def _sums(view: View, statement: Any, asked: dict[str, Any]) -> Sums:
    ((debit, credit),) = view.rows(statement, asked)
    return Sums(int(debit), int(credit))


def _movement(row: Any) -> Movement:
    on, number, place, booked, valued, entry_id, reference, narrative, side, currency, minor = row
    days = date.fromisoformat(booked), date.fromisoformat(valued)
    return Movement(
        Position(on, number, place), *days, entry_id, reference, narrative, Side(side), Money(currency, minor)
    )
