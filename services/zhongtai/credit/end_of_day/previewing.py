"""What a close would come to, contract by contract: the scalar rules alone, so that nothing has to be written."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from zhongtai.credit.end_of_day import closing
from zhongtai.credit.end_of_day.closing import Close, Profiles
from zhongtai.credit.end_of_day.domain import PartitionFigures, Phase
from zhongtai.credit.loan_day import carrying, domain, store
from zhongtai.credit.loan_day.domain import LoanDay, Standing
from zhongtai.runtime.unit import View

# The product, the currency, the row of the day before, the row of the day.
Step = tuple[str, str, LoanDay | None, LoanDay]


@dataclass(frozen=True, slots=True)
class Move:
    """How many contracts go from one category and stage to others."""

    category_before: int
    stage_before: int
    category: int
    stage: int
    loans: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a piece of a close would come to, and where the next begins; "" behind the last."""

    figures: tuple[PartitionFigures, ...]
    moves: tuple[Move, ...]
    next_position: str


def preview(view: View, close: Close, phase: Phase, cursor: str) -> Preview:
    """The piece at a position."""
    profiles = Profiles(view, close.on, close.model)
    if phase is not Phase.PARTITIONS:
        read = closing.contracts(view, close, phase, cursor)
        made = closing.made(view, close, read, profiles)
        steps = [(one.product_id, one.currency, one.before, one.row) for one in made]
        if read:
            return _told(close, steps, f"{phase}:{closing.cursor_of(read)}")
        return _told(close, steps, f"{Phase.BY_HAND}:" if phase is Phase.CHANGED else f"{Phase.PARTITIONS}:1")
    partition, last = int(cursor), store.partition_count(view)
    if not 1 <= partition <= last:
        return Preview((), (), "")
    steps = list(_of_partition(view, close, partition, profiles))
    return _told(close, steps, f"{Phase.PARTITIONS}:{partition + 1}" if partition < last else "")


def _of_partition(view: View, close: Close, partition: int, profiles: Profiles) -> Iterable[Step]:
    places = store.places_of(partition)
    product_id, currency = store.partition_of(view, partition)
    for one in closing.made(view, close, closing.contracts(view, close, "ROLLED", "", **places), profiles):
        yield product_id, currency, one.before, one.row
    for before in map(store.loan_days.value, view.rows(carrying.ROWS_TO_CARRY, close.dates | places)):
        rates = profiles.rates(before.profile)
        row = domain.row(
            domain.carried(before, rates),
            Standing(before.outstanding_minor, before.oldest_due_date),
            before,
            place=before.place,
            profile=before.profile,
            on=close.on,
            rules=close.rules,
            rates=rates,
        )
        yield product_id, currency, before, row


def _told(close: Close, steps: list[Step], next_position: str) -> Preview:
    figures = []
    for (product_id, currency), group in groupby(sorted(steps, key=_line), key=_line):
        rows = [row for _, _, _, row in group]
        figures.append(PartitionFigures.of(close.on, 0, product_id, currency, rows))
    moves = Counter(
        (before.category, before.stage, row.category, row.stage)
        for _, _, before, row in steps
        if row.moved and before is not None
    )
    return Preview(tuple(figures), tuple(Move(*move, loans) for move, loans in sorted(moves.items())), next_position)


def _line(step: Step) -> tuple[str, str]:
    return step[0], step[1]
