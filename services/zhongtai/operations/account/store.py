"""How accounts rest: one row each, its live holds inside; and the products they are opened under.

The balance is not in the row: it is the ledger's, so that a posting writes it once and nowhere else.
"""

from sqlalchemy import BigInteger, MetaData, Table, case, column, func, select, table

from zhongtai.operations.account.domain import (
    Account,
    AccountNotFound,
    AccountProduct,
    AccountProductNotFound,
    Side,
)
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.resident import ResidentRecords
from zhongtai.runtime.store import json, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
ACCOUNT = Table(
    "account",
    metadata,
    text("account_id", primary_key=True),
    text("customer_id", index=True),
    text("account_class"),
    text("product"),
    text("account_code"),
    text("side"),
    text("currency_code"),
    *money("floor", nullable=True),
    text("status"),
    json("holds"),
    text("book"),
    json("dimensions"),
    json("stops"),
)
# The ledger keeps it; an account's balance is the last of its closing balances, on its own side.
_CLOSING = table(
    "ledger_balance",
    *map(column, ("book", "owner", "currency", "booking_date")),
    column("closing_minor", BigInteger),
)
_LAST_CLOSING = (
    select(_CLOSING.c.closing_minor)
    .where(
        _CLOSING.c.book == ACCOUNT.c.book,
        _CLOSING.c.owner == ACCOUNT.c.account_id,
        _CLOSING.c.currency == ACCOUNT.c.currency_code,
    )
    .order_by(_CLOSING.c.booking_date.desc())
    .limit(1)
    .scalar_subquery()
)
accounts = ResidentRecords(
    ACCOUNT,
    Account,
    missing=AccountNotFound,
    derived={
        "balance_minor": func.coalesce(_LAST_CLOSING, 0) * case((ACCOUNT.c.side == Side.DEBIT.value, 1), else_=-1),
        "balance_currency": ACCOUNT.c.currency_code,
    },
)

_PRODUCTS: dict[str, AccountProduct] = {
    product.product: product for product in map(reader(AccountProduct), shipped(__package__, "products.json"))
}


def product(name: str) -> AccountProduct:
    """The account product of that name; refuses where there is none."""
    if name not in _PRODUCTS:
        raise AccountProductNotFound(product=name)
    return _PRODUCTS[name]


def products() -> tuple[AccountProduct, ...]:
    """Every account product."""
    return tuple(_PRODUCTS.values())


def customers_account(view: View, account_id: str) -> Account:
    """The account of a customer; refuses one that is not there and one of the bank's own."""
    return accounts.load(view, account_id).must_be_customers()


def release_hold(unit: Unit, account_id: str, hold_id: str) -> Account:
    """The account once a hold is given back; where it had lapsed nobody is told."""
    present = accounts.load(unit, account_id)
    account, released = present.release_hold(hold_id, unit.now)
    if account != present:
        accounts.save(unit, account)
    if released:
        unit.record(released)
    return account
