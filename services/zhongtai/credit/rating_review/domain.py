"""The review of a rating (评级重检): who must be rated again, why, and by when.

Always true: a customer has at most one open review, and it ends only by a rating given after it was opened.

Source: Basel Framework CRE36.41 (ratings are refreshed at least once a year, sooner on material information).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid, Unmet
from zhongtai.kernel.schedule import months_later


class GuarantorMustBeAnother(Invalid):
    """{customer_id} cannot guarantee its own rating: name another guarantor.

    {customer_id}不能为自身评级提供支持：请指定其他保证人。
    """

    customer_id: str


class RatingMustBeValid(Unmet):
    """The rating of {customer_id} expired on {valid_until}: rate the customer again.

    客户{customer_id}的评级已于{valid_until}到期：请重新评级。
    """

    customer_id: str
    valid_until: date


class ReviewTrigger(StrEnum):
    """Why a rating is reviewed."""

    EXPIRED = "EXPIRED"
    ARREARS = "ARREARS"
    GUARANTOR_FELL = "GUARANTOR_FELL"
    REQUESTED = "REQUESTED"
    GUARANTOR_LEFT = "GUARANTOR_LEFT"
    GROUP_CHANGED = "GROUP_CHANGED"
    GROUP_FELL = "GROUP_FELL"


class ReviewStatus(StrEnum):
    """How a review stands."""

    OPEN = "OPEN"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """How long ratings are valid, what sets off a review, and in how many days it is due."""

    valid_months: int
    arrears_days: int
    due_days: Mapping[str, int]
    opened_at_once: int
    source: str

    def valid_until(self, rated_on: date) -> date:
        """The last day a rating is valid."""
        return months_later(rated_on, self.valid_months)

    def must_be_valid(self, customer_id: str, rated_on: date, on: date) -> None:
        """Refuses to build on a rating that has expired."""
        if on > self.valid_until(rated_on):
            raise RatingMustBeValid(customer_id=customer_id, valid_until=self.valid_until(rated_on))


@dataclass(frozen=True, slots=True)
class RatedCustomer:
    """The rating of a customer as it was heard of last, and the last day it is valid.

    What fell due before `knew_arrears_before` was in arrears for too long already when it was given, and known.
    """

    customer_id: str
    rating_id: str
    grade: str
    place: int
    rated_on: date
    valid_until: date
    knew_arrears_before: date

    def fell_since(self, before: "RatedCustomer | None") -> bool:
        """True where the grade is worse than it was; places count from the best."""
        return before is not None and self.place > before.place


@dataclass(frozen=True, slots=True)
class GuarantorLink:
    """A rating that leans on a guarantor."""

    guarantor_id: str
    customer_id: str

    def must_be_of_two(self) -> None:
        """Refuses a customer who leans on itself."""
        if self.guarantor_id == self.customer_id:
            raise GuarantorMustBeAnother(customer_id=self.customer_id)


@dataclass(frozen=True, slots=True)
class GuaranteedCustomer:
    """A customer one of whose loans somebody guarantees, by the guarantee that says so."""

    guarantee_id: str
    guarantor_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class RatingReviewOpened:
    """A customer is to be rated again."""

    review_id: str
    customer_id: str
    rating_id: str
    trigger: ReviewTrigger
    cause: str
    opened_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class RatingReviewDone:
    """A customer was rated again."""

    review_id: str
    customer_id: str
    new_rating_id: str


@dataclass(frozen=True, slots=True)
class RatingReview:
    """A review, and the rating that ended it."""

    review_id: str
    customer_id: str
    rating_id: str
    trigger: ReviewTrigger
    cause: str
    opened_on: date
    due_on: date
    status: ReviewStatus = ReviewStatus.OPEN
    new_rating_id: str = ""

    def ended_by(self, rating_id: str) -> tuple["RatingReview", RatingReviewDone | None]:
        """The review done, where the rating is newer than the one it is about (ids sort by time); else as it is."""
        if rating_id <= self.rating_id:
            return self, None
        done = replace(self, status=ReviewStatus.DONE, new_rating_id=rating_id)
        return done, RatingReviewDone(self.review_id, self.customer_id, rating_id)


def rated(rules: ReviewRules, *, customer_id: str, rating_id: str, grade: str, place: int, on: date) -> RatedCustomer:
    """A customer rated on a day; `place` is that of the grade on its scale, 0 for the best."""
    return RatedCustomer(customer_id, rating_id, grade, place, on, rules.valid_until(on), arrears_since(rules, on))


def arrears_since(rules: ReviewRules, on: date) -> date:
    """Whatever fell due before this day and is unpaid has been in arrears for too long."""
    return on - timedelta(days=rules.arrears_days)


def open_review(
    rules: ReviewRules, review_id: str, customer: RatedCustomer, trigger: ReviewTrigger, cause: str, *, on: date
) -> tuple[RatingReview, RatingReviewOpened]:
    """A review of the rating a customer has."""
    due_on = on + timedelta(days=rules.due_days[trigger])
    review = RatingReview(review_id, customer.customer_id, customer.rating_id, trigger, cause, on, due_on)
    return review, RatingReviewOpened(review_id, customer.customer_id, customer.rating_id, trigger, cause, on, due_on)
