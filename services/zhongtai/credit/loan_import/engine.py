"""What remains to be paid of loans under way, in columns: their schedules, and the lines these rest in.

A loan that lands has up to two lines before its schedule: what is in arrears, due since its oldest due date, and what
was repaid elsewhere, paid on the last due date, from which interest runs. So its lines add up to what was lent once,
and repayments, pay-off figures and the end of day find what they find of any loan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhongtai.credit.loan_import.domain import LoanRow
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.schedule_batches import schedules


@dataclass(frozen=True, slots=True)
class Flows:
    """Instalments that are not paid, in order of their due dates; amounts in minor units."""

    due: list[date]
    principal: list[int]
    interest: list[int]


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is not due yet of each loan, by its place among the rows; refused is what cannot be shared out so."""

    flows: dict[int, Flows]
    refusals: dict[int, Refusal]


def remaining(rows: Sequence[LoanRow]) -> Remaining:
    """The schedules of what is not due yet; none where nothing is to come."""
    flows: dict[int, Flows] = {}
    refusals: dict[int, Refusal] = {}
    by_manner: dict[Any, list[int]] = {}
    for place, row in enumerate(rows):
        if row.to_come:
            by_manner.setdefault(row.manner, []).append(place)
        else:
            flows[place] = Flows([], [], [])
    for (day_count, amortisation), places in by_manner.items():
        found = schedules([rows[place].terms for place in places], day_count, amortisation)
        due, principal, interest = found.due.tolist(), found.principal.tolist(), found.interest.tolist()
        first = found.first.tolist()
        for number, place in enumerate(places):
            at = slice(first[number], first[number + 1])
            if number in found.refusals:
                refusals[place] = found.refusals[number]
            else:
                flows[place] = Flows(due[at], principal[at], interest[at])
    return Remaining(flows, refusals)


def unpaid(row: LoanRow, to_come: Flows) -> Flows:
    """All that is not paid of a loan: what is in arrears, then what is to come."""
    if row.arrears_since is None:
        return to_come
    return Flows(
        [row.arrears_since, *to_come.due],
        [row.arrears_principal.minor_units, *to_come.principal],
        [row.arrears_interest.minor_units, *to_come.interest],
    )


def lines(row: LoanRow, to_come: Flows) -> Iterator[tuple[date, int, int, int, int]]:
    """The lines of a loan: due date, principal, interest, principal owed after it, principal paid; in minor units."""
    repaid = row.principal.minor_units - row.outstanding.minor_units
    owed = row.principal.minor_units
    if row.arrears_since is not None:
        arrears = row.arrears_principal.minor_units
        owed -= arrears
        yield row.arrears_since, arrears, row.arrears_interest.minor_units, owed, 0
    if repaid or row.last_due_date != row.start_date:
        owed -= repaid
        yield row.last_due_date, repaid, 0, owed, repaid
    for due, principal, interest in zip(to_come.due, to_come.principal, to_come.interest, strict=True):
        owed -= principal
        yield due, principal, interest, owed, 0
    assert owed == 0, "the lines add up to what was lent"
