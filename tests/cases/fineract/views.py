"""What the scenarios look at: an account as its tables. Money is minor units; `None` is what is not there."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ScheduleRow:
    """A line of the repayment schedule; the row of a disbursement has no number."""

    number: int | None
    days: int | None
    due_date: date
    paid_date: date | None
    balance: int
    principal: int
    interest: int
    fees: int
    penalties: int
    due: int
    paid: int
    in_advance: int
    late: int
    waived: int
    outstanding: int


@dataclass(frozen=True)
class TransactionRow:
    """A line of the transaction table; `id` is how the account under test knows it, `operation` what booked it."""

    id: str
    operation: str
    date: date
    type: str
    amount: int
    principal: int
    interest: int
    fees: int
    penalties: int
    balance: int
    overpayment: int
    reverted: bool
    replayed: bool


@dataclass(frozen=True)
class ChargeRow:
    """A line of the charge table; the words are the scenarios'."""

    id: str
    name: str
    penalty: bool
    time: str
    due_date: date | None
    calculation: str
    due: int
    paid: int
    waived: int
    outstanding: int


@dataclass(frozen=True)
class JournalLine:
    """One side of a journal entry."""

    account: str
    debit: int
    credit: int


@dataclass(frozen=True)
class Delinquency:
    """How late the loan is: the bucket's range, since when, the overdue amount and its days."""

    range: str | None
    since: date | None
    amount: int
    days: int
    past_due_days: int
    past_due_date: date | None
    instalments: tuple[tuple[str, int], ...] = ()
    pauses: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class AccountView:
    """Everything a scenario can ask of an account, at the business date of its last operation."""

    status: str
    outstanding: int
    overpaid: int
    schedule: tuple[ScheduleRow, ...]
    transactions: tuple[TransactionRow, ...]
    charges: tuple[ChargeRow, ...] = ()
    interest_charged: int | None = None
    total_overdue: int = 0
    delinquency: Delinquency | None = None
