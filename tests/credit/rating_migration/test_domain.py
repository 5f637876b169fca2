"""Migration matrices: rows that sum to exactly one, and everybody counted once."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.credit.rating_migration import domain
from zhongtai.credit.rating_migration.domain import NOT_RATED, GivenRating, matrix, shares, standing

JANUARY, MARCH = date(2026, 1, 31), date(2026, 3, 31)


def between(moves: dict[tuple[str, str], int]) -> domain.MigrationMatrix:
    return matrix("ABD", moves, from_day=JANUARY, to_day=MARCH, today=MARCH)


def test_a_matrix_by_hand() -> None:
    found = between({("A", "A"): 2, ("A", "B"): 1, ("B", ""): 1, ("", "A"): 9, ("", ""): 4})
    assert found.columns == ("A", "B", "D", NOT_RATED)
    assert [(row.grade, row.customers, row.counts) for row in found.rows] == [
        ("A", 3, (2, 1, 0, 0)),
        ("B", 1, (0, 0, 0, 1)),
        ("D", 0, (0, 0, 0, 0)),
    ]
    assert found.rows[0].shares[:2] == (Decimal("0.666666667"), Decimal("0.333333333"))


def test_a_grade_of_an_older_scale_is_kept() -> None:
    found = between({("A", "A-"): 1, ("A-", "A"): 1})
    assert found.columns == ("A", "B", "D", "A-", NOT_RATED)
    assert [row.customers for row in found.rows] == [1, 0, 0, 1]


@pytest.mark.parametrize(("from_day", "to_day"), [(MARCH, JANUARY), (MARCH, MARCH), (MARCH, date(2026, 4, 1))])
def test_a_matrix_goes_forward_up_to_today(from_day: date, to_day: date) -> None:
    with pytest.raises(domain.MigrationMustGoForward):
        matrix("AB", {}, from_day=from_day, to_day=to_day, today=MARCH)


grades = st.sampled_from(["A", "B", "D", "X", ""])


@given(st.dictionaries(st.tuples(grades, grades), st.integers(0, 10**7)))
def test_rows_sum_to_one_and_everybody_is_counted_once(moves: dict[tuple[str, str], int]) -> None:
    found = between(moves)
    rated = sum(number for (before, _), number in moves.items() if before)
    assert sum(row.customers for row in found.rows) == rated
    for row in found.rows:
        assert sum(row.counts) == row.customers
        assert sum(row.shares) == (1 if row.customers else 0)
        for count, share in zip(row.counts, row.shares, strict=True):
            assert not row.customers or abs(share - Decimal(count) / row.customers) <= Decimal("1E-9")


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_shares_keep_the_order_of_their_counts(counts: list[int]) -> None:
    found = shares(counts)
    for (one, share), (other, its) in zip(
        zip(counts, found, strict=True), list(zip(counts, found, strict=True))[1:], strict=False
    ):
        assert one < other or share >= its


def test_the_newest_that_was_not_taken_back_counts() -> None:
    first, second = GivenRating("cus_1", "rat_1", "A"), GivenRating("cus_1", "rat_2", "B")
    assert standing([second, first]) == "B"
    assert standing([second.taken_back(), first.overridden("D")]) == "D"
    assert standing([first.taken_back()]) == ""
