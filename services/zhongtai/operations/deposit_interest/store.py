"""The tables of interest: each account's products, its movements by value date since it was settled, the totals, the
days.

A night reads the entries posted since, and of the accounts those that moved: one whose balance stands is counted when
it is asked for, and in the total by its tiers.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Index, MetaData, Table, and_, bindparam, case, func, select
from sqlalchemy import text as sql

from zhongtai.operations.account.domain import GENERAL, Side
from zhongtai.operations.deposit_interest.domain import (
    AccountMustEarnInterest,
    DepositInterest,
    DepositPlan,
    DepositTotal,
    Move,
    Taken,
    Terms,
)
from zhongtai.operations.deposit_rate import store as rate_store
from zhongtai.operations.interest_tax import store as tax_store
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
DEPOSIT_INTEREST = Table(
    "deposit_interest",
    metadata,
    text("account_id", primary_key=True),
    text("plan"),
    text("currency_code"),
    day("settled_through"),
    integer("opening_minor"),
    day("through"),
    integer("balance_minor"),
    json("products"),
    json("adjustments"),
    integer("seen_number"),
    Index("ix_deposit_interest_plan", "plan", "account_id"),
)
MOVEMENT = Table(
    "deposit_interest_movement",
    metadata,
    text("account_id", primary_key=True),
    day("value_date", primary_key=True),
    integer("moved_minor"),
    Index("ix_deposit_interest_movement_value_date", "value_date", "account_id"),
)
TOTAL = Table(
    "deposit_interest_total",
    metadata,
    text("plan", primary_key=True),
    text("currency_code", primary_key=True),
    day("through"),
    json("products"),
    json("bands"),
    integer("payable_minor"),
)
interests = Records(DEPOSIT_INTEREST, DepositInterest)
totals = Records(TOTAL, DepositTotal)


PLANS: dict[str, DepositPlan] = {plan["plan"]: reader(DepositPlan)(plan) for plan in shipped(__package__, "plans.json")}
PLAN_OF_PRODUCT = {plan.account_product: plan for plan in PLANS.values()}
RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}

# The same text on SQLite and PostgreSQL.
_ADD_MOVEMENT = sql(
    """
    INSERT INTO deposit_interest_movement (account_id, value_date, moved_minor)
    VALUES (:account_id, :value_date, :moved_minor)
    ON CONFLICT (account_id, value_date)
    DO UPDATE SET moved_minor = deposit_interest_movement.moved_minor + excluded.moved_minor
    """
)
_FORGET = MOVEMENT.delete().where(
    MOVEMENT.c.account_id == bindparam("of_account"), MOVEMENT.c.value_date <= bindparam("through")
)
_COUNTS_FROM = (
    select(MOVEMENT.c.account_id)
    .distinct()
    .join(DEPOSIT_INTEREST, DEPOSIT_INTEREST.c.account_id == MOVEMENT.c.account_id)
    .where(
        MOVEMENT.c.value_date > bindparam("after"),
        MOVEMENT.c.value_date <= bindparam("on"),
        MOVEMENT.c.value_date > DEPOSIT_INTEREST.c.through,
        MOVEMENT.c.account_id > bindparam("cursor"),
    )
    .order_by(MOVEMENT.c.account_id)
    .limit(bindparam("most"))
)
_TO_SETTLE = interests.query(
    DEPOSIT_INTEREST.c.plan == bindparam("plan"),
    DEPOSIT_INTEREST.c.account_id > bindparam("cursor"),
    order_by=DEPOSIT_INTEREST.c.account_id,
    limit=250,
)
# Deposits are kept in the general book, whose entries are numbered without gaps.
_LAST_NUMBER = select(func.coalesce(func.max(ENTRY.c.number), 0)).where(ENTRY.c.book == GENERAL)
_LEGS = (
    select(
        LEG.c.account_id,
        LEG.c.number,
        ENTRY.c.value_date,
        case((LEG.c.side == Side.CREDIT.value, LEG.c.amount_minor), else_=-LEG.c.amount_minor),
    )
    .join(ENTRY, and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number))
    .where(
        LEG.c.book == GENERAL,
        LEG.c.posted == 1,
        LEG.c.number > bindparam("after"),
        LEG.c.number <= bindparam("through"),
    )
    .order_by(LEG.c.number)
)
_LEGS_OF_ALL = _LEGS.where(LEG.c.account_id != "")
_LEGS_OF_ONE = _LEGS.where(LEG.c.account_id == bindparam("of_account"))
_TOTALS = totals.query(order_by=(TOTAL.c.plan, TOTAL.c.currency_code))


def last_number(view: View) -> int:
    """The number of the last entry that rests in the ledger."""
    return int(view.rows(_LAST_NUMBER)[0][0])


def legs(view: View, after: int, through: int) -> dict[str, list[Taken]]:
    """The legs of the entries behind a number through another, by account; those that only hold money are left out."""
    return _taken(view.rows(_LEGS_OF_ALL, {"after": after, "through": through}))


def legs_of(view: View, account_id: str, after: int) -> list[Taken]:
    """The legs on an account of the entries behind a number."""
    asked = {"after": after, "through": last_number(view), "of_account": account_id}
    return _taken(view.rows(_LEGS_OF_ONE, asked)).get(account_id, [])


def terms(view: View, plan: str, currency_code: str) -> Terms:
    """A plan with its rates in a currency."""
    found = PLANS[plan]
    rates = rate_store.of_code(view, found.rate_code, currency_code)
    return Terms(found, rates, tax_store.rates_for(found.account_product))


def plan_of(account_id: str, product: str) -> DepositPlan:
    """The plan of an account's product, or `AccountMustEarnInterest`."""
    if product not in PLAN_OF_PRODUCT:
        raise AccountMustEarnInterest(account_id=account_id)
    return PLAN_OF_PRODUCT[product]


