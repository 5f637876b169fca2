"""A product as it is lent on a day: at the quote in force where it floats, with its taxes where it is told without."""

from dataclasses import replace
from datetime import date

from zhongtai.credit.product import store
from zhongtai.credit.product.domain import Product
from zhongtai.credit.reference_rate import store as rate_store
from zhongtai.kernel.servicing.repricing import HUNDRED, rate_by
from zhongtai.runtime.unit import View


def lent(view: View, product_id: str, on: date) -> Product:
    """The version of a product valid on a day, at what a customer owes who borrows then.

    Raises `ProductNotFound`, `ProductNotOffered`, `ReferenceRateNotFound`.
    """
    product = store.offered(view, product_id, on)
    stated = product.servicing.interest.floating if product.servicing else None
    if stated is not None:
        floating = stated.rate()
        quote = rate_store.in_force(view, floating.market, on)
        product = replace(product, nominal_interest_rate=rate_by(floating, quote.rate * HUNDRED) / HUNDRED)
    return product.with_tax()
