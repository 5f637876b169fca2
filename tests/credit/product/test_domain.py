"""The rules of credit products."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from zhongtai.credit.product import domain
from zhongtai.credit.product.domain import Product, Retirement
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation

PRODUCT = Product(
    product_id="consumer_instalment",
    version=1,
    name="Consumer instalment loan",
    name_zh="个人消费分期贷款",
    product_line="consumer",
    currency_code="CNY",
    minimum_amount=Money("CNY", 10_000),
    maximum_amount=Money("CNY", 20_000_000),
    minimum_term_months=3,
    maximum_term_months=72,
    amortisation=Amortisation.EQUAL_INSTALMENT,
    day_count=DayCount.ACT_365,
    nominal_interest_rate=Decimal("0.12"),
    valid_from=date(2020, 1, 1),
    valid_to=None,
    customer_kinds=("PERSON",),
    required_consents=(),
)


def published(product: Product, latest_version: int = 0) -> domain.ProductPublished | None:
    return domain.publish(product, published=None, latest_version=latest_version, retirement=None)


def test_a_version_is_published_whole() -> None:
    assert published(PRODUCT) == domain.ProductPublished("consumer_instalment", PRODUCT)


def test_the_same_content_again_changes_nothing() -> None:
    assert domain.publish(PRODUCT, published=PRODUCT, latest_version=3, retirement=None) is None


def test_other_content_under_the_same_version_is_refused() -> None:
    dearer = replace(PRODUCT, nominal_interest_rate=Decimal("0.13"))
    with pytest.raises(domain.ProductVersionTaken):
        domain.publish(dearer, published=PRODUCT, latest_version=1, retirement=None)


@pytest.mark.parametrize("latest_version", [0, 2, 5])
def test_versions_follow_each_other(latest_version: int) -> None:
    with pytest.raises(domain.ProductVersionMustFollowLatest) as refused:
        published(replace(PRODUCT, version=2), latest_version)
    assert refused.value.expected == latest_version + 1


@pytest.mark.parametrize(
    ("changes", "refusal", "named"),
    [
        (
            {"minimum_amount": Money("CNY", 20_000_001)},
            domain.MinimumAmountMustNotExceedMaximumAmount,
            {"minimum_amount": "CNY 200,000.01", "maximum_amount": "CNY 200,000.00"},
        ),
        (
            {"minimum_term_months": 73},
            domain.MinimumTermMustNotExceedMaximumTerm,
            {"minimum_term_months": "73", "maximum_term_months": "72"},
        ),
        (
            {"valid_to": date(2019, 12, 31)},
            domain.ValidFromMustNotFollowValidTo,
            {"valid_from": "2020-01-01", "valid_to": "2019-12-31"},
        ),
        (
            {"maximum_amount": Money("USD", 20_000_000)},
            domain.AmountsMustBeInProductCurrency,
            {"currency_code": "CNY", "minimum_currency": "CNY", "maximum_currency": "USD"},
        ),
    ],
)
def test_contradictions_are_refused_naming_both(
    changes: dict[str, Any], refusal: type[Exception], named: dict[str, str]
) -> None:
    with pytest.raises(refusal) as refused:
        published(replace(PRODUCT, **changes))
    assert refused.value.metadata == named  # type: ignore[attr-defined]


def test_equal_bounds_are_no_contradiction() -> None:
    one_size = replace(
        PRODUCT, minimum_amount=PRODUCT.maximum_amount, minimum_term_months=72, valid_to=PRODUCT.valid_from
    )
    assert published(one_size)


@pytest.mark.parametrize(
    ("amount", "term_months", "refusal"),
    [
        (Money("CNY", 9_999), 12, domain.AmountMustBeWithinProduct),
        (Money("CNY", 20_000_001), 12, domain.AmountMustBeWithinProduct),
        (Money("CNY", 10_000), 2, domain.TermMustBeWithinProduct),
        (Money("CNY", 10_000), 73, domain.TermMustBeWithinProduct),
        (Money("USD", 10_000), 12, CurrencyMustMatch),
    ],
)
def test_what_a_product_does_not_lend(amount: Money, term_months: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        PRODUCT.must_allow(amount, term_months)


@pytest.mark.parametrize(("amount", "term_months"), [(10_000, 3), (20_000_000, 72)])
def test_the_bounds_themselves_are_lent(amount: int, term_months: int) -> None:
    PRODUCT.must_allow(Money("CNY", amount), term_months)


TODAY = date(2026, 1, 5)


def test_a_product_is_retired_once() -> None:
    retirement, fact = domain.retire("p", retired_from=TODAY, today=TODAY, latest_version=1, retirement=None)
    assert fact == domain.ProductRetired("p", TODAY)
    again = domain.retire("p", retired_from=TODAY, today=date(2027, 1, 1), latest_version=1, retirement=retirement)
    assert again == (retirement, None)
    with pytest.raises(domain.ProductAlreadyRetired):
        domain.retire("p", retired_from=date(2028, 1, 1), today=TODAY, latest_version=1, retirement=retirement)


def test_a_product_is_not_retired_in_the_past() -> None:
    with pytest.raises(domain.RetirementMustNotBePast):
        domain.retire("p", retired_from=date(2026, 1, 4), today=TODAY, latest_version=1, retirement=None)


def test_a_retired_product_gets_no_new_version() -> None:
    with pytest.raises(domain.ProductMustNotBeRetired):
        domain.publish(PRODUCT, published=None, latest_version=0, retirement=Retirement("p", TODAY))
