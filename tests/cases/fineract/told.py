"""What the credit service tells, in the columns of the scenarios."""

from datetime import date
from typing import Any

from tests.cases.fineract.views import ScheduleRow, TransactionRow
from zhongtai.credit.v1 import loan_pb2
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.runtime.convert import date_of

PARTS = ("principal", "interest", "fee", "penalty")
STATUSES = {
    "SUBMITTED": "SUBMITTED_AND_PENDING_APPROVAL",
    "PENDING": "APPROVED",
    "ACTIVE": "ACTIVE",
    "PAID_OFF": "CLOSED_OBLIGATIONS_MET",
    "OVERPAID": "OVERPAID",
    "WRITTEN_OFF": "CLOSED_WRITTEN_OFF",
    "REJECTED": "REJECTED",
    "CANCELLED": "WITHDRAWN",
}


def loan_status(number: int) -> str:
    """How a loan stands, in the scenarios' words."""
    return STATUSES[loan_pb2.LoanStatus.Name(number).removeprefix("LOAN_STATUS_")]


def optional_date(message: Any, name: str) -> date | None:
    """A date of a message, where it is set."""
    return date_of(getattr(message, name)) if message.HasField(name) else None


def chronological(one: Any) -> tuple[date, bool, date, int]:
    """The order of history: by day, what sums a day up behind the rest, then as booked."""
    return date_of(one.dated), one.kind == "ACCRUAL_ACTIVITY", date_of(one.booked_on), one.number


def schedule_row(line: Any) -> ScheduleRow:
    """A line of the plan in the scenarios' columns."""
    start, due_on = optional_date(line, "start_on"), date_of(line.due_date)
    number = line.number if line.number > 0 else None
    due, paid = parts(line.due), parts(line.paid)
    return ScheduleRow(
        number=number,
        days=(due_on - start).days if start and number is not None else None,
        due_date=due_on,
        paid_date=optional_date(line, "paid_on"),
        balance=line.balance.minor_units,
        principal=due[0],
        interest=due[1],
        fees=due[2],
        penalties=due[3],
        due=sum(due),
        paid=sum(paid),
        in_advance=line.in_advance.minor_units,
        late=line.late.minor_units,
        waived=sum(parts(line.waived)),
        outstanding=line.outstanding.minor_units,
    )


def parts(owed: Any) -> list[int]:
    """Principal, interest, fees and penalties in minor units."""
    return [getattr(owed, part).minor_units for part in PARTS]


def transaction_row(one: Any, named: dict[str, str]) -> TransactionRow:
    """A transaction in the scenarios' columns."""
    return TransactionRow(
        id=one.transaction_id,
        operation=named.get(one.operation_id, one.operation_id),
        date=date_of(one.dated),
        type=TransactionType[one.kind].value,
        amount=one.amount.minor_units,
        principal=one.principal.minor_units,
        interest=one.interest.minor_units,
        fees=one.fee.minor_units,
        penalties=one.penalty.minor_units,
        balance=one.balance.minor_units,
        overpayment=one.overpaid.minor_units,
        reverted=one.reverted,
        replayed=one.replayed,
    )
