"""How the positions of dates rest: a row for each date, one for each line, one for each close that was heard."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import MetaData, Table, bindparam, case, func, or_, select

from zhongtai.asset_liability.position.domain import PositionKind
from zhongtai.asset_liability.position.store import LATER, OUTSTANDING_THEN, POSITION
from zhongtai.asset_liability.position_day.domain import Group, Line, PositionDay, PositionDayNotFound
from zhongtai.runtime.heard import HeardCloses
from zhongtai.runtime.store import Records, day, decimal, instant, integer, text
from zhongtai.runtime.unit import Unit, View

# So many positions are one piece: some 50 ms of a store.
PIECE = 20_000

metadata = MetaData()
POSITION_DAY = Table(
    "position_day",
    metadata,
    day("business_date", primary_key=True),
    text("reached"),
    instant("taken_at", nullable=True),
)
LINE = Table(
    "position_day_line",
    metadata,
    day("business_date", primary_key=True),
    text("kind", primary_key=True),
    text("product_id", primary_key=True),
    text("currency_code", primary_key=True),
    integer("positions"),
    integer("outstanding_minor"),
    decimal("at_rates"),
)
heard = HeardCloses("position_heard_close", metadata)
days = Records(POSITION_DAY, PositionDay, missing=PositionDayNotFound)
_lines = Records(LINE, Line)

_OF_DATE = _lines.query(
    LINE.c.business_date == bindparam("of_date"), order_by=(LINE.c.kind, LINE.c.product_id, LINE.c.currency_code)
)
_NEXT = select(POSITION.c.position_id).where(POSITION.c.position_id > bindparam("after"))
_LAST = select(func.max(_NEXT.order_by(POSITION.c.position_id).limit(bindparam("most")).subquery().c.position_id))
_ALIKE = (POSITION.c.kind, POSITION.c.product_id, POSITION.c.outstanding_currency, POSITION.c.transfer_rate)
_GROUPS = (
    select(
        *_ALIKE,
        func.sum(case((OUTSTANDING_THEN != 0, 1), else_=0)).label("positions"),
        func.sum(OUTSTANDING_THEN).label("outstanding"),
    )
    .outerjoin(LATER, LATER.c.position_id == POSITION.c.position_id)
    .where(
        POSITION.c.position_id > bindparam("after"),
        POSITION.c.position_id <= bindparam("last"),
        or_(POSITION.c.kind != PositionKind.LOAN.value, POSITION.c.start_date <= bindparam("as_of")),
    )
    .group_by(*_ALIKE)
)


def piece(view: View, business_date: date, after: str) -> tuple[str, list[Group]]:
    """The positions behind one, summed over those that are alike, and the last of them; "" where none is left."""
    last = view.rows(_LAST, {"after": after, "most": PIECE})[0][0] or ""
    if not last:
        return "", []
    rows = view.rows(_GROUPS, {"after": after, "last": last, "as_of": business_date.isoformat()})
    return last, [
        Group(
            kind=PositionKind(row.kind),
            product_id=row.product_id,
            currency_code=row.outstanding_currency,
            transfer_rate=None if row.transfer_rate is None else Decimal(row.transfer_rate),
            positions=int(row.positions),
            outstanding_minor=int(row.outstanding),
        )
        for row in rows
    ]


def lines(view: View, business_date: date) -> list[Line]:
    """The lines of a date."""
    return _OF_DATE(view, of_date=business_date.isoformat())


def put(unit: Unit, found: PositionDay, before: Sequence[Line], after: Sequence[Line]) -> None:
    """Keeps a date as far as it was taken, and the lines that have changed."""
    if days.find(unit, found.business_date.isoformat()) is None:
        days.add(unit, found)
    else:
        days.save(unit, found)
    known = {(line.kind, line.product_id, line.currency_code) for line in before}
    fresh = [line for line in after if (line.kind, line.product_id, line.currency_code) not in known]
    _lines.add_all(unit, fresh)
    _lines.change_all(unit, zip(before, after, strict=False))
