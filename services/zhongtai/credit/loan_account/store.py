"""The tables of loan accounts: the account, its operations (append-only), transactions, charges, its last checkpoint.

The row of the loan and the lines of its plan rest where those of every loan do (`credit/loan/store.py`).
"""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import MetaData, Table, bindparam, select

from zhongtai.credit.loan.store import INSTALMENT
from zhongtai.credit.loan_account.domain import (
    Changes,
    LoanAccount,
    LoanCharge,
    LoanCheckpoint,
    LoanOperation,
    LoanTransaction,
    PlanRow,
    Tables,
)
from zhongtai.runtime.store import Records, day, integer, json, money, octets, text
from zhongtai.runtime.unit import Unit, View

T = TypeVar("T")
metadata = MetaData()

ACCOUNT = Table(
    "credit_loan_account",
    metadata,
    text("loan_id", primary_key=True),
    json("terms"),
    integer("operations"),
    text("chain"),
    integer("returned"),
    json("reasons"),
)
OPERATION = Table(
    "credit_loan_operation",
    metadata,
    text("loan_id", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    text("operation_id"),
    text("kind"),
    day("booked_on"),
    day("dated", nullable=True),
    json("content"),
    text("chain"),
)
TRANSACTION = Table(
    "credit_loan_transaction",
    metadata,
    text("loan_id", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    text("transaction_id"),
    text("operation_id"),
    text("kind"),
    day("dated"),
    day("booked_on"),
    *money("amount"),
    *money("principal"),
    *money("interest"),
    *money("fee"),
    *money("penalty"),
    *money("overpaid"),
    *money("balance"),
    integer("reverted"),
    integer("replayed"),
    integer("replaced"),
    integer("charged_off"),
    integer("fraud"),
    text("of"),
)
CHARGE = Table(
    "credit_loan_charge",
    metadata,
    text("loan_id", primary_key=True),
    text("charge_id", primary_key=True),
    text("name"),
    integer("penalty"),
    day("due_on", nullable=True),
    *money("due"),
    *money("paid"),
    *money("waived"),
    *money("outstanding"),
)
CHECKPOINT = Table(
    "credit_loan_checkpoint",
    metadata,
    text("loan_id", primary_key=True),
    integer("number"),
    text("chain"),
    text("code"),
    octets("state"),
)

accounts = Records(ACCOUNT, LoanAccount)
checkpoints = Records(CHECKPOINT, LoanCheckpoint)
operations = Records(OPERATION, LoanOperation)
transactions = Records(TRANSACTION, LoanTransaction)
charges = Records(CHARGE, LoanCharge)
lines = Records(INSTALMENT, PlanRow)

_HISTORY = (
    select(OPERATION)
    .where(OPERATION.c.loan_id == bindparam("loan_id"), OPERATION.c.number > bindparam("after"))
    .order_by(OPERATION.c.number)
)
_TRANSACTIONS = select(TRANSACTION).where(TRANSACTION.c.loan_id == bindparam("loan_id")).order_by(TRANSACTION.c.number)
_CHARGES = select(CHARGE).where(CHARGE.c.loan_id == bindparam("loan_id")).order_by(CHARGE.c.charge_id)
_PLAN = (
    select(INSTALMENT)
    .where(INSTALMENT.c.loan_id == bindparam("loan_id"))
    .order_by(INSTALMENT.c.due_date, INSTALMENT.c.number)
)


def history(view: View, loan_id: str, *, after: int = 0) -> list[LoanOperation]:
    """The operations of an account behind the first so many, in the order they were given."""
    return [operations.value(row) for row in view.rows(_HISTORY, {"loan_id": loan_id, "after": after})]


def tables(view: View, loan_id: str) -> Tables:
    """What an account showed after its last operation."""
    key = {"loan_id": loan_id}
    return Tables(
        plan=tuple(lines.value(row) for row in view.rows(_PLAN, key)),
        transactions=tuple(transactions.value(row) for row in view.rows(_TRANSACTIONS, key)),
        charges=tuple(charges.value(row) for row in view.rows(_CHARGES, key)),
    )


def add(unit: Unit, account: LoanAccount, shown: Tables) -> None:
    """Writes a new account and what it shows."""
    accounts.add(unit, account)
    _put(unit, lines, shown.plan, new=True)
    _put(unit, transactions, shown.transactions, new=True)
    _put(unit, charges, shown.charges, new=True)


def save(unit: Unit, before: Tables, changes: Changes) -> None:
    """Writes what an operation changed."""
    if changes.booked:
        transactions.add_all(unit, changes.booked)
    if changed := (*changes.reverted, *changes.amended):
        transactions.save_all(unit, changed)
    known = {line.number for line in before.plan}
    _put(unit, lines, [line for line in changes.plan if line.number not in known], new=True)
    _put(unit, lines, [line for line in changes.plan if line.number in known], new=False)
    for number in changes.dropped:
        lines.remove(unit, changes.loan_id, number)
    charged = {charge.charge_id for charge in before.charges}
    _put(unit, charges, [charge for charge in changes.charges if charge.charge_id not in charged], new=True)
    _put(unit, charges, [charge for charge in changes.charges if charge.charge_id in charged], new=False)
    for charge_id in changes.dropped_charges:
        charges.remove(unit, changes.loan_id, charge_id)


def _put(unit: Unit, records: Records[T], values: Sequence[T], *, new: bool) -> None:
    if values:
        (records.add_all if new else records.save_all)(unit, values)
