"""A customer (客户): a person or an organisation, with contact, consents and tags.

Always true: the identity number has a right check digit and its kind fits the customer's; tags are sorted and unique.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.kernel.identifiers import check_credit_code, check_identity_number, check_lei
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet

CONSENTS_MAXIMUM = 200
TAGS_MAXIMUM = 50


class CustomerNotFound(Missing):
    """There is no customer {customer_id}: check the id, or register the customer first.

    客户{customer_id}不存在：请核对编号，或先登记客户。
    """

    customer_id: str


class CustomerAlreadyRegistered(Taken):
    """This identity number is registered already: use the customer {customer_id}.

    该证件号码已登记：请使用客户{customer_id}。
    """

    customer_id: str


class IdentityMustFitKind(Invalid):
    """A {customer_kind} cannot be identified by a {identity_kind}: use one of {fitting}.

    {customer_kind}类客户不能使用{identity_kind}：请使用{fitting}之一。
    """

    customer_kind: str
    identity_kind: str
    fitting: str


class ConsentNotFound(Missing):
    """The customer has no consent {consent_id}: check the id.

    该客户没有编号为{consent_id}的授权同意：请核对编号。
    """

    consent_id: str


class ConsentMustNotEndBeforeItBegins(Invalid):
    """A consent given on {given_on} cannot end on {valid_to}: give a later last day, or none.

    {given_on}给出的授权同意不能止于{valid_to}：请给出更晚的截止日，或不设截止日。
    """

    given_on: date
    valid_to: date


class TooManyConsents(Unmet):
    """The customer has {maximum} consents, the most that are kept: ask the bank to archive old ones.

    该客户已有{maximum}条授权同意，达到上限：请联系银行归档旧记录。
    """

    maximum: int


class TooManyTags(Unmet):
    """A customer may have {maximum} tags: remove some first.

    每个客户最多{maximum}个标签：请先移除部分标签。
    """

    maximum: int


class CustomerKind(StrEnum):
    """What a customer is."""

    PERSON = "PERSON"
    ORGANISATION = "ORGANISATION"


class IdentityKind(StrEnum):
    """Which number tells who a customer is."""

    RESIDENT_IDENTITY_CARD = "RESIDENT_IDENTITY_CARD"
    UNIFIED_SOCIAL_CREDIT_CODE = "UNIFIED_SOCIAL_CREDIT_CODE"
    LEGAL_ENTITY_IDENTIFIER = "LEGAL_ENTITY_IDENTIFIER"


FITTING = {
    CustomerKind.PERSON: (IdentityKind.RESIDENT_IDENTITY_CARD,),
    CustomerKind.ORGANISATION: (
        IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE,
        IdentityKind.LEGAL_ENTITY_IDENTIFIER,
    ),
}


@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """A customer was registered."""

    customer_id: str
    kind: CustomerKind
    registered_on: date


@dataclass(frozen=True, slots=True)
class ContactUpdated:
    """The ways to reach a customer changed."""

    customer_id: str
    updated_on: date


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A customer consented to a purpose."""

    customer_id: str
    consent_id: str
    purpose: str
    given_on: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """A customer took a consent back."""

    customer_id: str
    consent_id: str
    purpose: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class CustomerTagged:
    """The tags of a customer changed."""

    customer_id: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """The number that tells who a customer of some kind is."""

    kind: CustomerKind
    identity_kind: IdentityKind
    identity_number: str

    def checked(self) -> "Identity":
        """The identity with its number in the one written form, so that it is found however it was typed.

        Refuses a number that does not fit the kind of customer and, by the checks of the kernel, one that is not
        well formed.
        """
        fitting = FITTING[self.kind]
        if self.identity_kind not in fitting:
            raise IdentityMustFitKind(
                customer_kind=self.kind, identity_kind=self.identity_kind, fitting=", ".join(fitting)
            )
        match self.identity_kind:
            case IdentityKind.RESIDENT_IDENTITY_CARD:
                number = check_identity_number(self.identity_number).number
            case IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE:
                number = check_credit_code(self.identity_number)
            case IdentityKind.LEGAL_ENTITY_IDENTIFIER:
                number = check_lei(self.identity_number)
        return replace(self, identity_number=number)


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a customer; what is empty is not known."""

    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """The customer's word that their data may serve one purpose.

    It holds from `given_on` through `valid_to`, and no longer on the day it is withdrawn.
    """

    consent_id: str
    purpose: str
    given_on: date
    valid_to: date | None = None
    withdrawn_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it holds on a business date."""
        if on < self.given_on:
            return False
        if self.valid_to is not None and on > self.valid_to:
            return False
        return self.withdrawn_on is None or on < self.withdrawn_on


