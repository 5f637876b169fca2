"""How values are written for people."""

from datetime import date
from decimal import Decimal

import pytest

from zhongtai.kernel.money import Money
from zhongtai.kernel.wording import one_line, percent, worded


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (Money("CNY", 123_456), "人民币1,234.56元", "CNY 1,234.56"),
        (Money("JPY", 1_234), "JPY 1,234", "JPY 1,234"),
        (date(2026, 9, 4), "2026年9月4日", "4 Sept 2026"),
        (Decimal("1E+3"), "1000", "1000"),
        (7, "7", "7"),
        ("王先生", "王先生", "王先生"),
    ],
)
def test_a_value_reads_as_a_person_of_the_language_writes_it(
    value: Money | date | Decimal | int | str, chinese: str, english: str
) -> None:
    assert (worded(value, chinese=True), worded(value, chinese=False)) == (chinese, english)


@pytest.mark.parametrize(
    ("rate", "text"), [("0.0365", "3.65%"), ("0.03", "3%"), ("0", "0%"), ("1", "100%"), ("-0.0005", "-0.05%")]
)
def test_a_rate_is_told_in_per_cent_exactly(rate: str, text: str) -> None:
    assert percent(Decimal(rate)) == text


def test_a_text_adds_no_line_to_what_it_stands_in() -> None:
    assert one_line("a\r\nBcc: x\u2028\x85b\tc") == "a Bcc: x b c"
