"""The tables of classes and of what is used; the rules that ship; and the two functions that payments call."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Account
from zhongtai.operations.account_class.domain import (
    AccountClassification,
    AccountClassRule,
    AccountClassRuleNotFound,
    AccountNotClassified,
    AccountUsage,
    AccountUse,
)
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, json, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
CLASSIFICATION = Table(
    "account_classification",
    metadata,
    text("account_id", primary_key=True),
    text("customer_id", index=True),
    text("tier"),
    json("bound_accounts"),
)
USAGE = Table(
    "account_class_usage",
    metadata,
    text("account_id", primary_key=True),
    text("use", primary_key=True),
    day("on"),
    *money("day"),
    *money("year"),
)
classifications = Records(CLASSIFICATION, AccountClassification, missing=AccountNotClassified)
usages = Records(USAGE, AccountUsage)
of_customer = classifications.query(CLASSIFICATION.c.customer_id == bindparam("customer_id"))

RULES: tuple[AccountClassRule, ...] = tuple(map(reader(AccountClassRule), shipped(__package__, "rules.json")))
_RULE = {(rule.tier, rule.use): rule for rule in RULES}


def rule(classification: AccountClassification, use: AccountUse) -> AccountClassRule:
    """The limits of an account's class in one direction."""
    if (classification.tier, use) not in _RULE:
        raise AccountClassRuleNotFound(tier=classification.tier, use=use)
    return _RULE[classification.tier, use]


def usage(view: View, account_id: str, use: AccountUse, currency: str) -> AccountUsage:
    """What an account used in one direction."""
    nothing = Money(currency, 0)
    return usages.find(view, account_id, use) or AccountUsage(account_id, use, date.min, nothing, nothing)


def must_allow(view: View, account: Account, counterparty_account_id: str, amount: Money, use: AccountUse) -> bool:
    """Refuses what goes beyond the limits of an account's class; answers whether it is to be counted.

    An account without a class has no limits, and what goes to or comes from a bound account uses none.
    """
    classification = classifications.find(view, account.account_id)
    if classification is None or counterparty_account_id in classification.bound_accounts:
        return False
    used = usage(view, account.account_id, use, amount.currency).used(view.business_date)
    after = account.balance + amount if use is AccountUse.INWARD else account.balance - amount
    rule(classification, use).must_allow(amount, used, after)
    return True


def use_of_limits(unit: Unit, account: Account, counterparty_account_id: str, amount: Money, use: AccountUse) -> None:
    """Refuses what goes beyond the limits of an account's class, and counts what does not; before it is posted."""
    if not must_allow(unit, account, counterparty_account_id, amount, use):
        return
    before = usages.find(unit, account.account_id, use)
    after = usage(unit, account.account_id, use, amount.currency).counted(amount, unit.business_date)
    (usages.save if before else usages.add)(unit, after)