@dataclass(frozen=True, slots=True)
class Customer:
    """A person or an organisation that the bank knows."""

    customer_id: str
    kind: CustomerKind
    name: str
    identity_kind: IdentityKind
    identity_number: str
    contact: Contact
    registered_on: date
    consents: tuple[Consent, ...] = ()
    tags: tuple[str, ...] = ()

    def consent_holds(self, purpose: str, on: date) -> bool:
        """Whether at least one consent to the purpose holds on the date."""
        return any(consent.purpose == purpose and consent.holds(on) for consent in self.consents)

    def update_contact(self, contact: Contact, today: date) -> tuple["Customer", ContactUpdated | None]:
        """Replaces the whole contact; no fact where nothing changed."""
        if contact == self.contact:
            return self, None
        return replace(self, contact=contact), ContactUpdated(self.customer_id, today)

    def give_consent(
        self, consent_id: str, purpose: str, valid_to: date | None, today: date
    ) -> tuple["Customer", ConsentGiven]:
        """Adds a consent that holds from today; refuses a last day that is past."""
        if valid_to is not None and valid_to < today:
            raise ConsentMustNotEndBeforeItBegins(given_on=today, valid_to=valid_to)
        if len(self.consents) >= CONSENTS_MAXIMUM:
            raise TooManyConsents(maximum=CONSENTS_MAXIMUM)
        given = Consent(consent_id, purpose, today, valid_to)
        fact = ConsentGiven(self.customer_id, consent_id, purpose, today, valid_to)
        return replace(self, consents=(*self.consents, given)), fact

    def consent(self, consent_id: str) -> Consent:
        """The consent of this id; refuses an unknown id."""
        for consent in self.consents:
            if consent.consent_id == consent_id:
                return consent
        raise ConsentNotFound(consent_id=consent_id)

    def withdraw_consent(self, consent_id: str, today: date) -> tuple["Customer", ConsentWithdrawn | None]:
        """Takes a consent back from today on; no fact where it holds no longer anyway."""
        consent = self.consent(consent_id)
        if not consent.holds(today):
            return self, None
        withdrawn = replace(consent, withdrawn_on=today)
        consents = tuple(withdrawn if each is consent else each for each in self.consents)
        fact = ConsentWithdrawn(self.customer_id, consent_id, consent.purpose, today)
        return replace(self, consents=consents), fact

    def add_tags(self, tags: tuple[str, ...]) -> tuple["Customer", CustomerTagged | None]:
        """Puts tags on; no fact where all are there already."""
        return self._tagged(set(self.tags).union(tags))

    def remove_tags(self, tags: tuple[str, ...]) -> tuple["Customer", CustomerTagged | None]:
        """Takes tags off; no fact where none was there."""
        return self._tagged(set(self.tags).difference(tags))

    def _tagged(self, tags: set[str]) -> tuple["Customer", CustomerTagged | None]:
        if len(tags) > TAGS_MAXIMUM:
            raise TooManyTags(maximum=TAGS_MAXIMUM)
        changed = tuple(sorted(tags))
        if changed == self.tags:
            return self, None
        return replace(self, tags=changed), CustomerTagged(self.customer_id, changed)


def register(customer: Customer, known_as: str | None) -> tuple[Customer, CustomerRegistered]:
    """A new customer; `known_as` is the customer who has this identity number already, if any: that is refused."""
    assert not customer.consents, "a new customer has consented to nothing yet"
    assert not customer.tags, "a new customer is not sorted yet"
    if known_as is not None:
        raise CustomerAlreadyRegistered(customer_id=known_as)
    return customer, CustomerRegistered(customer.customer_id, customer.kind, customer.registered_on)
