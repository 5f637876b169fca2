"""How positions rest: the position as it stands now, its movements by day, and the instalments of a loan."""

from sqlalchemy import MetaData, Table, bindparam

from zhongtai.asset_liability.position.domain import CashFlow, Movement, Position, PositionKind, PositionNotFound
from zhongtai.runtime.store import Records, day, decimal, integer, money, text
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
    day("on"),
    *money("amount"),
    *money("repaid_principal"),
    *money("repaid_interest"),
)
CASH_FLOW = Table(
    "position_cash_flow",
    metadata,
    text("position_id", primary_key=True),
    integer("number", primary_key=True),
    day("due_date"),
    *money("principal"),
    *money("interest"),
    *money("principal_to_date"),
    *money("interest_to_date"),
)
positions = Records(POSITION, Position, missing=PositionNotFound)
movements = Records(MOVEMENT, Movement)
flows = Records(CASH_FLOW, CashFlow)

_FLOWS_OF = CASH_FLOW.c.position_id == bindparam("of_position")


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


def flows_of(view: View, position_id: str) -> list[CashFlow]:
    """The instalments of a loan, in order; none for anything else."""
    return flows.where(view, _FLOWS_OF, order_by=CASH_FLOW.c.number, parameters={"of_position": position_id})
