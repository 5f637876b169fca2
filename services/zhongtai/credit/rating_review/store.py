"""The ratings that are watched, the guarantors they lean on, the reviews, and the rules that open them."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Index, MetaData, Table, bindparam, func, or_, select

from zhongtai.credit.limit_node.domain import NodeKind
from zhongtai.credit.limit_node.store import LIMIT_NODE
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.credit.loan.store import INSTALMENT, LOAN
from zhongtai.credit.rating.domain import CustomerNotRated
from zhongtai.credit.rating_review.domain import (
    GuaranteedCustomer,
    GuarantorLink,
    RatedCustomer,
    RatingReview,
    RatingReviewOpened,
    ReviewRules,
    ReviewStatus,
    ReviewTrigger,
    open_review,
)
from zhongtai.runtime.plain import shipped
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

# The columns stand in the order of the values' fields, so that a row of `select(…)` is one.
RATED_CUSTOMER = Table(
    "credit_rated_customer",
    metadata,
    text("customer_id", primary_key=True),
    text("rating_id"),
    text("grade"),
    integer("place"),
    day("rated_on"),
    day("valid_until", index=True),
    day("knew_arrears_before"),
)
GUARANTOR_LINK = Table(
    "credit_rating_guarantor",
    metadata,
    text("guarantor_id", primary_key=True),
    text("customer_id", primary_key=True),
)
GUARANTEED_CUSTOMER = Table(
    "credit_rating_guarantee",
    metadata,
    text("guarantee_id", primary_key=True),
    text("guarantor_id", primary_key=True),
    text("customer_id"),
    Index("credit_rating_guarantee_of_guarantor", "guarantor_id"),
)
RATING_REVIEW = Table(
    "credit_rating_review",
    metadata,
    text("review_id", primary_key=True),
    text("customer_id"),
    text("rating_id"),
    text("trigger"),
    text("cause"),
    day("opened_on"),
    day("due_on"),
    text("status"),
    text("new_rating_id"),
    Index("credit_rating_review_of_customer", "customer_id", "status"),
)

customers = Records(RATED_CUSTOMER, RatedCustomer, missing=CustomerNotRated)
links = Records(GUARANTOR_LINK, GuarantorLink)
guaranteed = Records(GUARANTEED_CUSTOMER, GuaranteedCustomer)
reviews = Records(RATING_REVIEW, RatingReview)

RULES = ReviewRules(**shipped(__package__, "rules.json"))

_OPEN_OF = reviews.query(
    RATING_REVIEW.c.customer_id == bindparam("customer_id"), RATING_REVIEW.c.status == ReviewStatus.OPEN.value
)
_OPEN = select(RATING_REVIEW.c.review_id).where(
    RATING_REVIEW.c.customer_id == RATED_CUSTOMER.c.customer_id, RATING_REVIEW.c.status == ReviewStatus.OPEN.value
)
_EXPIRED = (
    select(RATED_CUSTOMER)
    .where(RATED_CUSTOMER.c.valid_until < bindparam("on"), ~_OPEN.exists())
    .order_by(RATED_CUSTOMER.c.customer_id)
    .limit(RULES.opened_at_once)
)
_ARREARS = (
    select(*RATED_CUSTOMER.c, func.min(LOAN.c.loan_id))
    .join(LOAN, LOAN.c.customer_id == RATED_CUSTOMER.c.customer_id)
    .join(INSTALMENT, INSTALMENT.c.loan_id == LOAN.c.loan_id)
    .where(
        LOAN.c.status == LoanStatus.ACTIVE.value,
        INSTALMENT.c.due_date < bindparam("since"),
        or_(
            INSTALMENT.c.principal_paid_minor < INSTALMENT.c.principal_minor,
            INSTALMENT.c.interest_paid_minor < INSTALMENT.c.interest_minor,
        ),
        INSTALMENT.c.due_date >= RATED_CUSTOMER.c.knew_arrears_before,
        ~_OPEN.exists(),
    )
    .group_by(*RATED_CUSTOMER.c)
    .order_by(RATED_CUSTOMER.c.customer_id)
    .limit(RULES.opened_at_once)
)
_LEANING = (
    select(RATED_CUSTOMER)
    .where(
        or_(
            *(
                RATED_CUSTOMER.c.customer_id.in_(
                    select(of.c.customer_id).where(of.c.guarantor_id == bindparam("guarantor_id"))
                )
                for of in (GUARANTOR_LINK, GUARANTEED_CUSTOMER)
            )
        ),
        ~_OPEN.exists(),
    )
    .order_by(RATED_CUSTOMER.c.customer_id)
)
_BENEATH = select(LIMIT_NODE.c.subject).where(
    LIMIT_NODE.c.kind == NodeKind.CUSTOMER.value, LIMIT_NODE.c.parent == bindparam("group_id")
)
_MEMBERS = (
    select(RATED_CUSTOMER)
    .where(RATED_CUSTOMER.c.customer_id.in_(_BENEATH), ~_OPEN.exists())
    .order_by(RATED_CUSTOMER.c.customer_id)
)
_UNREVIEWED = select(RATED_CUSTOMER).where(RATED_CUSTOMER.c.customer_id == bindparam("customer_id"), ~_OPEN.exists())
_FORGET = GUARANTEED_CUSTOMER.delete().where(GUARANTEED_CUSTOMER.c.guarantee_id == bindparam("of_guarantee"))


def expired(view: View, on: date) -> list[tuple[RatedCustomer, str]]:
    """Customers whose rating is valid no more and is not reviewed yet, with nothing as the cause."""
    return [(customers.value(row), "") for row in view.rows(_EXPIRED, {"on": on.isoformat()})]


def in_arrears(view: View, since: date) -> list[tuple[RatedCustomer, str]]:
    """Customers too long in arrears (with what fell due before `since`) since they were rated; a loan as the cause."""
    rows = view.rows(_ARREARS, {"since": since.isoformat()})
    return [(customers.value(row[:-1]), row[-1]) for row in rows]


def leaning_on(view: View, guarantor_id: str) -> list[tuple[RatedCustomer, str]]:
    """Customers whose rating leans on a guarantor and is not reviewed yet, with the guarantor as the cause."""
    return [(customers.value(row), guarantor_id) for row in view.rows(_LEANING, {"guarantor_id": guarantor_id})]


def members_of(view: View, group_id: str) -> list[tuple[RatedCustomer, str]]:
    """The rated members of a group that are not reviewed yet, with the group as the cause."""
    return [(customers.value(row), group_id) for row in view.rows(_MEMBERS, {"group_id": group_id})]


def unreviewed(view: View, customer_id: str, cause: str) -> list[tuple[RatedCustomer, str]]:
    """A customer who is rated and not reviewed yet, with a cause; none else."""
    return [(customers.value(row), cause) for row in view.rows(_UNREVIEWED, {"customer_id": customer_id})]


def forget_guarantee(unit: Unit, guarantee_id: str) -> None:
    """No rating leans on a guarantee any more."""
    unit.execute(_FORGET, {"of_guarantee": guarantee_id})


def open_of(view: View, customer_id: str) -> RatingReview | None:
    """The open review of a customer, if there is one."""
    found = _OPEN_OF(view, customer_id=customer_id)
    assert len(found) <= 1, "a customer has at most one open review"
    return found[0] if found else None


def open_all(
    unit: Unit, found: Iterable[tuple[RatedCustomer, str]], trigger: ReviewTrigger
) -> list[RatingReviewOpened]:
    """Opens a review of each customer for one cause; answers the facts."""
    opened = [
        open_review(RULES, unit.new_id("rev"), customer, trigger, cause, on=unit.business_date)
        for customer, cause in found
    ]
    reviews.add_all(unit, [review for review, _ in opened])
    return [fact for _, fact in opened]
