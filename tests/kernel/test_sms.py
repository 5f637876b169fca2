"""The parts of a short message: 70 characters, or parts of 67, and no pair of units torn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.sms import most_parts, parts_of, units_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("中" * 134, 2),
        ("中" * 135, 3),
        ("𠮷" * 35, 1),
        ("𠮷" * 36, 2),
        # A pair is not torn: 33 pairs fill 66 of 67 units, so 67 pairs take three parts where 134 units would take two.
        ("𠮷" * 67, 3),
        ("a" * 71, 2),
    ],
)
def test_an_sms_of_ucs2_has_70_characters_or_parts_of_67(text: str, parts: int) -> None:
    assert parts_of(text) == parts


@given(st.text(max_size=400))
def test_no_text_takes_more_parts_than_its_units_may(text: str) -> None:
    assert parts_of(text) <= most_parts(units_of(text))


@given(st.text(max_size=400), st.text(max_size=20))
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert parts_of(text) <= parts_of(text + more)
