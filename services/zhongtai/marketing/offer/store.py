"""Marketing's own copy of the products, made from the events of credit: every version, and from when on a
product is retired.
"""

from collections.abc import Sequence

from sqlalchemy import MetaData, Table, bindparam, exists, select

from zhongtai.marketing.offer.domain import Product, ProductNotFound, Retirement
from zhongtai.runtime.store import Records, day, integer, json, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(PRODUCT)` is one.
PRODUCT = Table(
    "marketing_product",
    metadata,
    text("product_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    text("name"),
    text("name_zh"),
    text("currency_code"),
    *money("minimum_amount"),
    *money("maximum_amount"),
    integer("minimum_term_months"),
    integer("maximum_term_months"),
    day("valid_from"),
    day("valid_to", nullable=True),
    json("customer_kinds"),
    json("required_consents"),
)
RETIREMENT = Table("marketing_product_retirement", metadata, text("product_id", primary_key=True), day("retired_from"))

products = Records(PRODUCT, Product)
retirements = Records(RETIREMENT, Retirement)

_VERSIONS = select(PRODUCT).where(PRODUCT.c.product_id == bindparam("product_id"))
_LATER = PRODUCT.alias("later")
# Each product once, by its newest version.
NEWEST = ~exists().where(_LATER.c.product_id == PRODUCT.c.product_id, _LATER.c.version > PRODUCT.c.version)


def keep(unit: Unit, product: Product) -> None:
    """Writes a version, over what stood under its number."""
    known = products.find(unit, product.product_id, product.version)
    (products.add if known is None else products.save)(unit, product)


def keep_retirement(unit: Unit, retirement: Retirement) -> None:
    """Writes from when on a product is retired, over what was said before."""
    known = retirements.find(unit, retirement.product_id)
    (retirements.add if known is None else retirements.save)(unit, retirement)


def versions(view: View, product_ids: Sequence[str]) -> dict[str, list[Product]]:
    """All versions of each of the products."""
    found: dict[str, list[Product]] = {product_id: [] for product_id in product_ids}
    for product in products.where(view, PRODUCT.c.product_id.in_(product_ids)):
        found[product.product_id].append(product)
    return found


def versions_of(view: View, product_id: str) -> list[Product]:
    """All versions of one product; refuses `ProductNotFound`."""
    rows = view.rows(_VERSIONS, {"product_id": product_id})
    if not rows:
        raise ProductNotFound(product_id=product_id)
    return [products.value(row) for row in rows]


def retired(view: View, product_ids: Sequence[str]) -> dict[str, Retirement]:
    """The retirements among the products."""
    found = retirements.where(view, RETIREMENT.c.product_id.in_(product_ids))
    return {retirement.product_id: retirement for retirement in found}
