"""How released rules rest: one row for each version, never changed; and the balances that a rule reads."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from sqlalchemy import MetaData, Table, bindparam, select

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.chart import store as chart_store
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.posting_rule.domain import PostingRule, PostingRuleNotFound, ReleasedRule
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import View

metadata = MetaData()
POSTING_RULE = Table(
    "posting_rule",
    metadata,
    text("rule", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    text("narrative"),
    text("terms"),
    day("effective_from"),
    day("released_on"),
    text("released_by"),
)
rules = Records(POSTING_RULE, ReleasedRule)
_IN_FORCE = (
    select(POSTING_RULE.c.version)
    .where(POSTING_RULE.c.rule == bindparam("rule"), POSTING_RULE.c.effective_from <= bindparam("today"))
    .order_by(POSTING_RULE.c.version.desc())
    .limit(1)
)


def load(view: View, rule: str, version: int) -> ReleasedRule:
    """The version of that number, or for 0 the last one that is in force today; refuses `PostingRuleNotFound`."""
    if not version:
        rows = view.rows(_IN_FORCE, {"rule": rule, "today": view.business_date.isoformat()})
        version = rows[0][0] if rows else 0
    found = rules.find(view, rule, version)
    if found is None:
        raise PostingRuleNotFound(rule=rule, version=version)
    return found


@lru_cache(maxsize=256)
def read(released: ReleasedRule) -> PostingRule:
    """The rule that a version says: reading it costs more than asking it."""
    return released.read()


class LedgerBalances:
    """What accounts and codes have on the ledger now, on the credit side: what a rule reads (`posting_term.Balances`).

    An account gives what is available on it. A code of the chart, and an account that a debit lets grow, have no bound.
    """

    def __init__(self, view: View) -> None:
        self._view = view

    def balance(self, account: str, currency: str, colour: str) -> int:
        """The units that are free, credits above zero; nothing of any colour, which the ledger does not know."""
        if colour:
            return 0
        if account.isdecimal():
            return -self._closings(account).get(currency, 0)
        found = self._account(account)
        if found.currency_code != currency:
            return 0
        free = found.balance - found.held(self._view.now)
        return free.minor_units if found.side is Side.CREDIT else -free.minor_units

    def overdraft(self, account: str, currency: str) -> int | None:
        """How far below zero an account may go; None where there is no bound."""
        if account.isdecimal():
            chart_store.in_force(self._view).must_take_postings(account)
            return None
        found = self._account(account)
        return None if found.floor is None or found.side is Side.DEBIT else -found.floor.minor_units

    def currencies(self, account: str) -> Iterable[str]:
        """The currencies it has something of."""
        return self._closings(account) if account.isdecimal() else [self._account(account).currency_code]

    def metadata(self, account: str, key: str) -> str | None:
        """What the account is opened under: its customer, class, product, code, currency and status."""
        found = self._account(account)
        kept = {
            "customer_id": found.customer_id,
            "account_class": found.account_class,
            "product": found.product,
            "account_code": found.account_code,
            "currency_code": found.currency_code,
            "status": found.status,
        }
        return kept.get(key)

    def _closings(self, account_code: str) -> dict[str, int]:
        """The latest balance of a code in each currency, debits above zero."""
        return dict(ledger_store.closings_of(self._view, account_code, date.max))

    def _account(self, account_id: str) -> Account:
        return account_store.accounts.load(self._view, account_id)
