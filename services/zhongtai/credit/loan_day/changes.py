"""What a close reads of loans: those that changed by the day, their schedules, and the periods that ended.

The same text runs on SQLite and PostgreSQL. A loan is read as it stood at the close of the day, whatever was booked
since: `credit_loan_change` holds how it stood before the first change of each later date. The loans of a close are
taken from the changes before they are read: what is booked late, for a day under way, is a change of its own again,
and seen by the next close. So loans are read beside the writer, and nothing is lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import TextualSelect, bindparam, column
from sqlalchemy import text as sql

from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanSummary
from zhongtai.credit.loan_day import store
from zhongtai.credit.loan_day.engine.columns import BEHIND, PERIODS, Integers, Periods, day_number
from zhongtai.runtime.unit import Unit, View

# So many loans are taken, and so many looked at, in one short transaction.
TAKEN_AT_ONCE = 512
AT_ONCE = 512
# So many periods are asked for by one text, which is prepared once.
_PERIODS_AT_ONCE = 128

_STOOD = ("status", "outstanding_minor", "oldest_due_date")
_LOAN = ", ".join(
    f"CASE WHEN b.loan_id IS NULL THEN l.{column.name} ELSE b.{column.name} END AS {column.name}"
    if column.name in _STOOD
    else f"l.{column.name}"
    for column in loan_store.LOAN.columns
)
# An expression keeps the dates from choosing the index: the loans are wanted in their order.
_OF_LOANS = """
    SELECT * FROM (
        SELECT c.loan_id, MAX(c.terms_changed) AS terms_changed FROM credit_loan_change AS c
        WHERE COALESCE(c.changed_on, '') <= :on_date AND c.loan_id > :after
        GROUP BY c.loan_id ORDER BY c.loan_id LIMIT :most) AS loan_changes
"""
_OF_RISKS = """
    SELECT * FROM (
        SELECT r.loan_id, 0 AS terms_changed FROM credit_loan_risk_change AS r
        WHERE COALESCE(r.changed_on, '') <= :on_date AND r.loan_id > :after
        GROUP BY r.loan_id ORDER BY r.loan_id LIMIT :most) AS risk_changes
"""
_OF_ALL = """
    SELECT * FROM (
        SELECT k.loan_id, 0 AS terms_changed FROM credit_loan_day_contract AS k
        WHERE :anew = 1 AND k.owed = 1 AND k.loan_id > :after
        ORDER BY k.loan_id LIMIT :most) AS contracts
"""
_TAKEN = """
    SELECT * FROM (
        SELECT t.loan_id, t.terms_changed FROM credit_loan_day_taken AS t
        WHERE t.loan_id > :after ORDER BY t.loan_id LIMIT :most) AS taken
"""


def _by_loan(*sources: str) -> str:
    """The next loans of these sources, each once."""
    return f"""
        SELECT m.loan_id, MAX(m.terms_changed) AS terms_changed FROM ({" UNION ALL ".join(sources)}) AS m
        GROUP BY m.loan_id ORDER BY m.loan_id LIMIT :most
    """


_TAKE = sql(_by_loan(_OF_LOANS, _OF_RISKS, _OF_ALL)).columns(column("loan_id"), column("terms_changed"))
_ADD_TAKEN = store.TAKEN.insert()
_FORGET_TAKEN = store.TAKEN.delete().where(
    store.TAKEN.c.loan_id > bindparam("after"), store.TAKEN.c.loan_id <= bindparam("through")
)
_FORGET = tuple(
    sql(
        f"""
        DELETE FROM {table}
        WHERE COALESCE(changed_on, '') <= :on_date AND loan_id > :after AND loan_id <= :through
        """
    )
    for table in ("credit_loan_change", "credit_loan_risk_change")
)
_BY_PLACE = """
    SELECT m.loan_id, MAX(m.terms_changed) AS terms_changed FROM (
        SELECT t.loan_id, t.terms_changed FROM credit_loan_day_taken AS t
        UNION ALL SELECT c.loan_id, c.terms_changed FROM credit_loan_change AS c WHERE c.changed_on <= :on_date
        UNION ALL SELECT r.loan_id, 0 FROM credit_loan_risk_change AS r WHERE r.changed_on <= :on_date
        UNION ALL SELECT k.loan_id, 0 FROM credit_loan_day_contract AS k
            WHERE :anew = 1 AND k.owed = 1 AND k.place BETWEEN :first AND :last) AS m
    JOIN credit_loan_day_contract AS p ON p.loan_id = m.loan_id
    WHERE p.place BETWEEN :first AND :last
    GROUP BY m.loan_id
