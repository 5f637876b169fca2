"""The table of policy versions. A row is never changed, so a version that was read once is kept in memory."""

from functools import lru_cache
from typing import Any

from sqlalchemy import MetaData, Table, bindparam, select

from zhongtai.risk.policy.domain import Policy, PolicyNotFound
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(POLICY)` is one.
POLICY = Table(
    "risk_policy",
    metadata,
    text("policy_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    text("name"),
    text("name_zh"),
    text("currency_code"),
    text("scorecard_id"),
    integer("scorecard_version"),
    json("rules"),
    integer("approve_at_or_above"),
    integer("decline_below"),
    json("amount_bands"),
    text("amount_attribute"),
    text("term_attribute"),
    json("accepted_attributes"),
    day("published_on"),
)

policies = Records(POLICY, Policy)

_THIS = select(POLICY).where(POLICY.c.policy_id == bindparam("policy_id"), POLICY.c.version == bindparam("version"))
_NEWEST = (
    select(POLICY)
    .where(POLICY.c.policy_id == bindparam("policy_id"), POLICY.c.version > bindparam("version"))
    .order_by(POLICY.c.version.desc())
    .limit(1)
)


def load(view: View, policy_id: str, version: int) -> Policy:
    """The version of that number, or the newest for 0; refuses `PolicyNotFound`."""
    rows = view.rows(_THIS if version else _NEWEST, {"policy_id": policy_id, "version": version})
    if not rows:
        raise PolicyNotFound(policy_id=policy_id, version=version)
    return _read(tuple(rows[0]))


@lru_cache(maxsize=64)
def _read(row: tuple[Any, ...]) -> Policy:
    """The value of a row, keyed by everything the row says."""
    return policies.value(row)
