"""Balances by booking date or value date, as of any moment in the past (余额历史).

Entries are only ever added, and their instants never go back, so what a book said at a moment is what its entries up to
a number say. Their legs are summed beforehand by tiles of entries that follow each other, for each owner, currency,
booking date and value date; an answer adds up the tiles before a number and reads the few legs behind them.

Always true: a balance is the sum of the legs it names, tiles or not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from zhongtai.kernel.refusals import Unmet

# So many entries are summed in one tile: an owner has few rows for each, and what lies within one is read in a blink.
TILE = 65_536
# So many entries are added to the tiles in one call, which holds up the postings for as long.
PIECE = 2_048
# So many entries behind the tiles are read for one answer at the most.
TAIL_MAX = 1_000_000


class BalanceHistoryMustBeExtended(Unmet):
    """{entries} entries of {book} are not summed yet: call ExtendBalanceHistory until it has no more, and ask again.

    账簿{book}有{entries}笔凭证尚未汇总：请先调用 ExtendBalanceHistory 直至完成。
    """

    book: str
    entries: int


class DateKind(StrEnum):
    """Which date of an entry counts."""

    BOOKING = "BOOKING"
    VALUE = "VALUE"


@dataclass(frozen=True, slots=True)
class Extent:
    """Up to which entry a book is summed in tiles."""

    book: str
    number: int = 0

    def piece(self, last: int) -> tuple[int, int]:
        """The first and the last entry that are summed next; nothing where the first lies behind the last."""
        return self.number + 1, min(self.number + PIECE, last)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a book is cut: the tiles before one of them count whole, then the entries behind `after` to `through`.

    The last tile that counts may be one that is still growing.
    """

    book: str
    tiles: int
    after: int
    through: int


def cut(extent: Extent, through: int) -> Cut:
    """How to add up the entries of a book to a number; refuses where too many of them are in no tile yet."""
    if through < extent.number:
        tiles = through // TILE
        return Cut(extent.book, tiles, tiles * TILE, through)
    if through - extent.number > TAIL_MAX:
        raise BalanceHistoryMustBeExtended(book=extent.book, entries=through - extent.number)
    return Cut(extent.book, -(-extent.number // TILE), extent.number, through)


def number_as_of(last: int, posted_at: Callable[[int], str], moment: str) -> int:
    """The last of the entries 1 to `last` that was posted at a moment or before; 0 where none was.

    Instants are texts that sort as they passed.
    """
    first, behind = 0, last
    while first < behind:
        middle = (first + behind + 1) // 2
        if posted_at(middle) <= moment:
            first = middle
        else:
            behind = middle - 1
    return first
