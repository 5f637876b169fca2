"""An offer (产品适配): a product as it stands for one customer on one business date, with every reason against it.

Always true: an offer is eligible exactly when it has no reason against it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing
from zhongtai.marketing.customer.domain import Customer


class ProductNotFound(Missing):
    """There is no product {product_id}: check the id, or publish the product first.

    产品{product_id}不存在：请核对编号，或先发布产品。
    """

    product_id: str


@dataclass(frozen=True, slots=True)
class Product:
    """One version of a product, as credit published it."""

    product_id: str
    version: int
    name: str
    name_zh: str
    currency_code: str
    minimum_amount: Money
    maximum_amount: Money
    minimum_term_months: int
    maximum_term_months: int
    valid_from: date
    valid_to: date | None
    customer_kinds: tuple[str, ...]
    required_consents: tuple[str, ...]

    def is_valid(self, on: date) -> bool:
        """Whether the version is valid on a date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Retirement:
    """From when on a product is no longer offered."""

    product_id: str
    retired_from: date


@dataclass(frozen=True, slots=True)
class OfferReason:
    """One reason against an offer."""

    code: str
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants of a product."""

    amount: Money
    term_months: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as it stands for one customer."""

    product: Product
    reasons: tuple[OfferReason, ...]

    @property
    def eligible(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


def offer(
    versions: Sequence[Product], retirement: Retirement | None, customer: Customer, on: date, wish: Wish | None = None
) -> Offer:
    """The offer of a product, of which `versions` are all, to a customer on a business date.

    The newest version that is valid counts; where none is, the newest of all, and that is a reason against it.
    Without a `wish` it is asked whether the customer may have the product in some amount and term.
    """
    assert versions, "a product has versions"
    newest_first = sorted(versions, key=lambda each: each.version, reverse=True)
    product = next((each for each in newest_first if each.is_valid(on)), newest_first[0])
    retired = retirement is not None and retirement.retired_from <= on
    against = [*_not_offered(product, retired, on), *_not_for(product, customer, on)]
    if wish is not None:
        against.extend(_beyond_bounds(product, wish))
    return Offer(product, tuple(against))


def _not_offered(product: Product, retired: bool, on: date) -> Iterator[OfferReason]:
    if retired or not product.is_valid(on):
        yield OfferReason("PRODUCT_NOT_OFFERED", f"The product is not offered on {on}.", f"该产品在{on}不对外提供。")


def _not_for(product: Product, customer: Customer, on: date) -> Iterator[OfferReason]:
    """What speaks against the customer, whatever is wanted."""
    if product.customer_kinds and customer.kind not in product.customer_kinds:
        kinds = ", ".join(product.customer_kinds)
        yield OfferReason(
            "CUSTOMER_KIND_NOT_SERVED",
            f"The product is for {kinds} only; the customer is {customer.kind}.",
            f"该产品仅面向{kinds}，客户类型为{customer.kind}。",
        )
    for purpose in product.required_consents:
        if not customer.consent_holds(purpose, on):
            yield OfferReason(
                "CONSENT_MISSING",
                f"The customer has not consented to {purpose}, or the consent has run out: ask for it.",
                f"客户未授权“{purpose}”或授权已失效：请先取得授权。",
            )


def _beyond_bounds(product: Product, wish: Wish) -> Iterator[OfferReason]:
    """What speaks against the amount and the term."""
    if wish.amount.currency != product.currency_code:
        yield OfferReason(
            "CURRENCY_NOT_LENT",
            f"The product is lent in {product.currency_code}, not in {wish.amount.currency}.",
            f"该产品币种为{product.currency_code}，不支持{wish.amount.currency}。",
        )
    elif wish.amount < product.minimum_amount:
        yield OfferReason(
            "AMOUNT_BELOW_MINIMUM",
            f"The amount is below {product.minimum_amount}.",
            f"金额低于最低{product.minimum_amount}。",
        )
    elif wish.amount > product.maximum_amount:
        yield OfferReason(
            "AMOUNT_ABOVE_MAXIMUM",
            f"The amount is above {product.maximum_amount}.",
            f"金额高于最高{product.maximum_amount}。",
        )
    if wish.term_months < product.minimum_term_months:
        yield OfferReason(
            "TERM_BELOW_MINIMUM",
            f"The term is below {product.minimum_term_months} months.",
            f"期限短于最短{product.minimum_term_months}个月。",
        )
    elif wish.term_months > product.maximum_term_months:
        yield OfferReason(
            "TERM_ABOVE_MAXIMUM",
            f"The term is above {product.maximum_term_months} months.",
            f"期限长于最长{product.maximum_term_months}个月。",
        )
