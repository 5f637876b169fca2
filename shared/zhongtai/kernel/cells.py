"""Cells of a row (单元格): what each says, exactly, or why it says nothing. Nothing goes through a float."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import CurrencyUnknown, Money
from zhongtai.kernel.rates import checked_rate
from zhongtai.kernel.refusals import Invalid, Refusal

_SHOWN = 40
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[,' \u2009][0-9]{3})+(?:\.[0-9]+)?")


class CellMustNotBeEmpty(Invalid):
    """{field} is empty: fill it in.

    {field}为空：请填写。
    """

    field: str


class CellMustBeShort(Invalid):
    """{field} has {length} characters, {maximum} at most, and no control characters: shorten it.

    {field}有{length}个字符，最多{maximum}个且不得含控制字符：请缩短。
    """

    field: str
    length: int
    maximum: int


class CellMustBeDate(Invalid):
    """{field} is “{text}”, which is no date: write it as 2026-01-31.

    {field}为“{text}”，不是有效日期：请写成2026-01-31的形式。
    """

    field: str
    text: str


class CellMustBeNumber(Invalid):
    """{field} is “{text}”, which is no plain number: write it as 1234.56, without signs of grouping or powers.

    {field}为“{text}”，不是普通数字：请写成1234.56的形式，不带分节符或指数。
    """

    field: str
    text: str


class GroupingMustBeLeftOut(Invalid):
    """{field} is “{text}”: leave out what groups its thousands, for it is read differently in different places.

    {field}为“{text}”：请去掉千位分隔符，其含义因地而异。
    """

    field: str
    text: str


class CellMustBeWhole(Invalid):
    """{field} is “{text}”, which is no whole number: write one such as 36.

    {field}为“{text}”，不是整数：请写成36的形式。
    """

    field: str
    text: str


class AmountMustBeInMinorUnits(Invalid):
    """{field} is “{text}”: {currency} has {decimals} decimals, no amount is finer.

    {field}为“{text}”：{currency}最多{decimals}位小数。
    """

    field: str
    text: str
    currency: str
    decimals: int


@dataclass(slots=True)
class Cells:
    """The cells of one row by field, read as what they hold; what is wrong with them is gathered, not raised."""

    values: Mapping[str, str]
    wrong: list[tuple[str, Refusal]] = field(default_factory=list)

    def refuse(self, name: str, refusal: Refusal) -> None:
        """Notes what is wrong with a field."""
        self.wrong.append((name, refusal))

    def held(self, name: str, rule: Callable[[], Any]) -> Any:
        """What a rule answers, or None where it refuses, which is noted with the field."""
        try:
            return rule()
        except Refusal as refusal:
            self.refuse(name, refusal)
            return None

    def text(self, name: str, longest: int) -> str:
        """A text; too long a one is noted."""
        text = self.values[name]
        if len(text) > longest or not text.isprintable():
            self.refuse(name, CellMustBeShort(field=name, length=len(text), maximum=longest))
        return text

    def date(self, name: str) -> date | None:
        """A date; None where there is none, or it is wrong."""
        text = self.values[name]
        found = _date(text) if text else None
        if text and found is None:
            self.refuse(name, CellMustBeDate(field=name, text=text[:_SHOWN]))
        return found

    def decimal(self, name: str) -> Decimal | None:
        """A number, exactly; None where there is none, or it is wrong."""
        text = self.values[name]
        if not text:
            return None
        if _NUMBER.fullmatch(text):
            return Decimal(text)
        grouped = GroupingMustBeLeftOut if _GROUPED.fullmatch(text) else CellMustBeNumber
        self.refuse(name, grouped(field=name, text=text[:_SHOWN]))
        return None

    def rate(self, name: str) -> Decimal | None:
        """A rate of a year, 0.12 for 12 %; None where there is none, or it is wrong."""
        number = self.decimal(name)
        if number is not None and self.held(name, lambda: checked_rate(number)) is None:
            return None
        return number

    def whole(self, name: str) -> int | None:
        """A whole number; None where there is none, or it is wrong."""
        text = self.values[name]
        if text and not (text.isascii() and text.isdigit() and len(text) <= 9):
            self.refuse(name, CellMustBeWhole(field=name, text=text[:_SHOWN]))
            return None
        return int(text) if text else None

    def amount(self, name: str, currency: str) -> Money | None:
        """An amount written in whole units with decimals; None where there is none, or it is wrong."""
        number = self.decimal(name)
        if number is None or currency not in EXPONENTS:
            return None
        decimals = EXPONENTS[currency]
        minor_units = number.scaleb(decimals)
        if minor_units != int(minor_units):
            text = self.values[name][:_SHOWN]
            self.refuse(name, AmountMustBeInMinorUnits(field=name, text=text, currency=currency, decimals=decimals))
            return None
        found: Money | None = self.held(name, lambda: Money(currency, int(minor_units)))
        return found

    def currency(self, name: str) -> str:
        """A currency; an unknown one is noted."""
        code = self.values[name]
        if code and code not in EXPONENTS:
            self.refuse(name, CurrencyUnknown(currency=code[:_SHOWN]))
        return code


@lru_cache(maxsize=65_536)
def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
