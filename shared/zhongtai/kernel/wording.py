"""How values are written for people in Chinese and English (行文): amounts, dates, rates; and texts on one line."""

import re
from datetime import date
from decimal import Decimal

from zhongtai.kernel.money import Money

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def worded(value: str | int | Decimal | date | Money, *, chinese: bool) -> str:
    """A value as a person reads it: 人民币1,234.56元 or CNY 1,234.56, 2026年5月4日 or 4 May 2026."""
    if isinstance(value, Money):
        currency, _, amount = str(value).partition(" ")
        return f"人民币{amount}元" if chinese and currency == "CNY" else f"{currency} {amount}"
    if isinstance(value, date):
        if chinese:
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def percent(rate: Decimal) -> str:
    """A rate in per cent, exactly: 0.0365 is 3.65%."""
    return f"{(rate * 100).normalize():f}%"


def one_line(text: str) -> str:
    """A text whose breaks and control characters are single spaces, so that it adds no line to what it stands in."""
    return _SPACES.sub(" ", text)
