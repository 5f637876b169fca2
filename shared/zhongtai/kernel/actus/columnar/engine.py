"""The columnar engine: the events of many contracts of every type at once.

The scalar reference (`zhongtai.kernel.actus.engine`) says what is true; this says it of a portfolio in float64, within
1e-9. Contracts that are alike are walked together: the first events of all, then their second ones, and so on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.codes import ContractType
from zhongtai.kernel.actus.columnar import amortizers, called, credit, exchange, lax, options, pam, simple
from zhongtai.kernel.actus.columnar.days import NEVER, Days
from zhongtai.kernel.actus.columnar.logic import ColumnLogic, Exercise, Markets, Names, Setting, Walked
from zhongtai.kernel.actus.columnar.moments import KINDS
from zhongtai.kernel.actus.columnar.portfolio import Group, Numbers, day_number
from zhongtai.kernel.actus.terms import TermNotUnderstood

_TYPES: dict[ContractType, type[ColumnLogic]] = {
    **pam.TYPES,
    **amortizers.TYPES,
    **lax.TYPES,
    **called.TYPES,
    **simple.TYPES,
    **exchange.TYPES,
    **options.TYPES,
    **credit.TYPES,
}
# Contracts walked together: so many that a call of NumPy costs little beside its work, so few that states and moments
# stay in the cache; fewer where a contract has very many events. No power of two, as the events of one contract would
# all fall on the same few places of the cache, and putting them together would take twice as long.
_CONTRACTS_AT_ONCE = 4000
_CELLS_AT_ONCE = 1 << 20
# glibc keeps for itself twice the largest block it was given back, and returns the rest to the system, to fault it in
# again page by page: without one such block a walk spends two thirds of its time there.
_KEPT_BYTES = 30 << 20


@dataclass(frozen=True)
class Flows:
    """Events as columns of one length, by contract and then in the order of the reference.

    `contract` is the place in the portfolio; `time` days since 1970-01-01, midnight; `kind` the place in `KINDS`;
    the payoff, in units of `currency`, carries its sign; `notional`, `rate`, `accrued` and what is exercised stand
    after the event. `exercise_date` is `NEVER` and `exercise_amount` nan where they are undefined.
    """

    contract: NDArray[np.int32]
    time: NDArray[np.int32]
    kind: NDArray[np.int8]
    payoff: Numbers
    currency: Names
    notional: Numbers
    rate: Numbers
    accrued: Numbers
    exercise_date: NDArray[np.int32]
    exercise_amount: Numbers

    def __len__(self) -> int:
        return len(self.contract)


def flows(groups: Sequence[Group], markets: Markets | None = None, until: datetime | None = None) -> Flows:
    """The events of all contracts after their status dates up to `until` (a midnight, included), by place.

    `markets` as in `Observed`. Raises `TermNotColumnar`, `TermNotUnderstood` (of `until`), `MarketNotObserved` and what
    `cash_flows` raises of terms.
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
    if until is not None and until.time() != time():
        raise TermNotUnderstood(name="until", value=until.isoformat(), form="midnight")
    np.empty(_KEPT_BYTES, dtype=np.int8)
    setting = Setting(markets or {}, None if until is None else day_number(until), _TYPES)
    for group in groups:
        group.check()
        for rows in _side_by_side(setting.logic(group)):
            part = group.taken(rows)
            yield _told(part, setting.logic(part).walk())


def _side_by_side(logic: ColumnLogic) -> Iterator[Days]:
    """The rows of a group in parts: contracts that live as long have about as many events, and leave few gaps."""
    days = logic.days_alive
    rows = np.argsort(days // 31, kind="stable")
    many = 1 + float(days.max(initial=0)) * logic.events_a_day
    at_once = int(np.clip(_CELLS_AT_ONCE / many, 16, _CONTRACTS_AT_ONCE))
    for first in range(0, len(rows), at_once):
        yield rows[first : first + at_once]


def _told(group: Group, walked: Walked) -> Flows:
    told = walked.told.T
    is_all = bool(told.all())
    many = np.full(len(group), len(walked.told)) if is_all else told.sum(axis=1)
    events = int(many.sum())

    def by_contract(values: NDArray[Any]) -> NDArray[Any]:
        if not any(values.strides):
            return np.broadcast_to(values.flat[0] if values.size else values.dtype.type(), events)
        return values.T.ravel() if is_all else values.T[told]

    exercise = walked.exercise or Exercise(
        np.broadcast_to(np.int64(NEVER), walked.kind.shape), np.broadcast_to(np.nan, walked.kind.shape)
    )
    return Flows(
        contract=np.repeat(group.places.astype(np.int32), many),
        time=by_contract(walked.time.astype(np.int32)),
        kind=by_contract(walked.kind),
        payoff=by_contract(walked.payoff),
        currency=by_contract(walked.currency),
        notional=by_contract(walked.notional),
        rate=by_contract(walked.rate),
        accrued=by_contract(walked.accrued),
        exercise_date=by_contract(exercise.date).astype(np.int32),
        exercise_amount=by_contract(exercise.amount),
    )


__all__ = ["KINDS", "Flows", "flows", "parts"]
