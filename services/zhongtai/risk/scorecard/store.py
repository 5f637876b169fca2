"""The table of scorecard versions. A row is never changed, so a version that was read once is kept in memory."""

from functools import lru_cache
from typing import Any

from sqlalchemy import MetaData, Table, bindparam, select

from zhongtai.risk.scorecard.domain import Scorecard, ScorecardNotFound
from zhongtai.runtime.store import Records, day, decimal, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(SCORECARD)` is one.
SCORECARD = Table(
    "risk_scorecard",
    metadata,
    text("scorecard_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    text("name"),
    text("name_zh"),
    integer("initial_points"),
    integer("base_score"),
    decimal("base_odds"),
    integer("points_to_double_odds"),
    json("characteristics"),
    json("development", nullable=True),
    json("holdout", nullable=True),
    decimal("population_stability_index", nullable=True),
    json("training", nullable=True),
    day("published_on"),
)

scorecards = Records(SCORECARD, Scorecard)

_THIS = select(SCORECARD).where(
    SCORECARD.c.scorecard_id == bindparam("scorecard_id"), SCORECARD.c.version == bindparam("version")
)
_NEWEST = (
    select(SCORECARD)
    .where(SCORECARD.c.scorecard_id == bindparam("scorecard_id"), SCORECARD.c.version > bindparam("version"))
    .order_by(SCORECARD.c.version.desc())
    .limit(1)
)


def load(view: View, scorecard_id: str, version: int) -> Scorecard:
    """The version of that number, or the newest for 0; refuses `ScorecardNotFound`."""
    rows = view.rows(_THIS if version else _NEWEST, {"scorecard_id": scorecard_id, "version": version})
    if not rows:
        raise ScorecardNotFound(scorecard_id=scorecard_id, version=version)
    return _read(tuple(rows[0]))


@lru_cache(maxsize=64)
def _read(row: tuple[Any, ...]) -> Scorecard:
    """The value of a row, keyed by everything the row says."""
    return scorecards.value(row)
