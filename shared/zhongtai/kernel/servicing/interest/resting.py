"""Repayment periods as plain tuples and back: how they rest where nothing asks them, without what binds them."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from zhongtai.kernel.servicing.interest.periods import RepaymentPeriod, Slice

_keep = object.__setattr__
_BONDS = ("_due", "next", "period", "previous", "slices")
_SLICE_FIELDS = tuple(name for name in Slice.__slots__ if name not in _BONDS)
_PERIOD_FIELDS = tuple(name for name in RepaymentPeriod.__slots__ if name not in _BONDS)
_slice = attrgetter(*_SLICE_FIELDS)
_period = attrgetter(*_PERIOD_FIELDS)


def resting(periods: Iterable[RepaymentPeriod]) -> list[tuple[Any, ...]]:
    """Everything the periods and their slices hold."""
    return [(_period(period), [_slice(piece) for piece in period.slices]) for period in periods]


def awake(rows: Iterable[tuple[Any, ...]]) -> list[RepaymentPeriod]:
    """The periods of what they held, each after the one before."""
    periods: list[RepaymentPeriod] = []
    for fields, pieces in rows:
        period = RepaymentPeriod.__new__(RepaymentPeriod)
        for name, value in zip(_PERIOD_FIELDS, fields, strict=True):
            _keep(period, name, value)
        _keep(period, "_due", None)
        _keep(period, "next", None)
        _keep(period, "slices", [_awake_slice(period, each) for each in pieces])
        period.follow(periods[-1] if periods else None)
        periods.append(period)
    return periods


def _awake_slice(period: RepaymentPeriod, fields: tuple[Any, ...]) -> Slice:
    piece = Slice.__new__(Slice)
    for name, value in zip(_SLICE_FIELDS, fields, strict=True):
        _keep(piece, name, value)
    _keep(piece, "period", period)
    return piece
