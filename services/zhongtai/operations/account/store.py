"""How accounts rest: one row each, its live holds inside; and the products they are opened under."""

import json as json_text
from collections.abc import Sequence
from importlib.resources import files

from sqlalchemy import MetaData, Table

from zhongtai.operations.account.domain import (
    Account,
    AccountNotFound,
    AccountProduct,
    AccountProductNotFound,
)
from zhongtai.runtime.plain import reader
from zhongtai.runtime.store import Records, integer, json, money, text
from zhongtai.runtime.unit import View

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
    integer("overdraft"),
    text("status"),
    *money("balance"),
    json("holds"),
)
accounts = Records(ACCOUNT, Account, missing=AccountNotFound)

_PRODUCTS: dict[str, AccountProduct] = {
    product.product: product
    for product in map(
        reader(AccountProduct), json_text.loads((files(__package__) / "products.json").read_text(encoding="utf-8"))
    )
}


# Above this many accounts one query for all is cheaper than the kept statement for each.
_FEW = 8
_IN_MAX = 10_000


def load_all(view: View, account_ids: Sequence[str]) -> dict[str, Account]:
    """The accounts of those ids, by id; refuses where one is not there."""
    if len(account_ids) <= _FEW:
        return {account_id: accounts.load(view, account_id) for account_id in account_ids}
    found: dict[str, Account] = {}
    for start in range(0, len(account_ids), _IN_MAX):
        part = account_ids[start : start + _IN_MAX]
        found |= {account.account_id: account for account in accounts.where(view, ACCOUNT.c.account_id.in_(part))}
    for account_id in account_ids:
        if account_id not in found:
            raise AccountNotFound(account_id=account_id)
    return found


def product(name: str) -> AccountProduct:
    """The account product of that name; refuses where there is none."""
    if name not in _PRODUCTS:
        raise AccountProductNotFound(product=name)
    return _PRODUCTS[name]


def products() -> tuple[AccountProduct, ...]:
    """Every account product."""
    return tuple(_PRODUCTS.values())
