"""A credit product (信贷产品): who may borrow how much, for how long, at what rate, in versions.

Always true: a version that was published never changes; of those valid on a day, the latest counts.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from zhongtai.credit.convention_rule.domain import must_agree
from zhongtai.credit.holiday_rule.domain import HolidayRule
from zhongtai.credit.late_interest.domain import LateInterest
from zhongtai.credit.lending_rule.domain import lending_must_agree
from zhongtai.credit.servicing.domain import Servicing
from zhongtai.credit.tax_rule.domain import TaxRule
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.kernel.schedule import Amortisation


class ProductNotFound(Missing):
    """There is no product {product_id}: check the id, or see the list of products.

    产品{product_id}不存在：请核对编号，或查看产品列表。
    """

    product_id: str


class ProductNotOffered(Unmet):
    """The product {product_id} is not offered on {on}: choose another product or day.

    产品{product_id}在{on}不可用：请选择其他产品或日期。
    """

    product_id: str
    on: date


class MinimumAmountMustNotExceedMaximumAmount(Invalid):
    """The minimum amount {minimum_amount} is above the maximum amount {maximum_amount}: change one of them.

    最低金额{minimum_amount}高于最高金额{maximum_amount}：请修改其一。
    """

    minimum_amount: Money
    maximum_amount: Money


class MinimumTermMustNotExceedMaximumTerm(Invalid):
    """The minimum term {minimum_term_months} is above the maximum term {maximum_term_months}: change one of them.

    最短期限{minimum_term_months}个月长于最长期限{maximum_term_months}个月：请修改其一。
    """

    minimum_term_months: int
    maximum_term_months: int


class ValidFromMustNotFollowValidTo(Invalid):
    """The version would begin on {valid_from} and end before it, on {valid_to}: put the earlier day first.

    该版本生效日{valid_from}晚于失效日{valid_to}：请将较早的日期放在前面。
    """

    valid_from: date
    valid_to: date


class AmountsMustBeInProductCurrency(Invalid):
    """The product is lent in {currency_code}, its bounds are {minimum_currency} and {maximum_currency}: use one.

    产品币种为{currency_code}，而金额上下限为{minimum_currency}和{maximum_currency}：请使用同一币种。
    """

    currency_code: str
    minimum_currency: str
    maximum_currency: str


class ProductVersionTaken(Taken):
    """Version {version} of {product_id} was published with other content: publish the change as a new version.

    产品{product_id}的版本{version}已以不同内容发布：请将变更作为新版本发布。
    """

    product_id: str
    version: int


class ProductVersionMustFollowLatest(Unmet):
    """The next version of {product_id} is {expected}, not {version}: publish it under that number.

    产品{product_id}的下一版本号为{expected}，而非{version}：请使用该版本号发布。
    """

    product_id: str
    version: int
    expected: int


class ProductMustNotBeRetired(Unmet):
    """The product {product_id} is retired from {retired_from} on: publish a product of another id.

    产品{product_id}自{retired_from}起下架：请以其他编号发布产品。
    """

    product_id: str
    retired_from: date


class ProductAlreadyRetired(Taken):
    """The product {product_id} is retired from {retired_from} on already: that day stays.

    产品{product_id}已定于{retired_from}起下架：该日期不变。
    """

    product_id: str
    retired_from: date


class RetirementMustNotBePast(Invalid):
    """{retired_from} is before today, {today}: a product is retired from today on, or later.

    {retired_from}早于今日{today}：下架日不得早于今日。
    """

    retired_from: date
    today: date


class AmountMustBeWithinProduct(Invalid):
    """{amount} is not between {minimum_amount} and {maximum_amount}: choose an amount within.

    {amount}不在{minimum_amount}与{maximum_amount}之间：请选择范围内的金额。
    """

    amount: Money
    minimum_amount: Money
    maximum_amount: Money


class TermMustBeWithinProduct(Invalid):
    """{term_months} months is not between {minimum_term_months} and {maximum_term_months}: choose a term within.

    {term_months}个月不在{minimum_term_months}至{maximum_term_months}个月之间：请选择范围内的期限。
    """

    term_months: int
    minimum_term_months: int
    maximum_term_months: int


@dataclass(frozen=True, slots=True)
class Product:
    """One version of a product.

    `nominal_interest_rate` is a year's: 0.12 = 12 %. `valid_to` is the last day; None means until a later version.
    `servicing` None means that its loans follow the schedule agreed and nothing else happens to them; what else is
    None does not apply.
    """

    product_id: str
    version: int
    name: str
    name_zh: str
    product_line: str
    currency_code: str
    minimum_amount: Money
    maximum_amount: Money
    minimum_term_months: int
    maximum_term_months: int
    amortisation: Amortisation
    day_count: DayCount
    nominal_interest_rate: Decimal
    valid_from: date
    valid_to: date | None
    customer_kinds: tuple[str, ...]
    required_consents: tuple[str, ...]
    servicing: Servicing | None = None
    holidays: HolidayRule | None = None
    taxes: TaxRule | None = None
    late_interest: LateInterest | None = None

    def must_agree(self) -> None:
        """Refuses parameters that contradict each other, naming both."""
        currencies = (self.minimum_amount.currency, self.maximum_amount.currency)
        if any(currency != self.currency_code for currency in currencies):
            raise AmountsMustBeInProductCurrency(
                currency_code=self.currency_code, minimum_currency=currencies[0], maximum_currency=currencies[1]
            )
        if self.minimum_amount > self.maximum_amount:
            raise MinimumAmountMustNotExceedMaximumAmount(
                minimum_amount=self.minimum_amount, maximum_amount=self.maximum_amount
            )
        if self.minimum_term_months > self.maximum_term_months:
            raise MinimumTermMustNotExceedMaximumTerm(
                minimum_term_months=self.minimum_term_months, maximum_term_months=self.maximum_term_months
            )
        if self.valid_to is not None and self.valid_from > self.valid_to:
            raise ValidFromMustNotFollowValidTo(valid_from=self.valid_from, valid_to=self.valid_to)
        if self.servicing is not None:
            must_agree(self.servicing, self.currency_code, self.amortisation, self.day_count)
        lending_must_agree(self.servicing, self.holidays, self.taxes, self.late_interest, self.currency_code)

    def with_tax(self) -> "Product":
        """The product at what its customers owe: rates and charges with the tax, where they are told without."""
        taxes = self.taxes
        if taxes is None or not taxes.exclusive:
            return self
        assert self.servicing is not None, "value added tax is posted of accounts alone"
        charges = tuple(
            replace(
                charge,
                amount=None if charge.amount is None else taxes.owed_amount(charge.amount),
                percent=None if charge.percent is None else taxes.owed(charge.percent),
            )
            for charge in self.servicing.charges
        )
        return replace(
            self,
            nominal_interest_rate=taxes.owed(self.nominal_interest_rate),
            servicing=replace(self.servicing, charges=charges),
        )

    def must_allow(self, amount: Money, term_months: int) -> None:
        """Refuses a loan of an amount, currency or term that this version does not lend."""
        if amount.currency != self.currency_code:
            raise CurrencyMustMatch(left=self.currency_code, right=amount.currency)
        if not self.minimum_amount <= amount <= self.maximum_amount:
            raise AmountMustBeWithinProduct(
                amount=amount, minimum_amount=self.minimum_amount, maximum_amount=self.maximum_amount
            )
        if not self.minimum_term_months <= term_months <= self.maximum_term_months:
            raise TermMustBeWithinProduct(
                term_months=term_months,
                minimum_term_months=self.minimum_term_months,
                maximum_term_months=self.maximum_term_months,
            )


@dataclass(frozen=True, slots=True)
class Retirement:
    """From which day on a product is no longer offered, in any version."""

    product_id: str
    retired_from: date


@dataclass(frozen=True, slots=True)
class ProductPublished:
    """A version of a product was published."""

    product_id: str
    product: Product


@dataclass(frozen=True, slots=True)
class ProductRetired:
    """A product is no longer offered from a day on."""

    product_id: str
    retired_from: date


def publish(
    product: Product, *, published: Product | None, latest_version: int, retirement: Retirement | None
) -> ProductPublished | None:
    """The fact of a new version; None where this very version is published already, so publishing again is harmless.

    `published` is the version of the same number, `latest_version` the highest number there is (0 for none).
    """
    product.must_agree()
    if published is not None:
        if published != product:
            raise ProductVersionTaken(product_id=product.product_id, version=product.version)
        return None
    if retirement is not None:
        raise ProductMustNotBeRetired(product_id=product.product_id, retired_from=retirement.retired_from)
    if product.version != latest_version + 1:
        raise ProductVersionMustFollowLatest(
            product_id=product.product_id, version=product.version, expected=latest_version + 1
        )
    return ProductPublished(product.product_id, product)


def retire(
    product_id: str, *, retired_from: date, today: date, latest_version: int, retirement: Retirement | None
) -> tuple[Retirement, ProductRetired | None]:
    """The retirement and its fact; no fact where the product is retired from that day on already."""
    if not latest_version:
        raise ProductNotFound(product_id=product_id)
    if retirement is not None:
        if retirement.retired_from != retired_from:
            raise ProductAlreadyRetired(product_id=product_id, retired_from=retirement.retired_from)
        return retirement, None
    if retired_from < today:
        raise RetirementMustNotBePast(retired_from=retired_from, today=today)
    return Retirement(product_id, retired_from), ProductRetired(product_id, retired_from)
