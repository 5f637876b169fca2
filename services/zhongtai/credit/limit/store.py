"""The tables of credit limits.

Grants and holds have rows of their own; a limit's row keeps their sums, so a command costs the same
however many there were.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.limit.domain import (
    Facts,
    Grant,
    GrantNotFound,
    GrantStatus,
    Limit,
    LimitNotFound,
    first_grant,
)
from zhongtai.credit.limit_hold import store as hold_store
from zhongtai.credit.limit_hold.domain import Hold
from zhongtai.credit.limit_node import store as node_store
from zhongtai.kernel.money import Money
from zhongtai.runtime.store import Records, day, integer, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

LIMIT = Table(
    "credit_limit",
    metadata,
    text("limit_id", primary_key=True),
    text("customer_id"),
    text("product_line"),
    *money("granted"),
    *money("held"),
    *money("used"),
    text("status"),
    *money("standing"),
    integer("exclusive"),
    *money("spent", nullable=True),
    Index("credit_limit_one_per_product_line", "customer_id", "product_line", "standing_currency", unique=True),
)
GRANT = Table(
    "credit_limit_grant",
    metadata,
    text("limit_id", primary_key=True),
    text("grant_id", primary_key=True),
    *money("amount"),
    text("status"),
    day("until", nullable=True),
    Index("credit_limit_grant_ending", "until", "status"),
)

limits = Records(LIMIT, Limit, missing=LimitNotFound)
grants = Records(GRANT, Grant, missing=GrantNotFound)

_OF_CUSTOMER = limits.query(
    LIMIT.c.customer_id == bindparam("customer_id"),
    LIMIT.c.product_line == bindparam("product_line"),
    LIMIT.c.standing_currency == bindparam("currency"),
)
_STANDS = (GRANT.c.limit_id == bindparam("limit_id"), GRANT.c.status == GrantStatus.STANDING.value)
_STANDING = grants.query(*_STANDS)
_ENDED = grants.query(*_STANDS, GRANT.c.until < bindparam("today"), order_by=GRANT.c.grant_id)
_ENDING = (
    select(GRANT.c.limit_id)
    .where(GRANT.c.until < bindparam("today"), GRANT.c.status == GrantStatus.STANDING.value)
    .order_by(GRANT.c.until)
    .limit(hold_store.LAPSE_AT_ONCE)
)
_HIGHEST_OTHER = select(func.max(GRANT.c.amount_minor)).where(
    GRANT.c.limit_id == bindparam("limit_id"),
    GRANT.c.grant_id != bindparam("grant_id"),
    GRANT.c.status == GrantStatus.STANDING.value,
)


def find_of(view: View, customer_id: str, product_line: str, currency: str) -> Limit | None:
    """The one limit of a customer under a product line in a currency, if there is one."""
    return next(iter(_OF_CUSTOMER(view, customer_id=customer_id, product_line=product_line, currency=currency)), None)


def as_of_now(view: View, found: Sequence[Limit]) -> list[Limit]:
    """Limits as they stand now: what has ended no longer counts, whether or not anyone has touched them since."""
    limit_ids = [limit.limit_id for limit in found]
    due = hold_store.due_of(view, limit_ids, view.now)
    ended = (GRANT.c.status == GrantStatus.STANDING.value, GRANT.c.until < view.business_date.isoformat())
    over = {grant.limit_id for grant in grants.where(view, GRANT.c.limit_id.in_(limit_ids), *ended)}
    return [
        (_without_ended(view, limit)[0] if limit.limit_id in over else limit).lapse(due.get(limit.limit_id, ()))[0]
        for limit in found
    ]


def ended(view: View) -> list[str]:
    """Limits with a hold or a temporary increase that has ended and still counts, as many as are done at once."""
    ending = [row[0] for row in view.rows(_ENDING, {"today": view.business_date.isoformat()})]
    return list(dict.fromkeys([*hold_store.lapsing(view, view.now), *ending]))


def touched(unit: Unit, limit: Limit) -> tuple[Limit, Facts]:
    """A limit once what has ended was given back and kept; the facts are the caller's to record."""
    present, ended, facts = _without_ended(unit, limit)
    due = hold_store.due(unit, limit.limit_id, unit.now)
    present, lapsed, released = present.lapse(due)
    grants.change_all(unit, ended)
    keep(unit, limit, present, holds=list(zip(due, lapsed, strict=True)))
    return present, facts + released


def grant(
    unit: Unit,
    *,
    customer_id: str,
    product_line: str,
    amount: Money,
    until: date | None,
    exclusive: bool,
    revolving: bool,
) -> tuple[Limit, str, Facts]:
    """The limit of a customer under a product line, granted or raised and kept; the grant's id; the facts to record."""
    grant_id = unit.new_id("grant")
    present = find_of(unit, customer_id, product_line, amount.currency)
    if present is None:
        limit, given, facts = first_grant(
            limit_id=unit.new_id("lim"),
            grant_id=grant_id,
            customer_id=customer_id,
            product_line=product_line,
            amount=amount,
            until=until,
            exclusive=exclusive,
            revolving=revolving,
        )
    else:
        present, ended = touched(unit, present)
        limit, given, facts = present.grant(grant_id, amount, until)
        facts = ended + facts
    keep(unit, present, limit, new=True)
    grants.add(unit, given)
    return limit, grant_id, facts


def keep(
    unit: Unit,
    before: Limit | None,
    after: Limit,
    *,
    holds: Sequence[tuple[Hold | None, Hold]] = (),
    new: bool = False,
) -> None:
    """Writes a limit and holds on it, and counts them on everything above; refuses what is `new` and does not fit.

    Raises what `limit_node.store.count` raises, before anything is written.
    """
    claims = [*after.claimed_since(before), *(claim for old, hold in holds for claim in hold.claimed_since(old))]
    node_store.count(unit, claims, new_on=unit.business_date if new else None)
    if before is None:
        limits.add(unit, after)
    else:
        limits.change(unit, before, after)
    hold_store.holds.add_all(unit, [hold for old, hold in holds if old is None])
    hold_store.holds.change_all(unit, [(old, hold) for old, hold in holds if old is not None])


def standing_grants(view: View, limit_id: str) -> list[Grant]:
    """The grants of a limit that stand."""
    return _STANDING(view, limit_id=limit_id)


def _without_ended(view: View, limit: Limit) -> tuple[Limit, list[tuple[Grant, Grant]], Facts]:
    """The limit without the temporary increases whose last day has gone by, each before and after, and the facts."""
    ended: list[tuple[Grant, Grant]] = []
    facts: Facts = ()
    for grant in _ENDED(view, limit_id=limit.limit_id, today=view.business_date.isoformat()):
        limit, expired, lowered = limit.expire(grant, highest_other_grant(view, grant))
        ended.append((grant, expired))
        facts += lowered
    return limit, ended, facts


def highest_other_grant(view: View, grant: Grant) -> Money | None:
    """The highest grant of the same limit that stands beside this one."""
    highest = view.rows(_HIGHEST_OTHER, {"limit_id": grant.limit_id, "grant_id": grant.grant_id})[0][0]
    return None if highest is None else Money(grant.amount.currency, highest)
