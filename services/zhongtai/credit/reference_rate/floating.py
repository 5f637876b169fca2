"""A product as it is lent on a day: one that floats bears the quote in force, with its spread, within its bounds."""

from dataclasses import replace
from datetime import date

from zhongtai.credit.product import store as product_store
from zhongtai.credit.product.domain import Product
from zhongtai.credit.reference_rate import store
from zhongtai.kernel.servicing.repricing import HUNDRED, rate_by
from zhongtai.runtime.unit import View


def offered(view: View, product_id: str, on: date) -> Product:
    """The version of a product valid on a day, at the rate it is lent at then.

    Raises `ProductNotFound`, `ProductNotOffered`, `ReferenceRateNotFound`.
    """
    product = product_store.offered(view, product_id, on)
    stated = product.servicing.interest.floating if product.servicing else None
    if stated is None:
        return product
    floating = stated.rate()
    quote = store.in_force(view, floating.market, on)
    return replace(product, nominal_interest_rate=rate_by(floating, quote.rate * HUNDRED) / HUNDRED)
