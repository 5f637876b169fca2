"""The tables of the caps on large exposures, and of the capital they are shares of."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import MetaData, Table, bindparam, func, select, true

from zhongtai.credit.exposure_rule.domain import (
    CapitalBase,
    CapitalBaseNotFound,
    ExposureRules,
    ExposureRulesNotFound,
    Measure,
)
from zhongtai.runtime.store import Records, day, integer, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the values' fields, so that a row of `select(…)` is one.
EXPOSURE_RULES = Table(
    "credit_exposure_rules",
    metadata,
    integer("version", primary_key=True, autoincrement=False),
    day("valid_from"),
    json("caps"),
    text("source"),
    json("factors"),
)
CAPITAL_BASE = Table(
    "credit_capital_base",
    metadata,
    day("as_of", primary_key=True),
    *money("net_capital"),
    *money("tier_1"),
    json("rates"),
)

rules = Records(EXPOSURE_RULES, ExposureRules)
capital_bases = Records(CAPITAL_BASE, CapitalBase)

_LATEST_VERSION = select(func.coalesce(func.max(EXPOSURE_RULES.c.version), 0))
_VALID_RULES = (
    select(EXPOSURE_RULES)
    .where(EXPOSURE_RULES.c.valid_from <= bindparam("on"))
    .order_by(EXPOSURE_RULES.c.version.desc())
    .limit(1)
)
_CAPITAL = (
    select(CAPITAL_BASE).where(CAPITAL_BASE.c.as_of <= bindparam("on")).order_by(CAPITAL_BASE.c.as_of.desc()).limit(1)
)
_CAPITAL_ON, _RULES_ON = _CAPITAL.subquery(), _VALID_RULES.subquery()
_MEASURE = select(_CAPITAL_ON, _RULES_ON).select_from(_CAPITAL_ON.outerjoin(_RULES_ON, true()))


def latest_version(view: View) -> int:
    """The highest version number; 0 where none was published."""
    return int(view.rows(_LATEST_VERSION)[0][0])


def valid_rules(view: View, on: date) -> ExposureRules:
    """The latest version valid on the day, or `ExposureRulesNotFound`."""
    rows = view.rows(_VALID_RULES, {"on": on.isoformat()})
    if not rows:
        raise ExposureRulesNotFound(on=on)
    return rules.value(rows[0])


def find_capital(view: View, on: date) -> CapitalBase | None:
    """The newest capital as of the day or earlier, if any."""
    rows = view.rows(_CAPITAL, {"on": on.isoformat()})
    return capital_bases.value(rows[0]) if rows else None


def capital_of(view: View, on: date) -> CapitalBase:
    """The same, or `CapitalBaseNotFound`."""
    capital = find_capital(view, on)
    if capital is None:
        raise CapitalBaseNotFound(on=on)
    return capital


def measure(view: View, on: date) -> Measure | None:
    """What exposures are measured by on a day; None before the bank has published its capital."""
    rows = view.rows(_MEASURE, {"on": on.isoformat()})
    if not rows:
        return None
    measured = _measured(tuple(rows[0]))
    if measured is None:
        raise ExposureRulesNotFound(on=on)
    return measured


# What was published never changes: one row is one measure for ever, so the last few are kept as they were read.
@lru_cache(maxsize=8)
def _measured(row: tuple[Any, ...]) -> Measure | None:
    own = len(CAPITAL_BASE.c)
    return None if row[own] is None else Measure(rules.value(row[own:]), capital_bases.value(row[:own]))
