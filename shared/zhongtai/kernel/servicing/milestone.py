"""Where history stood before its latest operation, so that the next one need not tell it from the beginning.

A replay gives the same for the same beginning. So the workings are kept as they stood before what the latest operation
booked; where the next replay begins with exactly the same happenings, it goes on from there. Whatever is backdated,
undone or changed behind that point does not begin so, and is told from the beginning.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from zhongtai.kernel.servicing.entries import Entry, Met
from zhongtai.kernel.servicing.instalments import Instalment, Parts
from zhongtai.kernel.servicing.levies import Levy
from zhongtai.kernel.servicing.levies import Slice as FeeSlice
from zhongtai.kernel.servicing.terms import Terms
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Variation, Workings

T = TransactionType

# These are reckoned from the accruals of the books, too, which go on changing behind them.
_LOOKS_FURTHER = frozenset({T.CHARGE_OFF, T.CONTRACT_TERMINATION})
WORTH_KEEPING = 8
"""A shorter history is told again faster than it is kept."""


class Told(Protocol):
    """Something that history tells on a day (`history.Happening`)."""

    @property
    def variation(self) -> Variation | None: ...

    @property
    def levy(self) -> Levy | None: ...

    @property
    def entry(self) -> Entry | None: ...


@dataclass(frozen=True, slots=True)
class Sign:
    """What a happening was when it was told; where it is the same, telling it again gives the same.

    `figures` are what may change of a charge without its being told anew.
    """

    what: Variation | Levy | Entry
    figures: tuple[object, ...] = ()

    def is_of(self, happening: Told) -> bool:
        """Whether the happening is what it was."""
        if isinstance(self.what, Variation):
            return self.what == happening.variation
        if isinstance(self.what, Levy):
            return self.what is happening.levy and self.figures == _figures(self.what)
        return self.what is happening.entry


def _figures(levy: Levy) -> tuple[object, ...]:
    waived = tuple((number, part.waived) for number, part in levy.slices.items() if part.waived)
    amount = None if levy.by_instalment else levy.amount
    return levy.waived, levy.written_off, levy.at_disbursement, amount, waived


@dataclass(frozen=True, slots=True)
class _Shared:
    """How an entry was shared out."""

    entry: Entry
    amounts: Parts
    overpaid: int
    charges: dict[tuple[str, int | None], int]
    met: list[Met]


@dataclass(frozen=True, slots=True)
class _Raised:
    """What a charge was, and what of it was paid."""

    levy: Levy
    amount: int
    paid: int
    slices: dict[int, FeeSlice]


@dataclass(slots=True, eq=False)
class Milestone:
    """The workings as they stood after the happenings of `signs`: resumed once at most."""

    signs: list[Sign]
    disbursements: int
    work: Workings
    shared: list[_Shared]
    raised: list[_Raised]

    def begins(self, terms: Terms, variations: list[Variation], told: Sequence[Told]) -> bool:
        """Whether a history begins with exactly what was told until here, under the same terms."""
        if terms is not self.work.terms or variations != self.work.variations or len(told) < len(self.signs):
            return False
        if terms.down_payment is not None and _disbursements(told) != self.disbursements:
            return False
        return all(sign.is_of(each) for sign, each in zip(self.signs, told, strict=False))

    def resumed(self, levies: list[Levy], business_date: date, opening: Callable[[], Workings]) -> Workings:
        """The workings as they stood, on the business date of now."""
        for levy in levies:
            levy.forget_payments()
        for raised in self.raised:
            raised.levy.amount, raised.levy.paid, raised.levy.slices = raised.amount, raised.paid, raised.slices
        for shared in self.shared:
            entry = shared.entry
            entry.amounts, entry.overpaid = shared.amounts, shared.overpaid
            entry.charges, entry.met = shared.charges, shared.met
        self.work.levies, self.work.business_date, self.work.opening = levies, business_date, opening
        return self.work


def milestone(work: Workings, told: Sequence[Told]) -> Milestone | None:
    """Keeps the workings as they stand after what was told; None where that is not worth it, or not enough."""
    standing = list(work.history)
    if work.model is None or work.paid_afterwards or len(told) < WORTH_KEEPING:
        return None
    if any(each.type in _LOOKS_FURTHER for each in standing):
        return None
    entries = iter(standing)
    signs = []
    for each in told:
        if each.levy is not None:
            signs.append(Sign(each.levy, _figures(each.levy)))
        else:
            signs.append(Sign(each.variation if each.variation is not None else next(entries)))
    twins = {id(each): each.copied() for each in work.instalments}
    twin = copy(work)
    twin.model = work.model.copy()
    twin.model.instalments_move = work.model.instalments_move
    twin.instalments = list(twins.values())
    twin.variations, twin.history, twin.overpaying = list(work.variations), standing, list(work.overpaying)
    twin.changes, twin.passed_over = [], []
    return Milestone(
        signs=signs,
        disbursements=_disbursements(told),
        work=twin,
        shared=[_shared(each, twins) for each in standing],
        raised=[_raised(each) for each in work.levies],
    )


def _disbursements(told: Sequence[Told]) -> int:
    return sum(each.entry is not None and each.entry.type is T.DISBURSEMENT for each in told)


def _shared(entry: Entry, twins: dict[int, Instalment]) -> _Shared:
    met = [Met(twins.get(id(each.instalment), each.instalment), dict(each.amounts)) for each in entry.met]
    return _Shared(entry, dict(entry.amounts), entry.overpaid, dict(entry.charges), met)


def _raised(levy: Levy) -> _Raised:
    return _Raised(levy, levy.amount, levy.paid, {number: copy(part) for number, part in levy.slices.items()})
