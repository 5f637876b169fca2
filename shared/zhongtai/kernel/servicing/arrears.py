"""Arrears: how late a loan is, since when, by how much, and in which range of its bucket.

A loan is past due from the first due date that passed without being met, or from the day a charge-back took away what
had been paid of a period. It is delinquent after the grace of its terms; days on which ageing is paused do not count.
Rules as Apache Fineract's delinquency service has them (Apache-2.0), in our own words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zhongtai.kernel.servicing.operations import EndDelinquencyPause, Operation, PauseDelinquency
from zhongtai.kernel.servicing.terms import Arrears, DelinquencyRange
from zhongtai.kernel.servicing.transactions import ScheduleRow, Transaction, TransactionType


@dataclass(frozen=True, slots=True)
class Pause:
    """Ageing stands still from `start` to `end`; the day of the end counts again."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a loan (or one instalment) is on a day.

    `past_due_on` is the day it became late and `past_due_days` how long ago that is; `delinquent_on` and
    `delinquent_days` count after grace and without paused days. `amount` is what is late, in minor units.
    """

    range: str | None = None
    past_due_on: date | None = None
    past_due_days: int = 0
    delinquent_on: date | None = None
    delinquent_days: int = 0
    amount: int = 0


NOT_LATE = Lateness()


def pauses(operations: Iterable[Operation]) -> tuple[Pause, ...]:
    """The pauses that were given; one that was ended early ends on that day."""
    found: list[Pause] = []
    for operation in operations:
        if isinstance(operation, PauseDelinquency):
            found.append(Pause(operation.start_on, operation.end_on))
        elif isinstance(operation, EndDelinquencyPause):
            on = operation.booked_on
            found = [Pause(each.start, on) if each.start <= on <= each.end else each for each in found]
    return tuple(found)


def lateness(
    schedule: Sequence[ScheduleRow],
    transactions: Sequence[Transaction],
    arrears: Arrears,
    on: date,
    paused: Sequence[Pause] = (),
) -> Lateness:
    """How late an active loan is on a day; a loan that is not active is not late and need not be asked about."""
    since: date | None = None
    amount, next_seen = 0, False
    instalments = [row for row in schedule if row.number is not None]
    for row in instalments:
        if row.paid_on is not None:
            continue
        if row.due_on < on:
            amount += row.outstanding
            since = since or overdue_since(row, transactions, last=row is instalments[-1])
        elif not next_seen:
            next_seen = True
            charged_back_on, short = charged_back(row, transactions, on)
            amount += short
            since = since or charged_back_on
    return aged(since, amount, arrears.ranges, on, paused, arrears.grace_days)


def lateness_by_instalment(
    schedule: Sequence[ScheduleRow],
    transactions: Sequence[Transaction],
    arrears: Arrears,
    on: date,
    paused: Sequence[Pause] = (),
) -> dict[str, int]:
    """What is late in each range, instalment by instalment, without grace; a loan that is not delinquent has none."""
    found: dict[str, int] = {}
    if lateness(schedule, transactions, arrears, on, paused).range is None:
        return found
    instalments = [row for row in schedule if row.number is not None and row.paid_on is None]
    for row in instalments:
        if row.due_on < on:
            since: date | None = overdue_since(row, transactions, last=row is instalments[-1])
            amount = row.outstanding
        else:
            since, amount = charged_back(row, transactions, on)
        late = aged(since, amount, arrears.ranges, on, paused, 0)
        if late.range is not None:
            found[late.range] = found.get(late.range, 0) + late.amount
    return found


def overdue(schedule: Sequence[ScheduleRow], on: date) -> int:
    """What was due before the day and is still owed, in minor units."""
    return sum(row.outstanding for row in schedule if row.number is not None and row.due_on < on)


def overdue_since(row: ScheduleRow, transactions: Sequence[Transaction], *, last: bool) -> date:
    """Since when an overdue instalment is late: its due date, or the charge-back that took what was paid of it."""
    available = row.paid.total
    for each in charge_backs(row, transactions, to_the_end=last):
        available -= each.amount
        if available < 0:
            return each.dated
    return row.due_on


def charged_back(row: ScheduleRow, transactions: Sequence[Transaction], on: date) -> tuple[date | None, int]:
    """Since when, and by how much, charge-backs took more of an instalment not yet due than was paid of it."""
    available, since = row.paid.total, None
    for each in charge_backs(row, transactions, to_the_end=False):
        if each.dated < on:
            available -= each.amount
            if available < 0:
                since = each.dated
    return since, max(-available, 0)


def charge_backs(row: ScheduleRow, transactions: Sequence[Transaction], *, to_the_end: bool) -> list[Transaction]:
    """The charge-backs within a period; its due date counts only at the end of the loan."""
    start = row.start_on or row.due_on
    return [
        each
        for each in transactions
        if each.type is TransactionType.CHARGEBACK
        and not each.reverted
        and start <= each.dated
        and (each.dated < row.due_on or (to_the_end and each.dated == row.due_on))
    ]


def aged(  # noqa: PLR0917 - an amount, its day, and the four rules it is aged by
    since: date | None,
    amount: int,
    ranges: Sequence[DelinquencyRange],
    on: date,
    paused: Sequence[Pause],
    grace_days: int,
) -> Lateness:
    """The ages of an amount that is late since a day."""
    if since is None:
        return Lateness(amount=amount)
    past_due = max((on - since).days, 0)
    days = max(past_due - paused_days(paused, since, on) - grace_days, 0) if past_due else 0
    return Lateness(
        range=range_of(days, ranges),
        past_due_on=since,
        past_due_days=past_due,
        delinquent_on=since + timedelta(days=grace_days),
        delinquent_days=days,
        amount=amount,
    )


def paused_days(paused: Sequence[Pause], start: date, end: date) -> int:
    """How many of the days from `start` until before `end` ageing stood still."""
    return sum(max((min(each.end, end) - max(each.start, start)).days, 0) for each in paused)


def range_of(days: int, ranges: Sequence[DelinquencyRange]) -> str | None:
    """The range that holds the days; none for no day."""
    for each in sorted(ranges, key=lambda one: one.first):
        if days > 0 and each.first <= days and (each.last is None or days <= each.last):
            return each.name
    return None
