"""The tables of the risk of loans: flags, probations, and the days on which a loan must be looked at again.

`credit_loan_risk_change` is to what is known of a loan what `credit_loan_change` is to the loan: one row for each
business date on which it changed, with how its circumstances stood before the first change of the date. Rows of days
to come say that time alone will change something: a guarantee ends, an observation is over. The close of a day looks
at the loans of the rows up to its date, and takes them away.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import BindParameter, Index, MetaData, Table, bindparam, select
from sqlalchemy import text as sql

from zhongtai.credit.loan_risk.domain import Circumstances, Probation, RiskFlag, RiskFlagNotFound, Undrawn
from zhongtai.runtime.plain import from_json, to_json
from zhongtai.runtime.store import Records, day, decimal, json, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

FLAG = Table(
    "credit_risk_flag",
    metadata,
    text("loan_id", primary_key=True),
    text("flag_id", primary_key=True),
    text("kind"),
    text("reason"),
    day("since"),
    text("evidence", nullable=True),
    decimal("share", nullable=True),
    *money("amount", nullable=True),
    day("placed_on"),
    text("placed_by"),
    day("lifted_on", nullable=True),
    text("lifted_by"),
    text("lift_reason"),
)
PROBATION = Table(
    "credit_loan_probation",
    metadata,
    text("loan_id", primary_key=True),
    day("missed_on", nullable=True),
    day("cleared_on", nullable=True),
)
UNDRAWN = Table(
    "credit_loan_undrawn",
    metadata,
    text("loan_id", primary_key=True),
    *money("undrawn"),
)
LOAN_RISK_CHANGE = Table(
    "credit_loan_risk_change",
    metadata,
    day("changed_on", primary_key=True),
    text("loan_id", primary_key=True),
    json("before", nullable=True),
    Index("credit_loan_risk_change_of_loan", "loan_id", "changed_on"),
)

flags = Records(FLAG, RiskFlag, missing=RiskFlagNotFound)
probations = Records(PROBATION, Probation)
undrawn = Records(UNDRAWN, Undrawn)

_LOAN_IDS: BindParameter[Sequence[str]] = bindparam("loan_ids", expanding=True)
_FLAGS = select(FLAG).where(FLAG.c.loan_id.in_(_LOAN_IDS)).order_by(FLAG.c.loan_id, FLAG.c.flag_id)
_PROBATIONS = select(PROBATION).where(PROBATION.c.loan_id.in_(_LOAN_IDS))
_UNDRAWN = select(UNDRAWN.c.loan_id, UNDRAWN.c.undrawn_minor).where(UNDRAWN.c.loan_id.in_(_LOAN_IDS))
_BEFORE = (
    select(LOAN_RISK_CHANGE.c.loan_id, LOAN_RISK_CHANGE.c.before)
    .where(
        LOAN_RISK_CHANGE.c.loan_id.in_(_LOAN_IDS),
        LOAN_RISK_CHANGE.c.changed_on > bindparam("on"),
        LOAN_RISK_CHANGE.c.before.is_not(None),
    )
    .order_by(LOAN_RISK_CHANGE.c.loan_id, LOAN_RISK_CHANGE.c.changed_on.desc())
)
# The first change of a date keeps how the loan stood; a row that only waits for the day knows nothing yet.
_NOTE = sql(
    """
    INSERT INTO credit_loan_risk_change (changed_on, loan_id, before) VALUES (:changed_on, :loan_id, :before)
    ON CONFLICT (changed_on, loan_id) DO UPDATE SET before = COALESCE(credit_loan_risk_change.before, excluded.before)
    """
)


def flags_of(view: View, loan_ids: Sequence[str]) -> dict[str, list[RiskFlag]]:
    """Every flag ever placed on loans, by loan, in the order they were placed."""
    found: dict[str, list[RiskFlag]] = {}
    for row in view.rows(_FLAGS, {"loan_ids": loan_ids}):
        flag = flags.value(row)
        found.setdefault(flag.loan_id, []).append(flag)
    return found


def standing(view: View, loan_id: str, on: date) -> list[RiskFlag]:
    """The flags that stand on a loan on a day."""
    return [flag for flag in flags_of(view, [loan_id]).get(loan_id, []) if flag.stands(on)]


def probations_of(view: View, loan_ids: Sequence[str]) -> dict[str, Probation]:
    """The probations of loans that have one."""
    return {row.loan_id: probations.value(row) for row in view.rows(_PROBATIONS, {"loan_ids": loan_ids})}


def keep_probation(unit: Unit, kept: Probation) -> None:
    """Writes a probation."""
    if probations.find(unit, kept.loan_id) is None:
        probations.add(unit, kept)
    else:
        probations.save(unit, kept)


def undrawn_of(view: View, loan_ids: Sequence[str]) -> dict[str, int]:
    """What of loans was approved and may still be drawn, in minor units; loans of which nothing may are left out."""
    rows = view.rows(_UNDRAWN, {"loan_ids": loan_ids})
    return {row.loan_id: int(row.undrawn_minor) for row in rows if row.undrawn_minor}


def keep_undrawn(unit: Unit, kept: Undrawn) -> None:
    """Writes what of a loan may still be drawn."""
    if undrawn.find(unit, kept.loan_id) is None:
        undrawn.add(unit, kept)
    else:
        undrawn.save(unit, kept)


def before_later_changes(view: View, loan_ids: Sequence[str], on: date) -> dict[str, Circumstances]:
    """The circumstances at the close of a day of loans whose circumstances changed after it."""
    rows = view.rows(_BEFORE, {"loan_ids": loan_ids, "on": on.isoformat()})
    # The earliest change after the day comes last, and stays.
    return {row.loan_id: from_json(row.before, Circumstances) for row in rows}


def note(unit: Unit, loan_id: str, before: Circumstances | None, on: date) -> None:
    """Notes that a loan is to be looked at by the close of a day; `before` is how it stood, if it changes now."""
    content = None if before is None else to_json(before)
    unit.execute(_NOTE, {"changed_on": on.isoformat(), "loan_id": loan_id, "before": content})
