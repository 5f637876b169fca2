"""The tables of classification: the versions of the rules, and every classification of a loan."""

from datetime import date

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.classification.domain import (
    Classification,
    ClassificationRulesNotFound,
    LoanNotClassified,
    RuleSet,
)
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
