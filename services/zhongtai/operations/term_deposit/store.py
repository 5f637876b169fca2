"""The tables of term deposits and of what is accrued for them; the products and posting rules that ship."""

from datetime import date
from fractions import Fraction

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Account
from zhongtai.operations.deposit_rate import store as rate_store
from zhongtai.operations.interest_tax import store as tax_store
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.operations.term_deposit.domain import (
    DAYS_IN_YEAR,
    TermDeposit,
    TermDepositNotFound,
    TermDepositProduct,
    TermDepositProductNotFound,
    TermDepositStatus,
    TermDepositTotal,
    WithdrawalRates,
)
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, decimal, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
TERM_DEPOSIT = Table(
    "term_deposit",
    metadata,
    text("term_deposit_id", primary_key=True),
    text("customer_id", index=True),
    text("account_id"),
    text("settlement_account_id"),
    text("product"),
    *money("principal"),
    decimal("rate"),
    day("starts_on"),
    day("matures_on", nullable=True),
    text("instruction"),
    integer("renewals"),
    integer("partial_withdrawals"),
    json("notice", nullable=True),
    integer("forfeited"),
    text("hold_id"),
    text("status"),
    Index("ix_term_deposit_status", "status", "matures_on"),
)
TOTAL = Table(
    "term_deposit_total",
    metadata,
    text("product", primary_key=True),
    text("currency_code", primary_key=True),
    day("through"),
    integer("payable_minor"),
)
deposits = Records(TERM_DEPOSIT, TermDeposit, missing=TermDepositNotFound)
totals = Records(TOTAL, TermDepositTotal)


PRODUCTS: dict[str, TermDepositProduct] = {
    product["product"]: reader(TermDepositProduct)(product) for product in shipped(__package__, "products.json")
}
RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}

# Deposits of one rate and one term earn alike, so a night reads one row for them all.
_ALIKE = (
    select(
        TERM_DEPOSIT.c.product,
        TERM_DEPOSIT.c.principal_currency,
        TERM_DEPOSIT.c.rate,
        TERM_DEPOSIT.c.starts_on,
        TERM_DEPOSIT.c.matures_on,
        func.sum(TERM_DEPOSIT.c.principal_minor),
    )
    .where(TERM_DEPOSIT.c.status != TermDepositStatus.CLOSED.value, TERM_DEPOSIT.c.starts_on <= bindparam("on"))
    .group_by(
        TERM_DEPOSIT.c.product,
        TERM_DEPOSIT.c.principal_currency,
        TERM_DEPOSIT.c.rate,
        TERM_DEPOSIT.c.starts_on,
        TERM_DEPOSIT.c.matures_on,
    )
)
_DUE = deposits.query(
    TERM_DEPOSIT.c.status == TermDepositStatus.OPEN.value,
    TERM_DEPOSIT.c.matures_on <= bindparam("on"),
    order_by=(TERM_DEPOSIT.c.matures_on, TERM_DEPOSIT.c.term_deposit_id),
    limit=100,
)
_TOTALS = totals.query(order_by=(TOTAL.c.product, TOTAL.c.currency_code))


def product(name: str) -> TermDepositProduct:
    """The product of that name; refuses where there is none."""
    if name not in PRODUCTS:
        raise TermDepositProductNotFound(product=name)
    return PRODUCTS[name]


def rule(name: str) -> PostingRule:
    """How a step of a deposit is booked."""
    return RULES[name]


def due(view: View, on: date) -> list[TermDeposit]:
    """The next deposits whose term is over by a day."""
    return _DUE(view, on=on.isoformat())


def rates(view: View, product: TermDepositProduct, on: date, settlement: Account) -> WithdrawalRates:
    """The rates listed on a day, and the tax on what the account is paid; refuses where one was never published."""
    demand, agreed = (
        rate_store.on_day(view, code, product.currency_code, on).tiers[0].rate for code in ("demand", product.rate_code)
    )
    return WithdrawalRates(demand, agreed, tax_store.rates_for(settlement.product))


def owed(view: View, on: date) -> dict[tuple[str, str], Fraction]:
    """What all deposits earned through the end of a day and were not paid, exactly, by product and currency.

    Those with a term earn its interest evenly; those on notice the rate listed on the day.
    """
    found: dict[tuple[str, str], Fraction] = {}
    for name, currency, rate, starts_on, matures_on, total in view.rows(_ALIKE, {"on": on.isoformat()}):
        kind, principal, start = PRODUCTS[name], int(total), date.fromisoformat(starts_on)
        if matures_on:
            days = (date.fromisoformat(matures_on) - start).days
            share = Fraction(min((on - start).days + 1, days), days)
            earned = principal * Fraction(rate) * Fraction(kind.months, 12) * share
        else:
            listed = rate_store.on_day(view, kind.rate_code, currency, on).tiers[0].rate
            earned = principal * Fraction(listed) * ((on - start).days + 1) / DAYS_IN_YEAR
        found[name, currency] = found.get((name, currency), Fraction(0)) + earned
    return found


def every_total(view: View) -> dict[tuple[str, str], TermDepositTotal]:
    """What is accrued, by product and currency."""
    return {(total.product, total.currency_code): total for total in _TOTALS(view)}


def total(view: View, product: str, interest: Money) -> TermDepositTotal | None:
    """What is accrued for a product in a currency, if anything was."""
    return totals.find(view, product, interest.currency)
