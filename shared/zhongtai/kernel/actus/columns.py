"""The columnar engine: the events of many contracts at once, for the types that loans compile to (PAM, LAM, NAM, ANN).

The scalar reference (`engine.py`) says what is true; this says it of a portfolio in float64, within 1e-9. Contracts
that are alike are walked together: the first events of all, then their second ones, and so on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.codes import ContractType
from zhongtai.kernel.actus.column_amortizers import ColumnAnn, ColumnLam, ColumnNam
from zhongtai.kernel.actus.column_cycles import KINDS, Markets
from zhongtai.kernel.actus.column_days import Days
from zhongtai.kernel.actus.column_pam import ColumnPam
from zhongtai.kernel.actus.portfolio import Group, Numbers

_TYPES: dict[ContractType, type[ColumnPam]] = {
    ContractType.PAM: ColumnPam,
    ContractType.LAM: ColumnLam,
    ContractType.NAM: ColumnNam,
    ContractType.ANN: ColumnAnn,
}
# Contracts walked together: so many that a call of NumPy costs little beside its work, so few that states and moments
# stay in the cache; fewer where a contract has very many events.
_CONTRACTS_AT_ONCE = 4096
_CELLS_AT_ONCE = 1 << 20
# glibc keeps for itself twice the largest block it was given back, and returns the rest to the system, to fault it in
# again page by page: without one such block a walk spends two thirds of its time there.
_KEPT_BYTES = 30 << 20


@dataclass(frozen=True)
class Flows:
    """Events as columns of one length, by contract and then in the order of the reference.

    `contract` is the place in the portfolio; `time` days since 1970-01-01, midnight; `kind` the place in `KINDS`;
    the amounts, in units of the contract's currency, carry its sign; `notional`, `rate`, `accrued` stand after it.
    """

    contract: Days
    time: Days
    kind: NDArray[np.int8]
    payoff: Numbers
    notional: Numbers
    rate: Numbers
    accrued: Numbers

    def __len__(self) -> int:
        return len(self.contract)


def flows(groups: Sequence[Group], markets: Markets | None = None, until: datetime | None = None) -> Flows:
    """The events of all contracts after their status dates up to `until` (included), by place.

    `markets` as in `Observed`. Raises `TermNotColumnar`, `MarketNotObserved` and what `cash_flows` raises of terms.
    """
    told = list(parts(groups, markets, until))
    columns: list[NDArray[Any]] = [
        np.concatenate([getattr(part, field.name) for part in told] or [np.empty(0)]) for field in fields(Flows)
    ]
    places = columns[0]
    if (places[1:] < places[:-1]).any():
        order = np.argsort(places, kind="stable")
        columns = [column[order] for column in columns]
    return Flows(*columns)


def parts(groups: Sequence[Group], markets: Markets | None = None, until: datetime | None = None) -> Iterator[Flows]:
    """The same a few thousand contracts at a time, each complete, in no order of places.

    For whoever sums up or writes away a million contracts: their events together would not fit the memory.
    """
    np.empty(_KEPT_BYTES, dtype=np.int8)
    for group in groups:
        group.check()
        logic = _TYPES[group.pattern.contract_type]
        for rows in _side_by_side(logic(group, markets or {})):
            part = group.taken(rows)
            yield _told(part, logic(part, markets or {}), until)


def _side_by_side(logic: ColumnPam) -> Iterator[Days]:
    """The rows of a group in parts: contracts that live as long have about as many events, and leave few gaps."""
    days = np.maximum(logic.maturity - np.maximum(logic.exchange, logic.status), 0)
    rows = np.argsort(days // 31, kind="stable")
    many = 1 + float(days.max(initial=0)) * logic.events_a_day
    at_once = int(np.clip(_CELLS_AT_ONCE / many, 16, _CONTRACTS_AT_ONCE))
    for first in range(0, len(rows), at_once):
        yield rows[first : first + at_once]


def _told(group: Group, logic: ColumnPam, until: datetime | None) -> Flows:
    walked = logic.walk(until)
    told = walked.told.T
    is_all = bool(told.all())

    def by_contract(events: NDArray[Any]) -> NDArray[Any]:
        return events.T.ravel() if is_all else events.T[told]

    return Flows(
        contract=np.repeat(group.places, told.sum(axis=1)),
        time=by_contract(walked.moments.time),
        kind=by_contract(walked.moments.kind.astype(np.int8)),
        payoff=by_contract(walked.payoff),
        notional=by_contract(walked.notional),
        rate=by_contract(walked.rate),
        accrued=by_contract(walked.accrued),
    )


__all__ = ["KINDS", "Flows", "flows", "parts"]