"""


def _changed(which: str) -> TextualSelect:
    told = (*(each.name for each in loan_store.LOAN.columns), "terms_changed", "place", "was_owed")
    return sql(
        f"""
        SELECT {_LOAN}, w.terms_changed, k.place, k.owed AS was_owed
        FROM ({which}) AS w
        JOIN credit_loan AS l ON l.loan_id = w.loan_id
        LEFT JOIN credit_loan_change AS b ON b.loan_id = w.loan_id AND b.changed_on = (
            SELECT MIN(n.changed_on) FROM credit_loan_change AS n
            WHERE n.loan_id = w.loan_id AND n.changed_on > :on_date)
        LEFT JOIN credit_loan_day_contract AS k ON k.loan_id = w.loan_id
        ORDER BY w.loan_id
        """
    ).columns(*(column(name) for name in told))


_CHANGED_TAKEN = _changed(_by_loan(_TAKEN))
_CHANGED_BY_LOAN = _changed(_by_loan(_TAKEN, _OF_LOANS, _OF_RISKS))
_CHANGED_BY_PLACE = _changed(_BY_PLACE)

# What a schedule says by a day: what fell due, what was paid, and the period that runs.
_SCHEDULES = sql(
    """
    SELECT s.loan_id, s.due_interest, s.paid_interest, s.last_number, s.starts_on, r.number, r.due_date AS ends_on,
        r.balance_minor + r.principal_minor AS balance
    FROM (
        SELECT loan_id,
            SUM(CASE WHEN due_date <= :on_date THEN interest_minor ELSE 0 END) AS due_interest,
            SUM(interest_paid_minor) AS paid_interest,
            MAX(number) AS last_number,
            MAX(CASE WHEN due_date <= :on_date THEN due_date END) AS starts_on,
            MIN(CASE WHEN due_date > :on_date THEN number END) AS running
        FROM credit_loan_instalment WHERE loan_id IN :loan_ids GROUP BY loan_id
    ) AS s
    LEFT JOIN credit_loan_instalment AS r ON r.loan_id = s.loan_id AND r.number = s.running
    """
).bindparams(bindparam("loan_ids", expanding=True))

_ASKED = ", ".join(f"(CAST(:p{one} AS BIGINT), CAST(:n{one} AS BIGINT))" for one in range(_PERIODS_AT_ONCE))
# One look into the schedule for each: the period that ended and the one behind it lie side by side.
_PERIODS = sql(
    f"""
    WITH asked (place, number) AS (VALUES {_ASKED})
    SELECT a.place, MIN(CASE WHEN i.number = a.number THEN i.interest_minor END) AS interest,
        MAX(CASE WHEN i.number > a.number THEN i.due_date END) AS due_date,
        MAX(CASE WHEN i.number > a.number THEN i.balance_minor + i.principal_minor END) AS balance
    FROM asked AS a
    JOIN credit_loan_day_contract AS k ON k.place = a.place
    JOIN credit_loan_instalment AS i ON i.loan_id = k.loan_id AND i.number BETWEEN a.number AND a.number + 1
    GROUP BY a.place
    """
).columns(column("place"), column("interest"), column("due_date"), column("balance"))


@dataclass(frozen=True, slots=True)
class ChangedLoan:
    """A loan that changed, as it stood at the close; `place` is None where it never had one."""

    loan: LoanSummary
    terms_changed: bool
    place: int | None
    was_owed: bool


def take(unit: Unit, on: date, after: str, *, anew: bool) -> str:
    """Takes the next loans that changed by a day, or all that are owed; answers the last, "" behind them all."""
    asked = {"on_date": on.isoformat(), "after": after, "anew": int(anew), "most": TAKEN_AT_ONCE}
    found = [{"loan_id": row.loan_id, "terms_changed": row.terms_changed} for row in unit.rows(_TAKE, asked)]
    if not found:
        return ""
    through: str = found[-1]["loan_id"]
    unit.execute(_ADD_TAKEN, found)
    for forget in _FORGET:
        unit.execute(forget, {"on_date": on.isoformat(), "after": after, "through": through})
    return through


def taken(view: View, on: date, after: str) -> list[ChangedLoan]:
    """The next loans taken, behind a loan, in order."""
    return _values(view, _CHANGED_TAKEN, {"on_date": on.isoformat(), "after": after, "most": AT_ONCE})


def by_loan(view: View, on: date, after: str) -> list[ChangedLoan]:
    """The next loans that changed by a day, behind a loan, in order: those taken, and what was booked since."""
    return _values(view, _CHANGED_BY_LOAN, {"on_date": on.isoformat(), "after": after, "most": AT_ONCE})


def by_place(view: View, on: date, partition: int, *, anew: bool) -> list[ChangedLoan]:
    """The loans of a partition that changed by a day, or all that are owed."""
    asked = {"on_date": on.isoformat(), "anew": int(anew), **store.places_of(partition)}
    return _values(view, _CHANGED_BY_PLACE, asked)


def forget_taken(unit: Unit, after: str, through: str) -> None:
    """Forgets the loans taken that were looked at, behind one and through another."""
    unit.execute(_FORGET_TAKEN, {"after": after, "through": through})


def schedules(view: View, on: date, loan_ids: Sequence[str]) -> dict[str, Any]:
    """What the schedules of loans say by a day."""
    if not loan_ids:
        return {}
    return {row.loan_id: row for row in view.rows(_SCHEDULES, {"on_date": on.isoformat(), "loan_ids": loan_ids})}


def periods(view: View, first: int, at: NDArray[np.intp], numbers: Integers) -> Periods:
    """The periods of these numbers that ended, of contracts `at` places counted from `first`."""
    asked = list(zip((at + first).tolist(), numbers.tolist(), strict=True))
    found = np.array([row for some in _chunks(asked) for row in _ended(view, first, some)], np.int64)
    return Periods(*found.reshape(-1, len(PERIODS)).T)


def _ended(view: View, first: int, asked: Sequence[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    parameters = {}
    for one in range(_PERIODS_AT_ONCE):
        # No contract has the place before the first.
        parameters[f"p{one}"], parameters[f"n{one}"] = asked[one] if one < len(asked) else (-1, 0)
    for place, interest, due_date, balance in view.rows(_PERIODS, parameters):
        if due_date is None:
            yield place - first, interest, BEHIND, 0
        else:
            yield place - first, interest, day_number(date.fromisoformat(due_date)), balance


def _chunks(asked: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    for start in range(0, len(asked), _PERIODS_AT_ONCE):
        yield asked[start : start + _PERIODS_AT_ONCE]


def _values(view: View, statement: TextualSelect, parameters: dict[str, Any]) -> list[ChangedLoan]:
    return [
        ChangedLoan(loan_store.summaries.value(row), bool(row.terms_changed), row.place, bool(row.was_owed))
        for row in view.rows(statement, parameters)
    ]
