"""Where a balance is cut, and which entry was the last at a moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.balance_history.domain import (
    PIECE,
    TAIL_MAX,
    TILE,
    BalanceHistoryMustBeExtended,
    Extent,
    cut,
    number_as_of,
)

NUMBERS = st.integers(0, 5 * TILE)


@given(summed=NUMBERS, through=NUMBERS)
def test_tiles_and_the_entries_behind_them_are_all_entries_once(summed: int, through: int) -> None:
    found = cut(Extent("general", summed), through)
    whole = {number // TILE for number in range(0, summed, 9_001)}
    assert found.through == through
    # What the tiles hold ends where the rest begins: at a tile's end, or where the last tile has grown to.
    assert found.after == min(found.tiles * TILE, summed)
    assert found.after <= through
    assert all(tile < found.tiles or tile * TILE >= found.after for tile in whole)
    assert through - found.after < max(TILE, through - summed + 1)


def test_too_many_entries_without_sums_are_refused() -> None:
    assert cut(Extent("general", 1), TAIL_MAX + 1).after == 1
    with pytest.raises(BalanceHistoryMustBeExtended):
        cut(Extent("general"), TAIL_MAX + 1)


def test_pieces_follow_each_other_to_the_last_entry() -> None:
    assert Extent("general").piece(PIECE + 2) == (1, PIECE)
    assert Extent("general", PIECE).piece(PIECE + 2) == (PIECE + 1, PIECE + 2)
    first, behind = Extent("general", PIECE + 2).piece(PIECE + 2)
    assert first > behind


@given(instants=st.lists(st.sampled_from("bdfh")), moment=st.sampled_from("abcdefghi"))
def test_the_last_entry_at_a_moment_is_the_one_that_counting_finds(instants: list[str], moment: str) -> None:
    posted = sorted(instants)
    found = number_as_of(len(posted), lambda number: posted[number - 1], moment)
    assert found == sum(instant <= moment for instant in posted)
