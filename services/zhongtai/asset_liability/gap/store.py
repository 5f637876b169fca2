"""What a gap reads: the positions of one currency at the close of a day, and the data that ships with the component."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import bindparam, func, select

from zhongtai.asset_liability.gap import engine
from zhongtai.asset_liability.gap.domain import Assumptions, Bucket, Gap, GapMethod, Spread
from zhongtai.asset_liability.gap.engine import Balances, Loans
from zhongtai.asset_liability.position.domain import PositionKind
from zhongtai.asset_liability.position.store import FLOW_BYTES, LATER, MOVEMENT, OUTSTANDING_THEN, POSITION, SCHEDULE
from zhongtai.runtime.plain import shipped
from zhongtai.runtime.unit import View

# So many loans are held in memory at once.
LOANS_AT_ONCE = 20_000

_SCHEDULES = (
    select(SCHEDULE.c.position_id, SCHEDULE.c.flows)
    .join(POSITION, POSITION.c.position_id == SCHEDULE.c.position_id)
    .where(
        SCHEDULE.c.position_id > bindparam("after"),
        POSITION.c.outstanding_currency == bindparam("currency_code"),
        POSITION.c.start_date <= bindparam("as_of"),
    )
    .order_by(SCHEDULE.c.position_id)
    .limit(bindparam("most"))
)
_REPAID = (
    select(
        MOVEMENT.c.position_id,
        func.sum(MOVEMENT.c.repaid_principal_minor).label("principal"),
        func.sum(MOVEMENT.c.repaid_interest_minor).label("interest"),
    )
    .where(
        MOVEMENT.c.position_id >= bindparam("first"),
        MOVEMENT.c.position_id <= bindparam("last"),
        MOVEMENT.c.on <= bindparam("as_of"),
    )
    .group_by(MOVEMENT.c.position_id)
)
_BALANCES = (
    select(POSITION.c.kind, func.sum(OUTSTANDING_THEN).label("balance"))
    .outerjoin(LATER, LATER.c.position_id == POSITION.c.position_id)
    .where(POSITION.c.kind != PositionKind.LOAN.value, POSITION.c.outstanding_currency == bindparam("currency_code"))
    .group_by(POSITION.c.kind)
)


def gap(view: View, method: GapMethod, as_of: date, currency_code: str) -> Gap:
    """The gap of a currency at the close of a day, under the buckets and assumptions in force."""
    return engine.gap(
        method,
        loans(view, as_of, currency_code),
        balances(view, as_of, currency_code),
        as_of=as_of,
        currency_code=currency_code,
        buckets=buckets(),
        assumptions=assumptions(),
    )


def loans(view: View, as_of: date, currency_code: str) -> Iterator[Loans]:
    """The loans in a currency that had begun by the close of a day, some at a time."""
    asked: dict[str, Any] = {"as_of": as_of.isoformat(), "currency_code": currency_code, "most": LOANS_AT_ONCE}
    found = view.rows(_SCHEDULES, asked | {"after": ""})
    while found:
        first, last = found[0].position_id, found[-1].position_id
        repaid = {
            row.position_id: (int(row.principal), int(row.interest))
            for row in view.rows(_REPAID, {"first": first, "last": last, "as_of": as_of.isoformat()})
        }
        yield _loans([row.flows for row in found], [repaid.get(row.position_id, (0, 0)) for row in found])
        found = view.rows(_SCHEDULES, asked | {"after": last})


def balances(view: View, as_of: date, currency_code: str) -> Balances:
    """What deposits and undrawn limits in a currency came to at the close of a day."""
    rows = view.rows(_BALANCES, {"as_of": as_of.isoformat(), "currency_code": currency_code})
    by_kind = {row.kind: int(row.balance) for row in rows}
    return Balances(
        deposits=by_kind.get(PositionKind.DEPOSIT, 0), undrawn_limits=by_kind.get(PositionKind.UNDRAWN_LIMIT, 0)
    )


def _loans(schedules: Sequence[bytes], repaid: Sequence[tuple[int, int]]) -> Loans:
    columns = np.frombuffer(b"".join(schedules), dtype="<i8").reshape(-1, 3)
    sums = np.array(repaid, dtype=np.int64)
    return Loans(
        due_days=columns[:, 0],
        principal=columns[:, 1],
        interest=columns[:, 2],
        instalments=np.array([len(flows) // FLOW_BYTES for flows in schedules], dtype=np.int64),
        repaid_principal=sums[:, 0],
        repaid_interest=sums[:, 1],
    )


@cache
def buckets() -> tuple[Bucket, ...]:
    """The buckets, nearest first; the last one is open."""
    return tuple(Bucket(**bucket) for bucket in _data("buckets.json")["buckets"])


@cache
def assumptions() -> Assumptions:
    """The behavioural assumptions in force."""
    data = _data("assumptions.json")
    return Assumptions(
        version=data["version"],
        deposits={method: Spread(data[method.value.lower()]["deposit"]) for method in GapMethod},
        undrawn_limits={method: Spread(data[method.value.lower()]["undrawn_limit"]) for method in GapMethod},
    )


def _data(name: str) -> Any:
    return shipped(__package__, name)
