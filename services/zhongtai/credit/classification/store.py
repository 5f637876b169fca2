"""The tables of classification: the versions of the rules, and every classification of a loan."""

from datetime import date

from sqlalchemy import Index, MetaData, Table, and_, bindparam, case, func, select

from zhongtai.credit.classification.domain import (
    CATEGORIES,
    NON_PERFORMING_FROM,
    Classification,
    ClassificationRulesNotFound,
    LoanNotClassified,
    RuleSet,
)
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan.store import LOAN
from zhongtai.kernel.money import Money
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()

DECREE = "cn_five_category"

# The columns stand in the order of the value's fields, so that a row of `select(RULE_SET)` is one.
RULE_SET = Table(
    "credit_classification_rule_set",
    metadata,
    text("rule_set_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    day("valid_from"),
    json("rules"),
    integer("observation_months"),
    integer("observation_payments"),
    integer("upgrade_months"),
    integer("upgrade_payments"),
    integer("upgrade_confirm"),
    text("source"),
)
CLASSIFICATION = Table(
    "credit_classification",
    metadata,
    text("classification_id", primary_key=True),
    text("loan_id"),
    text("customer_id"),
    text("category"),
    text("previous_category", nullable=True),
    integer("upgrade_withheld"),
    integer("days_past_due"),
    text("rule_set_id"),
    integer("rule_set_version"),
    day("classified_on"),
    json("facts"),
    json("findings"),
    Index("credit_classification_of_loan", "loan_id", "classification_id"),
    Index("credit_classification_of_customer", "customer_id", "loan_id"),
)

rule_sets = Records(RULE_SET, RuleSet)
classifications = Records(CLASSIFICATION, Classification)

_LATEST_VERSION = select(func.coalesce(func.max(RULE_SET.c.version), 0)).where(
    RULE_SET.c.rule_set_id == bindparam("rule_set_id")
)
_VALID = (
    select(RULE_SET)
    .where(RULE_SET.c.rule_set_id == bindparam("rule_set_id"), RULE_SET.c.valid_from <= bindparam("on"))
    .order_by(RULE_SET.c.version.desc())
    .limit(1)
)
_NEWEST = (
    select(CLASSIFICATION)
    .where(CLASSIFICATION.c.loan_id == bindparam("loan_id"))
    .order_by(CLASSIFICATION.c.classification_id.desc())
    .limit(1)
)

# What a customer owes on active loans, and how much of it other loans than the one that is classified owe while
# their newest classification is non-performing.
_OF_CUSTOMER = (
    select(CLASSIFICATION.c.loan_id, func.max(CLASSIFICATION.c.classification_id).label("newest"))
    .where(CLASSIFICATION.c.customer_id == bindparam("customer_id"))
    .group_by(CLASSIFICATION.c.loan_id)
    .subquery()
)
_NON_PERFORMING = and_(
    CLASSIFICATION.c.category.in_([it.value for it in CATEGORIES[NON_PERFORMING_FROM:]]),
    LOAN.c.loan_id != bindparam("loan_id"),
)
_DEBT = (
    select(
        func.coalesce(func.sum(LOAN.c.outstanding_minor), 0),
        func.coalesce(func.sum(case((_NON_PERFORMING, LOAN.c.outstanding_minor), else_=0)), 0),
    )
    .select_from(
        LOAN.outerjoin(_OF_CUSTOMER, _OF_CUSTOMER.c.loan_id == LOAN.c.loan_id).outerjoin(
            CLASSIFICATION, CLASSIFICATION.c.classification_id == _OF_CUSTOMER.c.newest
        )
    )
    .where(
        LOAN.c.customer_id == bindparam("customer_id"),
        LOAN.c.status == LoanStatus.ACTIVE.value,
        LOAN.c.outstanding_currency == bindparam("currency"),
    )
)


def debt_of_customer(view: View, loan: LoanSummary) -> tuple[Money, Money]:
    """What the customer of a loan owes this bank in its currency, and what of it other loans owe non-performing."""
    currency = loan.outstanding.currency
    asked = {"customer_id": loan.customer_id, "loan_id": loan.loan_id, "currency": currency}
    owed, non_performing = view.rows(_DEBT, asked)[0]
    return Money(currency, int(owed)), Money(currency, int(non_performing))


def latest_version(view: View, rule_set_id: str) -> int:
    """The highest version of the rules; 0 where they were never published."""
    return int(view.rows(_LATEST_VERSION, {"rule_set_id": rule_set_id})[0][0])


def in_force(view: View, rule_set_id: str, on: date) -> RuleSet:
    """The latest version in force on the day, or `ClassificationRulesNotFound`."""
    rows = view.rows(_VALID, {"rule_set_id": rule_set_id, "on": on.isoformat()})
    if not rows:
        raise ClassificationRulesNotFound(rule_set_id=rule_set_id, on=on)
    return rule_sets.value(rows[0])


def find_newest(view: View, loan_id: str) -> Classification | None:
    """The newest classification of a loan (identifiers sort by time), or None."""
    rows = view.rows(_NEWEST, {"loan_id": loan_id})
    return classifications.value(rows[0]) if rows else None


def newest(view: View, loan_id: str) -> Classification:
    """The newest classification of a loan, or `LoanNotClassified`."""
    found = find_newest(view, loan_id)
    if found is None:
        raise LoanNotClassified(loan_id=loan_id)
    return found