def present(view: View, account_ids: Sequence[str]) -> dict[str, DepositInterest]:
    """What is kept of those accounts, by id; one that never moved is not there."""
    found = interests.where(view, DEPOSIT_INTEREST.c.account_id.in_(account_ids)) if account_ids else []
    return {interest.account_id: interest for interest in found}


def movements(view: View, account_ids: Sequence[str]) -> dict[str, list[Move]]:
    """The movements of those accounts since they were settled, each by value date."""
    found: dict[str, list[Move]] = defaultdict(list)
    if account_ids:
        rows = view.rows(select(MOVEMENT).where(MOVEMENT.c.account_id.in_(account_ids)).order_by(MOVEMENT.c.value_date))
        for account_id, value_date, moved in rows:
            found[account_id].append((date.fromisoformat(value_date), moved))
    return found


def add_movements(unit: Unit, moves: dict[str, list[Move]]) -> None:
    """Keeps movements by account, each added to what its value date has."""
    unit.execute(
        _ADD_MOVEMENT,
        [
            {"account_id": account_id, "value_date": value_date.isoformat(), "moved_minor": minor}
            for account_id, moved in moves.items()
            for value_date, minor in moved
        ],
    )


def forget_movements(unit: Unit, settled: Sequence[DepositInterest]) -> None:
    """Drops the movements that were settled."""
    unit.execute(
        _FORGET,
        [{"of_account": each.account_id, "through": each.settled_through.isoformat()} for each in settled],
    )


def counting_from(view: View, after: date, on: date, cursor: str, most: int) -> list[str]:
    """The accounts behind the cursor with movements not counted yet, valued after `after` and by `on`."""
    asked = {"after": after.isoformat(), "on": on.isoformat(), "cursor": cursor, "most": most}
    return [row[0] for row in view.rows(_COUNTS_FROM, asked)]


def to_settle(view: View, plan: str, cursor: str) -> list[DepositInterest]:
    """The next accounts of a plan, by id."""
    return _TO_SETTLE(view, plan=plan, cursor=cursor)


def every_total(view: View) -> list[DepositTotal]:
    """The totals of all plans."""
    return _TOTALS(view)


def rule(name: str) -> PostingRule:
    """How a step of interest is booked."""
    return RULES[name]


def _taken(rows: Sequence[Any]) -> dict[str, list[Taken]]:
    found: dict[str, list[Taken]] = defaultdict(list)
    for account_id, number, value_date, minor in rows:
        found[account_id].append(Taken(number, date.fromisoformat(value_date), minor))
    return found
