"""The rules of offers: every reason against, none too many, and the version that is valid on the day."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.marketing.customer.domain import Contact, Customer, CustomerKind, IdentityKind
from zhongtai.marketing.offer.domain import Offer, Product, Retirement, Wish, offer

TODAY = date(2026, 3, 2)
PRODUCT = Product(
    product_id="consumer_instalment",
    version=1,
    name="Consumer instalment loan",
    name_zh="个人消费分期贷款",
    currency_code="CNY",
    minimum_amount=Money("CNY", 10_000),
    maximum_amount=Money("CNY", 20_000_000),
    minimum_term_months=3,
    maximum_term_months=72,
    valid_from=date(2020, 1, 1),
    valid_to=None,
    customer_kinds=("PERSON",),
    required_consents=("credit_bureau_query",),
)
PERSON = Customer(
    "cus_1", CustomerKind.PERSON, "李明", IdentityKind.RESIDENT_IDENTITY_CARD, "1", Contact(), TODAY
).give_consent("con_1", "credit_bureau_query", date(2026, 12, 31), TODAY)[0]


def wish(minor_units: int = 5_000_000, term_months: int = 12, currency: str = "CNY") -> Wish:
    return Wish(Money(currency, minor_units), term_months)


def codes(found: Offer) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_who_fits_is_eligible() -> None:
    found = offer([PRODUCT], None, PERSON, TODAY, wish())
    assert found.eligible
    assert found.reasons == ()


def test_every_reason_against_is_given_at_once_and_in_both_languages() -> None:
    company = replace(PERSON, kind=CustomerKind.ORGANISATION, consents=())
    found = offer([PRODUCT], Retirement("consumer_instalment", TODAY), company, TODAY, wish(20_000_001, 73))
    assert codes(found) == [
        "PRODUCT_NOT_OFFERED",
        "CUSTOMER_KIND_NOT_SERVED",
        "CONSENT_MISSING",
        "AMOUNT_ABOVE_MAXIMUM",
        "TERM_ABOVE_MAXIMUM",
    ]
    assert not found.eligible
    for reason in found.reasons:
        assert reason.text.isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in reason.text_zh)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (wish(9_999), "AMOUNT_BELOW_MINIMUM"),
        (wish(20_000_001), "AMOUNT_ABOVE_MAXIMUM"),
        (wish(currency="USD"), "CURRENCY_NOT_LENT"),
        (wish(term_months=2), "TERM_BELOW_MINIMUM"),
        (wish(term_months=73), "TERM_ABOVE_MAXIMUM"),
    ],
)
def test_each_bound_has_its_reason(wanted: Wish, code: str) -> None:
    assert codes(offer([PRODUCT], None, PERSON, TODAY, wanted)) == [code]


@settings(max_examples=100)
@given(st.integers(1, 30_000_000), st.integers(1, 600))
def test_inside_the_bounds_and_only_there_an_amount_and_term_are_eligible(minor_units: int, term: int) -> None:
    inside = 10_000 <= minor_units <= 20_000_000 and 3 <= term <= 72
    assert offer([PRODUCT], None, PERSON, TODAY, wish(minor_units, term)).eligible == inside


@pytest.mark.parametrize("wanted", [wish(10_000), wish(20_000_000), wish(term_months=3), wish(term_months=72)])
def test_the_bounds_themselves_are_eligible(wanted: Wish) -> None:
    assert offer([PRODUCT], None, PERSON, TODAY, wanted).eligible


def test_a_consent_counts_until_its_last_day() -> None:
    assert offer([PRODUCT], None, PERSON, date(2026, 12, 31)).eligible
    lapsed = offer([PRODUCT], None, PERSON, date(2027, 1, 1))
    assert codes(lapsed) == ["CONSENT_MISSING"]
    assert "credit_bureau_query" in lapsed.reasons[0].text


def test_the_newest_valid_version_counts() -> None:
    second = replace(PRODUCT, version=2, valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 30))
    for on, version in ((date(2026, 5, 31), 1), (date(2026, 6, 1), 2), (date(2026, 6, 30), 2), (date(2026, 7, 1), 1)):
        assert offer([PRODUCT, second], None, PERSON, on).product.version == version
    early = offer([PRODUCT, second], None, PERSON, date(2019, 12, 31))
    assert early.product.version == 2
    assert codes(early)[0] == "PRODUCT_NOT_OFFERED"


def test_a_retirement_counts_from_its_day() -> None:
    retirement = Retirement("consumer_instalment", date(2026, 6, 1))
    assert offer([PRODUCT], retirement, PERSON, date(2026, 5, 31)).eligible
    assert codes(offer([PRODUCT], retirement, PERSON, date(2026, 6, 1))) == ["PRODUCT_NOT_OFFERED"]
