"""What a close would come to: worked out as the close does it, but nothing is written."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from zhongtai.credit.end_of_day import closing
from zhongtai.credit.end_of_day.closing import Arrival, Close, Closed, Profiles
from zhongtai.credit.end_of_day.domain import PartitionFigures, Phase
from zhongtai.credit.loan_day import changes, store
from zhongtai.credit.loan_day.engine import nights
from zhongtai.runtime.unit import View


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
    """The piece at a position: contracts that have no place yet, then the partitions."""
    profiles = Profiles(view)
    if phase is Phase.CHANGED:
        read = changes.by_loan(view, close.on, cursor)
        found = closing.arrivals(view, close, [one for one in read if one.place is None], profiles)
        position = f"{Phase.CHANGED}:{read[-1].loan.loan_id}" if read else f"{Phase.PARTITIONS}:1"
        return Preview(tuple(_of_new(view, close, found, profiles)), (), position)
    partition, last = int(cursor), store.partition_count(view)
    if not 1 <= partition <= last:
        return Preview((), (), "")
    found = closing.arrivals(view, close, changes.by_place(view, close.on, partition, anew=close.anew), profiles)
    line = store.partition_of(view, partition)
    rows = [*store.news_rows(view, partition), *((one.changed.place or 0, *one.news) for one in found)]
    night = closing.worked_out(view, close, partition, store.news_of(partition, rows), profiles.of(*line))
    figures = night.figures(close.on, 0, line)
    return Preview((figures,), _moves(night), f"{Phase.PARTITIONS}:{partition + 1}" if partition < last else "")


def _of_new(view: View, close: Close, found: list[Arrival], profiles: Profiles) -> list[PartitionFigures]:
    """What contracts without a place come to, by product and currency: as a partition of their own would."""
    lines: dict[tuple[str, str], list[Arrival]] = {}
    for one in found:
        lines.setdefault((one.changed.loan.product_id, one.changed.loan.outstanding.currency), []).append(one)
    figures, unused = [], store.partition_count(view) + 1
    for line, of_line in sorted(lines.items()):
        first = store.places_of(unused)["first"]
        news = store.news_of(unused, [(first + number, *one.news) for number, one in enumerate(of_line)])
        night = closing.worked_out(view, close, unused, news, profiles.of(*line))
        figures.append(night.figures(close.on, 0, line))
    return figures


def _moves(night: Closed) -> tuple[Move, ...]:
    at = np.flatnonzero(nights.reclassified(night.before, night.after))
    sides = (night.before.category, night.before.stage, night.after.category, night.after.stage)
    moves = Counter(zip(*(side[at].tolist() for side in sides), strict=True))
    return tuple(
        Move(category_before, stage_before, category, stage, loans)
        for (category_before, stage_before, category, stage), loans in sorted(moves.items())
    )
