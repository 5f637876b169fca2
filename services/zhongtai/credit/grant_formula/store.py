"""The table of grant formulas: every version ever published."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.credit.grant_formula.domain import GrantFormula, GrantFormulaNotFound
from zhongtai.runtime.store import Records, day, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(GRANT_FORMULA)` is one.
GRANT_FORMULA = Table(
    "credit_grant_formula",
    metadata,
    text("formula_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    day("valid_from"),
    *money("step"),
    json("terms"),
    text("source"),
)

formulas = Records(GRANT_FORMULA, GrantFormula)

_LATEST_VERSION = select(func.coalesce(func.max(GRANT_FORMULA.c.version), 0)).where(
    GRANT_FORMULA.c.formula_id == bindparam("formula_id")
)
_VALID = (
    select(GRANT_FORMULA)
    .where(GRANT_FORMULA.c.formula_id == bindparam("formula_id"), GRANT_FORMULA.c.valid_from <= bindparam("on"))
    .order_by(GRANT_FORMULA.c.version.desc())
    .limit(1)
)


def latest_version(view: View, formula_id: str) -> int:
    """The highest version number of a formula; 0 where it was never published."""
    return int(view.rows(_LATEST_VERSION, {"formula_id": formula_id})[0][0])


def valid_formula(view: View, formula_id: str, on: date) -> GrantFormula:
    """The latest version valid on the day, or `GrantFormulaNotFound`."""
    rows = view.rows(_VALID, {"formula_id": formula_id, "on": on.isoformat()})
    if not rows:
        raise GrantFormulaNotFound(formula_id=formula_id, on=on)
    return formulas.value(rows[0])
