"""The table of late interest: one row for a loan that ever paid late."""

from datetime import date

from sqlalchemy import MetaData, Table

from zhongtai.credit.late_interest.domain import LateAccount, Reckoned, reckon
from zhongtai.credit.loan.domain import Loan
from zhongtai.credit.product import store as product_store
from zhongtai.runtime.store import Records, day, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

LATE_INTEREST = Table(
    "credit_late_interest",
    metadata,
    text("loan_id", primary_key=True),
    day("reckoned_through"),
    *money("owed"),
)
late_accounts = Records(LATE_INTEREST, LateAccount)


def reckoned(view: View, loan: Loan, on: date) -> Reckoned | None:
    """What is owed of late interest of a loan on a day; None where nothing is late, or its product charges none."""
    if loan.oldest_due_date is None or not loan.oldest_due_date < on:
        return None
    rule = product_store.products.load(view, loan.product_id, loan.product_version).late_interest
    if rule is None:
        return None
    return reckon(loan, rule, late_accounts.find(view, loan.loan_id), on)


def keep(unit: Unit, account: LateAccount) -> None:
    """Keeps what is owed after a payment."""
    known = late_accounts.find(unit, account.loan_id)
    (late_accounts.add if known is None else late_accounts.save)(unit, account)
