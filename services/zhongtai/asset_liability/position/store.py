"""How positions rest: the position as it stands now, its movements by day, and the schedule of a loan.

A schedule is one row, its instalments packed as columns are read: a gap over all loans then reads no more rows than
there are loans, and a disbursement writes one row, not one for each instalment.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.asset_liability.position.domain import CashFlow, Movement, Position, PositionKind, PositionNotFound
from zhongtai.kernel.money import Money
from zhongtai.runtime.store import Records, day, decimal, money, octets, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
POSITION = Table(
    "position",
    metadata,
    text("position_id", primary_key=True),
    text("kind"),
    text("side"),
    text("customer_id", index=True),
    text("product_id"),
    *money("contracted"),
    *money("outstanding"),
    *money("repaid_principal"),
    *money("repaid_interest"),
    decimal("nominal_interest_rate", nullable=True),
    decimal("transfer_rate", nullable=True),
    day("start_date", nullable=True),
)
MOVEMENT = Table(
    "position_movement",
    metadata,
    text("position_id", primary_key=True),
    text("event_id", primary_key=True),
    # What a date is without what came later is found by it.
    day("on", index=True),
    *money("amount"),
    *money("repaid_principal"),
    *money("repaid_interest"),
)
SCHEDULE = Table(
    "position_schedule",
    metadata,
    text("position_id", primary_key=True),
    octets("flows"),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The instalments of a loan in the order of their numbers, from 1.

    `flows` packs each as three little-endian 64-bit integers: the ordinal of the due date (`date.toordinal`), the
    principal and the interest, both in minor units of the position's currency.
    """

    position_id: str
    flows: bytes


positions = Records(POSITION, Position, missing=PositionNotFound)
movements = Records(MOVEMENT, Movement)
schedules = Records(SCHEDULE, Schedule)

# What a position was at the close of a day is what it is now, without what came later: that is little, and found by its
# own index, while the movements up to the day grow for ever.
LATER = (
    select(MOVEMENT.c.position_id, func.sum(MOVEMENT.c.amount_minor).label("amount"))
    .where(MOVEMENT.c.on > bindparam("as_of"))
    .group_by(MOVEMENT.c.position_id)
    .subquery()
)
OUTSTANDING_THEN = POSITION.c.outstanding_minor - func.coalesce(LATER.c.amount, 0)

_FLOW = struct.Struct("<3q")
FLOW_BYTES = _FLOW.size


def find_or_blank(view: View, position_id: str, kind: PositionKind, currency: str) -> tuple[Position, bool]:
    """The position, and whether it has a row already: any of its events may be the first."""
    found = positions.find(view, position_id)
    return found or Position.blank(position_id, kind, currency), found is not None


def put(unit: Unit, position: Position, known: bool) -> None:
    """Writes the position over its row, or as a new one."""
    if known:
        positions.save(unit, position)
    else:
        positions.add(unit, position)


def known(view: View, position_ids: Sequence[str]) -> dict[str, Position]:
    """Those of the positions that have a row already."""
    return {found.position_id: found for found in positions.where(view, POSITION.c.position_id.in_(position_ids))}


def put_all(unit: Unit, changed: Sequence[Position], known: Mapping[str, Position]) -> None:
    """Writes positions over their rows, or as new ones."""
    positions.add_all(unit, [position for position in changed if position.position_id not in known])
    positions.save_all(unit, [position for position in changed if position.position_id in known])


def add_schedules(unit: Unit, flows: Mapping[str, Sequence[tuple[int, int, int]]]) -> None:
    """Writes the instalments of many loans, each as it is packed."""
    packed = (Schedule(loan_id, b"".join([_FLOW.pack(*flow) for flow in found])) for loan_id, found in flows.items())
    schedules.add_all(unit, packed)


def add_schedule(unit: Unit, position_id: str, flows: Sequence[CashFlow]) -> None:
    """Writes the instalments of a loan."""
    assert flows, "a loan has instalments"
    packed = (
        _FLOW.pack(flow.due_date.toordinal(), flow.principal.minor_units, flow.interest.minor_units) for flow in flows
    )
    schedules.add(unit, Schedule(position_id, b"".join(packed)))


def flows_of(view: View, position: Position) -> list[CashFlow]:
    """The instalments of a loan, in order; none for anything else."""
    schedule = schedules.find(view, position.position_id)
    if schedule is None:
        return []
    currency = position.outstanding.currency
    return [
        CashFlow(number, date.fromordinal(due_day), Money(currency, principal), Money(currency, interest))
        for number, (due_day, principal, interest) in enumerate(_FLOW.iter_unpack(schedule.flows), start=1)
    ]
