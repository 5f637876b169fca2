"""The rules of customers: consents hold from their first day to their last, tags are sorted, one number is one
customer.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.marketing.examples import identity_number
from zhongtai.kernel.identifiers import LeiMustHaveValidCheckDigits, make_credit_code, make_lei
from zhongtai.marketing.customer.domain import (
    CONSENTS_MAXIMUM,
    TAGS_MAXIMUM,
    ConsentMustNotEndBeforeItBegins,
    ConsentNotFound,
    Contact,
    Customer,
    CustomerAlreadyRegistered,
    CustomerKind,
    Identity,
    IdentityKind,
    IdentityMustFitKind,
    TooManyConsents,
    TooManyTags,
    register,
)

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
CUSTOMER = Customer(
    customer_id="cus_1",
    kind=CustomerKind.PERSON,
    name="李明",
    identity_kind=IdentityKind.RESIDENT_IDENTITY_CARD,
    identity_number=identity_number(),
    contact=Contact(),
    registered_on=TODAY,
)


def consented(valid_to: date | None = None) -> Customer:
    return CUSTOMER.give_consent("con_1", "credit_bureau_query", valid_to, TODAY)[0]


def test_a_consent_holds_from_its_first_day_through_its_last() -> None:
    customer = consented(valid_to=TODAY + 10 * DAY)
    held = [customer.consent_holds("credit_bureau_query", TODAY + days * DAY) for days in (-1, 0, 10, 11)]
    assert held == [False, True, True, False]
    assert not customer.consent_holds("marketing_call", TODAY)


def test_a_consent_without_a_last_day_holds_until_it_is_withdrawn_and_not_on_that_day() -> None:
    customer, fact = consented().withdraw_consent("con_1", TODAY + 5 * DAY)
    assert fact is not None
    assert fact.purpose == "credit_bureau_query"
    held = [customer.consent_holds("credit_bureau_query", TODAY + days * DAY) for days in (0, 4, 5, 6)]
    assert held == [True, True, False, False]


def test_withdrawing_twice_or_after_the_last_day_changes_nothing() -> None:
    customer, _ = consented().withdraw_consent("con_1", TODAY)
    assert customer.withdraw_consent("con_1", TODAY + DAY) == (customer, None)
    lapsed = consented(valid_to=TODAY)
    assert lapsed.withdraw_consent("con_1", TODAY + DAY) == (lapsed, None)


def test_withdrawing_one_consent_leaves_another_to_the_same_purpose() -> None:
    customer, _ = consented().give_consent("con_2", "credit_bureau_query", None, TODAY)
    customer, _ = customer.withdraw_consent("con_2", TODAY)
    assert customer.consent_holds("credit_bureau_query", TODAY)


def test_a_consent_cannot_end_before_it_begins_nor_be_one_too_many() -> None:
    with pytest.raises(ConsentMustNotEndBeforeItBegins):
        CUSTOMER.give_consent("con_1", "marketing_call", TODAY - DAY, TODAY)
    full = CUSTOMER
    for number in range(CONSENTS_MAXIMUM):
        full, _ = full.give_consent(f"con_{number}", "marketing_call", None, TODAY)
    with pytest.raises(TooManyConsents):
        full.give_consent("con_last", "marketing_call", None, TODAY)
    with pytest.raises(ConsentNotFound):
        full.withdraw_consent("con_last", TODAY)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10), st.none() | st.integers(0, 10)), max_size=8),
    st.integers(0, 20),
)
def test_a_purpose_is_served_exactly_while_some_consent_to_it_holds(
    given_: list[tuple[int, int, int | None]], on: int
) -> None:
    """Against a model: sets of days, one for each consent, withdrawn on the third day where the draw says so."""
    customer, days = CUSTOMER, {number: set[int]() for number in range(4)}
    for number, (purpose, start, length) in enumerate(given_):
        first = TODAY + start * DAY
        last = None if length is None else first + length * DAY
        customer, _ = customer.give_consent(f"con_{number}", f"purpose_{purpose}", last, first)
        held = set(range(start, 100 if length is None else start + length + 1))
        if number % 2:
            customer, _ = customer.withdraw_consent(f"con_{number}", first + 3 * DAY)
            held -= set(range(start + 3, 100))
        days[purpose] |= held
    for purpose, held in days.items():
        assert customer.consent_holds(f"purpose_{purpose}", TODAY + on * DAY) == (on in held)


def test_tags_are_sorted_and_unique_and_the_same_again_is_no_fact() -> None:
    customer, fact = CUSTOMER.add_tags(("vip", "payroll", "vip"))
    assert customer.tags == ("payroll", "vip")
    assert fact is not None
    assert fact.tags == customer.tags
    assert customer.add_tags(("vip",)) == (customer, None)
    assert customer.remove_tags(("unheard_of",)) == (customer, None)
    assert customer.remove_tags(("payroll",))[0].tags == ("vip",)
    with pytest.raises(TooManyTags):
        customer.add_tags(tuple(f"tag_{number}" for number in range(TAGS_MAXIMUM)))


def test_the_same_contact_again_is_no_fact() -> None:
    contact = Contact(phone="+8613800138000")
    customer, fact = CUSTOMER.update_contact(contact, TODAY)
    assert fact is not None
    assert customer.contact == contact
    assert customer.update_contact(contact, TODAY) == (customer, None)


def test_an_identity_number_is_read_in_its_one_written_form() -> None:
    number = identity_number()
    typed = f"{number[:6]} {number[6:14]} {number[14:]}".lower()
    identity = Identity(CustomerKind.PERSON, IdentityKind.RESIDENT_IDENTITY_CARD, typed)
    assert identity.checked().identity_number == number
    for kind, code in (
        (IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE, make_credit_code("110105", 7)),
        (IdentityKind.LEGAL_ENTITY_IDENTIFIER, make_lei(7)),
    ):
        assert Identity(CustomerKind.ORGANISATION, kind, code.lower()).checked().identity_number == code


def test_the_kind_of_number_must_fit_the_kind_of_customer() -> None:
    with pytest.raises(IdentityMustFitKind) as refused:
        Identity(CustomerKind.PERSON, IdentityKind.LEGAL_ENTITY_IDENTIFIER, make_lei(7)).checked()
    assert refused.value.fitting == "RESIDENT_IDENTITY_CARD"
    wrong = make_lei(7)[:-1] + "0"
    with pytest.raises(LeiMustHaveValidCheckDigits):
        Identity(CustomerKind.ORGANISATION, IdentityKind.LEGAL_ENTITY_IDENTIFIER, wrong).checked()


def test_one_number_is_one_customer_and_the_refusal_says_whose_it_is_but_not_the_number() -> None:
    with pytest.raises(CustomerAlreadyRegistered) as refused:
        register(replace(CUSTOMER, customer_id="cus_2"), known_as="cus_1")
    assert refused.value.metadata == {"customer_id": "cus_1"}
    assert CUSTOMER.identity_number not in refused.value.sentence()
