"""The tables of collateral: items and their valuations."""

from sqlalchemy import Index, MetaData, Table, bindparam

from zhongtai.credit.collateral.domain import Collateral, CollateralKind, CollateralNotFound, Valuation
from zhongtai.runtime.store import Records, day, decimal, integer, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

COLLATERAL = Table(
    "credit_collateral",
    metadata,
    text("collateral_id", primary_key=True),
    text("owner_id"),
    text("kind"),
    text("title_number"),
    *money("value"),
    day("valued_on"),
    integer("valuations"),
    decimal("haircut"),
    *money("secured"),
    text("status"),
    Index("credit_collateral_one_per_title", "kind", "title_number", unique=True),
    Index("credit_collateral_of_owner", "owner_id", "collateral_id"),
)
VALUATION = Table(
    "credit_collateral_valuation",
    metadata,
    text("collateral_id", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    *money("value"),
    day("valued_on"),
    text("valuer"),
)

items = Records(COLLATERAL, Collateral, missing=CollateralNotFound)
valuations = Records(VALUATION, Valuation)

_OF_TITLE = items.query(
    COLLATERAL.c.kind == bindparam("kind"), COLLATERAL.c.title_number == bindparam("title_number"), limit=1
)


def of_title(view: View, kind: CollateralKind, title_number: str) -> Collateral | None:
    """The item registered under a title, if there is one."""
    return next(iter(_OF_TITLE(view, kind=kind.value, title_number=title_number)), None)
