"""The rates that ship, and whose interest they are for."""

from zhongtai.operations.interest_tax.domain import InterestTaxRate
from zhongtai.runtime.plain import reader, shipped

_SHIPPED = shipped(__package__, "rates.json")
RATES: tuple[InterestTaxRate, ...] = tuple(
    sorted(map(reader(InterestTaxRate), _SHIPPED["rates"]), key=lambda rate: rate.effective_on)
)
ACCOUNT_PRODUCTS: frozenset[str] = frozenset(_SHIPPED["account_products"])


def rates_for(account_product: str) -> tuple[InterestTaxRate, ...]:
    """The rates for the interest paid to accounts of a product, by the day they begin; none where it is not taxed."""
    return RATES if account_product in ACCOUNT_PRODUCTS else ()
