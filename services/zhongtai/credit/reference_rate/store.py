"""The table of quotes, every version of each."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.credit.reference_rate.domain import ReferenceRate, ReferenceRateNotFound
from zhongtai.runtime.store import Records, day, decimal, integer, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(…)` is one.
REFERENCE_RATE = Table(
    "credit_reference_rate",
    metadata,
    text("benchmark", primary_key=True),
    day("effective_on", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    decimal("rate"),
    text("source"),
)
reference_rates = Records(REFERENCE_RATE, ReferenceRate)

_OF_BENCHMARK = REFERENCE_RATE.c.benchmark == bindparam("benchmark")
_IN_FORCE = (
    select(REFERENCE_RATE)
    .where(_OF_BENCHMARK, REFERENCE_RATE.c.effective_on <= bindparam("on"))
    .order_by(REFERENCE_RATE.c.effective_on.desc(), REFERENCE_RATE.c.version.desc())
    .limit(1)
)
# Forty years of a monthly quote, corrections apart.
QUOTES_MAX = 500
_OF_ALL_DAYS = (
    select(REFERENCE_RATE)
    .where(_OF_BENCHMARK)
    .order_by(REFERENCE_RATE.c.effective_on.desc(), REFERENCE_RATE.c.version.desc())
    .limit(QUOTES_MAX)
)
_LATEST_VERSION = select(func.coalesce(func.max(REFERENCE_RATE.c.version), 0)).where(
    _OF_BENCHMARK, REFERENCE_RATE.c.effective_on == bindparam("effective_on")
)


def in_force(view: View, benchmark: str, on: date) -> ReferenceRate:
    """The quote in force on a day, or `ReferenceRateNotFound`."""
    rows = view.rows(_IN_FORCE, {"benchmark": benchmark, "on": on.isoformat()})
    if not rows:
        raise ReferenceRateNotFound(benchmark=benchmark, on=on)
    return reference_rates.value(rows[0])


def latest_version(view: View, benchmark: str, effective_on: date) -> int:
    """The highest version of the quote of a day; 0 where there is none."""
    return int(view.rows(_LATEST_VERSION, {"benchmark": benchmark, "effective_on": effective_on.isoformat()})[0][0])


def quotes(view: View, benchmark: str) -> list[ReferenceRate]:
    """Every quote of a benchmark in its latest version, the oldest first; the newest ones where there are too many."""
    rows = view.rows(_OF_ALL_DAYS, {"benchmark": benchmark})
    newest = {row[1]: reference_rates.value(row) for row in reversed(rows)}
    return list(newest.values())
