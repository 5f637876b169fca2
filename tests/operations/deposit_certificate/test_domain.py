"""Numbers of certificates that verify."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.deposit_certificate import domain


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(1, 999_999), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_shows(on: date, serial: int, place: int, change: int) -> None:
    number = domain.numbered(on, serial)
    assert domain.is_number(number)
    wrong = f"{number[:place]}{(int(number[place]) + change) % 10}{number[place + 1 :]}"
    assert not domain.is_number(wrong)
    assert not domain.is_number(number[:-1])
