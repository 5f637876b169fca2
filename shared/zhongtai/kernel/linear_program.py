"""The best of what linear limits allow: the simplex method, exact, for small programmes such as a bank's loan policy.

Source: G. Dantzig (1951); R. Bland (1977), whose rule keeps it from going round in circles. Everything is a fraction,
so that a limit that binds binds exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from zhongtai.kernel.refusals import Invalid


class ProgrammeMustBeBounded(Invalid):
    """Nothing limits the amount {place}: add a limit that holds it.

    第{place}个变量没有上限：请补充约束。
    """

    place: int


@dataclass(frozen=True, slots=True)
class Limit:
    """Σ coefficient × amount ≤ bound; the bound is zero or more, so that doing nothing is allowed."""

    coefficients: tuple[Fraction, ...]
    bound: Fraction

    def __post_init__(self) -> None:
        assert self.bound >= 0, "doing nothing must be allowed"


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best value and the amounts that reach it, none negative."""

    value: Fraction
    amounts: tuple[Fraction, ...]


def maximum(gains: Sequence[Fraction], limits: Sequence[Limit]) -> Optimum:
    """The amounts, none negative, that make Σ gain × amount highest within the limits.

    Raises `ProgrammeMustBeBounded` where there is no highest.
    """
    count = len(gains)
    rows = [
        [*limit.coefficients, *(Fraction(place == own) for place in range(len(limits))), limit.bound]
        for own, limit in enumerate(limits)
    ]
    costs = [*(-gain for gain in gains), *(Fraction(0) for _ in limits), Fraction(0)]
    basis = [count + own for own in range(len(limits))]
    while (enters := next((place for place, cost in enumerate(costs[:-1]) if cost < 0), None)) is not None:
        ratios = [(row[-1] / row[enters], basis[own], own) for own, row in enumerate(rows) if row[enters] > 0]
        if not ratios:
            raise ProgrammeMustBeBounded(place=enters + 1)
        leaves = min(ratios)[2]
        pivot = [value / rows[leaves][enters] for value in rows[leaves]]
        rows = [pivot if own == leaves else _without(row, pivot, enters) for own, row in enumerate(rows)]
        costs = _without(costs, pivot, enters)
        basis[leaves] = enters
    reached = {place: row[-1] for place, row in zip(basis, rows, strict=True)}
    return Optimum(costs[-1], tuple(reached.get(place, Fraction(0)) for place in range(count)))


def _without(row: Sequence[Fraction], pivot: Sequence[Fraction], place: int) -> list[Fraction]:
    """The row less so much of the pivot that nothing is left at the place."""
    return [value - row[place] * other for value, other in zip(row, pivot, strict=True)]
