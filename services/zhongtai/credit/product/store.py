"""The tables of credit products: every version ever published, and from when on a product is retired."""

from datetime import date

from sqlalchemy import ColumnElement, MetaData, Table, bindparam, exists, func, or_, select

from zhongtai.credit.product.domain import Product, ProductNotFound, ProductNotOffered, Retirement
from zhongtai.runtime.store import Records, day, decimal, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(PRODUCT)` is one.
PRODUCT = Table(
    "credit_product",
    metadata,
    text("product_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    text("name"),
    text("name_zh"),
    text("product_line"),
    text("currency_code"),
    *money("minimum_amount"),
    *money("maximum_amount"),
    integer("minimum_term_months"),
    integer("maximum_term_months"),
    text("amortisation"),
    text("day_count"),
    decimal("nominal_interest_rate"),
    day("valid_from"),
    day("valid_to", nullable=True),
    json("customer_kinds"),
    json("required_consents"),
    json("servicing", nullable=True),
    json("holidays", nullable=True),
    json("taxes", nullable=True),
    json("late_interest", nullable=True),
)
RETIREMENT = Table("credit_product_retirement", metadata, text("product_id", primary_key=True), day("retired_from"))

products = Records(PRODUCT, Product)
retirements = Records(RETIREMENT, Retirement)

_LATEST_VERSION = select(func.coalesce(func.max(PRODUCT.c.version), 0)).where(
    PRODUCT.c.product_id == bindparam("product_id")
)
_VALID = (
    PRODUCT.c.valid_from <= bindparam("on"),
    or_(PRODUCT.c.valid_to.is_(None), PRODUCT.c.valid_to >= bindparam("on")),
    ~exists().where(RETIREMENT.c.product_id == PRODUCT.c.product_id, RETIREMENT.c.retired_from <= bindparam("on")),
)
_OFFERED = (
    select(PRODUCT)
    .where(PRODUCT.c.product_id == bindparam("product_id"), *_VALID)
    .order_by(PRODUCT.c.version.desc())
    .limit(1)
)


def latest_version(view: View, product_id: str) -> int:
    """The highest version number of a product; 0 where it was never published."""
    return int(view.rows(_LATEST_VERSION, {"product_id": product_id})[0][0])


def offered(view: View, product_id: str, on: date) -> Product:
    """The latest version valid on the day; refuses `ProductNotFound` or `ProductNotOffered`."""
    rows = view.rows(_OFFERED, {"product_id": product_id, "on": on.isoformat()})
    if rows:
        return products.value(rows[0])
    if not latest_version(view, product_id):
        raise ProductNotFound(product_id=product_id)
    raise ProductNotOffered(product_id=product_id, on=on)


def offered_on(on: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions that pick every product offered on the day, each in the latest version valid then."""
    day_text = on.isoformat()
    later = PRODUCT.alias("later")
    superseded = exists().where(
        later.c.product_id == PRODUCT.c.product_id,
        later.c.version > PRODUCT.c.version,
        later.c.valid_from <= day_text,
        or_(later.c.valid_to.is_(None), later.c.valid_to >= day_text),
    )
    return (*(condition.params(on=day_text) for condition in _VALID), ~superseded)
